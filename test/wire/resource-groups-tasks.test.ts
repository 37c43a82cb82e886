// What Resource Groups does after its answer, by AWS's own SDK: configurations, members put in by hand, applications and
// their tag, tag-sync tasks, account settings. Waiting is by polling, and bounded.
import assert from 'node:assert/strict'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DeleteResourceConfigCommand, PutResourceConfigCommand } from '@aws-sdk/client-config-service'
import {
  BadRequestException,
  CancelTagSyncTaskCommand,
  CreateGroupCommand,
  DeleteGroupCommand,
  ForbiddenException,
  GetAccountSettingsCommand,
  GetGroupCommand,
  GetGroupConfigurationCommand,
  GetGroupQueryCommand,
  GetTagsCommand,
  GetTagSyncTaskCommand,
  type GroupConfigurationItem,
  GroupResourcesCommand,
  ListGroupingStatusesCommand,
  ListGroupResourcesCommand,
  ListTagSyncTasksCommand,
  NotFoundException,
  paginateListGroupingStatuses,
  paginateListGroupResources,
  PutGroupConfigurationCommand,
  type ResourceGroupsClient,
  StartTagSyncTaskCommand,
  TagCommand,
  UngroupResourcesCommand,
  UntagCommand,
  UpdateAccountSettingsCommand,
  UpdateGroupCommand,
} from '@aws-sdk/client-resource-groups'
import {
  GetResourcesCommand,
  paginateGetResources,
  TagResourcesCommand,
  UntagResourcesCommand,
} from '@aws-sdk/client-resource-groups-tagging-api'
import { startTestServer, type TestServer } from '../support/running-server.ts'

const account = '123456789012'
const roleArn = `arn:aws:iam::${account}:role/tag-sync`
const application: GroupConfigurationItem[] = [{ Type: 'AWS::ResourceGroups::ApplicationGroup' }]
const generic = (...parameters: [string, string][]) => ({
  Type: 'AWS::ResourceGroups::Generic',
  Parameters: parameters.map(([Name, Value]) => ({ Name, Values: [Value] })),
})
const hosts = (parameters: [string, string][] = []): GroupConfigurationItem[] => [
  {
    Type: 'AWS::EC2::HostManagement',
    Parameters: [['any-host-based-license-configuration', 'true'], ...parameters].map(([Name, Value]) => ({
      Name,
      Values: [Value ?? ''],
    })),
  },
  generic(['allowed-resource-types', 'AWS::EC2::Host'], ['deletion-protection', 'UNLESS_EMPTY']),
]
const pool: GroupConfigurationItem[] = [
  { Type: 'AWS::EC2::CapacityReservationPool' },
  generic(['allowed-resource-types', 'AWS::EC2::CapacityReservation']),
]
const tagQuery = (filters: object[], types: string[] = ['AWS::AllSupported']) => ({
  Type: 'TAG_FILTERS_1_0' as const,
  Query: JSON.stringify({ ResourceTypeFilters: types, TagFilters: filters }),
})

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.stop())

/** Each test has a Region of its own, and so groups and resources of its own. */
function place(region: string) {
  const clients = server.clientsIn(region)
  const queue = (name: string | number) => `arn:aws:sqs:${region}:${account}:q-${name}`
  const host = (name: string | number) => `arn:aws:ec2:${region}:${account}:dedicated-host/h-${name}`
  const put = (arn: string, type: string, tags: Record<string, string> = {}) =>
    clients.config.send(
      new PutResourceConfigCommand({
        ResourceType: type,
        SchemaVersionId: '1',
        ResourceId: arn,
        Configuration: '{}',
        Tags: tags,
      }),
    )
  const putQueue = async (name: string | number, tags: Record<string, string> = {}) => {
    await put(queue(name), 'AWS::SQS::Queue', tags)
    return queue(name)
  }
  const createApplication = async (name: string) => {
    const { Group } = await clients.groups.send(new CreateGroupCommand({ Name: name, Configuration: application }))
    return Group?.GroupArn ?? ''
  }
  const tagsOf = async (arn: string) => {
    const { ResourceTagMappingList = [] } = await clients.tagging.send(
      new GetResourcesCommand({ ResourceARNList: [arn] }),
    )
    return Object.fromEntries((ResourceTagMappingList[0]?.Tags ?? []).map(({ Key, Value }) => [Key, Value]))
  }
  const applicationOf = async (arn: string) => (await tagsOf(arn))['awsApplication']
  const members = async (group: string) => (await listed(clients.groups, group)).map(({ arn }) => arn)
  const tag = (arn: string, tags: Record<string, string>) =>
    clients.tagging.send(new TagResourcesCommand({ ResourceARNList: [arn], Tags: tags }))
  const untag = (arn: string, ...keys: string[]) =>
    clients.tagging.send(new UntagResourcesCommand({ ResourceARNList: [arn], TagKeys: keys }))
  const settledMembers = (group: string, expected: string[]) =>
    until(`members of ${group}`, async () => same(await members(group), expected))
  return {
    ...clients,
    queue,
    host,
    put,
    putQueue,
    createApplication,
    tagsOf,
    applicationOf,
    members,
    tag,
    untag,
    settledMembers,
  }
}

const same = (one: readonly string[], other: readonly string[]) =>
  JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted())

