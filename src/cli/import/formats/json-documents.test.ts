import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJsonDocuments } from './json-documents.ts'

void test('reads one document, several, and lines', () => {
  assert.deepEqual(parseJsonDocuments('{"a":1}'), { documents: [{ a: 1 }] })
  assert.deepEqual(parseJsonDocuments('{"a":1}{"b":2}\n[3]'), { documents: [{ a: 1 }, { b: 2 }, [3]] })
  assert.deepEqual(parseJsonDocuments('{"a":1},\r\n{"b":2}\n'), { documents: [{ a: 1 }, { b: 2 }] })
  assert.deepEqual(parseJsonDocuments(' \n '), { documents: [] })
})

void test('braces, quotes and backslashes in text do not end a document', () => {
  const value = { a: '}{"]\\', 'b\\"': '\\\\"', c: '\u2028' }
  assert.deepEqual(parseJsonDocuments(`${JSON.stringify(value)}${JSON.stringify(value)}`), {
    documents: [value, value],
  })
})

void test('a member named __proto__ stays an own property', () => {
  const parsed = parseJsonDocuments('{"__proto__":{"polluted":true}}')
  assert.ok('documents' in parsed)
  assert.ok(Object.hasOwn(parsed.documents[0] as object, '__proto__'))
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

void test('an error gives its line and nothing of the text', () => {
  const secret = 'hunter2'
  for (const text of [
    `{"a":1}\n{"password": "${secret}" oops}`,
    `{"a":1}\n{"password": "${secret}"`,
    `{"a":1}\n"${secret}"`,
    `{"a":1}\n{"password": "${secret}\n"}`,
  ]) {
    const parsed = parseJsonDocuments(text)
    assert.ok('reason' in parsed)
    assert.match(parsed.reason, /^not valid JSON \(line \d+\)$/)
  }
  assert.deepEqual(parseJsonDocuments('{"a":1}\n{"b" 2}'), { reason: 'not valid JSON (line 2)' })
})

void test('refuses nesting that would overflow whoever walks it', () => {
  const reason = 'JSON nested more than 500 deep'
  assert.deepEqual(parseJsonDocuments('['.repeat(100_000) + ']'.repeat(100_000)), { reason })
  assert.deepEqual(parseJsonDocuments('{"a":'.repeat(100_000)), { reason })
  assert.ok('documents' in parseJsonDocuments('['.repeat(500) + ']'.repeat(500)))
  // In texts, brackets are no nesting.
  assert.deepEqual(parseJsonDocuments(`["${'['.repeat(1000)}"]`), { documents: [['['.repeat(1000)]] })
})

void test('refuses a million documents', () => {
  assert.deepEqual(parseJsonDocuments('{}'.repeat(1_000_001)), {
    reason: 'more than 1000000 JSON documents in one file',
  })
})

void test('a text that never closes costs one pass', () => {
  const start = performance.now()
  parseJsonDocuments(`{"a":"${'\\"'.repeat(2_000_000)}`)
  parseJsonDocuments('{'.repeat(400) + '"'.repeat(2_000_001))
  assert.ok(performance.now() - start < 2_000)
})
