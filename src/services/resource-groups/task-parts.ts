// What the steps of tasks need. They act in the service's own name, after the call that wanted it is over.
import type { InventoryIndex } from '../../inventory/terms.ts'
import type { Database } from '../../storage/database.ts'
import type { Check, Decision } from '../operation.ts'
import type { PerformOwnAct } from '../own-act.ts'

export interface TaskParts {
  database: Database
  index: InventoryIndex
  perform: PerformOwnAct
  clock: () => number
  /** What the role that was passed to a tag-sync task may do. */
  mayAsRole: (roleArn: string, check: Check) => Decision
  /** `task`: what failed, for the operator. */
  logFailure: (task: string, error: unknown) => void
}

/** Whom change log and audit log name. */
export const servicePrincipal = 'resource-groups.amazonaws.com'

/** Resources that one transaction of a task changes at most, so that calls never wait long for the writer. */
export const maxStepResources = 100
