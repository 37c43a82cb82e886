// What is asked of the inventory, and the answer for one resource from its own entries. Pure; the same question put to
// the whole index is query.ts's.
import { type Entry, liveEntry, type TermKind, termKinds } from './terms.ts'

/**
 * `not` is what is live and does not match; `and` of nothing is every live resource, `or` of nothing is none. So only a
 * plain `has` or `is` can find what is not live.
 */
export type Expression =
  | { and: readonly Expression[] }
  | { or: readonly Expression[] }
  | { not: Expression }
  | { has: { kind: TermKind; key: string } }
  | { is: { key: string; value: string } }

// Above what AWS's own limits let through (50 filters of 20 values and 100 types), so only a bug ever meets them.
const maxLeaves = 4096
const maxDepth = 32

/** How many postings one chunk can cost. Throws RangeError on an expression that no caller should have let through. */
export function countLeaves(expression: Expression, depth = 0): number {
  if (depth > maxDepth) throw new RangeError(`an expression is at most ${maxDepth} deep`)
  let leaves = 1
  if ('not' in expression) leaves += countLeaves(expression.not, depth + 1)
  for (const child of childrenOf(expression)) leaves += countLeaves(child, depth + 1)
  if (leaves > maxLeaves) throw new RangeError(`an expression has at most ${maxLeaves} parts`)
  return leaves
}

const childrenOf = (expression: Expression): readonly Expression[] =>
  'and' in expression ? expression.and : 'or' in expression ? expression.or : []

/** Whether a resource with these entries is found by the expression. */
export function matches(expression: Expression, entries: readonly Entry[]): boolean {
  if ('and' in expression)
    return expression.and.length === 0 ? isLive(entries) : expression.and.every((child) => matches(child, entries))
  if ('or' in expression) return expression.or.some((child) => matches(child, entries))
  if ('not' in expression) return isLive(entries) && !matches(expression.not, entries)
  if ('has' in expression) {
    const { kind, key } = expression.has
    return entries.some((entry) => entry.kind === kind && entry.key === key)
  }
  const { key, value } = expression.is
  return entries.some((entry) => entry.kind === termKinds.tag && entry.key === key && entry.value === value)
}

const isLive = (entries: readonly Entry[]): boolean => entries.some(({ kind }) => kind === liveEntry.kind)
