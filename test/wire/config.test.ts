// AWS Config's resource intake over the wire: AWS's SDK for what it can send, raw requests for what it cannot. Each test
// has a Region of its own, and so resources of its own.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import {
  BatchGetResourceConfigCommand,
  DeleteResourceConfigCommand,
  GetDiscoveredResourceCountsCommand,
  type GetDiscoveredResourceCountsCommandInput,
  ListDiscoveredResourcesCommand,
  type ListDiscoveredResourcesCommandInput,
  paginateGetDiscoveredResourceCounts,
  paginateListDiscoveredResources,
  PutResourceConfigCommand,
  type PutResourceConfigCommandInput,
  type ResourceType,
} from '@aws-sdk/client-config-service'
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api'
import { changesAfter } from '../../src/changes/change-log.ts'
import { identityCodec } from '../../src/crypto/content-codec.ts'
import { findByArn, type ResourceWrite, writeResources } from '../../src/inventory/resources.ts'
import { ensureScope } from '../../src/inventory/scope.ts'
import { Fault } from '../../src/model/fault.ts'
import { insufficientPermissionsException } from '../../src/services/config/faults.ts'
import { putResourceConfig } from '../../src/services/config/operations/put-resource-config.ts'
import type { ConfigAssertion } from '../../src/services/config/resource-identity.ts'
import { startTestServer, type TestServer } from '../support/running-server.ts'
import { inStoppedStore } from '../support/stopped-store.ts'

const account = '123456789012'
const topicType = 'AWS::SNS::Topic'
const topic = (region: string, name: string) => `arn:aws:sns:${region}:${account}:${name}`

let server: TestServer
/** Minutes that the server's clock is ahead. */
let aheadMinutes = 0
const clock = () => Date.now() + aheadMinutes * 60_000

before(async () => {
  server = await startTestServer({ clock })
})
after(() => server.stop())

const clientsOf = new Map<string, ReturnType<TestServer['clientsIn']>>()
function clients(region: string) {
  const known = clientsOf.get(region) ?? server.clientsIn(region)
  clientsOf.set(region, known)
  return known
}

type Put = Omit<PutResourceConfigCommandInput, 'SchemaVersionId' | 'Configuration'> & { Configuration?: string }
const put = (region: string, input: Put) =>
  clients(region).config.send(new PutResourceConfigCommand({ SchemaVersionId: '1', Configuration: '{}', ...input }))
const putTopic = (region: string, name: string, more: Partial<Put> = {}) =>
  put(region, { ResourceType: topicType, ResourceId: topic(region, name), ...more })
const remove = (region: string, ResourceType: string, ResourceId: string) =>
  clients(region).config.send(new DeleteResourceConfigCommand({ ResourceType, ResourceId }))

// The SDK's type names the types that it knows; the wire takes any.
const known = (type: string) => type as ResourceType

async function itemsOf(region: string, ...keys: [string, string][]) {
  const resourceKeys = keys.map(([type, resourceId]) => ({ resourceType: known(type), resourceId }))
  return clients(region).config.send(new BatchGetResourceConfigCommand({ resourceKeys }))
}

type ListInput = Omit<ListDiscoveredResourcesCommandInput, 'resourceType'>
async function idsOf(region: string, type: string, input: ListInput = {}): Promise<string[]> {
  const ids: string[] = []
  const pages = paginateListDiscoveredResources(
    { client: clients(region).config },
    { resourceType: known(type), ...input },
  )
  for await (const page of pages)
    ids.push(...(page.resourceIdentifiers ?? []).map(({ resourceId = 'none' }) => resourceId))
  return ids
}

async function tagsOf(region: string, arn: string): Promise<Record<string, string>> {
  const answer = await clients(region).tagging.send(new GetResourcesCommand({ ResourceARNList: [arn] }))
  return Object.fromEntries(
    (answer.ResourceTagMappingList?.[0]?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const),
  )
}

const raw = (operation: string, body: unknown, region = 'us-east-1') =>
  server.json('config', `StarlingDoveService.${operation}`, body, { region })

/** Status and `__type` of an answer. */
const refusal = ({ status, body }: { status: number; body: string }) => [
  status,
  (JSON.parse(body) as { __type?: string }).__type,
]

const invalid = { name: 'ValidationException' }

