// May they? The one place that answers. Until policies exist, the account's root may do everything and is the only
// caller there is; anyone else is denied.
import type { Caller } from '../model/caller.ts'

export interface Question {
  action: string
  resource: string
  context?: () => Readonly<Record<string, string | readonly string[]>>
}

export function decide(caller: Caller, question: Question): { allowed: boolean; message: string } {
  if (caller.type === 'Root') return { allowed: true, message: '' }
  const where = question.resource === '*' ? '' : ` on resource: ${question.resource}`
  return {
    allowed: false,
    message: `User: ${caller.arn} is not authorized to perform: ${question.action}${where} because no identity-based policy allows the ${question.action} action`,
  }
}
