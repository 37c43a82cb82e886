// What the server does of its own accord, as services see it: a transaction with its changes and its audit record, as a
// call has them, but without a caller.
import type { ChangeRun } from '../changes/change-log.ts'

export interface OwnAct {
  account: string
  /** The service that acts, as AWS names it: `resource-groups.amazonaws.com`. */
  principal: string
  /** As it stands in the audit log, like an operation: `resource-groups:ReleaseMembers`. */
  action: string
}

export interface Done<T> {
  value: T
  /** ARNs of what was changed. Nothing changed, nothing recorded: a server that only looks leaves no trace. */
  resources: readonly string[]
}

/** Rejects with what `work` threw, of which nothing is kept but the record that it failed. */
export type PerformOwnAct = <T>(act: OwnAct, work: (run: ChangeRun) => Promise<Done<T>>) => Promise<T>
