// What the users' guides of Resource Groups and Tag Editor walk through, by the real `aws` command: groups by tags and
// by stack, their members page by page, tags found, set and taken off. Each call is a process of 0.6 s, so details are
// left to the tests by SDK.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { PutResourceConfigCommand } from '@aws-sdk/client-config-service'
import { startTestServer, type TestServer } from '../support/running-server.ts'

const command = '/usr/bin/aws'
const skip = existsSync(command) ? false : `${command} is not there`
const account = '123456789012'
const run = promisify(execFile)

let server: TestServer
const queue = (name: string | number) => `arn:aws:sqs:us-east-1:${account}:${name}`
const bucket = (name: string) => `arn:aws:s3:::${name}`
const groupArn = (name: string) => `arn:aws:resource-groups:us-east-1:${account}:group/${name}`

/** Nothing of the developer's own settings: the command reads files of the home folder. */
const environment = () => ({
  PATH: '/usr/bin:/bin',
  HOME: server.dataDir,
  AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
})

async function text(...args: string[]): Promise<string> {
  const { stdout } = await run(command, ['--endpoint-url', server.url, ...args], { env: environment() })
  return stdout
}

/** Undefined where the answer has no body to print. */
async function aws<Output>(...args: string[]): Promise<Output> {
  const printed = await text(...args)
  return (printed === '' ? undefined : JSON.parse(printed)) as Output
}

/** What the command prints when a call is refused; it exits with 254 then. */
async function refused(...args: string[]): Promise<string> {
  try {
    await text(...args)
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string }
    assert.equal(code, 254, stderr)
    return stderr.trim()
  }
  return assert.fail(`not refused: ${args.join(' ')}`)
}

const byTags = (...filters: { Key: string; Values?: string[] }[]) =>
  JSON.stringify({
    Type: 'TAG_FILTERS_1_0',
    Query: JSON.stringify({ ResourceTypeFilters: ['AWS::AllSupported'], TagFilters: filters }),
  })

interface Members {
  Resources: { Identifier: { ResourceArn: string; ResourceType: string }; Status?: { Name: string } }[]
  ResourceIdentifiers: { ResourceArn: string }[]
}

const membersOf = async (group: string, ...args: string[]) => {
  const { Resources } = await aws<Members>('resource-groups', 'list-group-resources', '--group', group, ...args)
  return Resources.map(({ Identifier, Status }) => Identifier.ResourceArn + (Status ? ` ${Status.Name}` : '')).sort()
}

const put = (arn: string, type: string, tags: Record<string, string>) =>
  server.config.send(
    new PutResourceConfigCommand({
      ResourceType: type,
      SchemaVersionId: '1',
      ResourceId: arn,
      Configuration: '{}',
      Tags: tags,
    }),
  )

