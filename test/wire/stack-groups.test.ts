// Groups by stack, over what AWS's own commands print of a stack: its resources are its own wherever they are kept.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { CreateGroupCommand, paginateListGroupResources, SearchResourcesCommand } from '@aws-sdk/client-resource-groups'
import { startTestServer, type TestServer } from '../support/running-server.ts'
import { runCorral } from '../support/server-process.ts'

const account = '123456789012'
const region = 'us-west-2'
const stack = `arn:aws:cloudformation:${region}:${account}:stack/my-stack/d0a825a0-e4cd-xmpl-b9fb-061c69e99204`
const described = path.join(import.meta.dirname, '..', 'data', 'import', 'describe-stack-resources.json')
const members = [
  `arn:aws:iam::${account}:role/my-functionRole-HIZXMPLEOM9E`,
  `arn:aws:lambda:${region}:${account}:function:my-function-SEZV4XMPL4S5`,
  'arn:aws:s3:::my-stack-bucket-1vc62xmplgguf',
]

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.stop())

async function importFile(file: string, ...more: string[]): Promise<void> {
  const place = ['--account', account, '--region', region, '--data-dir', server.dataDir, '--endpoint-url', server.url]
  const ended = await runCorral(['import', file, ...place, ...more])
  assert.equal(ended.code, 0, ended.stderr)
}

async function membersOf(name: string): Promise<string[]> {
  const client = server.clientsIn(region).groups
  const arns: string[] = []
  for await (const page of paginateListGroupResources({ client, pageSize: 1 }, { Group: name })) {
    for (const item of page.Resources ?? []) {
      assert.equal(item.Status, undefined)
      arns.push(item.Identifier?.ResourceArn ?? '')
    }
  }
  return arns.sort()
}

const queryOf = (types: string[]) => ({
  Type: 'CLOUDFORMATION_STACK_1_0' as const,
  Query: JSON.stringify({ ResourceTypeFilters: types, StackIdentifier: stack }),
})

test('a stack group lists all that the stack holds, global resources too', async () => {
  await importFile(described)
  const { groups } = server.clientsIn(region)
  await groups.send(new CreateGroupCommand({ Name: 'of-stack', ResourceQuery: queryOf(['AWS::AllSupported']) }))
  assert.deepEqual(await membersOf('of-stack'), members)
  const { ResourceIdentifiers } = await groups.send(
    new SearchResourcesCommand({ ResourceQuery: queryOf(['AWS::IAM::Role']) }),
  )
  assert.deepEqual(
    ResourceIdentifiers?.map(({ ResourceArn }) => ResourceArn),
    [members[0]],
  )
})

test('a list of resources that names no stack joins the one of that name in its Region', async () => {
  const rows = [
    ['bucket', 'my-stack-bucket-1vc62xmplgguf', 'AWS::S3::Bucket'],
    ['function', 'my-function-SEZV4XMPL4S5', 'AWS::Lambda::Function'],
    ['functionRole', 'my-functionRole-HIZXMPLEOM9E', 'AWS::IAM::Role'],
  ]
  const summaries = rows.map(([LogicalResourceId, PhysicalResourceId, ResourceType]) => ({
    LogicalResourceId,
    PhysicalResourceId,
    ResourceType,
    LastUpdatedTimestamp: '2019-10-02T04:34:11.345Z',
    ResourceStatus: 'CREATE_COMPLETE',
  }))
  const file = path.join(server.dataDir, 'list-stack-resources.json')
  writeFileSync(file, JSON.stringify({ StackResourceSummaries: summaries }))
  await importFile(file, '--stack', 'my-stack')
  assert.deepEqual(await membersOf('of-stack'), members)
})
