// Import and export against a real server: the operation called directly, and the commands as processes of their own.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, test, type TestContext } from 'node:test'
import { DeleteResourceConfigCommand, PutResourceConfigCommand } from '@aws-sdk/client-config-service'
import { CreateGroupCommand, ListGroupResourcesCommand, type QueryType } from '@aws-sdk/client-resource-groups'
import {
  GetResourcesCommand,
  TagResourcesCommand,
  UntagResourcesCommand,
} from '@aws-sdk/client-resource-groups-tagging-api'
import { type Client, createClient } from '../../src/cli/client.ts'
import { runImport } from '../../src/cli/import-run.ts'
import type { ImportItem } from '../../src/cli/import/item.ts'
import { termKinds } from '../../src/inventory/terms.ts'
import { startTestServer, type TestServer } from '../support/running-server.ts'

const root = path.resolve(import.meta.dirname, '../..')
const data = path.resolve(root, '../shared/data')

let server: TestServer
let folder: string
before(async () => {
  server = await startTestServer()
  folder = mkdtempSync(path.join(tmpdir(), 'corral-import-'))
})
after(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Answer {
  Counts: Record<string, number>
  Totals: Record<string, number>
  NextOffset: number
  BatchSize: number
  More: boolean
  Rejections: { Index: number; Code: string; Message: string }[]
  Seen?: number[]
  SoleHeld?: number[]
  NextToken?: string
  __type?: string
  message?: string
  Message?: string
}

type Wire = Record<string, unknown>

async function call(input: Wire, region = 'us-east-1', on = server): Promise<Answer & { status: number }> {
  const answer = await on.json('corral', 'Corral_20261101.ImportResources', input, { region })
  return { ...(JSON.parse(answer.body) as Answer), status: answer.status }
}

let runs = 0
/** A whole run; counts that are not 0. */
async function importAll(
  source: string,
  records: Wire[],
  more: Wire = {},
  on = server,
): Promise<Record<string, number>> {
  const isStack = (record: Wire) => 'StackStatus' in record
  const input = {
    Source: source,
    RunId: `run-${++runs}`,
    Offset: 0,
    Stacks: records.filter(isStack),
    Resources: records.filter((record) => !isStack(record)),
    ...more,
  }
  let answer = await call(input, 'us-east-1', on)
  assert.equal(answer.status, 200, JSON.stringify(answer))
  const finish = { ...input, Stacks: [], Resources: [], Offset: answer.NextOffset, Complete: true }
  const seen = new Set(answer.Seen)
  const held: number[] = []
  const counts = answer.Counts
  do {
    answer = await call({ ...finish, ...(answer.NextToken && { NextToken: answer.NextToken }) }, 'us-east-1', on)
    assert.equal(answer.status, 200, JSON.stringify(answer))
    held.push(...(answer.SoleHeld ?? []))
  } while (answer.More)
  const totals = more['DryRun']
    ? { ...counts, Gone: (counts['Gone'] ?? 0) + held.filter((id) => !seen.has(id)).length }
    : answer.Totals
  return Object.fromEntries(Object.entries(totals).filter(([, count]) => count > 0))
}

const instance = (id: string, tags?: Record<string, string>, more: Wire = {}): Wire => ({
  ResourceArn: `arn:aws:ec2:us-east-1:111122223333:instance/i-${id}`,
  ...(tags && { Tags: tags }),
  ...more,
})

async function tagsOf(arn: string, on = server): Promise<Record<string, string> | undefined> {
  const { ResourceTagMappingList: found = [] } = await on.tagging.send(
    new GetResourcesCommand({ ResourceARNList: [arn] }),
  )
  const [mapping] = found
  return mapping && Object.fromEntries((mapping.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))
}

const arnOf = (id: string) => `arn:aws:ec2:us-east-1:111122223333:instance/i-${id}`

interface Exported {
  ResourceArn?: string
  ResourceType: string
  Region: string
  Tags: Record<string, string>
  PhysicalId?: string
  Stack?: { StackId: string; LogicalId: string }
  Declared?: true
  StackName?: string
  StackStatus?: string
  Sources: string[]
}

async function exportAll(on = server, more: Wire = {}): Promise<Exported[]> {
  const found: Exported[] = []
  let token: string | undefined
  do {
    const { body, status } = await on.json('corral', 'Corral_20261101.ExportResources', { ...more, NextToken: token })
    assert.equal(status, 200, body)
    const page = JSON.parse(body) as { Resources: Exported[]; NextToken?: string }
    found.push(...page.Resources)
    token = page.NextToken
  } while (token !== undefined)
  return found
}

/** Changes so far of everything but import sources; the log's own table, read beside the server. */
function changes(on = server): string[] {
  const database = new DatabaseSync(path.join(on.dataDir, 'corral.db'), { readOnly: true })
  const rows = database
    .prepare("select seq, kind, object_id from change where kind <> 'import-source' order by seq")
    .all()
  database.close()
  return rows.map((row) => JSON.stringify(row))
}

test('an import creates resources, again changes nothing, and takes away what the source no longer says', async () => {
  const records = [instance('a1', { Env: 'prod', Team: 'x' }), instance('a2', {}), instance('a3')]
  assert.deepEqual(await importAll('basic', records), { Created: 3 })
  assert.deepEqual(await tagsOf(arnOf('a1')), { Env: 'prod', Team: 'x' })
  const log = changes()
  assert.deepEqual(await importAll('basic', records), { Unchanged: 3 })
  assert.deepEqual(changes(), log)
  const next = [instance('a1', { Env: 'dev' }), instance('a3')]
  assert.deepEqual(await importAll('basic', next, { DryRun: true }), { Updated: 1, Unchanged: 1, Gone: 1 })
  assert.deepEqual(changes(), log)
  assert.deepEqual(await importAll('basic', next), { Updated: 1, Unchanged: 1, Gone: 1 })
  assert.deepEqual(await tagsOf(arnOf('a1')), { Env: 'dev' })
  const kept = (await exportAll()).map(({ ResourceArn }) => ResourceArn)
  assert.ok(!kept.includes(arnOf('a2')) && kept.includes(arnOf('a3')))
  assert.deepEqual(await importAll('basic', records), { Created: 1, Updated: 1, Unchanged: 1 }, 'a gone one comes back')
  assert.deepEqual(await importAll('basic', []), { Gone: 3 })
  const database = new DatabaseSync(path.join(server.dataDir, 'corral.db'), { readOnly: true })
  const lists = database.prepare('select n from tkey where kind = ?').all(termKinds.run)
  database.close()
  assert.ok(lists.length > 0 && lists.every(({ n }) => n === 0), 'what a run has seen is forgotten')
})

test('three-way merge: edits and other sources survive a source that says the same as before', async () => {
  const arn = arnOf('m1')
  const first = [instance('m1', { Env: 'prod', Team: 'x', Old: '1' })]
  assert.deepEqual(await importAll('merge-a', first), { Created: 1 })
  await server.tagging.send(new TagResourcesCommand({ ResourceARNList: [arn], Tags: { Env: 'edited', Mine: 'yes' } }))
  await server.tagging.send(new UntagResourcesCommand({ ResourceARNList: [arn], TagKeys: ['Team'] }))
  assert.deepEqual(await importAll('merge-a', first), { Unchanged: 1 })
  assert.deepEqual(await tagsOf(arn), { Env: 'edited', Mine: 'yes', Old: '1' })
  assert.deepEqual(await importAll('merge-b', [instance('m1', { Cost: '7', Old: '2' })]), { Updated: 1 })
  assert.deepEqual(await tagsOf(arn), { Env: 'edited', Mine: 'yes', Old: '2', Cost: '7' })
  assert.deepEqual(await importAll('merge-a', first), { Unchanged: 1 })
  // a drops Env, which was edited since and so stays, and Old, which is b's now; it brings New.
  assert.deepEqual(await importAll('merge-a', [instance('m1', { Team: 'x', New: 'n' })]), { Updated: 1 })
  assert.deepEqual(await tagsOf(arn), { Env: 'edited', Mine: 'yes', Old: '2', Cost: '7', New: 'n' })
  // b drops Cost, which only it said.
  assert.deepEqual(await importAll('merge-b', [instance('m1', { Old: '2' })]), { Updated: 1 })
  assert.deepEqual(await tagsOf(arn), { Env: 'edited', Mine: 'yes', Old: '2', New: 'n' })
  // Saying nothing of tags takes none away; an empty map takes away what the source brought.
  assert.deepEqual(await importAll('merge-b', [instance('m1')]), { Unchanged: 1 })
  assert.deepEqual(await importAll('merge-b', [instance('m1', {})]), { Updated: 1 })
  assert.deepEqual(await tagsOf(arn), { Env: 'edited', Mine: 'yes', New: 'n' })
  // Known to two sources, it is gone only when both have let go of it.
  assert.deepEqual(await importAll('merge-a', [], { DryRun: true }), {})
  assert.deepEqual(await importAll('merge-a', []), {})
  assert.deepEqual(await tagsOf(arn), { Env: 'edited', Mine: 'yes', New: 'n' })
  assert.deepEqual(await importAll('merge-b', [], { DryRun: true }), { Gone: 1 })
  assert.deepEqual(await importAll('merge-b', []), { Gone: 1 })
})

test('a value that two sources disagree on goes back to the other source’s when one drops it', async () => {
  await importAll('disagree-a', [instance('d1', { Env: 'a' })])
  await importAll('disagree-b', [instance('d1', { Env: 'b' })])
  assert.deepEqual(await tagsOf(arnOf('d1')), { Env: 'b' })
  await importAll('disagree-b', [instance('d1', {})])
  assert.deepEqual(await tagsOf(arnOf('d1')), { Env: 'a' })
})

test('a bad record is told and loses no other', async () => {
  const good = instance('b1', { Env: 'prod' })
  const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']))
  const bad: [Wire, RegExp][] = [
    [{ ResourceArn: 'not-an-arn' }, /not an ARN/],
    [{ ResourceArn: '' }, /not an ARN/],
    [{ ResourceArn: `arn:aws:ec2:us-east-1:111122223333:instance/${'x'.repeat(1100)}` }, /not an ARN/],
    [{ ResourceArn: 'arn:aws:ec2:us-east-1:111122223333:instance/a\nb' }, /not an ARN/],
    [{}, /ResourceArn is missing/],
    [instance('b2', { '': 'x' }), /key is empty/],
    [instance('b2', { ['k'.repeat(129)]: 'x' }), /longer than 128/],
    [instance('b2', { k: 'v'.repeat(257) }), /longer than 256/],
    [instance('b2', { 'a\u0000b': 'x' }), /control character/],
    [instance('b2', { a: 'x\u009b31m' }), /control character/],
    [instance('b2', tags(51)), /at most 50/],
    [instance('b2', undefined, { ResourceType: 'no type' }), /ResourceType/],
    [{ ResourceArn: 'arn:aws:s3:::some-bucket', Region: 'Nowhere' }, /Region/],
    [instance('b2', undefined, { PhysicalId: 'x'.repeat(1025) }), /PhysicalId/],
    [instance('b2', undefined, { Stack: { StackId: 'not a stack!', LogicalId: 'A' } }), /StackId/],
    [instance('b2', undefined, { Stack: { StackId: 'prod', LogicalId: '' } }), /LogicalId/],
    [{ Declared: true, ResourceType: 'AWS::S3::Bucket' }, /Stack/],
    [instance('b2', undefined, { Declared: true }), /no ResourceArn/],
    [{ ResourceArn: 'arn:aws:resource-groups:us-east-1:123456789012:group/mine' }, /not imported/],
    [{ ResourceArn: 'arn:aws-corral:cloudformation:us-east-1:123456789012:declared/prod/A' }, /declared/],
  ]
  for (const [record, message] of bad) {
    const answer = await call({ Source: 'bad', RunId: `bad-${++runs}`, Offset: 0, Resources: [record, good] })
    assert.equal(answer.status, 200, JSON.stringify(answer))
    assert.equal(answer.Counts['Rejected'], 1, JSON.stringify(record))
    assert.equal(answer.Rejections[0]?.Index, 0)
    assert.match(answer.Rejections[0]?.Message ?? '', message)
  }
  assert.deepEqual(await tagsOf(arnOf('b1')), { Env: 'prod' })
  assert.equal(await tagsOf(arnOf('b2')), undefined)
  const stacks: [Wire, RegExp][] = [
    [{ StackId: 'a b', StackName: 'a b', StackStatus: 'CREATE_COMPLETE' }, /StackId/],
    [{ StackId: 'one', StackName: 'other', StackStatus: 'CREATE_COMPLETE' }, /StackName/],
    [{ StackId: 'one', StackName: 'one', StackStatus: 'fine' }, /StackStatus/],
  ]
  for (const [Stack, message] of stacks) {
    const answer = await call({ Source: 'bad', RunId: `bad-${++runs}`, Offset: 0, Stacks: [Stack], Resources: [good] })
    assert.match(answer.Rejections[0]?.Message ?? '', message)
    assert.equal(answer.Counts['Unchanged'], 1)
  }
})

test('the fifty are counted over what several sources say together; AWS’s own do not count', async () => {
  const tags = (prefix: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`${prefix}${at}`, 'v']))
  const mixed = { ...tags('u', 50), ...tags('aws:x', 50) }
  assert.deepEqual(await importAll('many-a', [instance('t1', mixed)]), { Created: 1 })
  const answer = await call({ Source: 'many-b', RunId: 'many', Offset: 0, Resources: [instance('t1', { more: '1' })] })
  assert.equal(answer.Rejections[0]?.Code, 'TooManyTags')
  assert.equal(Object.keys((await tagsOf(arnOf('t1'))) ?? {}).length, 100)
})