describe('the aws command', { skip }, () => {
  before(async () => {
    server = await startTestServer()
    await put(bucket('logs'), 'AWS::S3::Bucket', { Stage: 'Test', Team: 'blue' })
    await put(bucket('site'), 'AWS::S3::Bucket', { Stage: 'Prod' })
    for (const number of [1, 2, 3, 4]) await put(queue(number), 'AWS::SQS::Queue', { Stage: 'Test' })
  })
  after(() => server.stop())

  test('says who is calling', async () => {
    const identity = await aws('sts', 'get-caller-identity')
    assert.deepEqual(identity, { UserId: account, Account: account, Arn: `arn:aws:iam::${account}:root` })
  })

  test('makes a group by tags, changes its query and its tags, and deletes it', async () => {
    const query = byTags({ Key: 'Stage', Values: ['Test'] })
    const options = ['--description', 'What is tested', '--tags', '{"Team":"blue","Cost Centre":"4 2"}']
    const create = ['resource-groups', 'create-group', '--name', 'testing', '--resource-query', query, ...options]
    const made = await aws<{ Group: object; Tags: object }>(...create)
    assert.deepEqual(made.Group, { GroupArn: groupArn('testing'), Name: 'testing', Description: 'What is tested' })
    assert.deepEqual(made.Tags, { Team: 'blue', 'Cost Centre': '4 2' })
    const all = [bucket('logs'), ...[1, 2, 3, 4].map(queue)].sort()
    // The command walks through the pages by itself.
    const [whole, byTwo, two] = await Promise.all([
      membersOf('testing'),
      membersOf(groupArn('testing'), '--page-size', '2'),
      aws<Members>('resource-groups', 'list-group-resources', '--group', 'testing', '--max-items', '2'),
    ])
    assert.deepEqual(whole, all)
    assert.deepEqual(byTwo, all)
    // The command cuts the older of the two lists only.
    assert.equal(two.ResourceIdentifiers.length, 2)

    const next = byTags({ Key: 'Stage', Values: ['Prod'] })
    await aws('resource-groups', 'update-group-query', '--group', 'testing', '--resource-query', next)
    assert.deepEqual(await membersOf('testing'), [bucket('site')])

    await aws('resource-groups', 'tag', '--arn', groupArn('testing'), '--tags', 'Team=red')
    await aws('resource-groups', 'untag', '--arn', groupArn('testing'), '--keys', 'Cost Centre')
    const { Tags } = await aws<{ Tags: object }>('resource-groups', 'get-tags', '--arn', groupArn('testing'))
    assert.deepEqual(Tags, { Team: 'red' })

    await aws('resource-groups', 'delete-group', '--group', 'testing')
    assert.match(
      await refused('resource-groups', 'get-group', '--group', 'testing'),
      /^An error occurred \(NotFoundException\) when calling the GetGroup operation: .*testing/,
    )
  })

  test('makes a group of a stack, which lists what is declared as pending', async () => {
    const stack = `arn:aws:cloudformation:us-east-1:${account}:stack/shop/11111111-2222-3333-4444-555555555555`
    const answer = await server.json('corral', 'Corral_20261101.ImportResources', {
      Source: 'stack',
      RunId: 'run',
      Offset: 0,
      Account: account,
      Complete: true,
      Stacks: [{ StackId: stack, StackName: 'shop', StackStatus: 'CREATE_COMPLETE' }],
      Resources: [
        { ResourceArn: queue('shop'), Stack: { StackId: stack, LogicalId: 'Queue' } },
        { ResourceType: 'AWS::SNS::Topic', Declared: true, Stack: { StackId: stack, LogicalId: 'Topic' } },
      ],
    })
    assert.equal(answer.status, 200, answer.body)
    const query = (StackIdentifier: string) =>
      JSON.stringify({
        Type: 'CLOUDFORMATION_STACK_1_0',
        Query: JSON.stringify({ ResourceTypeFilters: ['AWS::AllSupported'], StackIdentifier }),
      })
    await aws('resource-groups', 'create-group', '--name', 'shop', '--resource-query', query(stack))
    const members = await membersOf('shop')
    assert.equal(members.length, 2)
    const [pending = '', live] = members
    assert.match(pending, /^arn:aws-corral:cloudformation:.*\/shop\/Topic PENDING$/)
    assert.equal(live, queue('shop'))
    const found = await aws<Members>('resource-groups', 'search-resources', '--resource-query', query(stack))
    assert.deepEqual(found.ResourceIdentifiers.map(({ ResourceArn }) => ResourceArn).sort(), [
      pending.replace(' PENDING', ''),
      queue('shop'),
    ])
    const none = query(stack.replace('shop', 'none'))
    assert.match(
      await refused('resource-groups', 'create-group', '--name', 'none', '--resource-query', none),
      /^An error occurred \(BadRequestException\) when calling the CreateGroup operation: /,
    )
  })

  test('finds resources by tags, tags them and takes tags off, as Tag Editor does', async () => {
    interface Found {
      ResourceTagMappingList: { ResourceARN: string; Tags: { Key: string; Value: string }[] }[]
    }
    const tagging = 'resourcegroupstaggingapi'
    const find = async (...args: string[]) =>
      (await aws<Found>(tagging, 'get-resources', ...args)).ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN)
    const [tested, buckets, byOne] = await Promise.all([
      find('--tag-filters', 'Key=Stage,Values=Test', 'Key=Team', '--resource-type-filters', 's3', 'sqs:queue'),
      find('--resource-type-filters', 's3'),
      find('--tag-filters', 'Key=Stage', '--page-size', '1', '--resource-type-filters', 'sqs'),
    ])
    assert.deepEqual(tested, [bucket('logs')])
    assert.deepEqual(buckets.sort(), [bucket('logs'), bucket('site')])
    assert.deepEqual(byOne.sort(), [1, 2, 3, 4].map(queue))

    const targets = ['--resource-arn-list', queue(1), queue('unknown')]
    const tag = [tagging, 'tag-resources', ...targets, '--tags', 'Owner=Zoë,Empty=']
    const tagged = await aws<{ FailedResourcesMap: Record<string, { ErrorCode: string }> }>(...tag)
    assert.deepEqual(Object.keys(tagged.FailedResourcesMap), [queue('unknown')])
    const { ResourceTagMappingList } = await aws<Found>(tagging, 'get-resources', '--tag-filters', 'Key=Owner')
    assert.deepEqual(
      ResourceTagMappingList.map(({ Tags }) => Tags.map(({ Key, Value }) => `${Key}=${Value}`).sort()),
      [['Empty=', 'Owner=Zoë', 'Stage=Test']],
    )
    const [keys, values] = await Promise.all([
      aws<{ TagKeys: string[] }>(tagging, 'get-tag-keys'),
      aws<{ TagValues: string[] }>(tagging, 'get-tag-values', '--key', 'Stage'),
    ])
    assert.ok(['Empty', 'Owner', 'Stage', 'Team'].every((key) => keys.TagKeys.includes(key)))
    assert.deepEqual(values.TagValues.toSorted(), ['Prod', 'Test'])

    const untag = [tagging, 'untag-resources', '--resource-arn-list', queue(1), '--tag-keys']
    assert.deepEqual(await aws(...untag, 'Owner', 'Empty'), { FailedResourcesMap: {} })
    assert.deepEqual(await find('--tag-filters', 'Key=Owner'), [])
    assert.match(await refused(...untag, 'aws:reserved'), /\(InvalidParameterException\)/)
  })
})
