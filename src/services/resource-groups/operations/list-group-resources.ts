// Lists a group's members now: those its query finds, or those put into it. What is on its way in or out, or only
// declared by a template, is listed as pending.
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { groupCheck, loadGroup, oneReference, theGroup } from '../group-target.ts'
import { pageResources } from '../../../inventory/resources.ts'
import { issueToken } from '../../paging.ts'
import { defaultPageSize, identifierAnswer, readPosition } from '../answers.ts'
import { pendingMembers } from '../grouping.ts'
import { membershipOf } from '../membership.ts'
import { parseResourceFilters } from '../rules/list-filters.ts'
import { parseResourceQuery } from '../rules/resource-query.ts'
import {
  unauthorizedException,
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import {
  groupName,
  groupStringV2,
  listGroupResourcesItemList,
  maxResults,
  nextToken,
  queryErrorList,
  resourceFilterList,
  resourceIdentifierList,
} from '../shapes.ts'

export const listGroupResources = operationsOf<ResourceGroupsPorts>().read({
  name: 'ListGroupResources',
  http: { method: 'POST', uri: '/list-group-resources', code: 200 },
  input: structure('ListGroupResourcesInput', {
    Filters: resourceFilterList,
    Group: groupStringV2,
    GroupName: groupName,
    MaxResults: maxResults,
    NextToken: nextToken,
  }),
  output: structure('ListGroupResourcesOutput', {
    NextToken: nextToken,
    QueryErrors: queryErrorList,
    ResourceIdentifiers: resourceIdentifierList,
    Resources: listGroupResourcesItemList,
  }),
  faults: [
    unauthorizedException,
    badRequestException,
    forbiddenException,
    notFoundException,
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  load: (context) => loadGroup(context, oneReference(context.input)),
  authorize: {
    level: 'List',
    actions: ['resource-groups:ListGroupResources'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:ListGroupResources', target),
  },
  async handle(context) {
    const { input, run, ports, target, fail } = context
    const { group, scope } = theGroup(target, fail)
    const query = group.query && parseResourceQuery(group.query)
    const parsed = parseResourceFilters(input.Filters, query && 'query' in query ? query.query : undefined)
    if ('message' in parsed) return fail(badRequestException, parsed.message)
    const binding = [group.id, group.query ?? null, input.Filters ?? []]
    const after = readPosition(context, 'ListGroupResources', binding, input.NextToken)
    if (typeof after === 'string') return fail(badRequestException, after)
    const { scopes, expression, queryErrors } = await membershipOf(run, ports.index, scope, group, parsed.types)
    const page = await pageResources(run, ports.index, {
      scopes,
      expression,
      limit: input.MaxResults ?? defaultPageSize,
      ...(after ? { after } : {}),
    })
    const pending = await pendingMembers(run, group.id, page.resources)
    return {
      Resources: page.resources.map((resource) => ({
        Identifier: identifierAnswer(resource),
        ...(pending.has(resource.id) || resource.state === 'declared' ? { Status: { Name: 'PENDING' as const } } : {}),
      })),
      ResourceIdentifiers: page.resources.map(identifierAnswer),
      NextToken: page.next && issueToken(context, 'ListGroupResources', binding, [page.next.sid, page.next.rid]),
      QueryErrors: queryErrors,
    }
  },
})
