// What tag-sync tasks make of one resource, from what it is now: which application it belongs to. So the tasks cannot
// fight, and looking twice does no harm. Knows no database and no clock.
import { type Expression, matches } from '../../../inventory/expression.ts'
import type { Entry } from '../../../inventory/terms.ts'

export interface SyncRule {
  id: number
  groupArn: string
  expression: Expression
}

export interface SyncVerdict {
  /** ARN of the application whose tag the resource shall have; undefined: none. */
  application: string | undefined
  /** The task that wants it so; undefined if all is as it shall be. */
  by: number | undefined
}

/**
 * @param rules in order: of several applications that want a resource the first gets it
 * @param application the resource's tag now. A resource of one application is never taken from it by another.
 * @param left tasks for which the resource was a match, by some change, and may not be any more
 */
export function syncVerdict(
  rules: readonly SyncRule[],
  application: string | undefined,
  entries: readonly Entry[],
  left: ReadonlySet<number>,
): SyncVerdict {
  const matching = rules.filter(({ expression }) => matches(expression, entries))
  if (matching.some(({ groupArn }) => groupArn === application)) return { application, by: undefined }
  const leaving = rules.find(({ id, groupArn }) => groupArn === application && left.has(id))
  if (application !== undefined && !leaving) return { application, by: undefined }
  const [first] = matching
  return { application: first?.groupArn, by: first?.id ?? leaving?.id }
}

/** A task keeps no more than so many. */
export const maxProblems = 100

export interface Problems {
  problems: Readonly<Record<string, string>>
  moreProblems: boolean
}

/** After a resource was looked at: its problem, or undefined if it has none. */
export function withProblem(before: Problems, resourceId: number, problem: string | undefined): Problems {
  const { [String(resourceId)]: old, ...others } = before.problems
  if (problem === undefined) return old === undefined ? before : { ...before, problems: others }
  if (old === undefined && Object.keys(others).length >= maxProblems) return { ...before, moreProblems: true }
  return { ...before, problems: { ...before.problems, [resourceId]: problem } }
}
