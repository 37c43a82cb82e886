// Import's stores and reconciliation on a real database, with readable content and with a codec that really seals, and
// small chunks, so that lists have many: what a caller may not change stays, a dry run counts what the real one does,
// and after any number of imports the index is what the rows say.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { withChanges } from '../../src/changes/change-log.ts'
import { type ContentCodec, identityCodec } from '../../src/crypto/content-codec.ts'
import {
  findAssertions,
  findImportSource,
  forgetSeen,
  importSourceNames,
  putImportSource,
} from '../../src/inventory/import-sources.ts'
import { queryPage } from '../../src/inventory/query.ts'
import { entriesOf, findByArn, findByIds, type MayChangeTags, pageResources } from '../../src/inventory/resources.ts'
import { scopesOf } from '../../src/inventory/scope.ts'
import {
  findStackByArn,
  findStackByName,
  isNamedStackArn,
  namedStackArn,
  stacksPage,
} from '../../src/inventory/stacks.ts'
import { createInventoryIndex, type InventoryIndex, termKinds } from '../../src/inventory/terms.ts'
import { type BatchOutcome, type BatchRecord, reconcile } from '../../src/services/corral/reconcile.ts'
import { readResourceRecord, readStackRecord } from '../../src/services/corral/rules/read-record.ts'
import { findSoleHeld, sweepUnseen } from '../../src/services/corral/sweep.ts'
import type { Database } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { openSqlite } from '../../src/storage/sqlite.ts'
import { createSealingCodec } from '../support/sealing-codec.ts'

const account = '123456789012'
const context = { account, resourceAccount: account, region: 'us-east-1' }
const allow: MayChangeTags = () => undefined

interface Store {
  database: Database
  index: InventoryIndex
  codec: ContentCodec
}

async function withStore(codec: ContentCodec, work: (store: Store) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'corral-import-contract-'))
  const database = openSqlite(path.join(folder, 'store.db'), { synchronous: 'off' })
  try {
    await migrate(database, 0)
    await database.write((run) =>
      run.run('insert into account (id, change_seq, version, created_ms) values (?, 0, 1, 0)', account),
    )
    await work({ database, index: createInventoryIndex(codec, { chunkBits: 4 }), codec })
  } finally {
    await database.close()
    rmSync(folder, { recursive: true })
  }
}

const change = <T>({ database, codec }: Store, work: Parameters<typeof withChanges<T>>[3]): Promise<T> =>
  database.write((run) =>
    run.savepoint(() => withChanges(run, codec, { account, principal: 'test', requestId: 'r', nowMs: 1 }, work)),
  )

type ResourceRecord = Parameters<typeof readResourceRecord>[0]
type StackRecord = Parameters<typeof readStackRecord>[0]

const isStack = (record: ResourceRecord | StackRecord): record is StackRecord => 'StackStatus' in record

const read = (records: readonly (ResourceRecord | StackRecord)[]): BatchRecord[] =>
  records.map((record) => (isStack(record) ? readStackRecord(record, context) : readResourceRecord(record, context)))

interface ImportOptions {
  may?: MayChangeTags
  dryRun?: boolean
  /** Records of one batch. */
  size?: number
}

