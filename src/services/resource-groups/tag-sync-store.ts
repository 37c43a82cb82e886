// Tag-sync tasks: which resources shall belong to an application, how far the task has looked, and what it could not do.
// First it sweeps over what is there (`sweepAfter`), then it follows the account's change log (`followedSeq`). Progress is
// no change of the task and is not logged; its state is.
import type { ChangeRun } from '../../changes/change-log.ts'
import type { ContentCodec } from '../../crypto/content-codec.ts'
import type { Expression } from '../../inventory/expression.ts'
import type { Scope } from '../../inventory/scope.ts'
import type { Run, WriteRun } from '../../storage/database.ts'
import type { QueryText } from './group-store.ts'
import { tagQueryExpression } from './membership.ts'
import { parseResourceQuery } from './rules/resource-query.ts'
import { newRowId } from './row-id.ts'

/** One of the two. */
export type SyncedTag = { tagKey: string; tagValue: string } | { query: QueryText }

/** Kept as one content blob. */
export interface TagSyncContent {
  arn: string
  groupArn: string
  groupName: string
  roleArn: string
  synced: SyncedTag
  /** By resource id: why it could not be brought in or out. Told as the task's error while there is any. */
  problems: Readonly<Record<string, string>>
  /** There are more than are kept: once those are solved the task looks at everything again. */
  moreProblems: boolean
}

export interface TagSyncTask extends TagSyncContent {
  id: number
  account: string
  sid: number
  groupId: number
  createdMs: number
  version: number
  /** Matching resources up to this rid have been looked at; -1 = none yet, null = all. */
  sweepAfter: number | null
  /** Changes of the account up to this one have been looked at. */
  followedSeq: number
}

interface TagSyncRow {
  id: number
  account: string
  sid: number
  group_id: number
  created_ms: number
  version: number
  sweep_after: number | null
  followed_seq: number
  content: Uint8Array
  key_id: number
}

const selectSql =
  'select id, account, sid, group_id, created_ms, version, sweep_after, followed_seq, content, key_id from tag_sync_task'

export const statusOf = ({ problems }: TagSyncContent): 'ACTIVE' | 'ERROR' =>
  Object.keys(problems).length > 0 ? 'ERROR' : 'ACTIVE'

/** As an expression over the inventory. */
export function syncedExpression({ synced }: Pick<TagSyncContent, 'synced'>): Expression {
  if ('tagKey' in synced) return { is: { key: synced.tagKey, value: synced.tagValue } }
  const parsed = parseResourceQuery(synced.query)
  if (!('query' in parsed) || parsed.query.kind !== 'tag') throw new Error('a tag-sync task has no tag query')
  return tagQueryExpression(parsed.query)
}

export async function createTagSyncTask(
  run: ChangeRun,
  codec: ContentCodec,
  scope: Scope,
  groupId: number,
  content: TagSyncContent,
): Promise<TagSyncTask> {
  const account = await run.get<{ change_seq: number }>('select change_seq from account where id = ?', scope.account)
  const task: TagSyncTask = {
    ...content,
    id: await newRowId(run, 'tag_sync_task'),
    account: scope.account,
    sid: scope.sid,
    groupId,
    createdMs: run.origin.nowMs,
    version: 1,
    sweepAfter: -1,
    followedSeq: account?.change_seq ?? 0,
  }
  const { bytes, keyId } = codec.seal(scope.account, taskText(task))
  await run.run(
    `insert into tag_sync_task (id, account, sid, group_id, task_lookup, status, sweep_after, followed_seq, version,
       created_ms, content, key_id) values (?, ?, ?, ?, ?, 'ACTIVE', -1, ?, 1, ?, ?, ?)`,
    task.id,
    scope.account,
    scope.sid,
    groupId,
    codec.lookup(scope.account, task.arn),
    task.followedSeq,
    task.createdMs,
    bytes,
    keyId,
  )
  run.record({ kind: 'tag-sync-task', objectId: task.id, version: 1, before: null, after: taskText(task) })
  return task
}

/** The task as it is after the change; the same one if nothing changed. */
export async function updateTagSyncTask(
  run: ChangeRun,
  codec: ContentCodec,
  task: TagSyncTask,
  change: Pick<TagSyncContent, 'problems' | 'moreProblems'>,
): Promise<TagSyncTask> {
  const before = taskText(task)
  const next: TagSyncTask = { ...task, ...change, version: task.version + 1 }
  const after = taskText(next)
  if (after === before) return task
  const { bytes, keyId } = codec.seal(task.account, after)
  await run.run(
    'update tag_sync_task set status = ?, version = ?, content = ?, key_id = ? where id = ?',
    statusOf(next),
    next.version,
    bytes,
    keyId,
    task.id,
  )
  run.record({ kind: 'tag-sync-task', objectId: task.id, version: next.version, before, after })
  return next
}

export async function noteSwept(run: WriteRun, task: TagSyncTask, sweepAfter: number | null): Promise<void> {
  await run.run('update tag_sync_task set sweep_after = ? where id = ?', sweepAfter, task.id)
}

export async function noteFollowed(run: WriteRun, task: TagSyncTask, followedSeq: number): Promise<void> {
  await run.run('update tag_sync_task set followed_seq = ? where id = ?', followedSeq, task.id)
}

/** What it brought in stays where it is. */
export async function deleteTagSyncTask(run: ChangeRun, task: TagSyncTask): Promise<void> {
  await run.run('delete from tag_sync_task where id = ?', task.id)
  const version = task.version + 1
  run.record({ kind: 'tag-sync-task', objectId: task.id, version, before: taskText(task), after: null })
}

export async function findTagSyncTask(
  run: Run,
  codec: ContentCodec,
  scope: Scope,
  arn: string,
): Promise<TagSyncTask | undefined> {
  const lookup = codec.lookup(scope.account, arn)
  const row = await run.get<TagSyncRow>(`${selectSql} where sid = ? and task_lookup = ?`, scope.sid, lookup)
  return row && readTask(codec, row)
}

export async function findTagSyncTaskById(run: Run, codec: ContentCodec, id: number): Promise<TagSyncTask | undefined> {
  const row = await run.get<TagSyncRow>(`${selectSql} where id = ?`, id)
  return row && readTask(codec, row)
}

/** A group has no more tasks than a Region may have. */
export async function tagSyncTasksOfGroup(run: Run, codec: ContentCodec, groupId: number): Promise<TagSyncTask[]> {
  const rows = await run.all<TagSyncRow>(`${selectSql} where group_id = ? order by id`, groupId)
  return rows.map((row) => readTask(codec, row))
}

/** In order of creation. */
export async function tagSyncTasksOfScope(run: Run, codec: ContentCodec, sid: number): Promise<TagSyncTask[]> {
  const rows = await run.all<TagSyncRow>(`${selectSql} where sid = ? order by id`, sid)
  return rows.map((row) => readTask(codec, row))
}

function readTask(codec: ContentCodec, row: TagSyncRow): TagSyncTask {
  const { id, account, sid, content, key_id: keyId } = row
  return {
    ...(JSON.parse(codec.open(account, { bytes: content, keyId })) as TagSyncContent),
    id,
    account,
    sid,
    groupId: row.group_id,
    createdMs: row.created_ms,
    version: row.version,
    sweepAfter: row.sweep_after,
    followedSeq: row.followed_seq,
  }
}

/** Content members alone, in one order: equal states are equal texts. */
function taskText(task: TagSyncContent): string {
  const { arn, groupArn, groupName, roleArn, synced, problems, moreProblems } = task
  return JSON.stringify({ arn, groupArn, groupName, roleArn, synced, problems, moreProblems })
}
