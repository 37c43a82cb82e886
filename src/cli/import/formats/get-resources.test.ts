import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportContext } from '../item.ts'
import { getResources } from './get-resources.ts'

const context: ImportContext = {
  partition: 'aws',
  account: '111122223333',
  region: 'eu-central-1',
  parameters: {},
  assumeDeployed: false,
  cluster: 'main',
}
const queue = 'arn:aws:sqs:us-east-1:111122223333:q'

function read(...documents: unknown[]) {
  assert.ok(getResources.detect(documents))
  return [...getResources.read(documents, context)]
}

void test('reads pages, rows and white space around ARNs', () => {
  const items = read(
    { ResourceTagMappingList: [{ ResourceARN: ` ${queue}1`, Tags: [{ Key: 'a', Value: '' }] }], PaginationToken: 'x' },
    { ResourceTagMappingList: [{ ResourceARN: `${queue}2`, Tags: [] }], PaginationToken: '' },
    { ResourceARN: `${queue}3` },
  )
  const seen = items.map((item) => item.kind === 'resource' && [item.where, item.resource.arn, item.resource.tags])
  assert.deepEqual(JSON.parse(JSON.stringify(seen)), [
    ['page 1, row 1', `${queue}1`, { a: '' }],
    ['page 2, row 1', `${queue}2`, {}],
    ['row 3', `${queue}3`, null],
  ])
})

void test("CloudFormation's own tags tell the stack", () => {
  const id = 'arn:aws:cloudformation:us-east-1:111122223333:stack/s/1'
  const Tags = [
    { Key: 'aws:cloudformation:stack-id', Value: id },
    { Key: 'aws:cloudformation:logical-id', Value: 'Queue' },
  ]
  const [item] = read({ ResourceTagMappingList: [{ ResourceARN: queue, Tags }] })
  assert.ok(item?.kind === 'resource')
  assert.deepEqual(item.resource.stack, { id, logicalId: 'Queue' })
  assert.equal(Object.keys(item.resource.tags ?? {}).length, 2)
})

void test('the last row for an ARN wins', () => {
  const row = (Value: string) => ({ ResourceARN: queue, Tags: [{ Key: 'a', Value }] })
  const items = read({ ResourceTagMappingList: [row('1')] }, { ResourceTagMappingList: [row('2')] })
  assert.deepEqual(items[0], { kind: 'skipped', where: 'page 1, row 1', reason: 'superseded by a later row' })
  assert.equal(items[1]?.kind === 'resource' && items[1].resource.tags?.['a'], '2')
})

void test('rejects rows that are none, and only those', () => {
  const rows = [
    null,
    5,
    [],
    {},
    { ResourceARN: 'x' },
    { ResourceARN: 'arn:aws:sqs' },
    { ResourceARN: queue, Tags: 'a=1' },
  ]
  const items = read({ ResourceTagMappingList: [...rows, { ResourceARN: queue, Tags: [] }] })
  assert.deepEqual(
    items.map((item) => ('reason' in item ? item.reason : item.kind)),
    [
      'row that is no object',
      'row that is no object',
      'row that is no object',
      'not an ARN',
      'not an ARN',
      'not an ARN',
      'tags of an unknown shape',
      'resource',
    ],
  )
})

void test('ARNs of hostile length or with control characters are rejected', () => {
  for (const arn of [`${queue}${'x'.repeat(5_000)}`, `${queue}\n`.concat('x'), `${queue}\ud800`]) {
    const [item] = read({ ResourceTagMappingList: [{ ResourceARN: arn, Tags: [] }] })
    assert.equal(item?.kind, 'rejected', JSON.stringify(arn.slice(0, 60)))
  }
})
