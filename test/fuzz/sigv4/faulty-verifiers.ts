// Verifiers with one deliberate mistake each, built on the independent canonicalizer, to prove that the mutations find
// such mistakes. Without a mistake it is a whole second verifier, which the mutations must never contradict.
import { brokenRules, readRequest, signatureOf } from './independent-canonicalizer.ts'
import type { ReadingBug, Rule } from './independent-canonicalizer.ts'
import type { Verify } from './mutations.ts'

/** `alsoTries`: takes a request if either the right reading or the wrong one fits the signature. */
export type Bug =
  | { reading: ReadingBug }
  | { alsoTries: ReadingBug }
  | { forgets: Rule }
  | { signature: 'first half only' | 'letters in either case' }

const refuse = (message: string) => ({ accepted: false, code: 'SignatureDoesNotMatch', message }) as const

export function verifierWith(bug?: Bug): Verify {
  if (bug !== undefined && 'alsoTries' in bug) {
    const [strict, lenient] = [verifierWith(), verifierWith({ reading: bug.alsoTries })]
    return (request, options) => {
      const answer = strict(request, options)
      return answer.accepted ? answer : lenient(request, options)
    }
  }
  return (request, options) => {
    const reading = readRequest(request, bug !== undefined && 'reading' in bug ? bug.reading : undefined)
    if ('unreadable' in reading) return refuse(reading.unreadable)
    const forgotten = bug !== undefined && 'forgets' in bug ? bug.forgets : undefined
    const rule = brokenRules(reading, options).find((one) => one !== forgotten)
    // A verifier that believes the payload hash does not compare it either.
    const believes = bug !== undefined && 'reading' in bug && bug.reading === 'payload hash believed, not computed'
    if (rule !== undefined && !(believes && rule === 'x-amz-content-sha256')) return refuse(rule)
    const { accessKeyId, scope } = reading
    const right = signatureOf(options.secretOf(accessKeyId) ?? '', scope, reading.stringToSign)
    const lenience = bug !== undefined && 'signature' in bug ? bug.signature : undefined
    const seen = lenience === 'letters in either case' ? reading.signature.toLowerCase() : reading.signature
    const length = lenience === 'first half only' ? 32 : Infinity
    if (seen.slice(0, length) !== right.slice(0, length)) return refuse('signature')
    return { accepted: true, accessKeyId, service: scope.service, region: scope.region }
  }
}