async function listed(client: ResourceGroupsClient, group: string) {
  const items: { arn: string; status: string | undefined }[] = []
  for await (const page of paginateListGroupResources({ client, pageSize: 50 }, { Group: group }))
    for (const { Identifier, Status } of page.Resources ?? [])
      items.push({ arn: Identifier?.ResourceArn ?? '', status: Status?.Name })
  return items
}

async function until(what: string, isSo: () => Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const endMs = Date.now() + timeoutMs
  while (!(await isSo())) {
    if (Date.now() > endMs) assert.fail(`${what}: not within ${timeoutMs} ms`)
    await sleep(15)
  }
}

const rejects = (promise: Promise<unknown>, type: new (...args: never[]) => Error, message: RegExp) =>
  assert.rejects(promise, (error: Error) => {
    assert.ok(error instanceof type, `${error.name}: ${error.message}`)
    assert.match(error.message, message)
    return true
  })

/** As Terraform waits: UPDATING may take a while, anything else but UPDATE_COMPLETE is an error. */
async function configured(client: ResourceGroupsClient, group: string): Promise<GroupConfigurationItem[] | undefined> {
  for (let polls = 0; polls < 500; polls++) {
    const { GroupConfiguration } = await client.send(new GetGroupConfigurationCommand({ Group: group }))
    if (GroupConfiguration?.Status === 'UPDATE_COMPLETE') {
      assert.equal(GroupConfiguration.ProposedConfiguration, undefined)
      return GroupConfiguration.Configuration
    }
    assert.equal(GroupConfiguration?.Status, 'UPDATING')
    assert.ok(GroupConfiguration.ProposedConfiguration)
    await sleep(10)
  }
  return assert.fail('the configuration is not put in force')
}

describe('Terraform', () => {
  test('aws_resourcegroups_group with a configuration', async () => {
    const { groups } = place('eu-west-1')
    const created = await groups.send(
      new CreateGroupCommand({ Name: 'hosts', Description: '', Configuration: hosts(), Tags: { Stage: 'test' } }),
    )
    assert.equal(created.GroupConfiguration?.Status, 'UPDATING')
    assert.deepEqual(created.GroupConfiguration.Configuration, hosts())
    assert.deepEqual(created.GroupConfiguration.ProposedConfiguration, hosts())
    const arn = created.Group?.GroupArn ?? ''
    assert.deepEqual(await configured(groups, 'hosts'), hosts())
    const { Group } = await groups.send(new GetGroupCommand({ GroupName: 'hosts' }))
    assert.deepEqual(Group, { GroupArn: arn, Name: 'hosts' })
    await rejects(groups.send(new GetGroupQueryCommand({ GroupName: 'hosts' })), BadRequestException, /./)
    assert.deepEqual((await groups.send(new GetTagsCommand({ Arn: arn }))).Tags, { Stage: 'test' })

    await groups.send(new UntagCommand({ Arn: arn, Keys: ['Stage'] }))
    await groups.send(new TagCommand({ Arn: arn, Tags: { Stage: 'prod' } }))
    await groups.send(new UpdateGroupCommand({ GroupName: 'hosts', Description: 'Hosts' }))
    const next = hosts([['auto-allocate-host', 'true']])
    const put = await groups.send(new PutGroupConfigurationCommand({ Group: arn, Configuration: next }))
    assert.equal(put.$metadata.httpStatusCode, 202)
    assert.deepEqual(await configured(groups, arn), next)
    await groups.send(new DeleteGroupCommand({ GroupName: 'hosts' }))
    await rejects(groups.send(new DeleteGroupCommand({ GroupName: 'hosts' })), NotFoundException, /./)
  })

  test('aws_resourcegroups_group with a query', async () => {
    const { groups } = place('eu-west-1')
    await groups.send(new CreateGroupCommand({ Name: 'query', ResourceQuery: tagQuery([{ Key: 'a' }]) }))
    await rejects(groups.send(new GetGroupConfigurationCommand({ Group: 'query' })), BadRequestException, /support/)
    const put = new PutGroupConfigurationCommand({ Group: 'query', Configuration: hosts() })
    await rejects(groups.send(put), BadRequestException, /support/)
    const arns = { Group: 'query', ResourceArns: [`arn:aws:sqs:eu-west-1:${account}:q`] }
    await rejects(groups.send(new GroupResourcesCommand(arns)), BadRequestException, /support/)
    await rejects(groups.send(new UngroupResourcesCommand(arns)), BadRequestException, /support/)
  })

  for (const kind of ['hosts', 'application'] as const)
    test(`aws_resourcegroups_resource in a group of ${kind}`, async () => {
      const { groups, put, host } = place('eu-west-2')
      const created = await groups.send(
        new CreateGroupCommand({ Name: kind, Configuration: kind === 'hosts' ? hosts() : application }),
      )
      const Group = created.Group?.GroupArn
      const arn = host(kind)
      await put(arn, 'AWS::EC2::Host')
      for (let round = 0; round < 10; round++) {
        await groups.send(new GroupResourcesCommand({ Group, ResourceArns: [arn] }))
        await until('the resource is in', async () => {
          const items = await listed(groups, Group ?? '')
          // From the answer on it is listed, as pending until it is in.
          assert.equal(items.length, 1)
          assert.ok(items[0]?.status === undefined || items[0].status === 'PENDING')
          return items[0]?.status === undefined
        })
        await groups.send(new UngroupResourcesCommand({ Group, ResourceArns: [arn] }))
        await until('the resource is out', async () => {
          const items = await listed(groups, Group ?? '')
          for (const { status } of items) assert.equal(status, 'PENDING')
          return items.length === 0
        })
      }
    })
})

