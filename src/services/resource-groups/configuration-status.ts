// A configuration is put in place in two steps, as on AWS: proposed (UPDATING), then in force (UPDATE_COMPLETE).
import type { ChangeRun } from '../../changes/change-log.ts'
import { type Group, updateGroup } from './group-store.ts'
import type { ResourceGroupsPorts } from './ports.ts'
import type { GroupConfiguration } from './rules/configuration.ts'

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

/** Proposes the configuration; the group's task puts it in force. */
export async function startConfiguration(
  run: ChangeRun,
  ports: ResourceGroupsPorts,
  group: Group,
  configuration: GroupConfiguration,
) {
  return configurationAnswer(
    await updateGroup(run, ports.index, run.origin.account, group, { proposedConfiguration: configuration }),
  )
}
