import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyTags, readTags, tagText } from './tags.ts'

function tagsOf(entries: [string, string][]) {
  const tags = emptyTags()
  for (const [key, value] of entries) tags[key] = value
  return { tags }
}

const readable: [name: string, value: unknown, entries: [string, string][]][] = [
  ['an empty list', [], []],
  ['an empty map', {}, []],
  ['a list', [{ Key: 'a', Value: '1' }], [['a', '1']]],
  ['a list in lower case', [{ key: 'a', value: '1' }], [['a', '1']]],
  ['a list with further members', [{ value: '1', key: 'a', propagate_at_launch: 'true' }], [['a', '1']]],
  [
    'a map',
    { a: '1', b: '' },
    [
      ['a', '1'],
      ['b', ''],
    ],
  ],
  [
    'numbers and booleans',
    { a: 1, b: false, c: 1.5 },
    [
      ['a', '1'],
      ['b', 'false'],
      ['c', '1.5'],
    ],
  ],
  [
    'white space in keys',
    { ' org': 'x', org: 'y' },
    [
      [' org', 'x'],
      ['org', 'y'],
    ],
  ],
  [
    'the same pair twice',
    [
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '1' },
    ],
    [['a', '1']],
  ],
  ['an emoji', { '😀': '😀' }, [['😀', '😀']]],
  ['line ends in a value', { a: 'x\ny\t' }, [['a', 'x\ny\t']]],
  ['a no-break space', { a: 'NAT\u00a0Gateway' }, [['a', 'NAT\u00a0Gateway']]],
]

for (const [name, value, entries] of readable) {
  void test(`reads ${name}`, () => {
    assert.deepEqual(readTags(value), tagsOf(entries))
  })
}

const refused: [name: string, value: unknown, reason: string][] = [
  ['text', 'a=1', 'tags of an unknown shape'],
  ['null', null, 'tags of an unknown shape'],
  ['a list of texts', ['Alerts'], 'tags of an unknown shape'],
  ['a list of lists', [['a', '1']], 'tags of an unknown shape'],
  ['a pair without a key', [{ Value: '1' }], 'tag without a key'],
  ['an empty key', { '': '1' }, 'tag without a key'],
  ['a key that is an object', [{ Key: {}, Value: '1' }], 'tag without a key'],
  ['a pair without a value', [{ Key: 'a' }], 'tag value that is not text'],
  ['an object as value', { a: { b: 1 } }, 'tag value that is not text'],
  ['null as value', { a: null }, 'tag value that is not text'],
  ['a list as value', { a: ['1'] }, 'tag value that is not text'],
  ['a number past exactness', { a: 2 ** 64 }, 'tag value that is not text'],
  ['NaN', { a: Number.NaN }, 'tag value that is not text'],
  ['U+0000 in a key', { 'a\0': '1' }, 'control character in a tag key'],
  ['a line end in a key', { 'a\n': '1' }, 'control character in a tag key'],
  ['U+0085 in a key', { 'a\u0085': '1' }, 'control character in a tag key'],
  ['U+0000 in a value', { a: '\0' }, 'U+0000 in a tag value'],
  ['half a pair in a key', { '\ud800': '1' }, 'half a surrogate pair in a tag'],
  ['half a pair in a value', { a: 'x\udc00' }, 'half a surrogate pair in a tag'],
  [
    'two values',
    [
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ],
    'two values for one tag key',
  ],
]

for (const [name, value, reason] of refused) {
  void test(`refuses ${name}`, () => {
    assert.deepEqual(readTags(value), { reason })
  })
}

void test('keys that objects inherit are keys like any other', () => {
  const text = '{"__proto__":"p","constructor":"c","toString":"t","hasOwnProperty":"h"}'
  const read = readTags(JSON.parse(text))
  assert.ok('tags' in read)
  assert.equal(JSON.stringify(read.tags), text)
  const list = readTags([{ Key: '__proto__', Value: 'p' }])
  assert.ok('tags' in list)
  assert.deepEqual(Object.entries(list.tags), [['__proto__', 'p']])
  assert.equal(({} as Record<string, unknown>)['p'], undefined)
})

void test('a number keeps what it was', () => {
  assert.equal(tagText(123456789012), '123456789012')
  assert.equal(tagText(2 ** 53), undefined)
  assert.equal(tagText(-0.25), '-0.25')
})