describe('a configuration', () => {
  test('says which resources go into the group, and each is answered by itself', async () => {
    const { groups, put, host, putQueue, queue, members } = place('eu-west-3')
    await groups.send(new CreateGroupCommand({ Name: 'hosts', Configuration: hosts() }))
    await put(host(1), 'AWS::EC2::Host')
    await put(host(2), 'AWS::EC2::Host')
    await put(host('gone'), 'AWS::EC2::Host')
    const { config } = place('eu-west-3')
    await config.send(new DeleteResourceConfigCommand({ ResourceType: 'AWS::EC2::Host', ResourceId: host('gone') }))
    await putQueue(1)
    await place('eu-north-1').put(place('eu-north-1').host(9), 'AWS::EC2::Host')

    const elsewhere = place('eu-north-1').host(9)
    const ResourceArns = [host(1), queue(1), queue('none'), host('none'), host('gone'), elsewhere, host(1)]
    const grouped = await groups.send(new GroupResourcesCommand({ Group: 'hosts', ResourceArns }))
    assert.deepEqual(grouped.Succeeded, [host(1)])
    assert.deepEqual(grouped.Pending, [])
    const codes = grouped.Failed?.map(({ ResourceArn, ErrorCode, ErrorMessage }) => {
      assert.ok(ErrorMessage)
      return [ResourceArn, ErrorCode]
    })
    assert.deepEqual(codes, [
      [queue(1), 'ResourceArnValidationException'],
      [queue('none'), 'ResourceArnValidationException'],
      [host('none'), 'ResourceNotFoundException'],
      [host('gone'), 'ResourceNotFoundException'],
      [elsewhere, 'ResourceNotFoundException'],
    ])
    const again = await groups.send(new GroupResourcesCommand({ Group: 'hosts', ResourceArns: [host(1), host(2)] }))
    assert.deepEqual(again.Succeeded, [host(1), host(2)])
    assert.ok(same(await members('hosts'), [host(1), host(2)]))

    await rejects(groups.send(new DeleteGroupCommand({ Group: 'hosts' })), BadRequestException, /members/)
    const toPool = new PutGroupConfigurationCommand({ Group: 'hosts', Configuration: pool })
    await rejects(groups.send(toPool), BadRequestException, /members/)
    const out = await groups.send(
      new UngroupResourcesCommand({ Group: 'hosts', ResourceArns: [host(1), host(2), queue(1), host('none')] }),
    )
    assert.deepEqual(out.Succeeded, [host(1), host(2)])
    assert.deepEqual(
      out.Failed?.map(({ ErrorCode }) => ErrorCode),
      ['ResourceArnValidationException', 'ResourceNotFoundException'],
    )
    assert.deepEqual(await members('hosts'), [])
    await groups.send(toPool)
    assert.deepEqual(await configured(groups, 'hosts'), pool)
    const late = await groups.send(new GroupResourcesCommand({ Group: 'hosts', ResourceArns: [host(1)] }))
    assert.equal(late.Failed?.[0]?.ErrorCode, 'ResourceArnValidationException')
    await groups.send(new DeleteGroupCommand({ Group: 'hosts' }))
  })

  test('is refused where it is no change, or not to be changed', async () => {
    const { groups } = place('eu-west-3')
    await groups.send(new CreateGroupCommand({ Name: 'pool', Configuration: pool }))
    const put = (Group: string, Configuration: GroupConfigurationItem[] | undefined) =>
      groups.send(new PutGroupConfigurationCommand({ Group, Configuration }))
    await rejects(put('pool', pool.toReversed()), BadRequestException, /already/)
    await rejects(put('pool', undefined), BadRequestException, /missing/)
    await rejects(put('pool', [{ Type: 'AWS::NoSuch::Thing' }]), BadRequestException, /not supported/)
    await rejects(put('pool', application), BadRequestException, /application group/)
    const managed = [{ Type: 'AWS::CloudFormation::Stack' }]
    await rejects(put('pool', managed), ForbiddenException, /managed/)
    await rejects(put('none', pool), NotFoundException, /none/)
    await groups.send(new CreateGroupCommand({ Name: 'app', Configuration: application }))
    await rejects(put('app', pool), BadRequestException, /cannot be changed/)
    await groups.send(new PutGroupConfigurationCommand({ Group: 'pool', Configuration: hosts() }))
    // The second of two proposals takes the place of the first, and is what is compared with.
    await rejects(put('pool', hosts()), BadRequestException, /already/)
    await put('pool', pool)
    assert.deepEqual(await configured(groups, 'pool'), pool)
  })

  test('that went with its group leaves no members to the next of that name', async () => {
    const { groups, put, members } = place('eu-west-3')
    const reservation = (name: number) => `arn:aws:ec2:eu-west-3:${account}:capacity-reservation/cr-${name}`
    const arns = Array.from({ length: 25 }, (_, name) => reservation(name))
    await groups.send(new CreateGroupCommand({ Name: 'again', Configuration: pool }))
    for (const arn of arns) await put(arn, 'AWS::EC2::CapacityReservation')
    for (const start of [0, 10, 20])
      await groups.send(new GroupResourcesCommand({ Group: 'again', ResourceArns: arns.slice(start, start + 10) }))
    assert.equal((await members('again')).length, 25)
    await groups.send(new DeleteGroupCommand({ Group: 'again' }))
    await groups.send(new CreateGroupCommand({ Name: 'again', Configuration: pool }))
    assert.deepEqual(await members('again'), [])
    const one = await groups.send(new GroupResourcesCommand({ Group: 'again', ResourceArns: [reservation(3)] }))
    assert.deepEqual(one.Succeeded, [reservation(3)])
    await sleep(300)
    assert.deepEqual(await members('again'), [reservation(3)])
  })
})

