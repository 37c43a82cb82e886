// Answers whether group lifecycle events are wanted in the Region: INACTIVE until set.
import { findScope } from '../../../inventory/scope.ts'
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import { readSettings, settingsAnswer } from '../account-settings.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import {
  badRequestException,
  forbiddenException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { accountSettings } from '../shapes.ts'

export const getAccountSettings = operationsOf<ResourceGroupsPorts>().read({
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
  authorize: {
    level: 'Read',
    actions: ['resource-groups:GetAccountSettings'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'resource-groups:GetAccountSettings', resource: '*' }],
  },
  async handle({ caller, run, ports }) {
    const scope = await findScope(run, ports.index, caller.account, caller.region)
    const settings = await readSettings(run, ports.index.codec, caller.account, scope?.sid)
    return { AccountSettings: settingsAnswer(settings) }
  },
})
