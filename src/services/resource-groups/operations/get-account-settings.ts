// GetAccountSettings
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import {
  badRequestException,
  forbiddenException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { accountSettings } from '../shapes.ts'

export const getAccountSettings = operationsOf<unknown>().read({
  name: 'GetAccountSettings',
  http: { method: 'POST', uri: '/get-account-settings', code: 200 },
  input: structure('GetAccountSettingsRequest', {}),
  output: structure('GetAccountSettingsOutput', {
    AccountSettings: accountSettings,
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
