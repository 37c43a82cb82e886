// The Resource Groups Tagging API over the wire: AWS's SDK for what it can send, raw requests for what it cannot. Each test
// has a Region of its own, and so resources of its own. Resources come in through Config's intake; what cannot come in
// that way is written into the store before the server starts.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { DeleteResourceConfigCommand, PutResourceConfigCommand } from '@aws-sdk/client-config-service'
import {
  GetResourcesCommand,
  type GetResourcesCommandInput,
  GetTagKeysCommand,
  GetTagValuesCommand,
  paginateGetResources,
  paginateGetTagKeys,
  TagResourcesCommand,
  UntagResourcesCommand,
} from '@aws-sdk/client-resource-groups-tagging-api'
import { findByArns, type ResourceWrite, writeResources } from '../../src/inventory/resources.ts'
import { ensureScope } from '../../src/inventory/scope.ts'
import type { Check } from '../../src/services/operation.ts'
import { tagResources } from '../../src/services/tagging/operations/tag-resources.ts'
import { untagResources } from '../../src/services/tagging/operations/untag-resources.ts'
import { startTestServer, type TestServer } from '../support/running-server.ts'
import { inStoppedStore } from '../support/stopped-store.ts'

const account = '123456789012'
const prefix = 'ResourceGroupsTaggingAPI_20170126.'
const topic = (region: string, name: string) => `arn:aws:sns:${region}:${account}:${name}`
const instance = (region: string, name: string) => `arn:aws:ec2:${region}:${account}:instance/${name}`

const seedRegion = 'ap-south-1'
const manyValuesRegion = 'ap-south-2'
const onceTaggedRegion = 'af-south-1'
const crowded = topic(seedRegion, 'crowded')
const declared = topic(seedRegion, 'declared')
const manyTags = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`old-${index}`, 'x']))

let server: TestServer
/** Minutes that the server's clock is ahead. */
let aheadMinutes = 0
const clock = () => Date.now() + aheadMinutes * 60_000

before(async () => {
  const first = await startTestServer()
  await first.stop({ keepData: true })
  await seed(first.dataDir)
  server = await startTestServer({ dataDir: first.dataDir, clock })
})
after(() => server.stop())

/** What no intake of the API's neighbours makes: a declared resource, one with more tags than may be written; and much. */
const seed = (dataDir: string) =>
  inStoppedStore(dataDir, account, async (run, index) => {
    const write = async (
      region: string,
      contents: { name: string; tags: Record<string, string>; state?: 'live' | 'declared' }[],
    ) => {
      const scope = await ensureScope(run, account, region)
      const writes = contents.map(({ name, tags, state = 'live' }): ResourceWrite => {
        const after = { arn: topic(region, name), type: 'AWS::SNS::Topic', tags, everTagged: true, state }
        return { scope, before: undefined, after }
      })
      await writeResources(run, index, writes, () => undefined)
    }
    await write(seedRegion, [
      { name: 'declared', tags: { team: 'none' }, state: 'declared' },
      { name: 'crowded', tags: manyTags },
    ])
    await write(
      manyValuesRegion,
      Array.from({ length: 501 }, (_, place) => ({ name: `v${place}`, tags: { a: `a${place}`, b: `b${place}` } })),
    )
    const tenTags = Object.fromEntries(Array.from({ length: 10 }, (_, place) => [`k${place}`, 'v']))
    await write(
      onceTaggedRegion,
      Array.from({ length: 97 }, (_, place) => ({ name: `o${place}`, tags: place < 95 ? {} : tenTags })),
    )
  })

const clientsOf = new Map<string, ReturnType<TestServer['clientsIn']>>()
function clients(region: string) {
  const known = clientsOf.get(region) ?? server.clientsIn(region)
  clientsOf.set(region, known)
  return known
}

async function put(region: string, arn: string, type: string, Tags?: Record<string, string>) {
  const { config } = clients(region)
  await config.send(
    new PutResourceConfigCommand({
      ResourceType: type,
      ResourceId: arn,
      SchemaVersionId: '1',
      Configuration: '{}',
      ...(Tags && { Tags }),
    }),
  )
}
const putTopic = (region: string, name: string, tags?: Record<string, string>) =>
  put(region, topic(region, name), 'AWS::SNS::Topic', tags)
const putInstance = (region: string, name: string, tags?: Record<string, string>) =>
  put(region, instance(region, name), 'AWS::EC2::Instance', tags)

/** The ARNs' last parts, page after page to the end. */
async function namesOf(region: string, input: GetResourcesCommandInput = {}): Promise<string[]> {
  const names: string[] = []
  for await (const page of paginateGetResources({ client: clients(region).tagging }, input))
    names.push(
      ...(page.ResourceTagMappingList ?? []).map(({ ResourceARN = '' }) => ResourceARN.split(/[:/]/).at(-1) ?? ''),
    )
  return names.sort()
}

async function tagsOf(region: string, arn: string): Promise<Record<string, string>> {
  const { tagging } = clients(region)
  const { ResourceTagMappingList } = await tagging.send(new GetResourcesCommand({ ResourceARNList: [arn] }))
  return Object.fromEntries(
    (ResourceTagMappingList?.[0]?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const),
  )
}

const raw = (operation: string, body: unknown, region = 'us-east-1') =>
  server.json('tagging', prefix + operation, body, { region })

