import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPrintable, isReservedKey, userTagCount } from './tag-rules.ts'

test('reserved keys begin with aws: in any case', () => {
  for (const key of ['aws:', 'aws:x', 'AWS:x', 'aWs:cloudformation:stack-name']) assert.ok(isReservedKey(key), key)
  for (const key of ['', 'aws', 'awsx', ' aws:x', 'x:aws:', 'awsApplication', 'aws-x:'])
    assert.ok(!isReservedKey(key), key)
  assert.equal(userTagCount(['aws:x', 'x', 'AWS:y', 'awsApplication']), 2)
})

test('text is printable unless it holds control characters, line separators or halves of characters', () => {
  for (const text of [
    '',
    ' ',
    '\u00a0',
    'Zoë',
    '日本',
    '\u{1f3f7}',
    '\u{1f468}\u200d\u{1f469}',
    '_.:/=+-@',
    '\u00ad',
    '\ufeff',
  ])
    assert.ok(isPrintable(text), JSON.stringify(text))
  for (const text of [
    '\u0000',
    'a\nb',
    '\t',
    '\r',
    '\u001b[0m',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u2029',
    '\ud800',
    'a\udfffb',
  ])
    assert.ok(!isPrintable(text), JSON.stringify(text))
})
