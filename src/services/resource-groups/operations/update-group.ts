// Changes what people read of a group: description, criticality, owner, display name. An empty text takes it away.
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { groupCheck, loadGroup, oneReference, theGroup } from '../group-target.ts'
import { groupAnswer } from '../answers.ts'
import { updateGroup as updateGroupRow } from '../group-store.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { criticality, description, displayName, group, groupName, groupStringV2, owner } from '../shapes.ts'

export const updateGroup = operationsOf<ResourceGroupsPorts>().write({
  name: 'UpdateGroup',
  http: { method: 'POST', uri: '/update-group', code: 200 },
  input: structure('UpdateGroupInput', {
    Criticality: criticality,
    Description: description,
    DisplayName: displayName,
    Group: groupStringV2,
    GroupName: groupName,
    Owner: owner,
  }),
  output: structure('UpdateGroupOutput', {
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
    actions: ['resource-groups:UpdateGroup'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:UpdateGroup', target),
  },
  async handle({ input, caller, run, ports, target, fail }) {
    const { group } = theGroup(target, fail)
    const { Description, Criticality, Owner, DisplayName } = input
    const updated = await updateGroupRow(run, ports.index, caller.account, group, {
      ...(Description === undefined ? {} : { description: Description || undefined }),
      ...(Criticality === undefined ? {} : { criticality: Criticality }),
      ...(Owner === undefined ? {} : { owner: Owner || undefined }),
      ...(DisplayName === undefined ? {} : { displayName: DisplayName || undefined }),
    })
    return { Group: groupAnswer(updated) }
  },
})
