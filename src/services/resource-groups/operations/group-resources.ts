// Puts resources into a group by hand: at once where a configuration says what the group takes, by a task that sets the
// tag where the group is an application.
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

export const groupResources = operationsOf<ResourceGroupsPorts>().write({
  name: 'GroupResources',
  http: { method: 'POST', uri: '/group-resources', code: 200 },
  input: structure('GroupResourcesInput', {
    Group: required(groupStringV2),
    ResourceArns: required(resourceArnList),
  }),
  output: structure('GroupResourcesOutput', {
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
    actions: ['resource-groups:GroupResources'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:GroupResources', target),
  },
  async handle(context) {
    const { group, scope } = theGroup(context.target, context.fail)
    const answer = await changeMembership(context, 'GROUP', scope, group, context.input.ResourceArns)
    return answer ?? context.fail(badRequestException, 'This operation does not support the target')
  },
})
