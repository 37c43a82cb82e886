// The durable queue of what a call leaves to be done after its answer: a row written in the call's own transaction, and
// deleted in that of the last step. An object has at most one task of a kind, which does whatever there is to do by
// then. Does not know what the tasks do, nor when they run.
import type { ContentCodec } from '../../crypto/content-codec.ts'
import type { Run, WriteRun } from '../../storage/database.ts'
import { newRowId } from './row-id.ts'

export type TaskKind = 'configuration' | 'grouping' | 'release' | 'account-settings'

export interface Task {
  id: number
  account: string
  kind: TaskKind
  objectId: number
  /** What the step needs to know, and how far it has come; of a shape that only the kind's step knows. */
  content: unknown
}

const insertSql = `insert into task (id, account, kind, object_id, content, key_id) values (?, ?, ?, ?, ?, ?)
  on conflict (account, kind, object_id) do nothing`

/** Does nothing if the object has such a task already. */
export async function enqueueTask(run: WriteRun, codec: ContentCodec, task: Omit<Task, 'id'>): Promise<void> {
  const { account, kind, objectId } = task
  const { bytes, keyId } = codec.seal(account, JSON.stringify(task.content))
  await run.run(insertSql, await newRowId(run, 'task'), account, kind, objectId, bytes, keyId)
}

/** The first task after the one of that id. */
export async function taskAfter(run: Run, codec: ContentCodec, id: number): Promise<Task | undefined> {
  const row = await run.get<{
    id: number
    account: string
    kind: TaskKind
    object_id: number
    content: Uint8Array
    key_id: number
  }>('select id, account, kind, object_id, content, key_id from task where id > ? order by id limit 1', id)
  if (!row) return undefined
  const { account, kind, content, key_id: keyId } = row
  return {
    id: row.id,
    account,
    kind,
    objectId: row.object_id,
    content: JSON.parse(codec.open(account, { bytes: content, keyId })) as unknown,
  }
}

/** Notes how far the task has come. */
export async function advanceTask(run: WriteRun, codec: ContentCodec, task: Task, content: unknown): Promise<void> {
  const { bytes, keyId } = codec.seal(task.account, JSON.stringify(content))
  await run.run('update task set content = ?, key_id = ? where id = ?', bytes, keyId, task.id)
}

export async function finishTask(run: WriteRun, task: Task): Promise<void> {
  await run.run('delete from task where id = ?', task.id)
}
