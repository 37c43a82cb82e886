// UngroupResources
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

export const ungroupResources = operationsOf<unknown>().read({
  name: 'UngroupResources',
  http: { method: 'POST', uri: '/ungroup-resources', code: 200 },
  input: structure('UngroupResourcesInput', {
    Group: required(groupStringV2),
    ResourceArns: required(resourceArnList),
  }),
  output: structure('UngroupResourcesOutput', {
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
