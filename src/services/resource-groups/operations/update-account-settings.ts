// Turns group lifecycle events on or off for the Region. Nothing given, nothing changed.
import { ensureScope } from '../../../inventory/scope.ts'
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import { changeSettings, readSettings, settingsAnswer } from '../account-settings.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import {
  badRequestException,
  forbiddenException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { accountSettings, groupLifecycleEventsDesiredStatus } from '../shapes.ts'

export const updateAccountSettings = operationsOf<ResourceGroupsPorts>().write({
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
  authorize: {
    level: 'Write',
    actions: ['resource-groups:UpdateAccountSettings'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'resource-groups:UpdateAccountSettings', resource: '*' }],
  },
  async handle({ input, caller, run, ports }) {
    const desired = input.GroupLifecycleEventsDesiredStatus
    const scope = await ensureScope(run, caller.account, caller.region)
    const settings =
      desired === undefined
        ? await readSettings(run, ports.index.codec, caller.account, scope.sid)
        : await changeSettings(run, ports, scope, desired)
    return { AccountSettings: settingsAnswer(settings) }
  },
})
