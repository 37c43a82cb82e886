import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseResourceQuery, stackProblem } from './resource-query.ts'
import type { ResourceQuery } from './resource-query.ts'

interface Case {
  name: string
  type: string
  text?: string
  json?: unknown
  query?: ResourceQuery
  message?: string
}

const cases = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/resource-query.json', import.meta.url), 'utf8'),
) as Case[]

const parse = (json: unknown, type = 'TAG_FILTERS_1_0') =>
  parseResourceQuery({ Type: type, Query: typeof json === 'string' ? json : JSON.stringify(json) })
const ofFilters = (filters: unknown) => parse({ ResourceTypeFilters: ['AWS::AllSupported'], TagFilters: filters })
const messageOf = (result: ReturnType<typeof parseResourceQuery>) => ('message' in result ? result.message : undefined)

void test('queries of test/vectors/resource-query.json', async (t) => {
  assert.ok(cases.length >= 60)
  for (const { name, type, text, json, query, message } of cases) {
    await t.test(name, () => {
      assert.deepEqual(parse(text ?? json, type), query === undefined ? { message } : { query })
    })
  }
})

void test('limits hold to the character, counted in Unicode characters', () => {
  const keyMessage = 'Query not valid: The maximum length for a tag Key is 128'
  const valueMessage = 'Query not valid: The maximum length for a tag Value is 256'
  for (const letter of ['k', 'é', '😀']) {
    assert.equal(messageOf(ofFilters([{ Key: letter.repeat(128) }])), undefined)
    assert.equal(messageOf(ofFilters([{ Key: letter.repeat(129) }])), keyMessage)
    assert.equal(messageOf(ofFilters([{ Key: 'k', Values: [letter.repeat(256)] }])), undefined)
    assert.equal(messageOf(ofFilters([{ Key: 'k', Values: [letter.repeat(257)] }])), valueMessage)
  }
  assert.equal(messageOf(ofFilters(Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}` })))), undefined)
  assert.equal(messageOf(ofFilters([{ Key: 'k', Values: Array.from({ length: 20 }, String) }])), undefined)
  const ofTypes = (count: number) =>
    parse({
      ResourceTypeFilters: Array.from({ length: count }, (_, index) => `AWS::Acme::Thing${index}`),
      TagFilters: [{ Key: 'k' }],
    })
  assert.equal(messageOf(ofTypes(20)), undefined)
  assert.match(messageOf(ofTypes(21)) ?? '', /between 1 and 20 elements$/)
})

void test('the text is at most 4096 characters', () => {
  const text = JSON.stringify({ ResourceTypeFilters: ['AWS::AllSupported'], TagFilters: [{ Key: 'k' }] })
  assert.ok('query' in parse(text.padEnd(4096)))
  assert.equal(messageOf(parse(text.padEnd(4097))), 'Query not valid: The maximum length for a Query is 4096')
})

void test('hostile texts are refused at once', () => {
  const syntax = 'Query not valid: Query format not valid: check JSON syntax'
  const tooLong = 'Query not valid: The maximum length for a Query is 4096'
  const start = performance.now()
  for (const text of ['['.repeat(4096), '{"a":'.repeat(800), '"\\'.repeat(2000), '['.repeat(2000) + ']'.repeat(2000)]) {
    assert.equal(messageOf(parse(text)), syntax)
  }
  for (const text of ['['.repeat(1e7), '😀'.repeat(4097)]) assert.equal(messageOf(parse(text)), tooLong)
  const duplicates = `{${Array.from({ length: 800 }, (_, index) => `"${index}":1`).join(',')},"799":2}`
  for (const text of [duplicates.slice(0, 4096), `{"a":${'{"b":'.repeat(600)}1${'}'.repeat(600)}}`]) {
    assert.equal(messageOf(parse(text)), syntax)
  }
  assert.ok(performance.now() - start < 1000)
})

void test('a message never exceeds what AWS allows in one', () => {
  const long = 'A'.repeat(4000)
  const query = { ResourceTypeFilters: [long], TagFilters: [{ Key: 'k' }] }
  for (const message of [messageOf(parse(query)), messageOf(parse('{}', 'x'.repeat(1e6)))]) {
    assert.ok(message !== undefined && message.length <= 1024)
  }
})

void test('any text gives a query or a message, and never throws', () => {
  const type = fc.constantFrom('TAG_FILTERS_1_0', 'CLOUDFORMATION_STACK_1_0')
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.string({ unit: fc.constantFrom(...'{}[]":,\\ku0'.split('')) }),
  )
  fc.assert(
    fc.property(type, text, (queryType, query) => {
      const result = parseResourceQuery({ Type: queryType, Query: query })
      assert.match(messageOf(result) ?? '', /^Query not valid: /)
    }),
    { numRuns: 2000 },
  )
})

void test('well-formed filters come back as they were sent', () => {
  const text = (min: number, max: number) => fc.string({ minLength: min, maxLength: max, unit: 'binary' })
  const filter = fc.record({ Key: text(1, 8), Values: fc.uniqueArray(text(0, 8), { maxLength: 5 }) })
  const filters = fc.uniqueArray(filter, { minLength: 1, maxLength: 5, selector: ({ Key }) => Key })
  fc.assert(
    fc.property(filters, (sent) => {
      const expected = sent.map(({ Key, Values }) => ({ key: Key, values: Values }))
      assert.deepEqual(ofFilters(sent), { query: { kind: 'tag', types: [], filters: expected } })
    }),
  )
})

void test('stacks: none, inactive and usable ones', () => {
  assert.equal(stackProblem(undefined)?.errorCode, 'CLOUDFORMATION_STACK_NOT_EXISTING')
  for (const status of ['DELETE_COMPLETE', 'ROLLBACK_COMPLETE', 'CREATE_FAILED']) {
    assert.deepEqual(stackProblem(status), {
      errorCode: 'CLOUDFORMATION_STACK_INACTIVE',
      message:
        'The specified CloudFormation stack cannot have the following statuses: ' +
        'DELETE_COMPLETE, ROLLBACK_COMPLETE, CREATE_FAILED.',
    })
  }
  const usable = ['CREATE_COMPLETE', 'CREATE_IN_PROGRESS', 'DELETE_FAILED', 'DELETE_IN_PROGRESS', 'REVIEW_IN_PROGRESS']
  for (const status of [...usable, 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE']) {
    assert.equal(stackProblem(status), undefined)
  }
})
