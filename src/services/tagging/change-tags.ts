// Changes the tags of several resources for TagResources and UntagResources, each on its own: what goes wrong with one
// is told in the answer's map and leaves the others alone.
import type { ChangeRun } from '../../changes/change-log.ts'
import { findByArns, type Resource, type Tags, writeResources } from '../../inventory/resources.ts'
import { findScope, sidOf } from '../../inventory/scope.ts'
import type { Caller } from '../../model/caller.ts'
import type { InventoryPorts } from '../inventory-ports.ts'
import type { Check, Decision } from '../operation.ts'
import { mayChangeTags } from '../tag-authorization.ts'
import { isPrintable, isReservedKey, maxUserTags, userTagCount } from '../tag-rules.ts'
import { invalidParameterException } from './faults.ts'
import { sentArns } from './sent-arns.ts'

interface ChangeContext {
  caller: Caller
  run: ChangeRun
  ports: InventoryPorts
  may: (check: Check) => Decision
  fail: (fault: typeof invalidParameterException, message: string) => never
}

interface Failure {
  ErrorCode: string
  ErrorMessage: string
  StatusCode: number
}

const invalid = (ErrorMessage: string): Failure => ({
  ErrorCode: invalidParameterException.name,
  ErrorMessage,
  StatusCode: invalidParameterException.status,
})

/** `change` gives a resource's tags as they shall be. The failures, by ARN as it was sent. */
export async function changeTags(
  { caller, run, ports, may, fail }: ChangeContext,
  arns: readonly string[],
  change: (tags: Tags) => Tags,
): Promise<Record<string, Failure>> {
  const sent = sentArns(arns, fail)
  const scope = await findScope(run, ports.index, caller.account, caller.region)
  const found = new Map<string, Resource>()
  if (scope)
    for (const resource of await findByArns(run, ports.index, caller.account, [...sent.keys()]))
      if (sidOf(resource.id) === scope.sid && resource.state === 'live') found.set(resource.arn, resource)

  const failures: Record<string, Failure> = {}
  const changed: { arn: string; before: Resource; tags: Tags }[] = []
  for (const [spelling, arn] of sent) {
    const before = found.get(spelling)
    const tags = before && change(before.tags)
    if (!before || !tags) failures[arn] = invalid('The resource does not exist in this account and Region.')
    else if (addsTooMany(before.tags, tags))
      failures[arn] = invalid(`A resource can have no more than ${maxUserTags} tags.`)
    else changed.push({ arn, before, tags })
  }
  if (!scope || changed.length === 0) return failures
  const writes = changed.map(({ before, tags }) => ({ scope, before, after: { ...before, tags } }))
  const outcomes = await writeResources(run, ports.index, writes, mayChangeTags(may))
  for (const [place, { arn }] of changed.entries()) {
    const outcome = outcomes[place]
    // The status is that of the common error, by which AWS's documentation describes the member.
    if (outcome && 'denied' in outcome)
      failures[arn] = { ErrorCode: 'AccessDeniedException', ErrorMessage: outcome.denied, StatusCode: 403 }
  }
  return failures
}

// Only what grows is refused: a resource that came with more must still be able to lose or change some.
function addsTooMany(before: Tags, after: Tags): boolean {
  const count = userTagCount(Object.keys(after))
  return count > maxUserTags && count > userTagCount(Object.keys(before))
}

/** Why these keys and values cannot be written by a caller, or undefined. */
export function writtenTagsProblem(keys: readonly string[], values: readonly string[]): string | undefined {
  if (keys.some(isReservedKey)) return 'Tag keys that begin with aws: are reserved for AWS.'
  if (![...keys, ...values].every(isPrintable)) return 'Tag keys and values cannot hold control characters.'
  return undefined
}
