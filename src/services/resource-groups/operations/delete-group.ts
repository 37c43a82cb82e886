// Deletes a group, never its members. A group that protects itself while it has members is refused; an application's
// members lose its tag.
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { groupCheck, loadGroup, oneReference, theGroup } from '../group-target.ts'
import { groupAnswer } from '../answers.ts'
import { deleteGroup as deleteGroupRow } from '../group-store.ts'
import { releaseMembers } from '../grouping.ts'
import { hasMembers } from '../membership.ts'
import { deletionProtection, isServiceManaged } from '../rules/configuration.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { group, groupName, groupStringV2 } from '../shapes.ts'

export const deleteGroup = operationsOf<ResourceGroupsPorts>().write({
  name: 'DeleteGroup',
  http: { method: 'POST', uri: '/delete-group', code: 200 },
  input: structure('DeleteGroupInput', {
    Group: groupStringV2,
    GroupName: groupName,
  }),
  output: structure('DeleteGroupOutput', {
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
    level: 'Write',
    actions: ['resource-groups:DeleteGroup'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:DeleteGroup', target),
  },
  async handle({ run, ports, target, fail }) {
    const { group, resource, scope } = theGroup(target, fail)
    const configuration = group.configuration ?? []
    if (isServiceManaged(configuration))
      return fail(forbiddenException, 'Access denied. This group is managed by the service.')
    if (deletionProtection(configuration) && (await hasMembers(run, ports.index, scope, group)))
      return fail(badRequestException, 'The group has members and is protected against deletion unless it is empty')
    await releaseMembers(run, ports, scope, group)
    await deleteGroupRow(run, ports.index, scope, { group, resource })
    return { Group: groupAnswer(group) }
  },
})
