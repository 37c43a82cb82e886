// Resource queries: reads the JSON text that defines a query-based group or a search, and says what is wrong with it.
// Does not know whether a stack exists, whose account or Region it is in, or which resources match: the caller does.

import { canonicalTypeName } from '../../../catalogue/catalogue.ts'
import { parseArn } from '../../../model/arn.ts'

export interface TagFilter {
  key: string
  /** Empty: any value. */
  values: string[]
}

export interface TagQuery {
  kind: 'tag'
  /** Canonical names without repeats; empty: AWS::AllSupported. */
  types: string[]
  /** At least one; keys differ; a resource must satisfy all of them. */
  filters: TagFilter[]
}

export interface StackQuery {
  kind: 'stack'
  /** Canonical names without repeats; empty: AWS::AllSupported. */
  types: string[]
  /** A well-formed stack ARN, of any account and Region. */
  stackIdentifier: string
}

export type ResourceQuery = TagQuery | StackQuery

interface Refusal {
  message: string
}

export const allSupported = 'AWS::AllSupported'

/** Characters; the resource-groups model's limit on Query. */
const maxQueryLength = 4096
/** The user guide's limit on the types in a query. */
const maxTypes = 20
const maxTagFilters = 50
const maxValuesPerFilter = 20
const maxKeyLength = 128
const maxValueLength = 256

// The statuses AWS names in its own refusal.
const inactiveStackStatuses = ['DELETE_COMPLETE', 'ROLLBACK_COMPLETE', 'CREATE_FAILED']
const stackResource = /^stack\/[A-Za-z][A-Za-z0-9-]{0,127}\/[A-Za-z0-9-]{1,128}$/

const refuse = (reason: string): Refusal => ({ message: `Query not valid: ${reason}` })
const badSyntax = refuse('Query format not valid: check JSON syntax')

/** The query, or AWS's sentence (BadRequestException) on what is wrong with it. */
export function parseResourceQuery(input: { Type: string; Query: string }): { query: ResourceQuery } | Refusal {
  if (input.Type !== 'TAG_FILTERS_1_0' && input.Type !== 'CLOUDFORMATION_STACK_1_0') {
    const constraint = 'Member must satisfy enum value set: [CLOUDFORMATION_STACK_1_0, TAG_FILTERS_1_0]'
    const value = input.Type.slice(0, 128)
    const found = `Value '${value}' at 'resourceQuery.type' failed to satisfy constraint: ${constraint}`
    return { message: `1 validation error detected: ${found}` }
  }
  if (isLonger(input.Query, maxQueryLength)) return refuse(`The maximum length for a Query is ${maxQueryLength}`)
  const members = readMembers(input.Query)
  if (members === undefined) return badSyntax
  const query = input.Type === 'TAG_FILTERS_1_0' ? readTagQuery(members) : readStackQuery(members)
  return 'message' in query ? query : { query }
}

/**
 * The canonical name of a type in a query or a filter; undefined for what AWS refuses there: other tools' spellings
 * (ec2:instance, aws_instance), and names in AWS's own name space that are not of the form AWS::service::resource.
 */
export function typeInFilter(spelling: string): string | undefined {
  const isAws = /^aws::/i.test(spelling)
  if (isAws ? !/^AWS::[A-Za-z0-9]+::\w+$/.test(spelling) : !spelling.includes('::')) return undefined
  return canonicalTypeName(spelling)
}

export interface StackProblem {
  errorCode: 'CLOUDFORMATION_STACK_NOT_EXISTING' | 'CLOUDFORMATION_STACK_INACTIVE'
  message: string
}

/**
 * Why a stack can't be the base of a query, as AWS's QueryError has it; undefined if it can. A create or update of a
 * group is refused with `Query not valid: ` before the message.
 * @param status of the stack; undefined if there is none of that ARN in the account and Region
 */
export function stackProblem(status: string | undefined): StackProblem | undefined {
  if (status === undefined) {
    return {
      errorCode: 'CLOUDFORMATION_STACK_NOT_EXISTING',
      message: "The specified CloudFormation stack doesn't exist.",
    }
  }
  if (!inactiveStackStatuses.includes(status)) return undefined
  const statuses = inactiveStackStatuses.join(', ')
  return {
    errorCode: 'CLOUDFORMATION_STACK_INACTIVE',
    message: `The specified CloudFormation stack cannot have the following statuses: ${statuses}.`,
  }
}

function readTagQuery(members: Record<string, unknown>): TagQuery | Refusal {
  if (!hasOnly(members, ['ResourceTypeFilters', 'TagFilters'])) return badSyntax
  const types = readTypes(members['ResourceTypeFilters'])
  if ('message' in types) return types
  const filters = readTagFilters(members['TagFilters'])
  return 'message' in filters ? filters : { kind: 'tag', types, filters }
}

