// Creates a group of one of three kinds: by a query, for a service by its configuration, or an application, which AWS
// lets nobody create here. What the answer echoes, and what it leaves out, follows LocalStack's recordings of AWS.
import { ensureScope } from '../../../inventory/scope.ts'
import { required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import { mayChangeTags, prefixed } from '../../tag-authorization.ts'
import { groupAnswer } from '../answers.ts'
import {
  badRequestException,
  forbiddenException,
  internalServerErrorException,
  methodNotAllowedException,
  tooManyRequestsException,
} from '../faults.ts'
import { countGroups, createGroup as createGroupRow, findGroup, type GroupContent } from '../group-store.ts'
import { queryMembership } from '../membership.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { combinationProblem, isApplicationGroup, validateConfiguration } from '../rules/configuration.ts'
import { applicationGroupArn, groupArn, groupId, groupNameProblem } from '../rules/group-name.ts'
import { parseResourceQuery } from '../rules/resource-query.ts'
import { tagsProblem } from '../rules/group-tags.ts'
import {
  createGroupName,
  criticality,
  description,
  displayName,
  group,
  groupConfiguration,
  groupConfigurationList,
  owner,
  resourceQuery,
  tags,
} from '../shapes.ts'
import { startConfiguration } from '../configuration-status.ts'

export const createGroup = operationsOf<ResourceGroupsPorts>().write({
  name: 'CreateGroup',
  http: { method: 'POST', uri: '/groups', code: 200 },
  input: structure('CreateGroupInput', {
    Configuration: groupConfigurationList,
    Criticality: criticality,
    Description: description,
    DisplayName: displayName,
    Name: required(createGroupName),
    Owner: owner,
    ResourceQuery: resourceQuery,
    Tags: tags,
  }),
  output: structure('CreateGroupOutput', {
    Group: group,
    ResourceQuery: resourceQuery,
    Tags: tags,
    GroupConfiguration: groupConfiguration,
  }),
  faults: [
    badRequestException,
    forbiddenException,
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  authorize: {
    level: 'Write',
    actions: ['resource-groups:CreateGroup', 'resource-groups:Tag'],
    resourceTypes: [],
    conditionKeys: ['aws:RequestTag/${TagKey}', 'aws:TagKeys'],
    checks({ input, caller }) {
      const given = input.Tags ?? {}
      const context = () => ({ ...prefixed('aws:RequestTag/', given), 'aws:TagKeys': Object.keys(given) })
      const create = { action: 'resource-groups:CreateGroup' as const, resource: '*', context }
      if (Object.keys(given).length === 0) return [create]
      const arn = groupArn(caller, input.Name)
      return [create, { action: 'resource-groups:Tag' as const, resource: arn, context }]
    },
  },
  async handle({ input, caller, run, ports, may, fail }) {
    const { index } = ports
    const invalid = (message: string | undefined) => message !== undefined && fail(badRequestException, message)
    const configured = input.Configuration && validateConfiguration(input.Configuration, 'customer')
    if (configured && 'message' in configured)
      fail(configured.forbidden ? forbiddenException : badRequestException, configured.message)
    const configuration = configured && 'configuration' in configured ? configured.configuration : undefined
    const parsed = input.ResourceQuery && parseResourceQuery(input.ResourceQuery)
    if (parsed && 'message' in parsed) invalid(parsed.message)
    const query = parsed && 'query' in parsed ? parsed.query : undefined
    invalid(combinationProblem(configuration, query))
    const isApplication = configuration !== undefined && isApplicationGroup(configuration)
    invalid(groupNameProblem(input.Name, isApplication ? 'application' : 'group'))
    invalid(tagsProblem(input.Tags ?? {}))

    const scope = await ensureScope(run, caller.account, caller.region)
    if (await findGroup(run, index, scope, input.Name)) invalid('Cannot create group: group already exists')
    if ((await countGroups(run, scope)) >= ports.maxGroupsPerRegion)
      invalid(`Cannot create group: the limit of ${ports.maxGroupsPerRegion} groups in a Region is reached`)
    if (query) {
      const [problem] = (await queryMembership(run, index, scope, query)).queryErrors
      if (problem) invalid(`Query not valid: ${problem.Message}`)
    }

    const applicationId = isApplication ? groupId(ports.randomBytes(16)) : undefined
    const content: GroupContent = {
      name: input.Name,
      arn:
        applicationId === undefined
          ? groupArn(caller, input.Name)
          : applicationGroupArn(caller, input.Name, applicationId),
      uniqueId: ports.newUuid(),
      ...(input.Description ? { description: input.Description } : {}),
      ...(input.Criticality === undefined ? {} : { criticality: input.Criticality }),
      ...(input.Owner ? { owner: input.Owner } : {}),
      ...(input.DisplayName ? { displayName: input.DisplayName } : {}),
      ...(input.ResourceQuery ? { query: input.ResourceQuery } : {}),
      ...(configuration ? { configuration } : {}),
      ...(applicationId === undefined ? {} : { applicationId }),
    }
    const created = await createGroupRow(run, index, scope, content, input.Tags ?? {}, mayChangeTags(may))
    if ('denied' in created) return fail(forbiddenException, created.denied)
    const status = configuration && (await startConfiguration(run, ports, created.group, configuration))
    return {
      Group: groupAnswer(created.group),
      ResourceQuery: input.ResourceQuery,
      Tags: input.Tags,
      GroupConfiguration: status,
    }
  },
})
