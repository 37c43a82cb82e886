// Finds the tag-sync task that a call is about, with the group that authorization is asked about.
import type { Caller } from '../../model/caller.ts'
import type { Run } from '../../storage/database.ts'
import { type GroupTarget, loadGroup } from './group-target.ts'
import type { ResourceGroupsPorts } from './ports.ts'
import { applicationGroupArn, parseTagSyncTaskArn } from './rules/group-name.ts'
import { findTagSyncTask, type TagSyncTask } from './tag-sync-store.ts'

export interface TagSyncTarget {
  group: GroupTarget
  /** Undefined if there is no such task for this caller. */
  task: TagSyncTask | undefined
}

export async function loadTagSyncTask(
  context: { caller: Caller; run: Run; ports: ResourceGroupsPorts },
  arn: string,
): Promise<TagSyncTarget> {
  const parsed = parseTagSyncTaskArn(arn)
  const groupArn = parsed && applicationGroupArn(parsed.place, parsed.name, parsed.applicationId)
  const group = await loadGroup(context, groupArn)
  const { run, ports } = context
  const task = group.found && group.scope ? await findTagSyncTask(run, ports.index.codec, group.scope, arn) : undefined
  return { group, task }
}