test('an id becomes the ARN that its type has, whatever word the type goes by', async () => {
  const region = 'eu-west-1'
  const cases: [type: string, id: string, name: string, arn: string][] = [
    ['AWS::EC2::Instance', 'i-0abc', 'AWS::EC2::Instance', `arn:aws:ec2:${region}:${account}:instance/i-0abc`],
    ['ec2:volume', 'vol-1', 'AWS::EC2::Volume', `arn:aws:ec2:${region}:${account}:volume/vol-1`],
    ['aws_lambda_function', 'f', 'AWS::Lambda::Function', `arn:aws:lambda:${region}:${account}:function:f`],
    ['AWS::S3::Bucket', 'a.bucket', 'AWS::S3::Bucket', 'arn:aws:s3:::a.bucket'],
    ['AWS::SNS::Topic', 'alerts', 'AWS::SNS::Topic', topic(region, 'alerts')],
    ['AWS::SNS::Topic', topic(region, 'by-arn'), 'AWS::SNS::Topic', topic(region, 'by-arn')],
    [
      'AWS::SNS::Topic',
      `arn:aws:sns:${region}:999999999999:other`,
      'AWS::SNS::Topic',
      `arn:aws:sns:${region}:999999999999:other`,
    ],
    ['Acme::Rack::Server', 'r 1', 'Acme::Rack::Server', `arn:aws-corral:acme-rack:${region}:${account}:server/r%201`],
    [
      'Kubernetes::apps::Deployment',
      'c/ns/web',
      'Kubernetes::apps::Deployment',
      `arn:aws-corral:kubernetes:${region}:${account}:Deployment.apps/c/ns/web`,
    ],
    [
      'AWS::Unheard::Of',
      `arn:aws:unheard:${region}:${account}:of/1`,
      'AWS::Unheard::Of',
      `arn:aws:unheard:${region}:${account}:of/1`,
    ],
  ]
  for (const [type, id, name, arn] of cases) {
    await put(region, {
      ResourceType: type,
      ResourceId: id,
      ResourceName: `name of ${id}`,
      Configuration: '{ "a":1 ,"a":2}',
    })
    const { baseConfigurationItems = [], unprocessedResourceKeys } = await itemsOf(region, [type, id])
    assert.deepEqual(unprocessedResourceKeys, [])
    const [item, ...more] = baseConfigurationItems
    assert.ok(item && more.length === 0, arn)
    const { configurationItemCaptureTime, ...rest } = item
    assert.ok(Math.abs((configurationItemCaptureTime?.getTime() ?? 0) - Date.now()) < 60_000)
    assert.deepEqual(rest, {
      version: '1.3',
      accountId: arn.includes('999999999999') ? '999999999999' : account,
      configurationItemStatus: 'OK',
      configurationStateId: '1',
      arn,
      resourceType: name,
      resourceId: id,
      resourceName: `name of ${id}`,
      awsRegion: region,
      configuration: '{ "a":1 ,"a":2}',
      supplementaryConfiguration: {},
    })
    assert.ok((await idsOf(region, name)).includes(id), id)
  }
})

