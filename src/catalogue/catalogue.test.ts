import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { maxArnLength, parseArn } from '../model/arn.ts'
import {
  arnFor,
  canonicalTypeName,
  normalizeArn,
  resourceType,
  terraformType,
  typeFilters,
  typeOfArn,
} from './catalogue.ts'
import type { CatalogueFile } from './catalogue.ts'
import { isTypeName } from './type-name.ts'

const file = JSON.parse(readFileSync(new URL('catalogue.json', import.meta.url), 'utf8')) as CatalogueFile
const where = { partition: 'aws', region: 'us-east-1', account: '123456789012' }
const preferred = new Set(file.types.filter((row) => row.preferred).map((row) => row.name))

void test('one type answers to its name in every tool', () => {
  const spellings: [spelling: string, name: string | undefined][] = [
    ['AWS::EC2::Instance', 'AWS::EC2::Instance'],
    ['ec2:instance', 'AWS::EC2::Instance'],
    ['aws_instance', 'AWS::EC2::Instance'],
    ['s3', 'AWS::S3::Bucket'],
    ['s3:bucket', 'AWS::S3::Bucket'],
    ['sqs', 'AWS::SQS::Queue'],
    ['sqs:queue', 'AWS::SQS::Queue'],
    ['sns', 'AWS::SNS::Topic'],
    ['sns:topic', 'AWS::SNS::Topic'],
    ['elasticloadbalancing:loadbalancer', 'AWS::ElasticLoadBalancing::LoadBalancer'],
    ['elasticloadbalancing:loadbalancer/app', 'AWS::ElasticLoadBalancingV2::LoadBalancer'],
    ['elasticloadbalancing:loadbalancer/net', 'AWS::ElasticLoadBalancingV2::LoadBalancer'],
    ['rds:cluster', 'AWS::RDS::DBCluster'],
    ['aws_docdb_cluster', 'AWS::DocDB::DBCluster'],
    ['apigateway:restapis', 'AWS::ApiGateway::RestApi'],
    ['apigateway:restapis/stages', 'AWS::ApiGateway::Stage'],
    ['logs:log-group', 'AWS::Logs::LogGroup'],
    ['cloudwatch:alarm', 'AWS::CloudWatch::Alarm'],
    ['AWS::MSK::Cluster', 'AWS::Kafka::Cluster'],
    ['AWS::IAM::OIDCProvider', 'AWS::IAM::OpenIDConnectProvider'],
    ['wafv2:webacl', 'AWS::WAFv2::WebACL'],
    ['wafv2:regional/webacl', 'AWS::WAFv2::WebACL'],
    ['EC2:Instance', undefined],
    ['aws::ec2::instance', undefined],
    ['instance', undefined],
    ['', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
  ]
  for (const [spelling, name] of spellings) assert.equal(resourceType(spelling)?.name, name, spelling)
})

void test('a type carries its ARN, its filter and its Terraform names', () => {
  assert.deepEqual(resourceType('aws_vpc'), {
    name: 'AWS::EC2::VPC',
    service: 'ec2',
    serviceType: 'ec2:vpc',
    arnTemplates: ['arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}'],
    terraform: ['aws_default_vpc', 'aws_vpc'],
  })
})

void test('an unknown well-formed name is canonical, anything else is no type', () => {
  assert.equal(canonicalTypeName('ec2:vpc'), 'AWS::EC2::VPC')
  assert.equal(canonicalTypeName('Acme::Rack::Server'), 'Acme::Rack::Server')
  assert.equal(canonicalTypeName('Kubernetes::apps::Deployment'), 'Kubernetes::apps::Deployment')
  for (const text of [
    '',
    'acme',
    'acme:rack',
    'AWS::',
    'A::B::C::D::E::F',
    `A::${'B'.repeat(126)}`,
    'AWS::EC2::In stance',
  ]) {
    assert.equal(canonicalTypeName(text), undefined, text)
  }
})

void test('every type: its ARN can be built from its values, is of that type again, and answers to its filter', () => {
  const shared: string[] = []
  for (const row of file.types) {
    const template = row.arn[0] ?? ''
    const values = (template.match(/\$\{(?!Region\}|Account\})/g) ?? []).map((_, count) => `value${count}`)
    const text = arnFor(row.name, values.join('|') || 'any', where)
    const arn = parseArn(text ?? '')
    assert.ok(text !== undefined && arn, row.name)
    const name = typeOfArn(arn)
    if (name !== row.name) {
      // Only a type that shares its shape may come back as another, and then as the preferred one.
      assert.ok(preferred.has(name), `${row.name} came back as ${name}`)
      shared.push(row.name)
    } else {
      assert.ok(typeFilters(arn).includes(resourceType(name)?.serviceType ?? ''), text)
    }
    assert.ok(typeFilters(arn).length <= 4 && typeFilters(arn).includes(arn.service), text)
  }
  assert.ok(shared.length < 45, `${shared.length}: ${shared.join(' ')}`)
})

