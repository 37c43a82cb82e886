import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportContext, ImportItem } from '../item.ts'
import { csv, csvHeader, exportCsvLine } from './csv.ts'

const context: ImportContext = {
  partition: 'aws',
  account: '111122223333',
  region: 'eu-central-1',
  parameters: {},
  assumeDeployed: false,
  cluster: 'main',
}
const queue = 'arn:aws:sqs:us-east-1:111122223333:q'

async function read(text: string | Uint8Array, chunkLength = 65_536): Promise<ImportItem[]> {
  const bytes = Buffer.from(text)
  async function* input() {
    for (let start = 0; start < bytes.length; start += chunkLength) yield bytes.subarray(start, start + chunkLength)
  }
  assert.ok(csv.detect(bytes.toString('utf8')))
  const items: ImportItem[] = []
  for await (const item of csv.read(input(), context)) items.push(item)
  return items
}

function seen(items: ImportItem[]) {
  return items.map((item) =>
    item.kind === 'resource' ? item.resource.tags && { ...item.resource.tags } : 'reason' in item && item.reason,
  )
}

void test('a Tags column holds JSON, as map or list', async () => {
  const items = await read(
    `ResourceArn,Tags\n${queue},"{""a"":""1""}"\n${queue},"[{""Key"":""b"",""Value"":""""}]"\n${queue},{}\n${queue},\n`,
  )
  assert.deepEqual(seen(items), [{ a: '1' }, { b: '' }, {}, undefined])
})

void test('one column a tag; keys are not trimmed, and an empty cell is no tag', async () => {
  const items = await read(`ARN,Tag: Name,tag:org,tag: org,Tag:x\n${queue},n,o,p,\n${queue},,,,\n`)
  assert.deepEqual(seen(items), [{ Name: 'n', org: 'o', ' org': 'p' }, {}])
})

void test("Tag Editor's export says when a tag is absent, and counts tags in a column", async () => {
  const items = await read(
    `Identifier,Tag: Name,Service,Type,Region,Tag: empty,Tags,ARN\nq,n,SQS,Queue,us-east-1,,2,${queue}\nb,(not tagged),S3,Bucket,us-west-2,(not tagged),0,arn:aws:s3:::b\n`,
  )
  assert.deepEqual(seen(items), [{ Name: 'n', empty: '' }, {}])
  const bucket = items[1]
  assert.ok(bucket?.kind === 'resource')
  assert.equal(bucket.resource.type, 'AWS::S3::Bucket')
  assert.equal(bucket.resource.region, 'us-west-2')
})

void test('FOCUS writes NULL, and has rows of no AWS resource', async () => {
  const header = 'BillingAccountId,ResourceId,ResourceType,RegionId,Tags,Cost'
  const items = await read(
    `${header}\n1,${queue},NULL,us-east-1,NULL,5\n1,${queue},NULL,us-east-1,"{""a"":""NULL""}",5\n1,NULL,NULL,NULL,NULL,5\n1,i-0abc,NULL,NULL,NULL,5\n1,/subscriptions/x,NULL,NULL,NULL,5\n1,${queue},NULL,NULL,oops,5\n`,
  )
  assert.deepEqual(seen(items), [
    undefined,
    { a: 'NULL' },
    'row without a resource',
    'resource id that is no ARN',
    'resource id that is no ARN',
    'tags that are not JSON',
  ])
  // A billing row's other cells are nobody's business.
  const last = items.at(-1)
  assert.deepEqual(last?.kind === 'rejected' && Object.keys(last.record as object), [
    'ResourceId',
    'ResourceType',
    'RegionId',
    'Tags',
  ])
})

void test('elsewhere NULL is a word', async () => {
  assert.deepEqual(seen(await read(`ARN,tag:a\n${queue},NULL\n`)), [{ a: 'NULL' }])
  assert.deepEqual(seen(await read(`ARN,Tags\n${queue},NULL\n`)), ['tags that are not JSON'])
})

const rows: [row: string, reason: string][] = [
  ['', 'row without a resource'],
  ['  ,', 'row without a resource'],
  ['i-0abc,', 'not an ARN'],
  [`${queue},{`, 'tags that are not JSON'],
  [`${queue},5`, 'tags that are not JSON'],
  [`${queue},"{""a"":{}}"`, 'tag value that is not text'],
  [`${queue},"[1]"`, 'tags of an unknown shape'],
  [`${queue},,x,y`, 'more cells than columns'],
]

