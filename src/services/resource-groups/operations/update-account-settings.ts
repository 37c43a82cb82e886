// UpdateAccountSettings
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import {
  badRequestException,
  forbiddenException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { accountSettings, groupLifecycleEventsDesiredStatus } from '../shapes.ts'

export const updateAccountSettings = operationsOf<unknown>().read({
  name: 'UpdateAccountSettings',
  http: { method: 'POST', uri: '/update-account-settings', code: 200 },
  input: structure('UpdateAccountSettingsInput', {
    GroupLifecycleEventsDesiredStatus: groupLifecycleEventsDesiredStatus,
  }),
  output: structure('UpdateAccountSettingsOutput', {
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
