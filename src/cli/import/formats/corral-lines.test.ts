import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportContext, ImportItem } from '../item.ts'
import { corralLines, exportLine, exportStackLine } from './corral-lines.ts'

const context: ImportContext = {
  partition: 'aws',
  account: '111122223333',
  region: 'eu-central-1',
  parameters: {},
  assumeDeployed: false,
  cluster: 'main',
}
const queue = 'arn:aws:sqs:us-east-1:111122223333:q'

async function read(...lines: (string | object)[]): Promise<ImportItem[]> {
  async function* input() {
    yield Buffer.from(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  }
  const items: ImportItem[] = []
  for await (const item of corralLines.read(input(), context)) items.push(item)
  return items
}

void test('reads resources, declared ones and stacks', async () => {
  const stackId = 'arn:aws:cloudformation:us-east-1:111122223333:stack/s/1'
  const items = await read(
    { ResourceArn: queue, Tags: [{ Key: 'a', Value: '1' }], Stacks: [{ StackId: stackId, LogicalId: 'Q' }] },
    { ResourceArn: 'arn:aws:s3:::b', ResourceType: 's3:bucket', Region: 'us-west-2' },
    { Declared: true, ResourceType: 'AWS::EC2::VPC', Tags: [], Stacks: [{ StackId: 'shop', LogicalId: 'V' }] },
    { StackId: stackId, StackName: 's', StackStatus: 'CREATE_COMPLETE', Region: 'us-east-1', Tags: [] },
  )
  assert.deepEqual(JSON.parse(JSON.stringify(items)), [
    {
      kind: 'resource',
      where: 'line 1',
      resource: { type: 'AWS::SQS::Queue', arn: queue, tags: { a: '1' }, stack: { id: stackId, logicalId: 'Q' } },
    },
    {
      kind: 'resource',
      where: 'line 2',
      resource: { type: 'AWS::S3::Bucket', arn: 'arn:aws:s3:::b', region: 'us-west-2' },
    },
    {
      kind: 'resource',
      where: 'line 3',
      resource: { type: 'AWS::EC2::VPC', tags: {}, stack: { id: 'shop', logicalId: 'V' }, declared: true },
    },
    {
      kind: 'stack',
      where: 'line 4',
      stack: { id: stackId, name: 's', status: 'CREATE_COMPLETE', region: 'us-east-1', tags: {} },
    },
  ])
})

const rejected: [line: string | object, reason: string][] = [
  ['nonsense', 'not a JSON object'],
  ['[1]', 'not a JSON object'],
  ['null', 'not a JSON object'],
  [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'not a JSON object'],
  [{}, 'not an ARN'],
  [{ ResourceArn: 'x' }, 'not an ARN'],
  [{ ResourceArn: 5 }, 'not an ARN'],
  [{ ResourceArn: null, Declared: true }, 'not an ARN'],
  [{ ResourceArn: queue, ResourceType: 'not a type' }, 'not a resource type'],
  [{ ResourceArn: queue, ResourceType: {} }, 'not a resource type'],
  [{ ResourceArn: queue, Tags: 'a=1' }, 'tags of an unknown shape'],
  [{ ResourceArn: queue, Tags: [{ Key: 'a', Value: {} }] }, 'tag value that is not text'],
  [{ ResourceArn: queue, Stacks: [{ StackId: 's' }] }, 'stack without id or logical id'],
  [{ ResourceArn: queue, Stacks: 'x' }, 'stack without id or logical id'],
  [{ Declared: true, ResourceType: 'AWS::EC2::VPC' }, 'declared resource without a stack'],
  [{ Declared: true, Stacks: [{ StackId: 's', LogicalId: 'l' }] }, 'not a resource type'],
  [{ Declared: 'true', ResourceType: 'AWS::EC2::VPC', Stacks: [{ StackId: 's', LogicalId: 'l' }] }, 'not an ARN'],
  [{ StackName: 's' }, 'stack without id, name or status'],
  [{ StackId: 's', StackName: 's', StackStatus: 'X', Tags: 5 }, 'tags of an unknown shape'],
]

for (const [line, reason] of rejected) {
  const shown = typeof line === 'string' ? line.slice(0, 20) : JSON.stringify(line)
  void test(`rejects ${shown}, and only that`, async () => {
    const items = await read({ ResourceArn: queue }, line, { ResourceArn: queue })
    assert.deepEqual(
      items.map((item) => ('reason' in item ? [item.where, item.reason] : item.kind)),
      ['resource', ['line 2', reason], 'resource'],
    )
  })
}

void test('a second stack is told', async () => {
  const Stacks = ['a', 'b', 'c'].map((StackId) => ({ StackId, LogicalId: 'x' }))
  const items = await read({ ResourceArn: queue, Stacks })
  assert.deepEqual(
    items.map((item) => ('reason' in item ? [item.where, item.reason] : item.kind)),
    ['resource', ['line 1, stack b', 'second stack of a resource'], ['line 1, stack c', 'second stack of a resource']],
  )
})

void test('what the ARN says of the Region stands', async () => {
  const [item] = await read({ ResourceArn: queue, Region: 'eu-west-1' })
  assert.equal(item?.kind === 'resource' && item.resource.region, undefined)
})

void test('a byte order mark and empty lines', async () => {
  const items = await read(`\ufeff{"ResourceArn":"${queue}"}\r`, '', '  ', `{"ResourceArn":"${queue}"}`, '')
  assert.deepEqual(
    items.map((item) => [item.kind, item.where]),
    [
      ['resource', 'line 1'],
      ['resource', 'line 4'],
    ],
  )
})

void test('is known by any good line among the first', () => {
  const line = `{"ResourceArn":"${queue}"}`
  for (const head of [
    line,
    `{"Tags":[],"ResourceArn":"${queue}"}\n`,
    `oops\n${line}`,
    '{"StackId":"a","StackName":"b","StackStatus":"c"}',
  ]) {
    assert.ok(corralLines.detect(head), head)
  }
  for (const head of [
    '',
    '{',
    '{}',
    '[]',
    '{"a":\n1}',
    '{"ResourceARN":"x"}',
    `{"ResourceArn":"${queue}","ResourceTags":[]}`,
    'a,b',
    '"ResourceArn"',
    '{"ResourceArn"',
  ]) {
    assert.ok(!corralLines.detect(head), head)
  }
})

void test('tags named like what objects inherit come back', async () => {
  const tags = Object.assign(Object.create(null) as Record<string, string>, { constructor: 'c' })
  Object.defineProperty(tags, '__proto__', { value: 'p', enumerable: true, configurable: true, writable: true })
  const [item] = await read(exportLine({ arn: queue, type: 'AWS::SQS::Queue', tags }))
  assert.ok(item?.kind === 'resource')
  assert.deepEqual(Object.entries(item.resource.tags ?? {}), [
    ['constructor', 'c'],
    ['__proto__', 'p'],
  ])
})

void test('a stack comes back', async () => {
  const stack = { id: 'shop', name: 'shop', status: 'CREATE_COMPLETE' }
  assert.deepEqual(await read(exportStackLine(stack)), [{ kind: 'stack', where: 'line 1', stack }])
})
