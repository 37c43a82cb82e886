import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMissingTags, mergeTags, sameRecord } from './merge-tags.ts'

type Tags = Record<string, string>
const cases: { about: string; live: Tags; last?: Tags; now: Tags; others?: Tags[]; declared?: true; merged: Tags }[] = [
  {
    about: 'the first word wins over what is there',
    live: { a: '1', b: '1' },
    now: { a: '2' },
    merged: { a: '2', b: '1' },
  },
  {
    about: 'the same again changes nothing',
    live: { a: 'edited' },
    last: { a: '1' },
    now: { a: '1' },
    merged: { a: 'edited' },
  },
  { about: 'nor does it bring back what was taken away', live: {}, last: { a: '1' }, now: { a: '1' }, merged: {} },
  {
    about: 'news is applied over an edit',
    live: { a: 'edited' },
    last: { a: '1' },
    now: { a: '2' },
    merged: { a: '2' },
  },
  { about: 'what it drops goes', live: { a: '1', b: '1' }, last: { a: '1' }, now: {}, merged: { b: '1' } },
  { about: 'unless it was edited since', live: { a: 'edited' }, last: { a: '1' }, now: {}, merged: { a: 'edited' } },
  {
    about: 'or another source says it, too',
    live: { a: '1' },
    last: { a: '1' },
    now: {},
    others: [{}, { a: '1' }],
    merged: { a: '1' },
  },
  {
    about: 'whose value then counts',
    live: { a: '1' },
    last: { a: '1' },
    now: {},
    others: [{ a: '2' }],
    merged: { a: '2' },
  },
  {
    about: 'a value that came to be the same by an edit',
    live: { a: '2' },
    last: { a: '1' },
    now: { a: '2' },
    merged: { a: '2' },
  },
  { about: 'an empty value is a value', live: { a: '1' }, last: { a: '1' }, now: { a: '' }, merged: { a: '' } },
  {
    about: 'a plan gives way at first',
    live: { a: '1' },
    now: { a: '2', b: '2' },
    declared: true,
    merged: { a: '1', b: '2' },
  },
  {
    about: 'and not when it changes',
    live: { a: '1' },
    last: { a: '2' },
    now: { a: '3' },
    declared: true,
    merged: { a: '3' },
  },
]
for (const { about, live, last, now, others = [], declared = false, merged } of cases)
  test(about, () => {
    assert.deepEqual({ ...mergeTags({ live, last, now, others, declared }) }, merged)
  })

test('keys of Object.prototype are keys like any other', () => {
  const now = JSON.parse('{"__proto__":"p","constructor":"c"}') as Tags
  const merged = mergeTags({ live: {}, last: undefined, now, others: [{}], declared: false })
  assert.deepEqual(Object.entries(merged), Object.entries(now))
  const dropped = mergeTags({ live: merged, last: now, now: {}, others: [{}], declared: false })
  assert.deepEqual(Object.entries(dropped), [])
  assert.ok(!sameRecord({}, now) && sameRecord(now, merged))
  assert.ok(!sameRecord({ toString: 'x' }, { a: 'x' }))
})

test('missing tags are added, present ones kept', () => {
  assert.deepEqual({ ...addMissingTags({ a: '1' }, { a: '2', b: '2' }) }, { a: '1', b: '2' })
})
