// Damaged real files: whatever happens to a file, reading it ends in items or a refusal, never in an exception; and no
// item holds a tag that could not be stored.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readImport } from '../../src/cli/import/detect.ts'
import { context } from './read-file.ts'

const folder = path.join(import.meta.dirname, '..', 'data', 'import')
const files = readdirSync(folder).map((file) => readFileSync(path.join(folder, file)))
files.push(Buffer.from('ARN,Tags,tag:a\narn:aws:sqs:us-east-1:123456789012:q,"{""b"":""c""}",d\n'.repeat(3)))
files.push(
  Buffer.from('{"ResourceArn":"arn:aws:sqs:us-east-1:123456789012:q","Tags":[{"Key":"a","Value":"b"}]}\n'.repeat(3)),
)

async function check(bytes: Uint8Array): Promise<void> {
  async function* input() {
    yield bytes
  }
  for await (const item of readImport(input(), context)) {
    if (item.kind !== 'resource') continue
    assert.ok(item.resource.arn !== undefined || item.resource.declared)
    assert.match(item.resource.type, /^[A-Za-z0-9]+(::[A-Za-z0-9.-]+)+$/)
    for (const [key, value] of Object.entries(item.resource.tags ?? {})) {
      assert.ok(key !== '' && key.isWellFormed())
      assert.ok(typeof value === 'string' && value.isWellFormed() && !value.includes('\0'))
    }
  }
}

const patch = fc.record({
  at: fc.nat(1_000_000),
  remove: fc.integer({ min: 0, max: 40 }),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        'null',
        '{}',
        '[]',
        '"',
        '{',
        ']',
        '\n',
        ': ',
        '- ',
        '&a ',
        '*a',
        '!Ref ',
        '"__proto__":',
        ',',
        '0',
        '\\ud800',
        'true',
      )
      .map((text) => Buffer.from(text)),
  ),
})

void test('files with bytes changed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.array(patch, { minLength: 1, maxLength: 6 }),
      async (file, patches) => {
        let bytes: Buffer = Buffer.from(file)
        for (const { at, remove, insert } of patches) {
          const start = at % (bytes.length + 1)
          bytes = Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)])
        }
        await check(bytes)
      },
    ),
    { numRuns: 400 },
  )
})

/** Puts another value somewhere into a parsed document. */
function replaceAt(value: unknown, path: number[], by: unknown): unknown {
  if (typeof value !== 'object' || value === null || path.length === 0) return by
  const keys = Object.keys(value)
  const key = keys[(path[0] ?? 0) % Math.max(1, keys.length)]
  if (key === undefined) return by
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...value }
  const slot = copy as Record<string, unknown>
  slot[key] = replaceAt(slot[key], path.slice(1), by)
  return copy
}

void test('JSON files with values of other shapes', async () => {
  const documents = files.flatMap((file): unknown[] => {
    try {
      return [JSON.parse(file.toString('utf8'))]
    } catch {
      return []
    }
  })
  assert.ok(documents.length >= 7)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...documents),
      fc.array(fc.nat(50), { minLength: 1, maxLength: 9 }),
      fc.oneof(fc.jsonValue(), fc.constantFrom('', null, 0, {}, [], [null], { Key: {} }, 'arn:', '\ud800')),
      async (document, place, by) => check(Buffer.from(JSON.stringify(replaceAt(document, place, by)))),
    ),
    { numRuns: 1_500 },
  )
})
