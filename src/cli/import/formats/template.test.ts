import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportContext, ImportItem } from '../item.ts'
import { template } from './template.ts'
import { parseYamlDocuments } from './yaml-documents.ts'

const context: ImportContext = {
  partition: 'aws',
  account: '111122223333',
  region: 'eu-central-1',
  stackName: 'shop',
  parameters: {},
  assumeDeployed: false,
  cluster: 'main',
}

function read(text: string, over: Partial<ImportContext> = {}): ImportItem[] {
  const parsed = parseYamlDocuments(text)
  assert.ok('documents' in parsed, 'reason' in parsed ? parsed.reason : '')
  assert.ok(template.detect(parsed.documents))
  return [...template.read(parsed.documents, { ...context, ...over })]
}

/** Kind and where of each item, with the tags of a resource or the reason. */
function summary(items: ImportItem[]) {
  return items.map((item) => [
    item.where,
    item.kind === 'resource' ? { ...item.resource.tags } : 'reason' in item && item.reason,
  ])
}

void test('a resource is declared, under the stack of the context', () => {
  const text =
    'Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: !Sub "${AWS::StackName}-data"}\n'
  const [item] = read(text)
  assert.deepEqual(item, {
    kind: 'resource',
    where: 'Data',
    resource: {
      type: 'AWS::S3::Bucket',
      tags: Object.create(null) as object,
      stack: { id: 'shop', logicalId: 'Data' },
      physicalId: 'shop-data',
      region: 'eu-central-1',
      declared: true,
    },
  })
})

void test('without a stack name the file is refused', () => {
  const document = { Resources: { A: { Type: 'AWS::S3::Bucket' } } }
  const { stackName: _, ...nameless } = context
  const items = [...template.read([document], nameless)]
  assert.equal(items.length, 1)
  assert.ok(items[0]?.kind === 'rejected' && items[0].where === '' && /give the stack name/.test(items[0].reason))
})

void test('tags as list and map, with functions in keys and values', () => {
  const items = read(
    `
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Key: {Type: String, Default: cost}
  Env: {Type: String}
Conditions:
  No: !Equals [a, b]
Resources:
  List:
    Type: AWS::EC2::VPC
    Properties:
      Tags:
        - {Key: n, Value: 1}
        - {Key: b, Value: true}
        - {Key: !Ref Key, Value: !Sub "\${AWS::Region}"}
        - {Key: env, Value: !Ref Env}
        - {Key: !ImportValue x, Value: y}
        - !If [No, {Key: no, Value: no}, !Ref AWS::NoValue]
        - {Key: gone, Value: !If [No, x, !Ref AWS::NoValue]}
        - !If [No, {Key: no, Value: no}, {Key: yes, Value: !Join ["", [a, b]]}]
  Map:
    Type: AWS::EKS::Nodegroup
    Properties:
      Tags: {a: 1, env: !Ref Env, c: !Sub "x-\${Key}"}
  Chosen:
    Type: AWS::EC2::VPC
    Properties:
      Tags: !If [No, [], [{Key: a, Value: !Ref Key}, {Key: env, Value: !Ref Env}]]
  Absent:
    Type: AWS::EC2::VPC
    Properties:
      Tags: !Ref AWS::NoValue
  Opaque:
    Type: AWS::EC2::VPC
    Properties:
      Tags: !Ref Env
`,
    { parameters: { Other: 'x' } },
  )
  assert.deepEqual(summary(items), [
    ['List', { n: '1', b: 'true', cost: 'eu-central-1', yes: 'ab' }],
    ['List, tag env', 'unresolved tag'],
    ['List, tag {"Fn::ImportValue":"x"}', 'unresolved tag'],
    ['Map', { a: '1', c: 'x-cost' }],
    ['Map, tag env', 'unresolved tag'],
    ['Chosen', { a: 'cost' }],
    ['Chosen, tag env', 'unresolved tag'],
    ['Absent', {}],
    ['Opaque', {}],
    ['Opaque, tag *', 'unresolved tag'],
  ])
})

void test('a resource says when some of its tags are left out', () => {
  const items = read(
    'Resources:\n  A: {Type: AWS::EC2::VPC, Properties: {Tags: [{Key: a, Value: b}, {Key: c, Value: !Ref X}]}}\n  B: {Type: AWS::EC2::VPC, Properties: {Tags: [{Key: a, Value: b}]}}\n',
  )
  const partial = items.map((item) => item.kind === 'resource' && item.resource.partialTags)
  assert.deepEqual(partial, [true, false, undefined])
})

void test('a name that is not the id is no physical id', () => {
  const items = read(
    `
Resources:
  P: {Type: AWS::Cognito::UserPool, Properties: {UserPoolName: people}}
  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "\${AWS::StackName}-q"}}
  R: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Elsewhere}}
`,
  )
  const ids = items.map((item) => item.kind === 'resource' && item.resource.physicalId)
  assert.deepEqual(ids, [undefined, 'shop-q', undefined])
})

void test('parameters that the user gives come before defaults', () => {
  const text =
    'Parameters: {Env: {Type: String, Default: dev}}\nResources: {V: {Type: AWS::EC2::VPC, Properties: {Tags: [{Key: e, Value: !Ref Env}]}}}'
  assert.deepEqual(summary(read(text)), [['V', { e: 'dev' }]])
  assert.deepEqual(summary(read(text, { parameters: { Env: 'prod' } })), [['V', { e: 'prod' }]])
})

