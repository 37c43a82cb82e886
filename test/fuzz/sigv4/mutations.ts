// Signs random requests, changes each in one way, and asks a verifier about the result. What the answer must be follows
// from the independent canonicalizer alone: a changed request is to be accepted exactly if, as received, it still has
// the canonical request, string to sign, credential and signature that were signed, and breaks no rule of use.
// Run alone for long: node test/fuzz/sigv4/mutations.ts --cases 1000000 --seed 7 [--first 400000]
import { parseArgs } from 'node:util'
import type { verifySigV4 } from '../../../src/identity/sigv4.ts'
import { changeClasses, misreadings } from './changes.ts'
import type { ChangeClass } from './changes.ts'
import { brokenRules, readRequest, signatureOf } from './independent-canonicalizer.ts'
import type { Reading } from './independent-canonicalizer.ts'
import { randomFrom } from './random.ts'
import {
  acceptedServices,
  circumstancesAt,
  copyOf,
  requestOf,
  secretOf,
  sign,
  unsignedDraft,
} from './signed-requests.ts'
import type { Draft } from './signed-requests.ts'

export type Verify = typeof verifySigV4

export interface Case {
  number: number
  class: string
  change: string
  draft: Draft
  expected: 'accepted' | 'refused'
  /** Why it must be refused; empty if it must be accepted. */
  reason: string
  signed: Reading
}

interface Disagreement {
  case: Case
  answer: string
}

export interface MutationCounts {
  cases: number
  byClass: Record<string, { accepted: number; refused: number }>
  /** In all; `disagreements` holds the first ones only. */
  disagreementCount: number
  disagreements: Disagreement[]
}

/** How many disagreements a run keeps, so that a broken verifier does not fill the memory. */
const kept = 50

const schedule: readonly ChangeClass[] = changeClasses.flatMap((one) => Array.from({ length: one.share }, () => one))

function sameDraft(one: Draft, other: Draft): boolean {
  return (
    one.method === other.method &&
    requestOf(one).target === requestOf(other).target &&
    one.nowMs === other.nowMs &&
    one.headers.flat().join('\n') === other.headers.flat().join('\n') &&
    one.body.equals(other.body)
  )
}

function reasonToRefuse(draft: Draft, signed: Reading): string {
  const received = readRequest(requestOf(draft))
  if ('unreadable' in received) return received.unreadable
  const [rule] = brokenRules(received, circumstancesAt(draft.nowMs))
  if (rule !== undefined) return `rule: ${rule}`
  if (received.canonicalRequest !== signed.canonicalRequest) return 'canonical request differs'
  if (received.stringToSign !== signed.stringToSign) return 'string to sign differs'
  if (received.accessKeyId !== signed.accessKeyId) return 'access key differs'
  return received.signature === signed.signature ? '' : 'signature differs'
}

/** The same seed and number always give the same case. */
export function caseOf(seed: number, number: number): Case {
  const random = randomFrom(seed, number)
  const changeClass = schedule[number % schedule.length]
  if (changeClass === undefined) throw new Error('no class of changes')
  const names = Object.keys(changeClass.changes)
  for (;;) {
    const draft = unsignedDraft(random, changeClass.presigned ?? random.chance(0.35))
    const name = random.member(names) ?? ''
    const change = changeClass.changes[name]
    if (change === undefined) continue
    let signed: Reading
    if (changeClass.signedByHolder) {
      if (change(draft, random) === false) continue
      signed = sign(draft, misreadings[name])
    } else {
      signed = sign(draft)
      const before = copyOf(draft)
      if (change(draft, random) === false || sameDraft(before, draft)) continue
    }
    const reason = reasonToRefuse(draft, signed)
    const expected = reason === '' ? 'accepted' : 'refused'
    return { number, class: changeClass.name, change: name, draft, expected, reason, signed }
  }
}