test('what a listing calls a resource, every operation takes for it', async () => {
  const region = 'eu-west-2'
  const resources: [string, string][] = [
    [
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/app/web/50dc6c495c0c9188`,
    ],
    ['AWS::Logs::LogGroup', `arn:aws:logs:${region}:${account}:log-group:/aws/lambda/f:*`],
    ['AWS::Logs::LogGroup', '/aws/lambda/g'],
    ['AWS::SQS::Queue', `https://sqs.${region}.amazonaws.com/${account}/jobs`],
    ['AWS::ApiGateway::Stage', 'a1b2c3|prod'],
    ['AWS::ECS::Service', `arn:aws:ecs:${region}:${account}:service/cluster/web`],
    ['Acme::Rack::Server', 'rack/1/server:2'],
  ]
  for (const [ResourceType, ResourceId] of resources) await put(region, { ResourceType, ResourceId })
  for (const type of new Set(resources.map(([type]) => type))) {
    const ids = await idsOf(region, type)
    assert.equal(ids.length, resources.filter(([other]) => other === type).length)
    for (const id of ids) {
      assert.deepEqual(await idsOf(region, type, { resourceIds: [id] }), [id])
      const { baseConfigurationItems } = await itemsOf(region, [type, id])
      assert.deepEqual(
        baseConfigurationItems?.map(({ resourceId }) => resourceId),
        [id],
      )
      await remove(region, type, id)
      assert.deepEqual(await idsOf(region, type, { resourceIds: [id] }), [])
      assert.deepEqual(await idsOf(region, type, { resourceIds: [id], includeDeletedResources: true }), [id])
    }
    assert.deepEqual(await idsOf(region, type), [])
  }
})

test('a resource lives in the Region of its ARN, in the global one if its service is, else where it was put', async () => {
  const home = 'eu-north-1'
  for (const inUse of [home, 'us-east-1']) await putTopic(inUse, 'any')
  const cases: [type: string, id: string, region: string, shown: string][] = [
    ['AWS::SNS::Topic', topic('ap-south-1', 'x'), 'ap-south-1', 'ap-south-1'],
    ['AWS::S3::Bucket', 'arn:aws:s3:::placed', home, home],
    ['AWS::IAM::Role', `arn:aws:iam::${account}:role/placed`, 'us-east-1', 'global'],
    ['AWS::IAM::User', 'placed', 'us-east-1', 'global'],
    ['AWS::CloudFront::Distribution', 'E1', 'us-east-1', 'global'],
    ['AWS::Route53::HostedZone', 'arn:aws:route53:::hostedzone/Z1', 'us-east-1', 'global'],
    ['AWS::IAM::Role', `arn:aws-cn:iam::${account}:role/placed`, 'cn-north-1', 'global'],
    ['AWS::IAM::Role', `arn:aws-us-gov:iam::${account}:role/placed`, 'us-gov-west-1', 'global'],
  ]
  for (const [type, id, region, shown] of cases) {
    await put(home, { ResourceType: type, ResourceId: id })
    const there = await itemsOf(region, [type, id])
    assert.deepEqual(
      there.baseConfigurationItems?.map(({ awsRegion }) => awsRegion),
      [shown],
      id,
    )
    const elsewhere = region === 'us-east-1' ? home : 'us-east-1'
    assert.equal((await itemsOf(elsewhere, [type, id])).unprocessedResourceKeys?.length, 1, id)
  }
  // Where it is, it stays, wherever it is put from again.
  await put('sa-east-1', { ResourceType: 'AWS::S3::Bucket', ResourceId: 'placed', Configuration: '{"again":true}' })
  const [bucket] = (await itemsOf(home, ['AWS::S3::Bucket', 'placed'])).baseConfigurationItems ?? []
  assert.equal(bucket?.configuration, '{"again":true}')
  assert.deepEqual(await idsOf('sa-east-1', 'AWS::S3::Bucket'), [])
})

test('Tags replace, absent Tags leave, a resource that comes back has only what is said', async () => {
  const region = 'eu-west-3'
  const arn = topic(region, 'a')
  await putTopic(region, 'a', {
    Tags: { k: 'v', 'aws:cloudformation:stack-name': 's', ' org': '\u00a0' },
    ResourceName: 'A',
  })
  assert.deepEqual(await tagsOf(region, arn), { k: 'v', 'aws:cloudformation:stack-name': 's', ' org': '\u00a0' })
  await putTopic(region, 'a', { Configuration: '{"n":2}' })
  assert.equal(Object.keys(await tagsOf(region, arn)).length, 3)
  const [second] = (await itemsOf(region, [topicType, arn])).baseConfigurationItems ?? []
  assert.deepEqual(
    [second?.configurationStateId, second?.configuration, second?.resourceName],
    ['2', '{"n":2}', undefined],
  )
  await putTopic(region, 'a', { Tags: { other: '' } })
  assert.deepEqual(await tagsOf(region, arn), { other: '' })
  await remove(region, topicType, arn)
  assert.deepEqual(await tagsOf(region, arn), {})
  await putTopic(region, 'a')
  assert.deepEqual(await tagsOf(region, arn), {})
  assert.deepEqual(await idsOf(region, topicType), [arn])
  await putTopic(region, 'a', { Tags: { back: 'yes' } })
  assert.deepEqual(await tagsOf(region, arn), { back: 'yes' })
  await putTopic(region, 'a', { Tags: {} })
  assert.deepEqual(await tagsOf(region, arn), {})
})

test('what is equal is not logged, and what is logged says before and after', async (t) => {
  const other = await startTestServer()
  t.after(() => other.stop())
  const arn = topic('us-east-1', 'logged')
  const input = {
    ResourceType: topicType,
    ResourceId: arn,
    SchemaVersionId: '1',
    Configuration: '{}',
    Tags: { k: 'v' },
  }
  for (let round = 0; round < 3; round++) await other.config.send(new PutResourceConfigCommand(input))
  for (let round = 0; round < 2; round++) await other.config.send(new DeleteResourceConfigCommand(input))
  await other.stop({ keepData: true })
  const changes = await inStoppedStore(other.dataDir, account, (run) =>
    changesAfter(run, identityCodec, account, 0, 100),
  )
  const states = changes.map(({ kind, version, before, after }) => [
    kind,
    version,
    ...[before, after].map((state) => (state as { state?: string } | null)?.state),
  ])
  assert.deepEqual(states, [
    ['resource', 1, undefined, 'live'],
    ['resource', 2, 'live', undefined],
  ])
})

test('PutResourceConfig refuses what no resource can be, and keeps nothing of it', async () => {
  const region = 'ca-central-1'
  const fine = { ResourceType: topicType, ResourceId: topic(region, 'x'), SchemaVersionId: '1', Configuration: '{}' }
  const group = `arn:aws:resource-groups:${region}:${account}:group/g`
  const tags = (count: number, prefix = 'k') =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 'v']))
  const refused: Record<string, unknown>[] = [
    { ResourceType: undefined },
    { ResourceId: undefined },
    { SchemaVersionId: undefined },
    { Configuration: undefined },
    { ResourceType: '' },
    { ResourceType: 'Nothing' },
    { ResourceType: 'AWS::' },
    { ResourceType: 'AWS::SNS::Topic ' },
    { ResourceType: 'x'.repeat(197) },
    { ResourceType: '__proto__' },
    { ResourceId: '' },
    { ResourceId: 'arn:' },
    { ResourceId: 'arn:aws:sns' },
    { ResourceId: `arn:aws:sns:${region}:12345:x` },
    { ResourceId: `${topic(region, 'x')}\n` },
    { ResourceId: 'x'.repeat(769) },
    { ResourceId: `arn:aws:sqs:${region}:${account}:x` },
    { ResourceType: 'AWS::Unheard::Of', ResourceId: 'no-arn-follows' },
    { ResourceType: 'acme::rack', ResourceId: 'r1' },
    { SchemaVersionId: '' },
    { SchemaVersionId: '1.0' },
    { SchemaVersionId: '1'.repeat(129) },
    { Configuration: '' },
    { Configuration: 'text' },
    { Configuration: '"text"' },
    { Configuration: '[]' },
    { Configuration: 'null' },
    { Configuration: '{' },
    { Configuration: '{"a":1,}' },
    { Configuration: JSON.stringify({ text: 'ä'.repeat(32 * 1024) }) },
    { ResourceName: 'n'.repeat(1025) },
    { Tags: { '': 'v' } },
    { Tags: { ['k'.repeat(129)]: 'v' } },
    { Tags: { k: 'v'.repeat(257) } },
    { Tags: { 'a\tb': 'v' } },
    { Tags: { k: '\u007f' } },
    { Tags: tags(51) },
    { Tags: tags(51, 'aws:') },
    { ResourceType: 'AWS::ResourceGroups::Group', ResourceId: group },
    { ResourceType: 'AWS::ResourceGroups::Group', ResourceId: 'g' },
    { ResourceType: 'Acme::Group', ResourceId: group },
    { ResourceType: 'AWS::AppRegistry::Thing', ResourceId: `${group}/tag-sync-task/1` },
  ]
  for (const change of refused)
    assert.deepEqual(
      refusal(await raw('PutResourceConfig', { ...fine, ...change }, region)),
      [400, 'ValidationException'],
      JSON.stringify(change).slice(0, 100),
    )
  const none = await raw('GetDiscoveredResourceCounts', {}, region)
  assert.equal(none.body, '{"resourceCounts":[],"totalDiscoveredResources":0}')
  const taken: Record<string, unknown>[] = [
    { Configuration: JSON.stringify({ text: 'a'.repeat(64 * 1024 - 11) }) },
    { Configuration: `{"deep":${'['.repeat(10_000)}${']'.repeat(10_000)}}` },
    { Tags: { ...tags(50), ...tags(50, 'aws:') } },
    { Tags: { ['\u{1f3f7}'.repeat(128)]: '\u{1f3f7}'.repeat(256) } },
    { ResourceName: '', Unknown: { nested: [1, 2] }, Tags: null },
    { ResourceId: 'x'.repeat(256) },
  ]
  for (const change of taken) {
    const answer = await raw('PutResourceConfig', { ...fine, ...change }, region)
    assert.deepEqual([answer.status, answer.body], [200, '{}'], JSON.stringify(change).slice(0, 100))
  }
})

