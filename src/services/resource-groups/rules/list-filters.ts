// The filters of the list operations: reads what a caller sent, refuses what AWS refuses, and applies ListGroups' own.
// Finding resources, grouping statuses and tasks by their filters is the stores' business.

import { parseArn } from '../../../model/arn.ts'
import type { GroupConfiguration } from './configuration.ts'
import { parseGroupReference } from './group-name.ts'
import type { GroupReference } from './group-name.ts'
import { allSupported, typeInFilter } from './resource-query.ts'
import type { ResourceQuery } from './resource-query.ts'

export interface ListFilter {
  Name: string
  Values: string[]
}

/** Within a list one value must fit; an empty list lets all pass; all lists must pass. */
export interface GroupFilters {
  /** Canonical names, or AWS::AllSupported. */
  resourceTypes: string[]
  configurationTypes: string[]
  owners: string[]
  displayNames: string[]
  /** 1 to 10. */
  criticalities: number[]
}

/** What ListGroups' filters look at. */
export interface FilteredGroup {
  query?: ResourceQuery
  configuration?: GroupConfiguration
  owner?: string
  displayName?: string
  /** 1 to 10. */
  criticality?: number
}

export interface GroupingStatusFilters {
  /** Empty: any. */
  statuses: string[]
  /** Empty: any. */
  resourceArns: string[]
}

interface Refusal {
  message: string
}

/** A filter's value as it is compared; undefined if the filter can't have it. */
type ReadValue = (value: string) => string | undefined

/** AWS's limit on an error's message, in characters. */
const maxMessageLength = 1024
/** A limit on owner, display name and filter value in the resource-groups model, in characters. */
const maxTextLength = 300
/** Filters by group in one ListTagSyncTasks call; AWS publishes no limit. */
const maxTaskFilters = 50

// Those the API reference lists, without AWS::AppRegistry::ApplicationResourceGroup(s), which it lists and AWS refuses.
const configurationTypes = [
  'AWS::ResourceGroups::ApplicationGroup',
  'AWS::AppRegistry::Application',
  'AWS::CloudFormation::Stack',
  'AWS::EC2::CapacityReservationPool',
  'AWS::EC2::HostManagement',
  'AWS::NetworkFirewall::RuleGroup',
]
const groupingStatuses = ['SUCCESS', 'FAILED', 'IN_PROGRESS', 'SKIPPED']

const refuse = (reason: string): Refusal => ({ message: `Filters not valid: ${reason}`.slice(0, maxMessageLength) })
const among = (values: string[]): ReadValue => {
  return (value) => (values.includes(value) ? value : undefined)
}
const readText: ReadValue = (value) => (value.length >= 1 && value.length <= maxTextLength ? value : undefined)

/** ListGroups. A message calls for BadRequestException, here and below. */
export function parseGroupFilters(filters: readonly ListFilter[] = []): { filters: GroupFilters } | Refusal {
  const read = readFilters(filters, 5, {
    'resource-type': (value) => (value === allSupported ? value : typeInFilter(value)),
    'configuration-type': among(configurationTypes),
    owner: readText,
    'display-name': readText,
    criticality: (value) => (/^(?:[1-9]|10)$/.test(value) ? value : undefined),
  })
  if (!(read instanceof Map)) return read
  return {
    filters: {
      resourceTypes: read.get('resource-type') ?? [],
      configurationTypes: read.get('configuration-type') ?? [],
      owners: read.get('owner') ?? [],
      displayNames: read.get('display-name') ?? [],
      criticalities: (read.get('criticality') ?? []).map(Number),
    },
  }
}

/**
 * Whether ListGroups shows the group. A resource type is looked for in the query's own text: a group of
 * AWS::AllSupported is found by that word alone, as on AWS.
 */
