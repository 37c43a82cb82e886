// Takes resources out of a group by hand: at once, or by a task that takes the tag off where the group is an application.
import { required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import { groupCheck, loadGroup, theGroup } from '../group-target.ts'
import { changeMembership } from '../membership-change.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { failedResourceList, groupStringV2, pendingResourceList, resourceArnList } from '../shapes.ts'

export const ungroupResources = operationsOf<ResourceGroupsPorts>().write({
  name: 'UngroupResources',
  http: { method: 'POST', uri: '/ungroup-resources', code: 200 },
  input: structure('UngroupResourcesInput', {
    Group: required(groupStringV2),
    ResourceArns: required(resourceArnList),
  }),
  output: structure('UngroupResourcesOutput', {
    Failed: failedResourceList,
    Pending: pendingResourceList,
    Succeeded: resourceArnList,
  }),
  faults: [
    badRequestException,
    forbiddenException,
    notFoundException,
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  load: (context) => loadGroup(context, context.input.Group),
  authorize: {
    level: 'Write',
    actions: ['resource-groups:UngroupResources'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:UngroupResources', target),
  },
  async handle(context) {
    const { group, scope } = theGroup(context.target, context.fail)
    const answer = await changeMembership(context, 'UNGROUP', scope, group, context.input.ResourceArns)
    return answer ?? context.fail(badRequestException, 'This operation does not support the target')
  },
})
