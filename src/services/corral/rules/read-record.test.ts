import assert from 'node:assert/strict'
import { test } from 'node:test'
import { areTooMany, declaredArn, readResourceRecord, readStackRecord } from './read-record.ts'

const context = { account: '123456789012', resourceAccount: '999900001111', region: 'eu-west-1' }
type Given = Parameters<typeof readResourceRecord>[0]

function reading(given: Given) {
  const read = readResourceRecord(given, context)
  if ('problem' in read) assert.fail(read.problem)
  return read.record
}

const stackArn = 'arn:aws:cloudformation:us-east-1:111122223333:stack/prod/0f0e0d0c'
const regions: [string, string | undefined, string, boolean][] = [
  ['arn:aws:ec2:us-west-2:111122223333:instance/i-1', undefined, 'us-west-2', false],
  ['arn:aws:ec2:us-west-2:111122223333:instance/i-1', 'eu-west-3', 'us-west-2', false],
  ['arn:aws:iam::111122223333:role/r', undefined, 'us-east-1', false],
  ['arn:aws:iam::111122223333:role/r', 'eu-west-3', 'us-east-1', false],
  ['arn:aws-us-gov:iam::111122223333:role/r', undefined, 'us-gov-west-1', false],
  ['arn:aws-cn:route53:::hostedzone/Z1', undefined, 'cn-north-1', false],
  ['arn:aws:s3:::b', 'eu-west-3', 'eu-west-3', false],
  ['arn:aws:s3:::b', 'global', 'eu-west-1', true],
  ['arn:aws:s3:::b', undefined, 'eu-west-1', true],
  ['arn:aws:ec2:us-west-2b:111122223333:instance/i-1', undefined, 'eu-west-1', true],
  ['arn:aws-corral:acme:rack-1:111122223333:server/r1', undefined, 'eu-west-1', true],
]
for (const [ResourceArn, Region, region, isRegionAssumed] of regions)
  test(`${ResourceArn}${Region === undefined ? '' : ` in ${Region}`} belongs to ${region}`, () => {
    const record = reading({ ResourceArn, ...(Region !== undefined && { Region }) })
    assert.deepEqual([record.region, record.isRegionAssumed], [region, isRegionAssumed])
  })

test('types are brought to their one name, or read from the ARN', () => {
  const ResourceArn = 'arn:aws:ec2:us-west-2:111122223333:instance/i-1'
  for (const ResourceType of [undefined, 'ec2:instance', 'aws_instance', 'AWS::EC2::Instance'])
    assert.equal(
      reading({ ResourceArn, ...(ResourceType !== undefined && { ResourceType }) }).type,
      'AWS::EC2::Instance',
    )
  assert.equal(reading({ ResourceArn, ResourceType: 'Acme::Box' }).type, 'Acme::Box')
})

test('a log group has one ARN', () => {
  const arn = 'arn:aws:logs:us-west-2:111122223333:log-group:g'
  assert.equal(reading({ ResourceArn: `${arn}:*` }).arn, arn)
})

test('declared resources stand under an ARN of their own', () => {
  const declared = { Declared: true, ResourceType: 'AWS::S3::Bucket' }
  const named = reading({ ...declared, Stack: { StackId: 'prod', LogicalId: 'B' } })
  assert.equal(named.arn, 'arn:aws-corral:cloudformation:eu-west-1:999900001111:declared/prod/B')
  const known = reading({ ...declared, Stack: { StackId: stackArn, LogicalId: 'B' } })
  assert.equal(known.arn, 'arn:aws-corral:cloudformation:us-east-1:111122223333:declared/prod/B')
  assert.equal(known.region, 'us-east-1')
  assert.notEqual(
    declaredArn({ partition: 'aws', region: 'r', account: 'a', name: 'x', logicalId: 'y/z' }),
    declaredArn({ partition: 'aws', region: 'r', account: 'a', name: 'x-y', logicalId: 'z' }),
  )
  const long = readResourceRecord(
    { ...declared, Stack: { StackId: 'p'.repeat(128), LogicalId: '\u{1f600}'.repeat(255) } },
    context,
  )
  assert.ok('record' in long)
})

test('CloudFormation’s tags tell the stack; strange ones tell nothing', () => {
  const ResourceArn = 'arn:aws:sqs:us-west-2:111122223333:q'
  const stackOf = (Tags: Record<string, string>) => reading({ ResourceArn, Tags }).stack
  const id = { 'aws:cloudformation:logical-id': 'Q' }
  assert.equal(stackOf({ ...id, 'aws:cloudformation:stack-id': stackArn })?.arn, stackArn)
  assert.deepEqual(stackOf({ ...id, 'aws:cloudformation:stack-name': 'prod' }), {
    partition: 'aws',
    region: 'us-west-2',
    account: '111122223333',
    name: 'prod',
    logicalId: 'Q',
    isFromTags: true,
  })
  assert.equal(stackOf({ ...id, 'aws:cloudformation:stack-id': 'what?' }), undefined)
  assert.equal(stackOf(id), undefined)
})

test('limits are in characters, at and beyond', () => {
  const ResourceArn = 'arn:aws:sqs:us-west-2:111122223333:q'
  const isRead = (Tags: Record<string, string>) => 'record' in readResourceRecord({ ResourceArn, Tags }, context)
  const emoji = '\u{1f600}'
  assert.ok(isRead({ [emoji.repeat(128)]: emoji.repeat(256) }))
  assert.ok(!isRead({ [emoji.repeat(129)]: 'v' }))
  assert.ok(!isRead({ k: emoji.repeat(257) }))
  assert.ok(isRead({ ' org': '\u00a0', '\u202e': '' }))
  const tags = (prefix: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`${prefix}${at}`, '']))
  assert.ok(isRead({ ...tags('k', 50), ...tags('AWS:', 50) }))
  assert.ok(!isRead(tags('k', 51)))
  assert.ok(!isRead(tags('aws:', 51)))
  assert.ok(!areTooMany({ ...tags('k', 50), ...tags('aws:', 50) }))
  assert.ok(areTooMany(tags('k', 51)) && areTooMany(tags('aws:', 51)))
})

test('a stack’s name and ARN must agree', () => {
  const stack = { StackId: stackArn, StackName: 'prod', StackStatus: 'CREATE_COMPLETE' }
  const read = readStackRecord(stack, context)
  assert.ok('record' in read)
  assert.deepEqual([read.record.arn, read.record.stackName, read.record.region], [stackArn, 'prod', 'us-east-1'])
  for (const wrong of [
    { StackName: 'other' },
    { StackId: 'arn:aws:s3:::b' },
    { StackId: stackArn.replace('us-east-1', '') },
    { StackStatus: 'x'.repeat(100) },
    { Tags: { a: '\u0007' } },
    { Region: 'x' },
  ])
    assert.ok('problem' in readStackRecord({ ...stack, ...wrong }, context), JSON.stringify(wrong))
})

test('problems never repeat what the record holds', () => {
  const secret = 'hunter2'
  const given: Given[] = [
    { ResourceArn: secret },
    { ResourceArn: 'arn:aws:s3:::b', Tags: { [`${secret}\n`]: secret } },
    { ResourceArn: 'arn:aws:s3:::b', ResourceType: `${secret} x` },
    { ResourceArn: 'arn:aws:s3:::b', Stack: { StackId: `${secret} x`, LogicalId: 'L' } },
  ]
  for (const one of given) {
    const read = readResourceRecord(one, context)
    assert.ok('problem' in read && !read.problem.includes(secret))
  }
})
