// The ARNs of a request, checked and told apart. One that is none fails the whole call, in AWS's recorded words; so does
// an EC2 ARN without its type (`arn:aws:ec2:…:i-0abc`), which AWS refuses though its form is an ARN's.
import { normalizeArn } from '../../catalogue/catalogue.ts'
import { parseArn } from '../../model/arn.ts'
import { invalidParameterException } from './faults.ts'

/** The one spelling of each → as it was sent first. */
export function sentArns(
  arns: readonly string[],
  fail: (fault: typeof invalidParameterException, message: string) => never,
): Map<string, string> {
  const sent = new Map<string, string>()
  for (const text of arns) {
    const arn = parseArn(text)
    if (!arn || (arn.service === 'ec2' && !arn.resource.includes('/')))
      fail(invalidParameterException, `${text} not a valid AmazonResourceName (ARN)`)
    const spelling = normalizeArn(text)
    if (!sent.has(spelling)) sent.set(spelling, text)
  }
  return sent
}