test('DeleteResourceConfig: gone and gone again; unknown, of another type or a group is a mistake', async () => {
  const region = 'ca-west-1'
  const arn = topic(region, 'a')
  await putTopic(region, 'a', { Tags: { k: 'v' } })
  await assert.rejects(remove(region, topicType, topic(region, 'unknown')), invalid)
  await assert.rejects(remove(region, topicType, 'unknown'), invalid)
  await assert.rejects(remove(region, 'AWS::SNS::Subscription', arn), invalid)
  await assert.rejects(remove(region, 'Nothing', arn), invalid)
  await assert.rejects(remove(region, 'AWS::ResourceGroups::Group', 'g'), invalid)
  assert.deepEqual(await idsOf(region, topicType), [arn])
  await remove(region, topicType, 'a')
  await remove(region, topicType, arn)
  assert.deepEqual(await idsOf(region, topicType), [])
  const { baseConfigurationItems, unprocessedResourceKeys } = await itemsOf(region, [topicType, arn])
  assert.deepEqual(
    [baseConfigurationItems, unprocessedResourceKeys],
    [[], [{ resourceType: topicType, resourceId: arn }]],
  )
  const page = await clients(region).config.send(
    new ListDiscoveredResourcesCommand({ resourceType: topicType, includeDeletedResources: true }),
  )
  const [gone] = page.resourceIdentifiers ?? []
  assert.ok(Math.abs((gone?.resourceDeletionTime?.getTime() ?? 0) - Date.now()) < 60_000)
})