describe('an application', () => {
  test('has an ARN with an id, and a tag that is that ARN', async () => {
    const { groups, createApplication } = place('us-west-1')
    const arn = await createApplication('shop')
    assert.match(arn, /^arn:aws:resource-groups:us-west-1:123456789012:group\/shop\/[a-z0-9]{26}$/)
    for (const Group of [arn, 'shop', arn.slice(arn.indexOf('shop/'))]) {
      const found = await groups.send(new GetGroupCommand({ Group }))
      assert.deepEqual(found.Group, { GroupArn: arn, Name: 'shop', ApplicationTag: { awsApplication: arn } })
    }
    assert.deepEqual(await configured(groups, 'shop'), application)
    await rejects(groups.send(new GetGroupQueryCommand({ Group: 'shop' })), BadRequestException, /./)
  })

  test('gives its members its tag, and takes it off again, and tells how that went', async () => {
    const { groups, createApplication, putQueue, queue, applicationOf, settledMembers, tagsOf, tag } =
      place('us-west-2')
    const shop = await createApplication('shop')
    const bank = await createApplication('bank')
    for (let name = 0; name < 12; name++) await putQueue(name, { name: String(name) })
    const full = await putQueue('full', Object.fromEntries(Array.from({ length: 50 }, (_, key) => [`k${key}`, ''])))
    const banked = await putQueue('banked', { awsApplication: bank })
    const first = Array.from({ length: 8 }, (_, name) => queue(name))
    const grouped = await groups.send(
      new GroupResourcesCommand({ Group: 'shop', ResourceArns: [...first, banked, full] }),
    )
    assert.deepEqual(grouped.Succeeded, [])
    assert.deepEqual(
      grouped.Pending,
      first.map((ResourceArn) => ({ ResourceArn })),
    )
    assert.deepEqual(
      grouped.Failed?.map(({ ResourceArn, ErrorCode }) => [ResourceArn, ErrorCode]),
      [
        [banked, 'ConflictException'],
        [full, 'LimitExceededException'],
      ],
    )
    const settled = async (group: string) => {
      await until('groupings', async () => (await statusesOf(group)).every(({ Status }) => Status !== 'IN_PROGRESS'))
      return statusesOf(group)
    }
    const statusesOf = async (Group: string, pageSize = 50) => {
      const items = []
      for await (const page of paginateListGroupingStatuses({ client: groups, pageSize }, { Group })) {
        assert.equal(page.Group, Group === 'shop' ? shop : bank)
        assert.ok((page.GroupingStatuses?.length ?? 0) <= pageSize)
        items.push(...(page.GroupingStatuses ?? []))
      }
      return items
    }
    const statuses = await settled('shop')
    assert.equal(statuses.length, 8)
    for (const item of statuses) {
      assert.equal(item.Action, 'GROUP')
      assert.equal(item.Status, 'SUCCESS')
      assert.equal(item.ErrorCode, undefined)
      assert.ok(Math.abs((item.UpdatedAt?.getTime() ?? 0) - Date.now()) < 60_000)
    }
    await settledMembers('shop', first)
    assert.deepEqual(await tagsOf(queue(3)), { name: '3', awsApplication: shop })
    for (const { status } of await listed(groups, 'shop')) assert.equal(status, undefined)

    // A tag makes a member, however it came.
    await tag(queue(11), { awsApplication: shop })
    await settledMembers('shop', [...first, queue(11)])

    const out = await groups.send(
      new UngroupResourcesCommand({ Group: shop, ResourceArns: [queue(0), queue(1), banked, queue('none')] }),
    )
    assert.deepEqual(
      out.Pending?.map(({ ResourceArn }) => ResourceArn),
      [queue(0), queue(1), banked],
    )
    assert.equal(out.Failed?.[0]?.ErrorCode, 'ResourceNotFoundException')
    await groups.send(new GroupResourcesCommand({ Group: shop, ResourceArns: [queue(2), queue(8)] }))
    const later = new Map((await settled('shop')).map((item) => [item.ResourceArn, `${item.Action} ${item.Status}`]))
    assert.equal(later.get(queue(0)), 'UNGROUP SUCCESS')
    assert.equal(later.get(queue(2)), 'GROUP SKIPPED')
    assert.equal(later.get(banked), 'UNGROUP SKIPPED')
    assert.equal(later.get(queue(8)), 'GROUP SUCCESS')
    assert.equal(later.size, 10)
    assert.equal(await applicationOf(queue(0)), undefined)
    assert.equal(await applicationOf(banked), bank)
    await settledMembers('shop', [...first.slice(2), queue(8), queue(11)])

    const paged = await statusesOf('shop', 3)
    assert.deepEqual(paged, await statusesOf('shop'))
    const filtered = async (Name: 'status' | 'resource-arn', Values: string[]) => {
      const command = new ListGroupingStatusesCommand({ Group: 'shop', Filters: [{ Name, Values }] })
      return (await groups.send(command)).GroupingStatuses?.map(({ ResourceArn }) => ResourceArn)
    }
    assert.deepEqual(await filtered('status', ['SKIPPED']), [queue(2), banked])
    assert.deepEqual(await filtered('resource-arn', [queue(8), queue('none')]), [queue(8)])
    assert.deepEqual(await filtered('status', ['FAILED']), [])

    const list = (input: ConstructorParameters<typeof ListGroupingStatusesCommand>[0]) =>
      groups.send(new ListGroupingStatusesCommand(input))
    await groups.send(new CreateGroupCommand({ Name: 'plain', Configuration: pool }))
    await rejects(list({ Group: 'plain' }), BadRequestException, /application group/)
    await rejects(list({ Group: 'none' }), NotFoundException, /none/)
    await rejects(list({ Group: 'shop', NextToken: 'AAAA' }), BadRequestException, /NextToken/)
    const { NextToken } = await list({ Group: 'shop', MaxResults: 2 })
    await rejects(list({ Group: 'bank', NextToken }), BadRequestException, /NextToken/)
    const strange = [{ Name: 'status' as const, Values: [queue(1)] }]
    await rejects(list({ Group: 'shop', Filters: strange }), BadRequestException, /not supported/)
  })

  test('lets the last of many calls decide', async () => {
    const { groups, createApplication, putQueue, applicationOf, members } = place('sa-east-1')
    const shop = await createApplication('shop')
    const arn = await putQueue(1)
    for (let round = 0; round < 8; round++) {
      const isIn = round % 2 === 0
      const Command = isIn ? GroupResourcesCommand : UngroupResourcesCommand
      const { Pending } = await groups.send(new Command({ Group: 'shop', ResourceArns: [arn] }))
      assert.equal(Pending?.length, 1)
      if (round < 6) continue
      await until('the last call', async () => (await applicationOf(arn)) === (isIn ? shop : undefined))
      assert.deepEqual(await members('shop'), isIn ? [arn] : [])
    }
  })

  test('takes its tag off its members when it goes, and off no others', async () => {
    const { groups, createApplication, putQueue, queue, tagging, applicationOf } = place('ca-central-1')
    const shop = await createApplication('shop')
    const bank = await createApplication('bank')
    for (let name = 0; name < 230; name++) await putQueue(name, { awsApplication: name % 23 === 0 ? bank : shop })
    assert.equal((await listed(groups, 'shop')).length, 220)
    await groups.send(new GroupResourcesCommand({ Group: 'shop', ResourceArns: [await putQueue('late')] }))
    await groups.send(new DeleteGroupCommand({ Group: 'shop' }))
    const tagged = async (value: string) => {
      let count = 0
      const TagFilters = [{ Key: 'awsApplication', Values: [value] }]
      for await (const page of paginateGetResources({ client: tagging }, { TagFilters }))
        count += page.ResourceTagMappingList?.length ?? 0
      return count
    }
    await until('the tag is gone', async () => (await tagged(shop)) === 0)
    assert.equal(await tagged(bank), 10)
    const next = await createApplication('shop')
    assert.notEqual(next, shop)
    await sleep(300)
    assert.equal(await applicationOf(queue('late')), undefined)
    assert.equal((await listed(groups, next)).length, 0)
    assert.equal((await listed(groups, 'bank')).length, 10)
  })
})

