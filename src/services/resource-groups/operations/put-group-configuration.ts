// Proposes another configuration for a group that has one. Refused where it would leave members in the group that it does
// not allow, and where it changes nothing, as AWS is reported to do.
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import { startConfiguration } from '../configuration-status.ts'
import { groupCheck, loadGroup, theGroup } from '../group-target.ts'
import { isAnythingFound, manualMembers, ofTypes } from '../membership.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import {
  allowedResourceTypes,
  combinationProblem,
  isApplicationGroup,
  isServiceManaged,
  isUnchangeable,
  sameConfiguration,
  validateConfiguration,
} from '../rules/configuration.ts'
import { parseResourceQuery } from '../rules/resource-query.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { groupConfigurationList, groupString } from '../shapes.ts'

export const putGroupConfiguration = operationsOf<ResourceGroupsPorts>().write({
  name: 'PutGroupConfiguration',
  http: { method: 'POST', uri: '/put-group-configuration', code: 202 },
  input: structure('PutGroupConfigurationInput', {
    Configuration: groupConfigurationList,
    Group: groupString,
  }),
  output: structure('PutGroupConfigurationOutput', {}),
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
    actions: ['resource-groups:PutGroupConfiguration'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:PutGroupConfiguration', target),
  },
  async handle({ input, run, ports, target, fail }) {
    const { group, scope } = theGroup(target, fail)
    if (!group.configuration) return fail(badRequestException, 'This operation does not support the target')
    const current = group.proposedConfiguration ?? group.configuration
    if (isServiceManaged(current)) fail(forbiddenException, 'Access denied. This group is managed by the service.')
    if (isApplicationGroup(current) || isUnchangeable(current))
      fail(badRequestException, 'The configuration of this group cannot be changed')
    const configured = validateConfiguration(input.Configuration ?? [], 'customer')
    if ('message' in configured)
      return fail(configured.forbidden ? forbiddenException : badRequestException, configured.message)
    const { configuration } = configured
    const parsed = group.query && parseResourceQuery(group.query)
    const problem = combinationProblem(configuration, parsed && 'query' in parsed ? parsed.query : undefined)
    if (problem !== undefined) fail(badRequestException, problem)
    if (isApplicationGroup(configuration)) fail(badRequestException, 'A group cannot become an application group')
    if (sameConfiguration(configuration, current))
      fail(badRequestException, 'The configuration is the one that the group has already')
    const strangers = { and: [manualMembers(group.id), { not: ofTypes(allowedResourceTypes(configuration)) }] }
    if (await isAnythingFound(run, ports.index, scope, strangers))
      fail(badRequestException, 'The group has members that the configuration does not allow')
    await startConfiguration(run, ports, group, configuration)
    return {}
  },
})
