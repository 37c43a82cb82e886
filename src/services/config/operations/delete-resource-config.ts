// Marks a resource as gone; what it was stays to be seen. One that is gone already stays so; one that was never there is
// a mistake, and said to be one. AWS documents neither.
import { findByArn, scopeOf, writeResources } from '../../../inventory/resources.ts'
import { scopesOf } from '../../../inventory/scope.ts'
import { required, structure } from '../../../model/shape.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { operationsOf } from '../../operation.ts'
import { mayChangeTags } from '../../tag-authorization.ts'
import { noRunningConfigurationRecorderException, validationException } from '../faults.ts'
import { isOwnObject, namedResource, sourceName } from '../resource-identity.ts'
import { resourceId, resourceType } from '../shapes.ts'

export const deleteResourceConfig = operationsOf<InventoryPorts>().write({
  name: 'DeleteResourceConfig',
  input: structure('DeleteResourceConfigRequest', {
    ResourceId: required(resourceId),
    ResourceType: required(resourceType),
  }),
  output: undefined,
  faults: [validationException, noRunningConfigurationRecorderException],
  authorize: {
    level: 'Write',
    actions: ['config:DeleteResourceConfig'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'config:DeleteResourceConfig', resource: '*' }],
  },
  async handle({ input, caller, run, ports, may, fail }) {
    const named = namedResource(input.ResourceType, input.ResourceId, caller)
    if ('problem' in named) return fail(validationException, named.problem)
    const { type, arn, arnText } = named
    if (isOwnObject(arn, type))
      fail(validationException, 'Resource groups are deleted by the operations of Resource Groups only.')
    const before = await findByArn(run, ports.index, caller.account, arnText)
    if (!before || before.type !== type || before.state === 'declared')
      return fail(validationException, `There is no resource of type ${type} with the given id.`)
    const scope = scopeOf(await scopesOf(run, caller.account), before)
    // This service no longer says that it exists; who else does is remembered.
    const { [sourceName]: _, ...sources } = before.sources ?? {}
    const after = { ...before, sources, state: 'gone' as const }
    await writeResources(run, ports.index, [{ scope, before, after }], mayChangeTags(may))
    return {}
  },
})
