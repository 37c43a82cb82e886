// Takes tags off up to twenty resources of the Region, by key; a key that a resource does not have is no failure. What
// fails is told resource by resource. Each also needs the permission to untag that resource.
import { required, structure } from '../../../model/shape.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { operationsOf } from '../../operation.ts'
import { changeTags, writtenTagsProblem } from '../change-tags.ts'
import { internalServiceException, invalidParameterException, throttledException } from '../faults.ts'
import { failedResourcesMap, resourceARNListForTagUntag, tagKeyListForUntag } from '../shapes.ts'

export const untagResources = operationsOf<InventoryPorts>().write({
  name: 'UntagResources',
  input: structure('UntagResourcesInput', {
    ResourceARNList: required(resourceARNListForTagUntag),
    TagKeys: required(tagKeyListForUntag),
  }),
  output: structure('UntagResourcesOutput', {
    FailedResourcesMap: failedResourcesMap,
  }),
  faults: [invalidParameterException, throttledException, internalServiceException],
  authorize: {
    level: 'Tagging',
    actions: ['tag:UntagResources'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'tag:UntagResources', resource: '*' }],
  },
  async handle(context) {
    const { ResourceARNList, TagKeys } = context.input
    const problem = writtenTagsProblem(TagKeys, [])
    if (problem !== undefined) context.fail(invalidParameterException, problem)
    const removed = new Set(TagKeys)
    const change = (tags: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key)))
    return { FailedResourcesMap: await changeTags(context, ResourceARNList, change) }
  },
})
