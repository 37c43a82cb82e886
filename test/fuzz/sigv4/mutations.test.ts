// The verifier of signatures against 20,000 changed requests, and the changed requests against verifiers that are known
// to be wrong. The long run is the program in mutations.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifySigV4 } from '../../../src/identity/sigv4.ts'
import { changeClasses } from './changes.ts'
import { verifierWith } from './faulty-verifiers.ts'
import type { Bug } from './faulty-verifiers.ts'
import { caseOf, describe, describeCounts, runMutations } from './mutations.ts'
import type { MutationCounts, Verify } from './mutations.ts'

const seed = 20_261_124
const cases = 20_000

function assertNoDisagreement(counts: MutationCounts): void {
  const shown = counts.disagreements.slice(0, 5).map(describe).join('\n')
  assert.equal(
    counts.disagreementCount,
    0,
    `${counts.disagreementCount} of ${counts.cases} cases, seed ${seed}\n${shown}`,
  )
}

void test('the verifier answers every changed request as the documentation has it', (t) => {
  const counts = runMutations({ cases, seed, verify: verifySigV4 })
  t.diagnostic(`seed ${seed}\n${describeCounts(counts)}`)
  assertNoDisagreement(counts)
})

void test('a second verifier, which shares no code with the first, agrees with every label', () => {
  assertNoDisagreement(runMutations({ cases, seed, verify: verifierWith() }))
})

void test('every class has its share, both answers are asked for, and every change is made', () => {
  const made = new Map(changeClasses.map(({ name }) => [name, new Set<string>()]))
  const labels = { accepted: 0, refused: 0 }
  const perClass = new Map<string, number>()
  for (let number = 0; number < cases; number++) {
    const one = caseOf(seed, number)
    made.get(one.class)?.add(one.change)
    labels[one.expected]++
    perClass.set(one.class, (perClass.get(one.class) ?? 0) + 1)
  }
  assert.ok(changeClasses.length >= 10)
  assert.equal(perClass.size, changeClasses.length)
  for (const [name, count] of perClass) assert.ok(count >= cases * 0.05, `${name}: ${count}`)
  assert.ok((perClass.get('signature text') ?? 0) <= cases * 0.1)
  assert.ok(labels.accepted >= cases * 0.1 && labels.refused >= cases * 0.5, JSON.stringify(labels))
  for (const { name, changes } of changeClasses) {
    assert.deepEqual([...(made.get(name) ?? [])].sort(), Object.keys(changes).sort(), name)
  }
})

void test('a range of cases is the same whether run at once or in parts', () => {
  const refuseAll: Verify = () => ({ accepted: false, code: 'SignatureDoesNotMatch', message: 'no' })
  const whole = runMutations({ cases: 300, seed, verify: refuseAll })
  const parts = [
    runMutations({ cases: 100, seed, verify: refuseAll }),
    runMutations({ cases: 200, seed, first: 100, verify: refuseAll }),
  ]
  assert.ok(whole.disagreementCount > 0)
  assert.deepEqual(
    parts.flatMap((part) => part.disagreements.map(describe)).slice(0, whole.disagreements.length),
    whole.disagreements.map(describe),
  )
  assert.equal(
    parts.reduce((sum, part) => sum + part.disagreementCount, 0),
    whole.disagreementCount,
  )
})

// Where the mistake must show: the class, and whether a forgery gets in or an honest client is turned away.
const bugs: [bug: Bug, inClass: string, answer: RegExp][] = [
  [{ reading: 'payload hash believed, not computed' }, 'body', /^accepted$/],
  [{ reading: 'signed content-type ignored' }, 'unsigned header', /^refused/],
  [{ reading: 'path decoded twice' }, 'unsigned header', /^refused/],
  [{ alsoTries: 'path decoded twice' }, 'path', /^accepted$/],
  [{ alsoTries: 'later duplicates of a header ignored' }, 'host', /^accepted$/],
  [{ reading: 'path not normalised' }, 'path', /^refused/],
  [{ reading: 'query values not sorted' }, 'query', /^refused/],
  [{ reading: 'header values not folded' }, 'order, case and white space', /^refused/],
  [{ reading: 'later duplicates of a header ignored' }, 'signed header added, removed or doubled', /^accepted$/],
  [{ reading: 'missing signed header read as empty' }, 'signed header added, removed or doubled', /^accepted$/],
  [{ reading: 'X-Amz-Signature dropped in the header form' }, 'query', /^accepted$/],
  [{ forgets: 'clock' }, 'date, scope and credential', /^accepted$/],
  [{ forgets: 'expires' }, 'signed by the holder, breaking a rule', /^accepted$/],
  [{ forgets: 'timestamp' }, 'signed by the holder, breaking a rule', /^accepted$/],
  [{ forgets: 'scope date' }, 'signed by the holder, breaking a rule', /^accepted$/],
  [{ forgets: 'terminator' }, 'signed by the holder, breaking a rule', /^accepted$/],
  [{ forgets: 'service' }, 'signed by the holder, breaking a rule', /^accepted$/],
  [{ forgets: 'host unsigned' }, 'signed by the holder, breaking a rule', /^accepted$/],
  [{ forgets: 'x-amz-* unsigned' }, 'unsigned header', /^accepted$/],
  [{ forgets: 'x-amz-content-sha256' }, 'signed by the holder, breaking a rule', /^accepted$/],
  [{ signature: 'first half only' }, 'signature text', /^accepted$/],
  [{ signature: 'letters in either case' }, 'signature text', /^accepted$/],
]

for (const [bug, inClass, answer] of bugs) {
  void test(`a verifier with this mistake is found out: ${JSON.stringify(bug)}`, (t) => {
    const verify = verifierWith(bug)
    const part = 200
    for (let first = 0; first < cases; first += part) {
      const { disagreements } = runMutations({ cases: part, seed, first, verify })
      const found = disagreements.find((one) => one.case.class === inClass && answer.test(one.answer))
      if (found !== undefined) {
        t.diagnostic(`case ${found.case.number}: ${found.case.change}: ${found.answer}`)
        return
      }
    }
    assert.fail(`not found in ${cases} cases`)
  })
}