/** Status and `__type` of an answer. */
const refusal = ({ status, body }: { status: number; body: string }) => [
  status,
  (JSON.parse(body) as { __type?: string }).__type,
]

const invalid = { name: 'InvalidParameterException' }

test('an empty Region: all lists are empty, and the token is there', async () => {
  const answer = await raw('GetResources', {}, 'me-south-1')
  assert.deepEqual(JSON.parse(answer.body), { PaginationToken: '', ResourceTagMappingList: [] })
  assert.equal(answer.headers['content-type'], 'application/x-amz-json-1.1')
  assert.match(String(answer.headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/)
  assert.deepEqual(JSON.parse((await raw('GetTagKeys', {}, 'me-south-1')).body), { PaginationToken: '', TagKeys: [] })
  assert.deepEqual(JSON.parse((await raw('GetTagValues', { Key: 'k' }, 'me-south-1')).body), {
    PaginationToken: '',
    TagValues: [],
  })
})

test('GetResources: tagged and once tagged ones, with their tags, in the wire form that AWS has', async () => {
  const region = 'eu-west-1'
  await putTopic(region, 'tagged', { team: 'core', stage: '' })
  await putTopic(region, 'once', { team: 'core' })
  await putTopic(region, 'never')
  await clients(region).tagging.send(
    new UntagResourcesCommand({ ResourceARNList: [topic(region, 'once')], TagKeys: ['team', 'not there'] }),
  )
  const answer = await raw('GetResources', { PaginationToken: '' }, region)
  assert.equal(
    answer.body,
    JSON.stringify({
      PaginationToken: '',
      ResourceTagMappingList: [
        {
          ResourceARN: topic(region, 'tagged'),
          Tags: [
            { Key: 'stage', Value: '' },
            { Key: 'team', Value: 'core' },
          ],
        },
        { ResourceARN: topic(region, 'once'), Tags: [] },
      ],
    }),
  )
})

test('GetResources: tag filters are joined by AND, their values by OR', async () => {
  const region = 'eu-west-2'
  await putTopic(region, 'a', { team: 'core', stage: 'prod' })
  await putTopic(region, 'b', { team: 'core', stage: 'test' })
  await putTopic(region, 'c', { team: 'web', stage: 'prod' })
  await putTopic(region, 'd', { stage: '' })
  await putTopic(region, 'e', { Team: 'core', __proto: 'x' })
  const cases: [NonNullable<GetResourcesCommandInput['TagFilters']>, string][] = [
    [[], 'abcde'],
    [[{ Key: 'team' }], 'abc'],
    [[{ Key: 'team', Values: [] }], 'abc'],
    [[{ Key: 'team', Values: ['core'] }], 'ab'],
    [[{ Key: 'team', Values: ['core', 'web', 'core'] }], 'abc'],
    [[{ Key: 'team', Values: ['core'] }, { Key: 'stage' }], 'ab'],
    [
      [
        { Key: 'team', Values: ['core'] },
        { Key: 'stage', Values: ['prod', 'x'] },
      ],
      'a',
    ],
    [[{ Key: 'stage', Values: [''] }], 'd'],
    [[{ Key: 'Team' }], 'e'],
    [[{ Key: 'team', Values: ['CORE'] }], ''],
    [[{ Key: 'unknown' }], ''],
    [[{ Key: 'team' }, { Key: 'unknown' }], ''],
    [[{ Key: '__proto__' }], ''],
    [[{ Key: 'constructor', Values: ['x'] }], ''],
  ]
  for (const [TagFilters, expected] of cases)
    assert.equal((await namesOf(region, { TagFilters })).join(''), expected, JSON.stringify(TagFilters))
})

test('GetResources: type filters by service and by type, whatever the rest of the ARN', async () => {
  const region = 'eu-west-3'
  const balancer = (kind: string) => `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${kind}`
  await putTopic(region, 'topic', { k: '1' })
  await putInstance(region, 'i-1', { k: '1' })
  await put(region, `arn:aws:ec2:${region}:${account}:volume/vol-1`, 'AWS::EC2::Volume', { k: '2' })
  await put(region, 'arn:aws:s3:::bucket', 'AWS::S3::Bucket', { k: '1' })
  await put(region, balancer('app/web/1'), 'AWS::ElasticLoadBalancingV2::LoadBalancer', { k: '1' })
  await put(region, 'r1', 'Acme::Rack::Server', { k: '1' })
  const cases: [string[], string][] = [
    [['ec2'], 'i-1 vol-1'],
    [['ec2:instance'], 'i-1'],
    [['ec2:instance', 'ec2:volume', 'sns'], 'i-1 topic vol-1'],
    [['s3'], 'bucket'],
    [['s3:bucket'], 'bucket'],
    [['elasticloadbalancing:loadbalancer'], '1'],
    [['elasticloadbalancing:loadbalancer/app'], '1'],
    [['elasticloadbalancing:loadbalancer/net'], ''],
    [['acme-rack:server'], 'r1'],
    [['ec2:inst'], ''],
    [['unknown:thing'], ''],
    [Array.from({ length: 99 }, (_, index) => `svc${index}`).concat('sns'), 'topic'],
    [[], '1 bucket i-1 r1 topic vol-1'],
  ]
  for (const [ResourceTypeFilters, expected] of cases)
    assert.equal((await namesOf(region, { ResourceTypeFilters })).join(' '), expected, ResourceTypeFilters.join())
  const both = { ResourceTypeFilters: ['ec2'], TagFilters: [{ Key: 'k', Values: ['2'] }] }
  assert.deepEqual(await namesOf(region, both), ['vol-1'])
  for (const filter of [
    '',
    'EC2',
    'AWS::EC2::Instance',
    'ec2:',
    ':instance',
    'ec2:in stance',
    'ec2:\u0000',
    'a'.repeat(65),
  ])
    await assert.rejects(namesOf(region, { ResourceTypeFilters: [filter] }), invalid, filter)
  await assert.rejects(namesOf(region, { ResourceTypeFilters: Array(101).fill('ec2') as string[] }), invalid)
})

test('GetResources by ARN: known ones once each, unknown ones left out, nothing else beside it', async () => {
  const region = 'eu-north-1'
  const { tagging } = clients(region)
  await putTopic(region, 'here', { k: 'v' })
  await putTopic(region, 'untagged')
  await putTopic('eu-south-1', 'elsewhere', { k: 'v' })
  await putTopic(region, 'gone', { k: 'v' })
  await clients(region).config.send(
    new DeleteResourceConfigCommand({ ResourceType: 'AWS::SNS::Topic', ResourceId: topic(region, 'gone') }),
  )
  const logGroup = `arn:aws:logs:${region}:${account}:log-group:/app`
  await put(region, `${logGroup}:*`, 'AWS::Logs::LogGroup', { k: 'v' })
  const ResourceARNList = [
    topic(region, 'here'),
    topic(region, 'here'),
    topic(region, 'missing'),
    topic(region, 'untagged'),
    topic(region, 'gone'),
    topic('eu-south-1', 'elsewhere'),
    logGroup,
    `${logGroup}:*`,
  ]
  const answer = await tagging.send(new GetResourcesCommand({ ResourceARNList, TagFilters: [], PaginationToken: '' }))
  assert.equal(answer.PaginationToken, '')
  assert.deepEqual(answer.ResourceTagMappingList?.map(({ ResourceARN }) => ResourceARN).sort(), [
    logGroup,
    topic(region, 'here'),
  ])
  const one = [topic(region, 'here')]
  const refused: GetResourcesCommandInput[] = [
    { ResourceARNList: one, TagFilters: [{ Key: 'k' }] },
    { ResourceARNList: one, ResourceTypeFilters: ['sns'] },
    { ResourceARNList: one, ResourcesPerPage: 10 },
    { ResourceARNList: one, TagsPerPage: 100 },
    { ResourceARNList: one, PaginationToken: 'x' },
    { ResourceARNList: [...one, 'not an arn'] },
    { ResourceARNList: ['arn:aws:sns:us-east-1'] },
    { ResourceARNList: ['arn:aws:ec2:eu-north-1:123456789012:i-0825a83d29e870145'] },
    { ResourceARNList: [] },
    { ResourceARNList: [''] },
    { ResourceARNList: [`arn:aws:sns:us-east-1:${account}:${'x'.repeat(1000)}`] },
    { ResourceARNList: Array(101).fill(one[0]) as string[] },
  ]
  for (const input of refused)
    await assert.rejects(tagging.send(new GetResourcesCommand(input)), invalid, JSON.stringify(input).slice(0, 100))
  const hundred = Array.from({ length: 99 }, (_, index) => topic(region, `none-${index}`)).concat(one)
  const atLimit = await tagging.send(new GetResourcesCommand({ ResourceARNList: hundred }))
  assert.equal(atLimit.ResourceTagMappingList?.length, 1)
})

test('GetResources: compliance details only if asked for; no policies, so nothing is left when compliant ones are out', async () => {
  const region = 'eu-south-2'
  await putTopic(region, 'a', { k: 'v' })
  const { tagging } = clients(region)
  const ask = (input: GetResourcesCommandInput) => tagging.send(new GetResourcesCommand(input))
  const [plain] = (await ask({})).ResourceTagMappingList ?? []
  assert.ok(plain && !('ComplianceDetails' in plain))
  const [detailed] = (await ask({ IncludeComplianceDetails: true })).ResourceTagMappingList ?? []
  assert.deepEqual(detailed?.ComplianceDetails, {
    ComplianceStatus: true,
    KeysWithNoncompliantValues: [],
    MissingTagKeys: [],
    NoncompliantKeys: [],
  })
  const strict = await ask({ IncludeComplianceDetails: true, ExcludeCompliantResources: true })
  assert.deepEqual([strict.ResourceTagMappingList, strict.PaginationToken], [[], ''])
  const strictByArn = await ask({
    IncludeComplianceDetails: true,
    ExcludeCompliantResources: true,
    ResourceARNList: [topic(region, 'a')],
  })
  assert.deepEqual(strictByArn.ResourceTagMappingList, [])
  assert.equal((await ask({ ExcludeCompliantResources: false })).ResourceTagMappingList?.length, 1)
  await assert.rejects(ask({ ExcludeCompliantResources: true }), invalid)
  await assert.rejects(ask({ ExcludeCompliantResources: true, IncludeComplianceDetails: false }), invalid)
})

test('GetResources: pages of every size go to the end, each resource once, whatever is written meanwhile', async () => {
  const region = 'us-east-2'
  const { tagging } = clients(region)
  const names = Array.from({ length: 12 }, (_, index) => `t${String(index).padStart(2, '0')}`)
  for (const name of names) await putTopic(region, name, { round: '0' })
  for (let size = 1; size <= names.length + 1; size++) {
    const seen: string[] = []
    let PaginationToken = ''
    let pages = 0
    do {
      const page = await tagging.send(
        new GetResourcesCommand({ ResourcesPerPage: size, PaginationToken, TagFilters: [{ Key: 'round' }] }),
      )
      const list = page.ResourceTagMappingList ?? []
      assert.ok(list.length <= size)
      seen.push(...list.map(({ ResourceARN = '' }) => ResourceARN))
      PaginationToken = page.PaginationToken ?? 'absent'
      assert.ok(seen.length <= names.length, 'a page came twice')
      pages++
      // Writes between the pages: new values, and a resource that comes and goes.
      await tagging.send(
        new TagResourcesCommand({
          ResourceARNList: names.map((name) => topic(region, name)),
          Tags: { round: String(size), page: String(pages) },
        }),
      )
      await putTopic(region, `extra-${size}-${pages}`, { other: 'x' })
    } while (PaginationToken !== '')
    assert.deepEqual(
      seen.sort(),
      names.map((name) => topic(region, name)),
      `pages of ${size}`,
    )
    assert.equal(pages, Math.ceil(names.length / size))
  }
})

test('GetResources: TagsPerPage never splits a resource, counts one without tags as one, and joins ResourcesPerPage', async () => {
  const region = 'us-west-1'
  const { tagging } = clients(region)
  const tenTags = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`k${index}`, 'v']))
  for (let index = 0; index < 22; index++) await putTopic(region, `ten-${index}`, tenTags)
  const sizes = async (input: GetResourcesCommandInput) => {
    const counts: number[] = []
    for await (const page of paginateGetResources({ client: tagging }, input))
      counts.push(page.ResourceTagMappingList?.length ?? 0)
    return counts
  }
  // AWS's own example.
  assert.deepEqual(await sizes({ TagsPerPage: 100 }), [10, 10, 2])
  assert.deepEqual(await sizes({ TagsPerPage: 150 }), [15, 7])
  assert.deepEqual(await sizes({ TagsPerPage: 500 }), [22])
  assert.deepEqual(await sizes({ TagsPerPage: 100, ResourcesPerPage: 8 }), [8, 8, 6])
  assert.deepEqual(await sizes({ TagsPerPage: 100, ResourcesPerPage: 15 }), [10, 10, 2])
  assert.deepEqual(await sizes({}), [22])
  for (let index = 0; index < 22; index++) {
    const ResourceARNList = [topic(region, `ten-${index}`)]
    await tagging.send(new UntagResourcesCommand({ ResourceARNList, TagKeys: Object.keys(tenTags) }))
  }
  assert.deepEqual(await sizes({ TagsPerPage: 100 }), [22])
  for (const input of [
    { TagsPerPage: 99 },
    { TagsPerPage: 501 },
    { TagsPerPage: 0 },
    { TagsPerPage: -100 },
    { ResourcesPerPage: 0 },
    { ResourcesPerPage: 101 },
    { ResourcesPerPage: -1 },
  ])
    await assert.rejects(tagging.send(new GetResourcesCommand(input)), invalid, JSON.stringify(input))
})

