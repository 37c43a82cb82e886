// Gives a group another query. Its members are at once those of the new one.
import { required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { groupCheck, loadGroup, oneReference, theGroup } from '../group-target.ts'
import { updateGroup } from '../group-store.ts'
import { queryMembership } from '../membership.ts'
import { combinationProblem } from '../rules/configuration.ts'
import { parseResourceQuery } from '../rules/resource-query.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { groupName, groupQuery, groupString, resourceQuery } from '../shapes.ts'

export const updateGroupQuery = operationsOf<ResourceGroupsPorts>().write({
  name: 'UpdateGroupQuery',
  http: { method: 'POST', uri: '/update-group-query', code: 200 },
  input: structure('UpdateGroupQueryInput', {
    Group: groupString,
    GroupName: groupName,
    ResourceQuery: required(resourceQuery),
  }),
  output: structure('UpdateGroupQueryOutput', {
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
    level: 'Write',
    actions: ['resource-groups:UpdateGroupQuery'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:UpdateGroupQuery', target),
  },
  async handle({ input, caller, run, ports, target, fail }) {
    const { group, scope } = theGroup(target, fail)
    if (!group.query) return fail(badRequestException, 'This operation does not support the target')
    const parsed = parseResourceQuery(input.ResourceQuery)
    if ('message' in parsed) return fail(badRequestException, parsed.message)
    const problem =
      group.configuration && combinationProblem(group.proposedConfiguration ?? group.configuration, parsed.query)
    if (problem !== undefined) return fail(badRequestException, problem)
    const [stackProblem] = (await queryMembership(run, ports.index, scope, parsed.query)).queryErrors
    if (stackProblem) return fail(badRequestException, `Query not valid: ${stackProblem.Message}`)
    const updated = await updateGroup(run, ports.index, caller.account, group, { query: input.ResourceQuery })
    return { GroupQuery: { GroupName: updated.name, ResourceQuery: input.ResourceQuery } }
  },
})