describe('a tag-sync task', () => {
  const start = (
    client: ResourceGroupsClient,
    input: Partial<ConstructorParameters<typeof StartTagSyncTaskCommand>[0]>,
  ) => client.send(new StartTagSyncTaskCommand({ Group: undefined, RoleArn: roleArn, ...input }))

  test('brings in what has its tag, follows it, and leaves it where it is when cancelled', async () => {
    const { groups, createApplication, putQueue, queue, tag, untag, settledMembers, applicationOf } =
      place('ap-south-1')
    const shop = await createApplication('shop')
    for (let name = 0; name < 120; name++) await putQueue(name, { Project: name < 110 ? 'blue' : 'Blue' })
    const started = await start(groups, { Group: 'shop', TagKey: 'Project', TagValue: 'blue' })
    assert.match(started.TaskArn ?? '', /\/shop\/[a-z0-9]{26}\/tag-sync-task\/[a-z0-9]{26}$/)
    const { $metadata: _, ...rest } = started
    const { TaskArn } = started
    const described = {
      GroupArn: shop,
      GroupName: 'shop',
      RoleArn: roleArn,
      TagKey: 'Project',
      TagValue: 'blue',
      TaskArn,
    }
    assert.deepEqual(rest, described)
    const blue = Array.from({ length: 110 }, (_, name) => queue(name))
    await settledMembers('shop', blue)
    await tag(queue(115), { Project: 'blue' })
    await untag(queue(0), 'Project')
    await tag(queue(1), { Project: 'red' })
    await putQueue('new', { Project: 'blue' })
    await settledMembers('shop', [...blue.slice(2), queue(115), queue('new')])
    assert.equal(await applicationOf(queue(0)), undefined)
    // Taking the application's tag off what still has the other does not last.
    await untag(queue(5), 'awsApplication')
    await until('the tag is back', async () => (await applicationOf(queue(5))) === shop)

    const got = await groups.send(new GetTagSyncTaskCommand({ TaskArn }))
    const { CreatedAt, $metadata: __, ...answer } = got
    assert.deepEqual(answer, { ...described, Status: 'ACTIVE' })
    assert.ok(Math.abs((CreatedAt?.getTime() ?? 0) - Date.now()) < 60_000)

    await groups.send(new CancelTagSyncTaskCommand({ TaskArn }))
    await untag(queue(6), 'Project')
    await putQueue('later', { Project: 'blue' })
    await sleep(1_300)
    assert.equal(await applicationOf(queue(6)), shop)
    assert.equal(await applicationOf(queue('later')), undefined)
    await rejects(groups.send(new GetTagSyncTaskCommand({ TaskArn })), NotFoundException, /./)
    await rejects(groups.send(new CancelTagSyncTaskCommand({ TaskArn })), BadRequestException, /./)
  })

  test('takes a tag query instead of a tag', async () => {
    const { groups, createApplication, putQueue, put, host, queue, settledMembers } = place('ap-south-2')
    const shop = await createApplication('shop')
    const ResourceQuery = tagQuery([{ Key: 'Team', Values: ['a', 'b'] }, { Key: 'Owner' }], ['AWS::SQS::Queue'])
    const { $metadata: _, TaskArn, ...rest } = await start(groups, { Group: shop, ResourceQuery })
    assert.deepEqual(rest, { GroupArn: shop, GroupName: 'shop', RoleArn: roleArn, ResourceQuery })
    await putQueue(1, { Team: 'a', Owner: '' })
    await putQueue(2, { Team: 'c', Owner: '' })
    await putQueue(3, { Team: 'b' })
    await put(host(1), 'AWS::EC2::Host', { Team: 'a', Owner: '' })
    await settledMembers('shop', [queue(1)])
    await putQueue(2, { Team: 'b', Owner: 'x' })
    await settledMembers('shop', [queue(1), queue(2)])
    const got = await groups.send(new GetTagSyncTaskCommand({ TaskArn }))
    assert.deepEqual(got.ResourceQuery, ResourceQuery)
    assert.equal(got.TagKey, undefined)
  })

  test('leaves what belongs to another application, until that lets it go', async () => {
    const { groups, createApplication, putQueue, queue, untag, tag, applicationOf, settledMembers } = place('ap-east-1')
    const shop = await createApplication('shop')
    const bank = await createApplication('bank')
    await putQueue(1, { Project: 'blue', Stage: 'prod' })
    await putQueue(2, { Project: 'blue' })
    await start(groups, { Group: shop, TagKey: 'Project', TagValue: 'blue' })
    await settledMembers(shop, [queue(1), queue(2)])
    await start(groups, { Group: bank, TagKey: 'Stage', TagValue: 'prod' })
    await putQueue(3, { Project: 'blue', Stage: 'prod' })
    await putQueue(4, { Stage: 'prod' })
    await settledMembers(bank, [queue(4)])
    await settledMembers(shop, [queue(1), queue(2), queue(3)])
    await untag(queue(1), 'Project')
    await until('the other application', async () => (await applicationOf(queue(1))) === bank)
    await groups.send(new DeleteGroupCommand({ Group: shop }))
    await settledMembers(bank, [queue(1), queue(3), queue(4)])
    await until('the tag of the deleted one is gone', async () => (await applicationOf(queue(2))) === undefined)
    // Its task went with it.
    await tag(queue(2), { Project: 'blue', x: 'y' })
    const { TagSyncTasks } = await groups.send(new ListTagSyncTasksCommand({}))
    assert.deepEqual(
      TagSyncTasks?.map(({ GroupArn }) => GroupArn),
      [bank],
    )
    await sleep(300)
    assert.equal(await applicationOf(queue(2)), undefined)
  })

  test('tells what it could not do, and no longer once it could', async () => {
    const { groups, createApplication, putQueue, queue, untag, config, settledMembers } = place('ap-northeast-1')
    const shop = await createApplication('shop')
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, key) => [`k${key}`, '']))
    await putQueue('full', { ...many(49), Project: 'blue' })
    await putQueue('other-full', { ...many(49), Project: 'blue' })
    const { TaskArn } = await start(groups, { Group: shop, TagKey: 'Project', TagValue: 'blue' })
    const task = () => groups.send(new GetTagSyncTaskCommand({ TaskArn }))
    await until('the error', async () => (await task()).Status === 'ERROR')
    assert.match((await task()).ErrorMessage ?? '', /q-(other-)?full: .*50 tags/)
    // It goes on with the others.
    await putQueue(1, { Project: 'blue' })
    await settledMembers(shop, [queue(1)])
    await untag(queue('full'), 'k0')
    await settledMembers(shop, [queue(1), queue('full')])
    assert.equal((await task()).Status, 'ERROR')
    assert.match((await task()).ErrorMessage ?? '', /q-other-full/)
    await config.send(
      new DeleteResourceConfigCommand({ ResourceType: 'AWS::SQS::Queue', ResourceId: queue('other-full') }),
    )
    await until('the task is well again', async () => (await task()).Status === 'ACTIVE')
    assert.equal((await task()).ErrorMessage, undefined)
  })

  test('is refused where it makes no sense', async () => {
    const { groups, createApplication } = place('ap-northeast-2')
    const shop = await createApplication('shop')
    await groups.send(new CreateGroupCommand({ Name: 'pool', Configuration: pool }))
    await groups.send(new CreateGroupCommand({ Name: 'query', ResourceQuery: tagQuery([{ Key: 'a' }]) }))
    const tag = { TagKey: 'a', TagValue: '' }
    await rejects(start(groups, { Group: 'pool', ...tag }), BadRequestException, /application group/)
    await rejects(start(groups, { Group: 'query', ...tag }), BadRequestException, /application group/)
    await rejects(start(groups, { Group: 'none', ...tag }), NotFoundException, /none/)
    const ResourceQuery = tagQuery([{ Key: 'a' }])
    for (const wrong of [
      {},
      { TagKey: 'a' },
      { TagValue: 'a' },
      { ...tag, ResourceQuery },
      { TagKey: 'a', ResourceQuery },
    ])
      await rejects(start(groups, { Group: shop, ...wrong }), BadRequestException, /TagKey and TagValue/)
    const stack = {
      Type: 'CLOUDFORMATION_STACK_1_0' as const,
      Query: JSON.stringify({ StackIdentifier: `arn:aws:cloudformation:us-east-1:${account}:stack/a/b` }),
    }
    await rejects(start(groups, { Group: shop, ResourceQuery: stack }), BadRequestException, /TAG_FILTERS_1_0/)
    const broken = { Type: 'TAG_FILTERS_1_0' as const, Query: '{' }
    await rejects(start(groups, { Group: shop, ResourceQuery: broken }), BadRequestException, /Query not valid/)
    const stranger = { RoleArn: 'arn:aws:iam::999999999999:role/tag-sync' }
    await rejects(start(groups, { Group: shop, ...tag, ...stranger }), BadRequestException, /not one of this account/)
    await start(groups, { Group: shop, ...tag })
    await rejects(start(groups, { Group: shop, ...tag }), BadRequestException, /already/)
    await start(groups, { Group: shop, ResourceQuery })
    await rejects(start(groups, { Group: shop, ResourceQuery }), BadRequestException, /already/)
  })

  test('is listed with others, by group and page by page', async () => {
    const { groups, createApplication } = place('ap-northeast-3')
    const arns = [await createApplication('a'), await createApplication('b'), await createApplication('c')]
    const tasks: (string | undefined)[] = []
    for (let value = 0; value < 9; value++) {
      const input = { Group: arns[value % 3], TagKey: 'k', TagValue: String(value) }
      tasks.push((await start(groups, input)).TaskArn)
    }
    const list = async (input: ConstructorParameters<typeof ListTagSyncTasksCommand>[0]) => {
      const found: (string | undefined)[] = []
      let NextToken: string | undefined
      do {
        const page = await groups.send(new ListTagSyncTasksCommand({ ...input, NextToken }))
        found.push(...(page.TagSyncTasks ?? []).map(({ TaskArn }) => TaskArn))
        NextToken = page.NextToken
      } while (NextToken)
      return found
    }
    assert.deepEqual(await list({}), tasks)
    assert.deepEqual(await list({ MaxResults: 2 }), tasks)
    assert.deepEqual(await list({ MaxResults: 9 }), tasks)
    const ofB = tasks.filter((_, place) => place % 3 === 1)
    assert.deepEqual(await list({ Filters: [{ GroupName: 'b' }], MaxResults: 1 }), ofB)
    assert.deepEqual(await list({ Filters: [{ GroupArn: arns[1] }] }), ofB)
    assert.deepEqual(await list({ Filters: [{ GroupArn: arns[1] }, { GroupName: 'none' }] }), ofB)
    assert.deepEqual(await list({ Filters: [{ GroupName: 'none' }] }), [])
    await rejects(list({ Filters: [{}] }), BadRequestException, /GroupArn or GroupName/)
    await rejects(
      list({ Filters: [{ GroupArn: arns[0], GroupName: 'a' }] }),
      BadRequestException,
      /GroupArn or GroupName/,
    )
    const missing = `${arns[0]}/tag-sync-task/${'0'.repeat(26)}`
    await rejects(groups.send(new GetTagSyncTaskCommand({ TaskArn: missing })), NotFoundException, /./)
    const elsewhere = tasks[0]?.replace('ap-northeast-3', 'ap-northeast-2')
    await rejects(groups.send(new GetTagSyncTaskCommand({ TaskArn: elsewhere })), NotFoundException, /./)
    await groups.send(new DeleteGroupCommand({ Group: arns[1] }))
    assert.deepEqual(
      await list({}),
      tasks.filter((_, place) => place % 3 !== 1),
    )
  })
})

