// The current configuration of up to a hundred resources of the Region. As AWS documents it: deleted ones are not
// returned, nor are tags. Those not found come back as unprocessed keys. A resource that came in without a configuration
// (by an import) has the status ResourceDiscovered.
import { canonicalTypeName } from '../../../catalogue/catalogue.ts'
import { findByArns, type Resource } from '../../../inventory/resources.ts'
import { findScope, sidOf } from '../../../inventory/scope.ts'
import { parseArn } from '../../../model/arn.ts'
import type { Caller } from '../../../model/caller.ts'
import { required, structure } from '../../../model/shape.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { operationsOf } from '../../operation.ts'
import { noAvailableConfigurationRecorderException, validationException } from '../faults.ts'
import { arnsOf, nameOf, resourceIdOf } from '../resource-identity.ts'
import { isGlobal } from '../resource-region.ts'
import { baseConfigurationItems, resourceKeys } from '../shapes.ts'

/** Of the format of configuration items, as AWS's snapshots say it. */
const itemVersion = '1.3'

export const batchGetResourceConfig = operationsOf<InventoryPorts>().read({
  name: 'BatchGetResourceConfig',
  input: structure('BatchGetResourceConfigRequest', {
    resourceKeys: required(resourceKeys),
  }),
  output: structure('BatchGetResourceConfigResponse', {
    baseConfigurationItems: baseConfigurationItems,
    unprocessedResourceKeys: resourceKeys,
  }),
  faults: [validationException, noAvailableConfigurationRecorderException],
  authorize: {
    level: 'Read',
    actions: ['config:BatchGetResourceConfig'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'config:BatchGetResourceConfig', resource: '*' }],
  },
  async handle({ input, caller, run, ports, fail }) {
    const asked = input.resourceKeys.map((key) => {
      const type = canonicalTypeName(key.resourceType)
      if (type === undefined)
        return fail(validationException, `${key.resourceType} is not the name of a resource type.`)
      return { key, type, arn: arnsOf(type, [key.resourceId], caller)[0] ?? '' }
    })
    const scope = await findScope(run, ports.index, caller.account, caller.region)
    const arns = [...new Set(asked.map(({ arn }) => arn))]
    const found = scope ? await findByArns(run, ports.index, caller.account, arns) : []
    const byArn = new Map(
      found
        .filter(({ id, state }) => sidOf(id) === scope?.sid && state === 'live')
        .map((resource) => [resource.arn, resource]),
    )
    const items = new Map<string, ReturnType<typeof itemOf>>()
    const unprocessed: typeof input.resourceKeys = []
    for (const { key, type, arn } of asked) {
      const resource = byArn.get(arn)
      if (resource?.type === type) items.set(arn, itemOf(resource, caller))
      else unprocessed.push(key)
    }
    return { baseConfigurationItems: [...items.values()], unprocessedResourceKeys: unprocessed }
  },
})

function itemOf(resource: Resource, caller: Caller) {
  const arn = parseArn(resource.arn)
  return {
    version: itemVersion,
    accountId: arn && /^\d{12}$/.test(arn.account) ? arn.account : resource.account,
    configurationItemCaptureTime: resource.lastSeenMs,
    configurationItemStatus: resource.configuration === undefined ? ('ResourceDiscovered' as const) : ('OK' as const),
    // It orders the items of a resource, as AWS says of it.
    configurationStateId: String(resource.version),
    arn: resource.arn,
    resourceType: resource.type,
    resourceId: resourceIdOf(resource, caller),
    resourceName: nameOf(resource),
    awsRegion: arn && isGlobal(arn) ? 'global' : caller.region,
    configuration: resource.configuration,
    supplementaryConfiguration: {},
  }
}
