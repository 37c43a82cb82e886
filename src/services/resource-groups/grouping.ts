// Members that were put into a group by hand, and those on their way in or out. Of each group and resource the last
// action is kept, as ListGroupingStatuses tells it. What the way consists of is the grouping task's business.
import type { ChangeRun } from '../../changes/change-log.ts'
import type { ContentCodec } from '../../crypto/content-codec.ts'
import type { Resource } from '../../inventory/resources.ts'
import type { Scope } from '../../inventory/scope.ts'
import { inSizes, largestSize, padTo, paddedSize } from '../../inventory/statement-sizes.ts'
import type { Run, WriteRun } from '../../storage/database.ts'
import type { Group } from './group-store.ts'
import type { ResourceGroupsPorts } from './ports.ts'
import type { ReleaseContent } from './release-task.ts'
import { isApplicationGroup } from './rules/configuration.ts'
import type { GroupingAction, GroupingFailure } from './rules/grouping.ts'
import { enqueueTask } from './task-queue.ts'
import { deleteTagSyncTask, tagSyncTasksOfGroup } from './tag-sync-store.ts'

export type GroupingStatus = 'IN_PROGRESS' | 'SUCCESS' | 'FAILED' | 'SKIPPED'

export interface Grouping {
  resourceId: number
  resourceArn: string
  action: GroupingAction
  status: GroupingStatus
  failure?: GroupingFailure
  updatedMs: number
}

/** For how long is told how an action ended. AWS does not say how long it remembers. */
const settledLifeMs = 7 * 24 * 3_600_000

interface GroupingRow {
  resource_id: number
  action: GroupingAction
  status: GroupingStatus
  updated_ms: number
  content: Uint8Array
  key_id: number
}

const columns = 'resource_id, action, status, updated_ms, content, key_id'

const putSql = `insert into grouping (group_id, resource_id, action, status, updated_ms, content, key_id)
  values (?, ?, ?, ?, ?, ?, ?)
  on conflict (group_id, resource_id) do update set action = excluded.action, status = excluded.status,
    updated_ms = excluded.updated_ms, content = excluded.content, key_id = excluded.key_id`

/** Takes the place of what was known of the resource in that group. */
export async function putGrouping(
  run: WriteRun,
  codec: ContentCodec,
  account: string,
  groupId: number,
  grouping: Grouping,
): Promise<void> {
  const { resourceId, resourceArn, action, status, failure, updatedMs } = grouping
  const { bytes, keyId } = codec.seal(account, JSON.stringify({ resourceArn, failure }))
  await run.run(putSql, groupId, resourceId, action, status, updatedMs, bytes, keyId)
}

/** What a group's task has to do, the first of it. */
export async function groupingsInProgress(
  run: Run,
  codec: ContentCodec,
  account: string,
  groupId: number,
  limit: number,
): Promise<Grouping[]> {
  const rows = await run.all<GroupingRow>(
    `select ${columns} from grouping where status = 'IN_PROGRESS' and group_id = ? order by resource_id limit ?`,
    groupId,
    limit,
  )
  return rows.map((row) => readGrouping(codec, account, row))
}

const pageSql = `select ${columns} from grouping
  where group_id = ? and resource_id > ? and (status = 'IN_PROGRESS' or updated_ms >= ?) order by resource_id limit ?`

/** In order of resource id; what ended too long ago is left out. */
export async function pageGroupings(
  run: Run,
  codec: ContentCodec,
  account: string,
  groupId: number,
  options: { afterId: number; nowMs: number; limit: number },
): Promise<Grouping[]> {
  const { afterId, nowMs, limit } = options
  const rows = await run.all<GroupingRow>(pageSql, groupId, afterId, nowMs - settledLifeMs, limit)
  return rows.map((row) => readGrouping(codec, account, row))
}

/** Forgets what ended too long ago. */
export async function forgetGroupings(run: WriteRun, groupId: number, nowMs: number): Promise<void> {
  await run.run(
    "delete from grouping where group_id = ? and status <> 'IN_PROGRESS' and updated_ms < ?",
    groupId,
    nowMs - settledLifeMs,
  )
}

const dropSql = `delete from grouping where group_id = ? and resource_id in
  (select resource_id from grouping where group_id = ? order by resource_id limit ?)`

/** Of a group that is gone; false when there are none left. */
export async function dropGroupings(run: WriteRun, groupId: number, limit: number): Promise<boolean> {
  return (await run.run(dropSql, groupId, groupId, limit)) === limit
}

const pendingSql = inSizes(
  '?',
  (rows) =>
    `select resource_id from grouping where group_id = ? and status = 'IN_PROGRESS' and resource_id in (${rows})`,
)

/** Ids of those of the resources whose coming or going is not finished. */
export async function pendingMembers(run: Run, groupId: number, resources: readonly Resource[]): Promise<Set<number>> {
  const pending = new Set<number>()
  for (let from = 0; from < resources.length; from += largestSize) {
    const ids = resources.slice(from, from + largestSize).map(({ id }) => id)
    const size = paddedSize(ids.length)
    const rows = await run.all<{ resource_id: number }>(pendingSql[size], groupId, ...padTo(ids, size))
    for (const row of rows) pending.add(row.resource_id)
  }
  return pending
}

/** Before a group is deleted: nothing may go on saying that it has members. Those it has are released step by step. */
export async function releaseMembers(
  run: ChangeRun,
  ports: ResourceGroupsPorts,
  scope: Scope,
  group: Group,
): Promise<void> {
  if (group.query) return
  for (const task of await tagSyncTasksOfGroup(run, ports.index.codec, group.id)) await deleteTagSyncTask(run, task)
  const isApplication = group.configuration !== undefined && isApplicationGroup(group.configuration)
  const content: ReleaseContent = { sid: scope.sid, arn: group.arn, isApplication, afterRid: -1 }
  await enqueueTask(run, ports.index.codec, { account: scope.account, kind: 'release', objectId: group.id, content })
  ports.wakeTasks()
}

function readGrouping(codec: ContentCodec, account: string, row: GroupingRow): Grouping {
  const content = JSON.parse(codec.open(account, { bytes: row.content, keyId: row.key_id })) as Pick<
    Grouping,
    'resourceArn' | 'failure'
  >
  return {
    resourceId: row.resource_id,
    action: row.action,
    status: row.status,
    updatedMs: row.updated_ms,
    ...content,
  }
}
