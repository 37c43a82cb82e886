// Page tokens as this API has them: `""` stands for none in both directions, and an expired one has a fault of its own.
import type { Caller } from '../../model/caller.ts'
import type { InventoryPorts } from '../inventory-ports.ts'
import { issueToken, readToken } from '../paging.ts'
import { invalidParameterException, paginationTokenExpiredException } from './faults.ts'

interface PagedContext {
  input: { PaginationToken?: string | undefined }
  caller: Caller
  nowMs: number
  ports: InventoryPorts
  fail: (fault: typeof invalidParameterException | typeof paginationTokenExpiredException, message: string) => never
}

/** Where the page begins; undefined at the first. Fails on a token that is not this query's. */
export function pagePosition(context: PagedContext, operation: string, query: unknown): number[] | undefined {
  const { PaginationToken: token = '' } = context.input
  if (token === '') return undefined
  const reading = readToken(context, operation, query, token)
  if ('position' in reading) return reading.position
  if (reading.problem === 'expired')
    return context.fail(paginationTokenExpiredException, 'The PaginationToken has expired; start again without one.')
  return context.fail(invalidParameterException, 'The PaginationToken is not one that this request was given.')
}

export const nextToken = (
  context: PagedContext,
  operation: string,
  query: unknown,
  position: readonly number[] | undefined,
): string => (position ? issueToken(context, operation, query, position) : '')
