import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportContext, ImportItem } from '../item.ts'
import { terraformState } from './terraform-state.ts'

const context: ImportContext = {
  partition: 'aws',
  account: '999999999999',
  region: 'eu-central-1',
  parameters: {},
  assumeDeployed: false,
  cluster: 'main',
}

const aws = 'provider["registry.terraform.io/hashicorp/aws"]'
const west = `${aws}.west`
const vpcArn = 'arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1'

interface Row {
  type?: string
  name?: string
  mode?: string
  module?: string
  provider?: string
  instances?: object[]
}

function resource(type: string, attributes: object, more: Row = {}, instance: object = {}) {
  return { mode: 'managed', type, name: 'it', provider: aws, instances: [{ attributes, ...instance }], ...more }
}

function read(...resources: object[]): ImportItem[] {
  const documents = [{ version: 4, terraform_version: '1.9.0', lineage: 'x', outputs: {}, resources }]
  assert.ok(terraformState.detect(documents))
  return [...terraformState.read(documents, context)]
}

function only(items: ImportItem[]) {
  const resources = items.filter((item) => item.kind === 'resource')
  assert.equal(resources.length, 1, JSON.stringify(items))
  return resources[0]?.resource
}

function plain(tags: Record<string, string> | undefined) {
  return tags && { ...tags }
}

void test('tags in their four states, and tags_all over tags', () => {
  const cases: [attributes: object, tags: Record<string, string> | undefined][] = [
    [{}, undefined],
    [{ tags: null }, {}],
    [{ tags: {} }, {}],
    [{ tags: { a: '1' } }, { a: '1' }],
    [{ tags: null, tags_all: { d: '1' } }, { d: '1' }],
    [{ tags: {}, tags_all: { d: '1' } }, { d: '1' }],
    [
      { tags: { a: '1' }, tags_all: { a: '1', d: '2' } },
      { a: '1', d: '2' },
    ],
    [{ tags: { a: 'old' }, tags_all: { a: 'new' } }, { a: 'new' }],
    [{ tags: { a: '1' }, tags_all: null }, { a: '1' }],
    [{ tags: { a: '1', unset: null } }, { a: '1' }],
    [{ tags: { n: 1, b: true } }, { n: '1', b: 'true' }],
  ]
  for (const [attributes, tags] of cases) {
    const imported = only(read(resource('aws_vpc', { arn: vpcArn, id: 'vpc-1', ...attributes })))
    assert.deepEqual(plain(imported?.tags), tags, JSON.stringify(attributes))
  }
})

void test('an Auto Scaling group has its tags in a list', () => {
  const arn = 'arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:8a70e353:autoScalingGroupName/web'
  const pair = { key: 'Name', value: 'web', propagate_at_launch: true }
  for (const attributes of [{ tag: [pair], tags: null }, { tags: [pair] }]) {
    assert.deepEqual(plain(only(read(resource('aws_autoscaling_group', { arn, ...attributes })))?.tags), {
      Name: 'web',
    })
  }
})

void test('addresses name module and index', () => {
  const items = read(
    resource('aws_vpc', { arn: vpcArn, tags: {} }, { module: 'module.net["a"]' }, { index_key: 'x"y' }),
    resource('aws_vpc', { arn: `${vpcArn}2`, tags: {} }, {}, { index_key: 0 }),
  )
  assert.deepEqual(
    items.map((item) => item.where),
    ['module.net["a"].aws_vpc.it["x\\"y"]', 'aws_vpc.it[0]'],
  )
})

void test('what is no resource of the owner is skipped with a reason', () => {
  const reasons = read(
    resource('aws_caller_identity', { arn: 'arn:aws:sts::111122223333:assumed-role/x/y' }, { mode: 'data' }),
    resource('azurerm_resource_group', { id: '/subscriptions/x', tags: { a: '1' } }, { provider: 'provider.azurerm' }),
    resource('digitalocean_droplet', { id: '1', tags: ['Alerts'] }),
    resource('aws_iam_role_policy_attachment', { id: 'x' }),
    resource('aws_sns_topic_policy', { id: 'x', arn: 'arn:aws:sns:us-east-1:111122223333:topic' }),
    resource('aws_no_such_thing', { id: 'x' }),
  ).map((item) => [item.kind, 'reason' in item && item.reason])
  assert.deepEqual(reasons, [
    ['skipped', 'data source'],
    ['skipped', 'not an AWS provider'],
    ['skipped', 'not an AWS provider'],
    ['skipped', 'not a taggable resource'],
    ['skipped', 'not a taggable resource'],
    ['skipped', 'neither an ARN nor tags'],
  ])
})