test('tag-sync comes to what a look at every resource comes to, after 200 random changes', async () => {
  const { groups, config, createApplication, putQueue, queue, tagging, tag, untag } = place('eu-central-1')
  const [shop, bank] = [await createApplication('shop'), await createApplication('bank')]
  let state = 20_261_124
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const pick = <T>(values: readonly T[]) => values[random(values.length)] as T
  const now = new Map<number, Record<string, string>>()
  for (let name = 0; name < 40; name++) {
    now.set(name, pick<Record<string, string>>([{}, { Project: 'blue' }, { Team: 'a', Owner: 'o' }]))
    await putQueue(name, now.get(name))
  }
  const query = tagQuery([{ Key: 'Team', Values: ['a', 'b'] }, { Key: 'Owner' }])
  const sync = { RoleArn: roleArn }
  await groups.send(new StartTagSyncTaskCommand({ ...sync, Group: shop, TagKey: 'Project', TagValue: 'blue' }))
  for (let change = 0; change < 200; change++) {
    if (change === 60) await groups.send(new StartTagSyncTaskCommand({ ...sync, Group: bank, ResourceQuery: query }))
    const name = random(45)
    const tags = now.get(name)
    const act = random(10)
    if (!tags) {
      now.set(name, { Project: pick(['blue', 'red']) })
      await putQueue(name, now.get(name))
    } else if (act === 0) {
      now.delete(name)
      await config.send(new DeleteResourceConfigCommand({ ResourceType: 'AWS::SQS::Queue', ResourceId: queue(name) }))
    } else if (act < 6) {
      const key = pick(['Project', 'Team', 'Owner'])
      const value = pick(['blue', 'a', 'b', ''])
      now.set(name, { ...tags, [key]: value })
      await tag(queue(name), { [key]: value })
    } else {
      const { [pick(['Project', 'Team', 'Owner'])]: _, ...rest } = tags
      now.set(name, rest)
      await untag(queue(name), ...Object.keys(tags).filter((key) => !(key in rest)), 'none')
    }
  }
  const wanted = new Map<string, string[]>()
  for (const [name, tags] of now) {
    const isBlue = tags['Project'] === 'blue'
    const isOwned = ['a', 'b'].includes(tags['Team'] ?? '') && 'Owner' in tags
    wanted.set(queue(name), [...(isBlue ? [shop] : []), ...(isOwned ? [bank] : [])])
  }
  const found = async () => {
    const applications = new Map<string, string>()
    const TagFilters = [{ Key: 'awsApplication' }]
    for await (const page of paginateGetResources({ client: tagging }, { TagFilters }))
      for (const { ResourceARN, Tags } of page.ResourceTagMappingList ?? [])
        applications.set(ResourceARN ?? '', Tags?.find(({ Key }) => Key === 'awsApplication')?.Value ?? '')
    return applications
  }
  const isRight = async () => {
    const applications = await found()
    return [...wanted].every(([arn, options]) => {
      const application = applications.get(arn)
      return application === undefined ? options.length === 0 : options.includes(application)
    })
  }
  await until('the tasks have caught up', isRight)
  await sleep(1_200)
  assert.ok(await isRight())
  const applications = await found()
  assert.ok([...applications.keys()].every((arn) => wanted.has(arn)))
  for (const arn of [shop, bank]) {
    const expected = [...applications].filter(([, application]) => application === arn).map(([resource]) => resource)
    assert.ok(
      same(
        (await listed(groups, arn)).map((item) => item.arn),
        expected,
      ),
    )
    assert.ok(expected.length > 3, `${expected.length} members`)
  }
})

