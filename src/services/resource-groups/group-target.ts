// Finds the group that a call is about, by name or ARN, in `Group` or the deprecated `GroupName`, once for
// authorization and handler. What a caller may learn of a group that is not there is the same as of one that is
// somewhere else: nothing.
import { findScope, type Scope } from '../../inventory/scope.ts'
import type { Caller } from '../../model/caller.ts'
import type { Run } from '../../storage/database.ts'
import type { Check, ConditionContext } from '../operation.ts'
import { prefixed } from '../tag-authorization.ts'
import { badRequestException, notFoundException } from './faults.ts'
import { findGroup, type GroupWithTags } from './group-store.ts'
import type { ResourceGroupsPorts } from './ports.ts'
import { groupArn, parseGroupReference } from './rules/group-name.ts'

export interface GroupTarget {
  /** As the caller gave it; undefined if no group was named, or by two names at once. */
  reference: string | undefined
  /** The ARN that authorization is asked about: the group's own, or the one it would have. */
  arn: string
  scope: Scope | undefined
  /** Undefined if there is no such group for this caller. */
  found: GroupWithTags | undefined
}

interface LoadContext {
  caller: Caller
  run: Run
  ports: ResourceGroupsPorts
}

export async function loadGroup(
  { caller, run, ports }: LoadContext,
  reference: string | undefined,
): Promise<GroupTarget> {
  const parsed = reference === undefined ? undefined : parseGroupReference(reference)
  const place = { partition: caller.partition, region: caller.region, account: caller.account }
  const { name = '', applicationId } = parsed ?? {}
  const isHere =
    parsed?.place === undefined ||
    (parsed.place.account === place.account &&
      parsed.place.region === place.region &&
      parsed.place.partition === place.partition)
  const askedArn = groupArn(parsed?.place ?? place, applicationId === undefined ? name : `${name}/${applicationId}`)
  const scope = await findScope(run, ports.index, caller.account, caller.region)
  const candidate = parsed && isHere && scope ? await findGroup(run, ports.index, scope, name) : undefined
  // By its plain ARN an application group is not found: its ARN has the id.
  const isMeant =
    candidate &&
    (applicationId === undefined
      ? parsed?.place === undefined || candidate.group.applicationId === undefined
      : candidate.group.applicationId === applicationId)
  const found = isMeant ? candidate : undefined
  return { reference, arn: found?.group.arn ?? askedArn, scope, found }
}

/** `Group`, or the deprecated `GroupName`; undefined if both or neither are given. */
export function oneReference(input: {
  Group?: string | undefined
  GroupName?: string | undefined
}): string | undefined {
  if (input.Group !== undefined && input.GroupName !== undefined) return undefined
  return input.Group ?? input.GroupName
}

/** The check that nearly every operation on one group makes. `context`: what the request adds. */
export function groupCheck<const Action extends string>(
  action: Action,
  target: GroupTarget,
  context: () => ConditionContext = () => ({}),
): Check<Action>[] {
  const resourceTags = () => (target.found ? prefixed('aws:ResourceTag/', target.found.resource.tags) : {})
  return [{ action, resource: target.arn, context: () => ({ ...resourceTags(), ...context() }) }]
}

/** The group of the call, or the fault that says what is wrong with the reference to it. */
export function theGroup(
  target: GroupTarget,
  fail: (fault: typeof badRequestException | typeof notFoundException, message: string) => never,
): GroupWithTags & { scope: Scope } {
  if (target.reference === undefined)
    return fail(badRequestException, 'One of Group and GroupName is required, and not both')
  if (!target.found || !target.scope) return fail(notFoundException, `Cannot find group: ${target.reference}`)
  return { ...target.found, scope: target.scope }
}
