// Answers a group's configuration, in force and proposed. A group by query alone has none, and is refused: Terraform tells
// the kinds apart by that.
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import { configurationAnswer } from '../configuration-status.ts'
import { groupCheck, loadGroup, theGroup } from '../group-target.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { groupConfiguration, groupString } from '../shapes.ts'

export const getGroupConfiguration = operationsOf<ResourceGroupsPorts>().read({
  name: 'GetGroupConfiguration',
  http: { method: 'POST', uri: '/get-group-configuration', code: 200 },
  input: structure('GetGroupConfigurationInput', {
    Group: groupString,
  }),
  output: structure('GetGroupConfigurationOutput', {
    GroupConfiguration: groupConfiguration,
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
    level: 'Read',
    actions: ['resource-groups:GetGroupConfiguration'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:GetGroupConfiguration', target),
  },
  async handle({ target, fail }) {
    const { group } = theGroup(target, fail)
    if (!group.configuration) return fail(badRequestException, 'This operation does not support the target')
    return { GroupConfiguration: configurationAnswer(group) }
  },
})
