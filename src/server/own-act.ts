// The pipeline's counterpart for what no caller asked for: change, change log and audit record in one transaction. There
// is nobody to authenticate; whether an act is allowed is for the service that acts to ask.
import { recordCall } from '../audit/call-log.ts'
import { withChanges } from '../changes/change-log.ts'
import type { ContentCodec } from '../crypto/content-codec.ts'
import type { Done, OwnAct, PerformOwnAct } from '../services/own-act.ts'
import { type Database, StorageError, type WriteRun } from '../storage/database.ts'

export interface OwnActParts {
  database: Database
  codec: ContentCodec
  clock: () => number
  newRequestId: () => string
}

/** An act names no more ARNs than this in its record, as a call. */
const maxRecordedResources = 100

export function createOwnActs({ database, codec, clock, newRequestId }: OwnActParts): PerformOwnAct {
  return async <T>(act: OwnAct, work: Parameters<PerformOwnAct>[1]) => {
    const requestId = newRequestId()
    const nowMs = clock()
    const record = (run: WriteRun, outcome: string, resources: readonly string[]) =>
      recordCall(run, codec, {
        timeMs: nowMs,
        requestId,
        action: act.action,
        outcome,
        account: act.account,
        principal: act.principal,
        resources: resources.slice(0, maxRecordedResources),
        region: undefined,
        sourceAddress: act.principal,
      })
    const settled = await database.write(async (run) => {
      const origin = { account: act.account, principal: act.principal, requestId, nowMs }
      try {
        const done = (await run.savepoint(() => withChanges(run, codec, origin, work))) as Done<T>
        if (done.resources.length > 0) await record(run, 'ok', done.resources)
        return { done }
      } catch (error) {
        // After an engine's failure nothing may be kept, not even the record of it.
        if (error instanceof StorageError) throw error
        await record(run, 'InternalFailure', [])
        return { error }
      }
    })
    if ('error' in settled) throw settled.error
    return settled.done.value
  }
}
