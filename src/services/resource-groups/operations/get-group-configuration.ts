// GetGroupConfiguration
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { groupConfiguration, groupString } from '../shapes.ts'

export const getGroupConfiguration = operationsOf<unknown>().read({
  name: 'GetGroupConfiguration',
  http: { method: 'POST', uri: '/get-group-configuration', code: 200 },
  input: structure('GetGroupConfigurationInput', {
    Group: groupString,
  }),
  output: structure('GetGroupConfigurationOutput', {
    GroupConfiguration: groupConfiguration,
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
