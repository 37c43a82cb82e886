import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseArn } from '../../model/arn.ts'
import type { Caller } from '../../model/caller.ts'
import { isOwnObject, namedResource, resourceIdOf } from './resource-identity.ts'
import { isGlobal, regionOf } from './resource-region.ts'

const caller: Caller = {
  account: '123456789012',
  arn: 'arn:aws:iam::123456789012:root',
  userId: '123456789012',
  type: 'Root',
  accessKeyId: 'AKIATESTROOT00000000',
  region: 'us-east-1',
  partition: 'aws',
}

test('every known shape of an ARN is taken for its type, and its id leads back to it', () => {
  const file = new URL('../../../test/vectors/arn-types.json', import.meta.url)
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as { arn: string; type: string }[]
  assert.ok(vectors.length > 50)
  let short = 0
  for (const { arn, type } of vectors) {
    const named = namedResource(type, arn, caller)
    if ('problem' in named) assert.fail(`${type} ${arn}: ${named.problem}`)
    const id = resourceIdOf({ arn: named.arnText, type: named.type }, caller)
    const again = namedResource(type, id, caller)
    assert.equal('problem' in again ? again.problem : again.arnText, named.arnText, id)
    if (!id.startsWith('arn:')) short++
  }
  assert.ok(short > vectors.length / 3, `${short} of ${vectors.length} have an id shorter than the ARN`)
})

test('an id from elsewhere is shown only if it leads back', () => {
  const arn = 'arn:aws:sns:us-east-1:123456789012:x'
  const shown = (physicalId: string) => resourceIdOf({ arn, type: 'AWS::SNS::Topic', physicalId }, caller)
  assert.equal(shown(arn), arn)
  assert.equal(shown('x'), 'x')
  assert.equal(shown('tf-1234'), 'x')
  const elsewhere = { arn: 'arn:aws:sns:eu-west-1:123456789012:x', type: 'AWS::SNS::Topic', physicalId: 'x' }
  assert.equal(resourceIdOf(elsewhere, caller), elsewhere.arn)
})

test('hostile ids are settled quickly', () => {
  const started = performance.now()
  for (const id of ['/'.repeat(768), '|'.repeat(768), ':'.repeat(768), '${'.repeat(384), 'loadbalancer/'.repeat(59)])
    for (const type of [
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      'AWS::S3::Object',
      'AWS::ApiGateway::Stage',
      'Kubernetes::core::Pod',
    ])
      namedResource(type, id, caller)
  assert.ok(performance.now() - started < 500)
})

test('groups are recognised by type and by ARN', () => {
  const group = parseArn('arn:aws:resource-groups:us-east-1:123456789012:group/g')
  const topic = parseArn('arn:aws:sns:us-east-1:123456789012:x')
  assert.ok(group && topic)
  assert.ok(isOwnObject(group, 'Acme::Thing'))
  assert.ok(isOwnObject(topic, 'AWS::ResourceGroups::Group'))
  assert.ok(!isOwnObject(topic, 'AWS::SNS::Topic'))
})

test('a Region for every ARN', () => {
  const cases: [string, string, boolean][] = [
    ['arn:aws:sns:eu-west-1:123456789012:x', 'eu-west-1', false],
    ['arn:aws:s3:::bucket', 'ap-south-1', false],
    ['arn:aws:iam::123456789012:role/r', 'us-east-1', true],
    ['arn:aws-cn:iam::123456789012:role/r', 'cn-north-1', true],
    ['arn:aws-us-gov:iam::123456789012:role/r', 'us-gov-west-1', true],
    ['arn:aws:route53:::hostedzone/Z1', 'us-east-1', true],
    ['arn:aws:waf:eu-west-1:123456789012:rule/1', 'eu-west-1', false],
    ['arn:aws:ec2::123456789012:ipam/i', 'ap-south-1', false],
    ['arn:aws:ec2:us-west-2b:123456789012:volume/vol-1', 'ap-south-1', false],
    ['arn:aws:directconnect::123456789012:dx-gateway/1', 'us-east-1', true],
    ['arn:aws:directconnect:eu-west-1:123456789012:dxcon/1', 'eu-west-1', false],
  ]
  for (const [text, region, global] of cases) {
    const arn = parseArn(text)
    assert.ok(arn)
    assert.equal(regionOf(arn, { ...caller, region: 'ap-south-1' }), region, text)
    assert.equal(isGlobal(arn), global, text)
  }
})
