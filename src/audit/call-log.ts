// One row for every call, allowed or not: who, what, with which outcome. Written in the transaction that settles the
// call, before its answer leaves.
import type { ContentCodec } from '../crypto/content-codec.ts'
import type { Database, Value, WriteRun } from '../storage/database.ts'

export interface CallRecord {
  timeMs: number
  requestId: string
  /** `resource-groups:CreateGroup`; the service alone where the operation is not known. */
  action: string
  /** `ok`, or the error code that the caller was given. */
  outcome: string
  /** Undefined for calls that could not be authenticated. */
  account: string | undefined
  principal: string | undefined
  /** ARNs that authorization was asked about. */
  resources: readonly string[]
  region: string | undefined
  sourceAddress: string
}

const columns = 'time_ms, account, action, outcome, request_id, content, key_id'
const insertSql = (rows: number) =>
  `insert into call (${columns}) values ${Array.from({ length: rows }, () => '(?, ?, ?, ?, ?, ?, ?)').join(', ')}`
const rowsPerStatement = 16
const insertOne = insertSql(1)
const insertMany = insertSql(rowsPerStatement)

/** Writes a record in the transaction of the call that it is about. */
export async function recordCall(run: WriteRun, codec: ContentCodec, call: CallRecord): Promise<void> {
  await run.run(insertOne, ...rowOf(codec, call))
}

export interface CallLog {
  /** Resolves once the record is durable. Calls that come in one turn share a transaction of their own. */
  record(call: CallRecord): Promise<void>
}

/** For calls that change nothing. */
export function createCallLog(database: Database, codec: ContentCodec): CallLog {
  let open: { calls: CallRecord[]; written: Promise<void> } | undefined

  function begin(): { calls: CallRecord[]; written: Promise<void> } {
    const calls: CallRecord[] = []
    const close = () => {
      if (open?.calls === calls) open = undefined
    }
    const written = database.write((run) => {
      close()
      return writeAll(run, calls)
    })
    // A batch that fails before it comes to this work never runs it, and whoever came next would fail with it.
    written.catch(close)
    return { calls, written }
  }

  async function writeAll(run: WriteRun, calls: readonly CallRecord[]): Promise<void> {
    let next = 0
    for (; next + rowsPerStatement <= calls.length; next += rowsPerStatement)
      await run.run(insertMany, ...calls.slice(next, next + rowsPerStatement).flatMap((call) => rowOf(codec, call)))
    for (const call of calls.slice(next)) await recordCall(run, codec, call)
  }

  return {
    record(call) {
      open ??= begin()
      open.calls.push(call)
      return open.written
    },
  }
}

function rowOf(codec: ContentCodec, call: CallRecord): Value[] {
  const { principal, resources, region, sourceAddress } = call
  const content = JSON.stringify({ principal, resources, region, sourceAddress })
  const { bytes, keyId } = codec.seal(call.account ?? '', content)
  return [call.timeMs, call.account ?? null, call.action, call.outcome, call.requestId, bytes, keyId]
}