test('ListDiscoveredResources pages to the end in every size, each resource once, whatever is written meanwhile', async () => {
  const region = 'us-east-2'
  const names = Array.from({ length: 9 }, (_, index) => topic(region, `t${index}`))
  for (const [index, arn] of names.entries()) {
    await put(region, { ResourceType: topicType, ResourceId: arn, ResourceName: index % 2 === 0 ? 'even' : 'odd' })
    await put(region, { ResourceType: 'AWS::SQS::Queue', ResourceId: `q${index}` })
  }
  await putTopic('us-east-1', 'other')
  const even = names.filter((_, index) => index % 2 === 0)
  const filters: [ListInput, string[]][] = [
    [{}, names],
    [{ includeDeletedResources: true }, names],
    [{ resourceName: 'even' }, even],
    [{ resourceName: 'neither' }, []],
    [
      { resourceIds: ['t1', topic(region, 't3'), 't3', 't8', 'unknown', 'q1', topic('us-east-1', 'other')] },
      names.filter((_, index) => [1, 3, 8].includes(index)),
    ],
  ]
  for (const [filter, expected] of filters) {
    for (let limit = 1; limit <= expected.length + 1; limit++) {
      const seen: string[] = []
      let nextToken: string | undefined
      do {
        const page = await clients(region).config.send(
          new ListDiscoveredResourcesCommand({ resourceType: topicType, limit, nextToken, ...filter }),
        )
        assert.ok((page.resourceIdentifiers ?? []).length <= limit)
        seen.push(...(page.resourceIdentifiers ?? []).map(({ resourceId = '' }) => resourceId))
        nextToken = page.nextToken
        assert.ok(seen.length <= expected.length, 'a page came twice')
        await putTopic(region, 't0', {
          ResourceName: 'even',
          Tags: { round: String(seen.length), limit: String(limit) },
        })
      } while (nextToken !== undefined)
      assert.deepEqual(seen.sort(), expected, JSON.stringify([filter, limit]))
    }
  }
  assert.deepEqual(await idsOf(region, topicType, { limit: 0 }), names)
  assert.deepEqual(await idsOf(region, 'sns:topic'), names)
  assert.deepEqual(await idsOf(region, 'Acme::Unknown'), [])
  const refused: Record<string, unknown>[] = [
    { limit: 101 },
    { limit: -1 },
    { resourceType: undefined },
    { resourceType: 'Nothing' },
    { resourceIds: Array(21).fill('x') },
    { resourceIds: [''] },
    { resourceIds: ['t1'], resourceName: 'even' },
  ]
  for (const change of refused)
    assert.deepEqual(
      refusal(await raw('ListDiscoveredResources', { resourceType: topicType, ...change }, region)),
      [400, 'ValidationException'],
      JSON.stringify(change),
    )
})

