// How many resources of each type the Region has, and in all; most numerous first, as AWS documents it. A type whose
// number changes while a caller walks the pages may come twice or not at all.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { canonicalTypeName } from '../../../catalogue/catalogue.ts'
import type { Expression } from '../../../inventory/expression.ts'
import { countMatches } from '../../../inventory/query.ts'
import { findScope, type Scope } from '../../../inventory/scope.ts'
import { type InventoryIndex, keysPage, liveEntry, termKinds } from '../../../inventory/terms.ts'
import { long, string, structure } from '../../../model/shape.ts'
import type { Run } from '../../../storage/database.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { operationsOf } from '../../operation.ts'
import { issueToken } from '../../paging.ts'
import { invalidLimitException, invalidNextTokenException, validationException } from '../faults.ts'
import { defaultPageSize, pagePosition } from '../page-position.ts'
import { limit, resourceCounts, resourceTypes } from '../shapes.ts'

const name = 'GetDiscoveredResourceCounts'
/** Types counted between two turns of the event loop. */
const sliceTypes = 100

export const getDiscoveredResourceCounts = operationsOf<InventoryPorts>().read({
  name,
  input: structure('GetDiscoveredResourceCountsRequest', {
    limit: limit,
    nextToken: string(),
    resourceTypes: resourceTypes,
  }),
  output: structure('GetDiscoveredResourceCountsResponse', {
    nextToken: string(),
    resourceCounts: resourceCounts,
    totalDiscoveredResources: long(),
  }),
  faults: [validationException, invalidLimitException, invalidNextTokenException],
  authorize: {
    level: 'Read',
    actions: ['config:GetDiscoveredResourceCounts'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'config:GetDiscoveredResourceCounts', resource: '*' }],
  },
  // Counting type by type takes as long as there are types and resources.
  long: true,
  async handle(context) {
    const { input, caller, run, ports } = context
    // Names of no type have no resources, as on AWS.
    const asked = input.resourceTypes?.flatMap((spelling) => canonicalTypeName(spelling) ?? [])
    const types = input.resourceTypes && input.resourceTypes.length > 0 ? [...new Set(asked)] : undefined
    const [count, order] = pagePosition(context, name, types ?? null) ?? []
    const scope = await findScope(run, ports.index, caller.account, caller.region)
    if (!scope) return { resourceCounts: [], totalDiscoveredResources: 0 }
    const size = input.limit || defaultPageSize
    const after = count === undefined || order === undefined ? undefined : { count, order }
    let page: TypeCount[] = []
    let total = 0
    for await (const slice of countedTypes(run, ports.index, scope, types)) {
      const wanted = slice.filter((one) => one.count > 0 && (!after || mostFirst(after, one) < 0))
      // One more than a page is all that is ever held, however many types there are.
      page = [...page, ...wanted].sort(mostFirst).slice(0, size + 1)
      for (const one of slice) total += one.count
    }
    const shown = page.slice(0, size)
    const last = shown.at(-1)
    return {
      nextToken:
        last && page.length > size ? issueToken(context, name, types ?? null, [last.count, last.order]) : undefined,
      resourceCounts: shown.map((one) => ({ resourceType: one.type, count: one.count })),
      totalDiscoveredResources: total,
    }
  },
})

interface TypeCount {
  type: string
  count: number
  /** Among types of the same number; does not change while a caller walks the pages. */
  order: number
}

const mostFirst = (one: Omit<TypeCount, 'type'>, other: Omit<TypeCount, 'type'>): number =>
  other.count - one.count || one.order - other.order

/** The live resources of these types, or of all, slice by slice. */
async function* countedTypes(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  types: readonly string[] | undefined,
): AsyncGenerator<TypeCount[]> {
  const count = (expression: Expression) => countMatches(run, index, { scopes: [scope], expression })
  const countOf = (type: string) => count({ and: [{ has: liveEntry }, { has: { kind: termKinds.type, key: type } }] })
  if (types) {
    const counted: TypeCount[] = []
    for (const [order, type] of types.entries()) counted.push({ type, order, count: await countOf(type) })
    yield counted
    return
  }
  // A type's own number is that of all its rows; where every row is live, nothing needs to be intersected.
  const notLive =
    (await count({ has: { kind: termKinds.gone, key: '' } })) +
    (await count({ has: { kind: termKinds.declared, key: '' } }))
  let afterKid: number | undefined = 0
  while (afterKid !== undefined) {
    const page: Awaited<ReturnType<typeof keysPage>> = await keysPage(run, index, {
      scope,
      kind: termKinds.type,
      afterKid,
      limit: sliceTypes,
    })
    const counted: TypeCount[] = []
    for (const { key, kid, n } of page.items)
      counted.push({ type: key, order: kid, count: notLive === 0 ? n : await countOf(key) })
    yield counted
    afterKid = page.next
    await nextTurn()
  }
}