void test("a topic's policy after the topic does not take its tags", () => {
  const arn = 'arn:aws:sns:us-east-1:111122223333:topic'
  const imported = only(
    read(resource('aws_sns_topic', { arn, tags: { a: '1' } }), resource('aws_sns_topic_policy', { arn, id: arn })),
  )
  assert.deepEqual(plain(imported?.tags), { a: '1' })
})

void test('of two rows for one ARN the last wins, unless it says nothing of tags', () => {
  const row = (attributes: object, name: string) => resource('aws_vpc', { arn: vpcArn, ...attributes }, { name })
  const both = read(row({ tags: { a: '1' } }, 'first'), row({ tags: { a: '2' } }, 'second'))
  assert.deepEqual(both[0], { kind: 'skipped', where: 'aws_vpc.first', reason: 'superseded by a later row' })
  assert.deepEqual(plain(only(both)?.tags), { a: '2' })
  const silent = read(row({ tags: { a: '1' } }, 'first'), row({}, 'second'))
  assert.deepEqual(silent[1], { kind: 'skipped', where: 'aws_vpc.second', reason: 'an earlier row states its tags' })
  assert.deepEqual(plain(only(silent)?.tags), { a: '1' })
})

void test('deposed objects exist; for one ARN the current object wins wherever it stands', () => {
  const deposed = { attributes: { arn: `${vpcArn}2`, tags: { a: 'old' } }, deposed: '12345678' }
  const two = read(resource('aws_vpc', {}, { instances: [{ attributes: { arn: vpcArn, tags: {} } }, deposed] }))
  assert.deepEqual(
    two.map(({ kind, where }) => [kind, where]),
    [
      ['resource', 'aws_vpc.it (deposed)'],
      ['resource', 'aws_vpc.it'],
    ],
  )
  const current = { attributes: { arn: `${vpcArn}2`, tags: { a: 'new' } } }
  const same = read(resource('aws_vpc', {}, { instances: [current, deposed] }))
  assert.deepEqual(plain(only(same)?.tags), { a: 'new' })
})

void test('an ARN is built with account and Region of the same provider', () => {
  const items = read(
    resource('aws_vpc', { arn: vpcArn, tags: {} }),
    resource('aws_vpc', { arn: 'arn:aws:ec2:us-west-2:444455556666:vpc/vpc-2', tags: {} }, { provider: west }),
    resource('aws_nat_gateway', { id: 'nat-1', tags: { a: '1' } }),
    resource('aws_nat_gateway', { id: 'nat-2', tags: { a: '1' } }, { provider: west }),
  )
  assert.deepEqual(
    items.slice(2).map((item) => item.kind === 'resource' && item.resource.arn),
    ['arn:aws:ec2:us-east-1:111122223333:natgateway/nat-1', 'arn:aws:ec2:us-west-2:444455556666:natgateway/nat-2'],
  )
})

void test('the row itself says more than its neighbours, and the caller identity more than the context', () => {
  const nat = (attributes: object) => resource('aws_nat_gateway', { id: 'nat-1', tags: {}, ...attributes })
  const identity = resource('aws_caller_identity', { account_id: '777788889999' }, { mode: 'data' })
  const arnOf = (...rows: object[]) => only(read(...rows))?.arn
  assert.equal(arnOf(nat({})), 'arn:aws:ec2:eu-central-1:999999999999:natgateway/nat-1')
  assert.equal(arnOf(identity, nat({})), 'arn:aws:ec2:eu-central-1:777788889999:natgateway/nat-1')
  assert.equal(
    arnOf(identity, nat({ region: 'eu-west-1', owner_id: '111122223333' })),
    'arn:aws:ec2:eu-west-1:111122223333:natgateway/nat-1',
  )
  assert.equal(
    arnOf(nat({ availability_zone: 'us-gov-west-1b' })),
    'arn:aws:ec2:us-gov-west-1:999999999999:natgateway/nat-1',
  )
})

void test('as many accounts as rows take time in proportion', () => {
  const rows = Array.from({ length: 20_000 }, (_, number) => {
    const account = String(number).padStart(12, '0')
    return resource('aws_vpc', { arn: `arn:aws:ec2:us-east-1:${account}:vpc/vpc-1`, tags: {} })
  })
  const start = performance.now()
  read(...rows, ...rows.map((_, number) => resource('aws_nat_gateway', { id: `nat-${number}`, tags: {} })))
  assert.ok(performance.now() - start < 5_000)
})

void test('neighbours that disagree build nothing', () => {
  const elsewhere = 'arn:aws:ec2:us-west-2:111122223333:vpc/vpc-2'
  const items = read(
    resource('aws_vpc', { arn: vpcArn, tags: {} }),
    resource('aws_vpc', { arn: elsewhere, tags: {} }),
    resource('aws_nat_gateway', { id: 'nat-1', tags: { a: '1' } }),
  )
  assert.deepEqual(items[2], {
    kind: 'rejected',
    where: 'aws_nat_gateway.it',
    reason: 'the file names several Regions',
    record: { address: 'aws_nat_gateway.it', type: 'aws_nat_gateway', arn: undefined, id: 'nat-1' },
  })
})

