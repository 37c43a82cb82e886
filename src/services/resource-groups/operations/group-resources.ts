// GroupResources
import { required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { failedResourceList, groupStringV2, pendingResourceList, resourceArnList } from '../shapes.ts'

export const groupResources = operationsOf<unknown>().read({
  name: 'GroupResources',
  http: { method: 'POST', uri: '/group-resources', code: 200 },
  input: structure('GroupResourcesInput', {
    Group: required(groupStringV2),
    ResourceArns: required(resourceArnList),
  }),
  output: structure('GroupResourcesOutput', {
    Failed: failedResourceList,
    Pending: pendingResourceList,
    Succeeded: resourceArnList,
  }),
  faults: [
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