test('a rejected record does not make its resource gone', async () => {
  await importAll('keep', [instance('k1', { a: '1' }), instance('k2', { a: '1' })])
  const bad = instance('k1', { a: 'x'.repeat(300) })
  for (const more of [{ DryRun: true }, {}])
    assert.deepEqual(await importAll('keep', [bad, instance('k2', { a: '1' })], more), { Unchanged: 1, Rejected: 1 })
  assert.deepEqual(await tagsOf(arnOf('k1')), { a: '1' })
  assert.deepEqual(await importAll('keep', [], { KeepUnseen: true }), {})
  assert.deepEqual(await importAll('keep', []), { Gone: 2 })
})

test('of several records for one resource in a batch the last wins, and that is told', async () => {
  const records = [instance('r1', { a: '1', b: '1' }), instance('r2', {}), instance('r1', { a: '2' }), instance('r1')]
  assert.deepEqual(await importAll('repeat', records, { DryRun: true }), { Created: 2, Repeated: 2 })
  assert.deepEqual(await importAll('repeat', records), { Created: 2, Repeated: 2 })
  assert.deepEqual(await tagsOf(arnOf('r1')), { a: '2' })
})

test('keys that name JavaScript’s own things are keys like any other', async () => {
  const tags = JSON.parse('{"__proto__":"p","constructor":"c","toString":"t"}') as Record<string, string>
  for (const source of ['proto', '__proto__', 'constructor']) await importAll(source, [instance('j1', tags)])
  assert.deepEqual(new Map(Object.entries((await tagsOf(arnOf('j1'))) ?? {})), new Map(Object.entries(tags)))
  assert.deepEqual(await importAll('__proto__', [instance('j1', tags)]), { Unchanged: 1 })
})

