// Checks a value against the limits of its shape and says what is wrong in the sentences that AWS's front ends use
// (AWS-recorded grammar: kinesalite, LocalStack snapshots). Types have been settled before by reading; this is about
// lengths, ranges, patterns, enumerations and required members. Linear in the value's size, and it stops at ten errors.
import type { ListShape, MapShape, NumberShape, Shape, StringShape, StructureShape } from './shape.ts'

/** As many as AWS lists. */
const maxErrors = 10
/** Of a value that is repeated in an error, in characters. */
const maxShownLength = 1_024

/** The whole message, or undefined if the value is fine. */
export function validate(shape: StructureShape, value: Readonly<Record<string, unknown>>): string | undefined {
  const errors: string[] = []
  checkStructure(shape, value, '', errors)
  if (errors.length === 0) return undefined
  return `${errors.length} validation error${errors.length === 1 ? '' : 's'} detected: ${errors.join('; ')}`
}

function checkStructure(
  shape: StructureShape,
  value: Readonly<Record<string, unknown>>,
  path: string,
  errors: string[],
): void {
  for (const [name, member] of shape.entries) {
    if (errors.length >= maxErrors) return
    const memberPath = path === '' ? lowerFirst(name) : `${path}.${lowerFirst(name)}`
    const given = value[name]
    if (given !== undefined) check(member.shape, given, memberPath, errors)
    else if (member.required)
      errors.push(`Value null at '${memberPath}' failed to satisfy constraint: Member must not be null`)
  }
}

function check(shape: Shape, value: unknown, path: string, errors: string[]): void {
  switch (shape.kind) {
    case 'structure':
      checkStructure(shape, value as Record<string, unknown>, path, errors)
      return
    case 'list':
      checkList(shape, value as unknown[], path, errors)
      return
    case 'map':
      checkMap(shape, value as Record<string, unknown>, path, errors)
      return
    case 'boolean':
    case 'timestamp':
      return
    case 'string':
    case 'integer':
    case 'long':
    case 'double':
      for (const constraint of scalarErrors(shape, value)) fail(errors, shown(shape, value), path, constraint)
  }
}

function checkList(shape: ListShape, items: unknown[], path: string, errors: string[]): void {
  const length = lengthError(items.length, shape)
  if (length !== undefined) fail(errors, shown(shape, items), path, length)
  // Limits are checked before members, so that an oversized list costs no more than a list of the greatest size.
  const bounded = items.length > (shape.max ?? Infinity) ? [] : items
  const scalar = isScalar(shape.member)
  for (const [index, item] of bounded.entries()) {
    if (errors.length >= maxErrors) return
    if (!scalar) {
      check(shape.member, item, `${path}.${index + 1}.member`, errors)
      continue
    }
    const constraints = scalarErrors(shape.member as StringShape | NumberShape, item)
    if (constraints.length > 0) {
      const all = scalarConstraints(shape.member as StringShape | NumberShape)
      fail(errors, shown(shape, items), path, `Member must satisfy constraint: [${all.join(', ')}]`)
      return
    }
  }
}

function checkMap(shape: MapShape, entries: Record<string, unknown>, path: string, errors: string[]): void {
  const keys = Object.keys(entries)
  const length = lengthError(keys.length, shape)
  if (length !== undefined) fail(errors, shown(shape, entries), path, length)
  if (keys.length > (shape.max ?? Infinity)) return
  const badKey = keys.some((key) => scalarErrors(shape.key, key).length > 0)
  if (badKey)
    fail(
      errors,
      shown(shape, entries),
      path,
      `Map keys must satisfy constraint: [${scalarConstraints(shape.key).join(', ')}]`,
    )
  if (!isScalar(shape.value)) {
    for (const key of keys) check(shape.value, entries[key], `${path}.${printable(key)}.member`, errors)
    return
  }
  const scalar = shape.value as StringShape | NumberShape
  if (keys.some((key) => scalarErrors(scalar, entries[key]).length > 0))
    fail(
      errors,
      shown(shape, entries),
      path,
      `Map value must satisfy constraint: [${scalarConstraints(scalar).join(', ')}]`,
    )
}

const isScalar = (shape: Shape): boolean =>
  shape.kind === 'string' || shape.kind === 'integer' || shape.kind === 'long' || shape.kind === 'double'