test('a name is looked for page by page; declared resources are not discovered', async (t) => {
  const region = 'us-east-1'
  const first = await startTestServer()
  await first.stop({ keepData: true })
  const count = 2_300
  await inStoppedStore(first.dataDir, account, async (run, index) => {
    const scope = await ensureScope(run, account, region)
    const writes = Array.from({ length: count }, (_, place): ResourceWrite => {
      const said: ConfigAssertion = { name: place === 7 || place === count - 1 ? 'rare' : `n${place}` }
      const sources = { 'aws-config': said }
      const state = place === 9 ? 'declared' : 'live'
      const arn = topic(region, `t${place}`)
      return { scope, before: undefined, after: { arn, type: topicType, tags: {}, everTagged: false, sources, state } }
    })
    await writeResources(run, index, writes, () => undefined)
  })
  const other = await startTestServer({ dataDir: first.dataDir })
  t.after(() => other.stop())
  const pages: string[][] = []
  const asked = { resourceType: known(topicType), resourceName: 'rare', limit: 2 }
  for await (const page of paginateListDiscoveredResources({ client: other.config }, asked))
    pages.push((page.resourceIdentifiers ?? []).map(({ resourceId = '' }) => resourceId))
  assert.deepEqual(pages, [['t7'], [`t${count - 1}`]])
  let listed = 0
  for await (const page of paginateListDiscoveredResources(
    { client: other.config },
    { resourceType: known(topicType) },
  ))
    listed += page.resourceIdentifiers?.length ?? 0
  assert.equal(listed, count - 1)
  const counts = await other.config.send(new GetDiscoveredResourceCountsCommand({}))
  assert.deepEqual(counts.resourceCounts, [{ resourceType: topicType, count: count - 1 }])
  assert.equal(counts.totalDiscoveredResources, count - 1)
  const resourceKeys = [{ resourceType: known(topicType), resourceId: 't9' }]
  const declared = await other.config.send(new BatchGetResourceConfigCommand({ resourceKeys }))
  assert.deepEqual([declared.baseConfigurationItems, declared.unprocessedResourceKeys], [[], resourceKeys])
  const removal = { ResourceType: topicType, ResourceId: 't9' }
  await assert.rejects(other.config.send(new DeleteResourceConfigCommand(removal)), invalid)
  const confirmation = { ...removal, SchemaVersionId: '1', Configuration: '{}' }
  await other.config.send(new PutResourceConfigCommand(confirmation))
  const confirmed = await other.config.send(new BatchGetResourceConfigCommand({ resourceKeys }))
  assert.equal(confirmed.baseConfigurationItems?.length, 1)
})

test('a resource without a configuration is discovered, not recorded', async (t) => {
  const first = await startTestServer()
  await first.stop({ keepData: true })
  const arn = topic('us-east-1', 'imported')
  await inStoppedStore(first.dataDir, account, async (run, index) => {
    const scope = await ensureScope(run, account, 'us-east-1')
    const after = { arn, type: topicType, tags: {}, everTagged: false, state: 'live' as const }
    await writeResources(run, index, [{ scope, before: undefined, after }], () => undefined)
  })
  const other = await startTestServer({ dataDir: first.dataDir })
  t.after(() => other.stop())
  const resourceKeys = [{ resourceType: known(topicType), resourceId: 'imported' }]
  const [item] =
    (await other.config.send(new BatchGetResourceConfigCommand({ resourceKeys }))).baseConfigurationItems ?? []
  assert.equal(item?.configurationItemStatus, 'ResourceDiscovered')
  assert.ok(item && !('configuration' in item) && !('resourceName' in item))
})

