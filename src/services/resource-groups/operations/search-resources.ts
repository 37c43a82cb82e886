// Finds what a query would find, without making a group of it.
import { required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { findScope } from '../../../inventory/scope.ts'
import { pageResources } from '../../../inventory/resources.ts'
import { issueToken } from '../../paging.ts'
import { defaultPageSize, identifierAnswer, readPosition } from '../answers.ts'
import { queryMembership } from '../membership.ts'
import { parseResourceQuery } from '../rules/resource-query.ts'
import {
  unauthorizedException,
  badRequestException,
  forbiddenException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { maxResults, nextToken, queryErrorList, resourceIdentifierList, resourceQuery } from '../shapes.ts'

export const searchResources = operationsOf<ResourceGroupsPorts>().read({
  name: 'SearchResources',
  http: { method: 'POST', uri: '/resources/search', code: 200 },
  input: structure('SearchResourcesInput', {
    MaxResults: maxResults,
    NextToken: nextToken,
    ResourceQuery: required(resourceQuery),
  }),
  output: structure('SearchResourcesOutput', {
    NextToken: nextToken,
    QueryErrors: queryErrorList,
    ResourceIdentifiers: resourceIdentifierList,
  }),
  faults: [
    unauthorizedException,
    badRequestException,
    forbiddenException,
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  authorize: {
    level: 'List',
    actions: ['resource-groups:SearchResources'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'resource-groups:SearchResources', resource: '*' }],
  },
  async handle(context) {
    const { input, caller, run, ports, fail } = context
    const parsed = parseResourceQuery(input.ResourceQuery)
    if ('message' in parsed) return fail(badRequestException, parsed.message)
    const after = readPosition(context, 'SearchResources', input.ResourceQuery, input.NextToken)
    if (typeof after === 'string') return fail(badRequestException, after)
    const scope = await findScope(run, ports.index, caller.account, caller.region)
    if (!scope) return { ResourceIdentifiers: [], QueryErrors: [] }
    const { scopes, expression, queryErrors } = await queryMembership(run, ports.index, scope, parsed.query)
    const { resources, next } = await pageResources(run, ports.index, {
      scopes,
      expression,
      limit: input.MaxResults ?? defaultPageSize,
      ...(after ? { after } : {}),
    })
    return {
      ResourceIdentifiers: resources.map(identifierAnswer),
      NextToken: next && issueToken(context, 'SearchResources', input.ResourceQuery, [next.sid, next.rid]),
      QueryErrors: queryErrors,
    }
  },
})