function scalarErrors(shape: StringShape | NumberShape, value: unknown): string[] {
  const errors: string[] = []
  if (shape.kind !== 'string') {
    if (shape.max !== undefined && (value as number) > shape.max) errors.push(greatestValue(shape.max))
    if (shape.min !== undefined && (value as number) < shape.min) errors.push(leastValue(shape.min))
    return errors
  }
  const text = value as string
  if (shape.enum && !shape.enum.includes(text)) errors.push(enumSet(shape.enum))
  const length = lengthError(characters(text), shape)
  // A pattern is only tried on text of a permitted length, so that its cost stays bounded.
  const tooLong = shape.max !== undefined && text.length > 2 * shape.max
  if (shape.pattern !== undefined && !tooLong && !compiled(shape.pattern).test(text))
    errors.push(pattern(shape.pattern))
  if (length !== undefined) errors.push(length)
  return errors
}

function scalarConstraints(shape: StringShape | NumberShape): string[] {
  const constraints: string[] = []
  if (shape.kind !== 'string') {
    if (shape.max !== undefined) constraints.push(greatestValue(shape.max))
    if (shape.min !== undefined) constraints.push(leastValue(shape.min))
    return constraints
  }
  if (shape.max !== undefined) constraints.push(greatestLength(shape.max))
  if (shape.min !== undefined) constraints.push(leastLength(shape.min))
  if (shape.pattern !== undefined) constraints.push(pattern(shape.pattern))
  if (shape.enum) constraints.push(enumSet(shape.enum))
  return constraints
}

const greatestLength = (max: number) => `Member must have length less than or equal to ${max}`
const leastLength = (min: number) => `Member must have length greater than or equal to ${min}`
const greatestValue = (max: number) => `Member must have value less than or equal to ${max}`
const leastValue = (min: number) => `Member must have value greater than or equal to ${min}`
const pattern = (text: string) => `Member must satisfy regular expression pattern: ${text}`
const enumSet = (values: readonly string[]) => `Member must satisfy enum value set: [${values.join(', ')}]`

function lengthError(length: number, limits: { min?: number; max?: number }): string | undefined {
  if (limits.max !== undefined && length > limits.max) return greatestLength(limits.max)
  if (limits.min !== undefined && length < limits.min) return leastLength(limits.min)
  return undefined
}

/** Characters as AWS counts them: a surrogate pair is one. */
function characters(text: string): number {
  let count = text.length
  for (let index = 0; index < text.length - 1; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(index + 1)
      if (next >= 0xdc00 && next <= 0xdfff) {
        count--
        index++
      }
    }
  }
  return count
}

const patterns = new Map<string, RegExp>()

function compiled(text: string): RegExp {
  let expression = patterns.get(text)
  if (!expression) patterns.set(text, (expression = new RegExp(`^(?:${text})$`, 'u')))
  return expression
}

function fail(errors: string[], value: string, path: string, constraint: string): void {
  if (errors.length < maxErrors) errors.push(`Value ${value} at '${path}' failed to satisfy constraint: ${constraint}`)
}

/** A value as AWS's messages print it: `'text'`, `'[a, b]'`, `'{k=v}'`, `'[Shape(field=v, other=null)]'`. */
function shown(shape: Shape, value: unknown): string {
  if (shape.kind === 'string' && shape.sensitive) return "'***'"
  const text = javaText(shape, value, maxShownLength)
  return `'${text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text}'`
}

function javaText(shape: Shape, value: unknown, budget: number): string {
  if (value === undefined || value === null) return 'null'
  switch (shape.kind) {
    case 'list': {
      let text = '['
      for (const [index, item] of (value as unknown[]).entries()) {
        if (text.length > budget) break
        text += (index > 0 ? ', ' : '') + javaText(shape.member, item, budget - text.length)
      }
      return `${text}]`
    }
    case 'map': {
      let text = '{'
      for (const [index, [key, item]] of Object.entries(value as Record<string, unknown>).entries()) {
        if (text.length > budget) break
        text += `${index > 0 ? ', ' : ''}${printable(key)}=${javaText(shape.value, item, budget - text.length)}`
      }
      return `${text}}`
    }
    case 'structure': {
      const fields = shape.entries.map(
        ([name, member]) =>
          `${lowerFirst(name)}=${javaText(member.shape, (value as Record<string, unknown>)[name], budget)}`,
      )
      return `${shape.name}(${fields.join(', ')})`
    }
    case 'string':
      return shape.sensitive ? '***' : printable(value as string)
    case 'integer':
    case 'long':
    case 'double':
    case 'boolean':
    case 'timestamp':
      return `${value as number | boolean}`
  }
}

/** Control characters would let a caller write lines of their own into whatever prints the message. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what it replaces
  return text.slice(0, maxShownLength + 1).replace(/[\u0000-\u001f\u007f]/g, '?')
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)
