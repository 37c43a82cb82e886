// Page tokens of list operations: bound to the operation, the caller, the Region and the query, so that a token is good
// for nothing but the next page of the walk it came from.
import { readPageToken, type TokenReading, writePageToken } from '../crypto/page-token.ts'
import type { Caller } from '../model/caller.ts'

export interface PagingContext {
  caller: Caller
  nowMs: number
  ports: { pageTokenKey: Buffer }
}

/** `query`: the request's members that must stay the same from page to page. */
export function issueToken(
  context: PagingContext,
  operation: string,
  query: unknown,
  position: readonly number[],
): string {
  return writePageToken(context.ports.pageTokenKey, binding(context, operation, query), position, context.nowMs)
}

export function readToken(context: PagingContext, operation: string, query: unknown, token: string): TokenReading {
  return readPageToken(context.ports.pageTokenKey, binding(context, operation, query), token, context.nowMs)
}

const binding = ({ caller }: PagingContext, operation: string, query: unknown): string =>
  JSON.stringify([operation, caller.arn, caller.region, query])
