// Page tokens as Config has them; an expired one has no fault of its own.
import type { Caller } from '../../model/caller.ts'
import type { InventoryPorts } from '../inventory-ports.ts'
import { readToken } from '../paging.ts'
import { invalidNextTokenException } from './faults.ts'

/** What 0 stands for, and no limit. */
export const defaultPageSize = 100

interface PagedContext {
  input: { nextToken?: string | undefined }
  caller: Caller
  nowMs: number
  ports: InventoryPorts
  fail: (fault: typeof invalidNextTokenException, message: string) => never
}

/** Where the page begins; undefined at the first. Fails on a token that is not this query's. */
export function pagePosition(context: PagedContext, operation: string, query: unknown): number[] | undefined {
  const { nextToken = '' } = context.input
  if (nextToken === '') return undefined
  const reading = readToken(context, operation, query, nextToken)
  if ('position' in reading) return reading.position
  return context.fail(
    invalidNextTokenException,
    reading.problem === 'expired'
      ? 'The nextToken has expired; start again without one.'
      : 'The nextToken is not one that this request was given.',
  )
}