test('account settings are those of a Region, off until set, off at once and on after a while', async () => {
  const { groups } = place('me-south-1')
  const settings = async (client = groups) => (await client.send(new GetAccountSettingsCommand({}))).AccountSettings
  const update = async (status?: 'ACTIVE' | 'INACTIVE') =>
    (await groups.send(new UpdateAccountSettingsCommand({ GroupLifecycleEventsDesiredStatus: status }))).AccountSettings
  const both = (desired: string, status = desired) => ({
    GroupLifecycleEventsDesiredStatus: desired,
    GroupLifecycleEventsStatus: status,
  })
  assert.deepEqual(await settings(), both('INACTIVE'))
  assert.deepEqual(await update(), both('INACTIVE'))
  assert.deepEqual(await update('INACTIVE'), both('INACTIVE'))
  assert.deepEqual(await update('ACTIVE'), both('ACTIVE', 'IN_PROGRESS'))
  await until('ACTIVE', async () => (await settings())?.GroupLifecycleEventsStatus === 'ACTIVE')
  assert.deepEqual(await settings(), both('ACTIVE'))
  assert.deepEqual(await update('ACTIVE'), both('ACTIVE'))
  assert.deepEqual(await settings(place('me-central-1').groups), both('INACTIVE'))
  assert.deepEqual(await update('INACTIVE'), both('INACTIVE'))
  // Off again before the task came: the task must not turn it on.
  await update('ACTIVE')
  assert.deepEqual(await update('INACTIVE'), both('INACTIVE'))
  await sleep(300)
  assert.deepEqual(await settings(), both('INACTIVE'))
})