test('GetResources: filters at their limits and beyond, and those that contradict themselves', async () => {
  const region = 'us-west-2'
  await putTopic(region, 'a', Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, `v${index}`])))
  const values = Array.from({ length: 19 }, (_, index) => `other${index}`)
  const filters = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Values: [...values, `v${index}`] }))
  assert.deepEqual(await namesOf(region, { TagFilters: filters(50) }), ['a'])
  const refused: unknown[] = [
    { TagFilters: filters(51) },
    { TagFilters: [{ Key: 'k', Values: Array(21).fill('v') }] },
    { TagFilters: [{ Key: 'k' }, { Key: 'k' }] },
    { TagFilters: [{ Key: 'k', Values: ['a'] }, { Key: 'x' }, { Key: 'k', Values: ['b'] }] },
    { TagFilters: [{ Key: '' }] },
    { TagFilters: [{ Key: 'k'.repeat(129) }] },
    { TagFilters: [{ Key: 'k', Values: ['v'.repeat(257)] }] },
    { TagFilters: [{ Values: ['v'] }] },
    { TagFilters: [{}] },
    { PaginationToken: 'x'.repeat(2049) },
  ]
  for (const input of refused)
    assert.deepEqual(
      refusal(await raw('GetResources', input, region)),
      [400, 'InvalidParameterException'],
      JSON.stringify(input).slice(0, 100),
    )
})

