// Lists how the last grouping or ungrouping of each resource of an application went, in order of the resources' ids: those
// under way, and those that ended in the last seven days.
import { normalizeArn } from '../../../catalogue/catalogue.ts'
import { required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import { issueToken, readToken } from '../../paging.ts'
import { defaultPageSize, tokenMessage } from '../answers.ts'
import { groupCheck, loadGroup, theGroup } from '../group-target.ts'
import { type Grouping, pageGroupings } from '../grouping.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { parseGroupingStatusFilters } from '../rules/list-filters.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import {
  groupStringV2,
  groupingStatusesList,
  listGroupingStatusesFilterList,
  maxResults,
  nextToken,
} from '../shapes.ts'

export const listGroupingStatuses = operationsOf<ResourceGroupsPorts>().read({
  name: 'ListGroupingStatuses',
  http: { method: 'POST', uri: '/list-grouping-statuses', code: 200 },
  input: structure('ListGroupingStatusesInput', {
    Filters: listGroupingStatusesFilterList,
    Group: required(groupStringV2),
    MaxResults: maxResults,
    NextToken: nextToken,
  }),
  output: structure('ListGroupingStatusesOutput', {
    Group: groupStringV2,
    GroupingStatuses: groupingStatusesList,
    NextToken: nextToken,
  }),
  faults: [
    badRequestException,
    forbiddenException,
    // Not in AWS's model, yet what AWS answers.
    notFoundException,
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  load: (context) => loadGroup(context, context.input.Group),
  authorize: {
    level: 'List',
    actions: ['resource-groups:ListGroupingStatuses'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:ListGroupingStatuses', target),
  },
  async handle(context) {
    const { input, caller, run, ports, target, nowMs, fail } = context
    const { group } = theGroup(target, fail)
    if (group.applicationId === undefined)
      return fail(badRequestException, 'This operation supports only an application group')
    const parsed = parseGroupingStatusFilters(input.Filters)
    if ('message' in parsed) return fail(badRequestException, parsed.message)
    const { statuses } = parsed.filters
    const arns = parsed.filters.resourceArns.map(normalizeArn)
    const binding = [group.id, input.Filters ?? []]
    const token = input.NextToken
      ? readToken(context, 'ListGroupingStatuses', binding, input.NextToken)
      : { position: [0] }
    if ('problem' in token) return fail(badRequestException, tokenMessage(token.problem))
    const isAsked = ({ status, resourceArn }: Grouping) =>
      (statuses.length === 0 || statuses.includes(status)) && (arns.length === 0 || arns.includes(resourceArn))
    const limit = input.MaxResults ?? defaultPageSize
    const groupings: Grouping[] = []
    let afterId = token.position[0] ?? 0
    let isEnd = false
    // Filters leave out most of what is read; a page reads so much and no more, and may then be short.
    for (let budget = maxExaminedGroupings; budget > 0 && !isEnd && groupings.length < limit; budget -= sliceRows) {
      const options = { afterId, nowMs, limit: sliceRows }
      const examined = await pageGroupings(run, ports.index.codec, caller.account, group.id, options)
      isEnd = examined.length < sliceRows
      for (const grouping of examined) {
        if (groupings.length === limit) {
          isEnd = false
          break
        }
        afterId = grouping.resourceId
        if (isAsked(grouping)) groupings.push(grouping)
      }
    }
    return {
      Group: group.arn,
      GroupingStatuses: groupings.map(groupingAnswer),
      NextToken: isEnd ? undefined : issueToken(context, 'ListGroupingStatuses', binding, [afterId]),
    }
  },
})

const sliceRows = 256
const maxExaminedGroupings = 20 * sliceRows

const groupingAnswer = ({ resourceArn, action, status, failure, updatedMs }: Grouping) => ({
  ResourceArn: resourceArn,
  Action: action,
  Status: status,
  ErrorCode: failure?.code,
  ErrorMessage: failure?.message,
  UpdatedAt: updatedMs,
})
