// Evaluates CloudFormation's intrinsic functions and conditions as far as a template and its parameters allow. What
// only a deployed stack knows (Fn::GetAtt, a Ref to a resource, Fn::ImportValue, an SSM parameter's value) is
// `unresolved`, and so is all that is made of it: nothing is invented. Bounds depth, steps and the text it makes.
import type { ImportContext } from '../item.ts'
import { isObject, property, textProperty } from './json-value.ts'
import { tagText } from './tags.ts'

/** Cannot be known from the template. */
export const unresolved = Symbol('unresolved')
/** `AWS::NoValue`: as if it were not written. */
export const noValue = Symbol('no value')

export interface Evaluator {
  /** Text, a list, a map of such, `unresolved` or `noValue`; nested ones stay in place in maps, and leave lists. */
  evaluate(expression: unknown): unknown
  /** Undefined: cannot be known. */
  condition(name: string): boolean | undefined
}

const maxDepth = 100
/** Expressions evaluated for one template. */
const maxSteps = 5_000_000
/** Characters of one text; a tag value has 256. */
const maxTextLength = 65_536
/** Characters of all texts that functions make for one template. */
const maxTotalLength = 64 * 1024 * 1024

function urlSuffix(partition: string): string {
  return partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
}

function pseudoParameters(context: ImportContext): Map<string, unknown> {
  return new Map<string, unknown>([
    ['AWS::AccountId', context.account],
    ['AWS::NoValue', noValue],
    ['AWS::Partition', context.partition],
    ['AWS::Region', context.region],
    ['AWS::StackName', context.stackName ?? unresolved],
    ['AWS::URLSuffix', urlSuffix(context.partition)],
  ])
}

/** A secret must not become a tag, and of an SSM parameter the template has the name, not the value. */
function isHidden(declaration: unknown): boolean {
  const noEcho = property(declaration, 'NoEcho')
  const type = textProperty(declaration, 'Type') ?? ''
  return noEcho === true || noEcho === 'true' || type.startsWith('AWS::SSM::Parameter::Value<')
}

function parameterValue(declaration: unknown, given: string | undefined): unknown {
  if (isHidden(declaration)) return unresolved
  const text = given ?? tagText(property(declaration, 'Default'))
  if (text === undefined || text.length > maxTextLength) return unresolved
  const type = textProperty(declaration, 'Type') ?? ''
  return type === 'CommaDelimitedList' || type.startsWith('List<') ? text.split(',').map((part) => part.trim()) : text
}