/** A whole run: batches, then the sweep. Counts by name, those of 0 left out. */
async function importAll(
  store: Store,
  name: string,
  records: readonly (ResourceRecord | StackRecord)[],
  { may = allow, dryRun = false, size = 1000 }: ImportOptions = {},
): Promise<Record<string, number>> {
  const { index } = store
  const counts: Record<string, number> = {}
  const add = (more: object) => {
    for (const [key, count] of Object.entries(more)) counts[key] = (counts[key] ?? 0) + (count as number)
  }
  const source = await change(store, async (run) => {
    const known = await findImportSource(run, index, account, name)
    if (known || dryRun) return known ?? { id: 0, name }
    return putImportSource(run, index, undefined, { name })
  })
  const seen = new Set<number>()
  if (!dryRun) await change(store, async (run) => forgetSeen(run, index, await scopesOf(run, account), name))
  for (let from = 0; from < records.length; from += size) {
    const batch = read(records.slice(from, from + size))
    const outcome = await change(store, (run): Promise<BatchOutcome> =>
      reconcile({ run, index, account, source, mayChangeTags: may, dryRun }, batch),
    )
    add(outcome.counts)
    for (const id of outcome.seen) seen.add(id)
  }
  let from: Parameters<typeof sweepUnseen>[1]['from'] | undefined = { state: 'live' }
  while (from) {
    const position = from
    from = await change(store, async (run) => {
      const sweep = { index, account, scopes: await scopesOf(run, account), source, from: position }
      if (!dryRun) {
        const { gone, next } = await sweepUnseen(run, sweep)
        add({ gone })
        return next
      }
      const { ids, next } = await findSoleHeld(run, sweep)
      add({ gone: ids.filter((id) => !seen.has(id)).length })
      return next
    })
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

const changeCount = async ({ database }: Store): Promise<number> =>
  database.read(
    async (run) =>
      (await run.get<{ n: number }>("select count(*) as n from change where kind <> 'import-source'"))?.n ?? 0,
  )

/** Every list that a resource's row or a source's word puts it into has it, and no other has. */
async function checkIndex({ database, index }: Store): Promise<void> {
  await database.read(async (run) => {
    const rows = await run.all<{ id: number }>('select id from resource order by id')
    const resources = await findByIds(
      run,
      index,
      rows.map(({ id }) => id),
    )
    const expected = new Map<string, number[]>()
    for (const resource of resources)
      for (const { kind, key } of entriesOf(resource)) {
        const name = JSON.stringify([kind, key])
        const list = expected.get(name) ?? []
        if (list.at(-1) !== resource.id) list.push(resource.id)
        expected.set(name, list)
      }
    const scopes = await scopesOf(run, account)
    for (const [name, ids] of expected) {
      const [kind, key] = JSON.parse(name) as [(typeof termKinds)['tag'], string]
      const found = await queryPage(run, index, {
        scopes,
        expression: { has: { kind, key } },
        limit: 1e6,
        workCap: 1e9,
      })
      assert.deepEqual(found.ids, ids, name)
    }
    const assertions = await findAssertions(
      run,
      index,
      account,
      rows.map(({ id }) => id),
    )
    const sourceIds = [...assertions.values()].flatMap((bySource) => [...bySource.keys()])
    for (const [id, name] of await importSourceNames(run, index, account, sourceIds)) {
      const expression = { has: { kind: termKinds.source, key: name } }
      const found = await queryPage(run, index, { scopes, expression, limit: 1e6, workCap: 1e9 })
      const isThere = (resourceId: number) => resources.some((one) => one.id === resourceId && one.state !== 'gone')
      const told = [...assertions].filter(([, bySource]) => bySource.has(id)).map(([resourceId]) => resourceId)
      assert.deepEqual(
        found.ids.filter((one) => isThere(one) && told.includes(one)),
        told.filter(isThere).sort((one, other) => one - other),
        `what ${name} knows`,
      )
    }
  })
}

const instance = (id: string | number, tags?: Record<string, string>): ResourceRecord => ({
  ResourceArn: `arn:aws:ec2:us-east-1:111122223333:instance/i-${id}`,
  ...(tags && { Tags: tags }),
})

for (const [name, codec] of [
  ['readable', identityCodec],
  ['sealed', createSealingCodec()],
] as const) {
  test(`${name}: what a caller may not tag is told, left as it was, and not taken to be gone`, () =>
    withStore(codec, async (store) => {
      const { database, index } = store
      await importAll(store, 's', [instance(1, { a: '1' }), instance(2, { a: '1' }), instance(3, { a: '1' })])
      const asked: string[] = []
      const may: MayChangeTags = ({ resource, set, removed }) => {
        asked.push(`${resource.arn.at(-1)} ${JSON.stringify(set)} ${removed.join()}`)
        return /[24]$/.test(resource.arn) ? 'not you' : undefined
      }
      const next = [
        instance(1, { b: '2' }),
        instance(2, { b: '2' }),
        instance(3, { a: '1' }),
        instance(4, { c: '1' }),
        instance(5),
      ]
      const expected = { created: 1, updated: 1, unchanged: 1, rejected: 2 }
      assert.deepEqual(await importAll(store, 's', next, { may, dryRun: true }), expected)
      assert.deepEqual(await importAll(store, 's', next, { may }), expected)
      const question = ['1 {"b":"2"} a', '2 {"b":"2"} a', '4 {"c":"1"} ']
      assert.deepEqual(asked.sort(), [...question, ...question].sort())
      await database.read(async (run) => {
        const two = await findByArn(run, index, account, next[1]?.ResourceArn ?? '')
        assert.deepEqual({ ...two?.tags }, { a: '1' })
        assert.equal(await findByArn(run, index, account, next[3]?.ResourceArn ?? ''), undefined)
      })
      // What was denied was not noted as said either: allowed, it is news.
      assert.deepEqual(await importAll(store, 's', next), { created: 1, updated: 1, unchanged: 3 })
      await checkIndex(store)
    }))

  test(`${name}: a denial keeps what was declared, and a resource in its Region`, () =>
    withStore(codec, async (store) => {
      const { database, index } = store
      const declared = {
        Declared: true,
        ResourceType: 'AWS::S3::Bucket',
        Tags: { p: '1' },
        Stack: { StackId: 'st', LogicalId: 'B' },
      }
      const live = { ResourceArn: 'arn:aws:s3:::b', Tags: { t: '1' }, Stack: { StackId: 'st', LogicalId: 'B' } }
      const deny: MayChangeTags = () => 'no'
      assert.deepEqual(await importAll(store, 't', [declared]), { declared: 1 })
      for (const dryRun of [true, false])
        assert.deepEqual(await importAll(store, 'l', [live], { may: deny, dryRun }), { rejected: 1 })
      assert.deepEqual(await importAll(store, 't', [declared]), { unchanged: 1 })
      assert.deepEqual(await importAll(store, 'l', [live]), { confirmed: 1 })
      const moved = { ...live, Region: 'eu-west-1' }
      for (const dryRun of [true, false])
        assert.deepEqual(await importAll(store, 'l', [moved], { may: deny, dryRun }), { rejected: 1 })
      const regionsOf = () =>
        database.read(async (run) => {
          const regions: string[] = []
          for (const scope of await scopesOf(run, account)) {
            const expression = { has: { kind: termKinds.type, key: 'AWS::S3::Bucket' } }
            const { resources } = await pageResources(run, index, { scopes: [scope], expression, limit: 10 })
            for (const { state } of resources) if (state === 'live') regions.push(scope.region)
          }
          return regions
        })
      assert.deepEqual(await regionsOf(), ['us-east-1'])
      for (const dryRun of [true, false])
        assert.deepEqual(await importAll(store, 'l', [moved], { dryRun }), { updated: 1 })
      assert.deepEqual(await regionsOf(), ['eu-west-1'])
      assert.deepEqual(await importAll(store, 'l', [moved]), { unchanged: 1 })
      await checkIndex(store)
    }))

  test(`${name}: stacks are found by ARN and by name, and a name means one stack`, () =>
    withStore(codec, async (store) => {
      const { database, index } = store
      const named = { StackId: 'shop', StackName: 'shop', StackStatus: 'CREATE_COMPLETE' }
      const arn = `arn:aws:cloudformation:us-east-1:${account}:stack/shop/11111111-2222-3333-4444-555555555555`
      await importAll(store, 'a', [named])
      const address = { partition: 'aws', region: 'us-east-1', account, name: 'shop' }
      const made = namedStackArn(address)
      assert.equal(made, `arn:aws:cloudformation:us-east-1:${account}:stack/shop/${made.slice(-36)}`)
      assert.match(made.slice(-36), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.ok(isNamedStackArn(made) && !isNamedStackArn(arn))
      const look = () =>
        database.read(async (run) => {
          const [scope] = await scopesOf(run, account)
          assert.ok(scope)
          return {
            byName: (await findStackByName(run, index, scope, address))?.arn,
            named: (await findStackByArn(run, index, scope, made))?.status,
            real: (await findStackByArn(run, index, scope, arn))?.status,
            all: (await stacksPage(run, index, { scope, limit: 10 })).map((stack) => stack.arn),
          }
        })
      assert.deepEqual(await look(), { byName: made, named: 'CREATE_COMPLETE', real: undefined, all: [made] })
      await importAll(store, 'b', [{ ...named, StackId: arn, StackStatus: 'UPDATE_COMPLETE' }])
      const after = { byName: arn, named: 'DELETE_COMPLETE', real: 'UPDATE_COMPLETE', all: [arn] }
      assert.deepEqual(await look(), after)
      // The bare name means the real one from now on.
      assert.deepEqual(await importAll(store, 'a', [{ ...named, StackStatus: 'UPDATE_COMPLETE' }]), { unchanged: 1 })
      assert.deepEqual(await look(), after)
      await importAll(store, 'b', [{ ...named, StackId: arn, StackStatus: 'DELETE_COMPLETE' }])
      assert.deepEqual(await look(), { byName: undefined, named: 'DELETE_COMPLETE', real: 'DELETE_COMPLETE', all: [] })
      await checkIndex(store)
    }))

  test(`${name}: a stack that cannot be renamed within a batch's work is left as it is, and told`, () =>
    withStore(codec, async (store) => {
      const member = (id: number): ResourceRecord => ({
        Declared: true,
        ResourceType: 'AWS::SQS::Queue',
        Stack: { StackId: `st${id % 6}`, LogicalId: `L${id}` },
      })
      const records = Array.from({ length: 6000 }, (_, id) => member(id))
      assert.deepEqual(await importAll(store, 't', records), { declared: 6000 })
      const stacks = Array.from({ length: 6 }, (_, id) => ({
        StackId: `arn:aws:cloudformation:us-east-1:${account}:stack/st${id}/1`,
        StackName: `st${id}`,
        StackStatus: 'CREATE_COMPLETE',
      }))
      for (const dryRun of [true, false])
        assert.deepEqual(await importAll(store, 's', stacks, { dryRun }), { created: 5, rejected: 1 })
      assert.deepEqual(await importAll(store, 's', stacks), { created: 1, unchanged: 5 })
      assert.deepEqual(await importAll(store, 't', records), { unchanged: 6000 })
    }))

  test(`${name}: random imports of several sources, each dry first, repeat without change`, () =>
    withStore(codec, async (store) => {
      let seed = 20261124
      const random = (below: number) => {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
        return Math.floor((seed / 0x80000000) * below)
      }
      const tags = () => Object.fromEntries(Array.from({ length: random(4) }, () => [`k${random(5)}`, `v${random(3)}`]))
      const stackArns = [
        'st',
        `arn:aws:cloudformation:us-east-1:${account}:stack/st/11111111-2222-3333-4444-555555555555`,
      ]
      const records = (): (ResourceRecord | StackRecord)[] => {
        const made = new Map<string, ResourceRecord | StackRecord>()
        const [stackId = ''] = stackArns.slice(random(2))
        for (let left = random(30); left > 0; left--) {
          const id = random(25)
          const Stack = { StackId: stackId, LogicalId: `L${id}` }
          const Tags = random(4) > 0 ? { Tags: tags() } : {}
          if (id < 8) made.set(`d${id}`, { Declared: true, ResourceType: 'AWS::S3::Bucket', ...Tags, Stack })
          else if (id < 16)
            made.set(`l${id}`, { ...instance(id), ...Tags, Stack: { ...Stack, LogicalId: `L${id - 8}` } })
          else if (id < 24) made.set(`i${id}`, { ...instance(id), ...Tags })
          else made.set('s', { StackId: stackId, StackName: 'st', StackStatus: 'CREATE_COMPLETE', ...Tags })
        }
        return [...made.values()]
      }
      const seenCounts = new Set<string>()
      for (let round = 0; round < 80; round++) {
        const source = `source-${random(3)}`
        const all = records()
        const before = await changeCount(store)
        const dry = await importAll(store, source, all, { dryRun: true })
        assert.equal(await changeCount(store), before, 'a dry run changes nothing')
        const real = await importAll(store, source, all)
        assert.deepEqual(dry, real, `round ${round}`)
        for (const effect of Object.keys(real)) seenCounts.add(effect)
        const after = await changeCount(store)
        const again = await importAll(store, source, all, { size: 3 })
        const { unchanged = 0, repeated = 0, ...others } = again
        assert.deepEqual([others, unchanged + repeated], [{}, all.length], `round ${round}`)
        assert.equal(await changeCount(store), after, 'the same again changes nothing')
        if (round % 10 === 0) await checkIndex(store)
      }
      await checkIndex(store)
      for (const effect of ['created', 'updated', 'unchanged', 'declared', 'confirmed', 'gone'])
        assert.ok(seenCounts.has(effect), effect)
      for (const source of ['source-0', 'source-1', 'source-2']) await importAll(store, source, [])
      await store.database.read(async (run) => {
        const left = await run.get<{ n: number }>('select count(*) as n from resource where state <> 3')
        assert.equal(left?.n, 0, 'nothing is left once no source says anything')
      })
    }))
}
