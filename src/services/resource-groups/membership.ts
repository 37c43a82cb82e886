// Which resources belong to a group, as an expression over the inventory: what a query or a configuration comes to. Asks
// only what has to be known of a stack; finding the resources is the query engine's work.
import type { Expression } from '../../inventory/expression.ts'
import { queryPage } from '../../inventory/query.ts'
import { findScope, type Scope } from '../../inventory/scope.ts'
import { findStackByArn } from '../../inventory/stacks.ts'
import { type InventoryIndex, termKinds } from '../../inventory/terms.ts'
import { globalRegion, partitionOf } from '../../model/arn.ts'
import type { Run } from '../../storage/database.ts'
import type { Group } from './group-store.ts'
import { isApplicationGroup } from './rules/configuration.ts'
import { applicationTagKey } from './rules/grouping.ts'
import {
  parseResourceQuery,
  type ResourceQuery,
  type StackProblem,
  stackProblem,
  type TagQuery,
} from './rules/resource-query.ts'

export interface Membership {
  /** Where the members are. */
  scopes: Scope[]
  expression: Expression
  /** Why the query finds nothing, as QueryErrors tells it. */
  queryErrors: { ErrorCode: StackProblem['errorCode']; Message: string }[]
}

const nothing: Expression = { or: [] }

/** `types`: canonical names to which the members are limited; empty = all. */
export async function membershipOf(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  group: Group,
  types: readonly string[] = [],
): Promise<Membership> {
  if (group.query) {
    const parsed = parseResourceQuery(group.query)
    if ('message' in parsed) throw new Error(`group ${group.id} has a query that cannot be read`)
    return queryMembership(run, index, scope, parsed.query, types)
  }
  const byHand = manualMembers(group.id)
  const members: Expression =
    group.configuration && isApplicationGroup(group.configuration)
      ? { or: [{ is: { key: applicationTagKey, value: group.arn } }, byHand] }
      : byHand
  return { scopes: [scope], expression: limited(members, types), queryErrors: [] }
}

export async function queryMembership(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  query: ResourceQuery,
  types: readonly string[] = [],
): Promise<Membership> {
  if (query.kind === 'tag')
    return { scopes: [scope], expression: limited(tagQueryExpression(query), types), queryErrors: [] }
  const stack = await findStackByArn(run, index, scope, query.stackIdentifier)
  const problem = stackProblem(stack?.status)
  if (problem) {
    const queryErrors = [{ ErrorCode: problem.errorCode, Message: problem.message }]
    return { scopes: [], expression: nothing, queryErrors }
  }
  // A stack's global resources (IAM roles above all) are the stack's, wherever they are kept.
  const elsewhere = await findScope(run, index, scope.account, globalRegion(partitionOf(scope.region)))
  const scopes = elsewhere && elsewhere.sid !== scope.sid ? [scope, elsewhere] : [scope]
  const members: Expression = { has: { kind: termKinds.stack, key: query.stackIdentifier } }
  return { scopes, expression: limited(limited(members, query.types), types), queryErrors: [] }
}

export const tagQueryExpression = ({ filters, types }: TagQuery): Expression => limited(tagExpression(filters), types)

/** What was put into the group by hand, and what is still on its way into an application. */
export const manualMembers = (groupId: number): Expression => ({ has: { kind: termKinds.group, key: String(groupId) } })

/** Every filter must hold; of a filter's values one; without values the key is enough. */
export function tagExpression(filters: readonly { key: string; values: readonly string[] }[]): Expression {
  return {
    and: filters.map(({ key, values }) =>
      values.length === 0
        ? { has: { kind: termKinds.tag, key } }
        : { or: values.map((value) => ({ is: { key, value } })) },
    ),
  }
}

function limited(expression: Expression, types: readonly string[]): Expression {
  return types.length === 0 ? expression : { and: [expression, ofTypes(types)] }
}

export const ofTypes = (types: readonly string[]): Expression => ({
  or: types.map((type) => ({ has: { kind: termKinds.type, key: type } })),
})

export async function hasMembers(run: Run, index: InventoryIndex, scope: Scope, group: Group): Promise<boolean> {
  return isAnythingFound(run, index, scope, (await membershipOf(run, index, scope, group)).expression)
}

export async function isAnythingFound(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  expression: Expression,
): Promise<boolean> {
  let page = await queryPage(run, index, { scopes: [scope], expression, limit: 1 })
  while (page.ids.length === 0 && page.next)
    page = await queryPage(run, index, { scopes: [scope], expression, limit: 1, after: page.next })
  return page.ids.length > 0
}
