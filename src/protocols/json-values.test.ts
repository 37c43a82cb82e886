import assert from 'node:assert/strict'
import { test } from 'node:test'
import { list, map, string, structure } from '../model/shape.ts'
import { parseDocument, readStructure, SerializationProblem } from './json-values.ts'

const shape = structure('Input', { Text: string(), Texts: list(string()), Tags: map(string(), string()) })
const read = (body: string | Buffer) => readStructure(shape, parseDocument(Buffer.from(body)))

const noText: [name: string, body: string | Buffer][] = [
  ['half a pair in a string', String.raw`{"Text":"\ud800"}`],
  ['half a pair in a list', String.raw`{"Texts":["a","\udfffb"]}`],
  ['half a pair in the value of a map', String.raw`{"Tags":{"k":"\udbff"}}`],
  ['half a pair as the key of a map', String.raw`{"Tags":{"\ud800":"v"}}`],
  ['half a pair within the key of a map', String.raw`{"Tags":{"a\udc00b":"v"}}`],
  ['bytes that are no UTF-8, in a value', Buffer.from('{"Text":"a\xff"}', 'latin1')],
  ['an overlong form', Buffer.from('{"Text":"\xc0\xaf"}', 'latin1')],
  ['half a pair as bytes', Buffer.from('{"Tags":{"\xed\xa0\x80":"v"}}', 'latin1')],
  ['a character cut short', Buffer.from('{"Text":"\xe2\x82"}', 'latin1')],
]

void test('what is no text is refused, wherever it stands', async (t) => {
  for (const [name, body] of noText) await t.test(name, () => assert.throws(() => read(body), SerializationProblem))
})

void test('text of every sort is read as it is', () => {
  const tags = '{"__proto__":"a","constructor":"b","\\ud83d\\ude00":"\\ufffd","é":"\\u0000"}'
  const value = read(`{"Text":"\ufffd😀","Tags":${tags}}`)
  assert.equal(value['Text'], '\ufffd😀')
  assert.deepEqual(Object.entries(value['Tags'] as object), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['😀', '\ufffd'],
    ['é', '\u0000'],
  ])
})
