import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configurationProblem, tagsProblem } from './configuration-item.ts'

test('a configuration is the text of a JSON object of 64 KB at most', () => {
  const filled = (bytes: number, character: string) => {
    const frame = Buffer.byteLength('{"a":""}')
    return `{"a":"${character.repeat((bytes - frame) / Buffer.byteLength(character))}"}`
  }
  for (const text of [
    '{}',
    ' {"a" : 1}\n',
    '{"a":1,"a":2}',
    '{"__proto__":{}}',
    filled(65_536, 'a'),
    filled(65_536, 'ä'),
  ])
    assert.equal(configurationProblem(text), undefined, text.slice(0, 40))
  for (const text of [
    '',
    ' ',
    '{',
    '[]',
    '1',
    'null',
    'true',
    '"a"',
    "{'a':1}",
    '{}{}',
    '{"a":NaN}',
    filled(65_538, 'ä'),
    filled(65_537, 'a'),
  ])
    assert.equal(typeof configurationProblem(text), 'string', text.slice(0, 40))
})

test('tags of an item keep the limits of tags, AWS beside the user', () => {
  const tags = (count: number, prefix: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 'v']))
  const pair = '\u{1f3f7}'
  for (const fine of [
    {},
    { ...tags(50, 'k'), ...tags(50, 'aws:') },
    { k: '' },
    { [pair.repeat(128)]: pair.repeat(256) },
  ])
    assert.equal(tagsProblem(fine), undefined)
  const bad: Record<string, string>[] = [
    tags(51, 'k'),
    tags(51, 'aws:'),
    { '': 'v' },
    { [pair.repeat(129)]: 'v' },
    { k: 'v'.repeat(257) },
    { 'a\u0000': 'v' },
    { k: '\n' },
  ]
  for (const item of bad) assert.equal(typeof tagsProblem(item), 'string', JSON.stringify(item).slice(0, 60))
})