test('GetResources: resources that lost their tags count among the tags of a page', async () => {
  const sizes: number[] = []
  const pages = paginateGetResources({ client: clients(onceTaggedRegion).tagging }, { TagsPerPage: 100 })
  for await (const page of pages) sizes.push(page.ResourceTagMappingList?.length ?? 0)
  assert.deepEqual(sizes, [95, 2])
})

test('GetTagValues: more than a page, and a token for its own key only', async () => {
  const { tagging } = clients(manyValuesRegion)
  const ask = (Key: string, PaginationToken = '') => tagging.send(new GetTagValuesCommand({ Key, PaginationToken }))
  const first = await ask('a')
  const second = await ask('a', first.PaginationToken)
  assert.equal(second.PaginationToken, '')
  const values = [...(first.TagValues ?? []), ...(second.TagValues ?? [])]
  assert.deepEqual(values.sort(), Array.from({ length: 501 }, (_, place) => `a${place}`).sort())
  await assert.rejects(ask('b', first.PaginationToken), invalid)
  await assert.rejects(tagging.send(new GetTagKeysCommand({ PaginationToken: first.PaginationToken })), invalid)
})

test('page tokens are good for their own walk only, and for fifteen minutes', async () => {
  const region = 'ca-central-1'
  const { tagging } = clients(region)
  for (const name of ['a', 'b', 'c']) await putTopic(region, name, { [`key-${name}`]: 'v', k: `value-${name}` })
  const ask = (input: GetResourcesCommandInput, where = region) =>
    clients(where).tagging.send(new GetResourcesCommand(input))
  aheadMinutes = -10
  const { PaginationToken = '' } = await ask({ ResourcesPerPage: 1, TagFilters: [{ Key: 'k' }] })
  assert.notEqual(PaginationToken, '')
  const rest = { PaginationToken, TagFilters: [{ Key: 'k' }] }
  // Another page size is no other query.
  assert.equal((await ask({ ...rest, ResourcesPerPage: 100 })).ResourceTagMappingList?.length, 2)
  aheadMinutes = 4
  assert.equal((await ask(rest)).ResourceTagMappingList?.length, 2)
  aheadMinutes = 6
  await assert.rejects(ask(rest), { name: 'PaginationTokenExpiredException' })
  aheadMinutes = -10
  await assert.rejects(ask({ PaginationToken }), invalid)
  await assert.rejects(ask({ PaginationToken, TagFilters: [{ Key: 'k', Values: ['v'] }] }), invalid)
  await assert.rejects(ask({ ...rest, ResourceTypeFilters: ['sns'] }), invalid)
  await assert.rejects(ask(rest, 'us-east-1'), invalid)
  await assert.rejects(tagging.send(new GetTagKeysCommand({ PaginationToken })), invalid)
  await assert.rejects(tagging.send(new GetTagValuesCommand({ Key: 'k', PaginationToken })), invalid)
  for (let place = 0; place < PaginationToken.length; place++) {
    const other = PaginationToken[place] === 'A' ? 'B' : 'A'
    const tampered = PaginationToken.slice(0, place) + other + PaginationToken.slice(place + 1)
    await assert.rejects(ask({ ...rest, PaginationToken: tampered }), invalid, `byte ${place}`)
  }
  for (const tampered of [
    'x',
    ' ',
    PaginationToken.slice(0, -1),
    `${PaginationToken}=`,
    `${PaginationToken}A`,
    '\u0000',
  ])
    await assert.rejects(ask({ ...rest, PaginationToken: tampered }), invalid, tampered)
  aheadMinutes = 0
})

