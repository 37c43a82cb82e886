// JSON documents to a shape's values and back, for every protocol with JSON bodies. Reading settles types only (limits
// are the validator's), in the words of AWS's serializer (kinesalite's recordings); it descends into known members
// alone, so the depth of what a caller sends beyond them costs nothing.
import { isUtf8 } from 'node:buffer'
import type { Shape, StructureShape } from '../model/shape.ts'

/** Nesting that any operation of ours could need, several times over. */
const maxDepth = 64

/** A document that is not what the shape says. Without a message where AWS gives none. */
export class SerializationProblem extends Error {}

/** Parses a whole document; throws SerializationProblem if it is no JSON object or nests too deeply. */
export function parseDocument(body: Buffer): Record<string, unknown> {
  // Decoding would put U+FFFD in the place of what is no text, and that is not what the caller signed.
  if (!isUtf8(body) || nestsTooDeeply(body)) throw new SerializationProblem('')
  let document: unknown
  try {
    document = JSON.parse(body.toString('utf8'))
  } catch {
    throw new SerializationProblem('')
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw new SerializationProblem('')
  return document as Record<string, unknown>
}

// Before JSON.parse, and over bytes: what a parser would build from a hundred thousand brackets is never built.
function nestsTooDeeply(body: Buffer): boolean {
  let depth = 0
  let inString = false
  for (let index = 0; index < body.length; index++) {
    const byte = body[index]
    if (inString) {
      if (byte === 0x5c) index++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) return true
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return false
}

/** The members of a structure that are present and not null. Unknown members are ignored, as AWS does. */
export function readStructure(shape: StructureShape, document: unknown): Record<string, unknown> {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw mismatch(document, 'structure')
  const value: Record<string, unknown> = {}
  for (const [name, member] of shape.entries) {
    if (member.location !== undefined) continue
    const given = Object.hasOwn(document, name) ? (document as Record<string, unknown>)[name] : undefined
    if (given !== undefined && given !== null) value[name] = readValue(member.shape, given)
  }
  return value
}

function readValue(shape: Shape, given: unknown): unknown {
  switch (shape.kind) {
    case 'structure':
      return readStructure(shape, given)
    case 'list':
      if (!Array.isArray(given)) throw mismatch(given, 'list')
      // AWS drops nulls inside lists no more than we do: they are a type error.
      return given.map((item: unknown) => readValue(shape.member, item))
    case 'map': {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) throw mismatch(given, 'map')
      // Without a prototype, so that a key such as `__proto__` is a key like any other.
      const value = Object.create(null) as Record<string, unknown>
      for (const [key, item] of Object.entries(given)) {
        if (!key.isWellFormed()) throw new SerializationProblem('')
        if (item !== null) value[key] = readValue(shape.value, item)
      }
      return value
    }
    case 'string':
      if (typeof given !== 'string') throw mismatch(given, 'a String')
      if (!given.isWellFormed()) throw new SerializationProblem('')
      return given
    case 'boolean':
      if (typeof given !== 'boolean') throw mismatch(given, 'a Boolean')
      return given
    case 'integer':
    case 'long':
      if (typeof given !== 'number' || !Number.isSafeInteger(given)) throw mismatch(given, 'an Integer')
      return given
    case 'double':
      if (typeof given !== 'number') throw mismatch(given, 'a Double')
      return given
    case 'timestamp':
      if (typeof given !== 'number' || !Number.isFinite(given)) throw mismatch(given, 'a Date')
      return Math.round(given * 1000)
  }
}

function mismatch(given: unknown, wanted: string): SerializationProblem {
  if (wanted === 'list') return new SerializationProblem('Expected list or null')
  if (wanted === 'map') return new SerializationProblem('Expected map or null')
  if (wanted === 'structure') return new SerializationProblem('Expected null')
  if (Array.isArray(given)) return new SerializationProblem('Start of list found where not expected')
  if (typeof given === 'object') return new SerializationProblem('Start of structure or map found where not expected.')
  const found =
    typeof given === 'string'
      ? 'class java.lang.String'
      : typeof given === 'boolean'
        ? 'class java.lang.Boolean'
        : 'class com.amazon.coral.value.json.numbers.TruncatingBigNumber'
  return new SerializationProblem(`${found} can not be converted to ${wanted.replace('a String', 'an String')}`)
}

/** The structure as a JSON text: members in the shape's order, absent ones left out, times in seconds. */
export function writeDocument(shape: StructureShape, value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(writable(shape, value))
}

function writable(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'structure': {
      const members: Record<string, unknown> = {}
      for (const [name, member] of shape.entries) {
        const given = (value as Record<string, unknown>)[name]
        if (given !== undefined) members[name] = writable(member.shape, given)
      }
      return members
    }
    case 'list':
      return (value as unknown[]).map((item) => writable(shape.member, item))
    case 'map': {
      const entries = Object.create(null) as Record<string, unknown>
      for (const [key, item] of Object.entries(value as object)) entries[key] = writable(shape.value, item)
      return entries
    }
    case 'timestamp':
      return (value as number) / 1000
    case 'string':
    case 'boolean':
    case 'integer':
    case 'long':
    case 'double':
      return value
  }
}