export function createEvaluator(template: unknown, context: ImportContext): Evaluator {
  const pseudo = pseudoParameters(context)
  const parameters = property(template, 'Parameters')
  const mappings = property(template, 'Mappings')
  const conditions = property(template, 'Conditions')
  const parameterValues = new Map<string, unknown>()
  const conditionValues = new Map<string, boolean | undefined>()
  let steps = 0
  let totalLength = 0
  let depth = 0

  /** Undefined where there is no such parameter. */
  function parameter(name: string): unknown {
    const declaration = property(parameters, name)
    if (declaration === undefined) return undefined
    if (!parameterValues.has(name)) {
      const given = property(context.parameters, name)
      parameterValues.set(name, parameterValue(declaration, typeof given === 'string' ? given : undefined))
    }
    return parameterValues.get(name)
  }

  function ref(name: unknown): unknown {
    if (typeof name !== 'string') return unresolved
    return pseudo.get(name) ?? parameter(name) ?? unresolved
  }

  function joined(parts: readonly string[], delimiter = ''): unknown {
    let length = delimiter.length * Math.max(0, parts.length - 1)
    for (const part of parts) length += part.length
    // Empty parts cost too: a list of them joined a million times must end.
    totalLength += length + parts.length
    return length > maxTextLength || totalLength > maxTotalLength ? unresolved : parts.join(delimiter)
  }

  function join(argument: unknown): unknown {
    const [delimiterExpression, listExpression] = Array.isArray(argument) ? (argument as unknown[]) : []
    const delimiter = tagText(delimiterExpression)
    const list = evaluate(listExpression)
    if (delimiter === undefined || !Array.isArray(list) || totalLength > maxTotalLength) return unresolved
    const parts = list.map(tagText)
    return parts.every((part) => part !== undefined) ? joined(parts, delimiter) : unresolved
  }

  function sub(argument: unknown): unknown {
    const [textExpression, variables] = Array.isArray(argument) ? (argument as unknown[]) : [argument]
    if (typeof textExpression !== 'string' || textExpression.length > maxTextLength) return unresolved
    const values = new Map<string, unknown>()
    const variable = (name: string) => {
      if (!values.has(name)) {
        const own = property(variables, name)
        values.set(name, own === undefined ? ref(name) : evaluate(own))
      }
      return values.get(name)
    }
    const parts: string[] = []
    let end = 0
    for (const match of textExpression.matchAll(/\$\{([^{}]*)\}/g)) {
      parts.push(textExpression.slice(end, match.index))
      end = match.index + match[0].length
      const name = match[1] ?? ''
      const text = name.startsWith('!') ? `\${${name.slice(1)}}` : tagText(variable(name.trim()))
      if (text === undefined) return unresolved
      parts.push(text)
    }
    parts.push(textExpression.slice(end))
    return joined(parts)
  }

  function findInMap(argument: unknown): unknown {
    const path = Array.isArray(argument) ? argument.slice(0, 3).map(evaluate) : []
    let value: unknown = mappings
    for (const name of path) value = property(value, tagText(name) ?? '')
    return path.length === 3 && value !== undefined && !isObject(value) ? evaluate(value) : unresolved
  }

  function choose(argument: unknown): unknown {
    const [name, whenTrue, whenFalse] = Array.isArray(argument) ? (argument as unknown[]) : []
    const value = typeof name === 'string' ? condition(name) : undefined
    if (value === undefined) return unresolved
    return evaluate(value ? whenTrue : whenFalse)
  }

  function select(argument: unknown): unknown {
    const [indexExpression, listExpression] = Array.isArray(argument) ? (argument as unknown[]) : []
    const index = tagText(evaluate(indexExpression))
    // Only the chosen element must be known, and written out a list may hold others that are not.
    const list = Array.isArray(listExpression) ? (listExpression as unknown[]) : evaluate(listExpression)
    if (!Array.isArray(list) || index === undefined || !/^\d{1,7}$/.test(index)) return unresolved
    return Number(index) < list.length ? evaluate(list[Number(index)]) : unresolved
  }

  function split(argument: unknown): unknown {
    const [delimiterExpression, textExpression] = Array.isArray(argument) ? (argument as unknown[]) : []
    const delimiter = tagText(delimiterExpression)
    const text = tagText(evaluate(textExpression))
    totalLength += text?.length ?? 0
    return delimiter && text !== undefined && totalLength <= maxTotalLength ? text.split(delimiter) : unresolved
  }

  function base64(argument: unknown): unknown {
    const text = tagText(evaluate(argument))
    return text === undefined ? unresolved : joined([Buffer.from(text, 'utf8').toString('base64')])
  }

  function call(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return ref(argument)
      case 'Fn::Base64':
        return base64(argument)
      case 'Fn::FindInMap':
        return findInMap(argument)
      case 'Fn::If':
        return choose(argument)
      case 'Fn::Join':
        return join(argument)
      case 'Fn::Select':
        return select(argument)
      case 'Fn::Split':
        return split(argument)
      case 'Fn::Sub':
        return sub(argument)
      default:
        return unresolved
    }
  }

  function compound(expression: object): unknown {
    if (Array.isArray(expression)) return expression.map(evaluate).filter((value) => value !== noValue)
    const names = Object.keys(expression)
    const only = names.length === 1 ? names[0] : undefined
    if (only !== undefined && (only === 'Ref' || only.startsWith('Fn::'))) return call(only, property(expression, only))
    const values = Object.create(null) as Record<string, unknown>
    for (const name of names) values[name] = evaluate(property(expression, name))
    return values
  }

  function evaluate(expression: unknown): unknown {
    if (typeof expression !== 'object' || expression === null) {
      return typeof expression === 'symbol' ? expression : (tagText(expression) ?? unresolved)
    }
    if (++steps > maxSteps || depth >= maxDepth) return unresolved
    depth++
    const value = compound(expression)
    depth--
    return value
  }

  function equals(argument: unknown): boolean | undefined {
    const [left, right] = Array.isArray(argument) ? argument.map((side) => tagText(evaluate(side))) : []
    return left === undefined || right === undefined ? undefined : left === right
  }

  function anyOf(argument: unknown, wanted: boolean): boolean | undefined {
    const values = Array.isArray(argument) ? argument.map(holds) : [undefined]
    if (values.includes(wanted)) return wanted
    return values.includes(undefined) ? undefined : !wanted
  }

  function holds(expression: unknown): boolean | undefined {
    if (++steps > maxSteps || depth >= maxDepth || !isObject(expression)) return undefined
    const name = Object.keys(expression)[0] ?? ''
    const argument = property(expression, name)
    depth++
    const value = holdsCall(name, argument)
    depth--
    return value
  }

  function holdsCall(name: string, argument: unknown): boolean | undefined {
    switch (name) {
      case 'Condition':
        return typeof argument === 'string' ? condition(argument) : undefined
      case 'Fn::And':
        return anyOf(argument, false)
      case 'Fn::Or':
        return anyOf(argument, true)
      case 'Fn::Equals':
        return equals(argument)
      case 'Fn::Not': {
        const value = Array.isArray(argument) ? holds(argument[0]) : undefined
        return value === undefined ? undefined : !value
      }
      default:
        return undefined
    }
  }

  function condition(name: string): boolean | undefined {
    if (conditionValues.has(name)) return conditionValues.get(name)
    // A condition that leads back to itself finds this and stays unknown.
    conditionValues.set(name, undefined)
    const value = holds(property(conditions, name))
    conditionValues.set(name, value)
    return value
  }

  return { evaluate, condition }
}
