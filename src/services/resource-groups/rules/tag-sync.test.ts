import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Entry } from '../../../inventory/terms.ts'
import { maxProblems, type Problems, type SyncRule, syncVerdict, withProblem } from './tag-sync.ts'

const rule = (id: number, groupArn: string, key: string, value: string): SyncRule => ({
  id,
  groupArn,
  expression: { is: { key, value } },
})
const entries = (tags: Record<string, string>): Entry[] => [
  { kind: 4, key: '' },
  ...Object.entries(tags).map(([key, value]): Entry => ({ kind: 1, key, value })),
]
const rules = [rule(1, 'shop', 'Stage', 'prod'), rule(2, 'shop', 'Team', 'a'), rule(3, 'bank', 'Team', 'a')]

describe('the application of a resource', () => {
  type Case = [string, string | undefined, Record<string, string>, number[], string | undefined, number | undefined]
  const cases: Case[] = [
    ['nothing matches', undefined, {}, [], undefined, undefined],
    ['one matches', undefined, { Stage: 'prod' }, [], 'shop', 1],
    ['value differs', undefined, { Stage: 'Prod' }, [], undefined, undefined],
    ['in already', 'shop', { Stage: 'prod' }, [], 'shop', undefined],
    ['two applications: the first task gets it', undefined, { Team: 'a' }, [], 'shop', 2],
    ['another application is left alone', 'bank', { Stage: 'prod' }, [], 'bank', undefined],
    ['no application of ours is left alone', 'x', { Team: 'a' }, [1, 2, 3], 'x', undefined],
    ['put in by hand, never matched', 'shop', {}, [], 'shop', undefined],
    ['left the task', 'shop', {}, [1], undefined, 1],
    ['left one task of the application, matches its other', 'shop', { Team: 'a' }, [1], 'shop', undefined],
    ['left another application', 'bank', {}, [1, 2], 'bank', undefined],
    ['left it and is wanted by another', 'bank', { Stage: 'prod' }, [3], 'shop', 1],
    ['left and matches again', 'shop', { Stage: 'prod' }, [1], 'shop', undefined],
    ['the empty tag is some application', '', { Stage: 'prod' }, [], '', undefined],
  ]
  for (const [name, application, tags, left, expected, by] of cases)
    test(name, () => {
      const verdict = syncVerdict(rules, application, entries(tags), new Set(left))
      assert.deepEqual(verdict, { application: expected, by })
      // Looking again at what was done changes nothing more.
      const again = syncVerdict(rules, verdict.application, entries(tags), new Set())
      assert.deepEqual(again, { application: expected, by: undefined })
    })
})

describe('problems', () => {
  const none: Problems = { problems: {}, moreProblems: false }

  test('are kept by resource, replaced, and forgotten', () => {
    const one = withProblem(none, 7, 'a')
    assert.deepEqual(one, { problems: { 7: 'a' }, moreProblems: false })
    assert.deepEqual(withProblem(one, 7, 'b'), { problems: { 7: 'b' }, moreProblems: false })
    assert.deepEqual(withProblem(withProblem(one, 8, 'c'), 7, undefined), { problems: { 8: 'c' }, moreProblems: false })
    assert.equal(withProblem(none, 7, undefined), none)
  })

  test('are bounded, and it is said that there are more', () => {
    let problems = none
    for (let id = 1; id <= maxProblems; id++) problems = withProblem(problems, id, 'x')
    assert.equal(problems.moreProblems, false)
    problems = withProblem(problems, maxProblems + 1, 'x')
    assert.equal(Object.keys(problems.problems).length, maxProblems)
    assert.equal(problems.moreProblems, true)
    // A known one can still change.
    assert.equal(withProblem(problems, 1, 'y').problems['1'], 'y')
  })
})