/** What is wrong with the verifier's answer; undefined if nothing is. */
function faultOf(one: Case, verify: Verify): string | undefined {
  const { draft, signed } = one
  let answer: ReturnType<Verify>
  try {
    answer = verify(requestOf(draft), { services: acceptedServices, nowMs: draft.nowMs, secretOf })
  } catch (error) {
    return `threw ${String(error)}`
  }
  if (answer.accepted) {
    if (one.expected === 'refused') return 'accepted'
    const { accessKeyId, scope } = signed
    const told = [answer.accessKeyId, answer.service, answer.region].join(' ')
    return told === [accessKeyId, scope.service, scope.region].join(' ') ? undefined : `accepted as ${told}`
  }
  if (one.expected === 'accepted') return `refused: ${answer.code} ${answer.message}`
  const received = readRequest(requestOf(draft))
  if ('unreadable' in received) return undefined
  const secret = secretOf(received.accessKeyId)
  if (secret === undefined) return undefined
  const right = signatureOf(secret, received.scope, received.stringToSign)
  const tells = answer.message.includes(secret) || (right !== received.signature && answer.message.includes(right))
  return tells ? 'the message gives away a secret or the right signature' : undefined
}

interface RunOptions {
  cases: number
  seed: number
  verify: Verify
  /** Number of the first case: runs [0, n) and [n, m) together are run [0, m). Default 0. */
  first?: number
  onProgress?: (nextCase: number, disagreementCount: number) => void
}

export function runMutations(options: RunOptions): MutationCounts {
  const { cases, seed, verify, first = 0, onProgress } = options
  const counts: MutationCounts = { cases: 0, byClass: {}, disagreementCount: 0, disagreements: [] }
  for (const { name } of changeClasses) counts.byClass[name] = { accepted: 0, refused: 0 }
  for (let number = first; number < first + cases; number++) {
    const one = caseOf(seed, number)
    counts.cases++
    const tally = counts.byClass[one.class]
    if (tally !== undefined) tally[one.expected]++
    const answer = faultOf(one, verify)
    if (answer !== undefined) {
      counts.disagreementCount++
      if (counts.disagreements.length < kept) counts.disagreements.push({ case: one, answer })
    }
    if ((number + 1) % 50_000 === 0) onProgress?.(number + 1, counts.disagreementCount)
  }
  return counts
}

/** One disagreement as text, with all that is needed to see it again. */
export function describe(disagreement: Disagreement): string {
  const { number, class: className, change, draft, expected, reason } = disagreement.case
  const request = requestOf(draft)
  const lines = [
    `case ${number}: ${className}: ${change}`,
    `  expected ${expected}${reason === '' ? '' : ` (${reason})`}, got ${disagreement.answer}`,
    `  ${request.method} ${request.target}`,
    ...draft.headers.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    `  body ${JSON.stringify(draft.body.toString('latin1'))}, now ${new Date(draft.nowMs).toISOString()}`,
  ]
  return lines.join('\n')
}

/** The counts as a table, a class a line, with its share of all cases. */
export function describeCounts(counts: MutationCounts): string {
  const lines = Object.entries(counts.byClass).map(([name, { accepted, refused }]) => {
    const share = ((100 * (accepted + refused)) / Math.max(counts.cases, 1)).toFixed(1)
    return `${name.padEnd(42)} ${share.padStart(5)} %  accepted ${accepted}  refused ${refused}`
  })
  return [...lines, `${counts.cases} cases, ${counts.disagreementCount} disagreements`].join('\n')
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      first: { type: 'string', default: '0' },
    },
  })
  const { verifySigV4 } = await import('../../../src/identity/sigv4.ts')
  const seed = Number(values.seed)
  console.log(`seed ${seed}, cases from ${values.first}`)
  const counts = runMutations({
    cases: Number(values.cases),
    seed,
    first: Number(values.first),
    verify: verifySigV4,
    onProgress: (next, disagreements) => console.log(`next case ${next}, ${disagreements} disagreements`),
  })
  for (const disagreement of counts.disagreements) console.log(describe(disagreement))
  console.log(describeCounts(counts))
  if (counts.disagreementCount > 0) process.exitCode = 1
}