for (const [row, reason] of rows) {
  void test(`says of the row ${JSON.stringify(row)}: ${reason}`, async () => {
    const items = await read(`ARN,Tags,Note\n${queue},,\n${row === '' ? ',' : row}\n${queue},,\n`)
    assert.deepEqual(seen(items), [undefined, reason, undefined])
  })
}

void test('chunks cut anywhere, CRLF and a byte order mark change nothing', async () => {
  const text = `\ufeff"ARN","tag:ä"\r\n"${queue}","x\r\n""y"""\r\n${queue},😀\r\n`
  const whole = await read(text)
  assert.deepEqual(seen(whole), [{ ä: 'x\r\n"y"' }, { ä: '😀' }])
  for (const length of [1, 2, 3, 5, 17]) assert.deepEqual(await read(text, length), whole)
})

void test('after quotes that do not match nothing is read, and all before is', async () => {
  const items = await read(`ARN,tag:a\n${queue},1\n${queue},2\n${queue},"x"y\n${queue},3\n`)
  assert.deepEqual(seen(items), [{ a: '1' }, { a: '2' }, 'quotes that do not match: nothing was read from here on'])
  assert.equal(items[2]?.where, 'line 4')
  const open = await read(`ARN,tag:a\n${queue},1\n${queue},"never closed\n`)
  assert.deepEqual(seen(open).slice(1), ['quotes that do not match: nothing was read from here on'])
})

void test('a row too long, and bytes that are no UTF-8, end it', async () => {
  const long = await read(`ARN,tag:a\n${queue},"${'x'.repeat(2_000_000)}"\n${queue},1\n`)
  assert.deepEqual(seen(long), ['row too long: nothing was read from here on'])
  const latin = await read(Buffer.concat([Buffer.from(`ARN,tag:a\n${queue},`), Buffer.from([0xe9, 0x0a])]))
  assert.deepEqual(seen(latin), ['not UTF-8: nothing was read from here on'])
})

void test('columns named like what objects inherit', async () => {
  const [item] = await read(`ARN,tag:__proto__,tag:constructor\n${queue},p,c\n`)
  assert.ok(item?.kind === 'resource')
  assert.deepEqual(Object.entries(item.resource.tags ?? {}), [
    ['__proto__', 'p'],
    ['constructor', 'c'],
  ])
  const [bad] = await read(`__proto__,ARN,Tags\nx,${queue},{\n`)
  assert.equal(bad?.kind, 'rejected')
  assert.equal(({} as Record<string, unknown>)['x'], undefined)
})

void test('two values for one key', async () => {
  assert.deepEqual(seen(await read(`ARN,tag:a,Tag: a\n${queue},1,2\n`)), ['two values for one tag key'])
})

void test('our own rows give no formula to a spreadsheet', async () => {
  const dangerous = ['=1+1', '+1', '-1', '@x', '\t=1', '"quoted"', 'plain', 'a,b', 'x\r\ny']
  const resources = dangerous.map((physicalId) => ({
    arn: queue,
    type: 'AWS::SQS::Queue',
    stack: { id: physicalId, logicalId: physicalId },
    physicalId,
  }))
  const lines = resources.map(exportCsvLine)
  for (const line of lines) {
    for (const cell of line.split(',')) assert.doesNotMatch(cell, /^"?[=+\-@\t\r]/, line)
  }
  const items = await read([csvHeader, ...lines].join('\r\n'))
  assert.deepEqual(
    items.map((item) => item.kind === 'resource' && item.resource),
    resources,
  )
})

void test('is known by its header alone', () => {
  for (const head of [
    'ARN\n',
    '"ResourceArn","x"\r\n',
    'Identifier,Tag: Name,Service',
    'a, arn ,b\n',
    '\ufeffResourceId,Tags\n',
    csvHeader,
  ]) {
    assert.ok(csv.detect(head), head)
  }
  for (const head of ['', 'a,b\narn,c', '{"ARN":1}', 'apiVersion: v1', `${queue},x`]) assert.ok(!csv.detect(head), head)
})
