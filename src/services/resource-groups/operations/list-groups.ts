// Lists the groups of the caller's account and Region, page by page in order of creation. As on AWS both forms of the
// list are answered; a token comes only while there may be more.
import { query, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { findScope } from '../../../inventory/scope.ts'
import { issueToken, readToken } from '../../paging.ts'
import { groupAnswer, tokenMessage } from '../answers.ts'
import { type Group, pageGroups } from '../group-store.ts'
import { type FilteredGroup, matchesGroupFilters, parseGroupFilters } from '../rules/list-filters.ts'
import { parseResourceQuery } from '../rules/resource-query.ts'
import {
  badRequestException,
  forbiddenException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { groupFilterList, groupIdentifierList, groupList, maxResults, nextToken } from '../shapes.ts'

export const listGroups = operationsOf<ResourceGroupsPorts>().read({
  name: 'ListGroups',
  http: { method: 'POST', uri: '/groups-list', code: 200 },
  input: structure('ListGroupsInput', {
    Filters: groupFilterList,
    MaxResults: query('maxResults', maxResults),
    NextToken: query('nextToken', nextToken),
  }),
  output: structure('ListGroupsOutput', {
    GroupIdentifiers: groupIdentifierList,
    Groups: groupList,
    NextToken: nextToken,
  }),
  faults: [
    badRequestException,
    forbiddenException,
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  authorize: {
    level: 'List',
    actions: ['resource-groups:ListGroups'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'resource-groups:ListGroups', resource: '*' }],
  },
  async handle(context) {
    const { input, caller, run, ports, fail } = context
    const parsed = parseGroupFilters(input.Filters)
    if ('message' in parsed) return fail(badRequestException, parsed.message)
    const limit = input.MaxResults ?? defaultPageSize
    const binding = input.Filters ?? []
    const token = input.NextToken ? readToken(context, 'ListGroups', binding, input.NextToken) : { position: [0] }
    if ('problem' in token) return fail(badRequestException, tokenMessage(token.problem))
    const scope = await findScope(run, ports.index, caller.account, caller.region)
    if (!scope) return listAnswer([])
    const groups: Group[] = []
    let afterId = token.position[0] ?? 0
    // Filters may leave out most of what is read: a page reads so much and no more, and may then be short.
    for (let examined = 0; examined < maxExaminedGroups && groups.length < limit;) {
      const wanted = limit - groups.length
      const read = await pageGroups(run, ports.index, scope, afterId, wanted + 1)
      const taken = read.slice(0, wanted)
      groups.push(...taken.filter((group) => matchesGroupFilters(filteredGroup(group), parsed.filters)))
      if (read.length <= wanted) return listAnswer(groups)
      afterId = taken.at(-1)?.id ?? afterId
      examined += taken.length
    }
    return { ...listAnswer(groups), NextToken: issueToken(context, 'ListGroups', binding, [afterId]) }
  },
})

const defaultPageSize = 50
const maxExaminedGroups = 5_000

function filteredGroup(group: Group): FilteredGroup {
  const parsed = group.query && parseResourceQuery(group.query)
  return {
    ...(parsed && 'query' in parsed ? { query: parsed.query } : {}),
    ...(group.configuration ? { configuration: group.configuration } : {}),
    ...(group.owner === undefined ? {} : { owner: group.owner }),
    ...(group.displayName === undefined ? {} : { displayName: group.displayName }),
    ...(group.criticality === undefined ? {} : { criticality: group.criticality }),
  }
}

function listAnswer(groups: readonly Group[]) {
  const answers = groups.map(groupAnswer)
  return {
    GroupIdentifiers: answers.map(({ Name, ...rest }) => ({ GroupName: Name, ...rest })),
    Groups: answers,
  }
}