test('GetTagKeys and GetTagValues page to the end, with what is in use now', async () => {
  const region = 'sa-east-1'
  const { tagging } = clients(region)
  const keys: string[] = []
  for (let resource = 0; resource < 11; resource++) {
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, key) => [`key-${resource}-${key}`, 'v']))
    keys.push(...Object.keys(tags))
    await putTopic(region, `many-${resource}`, tags)
  }
  const listed: string[] = []
  let pages = 0
  for await (const page of paginateGetTagKeys({ client: tagging }, {})) {
    listed.push(...(page.TagKeys ?? []))
    pages++
    if (pages === 1) await putTopic('ap-east-1', 'other', { 'not here': 'v' })
  }
  assert.equal(pages, 2)
  assert.deepEqual(listed.sort(), keys.sort())

  const values = ['', '0', 'a b', '\u00a0', 'Zoë', '日本', '__proto__', 'v'.repeat(256)]
  for (const [index, value] of values.entries()) await putTopic(region, `value-${index}`, { shared: value })
  await putTopic(region, 'same', { shared: '0' })
  const valuesOf = async (Key: string) =>
    (await tagging.send(new GetTagValuesCommand({ Key }))).TagValues?.sort() ?? ['none at all']
  assert.deepEqual(await valuesOf('shared'), values.toSorted())
  assert.deepEqual(await valuesOf('Shared'), [])
  assert.deepEqual(await valuesOf('unknown'), [])
  await tagging.send(
    new UntagResourcesCommand({
      ResourceARNList: [topic(region, 'value-1'), topic(region, 'same')],
      TagKeys: ['shared'],
    }),
  )
  assert.deepEqual(await valuesOf('shared'), values.filter((value) => value !== '0').toSorted())
  for (const body of [{}, { Key: '' }, { Key: 'k'.repeat(129) }, { Key: null }])
    assert.deepEqual(refusal(await raw('GetTagValues', body, region)), [400, 'InvalidParameterException'])
})