test('calls as a whole are checked', async () => {
  const good = { Source: 's', RunId: 'r', Offset: 0, Resources: [instance('c1')] }
  const cases: [Wire, string][] = [
    [{ ...good, Source: '' }, 'ValidationException'],
    [{ ...good, Source: 'x'.repeat(129) }, 'ValidationException'],
    [{ ...good, Source: 'a\nb' }, 'ValidationException'],
    [{ ...good, Source: 'aws-config' }, 'ValidationException'],
    [{ ...good, RunId: 'a b' }, 'ValidationException'],
    [{ ...good, Offset: -1 }, 'ValidationException'],
    [{ ...good, Offset: 1.5 }, 'SerializationException'],
    [{ ...good, Offset: 7 }, 'ConflictException'],
    [{ ...good, Account: '12' }, 'ValidationException'],
    [{ ...good, Resources: 'x' }, 'SerializationException'],
    [{ ...good, Resources: [{ ResourceArn: 5 }] }, 'SerializationException'],
    [{ ...good, Resources: [null] }, 'SerializationException'],
    [{ ...good, Resources: [{ ResourceArn: '\ud800' }] }, 'SerializationException'],
    [{ ...good, Resources: [instance('c1', { a: 1 as unknown as string })] }, 'SerializationException'],
    [{ ...good, Resources: Array.from({ length: 1001 }, (_, at) => instance(`c${at}`)) }, 'ValidationException'],
    [{ ...good, DryRun: true, Complete: true, NextToken: 'x' }, 'ValidationException'],
    [{}, 'ValidationException'],
  ]
  for (const [input, type] of cases) {
    const { __type, status } = await call(input)
    assert.equal(__type, type, JSON.stringify(input).slice(0, 200))
    assert.ok(status === 400 || status === 409)
  }
  const large = await server.json('corral', 'Corral_20261101.ImportResources', 'x'.repeat(4 * 1024 * 1024 + 1))
  assert.equal(large.status, 413)
  assert.equal(await tagsOf(arnOf('c1')), undefined)
})

test('batches are taken in order, once; a run goes on where it stopped, and another one ends it', async () => {
  const run = { Source: 'resume', RunId: 'one' }
  const batch = (from: number) => [instance(`s${from}`, { n: '1' }), instance(`s${from + 1}`, { n: '1' })]
  const first = await call({ ...run, Offset: 0, Resources: batch(0) })
  assert.deepEqual([first.NextOffset, first.Counts['Created']], [2, 2])
  const log = changes()
  const again = await call({ ...run, Offset: 0, Resources: batch(0) })
  assert.deepEqual([again.status, again.NextOffset, again.Counts['Created'], again.Totals['Created']], [200, 2, 0, 2])
  assert.equal((await call({ ...run, Offset: 4, Resources: batch(4) })).__type, 'ConflictException')
  assert.equal((await call({ ...run, Offset: 1, Resources: batch(1) })).__type, 'ConflictException')
  assert.equal((await call({ ...run, Offset: 0, Complete: true })).__type, 'ConflictException')
  assert.deepEqual(changes(), log)
  const probe = await call({ ...run, Offset: 0 })
  assert.deepEqual([probe.NextOffset, probe.Totals['Created']], [2, 2])
  assert.equal((await call({ ...run, Offset: 2, Resources: batch(2) })).NextOffset, 4)
  // A run of another id begins anew: what the first one had seen counts no more.
  const other = { Source: 'resume', RunId: 'two' }
  assert.equal((await call({ ...other, Offset: 2, Resources: [] })).__type, 'ConflictException')
  await call({ ...other, Offset: 0, Resources: batch(2) })
  assert.equal((await call({ ...run, Offset: 4, Resources: batch(4) })).__type, 'ConflictException')
  const done = await call({ ...other, Offset: 2, Complete: true })
  assert.deepEqual([done.Counts['Gone'], done.More], [2, false])
  const told = await call({ ...other, Offset: 2, Complete: true })
  assert.deepEqual([told.status, told.Totals['Gone'], told.Counts['Gone'], told.More], [200, 2, 0, false])
})

