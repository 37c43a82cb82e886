// Answers who signed the request. Needs no permission on AWS, and none here.
import { string, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'

export const getCallerIdentity = operationsOf<unknown>().read({
  name: 'GetCallerIdentity',
  input: structure('GetCallerIdentityRequest', {}),
  output: structure('GetCallerIdentityResponse', {
    UserId: string(),
    Account: string(),
    Arn: string(),
  }),
  faults: [],
  authorize: {
    level: 'Read',
    actions: ['sts:GetCallerIdentity'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [],
  },
  async handle({ caller }) {
    return { UserId: caller.userId, Account: caller.account, Arn: caller.arn }
  },
})
