// How groups and members look in answers.
import type { Position } from '../../inventory/query.ts'
import type { Resource } from '../../inventory/resources.ts'
import { type PagingContext, readToken } from '../paging.ts'
import type { Group } from './group-store.ts'
import { applicationTagKey } from './rules/grouping.ts'

/** `Group`; members that are not set are left out, as AWS does. */
export function groupAnswer(group: Group) {
  return {
    GroupArn: group.arn,
    Name: group.name,
    Description: group.description,
    Criticality: group.criticality,
    Owner: group.owner,
    DisplayName: group.displayName,
    ApplicationTag: group.applicationId === undefined ? undefined : { [applicationTagKey]: group.arn },
  }
}

export function identifierAnswer(resource: Pick<Resource, 'arn' | 'type'>) {
  return { ResourceArn: resource.arn, ResourceType: resource.type }
}

/** AWS does not say how many it gives when nothing is asked; this is the most that can be asked for. */
export const defaultPageSize = 50

export const tokenMessage = (problem: 'invalid' | 'expired'): string =>
  problem === 'expired' ? 'The NextToken has expired' : 'The NextToken is not valid'

/** Where a walk over resources goes on: undefined at its start, a sentence if the token will not do. */
export function readPosition(
  context: PagingContext,
  operation: string,
  query: unknown,
  token: string | undefined,
): Position | string | undefined {
  if (token === undefined || token === '') return undefined
  const read = readToken(context, operation, query, token)
  if ('problem' in read) return tokenMessage(read.problem)
  const [sid = 0, rid = 0] = read.position
  return { sid, rid }
}
