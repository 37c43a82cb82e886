// GetTagSyncTask
import { required, structure, timestamp } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
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
  errorMessage,
  groupArnV2,
  groupName,
  resourceQuery,
  roleArn,
  tagKey,
  tagSyncTaskArn,
  tagSyncTaskStatus,
  tagValue,
} from '../shapes.ts'

export const getTagSyncTask = operationsOf<unknown>().read({
  name: 'GetTagSyncTask',
  http: { method: 'POST', uri: '/get-tag-sync-task', code: 200 },
  input: structure('GetTagSyncTaskInput', {
    TaskArn: required(tagSyncTaskArn),
  }),
  output: structure('GetTagSyncTaskOutput', {
    CreatedAt: timestamp,
    ErrorMessage: errorMessage,
    GroupArn: groupArnV2,
    GroupName: groupName,
    ResourceQuery: resourceQuery,
    RoleArn: roleArn,
    Status: tagSyncTaskStatus,
    TagKey: tagKey,
    TagValue: tagValue,
    TaskArn: tagSyncTaskArn,
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
  authorize: { level: 'Read', actions: [], resourceTypes: [], conditionKeys: [], checks: () => [] },
  async handle() {
    return {}
  },
})
