// StartTagSyncTask
import { required, structure } from '../../../model/shape.ts'
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
  groupArnV2,
  groupName,
  groupStringV2,
  resourceQuery,
  roleArn,
  tagKey,
  tagSyncTaskArn,
  tagValue,
} from '../shapes.ts'

export const startTagSyncTask = operationsOf<unknown>().read({
  name: 'StartTagSyncTask',
  http: { method: 'POST', uri: '/start-tag-sync-task', code: 200 },
  input: structure('StartTagSyncTaskInput', {
    Group: required(groupStringV2),
    ResourceQuery: resourceQuery,
    RoleArn: required(roleArn),
    TagKey: tagKey,
    TagValue: tagValue,
  }),
  output: structure('StartTagSyncTaskOutput', {
    GroupArn: groupArnV2,
    GroupName: groupName,
    ResourceQuery: resourceQuery,
    RoleArn: roleArn,
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
