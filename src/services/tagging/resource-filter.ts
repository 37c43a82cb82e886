// What GetResources asks of the inventory, from its filters. Pure. Which values each resource answers to is the
// catalogue's business; a well-formed type that nothing has finds nothing, as on AWS.
import type { Expression } from '../../inventory/expression.ts'
import { termKinds } from '../../inventory/terms.ts'

interface TagFilter {
  Key?: string | undefined
  Values?: readonly string[] | undefined
}

/** AWS's documentation; the model has no limit. */
const maxTypeFilters = 100
// `ec2`, `ec2:instance`, `elasticloadbalancing:loadbalancer/app`: service and type as they stand in an ARN.
const typeFilter = /^[a-z0-9][a-z0-9.-]{0,62}(?::[\x21-\x7e]{1,192})?$/

/** Tag filters must all hold, one value of each; of the types, one. A problem is a sentence for the caller. */
export function resourceFilter(
  tagFilters: readonly TagFilter[],
  typeFilters: readonly string[],
): { expression: Expression } | { problem: string } {
  if (typeFilters.length > maxTypeFilters)
    return { problem: `ResourceTypeFilters can hold no more than ${maxTypeFilters} types.` }
  if (!typeFilters.every((filter) => typeFilter.test(filter)))
    return { problem: 'A value of ResourceTypeFilters must have the form service or service:resourceType.' }
  const keys = new Set<string>()
  const all: Expression[] = []
  for (const { Key: key, Values: values = [] } of tagFilters) {
    if (key === undefined) return { problem: 'Each of the TagFilters must have a Key.' }
    if (keys.has(key)) return { problem: 'A key can occur in only one of the TagFilters.' }
    keys.add(key)
    all.push(
      values.length === 0
        ? { has: { kind: termKinds.tag, key } }
        : { or: values.map((value) => ({ is: { key, value } })) },
    )
  }
  // Whatever has a tag is among those that ever had one.
  if (all.length === 0) all.push({ has: { kind: termKinds.tagged, key: '' } })
  if (typeFilters.length > 0) all.push({ or: typeFilters.map((key) => ({ has: { kind: termKinds.filter, key } })) })
  return { expression: { and: all } }
}