void test('other partitions, buckets and log groups', () => {
  const gov = 'arn:aws-us-gov:ec2:us-gov-west-1:111122223333:vpc/vpc-1'
  const items = read(
    resource('aws_vpc', { arn: gov, tags: {} }),
    resource('aws_internet_gateway', { id: 'igw-1', tags: {} }),
    resource('aws_s3_bucket', { arn: 'arn:aws-us-gov:s3:::b', id: 'b', region: 'us-gov-east-1', tags: {} }),
    resource('aws_cloudwatch_log_group', { arn: 'arn:aws:logs:us-gov-west-1:111122223333:log-group:/a:*', tags: {} }),
  )
  const imported = items.map((item) => item.kind === 'resource' && [item.resource.arn, item.resource.region])
  assert.deepEqual(imported, [
    [gov, undefined],
    ['arn:aws-us-gov:ec2:us-gov-west-1:111122223333:internet-gateway/igw-1', undefined],
    ['arn:aws-us-gov:s3:::b', 'us-gov-east-1'],
    ['arn:aws:logs:us-gov-west-1:111122223333:log-group:/a', undefined],
  ])
})

void test('a broken ARN is rejected, and never built anew', () => {
  const items = read(resource('aws_iam_user', { arn: 'arn:aws:iam::xxxxxxxxxxxx:user/me', id: 'me', tags: {} }))
  assert.equal(items[0]?.kind === 'rejected' && items[0].reason, 'not an ARN')
})

void test('tags that are none are rejected', () => {
  const items = read(resource('aws_vpc', { arn: vpcArn, tags: { a: { b: 1 } } }))
  assert.equal(items[0]?.kind === 'rejected' && items[0].reason, 'tag value that is not text')
})

void test('secrets leave by no item', () => {
  const secret = 'hunter2'
  const steps = (...values: object[]) => values
  const attribute = (value: string) => ({ type: 'get_attr', value })
  const index = (value: string) => ({ type: 'index', value: { value, type: 'string' } })
  const arn = 'arn:aws:rds:us-east-1:111122223333:db:d'
  const items = read(
    resource(
      'aws_db_instance',
      { arn, id: 'd', password: secret, tags: { a: '1', s: secret } },
      {},
      {
        sensitive_attributes: [steps(attribute('password')), steps(attribute('tags'), index('s'))],
      },
    ),
    resource(
      'aws_vpc',
      { arn: vpcArn, id: 'v', user_data: secret, tags: { s: secret } },
      {},
      {
        sensitive_attributes: [steps(attribute('tags'))],
      },
    ),
    resource('aws_vpc', { arn: 'broken', id: 'v', user_data: secret, tags: {} }),
    resource('aws_vpc', { arn: vpcArn, password: secret, tags: { a: [] } }),
  )
  assert.doesNotMatch(JSON.stringify(items), new RegExp(secret))
  const tagsOf = items.map((item) => item.kind === 'resource' && [plain(item.resource.tags), item.resource.partialTags])
  assert.deepEqual(tagsOf[0], [{ a: '1' }, true])
  assert.deepEqual(tagsOf[2], [undefined, undefined])
  assert.deepEqual(
    items.filter((item) => item.kind === 'skipped').map((item) => [item.where, item.reason]),
    [
      ['aws_db_instance.it, tag s', 'sensitive tag'],
      ['aws_vpc.it, tag *', 'sensitive tag'],
    ],
  )
})

void test('tag keys that objects inherit', () => {
  const attributes: unknown = JSON.parse(`{"arn":"${vpcArn}","tags":{"__proto__":"p","constructor":"c"}}`)
  const tags = only(read(resource('aws_vpc', attributes as object)))?.tags
  assert.deepEqual(Object.entries(tags ?? {}), [
    ['__proto__', 'p'],
    ['constructor', 'c'],
  ])
})