test('a sweep over many resources takes several calls, and a dry run finds the same', async () => {
  const many = Array.from({ length: 900 }, (_, at) => instance(`w${at}`, { n: String(at % 7) }))
  assert.deepEqual(await importAll('sweep', many), { Created: 900 })
  const kept = many.filter((_, at) => at % 90 === 0)
  assert.deepEqual(await importAll('sweep', kept, { DryRun: true }), { Unchanged: 10, Gone: 890 })
  assert.deepEqual(await importAll('sweep', kept), { Unchanged: 10, Gone: 890 })
  assert.deepEqual(await importAll('sweep', kept), { Unchanged: 10 })
  assert.deepEqual(await importAll('sweep', []), { Gone: 10 })
})

test('the Region is the ARN’s, the service’s, the record’s or the call’s, and a wrong guess is put right', async () => {
  const records = [
    { ResourceArn: 'arn:aws:iam::111122223333:role/region-role', Tags: { r: '1' } },
    { ResourceArn: 'arn:aws-cn:iam::111122223333:role/region-role', Tags: { r: '1' } },
    { ResourceArn: 'arn:aws:s3:::region-stated', Region: 'eu-west-1', Tags: { r: '1' } },
    { ResourceArn: 'arn:aws:s3:::region-assumed', Tags: { r: '1' } },
    { ResourceArn: 'arn:aws:ec2:ap-southeast-2:111122223333:instance/i-r', Region: 'eu-west-1', Tags: { r: '1' } },
    { ResourceArn: 'arn:aws:ec2:us-west-2b:111122223333:instance/i-zone', Tags: { r: '1' } },
  ]
  const answer = await call({ Source: 'regions', RunId: 'r1', Offset: 0, Resources: records }, 'us-west-1')
  assert.equal(answer.Counts['Created'], 6)
  const regionOf = async (name: string) =>
    (await exportAll()).filter(({ ResourceArn }) => ResourceArn?.endsWith(name)).map(({ Region }) => Region)
  assert.deepEqual((await regionOf('region-role')).sort(), ['cn-north-1', 'us-east-1'])
  assert.deepEqual(await regionOf('region-stated'), ['eu-west-1'])
  assert.deepEqual(await regionOf('region-assumed'), ['us-west-1'])
  assert.deepEqual(await regionOf('i-r'), ['ap-southeast-2'])
  assert.deepEqual(await regionOf('i-zone'), ['us-west-1'])
  const stated = { ResourceArn: 'arn:aws:s3:::region-assumed', Region: 'eu-central-1', Tags: { r: '1' } }
  assert.deepEqual(await importAll('regions-2', [stated], { DryRun: true }), { Updated: 1 })
  assert.deepEqual(await importAll('regions-2', [stated]), { Updated: 1 })
  assert.deepEqual(await regionOf('region-assumed'), ['eu-central-1'])
  assert.deepEqual(await importAll('regions-2', [stated]), { Unchanged: 1 })
  // Unstated again, it stays where it is; its first source still knows it.
  const unstated = { ResourceArn: 'arn:aws:s3:::region-assumed', Tags: { r: '1' } }
  assert.deepEqual(await importAll('regions-2', [unstated]), { Unchanged: 1 })
  assert.deepEqual(await importAll('regions-2', []), {})
  assert.deepEqual(await regionOf('region-assumed'), ['eu-central-1'])
})

test('an account has no endless number of Regions', async () => {
  const on = await startTestServer()
  try {
    const letters = 'abcdefghijkl'
    const records = Array.from({ length: 140 }, (_, at) => ({
      ResourceArn: `arn:aws:ec2:us-${letters[Math.floor(at / 12)]}${letters[at % 12]}-1:111122223333:instance/i-1`,
    }))
    const answer = await call({ Source: 's', RunId: 'r', Offset: 0, Resources: records }, 'us-east-1', on)
    assert.deepEqual([answer.Counts['Created'], answer.Counts['Rejected']], [128, 12])
    assert.equal(answer.Rejections[0]?.Code, 'TooManyRegions')
  } finally {
    await on.stop()
  }
})

const realStack = 'arn:aws:cloudformation:us-east-1:111122223333:stack/shop/0f0e0d0c-1111-2222-3333-444455556666'
const declaredBucket = {
  Declared: true,
  ResourceType: 'AWS::S3::Bucket',
  Tags: { Env: 'prod', Planned: 'yes' },
  Stack: { StackId: 'shop', LogicalId: 'Assets' },
}