test('GetDiscoveredResourceCounts: the most numerous first, live ones only, page by page', async () => {
  const region = 'us-west-2'
  const counts: [string, number][] = [
    ['AWS::SNS::Topic', 2],
    ['AWS::SQS::Queue', 5],
    ['Acme::Rack::Server', 2],
    ['AWS::EC2::Volume', 1],
  ]
  for (const [ResourceType, count] of counts)
    for (let index = 0; index < count; index++) await put(region, { ResourceType, ResourceId: `x${index}` })
  const ask = (input: GetDiscoveredResourceCountsCommandInput) =>
    clients(region).config.send(new GetDiscoveredResourceCountsCommand(input))
  const expected = ['AWS::SQS::Queue 5', 'AWS::SNS::Topic 2', 'Acme::Rack::Server 2', 'AWS::EC2::Volume 1']
  const walk = async (input: GetDiscoveredResourceCountsCommandInput) => {
    const seen: string[] = []
    for await (const page of paginateGetDiscoveredResourceCounts({ client: clients(region).config }, input)) {
      seen.push(...(page.resourceCounts ?? []).map(({ resourceType, count }) => `${resourceType} ${count}`))
      assert.ok((page.resourceCounts ?? []).length <= (input.limit || 100))
      assert.equal(page.totalDiscoveredResources, input.resourceTypes ? 3 : 10)
    }
    return seen
  }
  const types = ['AWS::EC2::Volume', 'sns:topic', 'AWS::SNS::Topic', 'AWS::Lambda::Function', 'no type']
  for (let limit = 0; limit <= 5; limit++) {
    assert.deepEqual(await walk({ limit }), expected)
    assert.deepEqual(await walk({ limit, resourceTypes: types }), ['AWS::SNS::Topic 2', 'AWS::EC2::Volume 1'])
  }
  assert.deepEqual(await walk({ resourceTypes: types.slice(0, 3) }), ['AWS::SNS::Topic 2', 'AWS::EC2::Volume 1'])
  const none = await ask({ resourceTypes: ['no type'] })
  assert.deepEqual([none.resourceCounts, none.totalDiscoveredResources], [[], 0])
  assert.equal((await ask({ resourceTypes: [] })).totalDiscoveredResources, 10)

  for (const id of ['x0', 'x1', 'x2', 'x3']) await remove(region, 'AWS::SQS::Queue', id)
  await remove(region, 'AWS::EC2::Volume', 'x0')
  const after = await ask({})
  assert.deepEqual(
    after.resourceCounts?.map(({ resourceType, count }) => `${resourceType} ${count}`),
    ['AWS::SNS::Topic 2', 'Acme::Rack::Server 2', 'AWS::SQS::Queue 1'],
  )
  assert.equal(after.totalDiscoveredResources, 5)
  for (const body of [{ limit: 101 }, { limit: -1 }, { resourceTypes: Array(21).fill('x') }, { resourceTypes: [''] }])
    assert.deepEqual(refusal(await raw('GetDiscoveredResourceCounts', body, region)), [400, 'ValidationException'])
})

test('BatchGetResourceConfig: up to a hundred keys, each item once, what is not there given back', async () => {
  const region = 'sa-east-1'
  await putTopic(region, 'a')
  const a: [string, string] = [topicType, topic(region, 'a')]
  const missing = Array.from({ length: 97 }, (_, index): [string, string] => [topicType, `none-${index}`])
  const full = await itemsOf(region, a, a, [topicType, 'a'], ...missing)
  assert.deepEqual(
    full.baseConfigurationItems?.map(({ arn }) => arn),
    [topic(region, 'a')],
  )
  assert.deepEqual(
    full.unprocessedResourceKeys?.map(({ resourceId }) => resourceId),
    missing.map(([, id]) => id),
  )
  const odd = await itemsOf(
    region,
    ['AWS::SQS::Queue', topic(region, 'a')],
    ['AWS::Unheard::Of', 'x'],
    ['AWS::SNS::Topic', 'arn:'],
  )
  assert.deepEqual([odd.baseConfigurationItems, odd.unprocessedResourceKeys?.length], [[], 3])
  const key = { resourceType: topicType, resourceId: 'x' }
  const refused: unknown[] = [
    {},
    { resourceKeys: [] },
    { resourceKeys: Array.from({ length: 101 }, () => key) },
    { resourceKeys: [{ resourceType: topicType }] },
    { resourceKeys: [{ resourceId: 'x' }] },
    { resourceKeys: [{ ...key, resourceType: 'Nothing' }] },
    { resourceKeys: [{ ...key, resourceId: '' }] },
  ]
  for (const body of refused)
    assert.deepEqual(refusal(await raw('BatchGetResourceConfig', body, region)), [400, 'ValidationException'])
})

