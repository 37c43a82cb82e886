// Resource Groups by AWS's own SDK: groups by query, their members, searches, tags and names. What tasks do (manual
// membership, applications, tag-sync) has a file of its own.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PutResourceConfigCommand, DeleteResourceConfigCommand } from '@aws-sdk/client-config-service'
import {
  BadRequestException,
  CreateGroupCommand,
  DeleteGroupCommand,
  ForbiddenException,
  GetGroupCommand,
  GetGroupConfigurationCommand,
  GetGroupQueryCommand,
  GetTagsCommand,
  type Group,
  ListGroupResourcesCommand,
  ListGroupsCommand,
  NotFoundException,
  paginateListGroupResources,
  paginateListGroups,
  SearchResourcesCommand,
  TagCommand,
  UntagCommand,
  UpdateGroupCommand,
  UpdateGroupQueryCommand,
} from '@aws-sdk/client-resource-groups'
import { TagResourcesCommand, UntagResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api'
import { startTestServer, type TestServer } from '../support/running-server.ts'

let server: TestServer
const account = '123456789012'
const queue = (name: string, region = 'us-east-1') => `arn:aws:sqs:${region}:${account}:${name}`
const bucket = (name: string) => `arn:aws:s3:::${name}`
const groupArn = (name: string, region = 'us-east-1') => `arn:aws:resource-groups:${region}:${account}:group/${name}`

const tagQuery = (filters: object[], types: string[] = ['AWS::AllSupported']) => ({
  Type: 'TAG_FILTERS_1_0' as const,
  Query: JSON.stringify({ ResourceTypeFilters: types, TagFilters: filters }),
})

const putResource = (arn: string, type: string, tags?: Record<string, string>, region = 'us-east-1') =>
  server.clientsIn(region).config.send(
    new PutResourceConfigCommand({
      ResourceType: type,
      SchemaVersionId: '1',
      ResourceId: arn,
      Configuration: '{}',
      ...(tags ? { Tags: tags } : {}),
    }),
  )

async function membersOf(group: string, pageSize = 50): Promise<string[]> {
  const arns: string[] = []
  for await (const page of paginateListGroupResources({ client: server.groups, pageSize }, { Group: group }))
    for (const item of page.Resources ?? []) arns.push(item.Identifier?.ResourceArn ?? '')
  return arns
}

const rejects = (promise: Promise<unknown>, type: new (...args: never[]) => Error, message: RegExp) =>
  assert.rejects(promise, (error: Error) => {
    assert.ok(error instanceof type, `${error.name}: ${error.message}`)
    assert.match(error.message, message)
    return true
  })

before(async () => {
  server = await startTestServer({ settings: { maxGroupsPerRegion: '150' } })
})
after(() => server.stop())

describe('a group by tags', () => {
  const query = tagQuery([{ Key: 'Stage', Values: ['Test'] }])

  test('is created, and echoes what was sent and nothing else', async () => {
    const { $metadata, ...answer } = await server.groups.send(
      new CreateGroupCommand({
        Name: 'by-tags',
        Description: 'of the tests',
        ResourceQuery: query,
        Tags: { Team: 'blue' },
      }),
    )
    assert.equal($metadata.httpStatusCode, 200)
    assert.deepEqual(answer, {
      Group: { GroupArn: groupArn('by-tags'), Name: 'by-tags', Description: 'of the tests' },
      ResourceQuery: query,
      Tags: { Team: 'blue' },
    })
    const plain = await server.groups.send(new CreateGroupCommand({ Name: 'plain', ResourceQuery: query }))
    assert.deepEqual(Object.keys(plain).sort(), ['$metadata', 'Group', 'ResourceQuery'])
    assert.deepEqual(plain.Group, { GroupArn: groupArn('plain'), Name: 'plain' })
  })

  test('is found by name, by ARN, and by the deprecated name', async () => {
    for (const input of [{ Group: 'by-tags' }, { Group: groupArn('by-tags') }, { GroupName: 'by-tags' }]) {
      const { Group: found } = await server.groups.send(new GetGroupCommand(input))
      assert.equal(found?.GroupArn, groupArn('by-tags'))
    }
    const { GroupQuery } = await server.groups.send(new GetGroupQueryCommand({ Group: 'by-tags' }))
    assert.deepEqual(GroupQuery, { GroupName: 'by-tags', ResourceQuery: query })
  })

  test('is told by one name alone', async () => {
    await rejects(server.groups.send(new GetGroupCommand({})), BadRequestException, /Group/)
    await rejects(
      server.groups.send(new GetGroupCommand({ Group: 'by-tags', GroupName: 'by-tags' })),
      BadRequestException,
      /Group/,
    )
  })

  test('has as members what matches, as soon as it does and no longer', async () => {
    await putResource(queue('one'), 'AWS::SQS::Queue', { Stage: 'Test' })
    await putResource(queue('two'), 'AWS::SQS::Queue', { Stage: 'Prod' })
    await putResource(queue('bare'), 'AWS::SQS::Queue')
    assert.deepEqual(await membersOf('by-tags'), [queue('one')])
    await server.tagging.send(new TagResourcesCommand({ ResourceARNList: [queue('two')], Tags: { Stage: 'Test' } }))
    assert.deepEqual(await membersOf('by-tags'), [queue('one'), queue('two')])
    await server.tagging.send(new UntagResourcesCommand({ ResourceARNList: [queue('one')], TagKeys: ['Stage'] }))
    assert.deepEqual(await membersOf('by-tags'), [queue('two')])
    await server.config.send(
      new DeleteResourceConfigCommand({ ResourceType: 'AWS::SQS::Queue', ResourceId: queue('two') }),
    )
    assert.deepEqual(await membersOf('by-tags'), [])
  })

  test('lists members with both forms, an empty QueryErrors and no token at the end', async () => {
    await putResource(bucket('listed'), 'AWS::S3::Bucket', { Stage: 'Test' })
    const { $metadata, ...page } = await server.groups.send(new ListGroupResourcesCommand({ Group: 'by-tags' }))
    assert.ok($metadata.requestId)
    const identifier = { ResourceArn: bucket('listed'), ResourceType: 'AWS::S3::Bucket' }
    assert.deepEqual(page, {
      Resources: [{ Identifier: identifier }],
      ResourceIdentifiers: [identifier],
      QueryErrors: [],
    })
  })

  test('can be a member of another by its tags', async () => {
    await server.groups.send(
      new CreateGroupCommand({ Name: 'of-groups', ResourceQuery: tagQuery([{ Key: 'Team', Values: ['blue'] }]) }),
    )
    assert.deepEqual(await membersOf('of-groups'), [groupArn('by-tags')])
  })

  test('sees nothing of another Region, and is not seen there', async () => {
    await putResource(queue('far', 'eu-west-1'), 'AWS::SQS::Queue', { Stage: 'Test' }, 'eu-west-1')
    assert.ok(!(await membersOf('by-tags')).includes(queue('far', 'eu-west-1')))
    const { groups } = server.clientsIn('eu-west-1')
    await rejects(groups.send(new GetGroupCommand({ Group: 'by-tags' })), NotFoundException, /by-tags/)
    await rejects(groups.send(new GetGroupCommand({ Group: groupArn('by-tags') })), NotFoundException, /by-tags/)
    const { Groups } = await groups.send(new ListGroupsCommand({}))
    assert.deepEqual(Groups, [])
  })

  test('cannot have the name of another, a reserved one, or none', async () => {
    const create = (Name: string, more: object = {}) =>
      server.groups.send(new CreateGroupCommand({ Name, ResourceQuery: query, ...more }))
    await rejects(create('by-tags'), BadRequestException, /^Cannot create group: group already exists$/)
    await rejects(create('AWSome'), BadRequestException, /must not start with 'AWS'/)
    await rejects(create('no spaces'), BadRequestException, /^1 validation error detected: Value 'no spaces' at 'name'/)
    await rejects(create('x'.repeat(301)), BadRequestException, /length less than or equal to 300/)
    await rejects(create('tagged', { Tags: { 'aws:x': '1' } }), BadRequestException, /must not start with 'aws:'/)
    await rejects(
      server.groups.send(new CreateGroupCommand({ Name: 'neither' })),
      BadRequestException,
      /resourceQuery, configuration/,
    )
    await rejects(
      create('bad', { ResourceQuery: { Type: 'TAG_FILTERS_1_0', Query: '{"TagFilters"' } }),
      BadRequestException,
      /^Query not valid: Query format not valid: check JSON syntax$/,
    )
    await rejects(server.groups.send(new GetGroupCommand({ Group: 'neither' })), NotFoundException, /neither/)
  })
})

describe('a query', () => {
  before(async () => {
    const rows: [string, Record<string, string>][] = [
      ['q-1', { Env: 'a', Tier: 'web' }],
      ['q-2', { Env: 'a', Tier: 'db' }],
      ['q-3', { Env: 'b', Tier: 'web' }],
      ['q-4', { Env: '' }],
      ['q-5', { env: 'a' }],
    ]
    for (const [name, tags] of rows) await putResource(queue(name), 'AWS::SQS::Queue', tags)
    await putResource(bucket('q-6'), 'AWS::S3::Bucket', { Env: 'a' })
  })

  const cases: [string, object[], string[] | undefined, string[]][] = [
    [
      'needs every key',
      [
        { Key: 'Env', Values: ['a'] },
        { Key: 'Tier', Values: ['web'] },
      ],
      undefined,
      [queue('q-1')],
    ],
    ['takes any of the values', [{ Key: 'Env', Values: ['b', 'zzz', ''] }], undefined, [queue('q-3'), queue('q-4')]],
    [
      'takes any value for an empty list',
      [{ Key: 'Tier', Values: [] }],
      undefined,
      [queue('q-1'), queue('q-2'), queue('q-3')],
    ],
    ['takes any value for no list', [{ Key: 'Tier' }], undefined, [queue('q-1'), queue('q-2'), queue('q-3')]],
    ['tells the empty value apart', [{ Key: 'Env', Values: [''] }], undefined, [queue('q-4')]],
    ['minds case in keys', [{ Key: 'env', Values: ['a'] }], undefined, [queue('q-5')]],
    ['minds case in values', [{ Key: 'Env', Values: ['A'] }], undefined, []],
    ['keeps to its types', [{ Key: 'Env', Values: ['a'] }], ['AWS::S3::Bucket'], [bucket('q-6')]],
    [
      'takes several types',
      [{ Key: 'Env', Values: ['a'] }],
      ['AWS::S3::Bucket', 'AWS::SQS::Queue'],
      [queue('q-1'), queue('q-2'), bucket('q-6')],
    ],
  ]
  for (const [name, filters, types, expected] of cases)
    test(name, async () => {
      const { ResourceIdentifiers, QueryErrors, NextToken } = await server.groups.send(
        new SearchResourcesCommand({ ResourceQuery: tagQuery(filters, types) }),
      )
      assert.deepEqual(ResourceIdentifiers?.map(({ ResourceArn }) => ResourceArn).sort(), [...expected].sort())
      assert.deepEqual(QueryErrors, [])
      assert.equal(NextToken, undefined)
    })

  test('can be replaced, but not by one for stacks that are not there', async () => {
    await server.groups.send(
      new CreateGroupCommand({ Name: 'replaced', ResourceQuery: tagQuery([{ Key: 'Env', Values: ['a'] }]) }),
    )
    const next = tagQuery([{ Key: 'Env', Values: ['b'] }])
    const { GroupQuery } = await server.groups.send(
      new UpdateGroupQueryCommand({ Group: 'replaced', ResourceQuery: next }),
    )
    assert.deepEqual(GroupQuery?.ResourceQuery, next)
    assert.deepEqual(await membersOf('replaced'), [queue('q-3')])
    const stack = `arn:aws:cloudformation:us-east-1:${account}:stack/none/0a1b2c3d-0000-4000-8000-000000000000`
    await rejects(
      server.groups.send(
        new UpdateGroupQueryCommand({
          Group: 'replaced',
          ResourceQuery: {
            Type: 'CLOUDFORMATION_STACK_1_0',
            Query: JSON.stringify({ ResourceTypeFilters: ['AWS::AllSupported'], StackIdentifier: stack }),
          },
        }),
      ),
      BadRequestException,
      /^Query not valid: The specified CloudFormation stack doesn't exist\.$/,
    )
    assert.deepEqual(await membersOf('replaced'), [queue('q-3')])
  })

  test('filters of a listing must be among its types', async () => {
    await server.groups.send(
      new CreateGroupCommand({
        Name: 'queues',
        ResourceQuery: tagQuery([{ Key: 'Env' }], ['AWS::SQS::Queue', 'AWS::S3::Bucket']),
      }),
    )
    const list = (type: string) =>
      server.groups.send(
        new ListGroupResourcesCommand({ Group: 'queues', Filters: [{ Name: 'resource-type', Values: [type] }] }),
      )
    assert.deepEqual(
      (await list('AWS::S3::Bucket')).ResourceIdentifiers?.map(({ ResourceArn }) => ResourceArn),
      [bucket('q-6')],
    )
    await rejects(
      list('AWS::SNS::Topic'),
      BadRequestException,
      /^The resource types specified as filters in the request are not valid\./,
    )
  })
})

describe('pages', () => {
  before(async () => {
    for (let number = 0; number < 60; number++)
      await putResource(queue(`page-${number}`), 'AWS::SQS::Queue', { Paged: 'yes', Half: String(number % 2) })
    await server.groups.send(
      new CreateGroupCommand({ Name: 'paged', ResourceQuery: tagQuery([{ Key: 'Paged', Values: ['yes'] }]) }),
    )
  })

  test('show each member once, whatever their size', async () => {
    for (const size of [1, 7, 50]) {
      const members = await membersOf('paged', size)
      assert.equal(members.length, 60)
      assert.equal(new Set(members).size, 60)
    }
  })

  test('show each member that stays once while others come and go', async () => {
    const seen: string[] = []
    let number = 0
    for await (const page of paginateListGroupResources({ client: server.groups, pageSize: 7 }, { Group: 'paged' })) {
      seen.push(...(page.Resources ?? []).map((item) => item.Identifier?.ResourceArn ?? ''))
      await server.tagging.send(
        new UntagResourcesCommand({ ResourceARNList: [queue(`page-${2 * number}`)], TagKeys: ['Paged'] }),
      )
      await putResource(queue(`new-${number++}`), 'AWS::SQS::Queue', { Paged: 'yes' })
    }
    const untouched = Array.from({ length: 30 }, (_, index) => queue(`page-${2 * index + 1}`))
    for (const arn of untouched) assert.equal(seen.filter((other) => other === arn).length, 1, arn)
    assert.equal(new Set(seen).size, seen.length)
  })

  test('take no token of another call, another group or another making', async () => {
    const first = await server.groups.send(new ListGroupResourcesCommand({ Group: 'paged', MaxResults: 5 }))
    assert.match(first.NextToken ?? '', /^[a-zA-Z0-9+/]+={0,2}$/)
    const next = (input: object) =>
      server.groups.send(new ListGroupResourcesCommand({ Group: 'paged', NextToken: first.NextToken, ...input }))
    assert.ok((await next({})).Resources?.length)
    await rejects(next({ Group: 'queues' }), BadRequestException, /NextToken/)
    await rejects(
      next({ Filters: [{ Name: 'resource-type', Values: ['AWS::SQS::Queue'] }] }),
      BadRequestException,
      /NextToken/,
    )
    const flipped = `${first.NextToken?.startsWith('A') ? 'B' : 'A'}${first.NextToken?.slice(1)}`
    await rejects(next({ NextToken: flipped }), BadRequestException, /NextToken/)
    await rejects(next({ NextToken: 'x'.repeat(8193) }), BadRequestException, /nextToken/)
    await rejects(
      server.groups.send(
        new SearchResourcesCommand({
          ResourceQuery: tagQuery([{ Key: 'Paged', Values: ['yes'] }]),
          NextToken: first.NextToken,
        }),
      ),
      BadRequestException,
      /NextToken/,
    )
    await rejects(next({ MaxResults: 51 }), BadRequestException, /value less than or equal to 50/)
    await rejects(next({ MaxResults: 0 }), BadRequestException, /value greater than or equal to 1/)
  })

  test('of groups show each once, by either form, and filters keep to theirs', async () => {
    for (let number = 0; number < 20; number++)
      await server.groups.send(
        new CreateGroupCommand({
          Name: `listed-${number}`,
          Owner: number % 2 === 0 ? 'ann' : 'bob',
          Criticality: (number % 10) + 1,
          ResourceQuery: tagQuery([{ Key: 'Listed' }]),
        }),
      )
    const names: string[] = []
    for await (const page of paginateListGroups({ client: server.groups, pageSize: 3 }, {})) {
      assert.deepEqual(
        page.Groups?.map(({ GroupArn }: Group) => GroupArn),
        page.GroupIdentifiers?.map(({ GroupArn }) => GroupArn),
      )
      names.push(...(page.GroupIdentifiers ?? []).map(({ GroupName }) => GroupName ?? ''))
    }
    assert.equal(new Set(names).size, names.length)
    assert.equal(names.filter((name) => name.startsWith('listed-')).length, 20)
    const owned: string[] = []
    const filters = { Filters: [{ Name: 'owner' as const, Values: ['ann'] }] }
    for await (const page of paginateListGroups({ client: server.groups, pageSize: 4 }, filters))
      owned.push(...(page.Groups ?? []).map(({ Name }) => Name ?? ''))
    assert.equal(owned.length, 10)
    await rejects(
      server.groups.send(
        new ListGroupsCommand({
          Filters: [{ Name: 'configuration-type', Values: ['AWS::AppRegistry::ApplicationResourceGroups'] }],
        }),
      ),
      BadRequestException,
      /^Filters not valid: One or more filter values are not supported: AWS::AppRegistry::ApplicationResourceGroups/,
    )
  })
})

describe('a group changes', () => {
  before(async () => {
    await server.groups.send(
      new CreateGroupCommand({ Name: 'changing', ResourceQuery: tagQuery([{ Key: 'C' }]), Tags: { a: '1' } }),
    )
  })

  test('its description, criticality, owner and display name', async () => {
    const { Group: updated } = await server.groups.send(
      new UpdateGroupCommand({
        Group: 'changing',
        Description: 'new',
        Criticality: 3,
        Owner: 'ann',
        DisplayName: 'The group',
      }),
    )
    const expected = { Description: 'new', Criticality: 3, Owner: 'ann', DisplayName: 'The group' }
    assert.deepEqual(updated, { GroupArn: groupArn('changing'), Name: 'changing', ...expected })
    const { Group: cleared } = await server.groups.send(new UpdateGroupCommand({ Group: 'changing', Description: '' }))
    assert.equal(cleared?.Description, undefined)
    assert.equal(cleared?.Owner, 'ann')
    await rejects(
      server.groups.send(new UpdateGroupCommand({ Group: 'none', Description: '' })),
      NotFoundException,
      /none/,
    )
  })

  test('its tags', async () => {
    const arn = groupArn('changing')
    const tagged = await server.groups.send(new TagCommand({ Arn: arn, Tags: { b: '2', a: '' } }))
    assert.deepEqual([tagged.Arn, tagged.Tags], [arn, { b: '2', a: '' }])
    assert.deepEqual((await server.groups.send(new GetTagsCommand({ Arn: arn }))).Tags, { a: '', b: '2' })
    const untagged = await server.groups.send(new UntagCommand({ Arn: arn, Keys: ['a', 'absent'] }))
    assert.deepEqual(untagged.Keys, ['a', 'absent'])
    assert.deepEqual((await server.groups.send(new GetTagsCommand({ Arn: arn }))).Tags, { b: '2' })
    await rejects(server.groups.send(new TagCommand({ Arn: arn, Tags: { 'AWS:x': '' } })), BadRequestException, /aws:/)
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, number) => [`k${number}`, '']))
    await rejects(server.groups.send(new TagCommand({ Arn: arn, Tags: many })), BadRequestException, /50/)
    await rejects(server.groups.send(new GetTagsCommand({ Arn: groupArn('none') })), NotFoundException, /none/)
    await rejects(server.groups.send(new TagCommand({ Arn: groupArn('none'), Tags: {} })), NotFoundException, /none/)
    await rejects(server.groups.send(new UntagCommand({ Arn: groupArn('none'), Keys: [] })), NotFoundException, /none/)
  })

  test('its existence: the name is free again, and the new group another', async () => {
    const deleted = await server.groups.send(new DeleteGroupCommand({ Group: 'changing' }))
    assert.equal(deleted.Group?.Name, 'changing')
    await rejects(server.groups.send(new GetGroupCommand({ Group: 'changing' })), NotFoundException, /changing/)
    await rejects(server.groups.send(new DeleteGroupCommand({ Group: 'changing' })), NotFoundException, /changing/)
    await server.groups.send(new CreateGroupCommand({ Name: 'changing', ResourceQuery: tagQuery([{ Key: 'D' }]) }))
    assert.deepEqual((await server.groups.send(new GetTagsCommand({ Arn: groupArn('changing') }))).Tags, {})
    const again = await server.groups.send(new GetGroupCommand({ Group: 'changing' }))
    assert.equal(again.Group?.Owner, undefined)
  })
})

test('a quota of groups holds', async () => {
  const { groups } = server.clientsIn('ap-south-1')
  const create = (number: number) =>
    groups.send(new CreateGroupCommand({ Name: `q-${number}`, ResourceQuery: tagQuery([{ Key: 'Q' }]) }))
  for (let number = 0; number < 150; number++) await create(number)
  await rejects(create(150), BadRequestException, /150/)
})

test('groups of services are not for customers', async () => {
  await rejects(
    server.groups.send(
      new CreateGroupCommand({
        Name: 'stolen',
        Configuration: [{ Type: 'AWS::AppRegistry::Application' }],
      }),
    ),
    ForbiddenException,
    /./,
  )
  await rejects(
    server.groups.send(new GetGroupConfigurationCommand({ Group: 'by-tags' })),
    BadRequestException,
    /does not support the target/,
  )
})
