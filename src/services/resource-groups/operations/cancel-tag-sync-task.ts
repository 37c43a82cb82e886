// CancelTagSyncTask
import { required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import {
  unauthorizedException,
  badRequestException,
  forbiddenException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { tagSyncTaskArn } from '../shapes.ts'

export const cancelTagSyncTask = operationsOf<unknown>().read({
  name: 'CancelTagSyncTask',
  http: { method: 'POST', uri: '/cancel-tag-sync-task', code: 200 },
  input: structure('CancelTagSyncTaskInput', {
    TaskArn: required(tagSyncTaskArn),
  }),
  output: undefined,
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