test('tokens are good for their own walk only, and for fifteen minutes', async () => {
  const region = 'ap-southeast-3'
  const { config } = clients(region)
  for (const name of ['a', 'b', 'c']) await putTopic(region, name)
  await put(region, { ResourceType: 'AWS::SQS::Queue', ResourceId: 'q' })
  const list = (input: Partial<ListDiscoveredResourcesCommandInput>, where = region) =>
    clients(where).config.send(new ListDiscoveredResourcesCommand({ resourceType: topicType, ...input }))
  const refused = { name: 'InvalidNextTokenException' }
  aheadMinutes = -10
  const { nextToken = '' } = await list({ limit: 1 })
  assert.notEqual(nextToken, '')
  assert.equal((await list({ nextToken })).resourceIdentifiers?.length, 2)
  assert.equal((await list({ nextToken: '' })).resourceIdentifiers?.length, 3)
  await assert.rejects(list({ nextToken, resourceType: 'AWS::SQS::Queue' }), refused)
  await assert.rejects(list({ nextToken, includeDeletedResources: true }), refused)
  await assert.rejects(list({ nextToken, resourceName: 'a' }), refused)
  await assert.rejects(list({ nextToken }, 'us-east-1'), refused)
  await assert.rejects(list({ nextToken: `${nextToken}A` }), refused)
  await assert.rejects(list({ nextToken: 'nonsense' }), refused)
  await assert.rejects(config.send(new GetDiscoveredResourceCountsCommand({ nextToken })), refused)
  const counts = await config.send(new GetDiscoveredResourceCountsCommand({ limit: 1 }))
  const other = { nextToken: counts.nextToken, resourceTypes: ['AWS::SQS::Queue'] }
  await assert.rejects(config.send(new GetDiscoveredResourceCountsCommand(other)), refused)
  await assert.rejects(list({ nextToken: counts.nextToken }), refused)
  aheadMinutes = 6
  await assert.rejects(list({ nextToken }), refused)
  aheadMinutes = 0
})

test('documents that are none, members of a wrong type, and what is sent besides', async () => {
  const malformed: [string, string][] = [
    ['PutResourceConfig', ''],
    ['PutResourceConfig', '[]'],
    ['PutResourceConfig', '{"Configuration":{}}'],
    ['PutResourceConfig', '{"Tags":[]}'],
    ['PutResourceConfig', '{"Tags":{"k":1}}'],
    ['DeleteResourceConfig', '{"ResourceId":1}'],
    ['ListDiscoveredResources', '{"limit":"1"}'],
    ['ListDiscoveredResources', '{"limit":1.5}'],
    ['ListDiscoveredResources', '{"resourceIds":"x"}'],
    ['ListDiscoveredResources', '{"includeDeletedResources":"true"}'],
    ['GetDiscoveredResourceCounts', '{"resourceTypes":[null]}'],
    ['BatchGetResourceConfig', '{"resourceKeys":{}}'],
    ['BatchGetResourceConfig', '{"resourceKeys":["x"]}'],
  ]
  for (const [operation, body] of malformed)
    assert.deepEqual(refusal(await raw(operation, body)), [400, 'SerializationException'], body)
  // Members are spelled as the model spells them, and nothing else is one.
  const upper = await raw('ListDiscoveredResources', { ResourceType: topicType })
  assert.deepEqual(refusal(upper), [400, 'ValidationException'])
  const more = await raw('GetDiscoveredResourceCounts', { limit: null, Unknown: 1 }, 'me-south-1')
  assert.equal(more.body, '{"resourceCounts":[],"totalDiscoveredResources":0}')
  assert.deepEqual(refusal(await raw('DescribeConfigRules', {})), [400, 'UnknownOperationException'])
  const fault = JSON.parse(
    (await raw('DeleteResourceConfig', { ResourceType: topicType, ResourceId: 'x' })).body,
  ) as object
  assert.deepEqual(Object.keys(fault), ['__type', 'message'])
})

test('a denied change of tags is a permission that is missing, and nothing is written', async () => {
  const first = await startTestServer()
  await first.stop({ keepData: true })
  const region = 'us-east-1'
  await inStoppedStore(first.dataDir, account, async (run, index) => {
    const caller = { account, arn: 'x', userId: 'x', type: 'Root', accessKeyId: 'x', region, partition: 'aws' } as const
    const context = {
      caller,
      run,
      ports: { index, pageTokenKey: Buffer.alloc(32) },
      requestId: 'x',
      nowMs: 0,
      target: {},
    }
    const may = () => ({ allowed: false, message: 'not you' })
    const input = { ResourceType: topicType, ResourceId: 'x', SchemaVersionId: '1', Configuration: '{}' }
    const call = (more: object) => putResourceConfig.handle({ ...context, may, input: { ...input, ...more } })
    await assert.rejects(call({ Tags: { k: 'v' } }), (fault) => {
      assert.ok(fault instanceof Fault)
      assert.deepEqual([fault.shape, fault.message], [insufficientPermissionsException, 'not you'])
      return true
    })
    assert.equal(await findByArn(run, index, account, topic(region, 'x')), undefined)
    // Without tags there is nothing to deny.
    assert.deepEqual(await call({}), {})
    assert.equal((await findByArn(run, index, account, topic(region, 'x')))?.state, 'live')
  })
  rmSync(first.dataDir, { recursive: true })
})