void test('version 3 keeps maps and lists under flat keys', () => {
  const flat = {
    id: 'vpc-1',
    arn: vpcArn,
    'tags.%': '2',
    'tags.Name': 'main',
    'tags.a.b': 'dotted',
    'subnet_mapping.#': '1',
    password: 'hunter2',
  }
  const group = {
    arn: 'arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:1:autoScalingGroupName/web',
    'tag.#': '1',
    'tag.123.key': 'Name',
    'tag.123.value': 'web',
    'tag.123.propagate_at_launch': 'true',
  }
  const documents = [
    {
      version: 3,
      modules: [
        {
          path: ['root', 'net'],
          resources: {
            'aws_vpc.main.0': {
              type: 'aws_vpc',
              provider: 'provider.aws',
              primary: { id: 'vpc-1', attributes: flat },
              deposed: [{ id: 'vpc-0', attributes: { id: 'vpc-0', arn: vpcArn.replace('vpc-1', 'vpc-0') } }],
            },
            'aws_autoscaling_group.web': { type: 'aws_autoscaling_group', primary: { id: 'web', attributes: group } },
            'aws_internet_gateway.gw': {
              type: 'aws_internet_gateway',
              provider: 'provider.aws',
              primary: { id: 'igw-1', attributes: { id: 'igw-1' } },
            },
            'data.aws_ami.a': { type: 'aws_ami', primary: { id: 'ami-1', attributes: { id: 'ami-1' } } },
          },
        },
      ],
    },
  ]
  assert.ok(terraformState.detect(documents))
  const items = [...terraformState.read(documents, context)]
  const seen = items.map((item) => [
    item.where,
    item.kind === 'resource' ? item.resource.arn : item.kind,
    item.kind === 'resource' ? plain(item.resource.tags) : undefined,
  ])
  assert.deepEqual(seen, [
    ['module.net.aws_vpc.main.0 (deposed)', vpcArn.replace('vpc-1', 'vpc-0'), undefined],
    ['module.net.aws_vpc.main.0', vpcArn, { Name: 'main', 'a.b': 'dotted' }],
    ['module.net.aws_autoscaling_group.web', group.arn, { Name: 'web' }],
    ['module.net.aws_internet_gateway.gw', 'arn:aws:ec2:us-east-1:111122223333:internet-gateway/igw-1', undefined],
    ['module.net.data.aws_ami.a', 'skipped', undefined],
  ])
  assert.doesNotMatch(JSON.stringify(items), /hunter2/)
})

void test('an object without an ARN is found by bucket and key, in the Region where its provider works', () => {
  const object = (attributes: object) => resource('aws_s3_object', { tags: { a: '1' }, ...attributes })
  const vpc = resource('aws_vpc', { arn: vpcArn, tags: {} })
  const objects = (...attributes: object[]) =>
    read(vpc, ...attributes.map(object)).filter((item) => item.where.startsWith('aws_s3_object'))
  // The key may begin with the bucket's name, as it does in a real file.
  const [plainKey, doubled] = objects(
    { id: 'configs/map.json', bucket: 'settings' },
    { id: 'settings/map.json', bucket: 'settings' },
  )
  assert.ok(plainKey?.kind === 'resource' && doubled?.kind === 'resource')
  assert.equal(plainKey.resource.arn, 'arn:aws:s3:::settings/configs/map.json')
  assert.equal(doubled.resource.arn, 'arn:aws:s3:::settings/settings/map.json')
  assert.equal(plainKey.resource.region, 'us-east-1')
  for (const attributes of [{ id: 'configs/map.json' }, { id: 'k', bucket: 'arn:aws:s3:us-east-1:1:accesspoint/x' }])
    assert.equal(objects(attributes)[0]?.kind, 'rejected', JSON.stringify(attributes))
})

void test('a bucket whose Region nothing states is not guessed to be in one of several', () => {
  const bucket = resource('aws_s3_bucket', { arn: 'arn:aws:s3:::b', tags: {} }, { provider: 'none of these' })
  const vpcIn = (region: string) =>
    resource('aws_vpc', { arn: `arn:aws:ec2:${region}:111122223333:vpc/v`, tags: {} }, { provider: region })
  const regionOf = (...others: object[]) =>
    read(...others, bucket).flatMap((item) =>
      item.where === 'aws_s3_bucket.it' && item.kind === 'resource' ? [item.resource.region] : [],
    )
  assert.deepEqual(regionOf(vpcIn('eu-west-2')), ['eu-west-2'])
  assert.deepEqual(regionOf(vpcIn('eu-west-2'), vpcIn('us-east-1')), [undefined])
})

void test('refuses other versions', () => {
  const documents = [{ version: 5, resources: [] }]
  assert.ok(terraformState.detect(documents))
  assert.deepEqual(
    [...terraformState.read(documents, context)],
    [{ kind: 'rejected', where: '', reason: 'Terraform state of a version other than 3 and 4', record: null }],
  )
})

void test('shapes that no Terraform writes do no harm', () => {
  const odd: unknown[] = [null, 1, 'x', [], {}, { type: 1 }, { type: 'aws_vpc', instances: 1 }]
  for (const instance of [
    null,
    1,
    [],
    {},
    { attributes: [] },
    { attributes: null, sensitive_attributes: [1, [], [{}]] },
  ]) {
    odd.push({ type: 'aws_vpc', name: 5, module: {}, instances: [instance] })
  }
  const documents = [{ version: 4, resources: odd }]
  const kinds = [...terraformState.read(documents, context)].map((item) => item.kind)
  assert.deepEqual(new Set(kinds), new Set(['skipped']))
})
