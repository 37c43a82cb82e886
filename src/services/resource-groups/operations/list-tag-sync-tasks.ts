// ListTagSyncTasks
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import {
  unauthorizedException,
  badRequestException,
  forbiddenException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { listTagSyncTasksFilterList, maxResults, nextToken, tagSyncTaskList } from '../shapes.ts'

export const listTagSyncTasks = operationsOf<unknown>().read({
  name: 'ListTagSyncTasks',
  http: { method: 'POST', uri: '/list-tag-sync-tasks', code: 200 },
  input: structure('ListTagSyncTasksInput', {
    Filters: listTagSyncTasksFilterList,
    MaxResults: maxResults,
    NextToken: nextToken,
  }),
  output: structure('ListTagSyncTasksOutput', {
    NextToken: nextToken,
    TagSyncTasks: tagSyncTaskList,
  }),
  faults: [
    unauthorizedException,
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
