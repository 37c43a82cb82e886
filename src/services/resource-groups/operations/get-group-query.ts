// Answers a group's query. A group by configuration has none, and is refused: Terraform tells the kinds apart by that.
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { groupCheck, loadGroup, oneReference, theGroup } from '../group-target.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { groupName, groupQuery, groupString } from '../shapes.ts'

export const getGroupQuery = operationsOf<ResourceGroupsPorts>().read({
  name: 'GetGroupQuery',
  http: { method: 'POST', uri: '/get-group-query', code: 200 },
  input: structure('GetGroupQueryInput', {
    Group: groupString,
    GroupName: groupName,
  }),
  output: structure('GetGroupQueryOutput', {
    GroupQuery: groupQuery,
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
    actions: ['resource-groups:GetGroupQuery'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:GetGroupQuery', target),
  },
  async handle({ target, fail }) {
    const { group } = theGroup(target, fail)
    if (!group.query) return fail(badRequestException, 'This operation does not support the target')
    return { GroupQuery: { GroupName: group.name, ResourceQuery: group.query } }
  },
})
