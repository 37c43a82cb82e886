import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countLeaves, type Expression, matches } from './expression.ts'
import { type Entry, liveEntry, termKinds } from './terms.ts'

const tag = (key: string, value: string): Entry => ({ kind: termKinds.tag, key, value })
const live: Entry[] = [liveEntry, { kind: termKinds.type, key: 'T' }, tag('a', '1'), tag('b', '')]
const gone: Entry[] = [{ kind: termKinds.gone, key: '' }, tag('a', '1')]
const hasTag = (key: string): Expression => ({ has: { kind: termKinds.tag, key } })
const is = (key: string, value: string): Expression => ({ is: { key, value } })

const cases: [name: string, expression: Expression, live: boolean, gone: boolean][] = [
  ['key=value', is('a', '1'), true, true],
  ['another value', is('a', '2'), false, false],
  ['an empty value', is('b', ''), true, false],
  ['a value is not looked for in other keys', is('b', '1'), false, false],
  ['key, any value', hasTag('a'), true, true],
  ['a key of another kind', hasTag('T'), false, false],
  ['kind and key', { has: { kind: termKinds.type, key: 'T' } }, true, false],
  ['and of nothing is what is live', { and: [] }, true, false],
  ['or of nothing', { or: [] }, false, false],
  ['and', { and: [is('a', '1'), hasTag('b')] }, true, false],
  ['or', { or: [is('a', '2'), is('a', '1')] }, true, true],
  ['not is of what is live', { not: is('a', '2') }, true, false],
  ['not of a match', { not: is('a', '1') }, false, false],
  ['not of not', { not: { not: is('a', '1') } }, true, false],
  ['not of nothing', { not: { or: [] } }, true, false],
  ['not within and', { and: [is('a', '1'), { not: hasTag('c') }] }, true, false],
  ['a key that every object has', hasTag('constructor'), false, false],
]

for (const [name, expression, ofLive, ofGone] of cases)
  void test(`matches: ${name}`, () => {
    assert.deepEqual([matches(expression, live), matches(expression, gone)], [ofLive, ofGone])
    assert.equal(matches(expression, []), false)
  })

void test("AWS's largest query fits: 50 filters of 20 values, and 100 types", () => {
  const filters = Array.from({ length: 50 }, (_, filter) => ({
    or: Array.from({ length: 20 }, (_, value) => is(`key${filter}`, `${value}`)),
  }))
  const oneOfTypes = { or: Array.from({ length: 100 }, (_, type) => hasTag(`${type}`)) }
  assert.equal(countLeaves({ and: [...filters, oneOfTypes] }), 1 + 50 * 21 + 101)
})

void test('an expression that no caller should let through is refused, however it is built', () => {
  let deep: Expression = is('a', '1')
  for (let depth = 0; depth < 100_000; depth++) deep = depth % 2 === 0 ? { not: deep } : { and: [deep] }
  assert.throws(() => countLeaves(deep), RangeError)
  assert.throws(() => countLeaves({ or: Array.from({ length: 5000 }, () => is('a', '1')) }), RangeError)
  // Shared parts count each time they occur, so that doubling cannot hide its size.
  let doubled: Expression = is('a', '1')
  for (let depth = 0; depth < 30; depth++) doubled = { and: [doubled, doubled] }
  assert.throws(() => countLeaves(doubled), RangeError)
})
