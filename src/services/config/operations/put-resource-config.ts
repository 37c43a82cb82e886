// Takes a resource in: new, changed or back again. Follows AWS in what a request may hold; differs in that any type may
// come, and that Tags are the resource's own tags, all of them: given, they replace what it had; left out, they stay.
// A resource that was deleted starts afresh, with no more than is said now. The schema's version is checked, not kept.
import { findByArn, type ResourceContent, scopeOf, writeResources } from '../../../inventory/resources.ts'
import { ensureScope, scopesOf } from '../../../inventory/scope.ts'
import { required, string, structure } from '../../../model/shape.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { operationsOf } from '../../operation.ts'
import { mayChangeTags } from '../../tag-authorization.ts'
import { configurationProblem, tagsProblem } from '../configuration-item.ts'
import {
  insufficientPermissionsException,
  maxActiveResourcesExceededException,
  noRunningConfigurationRecorderException,
  validationException,
} from '../faults.ts'
import { type ConfigAssertion, isOwnObject, namedResource, sourceName } from '../resource-identity.ts'
import { regionOf } from '../resource-region.ts'
import { resourceId, resourceType, schemaVersionId, tags } from '../shapes.ts'

const maxNameLength = 1_024

export const putResourceConfig = operationsOf<InventoryPorts>().write({
  name: 'PutResourceConfig',
  input: structure('PutResourceConfigRequest', {
    Configuration: required(string()),
    ResourceId: required(resourceId),
    ResourceName: string(),
    ResourceType: required(resourceType),
    SchemaVersionId: required(schemaVersionId),
    Tags: tags,
  }),
  output: undefined,
  faults: [
    validationException,
    insufficientPermissionsException,
    noRunningConfigurationRecorderException,
    maxActiveResourcesExceededException,
  ],
  authorize: {
    level: 'Write',
    actions: ['config:PutResourceConfig'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'config:PutResourceConfig', resource: '*' }],
  },
  async handle({ input, caller, run, ports, may, fail }) {
    const named = namedResource(input.ResourceType, input.ResourceId, caller)
    if ('problem' in named) return fail(validationException, named.problem)
    const { type, arn, arnText } = named
    const { ResourceName: name = '', Tags, Configuration } = input
    const problem = configurationProblem(Configuration) ?? tagsProblem(Tags ?? {})
    if (problem !== undefined) fail(validationException, problem)
    if (name.length > maxNameLength) fail(validationException, `ResourceName is longer than ${maxNameLength}.`)

    const before = await findByArn(run, ports.index, caller.account, arnText)
    if (isOwnObject(arn, type) || (before && isOwnObject(arn, before.type)))
      fail(validationException, 'Resource groups are changed by the operations of Resource Groups only.')
    const scope = before
      ? scopeOf(await scopesOf(run, caller.account), before)
      : await ensureScope(run, caller.account, regionOf(arn, caller))
    const known: Partial<ResourceContent> = before && before.state !== 'gone' ? before : {}
    const assertion: ConfigAssertion = name === '' ? {} : { name }
    const after = {
      ...known,
      arn: arnText,
      type,
      tags: Tags ?? known.tags ?? {},
      everTagged: known.everTagged ?? false,
      physicalId: input.ResourceId,
      configuration: Configuration,
      sources: { ...known.sources, [sourceName]: assertion },
      state: 'live' as const,
    }
    const [outcome] = await writeResources(run, ports.index, [{ scope, before, after }], mayChangeTags(may))
    if (outcome && 'denied' in outcome) fail(insufficientPermissionsException, outcome.denied)
    return {}
  },
})