test('what is declared counts once something confirms it, and a stack’s true ARN replaces its name', async () => {
  const on = await startTestServer()
  const find = async (logicalId: string) => (await exportAll(on)).filter(({ Stack }) => Stack?.LogicalId === logicalId)
  try {
    const queue = {
      Declared: true,
      ResourceType: 'AWS::SQS::Queue',
      Tags: { Env: 'prod' },
      Stack: { StackId: 'shop', LogicalId: 'Queue' },
    }
    const template = [declaredBucket, queue]
    assert.deepEqual(await importAll('template', template, { DryRun: true }, on), { Declared: 2 })
    assert.deepEqual(await importAll('template', template, {}, on), { Declared: 2 })
    assert.deepEqual(await importAll('template', template, {}, on), { Unchanged: 2 })
    const [declared] = await find('Assets')
    assert.equal(declared?.Declared, true)
    assert.match(
      declared?.Stack?.StackId ?? '',
      /^arn:aws:cloudformation:us-east-1:123456789012:stack\/shop\/[0-9a-f-]{36}$/,
    )
    const tagged = await on.tagging.send(new GetResourcesCommand({ TagFilters: [{ Key: 'Env' }] }))
    assert.deepEqual(tagged.ResourceTagMappingList, [], 'declared ones have no tags to be found by')

    const live = {
      ResourceArn: 'arn:aws:s3:::shop-assets-1x2y',
      Region: 'us-east-1',
      PhysicalId: 'shop-assets-1x2y',
      Stack: { StackId: realStack, LogicalId: 'Assets' },
    }
    assert.deepEqual(await importAll('stack-resources', [live], { DryRun: true }, on), { Confirmed: 1 })
    assert.deepEqual(await importAll('stack-resources', [live], {}, on), { Confirmed: 1 })
    assert.deepEqual(await find('Assets'), [
      {
        ResourceArn: 'arn:aws:s3:::shop-assets-1x2y',
        ResourceType: 'AWS::S3::Bucket',
        Region: 'us-east-1',
        Tags: { Env: 'prod', Planned: 'yes' },
        PhysicalId: 'shop-assets-1x2y',
        Stack: { StackId: realStack, LogicalId: 'Assets' },
        Sources: ['template', 'stack-resources'],
      },
    ])
    assert.equal((await find('Queue'))[0]?.Stack?.StackId, realStack, 'what the name held goes over')
    const stacks = (await exportAll(on)).filter(({ StackName }) => StackName === 'shop')
    assert.deepEqual(
      stacks.map(({ ResourceArn }) => ResourceArn),
      [realStack],
    )

    assert.deepEqual(await importAll('template', template, { DryRun: true }, on), { Unchanged: 2 })
    assert.deepEqual(await importAll('template', template, {}, on), { Unchanged: 2 })
    assert.deepEqual(await importAll('stack-resources', [live], {}, on), { Unchanged: 1 })
    // A source that tells the tags knows better than what was planned.
    const told = { ...live, Tags: { Env: 'prod', 'aws:cloudformation:stack-name': 'shop' } }
    assert.deepEqual(await importAll('tags', [told], {}, on), { Updated: 1 })
    // A template alone keeps nothing alive; when it is read again, it is declared again.
    assert.deepEqual(await importAll('tags', [], {}, on), {})
    assert.deepEqual(await importAll('stack-resources', [], {}, on), { Gone: 1 })
    assert.deepEqual(await importAll('template', template, {}, on), { Declared: 1, Unchanged: 1 })
    assert.deepEqual(
      (await find('Assets')).map(({ Declared }) => Declared),
      [true],
    )
    // Declared ones that the template drops are gone, too.
    assert.deepEqual(await importAll('template', [queue], { DryRun: true }, on), { Unchanged: 1, Gone: 1 })
    assert.deepEqual(await importAll('template', [queue], {}, on), { Unchanged: 1, Gone: 1 })
  } finally {
    await on.stop()
  }
})

test('CloudFormation’s own tags confirm, and so does a physical id that is known', async () => {
  const on = await startTestServer()
  try {
    const named = { ...declaredBucket, PhysicalId: 'shop-by-name', Stack: { StackId: 'shop', LogicalId: 'Named' } }
    await importAll('other', [{ ResourceArn: 'arn:aws:s3:::shop-by-name', Tags: { Owner: 'o' } }], {}, on)
    await importAll('template', [declaredBucket], {}, on)
    assert.deepEqual(await importAll('template', [declaredBucket, named], {}, on), { Unchanged: 1, Confirmed: 1 })
    assert.deepEqual(await importAll('template', [declaredBucket, named], {}, on), { Unchanged: 2 })
    assert.deepEqual(await tagsOf('arn:aws:s3:::shop-by-name', on), { Owner: 'o' })
    // What was planned once and is no more does not come along.
    const planned = { ...declaredBucket, Stack: { StackId: 'shop', LogicalId: 'Replanned' }, Tags: { Old: '1' } }
    await importAll('other-2', [{ ResourceArn: 'arn:aws:s3:::shop-replanned' }], {}, on)
    await importAll('template-2', [planned], {}, on)
    const replanned = { ...planned, PhysicalId: 'shop-replanned', Tags: { New: '1' } }
    assert.deepEqual(await importAll('template-2', [replanned], {}, on), { Confirmed: 1 })
    assert.deepEqual(await tagsOf('arn:aws:s3:::shop-replanned', on), { New: '1' })
    const tags = {
      'aws:cloudformation:stack-name': 'shop',
      'aws:cloudformation:stack-id': realStack,
      'aws:cloudformation:logical-id': 'Assets',
    }
    const live = { ResourceArn: 'arn:aws:s3:::by-tags', Tags: tags }
    assert.deepEqual(await importAll('live', [live], { DryRun: true }, on), { Confirmed: 1 })
    assert.deepEqual(await importAll('live', [live], {}, on), { Confirmed: 1 })
    assert.deepEqual(await importAll('template', [declaredBucket, named], {}, on), { Unchanged: 2 })
    const all = await exportAll(on)
    assert.ok(all.every(({ Declared }) => !Declared))
    // A name alone, of a stack that nobody knows, makes no stack.
    const unknown = { 'aws:cloudformation:stack-name': 'nobody', 'aws:cloudformation:logical-id': 'L' }
    await importAll('live-2', [{ ResourceArn: 'arn:aws:s3:::by-unknown', Tags: unknown }], {}, on)
    assert.equal((await exportAll(on)).length, all.length + 1)
  } finally {
    await on.stop()
  }
})

test('what AWS Config’s intake was given, no import takes away', async () => {
  const on = await startTestServer()
  try {
    const put = { ResourceType: 'AWS::SQS::Queue', SchemaVersionId: '1', Configuration: '{}', Tags: { From: 'config' } }
    const ResourceArn = 'arn:aws:sqs:us-east-1:123456789012:kept'
    await on.config.send(new PutResourceConfigCommand({ ...put, ResourceId: ResourceArn }))
    assert.deepEqual(await importAll('beside', [{ ResourceArn, Tags: { From: 'import' } }], {}, on), { Updated: 1 })
    for (const more of [{ DryRun: true }, {}]) assert.deepEqual(await importAll('beside', [], more, on), {})
    const [kept] = await exportAll(on)
    assert.deepEqual([kept?.ResourceArn, kept?.Tags, kept?.Sources], [ResourceArn, { From: 'import' }, ['aws-config']])
    await on.config.send(new DeleteResourceConfigCommand({ ResourceType: 'AWS::SQS::Queue', ResourceId: ResourceArn }))
    assert.deepEqual(await exportAll(on), [])
    assert.deepEqual(await importAll('beside', [{ ResourceArn, Tags: { From: 'import' } }], {}, on), { Created: 1 })
    assert.deepEqual(await importAll('beside', [], {}, on), { Gone: 1 })
  } finally {
    await on.stop()
  }
})