test('TagResources adds and overwrites, UntagResources takes away, each ARN once', async () => {
  const region = 'ap-northeast-1'
  const { tagging } = clients(region)
  const arn = topic(region, 'a')
  await putTopic(region, 'a', { old: '1', both: 'before' })
  const Tags = { both: 'after', 'Business Unit': 'a\u00a0b', ' org': '\u{1f3f7}', 'a:b/c=d+e-f@g': '', 日本: '日本' }
  const answer = await raw('TagResources', { ResourceARNList: [arn, arn], Tags }, region)
  assert.equal(answer.body, '{"FailedResourcesMap":{}}')
  assert.deepEqual(await tagsOf(region, arn), { old: '1', ...Tags })
  const again = await tagging.send(new TagResourcesCommand({ ResourceARNList: [arn], Tags }))
  assert.deepEqual(again.FailedResourcesMap, {})
  const untag = { ResourceARNList: [arn, arn], TagKeys: ['both', ' org', 'org', 'BOTH', 'old', 'old'] }
  assert.deepEqual((await tagging.send(new UntagResourcesCommand(untag))).FailedResourcesMap, {})
  const { both: _, ' org': __, ...left } = Tags
  assert.deepEqual(await tagsOf(region, arn), left)
})

test('a key named __proto__ is a key like any other', async () => {
  const region = 'ap-northeast-2'
  const arn = topic(region, 'a')
  await putTopic(region, 'a', { k: 'v' })
  const tagged = await raw(
    'TagResources',
    `{"ResourceARNList":["${arn}"],"Tags":{"__proto__":"x","constructor":"y"}}`,
    region,
  )
  assert.equal(tagged.body, '{"FailedResourcesMap":{}}')
  const found = await raw('GetResources', { TagFilters: [{ Key: '__proto__', Values: ['x'] }] }, region)
  assert.match(found.body, /\{"Key":"__proto__","Value":"x"\}/)
  await raw('UntagResources', { ResourceARNList: [arn], TagKeys: ['__proto__', 'k'] }, region)
  const left = await raw('GetResources', {}, region)
  assert.match(left.body, /"Tags":\[\{"Key":"constructor","Value":"y"\}\]/)
})

test('TagResources and UntagResources tell failures by ARN and do the rest', async () => {
  const region = 'ap-northeast-3'
  const { tagging, config } = clients(region)
  await putTopic(region, 'here')
  await putTopic(region, 'gone', { k: 'v' })
  await config.send(
    new DeleteResourceConfigCommand({ ResourceType: 'AWS::SNS::Topic', ResourceId: topic(region, 'gone') }),
  )
  await putTopic('us-east-1', 'elsewhere')
  const role = `arn:aws:iam::${account}:role/r`
  await put(region, role, 'AWS::IAM::Role')
  const missing = `arn:aws:logs:${region}:${account}:log-group:none:*`
  const failing = [topic(region, 'gone'), topic('us-east-1', 'elsewhere'), missing, topic(region, 'missing'), role]
  const ResourceARNList = [...failing, topic(region, 'here')]
  const failure = {
    ErrorCode: 'InvalidParameterException',
    ErrorMessage: 'The resource does not exist in this account and Region.',
    StatusCode: 400,
  }
  const expected = Object.fromEntries(failing.map((arn) => [arn, failure]))
  const tag = await tagging.send(new TagResourcesCommand({ ResourceARNList, Tags: { a: 'b' } }))
  assert.deepEqual(tag.FailedResourcesMap, expected)
  assert.deepEqual(await tagsOf(region, topic(region, 'here')), { a: 'b' })
  const untag = await tagging.send(new UntagResourcesCommand({ ResourceARNList, TagKeys: ['a'] }))
  assert.deepEqual(untag.FailedResourcesMap, expected)
  assert.deepEqual(await tagsOf(region, topic(region, 'here')), {})
  assert.deepEqual(await tagsOf('us-east-1', topic('us-east-1', 'elsewhere')), {})
  // The wire's order of members is AWS's.
  const answer = await raw('TagResources', { ResourceARNList: [missing], Tags: { a: 'b' } }, region)
  assert.equal(answer.body, JSON.stringify({ FailedResourcesMap: { [missing]: failure } }))
})

test('a log group is tagged by either spelling of its ARN', async () => {
  const region = 'eu-central-1'
  const { tagging } = clients(region)
  const logGroup = `arn:aws:logs:${region}:${account}:log-group:/app`
  await put(region, logGroup, 'AWS::Logs::LogGroup')
  const ResourceARNList = [`${logGroup}:*`, logGroup]
  const tagged = await tagging.send(new TagResourcesCommand({ ResourceARNList, Tags: { k: 'v', w: 'x' } }))
  assert.deepEqual(tagged.FailedResourcesMap, {})
  const untagged = await tagging.send(new UntagResourcesCommand({ ResourceARNList, TagKeys: ['w'] }))
  assert.deepEqual(untagged.FailedResourcesMap, {})
  assert.deepEqual(await tagsOf(region, `${logGroup}:*`), { k: 'v' })
})

test('a global resource is in the global Region only', async () => {
  const arn = `arn:aws:iam::${account}:role/global`
  await put('eu-central-1', arn, 'AWS::IAM::Role', { k: 'v' })
  assert.deepEqual(await tagsOf('eu-central-1', arn), {})
  assert.deepEqual(await tagsOf('us-east-1', arn), { k: 'v' })
  assert.deepEqual(await namesOf('us-east-1', { ResourceTypeFilters: ['iam:role'], TagFilters: [{ Key: 'k' }] }), [
    'global',
  ])
})

