import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportContext } from '../item.ts'
import { stackOutputs } from './stack-outputs.ts'

const context: ImportContext = {
  partition: 'aws',
  account: '999999999999',
  region: 'eu-central-1',
  parameters: {},
  assumeDeployed: false,
  cluster: 'main',
}
const stackId = 'arn:aws:cloudformation:us-west-2:111122223333:stack/shop/1'

function read(documents: unknown[], over: Partial<ImportContext> = {}) {
  assert.ok(stackOutputs.detect(documents))
  return [...stackOutputs.read(documents, { ...context, ...over })]
}

function row(ResourceType: string, PhysicalResourceId: string | undefined, more: object = {}) {
  return { LogicalResourceId: 'It', ResourceType, PhysicalResourceId, ResourceStatus: 'CREATE_COMPLETE', ...more }
}

void test('stacks, and nothing of their parameters and outputs', () => {
  const stack = {
    StackId: stackId,
    StackName: 'shop',
    StackStatus: 'UPDATE_COMPLETE',
    Tags: [{ Key: 'a', Value: '1' }],
    Parameters: [{ ParameterKey: 'Password', ParameterValue: 'hunter2' }],
    Outputs: [{ OutputKey: 'x', OutputValue: 'hunter2' }],
  }
  const items = read([{ Stacks: [stack, { ...stack, StackName: 5 }, { ...stack, Tags: 'x' }] }])
  assert.deepEqual(JSON.parse(JSON.stringify(items[0])), {
    kind: 'stack',
    where: 'page 1, row 1 (shop)',
    stack: { id: stackId, name: 'shop', status: 'UPDATE_COMPLETE', region: 'us-west-2', tags: { a: '1' } },
  })
  assert.deepEqual(
    items.slice(1).map((item) => item.kind),
    ['rejected', 'rejected'],
  )
  assert.doesNotMatch(JSON.stringify(items), /hunter2/)
})

void test('list-stacks says nothing of tags', () => {
  const [item] = read([{ StackSummaries: [{ StackId: stackId, StackName: 'shop', StackStatus: 'DELETE_COMPLETE' }] }])
  assert.ok(item?.kind === 'stack')
  assert.equal(item.stack.tags, undefined)
  assert.equal(item.stack.status, 'DELETE_COMPLETE')
})

void test('resources get account and Region of their stack, and no tags', () => {
  const items = read([
    {
      StackResources: [
        row('AWS::EC2::VPC', 'vpc-1', { StackId: stackId }),
        row('AWS::S3::Bucket', 'b', { StackId: stackId }),
        row('AWS::SNS::Topic', 'arn:aws:sns:us-west-2:111122223333:t', { StackId: stackId }),
        row('AWS::SQS::Queue', 'https://sqs.us-west-2.amazonaws.com/111122223333/q', { StackId: stackId }),
      ],
    },
  ])
  const stack = { id: stackId, logicalId: 'It' }
  assert.deepEqual(
    items.map((item) => item.kind === 'resource' && item.resource),
    [
      { arn: 'arn:aws:ec2:us-west-2:111122223333:vpc/vpc-1', type: 'AWS::EC2::VPC', stack, physicalId: 'vpc-1' },
      { arn: 'arn:aws:s3:::b', type: 'AWS::S3::Bucket', region: 'us-west-2', stack, physicalId: 'b' },
      { arn: 'arn:aws:sns:us-west-2:111122223333:t', type: 'AWS::SNS::Topic', stack },
      {
        arn: 'arn:aws:sqs:us-west-2:111122223333:q',
        type: 'AWS::SQS::Queue',
        stack,
        physicalId: 'https://sqs.us-west-2.amazonaws.com/111122223333/q',
      },
    ],
  )
})

void test('list-stack-resources needs the name of the stack', () => {
  const documents = [{ StackResourceSummaries: [row('AWS::EC2::VPC', 'vpc-1')] }]
  const [refused] = read(documents)
  assert.ok(refused?.kind === 'rejected')
  assert.equal(refused.where, '')
  assert.match(refused.reason, /give the stack name/)
  const [item] = read(documents, { stackName: 'shop' })
  assert.ok(item?.kind === 'resource')
  assert.deepEqual(item.resource.stack, { id: 'shop', logicalId: 'It' })
  assert.equal(item.resource.arn, 'arn:aws:ec2:eu-central-1:999999999999:vpc/vpc-1')
})

const left: [name: string, row: object, kind: string, reason: string][] = [
  ['a custom resource', row('Custom::Thing', 'x'), 'skipped', 'not a taggable resource'],
  ['a wait condition', row('AWS::CloudFormation::WaitCondition', 'x'), 'skipped', 'not a taggable resource'],
  ['a deleted one', row('AWS::EC2::VPC', 'vpc-1', { ResourceStatus: 'DELETE_COMPLETE' }), 'skipped', 'deleted'],
  ['one that failed', row('AWS::EC2::VPC', undefined, { ResourceStatus: 'CREATE_FAILED' }), 'skipped', 'never created'],
  ['one without an id', row('AWS::EC2::VPC', undefined), 'rejected', 'no physical id'],
  ['an AWS type that nobody knows', row('AWS::No::Such', 'x'), 'rejected', 'no ARN can be built for this type'],
  ['no type', row('', 'x'), 'rejected', 'row without logical id or type'],
  ['what is no type', row('a b', 'x'), 'rejected', 'not a resource type'],
]

for (const [name, resource, kind, reason] of left) {
  void test(`leaves out ${name}`, () => {
    const [item] = read([{ StackResources: [{ StackName: 'shop', ...resource }] }])
    assert.deepEqual([item?.kind, item && 'reason' in item && item.reason], [kind, reason])
  })
}

void test('shapes that AWS does not write do no harm', () => {
  const items = read([
    { StackResources: [null, 1, [], {}, { LogicalResourceId: {} }] },
    { Other: [] },
    { Stacks: [null] },
  ])
  assert.deepEqual(new Set(items.map((item) => item.kind)), new Set(['rejected']))
  assert.equal(items.length, 7)
})