function readStackQuery(members: Record<string, unknown>): StackQuery | Refusal {
  if (!hasOnly(members, ['ResourceTypeFilters', 'StackIdentifier'])) return badSyntax
  // For stacks alone the user guide lets the types be left out, and then means all of them.
  const types = 'ResourceTypeFilters' in members ? readTypes(members['ResourceTypeFilters']) : []
  if ('message' in types) return types
  const stackIdentifier = members['StackIdentifier']
  if (!isText(stackIdentifier)) return badSyntax
  const arn = parseArn(stackIdentifier)
  const isStack = arn?.service === 'cloudformation' && arn.region !== '' && /^\d{12}$/.test(arn.account)
  if (!isStack || !stackResource.test(arn.resource)) {
    return refuse('Verify that the specified ARN is formatted correctly.')
  }
  return { kind: 'stack', types, stackIdentifier }
}

function readTypes(value: unknown): string[] | Refusal {
  if (!isTextList(value)) return badSyntax
  if (value.length < 1 || value.length > maxTypes) {
    return refuse(`The ResourceTypeFilters list must contain between 1 and ${maxTypes} elements`)
  }
  if (value.includes(allSupported)) {
    return value.length === 1 ? [] : refuse(`${allSupported} cannot be combined with other resource types`)
  }
  const repeated = value.find((spelling, index) => value.indexOf(spelling) < index)
  if (repeated !== undefined) {
    return refuse(`The ResourceTypeFilters list contains ${repeated.slice(0, 128)} more than once`)
  }
  // AWS has given some types a second name: both in one query are no repeat.
  const types = new Set<string>()
  for (const spelling of value) {
    const type = typeInFilter(spelling)
    if (type === undefined) return refuse(`The resource type is not valid: ${spelling.slice(0, 128)}`)
    types.add(type)
  }
  return [...types]
}

function readTagFilters(value: unknown): TagFilter[] | Refusal {
  if (!Array.isArray(value)) return badSyntax
  if (value.length < 1 || value.length > maxTagFilters) {
    return refuse(`The TagFilters list must contain between 1 and ${maxTagFilters} elements`)
  }
  const valuesByKey = new Map<string, string[]>()
  for (const filter of value as unknown[]) {
    const read = readTagFilter(filter)
    if ('message' in read) return read
    // Of several filters on one key AWS heeds the last.
    valuesByKey.set(read.key, read.values)
  }
  return Array.from(valuesByKey, ([key, values]) => ({ key, values }))
}

function readTagFilter(filter: unknown): TagFilter | Refusal {
  if (!isRecord(filter) || !hasOnly(filter, ['Key', 'Values'])) return badSyntax
  const key = filter['Key']
  if (key === undefined || key === null || key === '') {
    return refuse('The TagFilter element cannot have empty or null Key field')
  }
  if (!isText(key)) return badSyntax
  if (isLonger(key, maxKeyLength)) return refuse(`The maximum length for a tag Key is ${maxKeyLength}`)
  const values = 'Values' in filter ? filter['Values'] : []
  if (!isTextList(values)) return badSyntax
  if (values.length > maxValuesPerFilter) {
    return refuse(`The TagFilter Values list must contain between 0 and ${maxValuesPerFilter} elements`)
  }
  if (values.some((value) => isLonger(value, maxValueLength))) {
    return refuse(`The maximum length for a tag Value is ${maxValueLength}`)
  }
  return { key, values: [...new Set(values)] }
}

/** The members of the JSON object that the text is; undefined if it is anything else, or names a member twice. */
function readMembers(text: string): Record<string, unknown> | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  return isRecord(value) && !repeatsMember(text) ? value : undefined
}

// JSON.parse keeps the last of two equal members. Other readers keep the first, so that such a text would mean one
// thing to whoever reviewed it and another here.
function repeatsMember(json: string): boolean {
  const open: Set<string>[] = []
  let text = ''
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (token !== ':') text = token
    else {
      const name = JSON.parse(text) as string
      const names = open.at(-1)
      if (names === undefined || names.has(name)) return true
      names.add(name)
    }
  }
  return false
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hasOnly(members: Record<string, unknown>, names: string[]): boolean {
  return Object.keys(members).every((name) => names.includes(name))
}

// Half of a surrogate pair cannot be written as UTF-8, hence never equals a stored tag, and would change on the way.
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed()
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText)
}

/** In Unicode characters; looks at no more of a huge text than it must. */
function isLonger(text: string, maxCharacters: number): boolean {
  if (text.length <= maxCharacters) return false
  return text.length > 2 * maxCharacters || Array.from(text).length > maxCharacters
}
