// ListGroupingStatuses
import { required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import {
  badRequestException,
  forbiddenException,
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

export const listGroupingStatuses = operationsOf<unknown>().read({
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
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  authorize: { level: 'Read', actions: [], resourceTypes: [], conditionKeys: [], checks: () => [] },
  async handle() {
    return {}
  },
})
