// The change log: one row for every change of a resource, group, stack, setting or identity, in the transaction that
// makes it. Lifecycle and tag-change events, tag-sync, history and the change feed derive from it, never from code in
// operations.
// INVARIANT: tracked tables are altered only through a ChangeRun, which writes the log before the call is released.
import type { ContentCodec } from '../crypto/content-codec.ts'
import type { Run, WriteRun } from '../storage/database.ts'

export type ChangeKind =
  'resource' | 'group' | 'stack' | 'tag-sync-task' | 'account-settings' | 'import-source' | 'account'

export interface Change {
  kind: ChangeKind
  objectId: number
  /** Grows by one with each change of the object. */
  version: number
  /** State before and after as the store keeps it, JSON; null = did not exist, or exists no more. */
  before: string | null
  after: string | null
}

export interface ChangeOrigin {
  account: string
  /** ARN of who caused the change, or the name of the server's own process. */
  principal: string
  requestId: string
  nowMs: number
}

/** The writer's run, with the duty to say what changed. */
export interface ChangeRun extends WriteRun {
  origin: ChangeOrigin
  record: (change: Change) => void
}

/** A change as it is read back; what `before` and `after` hold is known to the store of its kind. */
export interface LoggedChange extends StoredChange {
  kind: ChangeKind
  objectId: number
  version: number
  seq: number
  timeMs: number
  requestId: string
}

interface StoredChange {
  principal: string
  before: unknown
  after: unknown
}

/** Runs `work` and writes the changes it recorded, in order, with consecutive numbers. */
export async function withChanges<T>(
  run: WriteRun,
  codec: ContentCodec,
  origin: ChangeOrigin,
  work: (run: ChangeRun) => Promise<T>,
): Promise<T> {
  const changes: Change[] = []
  const value = await work({
    isCurrent: run.isCurrent,
    all: run.all,
    get: run.get,
    run: run.run,
    savepoint: run.savepoint,
    afterCommit: run.afterCommit,
    origin,
    record: (change) => void changes.push(change),
  })
  if (changes.length > 0) await append(run, codec, origin, changes)
  return value
}

const rowsPerStatement = 50
const rowSql = '(?, ?, ?, ?, ?, ?, ?, ?, ?)'
const insertSql = (rows: number) =>
  `insert into change (account, seq, time_ms, kind, object_id, version, request_id, content, key_id) values ${Array(rows).fill(rowSql).join(', ')}`
const insertOne = insertSql(1)
const insertMany = insertSql(rowsPerStatement)

async function append(
  run: WriteRun,
  codec: ContentCodec,
  origin: ChangeOrigin,
  changes: readonly Change[],
): Promise<void> {
  const account = await run.get<{ change_seq: number }>(
    'update account set change_seq = change_seq + ? where id = ? returning change_seq',
    changes.length,
    origin.account,
  )
  if (!account) throw new Error(`no account ${origin.account} to log changes under`)
  const first = account.change_seq - changes.length + 1
  const row = (change: Change, index: number) => {
    const content = `{"principal":${JSON.stringify(origin.principal)},"before":${change.before},"after":${change.after}}`
    const { bytes, keyId } = codec.seal(origin.account, content)
    return [
      origin.account,
      first + index,
      origin.nowMs,
      change.kind,
      change.objectId,
      change.version,
      origin.requestId,
      bytes,
      keyId,
    ]
  }
  const rows = changes.map(row)
  let next = 0
  for (; next + rowsPerStatement <= rows.length; next += rowsPerStatement)
    await run.run(insertMany, ...rows.slice(next, next + rowsPerStatement).flat())
  for (; next < rows.length; next++) await run.run(insertOne, ...(rows[next] ?? []))
}

interface ChangeRow {
  seq: number
  time_ms: number
  kind: ChangeKind
  object_id: number
  version: number
  request_id: string
  content: Uint8Array
  key_id: number
}

/** The account's changes after `seq`, in order, at most `limit`. */
export async function changesAfter(
  run: Run,
  codec: ContentCodec,
  account: string,
  seq: number,
  limit: number,
): Promise<LoggedChange[]> {
  const rows = await run.all<ChangeRow>(
    'select seq, time_ms, kind, object_id, version, request_id, content, key_id from change where account = ? and seq > ? order by seq limit ?',
    account,
    seq,
    limit,
  )
  return rows.map((row) => {
    const content = JSON.parse(codec.open(account, { bytes: row.content, keyId: row.key_id })) as StoredChange
    return {
      seq: row.seq,
      timeMs: row.time_ms,
      kind: row.kind,
      objectId: row.object_id,
      version: row.version,
      requestId: row.request_id,
      ...content,
    }
  })
}
