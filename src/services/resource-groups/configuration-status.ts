// A configuration is put in place in two steps, as on AWS: proposed (UPDATING), then in force (UPDATE_COMPLETE). What a
// new group is proposed is also in force at once, since it decides what sort of group it is.
import type { ChangeRun } from '../../changes/change-log.ts'
import { findGroupById, type Group, updateGroup } from './group-store.ts'
import type { ResourceGroupsPorts } from './ports.ts'
import type { GroupConfiguration } from './rules/configuration.ts'
import { servicePrincipal, type TaskParts } from './task-parts.ts'
import { enqueueTask, finishTask, type Task } from './task-queue.ts'

/** As answers tell it. */
export function configurationAnswer(group: Group) {
  const { configuration, proposedConfiguration } = group
  return {
    Configuration: configuration && copy(configuration),
    ProposedConfiguration: proposedConfiguration && copy(proposedConfiguration),
    Status: proposedConfiguration ? ('UPDATING' as const) : ('UPDATE_COMPLETE' as const),
  }
}

const copy = (configuration: GroupConfiguration) => configuration.map((item) => ({ ...item }))

/** Proposes the configuration, in place of what may have been proposed before; the group's task puts it in force. */
export async function startConfiguration(
  run: ChangeRun,
  ports: ResourceGroupsPorts,
  group: Group,
  configuration: GroupConfiguration,
) {
  const { index } = ports
  const { account } = run.origin
  const proposed = await updateGroup(run, index, account, group, { proposedConfiguration: configuration })
  await enqueueTask(run, index.codec, { account, kind: 'configuration', objectId: group.id, content: {} })
  ports.wakeTasks()
  return configurationAnswer(proposed)
}

/** Puts in force what is proposed by now. */
export async function stepConfiguration({ index, perform }: TaskParts, task: Task): Promise<void> {
  const { account } = task
  const act = { account, principal: servicePrincipal, action: 'resource-groups:ApplyConfiguration' }
  await perform(act, async (run) => {
    await finishTask(run, task)
    const group = await findGroupById(run, index, account, task.objectId)
    if (!group?.proposedConfiguration) return { value: undefined, resources: [] }
    const change = { configuration: group.proposedConfiguration, proposedConfiguration: undefined }
    await updateGroup(run, index, account, group, change)
    return { value: undefined, resources: [group.arn] }
  })
}