test('stack groups hold what is declared, tag groups only what was confirmed', async () => {
  const on = await startTestServer()
  try {
    await importAll('stack', [{ StackId: realStack, StackName: 'shop', StackStatus: 'CREATE_COMPLETE' }], {}, on)
    await importAll('template', [{ ...declaredBucket, Stack: { StackId: realStack, LogicalId: 'Assets' } }], {}, on)
    const group = (Name: string, Type: QueryType, query: object) =>
      on.groups.send(new CreateGroupCommand({ Name, ResourceQuery: { Type, Query: JSON.stringify(query) } }))
    const types = { ResourceTypeFilters: ['AWS::AllSupported'] }
    await group('by-stack', 'CLOUDFORMATION_STACK_1_0', { ...types, StackIdentifier: realStack })
    await group('by-tag', 'TAG_FILTERS_1_0', { ...types, TagFilters: [{ Key: 'Env', Values: ['prod'] }] })
    const members = async (Group: string) => {
      const { Resources = [] } = await on.groups.send(new ListGroupResourcesCommand({ Group }))
      return Resources.map(({ Identifier }) => Identifier?.ResourceArn)
    }
    const declared = 'arn:aws-corral:cloudformation:us-east-1:111122223333:declared/shop/Assets'
    assert.deepEqual([await members('by-stack'), await members('by-tag')], [[declared], []])
    const live = { ResourceArn: 'arn:aws:s3:::shop-assets', Stack: { StackId: realStack, LogicalId: 'Assets' } }
    assert.deepEqual(await importAll('resources', [live], {}, on), { Confirmed: 1 })
    const confirmed = ['arn:aws:s3:::shop-assets']
    assert.deepEqual([await members('by-stack'), await members('by-tag')], [confirmed, confirmed])
    const own = on.accountId
    const groups = (await exportAll(on)).filter(({ ResourceArn }) => ResourceArn?.includes(`:${own}:group/`))
    assert.deepEqual(groups, [], 'Corral’s own groups are not exported')
  } finally {
    await on.stop()
  }
})

test('live before it is declared, a resource is not declared besides', async () => {
  const on = await startTestServer()
  try {
    const live = { ResourceArn: 'arn:aws:s3:::shop-assets', Stack: { StackId: realStack, LogicalId: 'Assets' } }
    await importAll('resources', [live], {}, on)
    const template = [{ ...declaredBucket, Stack: { StackId: realStack, LogicalId: 'Assets' } }]
    assert.deepEqual(await importAll('template', template, { DryRun: true }, on), { Confirmed: 1 })
    assert.deepEqual(await importAll('template', template, {}, on), { Confirmed: 1 })
    assert.deepEqual(await importAll('template', template, {}, on), { Unchanged: 1 })
    assert.equal((await exportAll(on)).filter(({ Declared }) => Declared).length, 0)
  } finally {
    await on.stop()
  }
})

test('stacks have a status and tags; a deleted one is gone', async () => {
  const on = await startTestServer()
  try {
    const stack = { StackId: realStack, StackName: 'shop', StackStatus: 'UPDATE_COMPLETE', Tags: { Team: 'shop' } }
    assert.deepEqual(await importAll('stacks', [stack], {}, on), { Created: 1 })
    assert.deepEqual(await importAll('stacks', [stack], {}, on), { Unchanged: 1 })
    const [found] = await exportAll(on)
    assert.deepEqual([found?.StackStatus, found?.Tags], ['UPDATE_COMPLETE', { Team: 'shop' }])
    const deleted = { ...stack, StackStatus: 'DELETE_COMPLETE' }
    assert.deepEqual(await importAll('stacks', [deleted], { DryRun: true }, on), { Gone: 1 })
    assert.deepEqual(await importAll('stacks', [deleted], {}, on), { Gone: 1 })
    assert.deepEqual(await importAll('stacks', [deleted], {}, on), { Unchanged: 1 })
    assert.deepEqual(await exportAll(on), [])
    // The name is free for another stack; and of two that claim it, the later one has it.
    const next = { ...stack, StackId: realStack.replace('0f0e', 'aaaa') }
    const third = { ...stack, StackId: realStack.replace('0f0e', 'bbbb') }
    assert.deepEqual(await importAll('stacks', [next], {}, on), { Created: 1 })
    for (const more of [{ DryRun: true }, {}])
      assert.deepEqual(await importAll('stacks-2', [third], more, on), { Created: 1, Gone: 1 })
    assert.deepEqual(
      (await exportAll(on)).map(({ ResourceArn }) => ResourceArn),
      [third.StackId],
    )
  } finally {
    await on.stop()
  }
})

test('a process cannot be talked into another account’s or a broken page', async () => {
  const answer = await server.json('corral', 'Corral_20261101.ExportResources', { MaxResults: 1 })
  const { NextToken } = JSON.parse(answer.body) as { NextToken: string }
  for (const input of [
    { NextToken: 'x' },
    { NextToken, Regions: ['us-east-1'] },
    { NextToken: NextToken.slice(1) },
    { MaxResults: 0 },
    { MaxResults: 1001 },
  ]) {
    const { body } = await server.json('corral', 'Corral_20261101.ExportResources', input)
    assert.equal((JSON.parse(body) as { __type: string }).__type, 'ValidationException', JSON.stringify(input))
  }
  const wrong = await server.json('corral', 'Corral_20261101.ExportResources', {}, { secretAccessKey: 'wrong' })
  assert.equal(wrong.status, 400)
  assert.deepEqual(await exportAll(server, { MaxResults: 7 }), await exportAll())
  assert.ok((await exportAll(server, { Regions: ['eu-west-1'] })).every(({ Region }) => Region === 'eu-west-1'))
})

interface CommandResult {
  code: number | null
  stdout: string
  stderr: string
}

