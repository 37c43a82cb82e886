// Adds tags to up to twenty resources of the Region, or gives their tags new values; what fails is told resource by
// resource (AWS's documentation, and its recorded answers). Each also needs the permission to tag that resource.
import { required, structure } from '../../../model/shape.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { operationsOf } from '../../operation.ts'
import { changeTags, writtenTagsProblem } from '../change-tags.ts'
import { internalServiceException, invalidParameterException, throttledException } from '../faults.ts'
import { failedResourcesMap, resourceARNListForTagUntag, tagMap } from '../shapes.ts'

export const tagResources = operationsOf<InventoryPorts>().write({
  name: 'TagResources',
  input: structure('TagResourcesInput', {
    ResourceARNList: required(resourceARNListForTagUntag),
    Tags: required(tagMap),
  }),
  output: structure('TagResourcesOutput', {
    FailedResourcesMap: failedResourcesMap,
  }),
  faults: [invalidParameterException, throttledException, internalServiceException],
  authorize: {
    level: 'Tagging',
    actions: ['tag:TagResources'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'tag:TagResources', resource: '*' }],
  },
  async handle(context) {
    const { ResourceARNList, Tags } = context.input
    const problem = writtenTagsProblem(Object.keys(Tags), Object.values(Tags))
    if (problem !== undefined) context.fail(invalidParameterException, problem)
    return { FailedResourcesMap: await changeTags(context, ResourceARNList, (tags) => ({ ...tags, ...Tags })) }
  },
})
