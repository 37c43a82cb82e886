// Lists the resources of one type in the Region, deleted ones too if asked for. As AWS documents it: ids or a name may
// narrow the list, not both. A page may be short, even empty, and still have a next one: names are compared row by row.
import { canonicalTypeName } from '../../../catalogue/catalogue.ts'
import type { Expression } from '../../../inventory/expression.ts'
import type { Position } from '../../../inventory/query.ts'
import { findByArns, pageResources, type Resource } from '../../../inventory/resources.ts'
import { findScope, resourceId as idAt, ridOf, type Scope, sidOf } from '../../../inventory/scope.ts'
import { type InventoryIndex, liveEntry, termKinds } from '../../../inventory/terms.ts'
import { boolean, required, string, structure } from '../../../model/shape.ts'
import type { Run } from '../../../storage/database.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { operationsOf } from '../../operation.ts'
import { issueToken } from '../../paging.ts'
import {
  invalidLimitException,
  invalidNextTokenException,
  noAvailableConfigurationRecorderException,
  validationException,
} from '../faults.ts'
import { defaultPageSize, pagePosition } from '../page-position.ts'
import { arnsOf, nameOf, resourceIdOf } from '../resource-identity.ts'
import { limit, resourceIdList, resourceIdentifierList, resourceType } from '../shapes.ts'

const name = 'ListDiscoveredResources'
/** AWS's documentation; the model has no limit. */
const maxIds = 20
/** Rows that one call looks at for a name. */
const maxExaminedRows = 2_000

export const listDiscoveredResources = operationsOf<InventoryPorts>().read({
  name,
  input: structure('ListDiscoveredResourcesRequest', {
    includeDeletedResources: boolean,
    limit: limit,
    nextToken: string(),
    resourceIds: resourceIdList,
    resourceName: string(),
    resourceType: required(resourceType),
  }),
  output: structure('ListDiscoveredResourcesResponse', {
    nextToken: string(),
    resourceIdentifiers: resourceIdentifierList,
  }),
  faults: [
    validationException,
    invalidLimitException,
    invalidNextTokenException,
    noAvailableConfigurationRecorderException,
  ],
  authorize: {
    level: 'List',
    actions: ['config:ListDiscoveredResources'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'config:ListDiscoveredResources', resource: '*' }],
  },
  async handle(context) {
    const { input, caller, run, ports, fail } = context
    const { resourceIds = [], resourceName = '', includeDeletedResources: deletedToo = false } = input
    const type = canonicalTypeName(input.resourceType)
    if (type === undefined)
      return fail(validationException, `${input.resourceType} is not the name of a resource type.`)
    if (resourceIds.length > maxIds) fail(validationException, `resourceIds can hold no more than ${maxIds} ids.`)
    if (resourceIds.length > 0 && resourceName !== '')
      fail(validationException, 'resourceIds and resourceName cannot be used together.')
    const query = { type, resourceIds, resourceName, deletedToo }
    const [sid, rid] = pagePosition(context, name, query) ?? []
    const after = sid === undefined || rid === undefined ? undefined : { sid, rid }
    const scope = await findScope(run, ports.index, caller.account, caller.region)
    if (!scope) return { resourceIdentifiers: [] }
    const size = input.limit || defaultPageSize
    const { resources, next } =
      resourceIds.length > 0
        ? await pageByArns(run, ports.index, { scope, arns: arnsOf(type, resourceIds, caller), query, after, size })
        : await pageByType(run, ports.index, { scope, query, after, size })
    return {
      nextToken: next && issueToken(context, name, query, [next.sid, next.rid]),
      resourceIdentifiers: resources.map((resource) => ({
        resourceType: resource.type,
        resourceId: resourceIdOf(resource, caller),
        resourceName: nameOf(resource),
        resourceDeletionTime: resource.state === 'gone' ? (resource.goneMs ?? undefined) : undefined,
      })),
    }
  },
})

interface Wanted {
  scope: Scope
  query: { type: string; resourceName: string; deletedToo: boolean }
  after: Position | undefined
  size: number
}

interface Found {
  resources: Resource[]
  next?: Position
}

async function pageByArns(
  run: Run,
  index: InventoryIndex,
  { scope, arns, query, after, size }: Wanted & { arns: readonly string[] },
): Promise<Found> {
  const beyond = after ? idAt(after.sid, after.rid) : -1
  const found = (await findByArns(run, index, scope.account, arns))
    .filter(({ id, type, state }) => sidOf(id) === scope.sid && type === query.type && isShown(state, query.deletedToo))
    .filter(({ id }) => id > beyond)
    .sort((one, other) => one.id - other.id)
  return cut({ resources: found }, size)
}

const isShown = (state: Resource['state'], deletedToo: boolean): boolean =>
  state === 'live' || (state === 'gone' && deletedToo)

async function pageByType(run: Run, index: InventoryIndex, { scope, query, after, size }: Wanted): Promise<Found> {
  const live: Expression = { has: liveEntry }
  const expression: Expression = {
    and: [
      query.deletedToo ? { or: [live, { has: { kind: termKinds.gone, key: '' } }] } : live,
      { has: { kind: termKinds.type, key: query.type } },
    ],
  }
  if (query.resourceName === '')
    return pageResources(run, index, { scopes: [scope], expression, limit: size, ...(after && { after }) })
  const resources: Resource[] = []
  let next = after
  for (let examined = 0; examined < maxExaminedRows && resources.length <= size; examined += defaultPageSize) {
    const page = await pageResources(run, index, {
      scopes: [scope],
      expression,
      limit: defaultPageSize,
      visible: (resource) => nameOf(resource) === query.resourceName,
      ...(next && { after: next }),
    })
    resources.push(...page.resources)
    next = page.next
    if (!next) break
  }
  return cut(next ? { resources, next } : { resources }, size)
}

/** What does not fit the page belongs to the next. */
function cut(found: Found, size: number): Found {
  const last = found.resources[size - 1]
  if (!last || found.resources.length <= size) return found
  return { resources: found.resources.slice(0, size), next: { sid: sidOf(last.id), rid: ridOf(last.id) } }
}
