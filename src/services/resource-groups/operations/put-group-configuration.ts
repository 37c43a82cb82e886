// PutGroupConfiguration
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
import { groupConfigurationList, groupString } from '../shapes.ts'

export const putGroupConfiguration = operationsOf<unknown>().read({
  name: 'PutGroupConfiguration',
  http: { method: 'POST', uri: '/put-group-configuration', code: 202 },
  input: structure('PutGroupConfigurationInput', {
    Configuration: groupConfigurationList,
    Group: groupString,
  }),
  output: structure('PutGroupConfigurationOutput', {}),
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