export function matchesGroupFilters(group: FilteredGroup, filters: GroupFilters): boolean {
  const types = group.query?.types.length === 0 ? [allSupported] : (group.query?.types ?? [])
  return (
    passes(filters.resourceTypes, types) &&
    passes(filters.configurationTypes, group.configuration?.map((item) => item.Type) ?? []) &&
    passes(filters.owners, [group.owner]) &&
    passes(filters.displayNames, [group.displayName]) &&
    passes(filters.criticalities, [group.criticality])
  )
}

/**
 * ListGroupResources: the types to show, all if empty.
 * @param query of the group, if it has one: a type that the query doesn't ask for is refused
 */
export function parseResourceFilters(
  filters: readonly ListFilter[] = [],
  query?: ResourceQuery,
): { types: string[] } | Refusal {
  const read = readFilters(filters, 5, { 'resource-type': typeInFilter })
  if (!(read instanceof Map)) return read
  const types = read.get('resource-type') ?? []
  const inQuery = query?.types ?? []
  const strangers = inQuery.length === 0 ? [] : types.filter((type) => !inQuery.includes(type))
  if (strangers.length === 0) return { types }
  const problem = 'The resource types specified as filters in the request are not valid.'
  return { message: `${problem} ${strangers.join(', ')}` }
}

/** ListGroupingStatuses. */
export function parseGroupingStatusFilters(
  filters: readonly ListFilter[] = [],
): { filters: GroupingStatusFilters } | Refusal {
  const read = readFilters(filters, 10, {
    status: among(groupingStatuses),
    'resource-arn': (value) => (parseArn(value) === undefined ? undefined : value),
  })
  if (!(read instanceof Map)) return read
  return { filters: { statuses: read.get('status') ?? [], resourceArns: read.get('resource-arn') ?? [] } }
}

/** ListTagSyncTasks: the groups whose tasks to show, all if empty. */
export function parseTagSyncTaskFilters(
  filters: readonly { GroupArn?: string; GroupName?: string }[] = [],
): { groups: GroupReference[] } | Refusal {
  if (filters.length > maxTaskFilters) return refuse(`There can be at most ${maxTaskFilters} filters`)
  const groups: GroupReference[] = []
  for (const { GroupArn, GroupName } of filters) {
    const text = GroupArn ?? GroupName
    if (text === undefined || (GroupArn !== undefined && GroupName !== undefined)) {
      return refuse('Specify either GroupArn or GroupName in each filter')
    }
    const group = parseGroupReference(text)
    const isArn = group?.place !== undefined
    if (group === undefined || isArn !== (GroupArn !== undefined)) return unsupportedValues([text])
    groups.push(group)
  }
  return { groups }
}

/** Each filter's values by its name, without repeats. */
function readFilters(
  filters: readonly ListFilter[],
  maxValues: number,
  readers: Record<string, ReadValue>,
): Map<string, string[]> | Refusal {
  const read = new Map<string, string[]>()
  for (const { Name, Values } of filters) {
    const reader = Object.hasOwn(readers, Name) ? readers[Name] : undefined
    if (reader === undefined) return refuse(`One or more filter names are not supported: ${Name}`)
    // Also what bounds the loop: AWS's model has no limit on the number of filters.
    if (read.has(Name)) return refuse(`The filter ${Name} is specified more than once`)
    if (Values.length < 1 || Values.length > maxValues)
      return refuse(`The filter ${Name} needs 1 to ${maxValues} values`)
    const values = Values.map(reader)
    const unsupported = Values.filter((_, index) => values[index] === undefined)
    if (unsupported.length > 0) return unsupportedValues(unsupported)
    read.set(Name, [...new Set(values.filter((value) => value !== undefined))])
  }
  return read
}

function unsupportedValues(values: string[]): Refusal {
  return refuse(`One or more filter values are not supported: ${values.join(', ')}`)
}

function passes<Value>(wanted: Value[], found: (Value | undefined)[]): boolean {
  return wanted.length === 0 || wanted.some((value) => found.includes(value))
}