/** `corral …` against a server, in the test's folder. */
function corral(args: string[], on: TestServer, shouldKill?: () => boolean, input = ''): Promise<CommandResult> {
  const child = spawn(process.execPath, [path.join(root, 'src/main.ts'), ...args], {
    cwd: folder,
    env: {
      AWS_ACCESS_KEY_ID: on.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: on.credentials.secretAccessKey,
      AWS_ENDPOINT_URL: on.url,
      HOME: folder,
    },
  })
  child.stdin.end(input)
  const watch = setInterval(() => {
    if (shouldKill?.()) child.kill('SIGKILL')
  }, 20)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  return new Promise((resolve) =>
    child.on('close', (code) => {
      clearInterval(watch)
      resolve({ code, stdout, stderr })
    }),
  )
}

/** Sums of a summary's rows over all files. */
function tally(stdout: string): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [, name = '', count] of stdout.matchAll(/^ {2}(\w+) +(\d+)/gm))
    if (Number(count) > 0) sums[name] = (sums[name] ?? 0) + Number(count)
  return sums
}

const lines = (from: number, count: number): string =>
  Array.from(
    { length: count },
    (_, at) =>
      `${JSON.stringify({ ...instance(`f${from + at}`), Tags: [{ Key: 'N', Value: String(at) }], ResourceType: 'AWS::EC2::Instance' })}\n`,
  ).join('')

test('the command imports real files of every kind, and its export changes nothing', async (t: TestContext) => {
  if (!existsSync(data)) return t.skip(`there is no ${data}`)
  const on = await startTestServer()
  try {
    for (const kind of ['terraform-state', 'cloudformation', 'kubernetes', 'aws-exports/tagging-get-resources']) {
      const input = path.join(data, kind)
      const first = await corral(['import', input, '--stack', 'prod'], on)
      assert.ok(first.code === 0 || first.code === 2, first.stderr)
      const counted = tally(first.stdout)
      t.diagnostic(`${kind}: ${JSON.stringify(counted)}`)
      assert.ok((counted['new'] ?? 0) + (counted['declared'] ?? 0) > 10)
      const again = await corral(['import', input, '--stack', 'prod'], on)
      const repeated = tally(again.stdout)
      assert.equal(repeated['new'], undefined)
      assert.equal(repeated['gone'], undefined)
      assert.equal(repeated['rejected'], counted['rejected'])
    }
    const log = changes(on)
    for (const format of ['ndjson', 'csv']) {
      const file = path.join(folder, `everything.${format}`)
      const exported = await corral(['export', '--format', format, '--output', file], on)
      assert.equal(exported.code, 0, exported.stderr)
      assert.equal(statSync(file).mode & 0o777, 0o600)
      const rows = readFileSync(file, 'utf8').trimEnd().split('\n').length - (format === 'csv' ? 1 : 0)
      for (const source of [[], ['--source', 'elsewhere']]) {
        const imported = await corral(['import', file, ...source], on)
        assert.deepEqual([imported.code, tally(imported.stdout)], [0, { unchanged: rows }], imported.stdout)
      }
    }
    assert.deepEqual(changes(on), log)
    // An empty store takes all of it.
    const copy = await startTestServer()
    const file = path.join(folder, 'everything.ndjson')
    const restored = await corral(['import', file], copy)
    assert.equal(restored.code, 0, restored.stdout)
    const bare = (rows: Exported[]) => rows.map((row) => JSON.stringify({ ...row, Sources: [] })).sort()
    assert.deepEqual(bare(await exportAll(copy)), bare(await exportAll(on)))
    await copy.stop()
  } finally {
    await on.stop()
  }
})

test('a dry run of a file counts what the real run then does', async () => {
  const on = await startTestServer()
  try {
    const file = path.join(folder, 'dry.ndjson')
    for (const text of [lines(0, 700), lines(300, 600) + '{"broken\n', lines(500, 500)]) {
      writeFileSync(file, text)
      const log = changes(on)
      const dry = await corral(['import', file, '--dry-run'], on)
      assert.deepEqual(changes(on), log)
      const real = await corral(['import', file], on)
      assert.deepEqual(tally(dry.stdout), tally(real.stdout))
      assert.notEqual(changes(on).length, log.length)
    }
    assert.equal((await exportAll(on)).length, 500)
  } finally {
    await on.stop()
  }
})

test('rejected records go to a file of their own and the exit code says so', async () => {
  const on = await startTestServer()
  try {
    const file = path.join(folder, 'some-bad.ndjson')
    const bad = [
      '{"ResourceArn":"nonsense","ResourceType":"AWS::EC2::Instance"}',
      JSON.stringify({ ...instance('bad'), Tags: [{ Key: 'k'.repeat(200), Value: 'v' }] }),
      'not json',
      '{"ResourceArn":"arn:aws:sns:us-east-1:111122223333:t","Tags":{"k":"\\ud800"}}',
      '{"ResourceArn":"arn:aws:sns:us-east-1:111122223333:fine","PhysicalId":"\\\\ud800"}',
    ]
    writeFileSync(file, lines(0, 300) + bad.join('\n') + '\n' + lines(300, 300))
    const result = await corral(['import', file], on)
    assert.equal(result.code, 2, result.stderr)
    assert.deepEqual(tally(result.stdout), { new: 601, rejected: 4 })
    const rejects = path.join(folder, 'some-bad.ndjson.rejects.ndjson')
    assert.equal(statSync(rejects).mode & 0o777, 0o600)
    const told = readFileSync(rejects, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { reason: string; where: string })
    assert.deepEqual(told.map(({ where }) => where).sort(), ['line 301', 'line 302', 'line 303', 'line 304'])
    assert.equal((await exportAll(on)).length, 601)
  } finally {
    await on.stop()
  }
})

test('a client that was killed goes on where it was, and nothing is lost or doubled', async () => {
  const on = await startTestServer()
  try {
    const file = path.join(folder, 'killed.ndjson')
    writeFileSync(file, lines(0, 30_000))
    const nextOffset = () => {
      const database = new DatabaseSync(path.join(on.dataDir, 'corral.db'), { readOnly: true })
      const row = database.prepare('select content from import_source').get() as { content: Uint8Array } | undefined
      database.close()
      return (
        row && (JSON.parse(Buffer.from(row.content).toString()) as { run?: { nextOffset: number } }).run?.nextOffset
      )
    }
    const killed = await corral(['import', file], on, () => (nextOffset() ?? 0) > 5_000)
    const reached = nextOffset()
    assert.equal(killed.code, null, `not killed in time: ${killed.stdout}`)
    assert.ok(reached !== undefined && reached > 0 && reached < 30_000, String(reached))
    const resumed = await corral(['import', file], on)
    assert.equal(resumed.code, 0, resumed.stderr)
    assert.match(resumed.stdout, /Went on after [1-9]\d* records/)
    assert.deepEqual(tally(resumed.stdout), { new: 30_000 })
    assert.equal((await exportAll(on, { MaxResults: 1000 })).length, 30_000)
    assert.deepEqual(tally((await corral(['import', file], on)).stdout), { unchanged: 30_000 })
  } finally {
    await on.stop()
  }
})

