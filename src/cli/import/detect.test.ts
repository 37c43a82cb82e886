import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detectFormat, readImport } from './detect.ts'
import type { Format } from './formats/format.ts'
import type { ImportContext, ImportItem } from './item.ts'

const context: ImportContext = {
  partition: 'aws',
  account: '111122223333',
  region: 'eu-central-1',
  stackName: 'shop',
  parameters: {},
  assumeDeployed: false,
  cluster: 'main',
}
const queue = 'arn:aws:sqs:us-east-1:111122223333:q'

async function read(content: string | Uint8Array, chunkLength = 65_536) {
  const bytes = Buffer.from(content)
  let closed = false
  async function* input() {
    try {
      for (let start = 0; start < bytes.length; start += chunkLength) yield bytes.subarray(start, start + chunkLength)
    } finally {
      closed = true
    }
  }
  const items: ImportItem[] = []
  const formats: Format[] = []
  for await (const item of readImport(input(), context, (format) => formats.push(format))) items.push(item)
  assert.ok(closed)
  return { items, format: formats[0]?.name }
}

const page = { ResourceTagMappingList: [{ ResourceARN: queue, Tags: [] }] }

const recognised: [format: string, text: string][] = [
  ['corral-lines', `{"ResourceArn":"${queue}"}\n`],
  ['csv', `ARN\n${queue}\n`],
  ['terraform-state', '{"version":4,"resources":[]}'],
  ['terraform-show', '{"format_version":"1.0","terraform_version":"1.9.1"}'],
  ['get-resources', JSON.stringify(page)],
  ['get-resources', `${JSON.stringify(page, null, 2)}\n${JSON.stringify(page)}`],
  ['get-resources', JSON.stringify([page, page])],
  ['get-resources', JSON.stringify({ status_code: 200, data: page })],
  ['get-resources', `\ufeff${JSON.stringify(page)}`],
  ['stack-outputs', '{"Stacks":[]}'],
  ['cloudformation-template', '{"Resources":{"A":{"Type":"AWS::EC2::VPC"}}}'],
  ['cloudformation-template', '# A comment\nResources:\n  A:\n    Type: AWS::EC2::VPC\n'],
  ['kubernetes', 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n'],
  ['kubernetes', '{"metadata":{"name":"a","uid":"1"}}\n{"metadata":{"name":"b","uid":"2"}}\n'],
]

for (const [format, text] of recognised) {
  void test(`knows ${JSON.stringify(text.slice(0, 60))}`, async () => {
    const found = detectFormat(text)
    assert.equal('format' in found && found.format.name, format)
    for (const length of [1, 7, 65_536]) assert.equal((await read(text, length)).format, format)
  })
}

const refused: [content: string | Uint8Array, reason: RegExp][] = [
  ['', /^the file is empty$/],
  [' \n', /^the file is empty$/],
  ['{}', /^format not recognised$/],
  ['[]', /^the file is empty$/],
  ['just text', /^format not recognised$/],
  ['a,b,c\n1,2,3\n', /^format not recognised$/],
  ['{"a": ', /^not valid JSON \(line 1\)$/],
  ['a: [1', /^not valid YAML/],
  ['{"configurationItems":[]}', /^AWS Config history is not read yet$/],
  ['{"encrypted_data":"x"}', /tofu show -json/],
  [Buffer.from([0x1f, 0x8b, 8, 0]), /gzip/],
  [Buffer.from('PK\u0003\u0004'), /zip/],
  [Buffer.from('\ufeff{"a":1}', 'utf16le'), /UTF-16/],
  [Buffer.from('a\0b'), /^not a text file$/],
  [Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x7d]), /^not UTF-8$/],
  [`a: ${'x'.repeat(4 * 1024 * 1024)}`, /YAML of more than 4 MiB/],
  [Buffer.alloc(64 * 1024 * 1024 + 1, 0x20), /more than 64 MiB/],
  ['['.repeat(100_000), /nested/],
]

for (const [content, reason] of refused) {
  void test(`refuses ${JSON.stringify(Buffer.from(content).subarray(0, 30).toString('latin1'))}: ${reason.source}`, async () => {
    const { items, format } = await read(content)
    assert.equal(format, undefined)
    assert.equal(items.length, 1)
    const [item] = items
    assert.ok(item?.kind === 'rejected')
    assert.equal(item.where, '')
    assert.equal(item.record, null)
    assert.match(item.reason, reason)
  })
}

void test('a stream is closed when the reader stops early', async () => {
  let closed = false
  async function* input() {
    try {
      for (;;) yield Buffer.from(`{"ResourceArn":"${queue}"}\n`.repeat(1_000))
    } finally {
      closed = true
    }
  }
  for await (const item of readImport(input(), context)) {
    assert.equal(item.kind, 'resource')
    break
  }
  assert.ok(closed)
})

void test('an error of the source is thrown, not taken for the end', async () => {
  async function* input() {
    yield Buffer.from(`ARN\n${queue}\n`)
    throw new Error('disk gone')
  }
  const items: ImportItem[] = []
  await assert.rejects(async () => {
    for await (const item of readImport(input(), context)) items.push(item)
  }, /disk gone/)
})
