// Members that were put into a group by hand, and those on their way in or out.
import type { ChangeRun } from '../../changes/change-log.ts'
import type { Resource } from '../../inventory/resources.ts'
import type { Scope } from '../../inventory/scope.ts'
import type { Run } from '../../storage/database.ts'
import type { Group } from './group-store.ts'
import type { ResourceGroupsPorts } from './ports.ts'

/** Ids of those of the resources whose coming or going is not finished. */
export async function pendingMembers(
  _run: Run,
  _groupId: number,
  _resources: readonly Resource[],
): Promise<Set<number>> {
  return new Set()
}

/** Before a group is deleted: nothing may go on saying that it has members. */
export async function releaseMembers(
  _run: ChangeRun,
  _ports: ResourceGroupsPorts,
  _scope: Scope,
  _group: Group,
): Promise<void> {}
