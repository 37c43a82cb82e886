// GroupResources and UngroupResources, which differ in the direction only: what can be told at once is, ARN by ARN; an
// application's tag is left to its task. Groups whose members are found by a query take none.
import type { ChangeRun } from '../../changes/change-log.ts'
import { normalizeArn, typeOfArn } from '../../catalogue/catalogue.ts'
import { findByArns, type Resource, type TagChange, writeResources } from '../../inventory/resources.ts'
import { type Scope, sidOf } from '../../inventory/scope.ts'
import { parseArn } from '../../model/arn.ts'
import type { Check, Decision } from '../operation.ts'
import { mayChangeTags } from '../tag-authorization.ts'
import type { Group } from './group-store.ts'
import { putGrouping } from './grouping.ts'
import { without } from './grouping-task.ts'
import type { ResourceGroupsPorts } from './ports.ts'
import { acceptsMember, isApplicationGroup, type GroupConfiguration } from './rules/configuration.ts'
import {
  applicationTagKey,
  type GroupingAction,
  type GroupingFailure,
  groupingVerdict,
  notFound,
} from './rules/grouping.ts'
import { enqueueTask } from './task-queue.ts'

interface MembershipContext {
  run: ChangeRun
  ports: ResourceGroupsPorts
  may: (check: Check) => Decision
}

export interface MembershipAnswer {
  Succeeded: string[]
  Failed: { ResourceArn: string; ErrorCode: string; ErrorMessage: string }[]
  Pending: { ResourceArn: string }[]
}

/** Undefined if the group takes no members by hand. An ARN that is given twice is answered once. */
export async function changeMembership(
  context: MembershipContext,
  action: GroupingAction,
  scope: Scope,
  group: Group,
  arns: readonly string[],
): Promise<MembershipAnswer | undefined> {
  const configuration = group.proposedConfiguration ?? group.configuration
  if (group.query || !configuration) return undefined
  const { run, ports, may } = context
  const given = new Map(arns.map((arn) => [normalizeArn(arn), arn]))
  const found = new Map<string, Resource>()
  for (const resource of await findByArns(run, ports.index, scope.account, [...given.keys()]))
    if (sidOf(resource.id) === scope.sid && resource.state === 'live') found.set(resource.arn, resource)

  const isApplication = isApplicationGroup(configuration)
  const answer: MembershipAnswer = { Succeeded: [], Failed: [], Pending: [] }
  const accepted: Resource[] = []
  for (const [arn, ResourceArn] of given) {
    const resource = found.get(arn)
    const failure = isApplication
      ? applicationFailure(action, group, resource, may)
      : configurationFailure(configuration, arn, resource)
    if (failure) answer.Failed.push({ ResourceArn, ErrorCode: failure.code, ErrorMessage: failure.message })
    else if (resource) {
      accepted.push(resource)
      if (isApplication) answer.Pending.push({ ResourceArn })
      else answer.Succeeded.push(ResourceArn)
    }
  }
  if (accepted.length === 0) return answer
  // Who is on the way out of an application is listed until the tag is off, by that tag.
  if (action === 'GROUP' || !isApplication) await markMembers(context, action, scope, group, accepted)
  if (isApplication) await leaveToTask(context, action, scope, group, accepted)
  return answer
}

async function markMembers(
  { run, ports }: MembershipContext,
  action: GroupingAction,
  scope: Scope,
  group: Group,
  resources: readonly Resource[],
): Promise<void> {
  const writes = resources.map((resource) => {
    const others = without(resource, group.id)
    const groups = action === 'GROUP' ? [...others, group.id] : others
    return { scope, before: resource, after: { ...resource, groups } }
  })
  await writeResources(run, ports.index, writes, () => undefined)
}

async function leaveToTask(
  { run, ports }: MembershipContext,
  action: GroupingAction,
  scope: Scope,
  group: Group,
  resources: readonly Resource[],
): Promise<void> {
  const { codec } = ports.index
  for (const { id, arn } of resources)
    await putGrouping(run, codec, scope.account, group.id, {
      resourceId: id,
      resourceArn: arn,
      action,
      status: 'IN_PROGRESS',
      updatedMs: run.origin.nowMs,
    })
  await enqueueTask(run, codec, { account: scope.account, kind: 'grouping', objectId: group.id, content: {} })
  ports.wakeTasks()
}

function configurationFailure(
  configuration: GroupConfiguration,
  arn: string,
  resource: Resource | undefined,
): GroupingFailure | undefined {
  const parsed = parseArn(arn)
  const type = resource?.type ?? (parsed && typeOfArn(parsed))
  if (type === undefined || !acceptsMember(configuration, type))
    return {
      code: 'ResourceArnValidationException',
      message: `The group does not take resources of the type ${type ?? 'of this ARN'}.`,
    }
  return resource ? undefined : notFound
}

/** What can be foreseen of the task's work, and whether the caller may have it done. */
function applicationFailure(
  action: GroupingAction,
  group: Group,
  resource: Resource | undefined,
  may: (check: Check) => Decision,
): GroupingFailure | undefined {
  const verdict = groupingVerdict(action, resource, group.arn)
  if ('failure' in verdict) return verdict.failure
  if (!resource || 'skipped' in verdict) return undefined
  const change: TagChange =
    action === 'GROUP'
      ? { resource, set: { [applicationTagKey]: group.arn }, removed: [] }
      : { resource, set: {}, removed: [applicationTagKey] }
  const denied = mayChangeTags(may)(change)
  return denied === undefined ? undefined : { code: 'AccessDeniedException', message: denied }
}