test('what a call needs is checked by the shapes', async () => {
  const { groups, createApplication, queue } = place('us-east-2')
  await createApplication('shop')
  const group = (ResourceArns: string[]) => groups.send(new GroupResourcesCommand({ Group: 'shop', ResourceArns }))
  await rejects(group([]), BadRequestException, /resourceArns/)
  await rejects(group(Array.from({ length: 11 }, (_, name) => queue(name))), BadRequestException, /resourceArns/)
  await rejects(group(['not-an-arn']), BadRequestException, /pattern/)
  await rejects(groups.send(new GetGroupConfigurationCommand({})), BadRequestException, /required/)
  await rejects(groups.send(new ListGroupResourcesCommand({ Group: 'none' })), NotFoundException, /none/)
})

test('every change of all the above has its record, those that the service made by itself too', () => {
  const database = new DatabaseSync(path.join(server.dataDir, 'corral.db'), { readOnly: true })
  const count = (sql: string) => (database.prepare(sql).get() as { n: number }).n
  const own = "action in ('resource-groups:SyncTags', 'resource-groups:ApplyGrouping')"
  assert.ok(
    count(`select count(*) as n from change where request_id in (select request_id from call where ${own})`) > 0,
  )
  const unrecorded = database
    .prepare('select kind, object_id, version from change where request_id not in (select request_id from call)')
    .all()
  database.close()
  assert.deepEqual(unrecorded, [])
})