void test('ids as the tools of AWS print them', () => {
  const cases: [type: string, id: string, arn: string | undefined][] = [
    ['AWS::EC2::Instance', 'i-0abc', 'arn:aws:ec2:us-east-1:123456789012:instance/i-0abc'],
    ['aws_nat_gateway', 'nat-0abc', 'arn:aws:ec2:us-east-1:123456789012:natgateway/nat-0abc'],
    ['ec2:instance', 'instance/i-0abc', 'arn:aws:ec2:us-east-1:123456789012:instance/i-0abc'],
    ['AWS::EC2::Image', 'ami-1', 'arn:aws:ec2:us-east-1::image/ami-1'],
    ['AWS::S3::Bucket', 'assets', 'arn:aws:s3:::assets'],
    ['AWS::S3::Bucket', 'arn:aws:s3:::assets', 'arn:aws:s3:::assets'],
    ['AWS::S3::Bucket', 'assets/logo', undefined],
    ['AWS::S3::Bucket', 'assets|logo', undefined],
    ['AWS::S3::Object', 'assets|logo', 'arn:aws:s3:::assets/logo'],
    ['AWS::S3::Object', 'assets/a/b', 'arn:aws:s3:::assets/a/b'],
    [
      'AWS::SQS::Queue',
      'https://sqs.us-east-1.amazonaws.com/123456789012/jobs.fifo',
      'arn:aws:sqs:us-east-1:123456789012:jobs.fifo',
    ],
    ['AWS::SQS::Queue', 'jobs:x', undefined],
    ['AWS::IAM::Role', 'team/admin', 'arn:aws:iam::123456789012:role/team/admin'],
    ['AWS::Route53::HostedZone', 'Z1', 'arn:aws:route53:::hostedzone/Z1'],
    ['AWS::Route53::HostedZone', '/hostedzone/Z1', 'arn:aws:route53:::hostedzone/Z1'],
    ['AWS::ApiGateway::RestApi', 'a1', 'arn:aws:apigateway:us-east-1::/restapis/a1'],
    ['AWS::ApiGateway::Stage', 'a1|prod', 'arn:aws:apigateway:us-east-1::/restapis/a1/stages/prod'],
    ['AWS::ApiGateway::Stage', 'prod', undefined],
    ['AWS::ApiGateway::Account', 'any', 'arn:aws:apigateway:us-east-1::/account'],
    ['AWS::ECS::Service', 'web/api', 'arn:aws:ecs:us-east-1:123456789012:service/web/api'],
    ['AWS::ECS::Service', 'web|api', 'arn:aws:ecs:us-east-1:123456789012:service/web/api'],
    ['AWS::Events::Rule', 'nightly', 'arn:aws:events:us-east-1:123456789012:rule/nightly'],
    ['AWS::Events::Rule', 'bus|nightly', 'arn:aws:events:us-east-1:123456789012:rule/bus/nightly'],
    [
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      'net/web/50dc6c495c0c9188',
      'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/web/50dc6c495c0c9188',
    ],
    ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'web', undefined],
    [
      'AWS::ElasticLoadBalancing::LoadBalancer',
      'web',
      'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/web',
    ],
    ['AWS::Logs::LogGroup', '/aws/lambda/x', 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/x'],
    [
      'AWS::Logs::LogGroup',
      'arn:aws:logs:us-east-1:123456789012:log-group:x:*',
      'arn:aws:logs:us-east-1:123456789012:log-group:x',
    ],
    ['AWS::Logs::LogGroup', '/aws/lambda/x:*', 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/x'],
    ['AWS::CloudWatch::CompositeAlarm', 'all bad', 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:all bad'],
    ['AWS::EC2::Route', 'r', undefined],
    ['AWS::IAM::Policy', 'inline', undefined],
    ['AWS::EC2::EIP', '203.0.113.7|eipalloc-1', undefined],
    ['Acme::Rack::Server', 'r1', 'arn:aws-corral:acme-rack:us-east-1:123456789012:server/r1'],
    ['nonsense', 'x', undefined],
    ['AWS::EC2::Instance', '', undefined],
    ['AWS::EC2::Instance', 'a\nb', undefined],
    ['AWS::EC2::Instance', 'arn:', undefined],
    ['AWS::EC2::Instance', 'arn:aws:ec2', undefined],
    ['AWS::EC2::Instance', 'x'.repeat(maxArnLength), undefined],
  ]
  for (const [type, id, arn] of cases) assert.equal(arnFor(type, id, where), arn, `${type} ${id}`)
})

void test('the place goes into the ARN as it is, or no ARN comes of it', () => {
  assert.equal(
    arnFor('ec2:vpc', 'vpc-1', { partition: 'aws-cn', region: 'cn-north-1', account: '123456789012' }),
    'arn:aws-cn:ec2:cn-north-1:123456789012:vpc/vpc-1',
  )
  assert.equal(arnFor('s3', 'assets', { partition: 'aws', region: '', account: '' }), 'arn:aws:s3:::assets')
  for (const change of [
    { partition: 'a:b' },
    { partition: '' },
    { region: 'us-east-1:x' },
    { region: '' },
    { account: '' },
    { account: '1' },
    { region: '$&' },
  ]) {
    assert.equal(arnFor('ec2:vpc', 'vpc-1', { ...where, ...change }), undefined, JSON.stringify(change))
  }
})

void test('whatever the id, the ARN is of the type asked for', () => {
  const names = file.types.map((row) => row.name)
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.string({ unit: fc.constantFrom('a', '/', ':', '|', '$', '{', '&') }),
      (name, id) => {
        const text = arnFor(name, id, where)
        if (text === undefined) return
        const arn = parseArn(text)
        assert.ok(arn, text)
        const shown = typeOfArn(arn)
        assert.ok(shown === name || preferred.has(shown), `${name} ${text} ${shown}`)
      },
    ),
    { numRuns: 3000 },
  )
})