void test('conditions: false, true and unknown', () => {
  const items = read(
    `
Parameters: {Env: {Type: String}}
Conditions: {Yes: !Equals [a, a], No: !Not [!Condition Yes], Maybe: !Equals [!Ref Env, prod]}
Resources:
  A: {Type: AWS::EC2::VPC, Condition: Yes}
  B: {Type: AWS::EC2::VPC, Condition: No}
  C: {Type: AWS::EC2::VPC, Condition: Maybe}
  D: {Type: AWS::EC2::VPC, Condition: NoSuch}
`,
  )
  assert.deepEqual(summary(items), [
    ['A', {}],
    ['B', 'under a false condition'],
    ['C', 'unresolved condition'],
    ['D', 'unresolved condition'],
  ])
})

void test('SAM types are what they become, with the tags of Globals', () => {
  const items = read(
    `
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Tags: {team: a, own: global}}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {FunctionName: f, Tags: {own: own}}}
  T: {Type: AWS::Serverless::SimpleTable}
  A: {Type: AWS::Serverless::Application, Properties: {Tags: {x: y}}}
`,
  )
  assert.deepEqual(summary(items), [
    ['F', { team: 'a', own: 'own' }],
    ['T', {}],
    ['A', { x: 'y' }],
  ])
  assert.deepEqual(
    items.map((item) => item.kind === 'resource' && item.resource.type),
    ['AWS::Lambda::Function', 'AWS::DynamoDB::Table', 'AWS::CloudFormation::Stack'],
  )
})

void test('tags under other names', () => {
  const items = read(
    `
Resources:
  Z: {Type: AWS::Route53::HostedZone, Properties: {HostedZoneTags: [{Key: a, Value: b}]}}
  F: {Type: AWS::EFS::FileSystem, Properties: {FileSystemTags: [{Key: a, Value: b}]}}
  U: {Type: AWS::Cognito::UserPool, Properties: {UserPoolTags: {a: b}}}
`,
  )
  assert.deepEqual(summary(items), [
    ['Z', { a: 'b' }],
    ['F', { a: 'b' }],
    ['U', { a: 'b' }],
  ])
})

void test('what is no resource', () => {
  const items = read(
    `
Resources:
  A: {Type: Custom::Thing}
  B: {Type: AWS::CloudFormation::CustomResource}
  C: {Type: not a type}
  D: {Properties: {}}
  Fn::ForEach::Loop: [x, [a, b], {}]
  E: text
  V: {Type: AWS::EC2::VPC, Properties: text}
`,
  )
  assert.deepEqual(summary(items), [
    ['A', 'not a taggable resource'],
    ['B', 'not a taggable resource'],
    ['C', 'not a resource type'],
    ['D', 'resource without a type'],
    ['Fn::ForEach::Loop', 'loops and macros are not expanded'],
    ['E', 'resource without a type'],
    ['V', {}],
  ])
})

void test('taken as deployed, resources have ARNs and are not declared', () => {
  const text = `
Resources:
  Named: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}
  Nameless: {Type: AWS::SQS::Queue}
  Foreign: {Type: Acme::Rack::Server}
`
  const items = read(text, { assumeDeployed: true })
  assert.deepEqual(
    items.map((item) =>
      item.kind === 'resource'
        ? [item.resource.arn, item.resource.region, item.resource.declared]
        : 'reason' in item && item.reason,
    ),
    [
      ['arn:aws:s3:::data', 'eu-central-1', undefined],
      ['arn:aws:sqs:eu-central-1:111122223333:shop-Nameless', undefined, undefined],
      'type without a known ARN',
    ],
  )
})

void test('bad tags are told one by one', () => {
  const items = read(
    `
Resources:
  V:
    Type: AWS::EC2::VPC
    Properties:
      Tags: [{Key: a, Value: b}, text, {Value: c}, {Key: "", Value: c}, {Key: a, Value: other}, {Key: d, Value: {x: y}}]
`,
  )
  assert.deepEqual(summary(items), [
    ['V', { a: 'b' }],
    ['V, tag number 2', 'unresolved tag'],
    ['V, tag number 3', 'unresolved tag'],
    ['V, tag ', 'tag without a key'],
    ['V, tag a', 'two values for one tag key'],
    ['V, tag d', 'unresolved tag'],
  ])
})

void test('keys and logical ids that objects inherit', () => {
  const items = read('Resources:\n  __proto__: {Type: AWS::EC2::VPC, Properties: {Tags: {__proto__: p}}}\n')
  const [item] = items
  assert.ok(item?.kind === 'resource')
  assert.equal(item.where, '__proto__')
  assert.deepEqual(Object.entries(item.resource.tags ?? {}), [['__proto__', 'p']])
})

void test('a list of tags without end is refused as a list', () => {
  const Tags = Array.from({ length: 100_000 }, (_, number) => ({ Key: `k${number}`, Value: 'v' }))
  const items = [...template.read([{ Resources: { V: { Type: 'AWS::EC2::VPC', Properties: { Tags } } } }], context)]
  assert.deepEqual(summary(items), [
    ['V', {}],
    ['V, tag *', 'too many tags'],
  ])
})

void test('two documents are no template', () => {
  const document = { Resources: { A: { Type: 'AWS::S3::Bucket' } } }
  const [item] = template.read([document, document], context)
  assert.ok(item?.kind === 'rejected' && item.where === '')
})
