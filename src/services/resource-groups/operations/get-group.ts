// Answers what a group is; its query, configuration and members are other operations'.
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { groupCheck, loadGroup, oneReference, theGroup } from '../group-target.ts'
import { groupAnswer } from '../answers.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { group, groupName, groupStringV2 } from '../shapes.ts'

export const getGroup = operationsOf<ResourceGroupsPorts>().read({
  name: 'GetGroup',
  http: { method: 'POST', uri: '/get-group', code: 200 },
  input: structure('GetGroupInput', {
    Group: groupStringV2,
    GroupName: groupName,
  }),
  output: structure('GetGroupOutput', {
    Group: group,
  }),
  faults: [
    badRequestException,
    forbiddenException,
    notFoundException,
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  load: (context) => loadGroup(context, oneReference(context.input)),
  authorize: {
    level: 'Read',
    actions: ['resource-groups:GetGroup'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:GetGroup', target),
  },
  async handle({ target, fail }) {
    return { Group: groupAnswer(theGroup(target, fail).group) }
  },
})
