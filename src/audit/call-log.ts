// One row for every call, allowed or not: who, what, with which outcome. Written in the transaction that settles the
// call, before its answer leaves.
import type { ContentCodec } from '../crypto/content-codec.ts'
import type { WriteRun } from '../storage/database.ts'

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

const insertSql =
  'insert into call (time_ms, account, action, outcome, request_id, content, key_id) values (?, ?, ?, ?, ?, ?, ?)'

export async function recordCall(run: WriteRun, codec: ContentCodec, call: CallRecord): Promise<void> {
  const { principal, resources, region, sourceAddress } = call
  const content = JSON.stringify({ principal, resources, region, sourceAddress })
  const { bytes, keyId } = codec.seal(call.account ?? '', content)
  await run.run(insertSql, call.timeMs, call.account ?? null, call.action, call.outcome, call.requestId, bytes, keyId)
}