test('a file that cannot be read, or nothing at all, changes nothing', async () => {
  const on = await startTestServer()
  try {
    const good = path.join(folder, 'twice.ndjson')
    writeFileSync(good, lines(0, 3))
    assert.equal((await corral(['import', good], on)).code, 0)
    for (const text of ['', '%PDF-1.7', '{"some":"json"}', lines(0, 2) + 'cut of']) {
      writeFileSync(good, text)
      const result = await corral(['import', good], on)
      assert.equal(result.code, 2, result.stdout + result.stderr)
      assert.equal((await exportAll(on)).length, 3)
    }
    const missing = await corral(['import', path.join(folder, 'no-such-file')], on)
    assert.equal(missing.code, 1)
    assert.match(missing.stderr, /no such file/)
    assert.equal((await corral(['import', '-'], on)).code, 1, 'standard input needs --source')
    assert.equal((await corral(['import', good, '--account', '12'], on)).code, 1)
    const nobody = await corral(['import', good, '--profile', 'nobody'], on)
    assert.match(nobody.stderr, /no access key of the profile nobody/)
  } finally {
    await on.stop()
  }
})

test('a batch that overtakes the one before it on the way is taken all the same, in order', async () => {
  const on = await startTestServer()
  const client = createClient({
    endpoint: on.url,
    region: 'us-east-1',
    credentials: { ...on.credentials, sessionToken: undefined },
  })
  let calls = 0
  const slow: Client = {
    ...client,
    async corral(operation, input) {
      // Not the first one, which begins the run.
      if (++calls % 2 === 0) await sleep(60)
      return client.corral(operation, input)
    },
  }
  async function* items(): AsyncGenerator<ImportItem> {
    for (let at = 0; at < 5_000; at++) {
      // The same resource in each batch: the last one's word must stand.
      const arn = at % 500 === 0 ? arnOf('order') : arnOf(`order-${at}`)
      yield { kind: 'resource', where: `${at}`, resource: { arn, type: 'AWS::EC2::Instance', tags: { at: `${at}` } } }
    }
  }
  try {
    const summary = await runImport({
      client: slow,
      source: 'order',
      runId: 'order',
      account: on.accountId,
      dryRun: false,
      items: items(),
      onReject: ({ reason }) => assert.fail(reason),
      onProgress: () => undefined,
    })
    const { created, updated, repeated, rejected, gone } = summary
    assert.deepEqual([created + updated + repeated, rejected, gone], [5_000, 0, 0])
    assert.ok(calls > 7, `${calls} calls, so that some came too early`)
    assert.deepEqual(await tagsOf(arnOf('order'), on), { at: '4500' })
    assert.equal((await exportAll(on, { MaxResults: 1000 })).length, 4_991)
  } finally {
    client.close()
    await on.stop()
  }
})

test('standard input is read under a name that must be given', async () => {
  const on = await startTestServer()
  try {
    const first = await corral(['import', '-', '--source', 'pipe'], on, undefined, lines(0, 3))
    assert.deepEqual([first.code, tally(first.stdout)], [0, { new: 3 }])
    const second = await corral(['import', '-', '--source', 'pipe'], on, undefined, lines(1, 2))
    assert.deepEqual(tally(second.stdout), { changed: 2, gone: 1 }, second.stdout)
  } finally {
    await on.stop()
  }
})

test('each file of a folder is a source of its own', async () => {
  const on = await startTestServer()
  try {
    const below = path.join(folder, 'tree')
    mkdirSync(path.join(below, 'deep/.hidden'), { recursive: true })
    writeFileSync(path.join(below, 'a.ndjson'), lines(0, 2))
    writeFileSync(path.join(below, 'deep/b.ndjson'), lines(1, 2))
    writeFileSync(path.join(below, 'deep/.hidden/c.ndjson'), lines(50, 2))
    assert.equal((await corral(['import', below], on)).code, 0)
    const sources = (await exportAll(on)).map(({ Sources }) => Sources.join())
    assert.deepEqual(sources, ['tree/a.ndjson', 'tree/a.ndjson,tree/deep/b.ndjson', 'tree/deep/b.ndjson'])
  } finally {
    await on.stop()
  }
})

void test('a declaration that names a group of the account changes nothing of it, now or later', async () => {
  const arn = `arn:aws:resource-groups:us-east-1:${server.accountId}:group/not-imported`
  const query = '{"ResourceTypeFilters":["AWS::AllSupported"],"TagFilters":[{"Key":"stage"}]}'
  await server.groups.send(
    new CreateGroupCommand({
      Name: 'not-imported',
      ResourceQuery: { Type: 'TAG_FILTERS_1_0', Query: query },
      Tags: { owner: 'me' },
    }),
  )
  const group = async () =>
    (await server.tagging.send(new GetResourcesCommand({ ResourceARNList: [arn] }))).ResourceTagMappingList
  const before = await group()
  assert.deepEqual(before?.[0]?.Tags, [{ Key: 'owner', Value: 'me' }])
  const declared = (PhysicalId: string, ResourceType: string) => ({
    Declared: true,
    ResourceType,
    PhysicalId,
    Tags: { owner: 'them', added: 'yes' },
    Stack: { StackId: 'own-group', LogicalId: ResourceType.replaceAll(':', '') },
  })
  const records = [
    declared('not-imported', 'AWS::ResourceGroups::Group'),
    declared(arn, 'AWS::EC2::Instance'),
    declared(arn, 'Acme::Rack::Server'),
  ]
  // The second time they are known; the third time they were gone, and what they named is all that is left of them.
  for (const round of [records, records, [], records, []]) {
    await importAll('declares-a-group', round)
    assert.deepEqual(await group(), before)
  }
})
