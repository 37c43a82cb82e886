// What is exported comes back the same, as JSON lines and as CSV, whatever tags and ids hold.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readImport } from '../../src/cli/import/detect.ts'
import { exportLine, exportStackLine } from '../../src/cli/import/formats/corral-lines.ts'
import { csvHeader, exportCsvLine } from '../../src/cli/import/formats/csv.ts'
import type { ImportedResource, ImportedStack, ImportItem } from '../../src/cli/import/item.ts'
import { context } from './read-file.ts'

async function read(text: string, chunkLength: number): Promise<ImportItem[]> {
  const bytes = Buffer.from(text)
  async function* input() {
    for (let start = 0; start < bytes.length; start += chunkLength) yield bytes.subarray(start, start + chunkLength)
  }
  const items: ImportItem[] = []
  for await (const item of readImport(input(), context)) items.push(item)
  return items
}

const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => text.isWellFormed())
const key = fc.oneof(
  anyText.filter((text) => !/\p{Cc}/u.test(text)),
  fc.constantFrom('__proto__', 'constructor', ' org', 'aws:x:y', '=1+1'),
)
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text.isWellFormed() && !text.includes('\0')),
  fc.constantFrom('', 'NULL', '(not tagged)', '"', 'a\r\nb', '=1+1'),
)
const id = fc.oneof(anyText, fc.constantFrom('i-0abc', '=cmd', '"', '""', 'a"b', ' a ', 'NULL', '\ufeff'))

const tags = fc.array(fc.tuple(key, value), { maxLength: 6 }).map((pairs) => {
  const map = Object.create(null) as Record<string, string>
  for (const [name, text] of pairs) map[name] = text
  return map
})

const named = fc.constantFrom(
  { arn: 'arn:aws:ec2:us-east-1:123456789012:instance/i-0abc', type: 'AWS::EC2::Instance' },
  { arn: 'arn:aws:s3:::bucket', type: 'AWS::S3::Bucket', region: 'eu-west-1' },
  { arn: 'arn:aws:s3:::bucket', type: 'AWS::S3::Bucket' },
  { arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:a "b", c', type: 'AWS::CloudWatch::Alarm' },
  { arn: 'arn:aws-corral:acme-rack:us-east-1:123456789012:server/r1', type: 'Acme::Rack::Server' },
  { arn: 'arn:aws-corral:kubernetes:us-east-1:123456789012:Pod.core/c/default/p', type: 'Kubernetes::core::Pod' },
)

const resource: fc.Arbitrary<ImportedResource> = fc
  .record({
    identity: named,
    declared: fc.boolean(),
    tags: fc.option(tags, { nil: undefined }),
    stack: fc.option(fc.record({ id, logicalId: id }, { noNullPrototype: true }), { nil: undefined }),
    physicalId: fc.option(id, { nil: undefined }),
  })
  .map(({ identity, declared, tags: some, stack, physicalId }) => ({
    ...(declared && stack ? { type: identity.type } : identity),
    ...(some && { tags: some }),
    ...(stack && { stack }),
    ...(physicalId !== undefined && { physicalId }),
    ...(declared && { declared }),
  }))

function resourcesOf(items: readonly ImportItem[]) {
  return items.map((item) => (item.kind === 'resource' ? item.resource : item))
}

void test('JSON lines', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(resource, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 500 }),
      async (resources, chunk) => {
        const items = await read(resources.map((one) => `${exportLine(one)}\n`).join(''), chunk)
        assert.deepEqual(resourcesOf(items), resources)
      },
    ),
    { numRuns: 300 },
  )
})

void test('CSV', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(resource, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 500 }),
      async (resources, chunk) => {
        const items = await read(
          [csvHeader, ...resources.map(exportCsvLine)].map((line) => `${line}\r\n`).join(''),
          chunk,
        )
        assert.deepEqual(resourcesOf(items), resources)
      },
    ),
    { numRuns: 300 },
  )
})

void test('stacks', async () => {
  const stack: fc.Arbitrary<ImportedStack> = fc
    .record({
      id,
      name: id,
      status: fc.constantFrom('CREATE_COMPLETE', 'DELETE_COMPLETE'),
      tags: fc.option(tags, { nil: undefined }),
      region: fc.option(fc.constant('us-east-1'), { nil: undefined }),
    })
    .map(({ tags: some, region, ...rest }) => ({
      ...rest,
      ...(region !== undefined && { region }),
      ...(some && { tags: some }),
    }))
  await fc.assert(
    fc.asyncProperty(stack, async (one) => {
      const [item] = await read(`${exportStackLine(one)}\n`, 64)
      assert.deepEqual(item?.kind === 'stack' && item.stack, one)
    }),
    { numRuns: 200 },
  )
})