void test('any ARN has a well-formed type name and at most four filters, always the same', () => {
  const services = [...new Set(file.types.map((row) => row.arn[0]?.split(':')[0] ?? '')), 'x', 'a.b', 'x'.repeat(63)]
  const resource = fc.string({ unit: fc.constantFrom('a', 'B', '/', ':', '_', '-', '.', 'é', ' ', '*'), minLength: 1 })
  const partition = fc.constantFrom('aws', 'aws-cn', 'aws-corral', 'acme', 'x'.repeat(63))
  fc.assert(
    fc.property(partition, fc.constantFrom(...services), resource, (partition, service, resource) => {
      const arn = parseArn(`arn:${partition}:${service}:us-east-1:123456789012:${resource}`)
      assert.ok(arn)
      const name = typeOfArn(arn)
      assert.ok(isTypeName(name), name)
      const filters = typeFilters(arn)
      assert.ok(filters.length <= 4 && filters[0] === service, filters.join(' '))
      assert.ok(
        filters.every((filter) => filter.length <= 256 && (filter === service || filter.startsWith(`${service}:`))),
      )
      assert.deepEqual(filters, typeFilters(arn))
    }),
    { numRuns: 3000 },
  )
})

void test('the caller may change the filters it is given', () => {
  const arn = parseArn('arn:aws:s3:::assets')
  assert.ok(arn)
  typeFilters(arn).push('mine')
  assert.deepEqual(typeFilters(arn), ['s3', 's3:bucket'])
})

void test('Kubernetes objects and foreign resources answer to filters too', () => {
  const filters = (text: string) => {
    const arn = parseArn(text)
    assert.ok(arn)
    return [typeOfArn(arn), ...typeFilters(arn)]
  }
  assert.deepEqual(filters('arn:aws-corral:kubernetes:us-east-1:123456789012:Deployment.apps/prod/shop/cart'), [
    'Kubernetes::apps::Deployment',
    'kubernetes',
    'kubernetes:Deployment.apps',
  ])
  assert.deepEqual(filters('arn:aws-corral:acme-rack:us-east-1:123456789012:server/r1'), [
    'Acme::Rack::Server',
    'acme-rack',
    'acme-rack:server',
  ])
  assert.deepEqual(filters('arn:aws-corral:ec2:us-east-1:123456789012:Instance/i-1'), [
    'AwsCorral::Ec2::Instance',
    'ec2',
    'ec2:Instance',
  ])
})

void test('what a Terraform type is', () => {
  const kinds: [name: string, kind: ReturnType<typeof terraformType>][] = [
    ['aws_instance', { kind: 'resource', type: 'AWS::EC2::Instance' }],
    ['aws_alb', { kind: 'resource', type: 'AWS::ElasticLoadBalancingV2::LoadBalancer' }],
    ['aws_lb_listener_rule', { kind: 'resource', type: 'AWS::ElasticLoadBalancingV2::ListenerRule' }],
    ['aws_iam_role_policy_attachment', { kind: 'not-taggable' }],
    ['aws_route_table_association', { kind: 'not-taggable' }],
    ['aws_security_group_rule', { kind: 'not-taggable' }],
    ['aws_sns_topic_policy', { kind: 'not-taggable' }],
    ['aws_caller_identity', { kind: 'not-taggable' }],
    ['azurerm_virtual_network', { kind: 'unknown' }],
    ['aws_thing_of_tomorrow', { kind: 'unknown' }],
    ['AWS::EC2::Instance', { kind: 'unknown' }],
    ['toString', { kind: 'unknown' }],
  ]
  for (const [name, kind] of kinds) assert.deepEqual(terraformType(name), kind, name)
})

void test('the two spellings of a log group are one, and nothing else is touched', () => {
  const group = 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/x'
  assert.equal(normalizeArn(`${group}:*`), group)
  assert.equal(normalizeArn(`${group}:*:*`), group)
  for (const text of [
    group,
    `${group}:log-stream:a`,
    'arn:aws:logs:us-east-1:123456789012:log-group',
    'arn:aws:logs:us-east-1:123456789012:log-groups:x:*',
    'arn:aws:lambda:us-east-1:123456789012:function:x:*',
    'arn:aws:sns:us-east-1:123456789012:log-group:*',
    'log-group:x:*',
    ':*',
    '',
  ]) {
    assert.equal(normalizeArn(text), text)
  }
  const start = performance.now()
  normalizeArn(`${group}${':*'.repeat(500_000)}`)
  assert.ok(performance.now() - start < 1000)
})