test('declared resources are not there; those with too many tags can lose and change some, and get no more', async () => {
  const { tagging } = clients(seedRegion)
  assert.deepEqual(await namesOf(seedRegion), ['crowded'])
  const tag = (Tags: Record<string, string>) =>
    tagging.send(new TagResourcesCommand({ ResourceARNList: [crowded, declared], Tags }))
  assert.deepEqual(Object.keys((await tag({ 'old-1': 'y' })).FailedResourcesMap ?? {}), [declared])
  const { FailedResourcesMap = {} } = await tag({ new: 'y' })
  assert.match(FailedResourcesMap[crowded]?.ErrorMessage ?? '', /no more than 50 tags/)
  assert.deepEqual(await tagsOf(seedRegion, crowded), { ...manyTags, 'old-1': 'y' })
})

test('fifty tags of a user on a resource, besides those of AWS', async () => {
  const region = 'ap-southeast-1'
  const { tagging } = clients(region)
  const many = (count: number, from = 0) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${from + index}`, 'v']))
  await putTopic(region, 'a', { 'aws:cloudformation:stack-name': 's', ...many(49) })
  await putTopic(region, 'b')
  const ResourceARNList = [topic(region, 'a'), topic(region, 'b')]
  const send = (Tags: Record<string, string>) => tagging.send(new TagResourcesCommand({ ResourceARNList, Tags }))
  assert.deepEqual((await send(many(1, 100))).FailedResourcesMap, {})
  const beyond = await send(many(1, 200))
  assert.deepEqual(Object.keys(beyond.FailedResourcesMap ?? {}), [topic(region, 'a')])
  assert.equal(beyond.FailedResourcesMap?.[topic(region, 'a')]?.ErrorCode, 'InvalidParameterException')
  assert.equal(Object.keys(await tagsOf(region, topic(region, 'a'))).length, 51)
  assert.deepEqual((await send({ k0: 'changed' })).FailedResourcesMap, {})
  const b = topic(region, 'b')
  const fifty = new TagResourcesCommand({
    ResourceARNList: [b],
    Tags: { ...many(47, 300), k0: 'x', k100: 'x', k200: 'x' },
  })
  assert.deepEqual((await tagging.send(fifty)).FailedResourcesMap, {})
  assert.equal(Object.keys(await tagsOf(region, b)).length, 50)
})

test('what fails a whole call changes nothing', async () => {
  const region = 'ap-southeast-2'
  const arn = topic(region, 'a')
  await putTopic(region, 'a', { k: 'v', 'aws:created-by': 'x' })
  const list = [arn]
  const tags = { new: 'v' }
  const fiftyOne = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v']))
  const refusedTags: unknown[] = [
    { ResourceARNList: list },
    { Tags: tags },
    {},
    { ResourceARNList: [], Tags: tags },
    { ResourceARNList: Array(21).fill(arn), Tags: tags },
    { ResourceARNList: [arn, 'arn:aws:sns'], Tags: tags },
    { ResourceARNList: [arn, ''], Tags: tags },
    { ResourceARNList: [arn, `arn:aws:ec2:${region}:${account}:i-0825a83d29e870145`], Tags: tags },
    { ResourceARNList: [arn, `arn:aws:sns:${region}:${account}:a\u0007`], Tags: tags },
    { ResourceARNList: list, Tags: {} },
    { ResourceARNList: list, Tags: fiftyOne },
    { ResourceARNList: list, Tags: { '': 'v' } },
    { ResourceARNList: list, Tags: { ['k'.repeat(129)]: 'v' } },
    { ResourceARNList: list, Tags: { k: 'v'.repeat(257) } },
    { ResourceARNList: list, Tags: { ...tags, 'aws:x': 'v' } },
    { ResourceARNList: list, Tags: { ...tags, 'AWS:x': 'v' } },
    { ResourceARNList: list, Tags: { ...tags, 'aWs:': 'v' } },
    { ResourceARNList: list, Tags: { ...tags, 'a\nb': 'v' } },
    { ResourceARNList: list, Tags: { ...tags, k: 'a\u0000b' } },
    { ResourceARNList: list, Tags: { ...tags, k: '\u0085' } },
    { ResourceARNList: list, Tags: { ...tags, k: '\u2028' } },
  ]
  for (const body of refusedTags)
    assert.deepEqual(
      refusal(await raw('TagResources', body, region)),
      [400, 'InvalidParameterException'],
      JSON.stringify(body).slice(0, 120),
    )
  const refusedKeys: unknown[] = [
    { ResourceARNList: list },
    { ResourceARNList: list, TagKeys: [] },
    { ResourceARNList: list, TagKeys: Object.keys(fiftyOne) },
    { ResourceARNList: list, TagKeys: ['k', ''] },
    { ResourceARNList: list, TagKeys: ['k', 'aws:created-by'] },
    { ResourceARNList: list, TagKeys: ['k', 'Aws:created-by'] },
    { ResourceARNList: Array(21).fill(arn), TagKeys: ['k'] },
    { ResourceARNList: [arn, 'nonsense'], TagKeys: ['k'] },
  ]
  for (const body of refusedKeys)
    assert.deepEqual(
      refusal(await raw('UntagResources', body, region)),
      [400, 'InvalidParameterException'],
      JSON.stringify(body).slice(0, 120),
    )
  assert.deepEqual(await tagsOf(region, arn), { k: 'v', 'aws:created-by': 'x' })
  const twenty = Array.from({ length: 20 }, (_, index) => topic(region, `none-${index}`))
  const limits = { ResourceARNList: twenty, Tags: { ['\u{1f3f7}'.repeat(128)]: '\u{1f3f7}'.repeat(256) } }
  const atLimits = JSON.parse((await raw('TagResources', limits, region)).body) as { FailedResourcesMap: object }
  assert.deepEqual(Object.keys(atLimits.FailedResourcesMap), twenty)
})

test('documents that are none, members of a wrong type, and what is sent besides', async () => {
  const list = '"ResourceARNList":["arn:aws:sns:us-east-1:123456789012:x"]'
  const malformed: [string, string][] = [
    ['GetResources', ''],
    ['GetResources', '[]'],
    ['GetResources', 'null'],
    ['GetResources', '{'],
    ['GetResources', '['.repeat(100_000)],
    ['GetResources', '{"TagFilters":{}}'],
    ['GetResources', '{"TagFilters":["k"]}'],
    ['GetResources', '{"TagFilters":[null]}'],
    ['GetResources', '{"ResourcesPerPage":"10"}'],
    ['GetResources', '{"ResourcesPerPage":1.5}'],
    ['GetResources', '{"IncludeComplianceDetails":"true"}'],
    ['GetResources', '{"PaginationToken":1}'],
    ['GetTagValues', '{"Key":1}'],
    ['GetTagValues', String.raw`{"Key":"\ud800"}`],
    ['TagResources', `{${list},"Tags":[{"Key":"k","Value":"v"}]}`],
    ['TagResources', `{${list},"Tags":{"k":1}}`],
    ['TagResources', `{${list},"Tags":{"k":"\\udfff"}}`],
    ['UntagResources', `{${list},"TagKeys":"k"}`],
  ]
  for (const [operation, body] of malformed)
    assert.deepEqual(refusal(await raw(operation, body)), [400, 'SerializationException'], body.slice(0, 80))
  const more = await raw('GetTagKeys', { PaginationToken: null, Unknown: { deep: [1] } }, 'me-south-1')
  assert.equal(more.body, '{"PaginationToken":"","TagKeys":[]}')
  assert.deepEqual(refusal(await raw('DescribeEverything', {})), [400, 'UnknownOperationException'])
  const get = await server.json('tagging', `${prefix}GetTagKeys`, '', { method: 'GET' })
  assert.ok(get.status >= 400, `a GET was answered with ${get.status}`)
  const otherService = await server.json('config', `${prefix}GetTagKeys`, {})
  assert.deepEqual(refusal(otherService), [400, 'InvalidSignatureException'])
  const wrongSecret = await server.json('tagging', `${prefix}GetTagKeys`, {}, { secretAccessKey: 'wrong' })
  assert.deepEqual(refusal(wrongSecret), [400, 'InvalidSignatureException'])
})

test('a denial is a failure of its resource alone, and asks what is changed and on what', async () => {
  const first = await startTestServer()
  await first.stop({ keepData: true })
  const region = 'us-east-1'
  const [open, closed] = [topic(region, 'open'), topic(region, 'closed')]
  const asked: unknown[] = []
  const tagsAfter = await inStoppedStore(first.dataDir, account, async (run, index) => {
    const scope = await ensureScope(run, account, region)
    const type = 'AWS::SNS::Topic'
    const writes = [open, closed].map((arn): ResourceWrite => {
      return { scope, before: undefined, after: { arn, type, tags: { old: '1' }, everTagged: true, state: 'live' } }
    })
    await writeResources(run, index, writes, () => undefined)
    const caller = { account, arn: 'x', userId: 'x', type: 'Root', accessKeyId: 'x', region, partition: 'aws' } as const
    const context = {
      caller,
      run,
      ports: { index, pageTokenKey: Buffer.alloc(32) },
      requestId: 'x',
      nowMs: 0,
      target: {},
    }
    const may = (check: Check) => {
      asked.push({ ...check, context: check.context?.() })
      return { allowed: check.resource === open, message: 'not you' }
    }
    const ResourceARNList = [closed, open]
    const denied = { [closed]: { ErrorCode: 'AccessDeniedException', ErrorMessage: 'not you', StatusCode: 403 } }
    const tagged = await tagResources.handle({
      ...context,
      may,
      input: { ResourceARNList, Tags: { new: '2', old: '1' } },
    })
    assert.deepEqual(tagged, { FailedResourcesMap: denied })
    const untagged = await untagResources.handle({
      ...context,
      may,
      input: { ResourceARNList, TagKeys: ['old', 'none'] },
    })
    assert.deepEqual(untagged, { FailedResourcesMap: denied })
    const found = await findByArns(run, index, account, ResourceARNList)
    return Object.fromEntries(found.map(({ arn, tags }) => [arn, { ...tags }]))
  })
  assert.deepEqual(tagsAfter, { [closed]: { old: '1' }, [open]: { new: '2' } })
  const of = (resource: string) => asked.filter((check) => (check as Check).resource === resource)
  assert.deepEqual(of(closed), [
    {
      action: 'corral:TagResource',
      resource: closed,
      context: { 'aws:RequestTag/new': '2', 'aws:TagKeys': ['new'], 'aws:ResourceTag/old': '1' },
    },
    {
      action: 'corral:UntagResource',
      resource: closed,
      context: { 'aws:TagKeys': ['old'], 'aws:ResourceTag/old': '1' },
    },
  ])
  assert.equal(of(open).length, 2)
  rmSync(first.dataDir, { recursive: true })
})
