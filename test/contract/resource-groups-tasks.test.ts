// The tasks of Resource Groups, step by step on a store of their own: what a step may cost, that a process may end after
// any of them, what the logs say of it, and what happens where the role of a tag-sync task may not tag. The store is
// opened anew before each step where that is the point; every text in it is sealed in one of the two suites.
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { type ChangeRun, changesAfter, withChanges } from '../../src/changes/change-log.ts'
import { type ContentCodec, identityCodec } from '../../src/crypto/content-codec.ts'
import { findByArns, type Resource, type Tags, writeResources } from '../../src/inventory/resources.ts'
import { ensureScope, type Scope } from '../../src/inventory/scope.ts'
import { createInventoryIndex, type InventoryIndex } from '../../src/inventory/terms.ts'
import { createOwnActs } from '../../src/server/own-act.ts'
import { changeSettings } from '../../src/services/resource-groups/account-settings.ts'
import { startConfiguration } from '../../src/services/resource-groups/configuration-status.ts'
import {
  createGroup,
  deleteGroup,
  type Group,
  type GroupWithTags,
} from '../../src/services/resource-groups/group-store.ts'
import { pageGroupings, pendingMembers, releaseMembers } from '../../src/services/resource-groups/grouping.ts'
import { changeMembership } from '../../src/services/resource-groups/membership-change.ts'
import type { ResourceGroupsPorts } from '../../src/services/resource-groups/ports.ts'
import {
  createTagSyncTask,
  deleteTagSyncTask,
  statusOf,
  type TagSyncTask,
  tagSyncTasksOfScope,
} from '../../src/services/resource-groups/tag-sync-store.ts'
import type { TaskParts } from '../../src/services/resource-groups/task-parts.ts'
import { enqueueTask } from '../../src/services/resource-groups/task-queue.ts'
import { type Lane, startTaskRunner, takeSteps, type Turn } from '../../src/services/resource-groups/task-runner.ts'
import { taskLanes } from '../../src/services/resource-groups/tasks.ts'
import type { Decision } from '../../src/services/operation.ts'
import type { Database } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { openSqlite } from '../../src/storage/sqlite.ts'
import { createSealingCodec } from '../support/sealing-codec.ts'

const account = '123456789012'
const startMs = Date.UTC(2026, 10, 24)
const applicationArn = (name: string) => `arn:aws:resource-groups:us-east-1:${account}:group/${name}/${'0'.repeat(26)}`
const queue = (name: string | number) => `arn:aws:sqs:us-east-1:${account}:q-${name}`

class Store {
  readonly file: string
  readonly codec: ContentCodec
  readonly folder = mkdtempSync(path.join(tmpdir(), 'corral-tasks-'))
  database: Database
  index: InventoryIndex
  nowMs = startMs
  failures: string[] = []
  decide = (_roleArn: string): Decision => ({ allowed: true, message: '' })
  turn: Turn = new Map()
  parts: TaskParts
  lanes: Lane[]

  constructor(codec: ContentCodec) {
    this.codec = codec
    this.file = path.join(this.folder, 'store.db')
    ;[this.database, this.index, this.parts, this.lanes] = this.open()
  }

  open(): [Database, InventoryIndex, TaskParts, Lane[]] {
    const database = openSqlite(this.file, { synchronous: 'off' })
    const index = createInventoryIndex(this.codec)
    const clock = () => this.nowMs
    const parts: TaskParts = {
      database,
      index,
      clock,
      perform: createOwnActs({ database, codec: this.codec, clock, newRequestId: () => randomUUID() }),
      mayAsRole: (roleArn) => this.decide(roleArn),
      logFailure: (task, error) => this.failures.push(`${task}: ${(error as Error).message}`),
    }
    return [database, index, parts, taskLanes(parts)]
  }

  /** As if the process had ended and another begun. */
  async reopen(): Promise<void> {
    await this.database.close()
    this.turn = new Map()
    ;[this.database, this.index, this.parts, this.lanes] = this.open()
  }

  async close(): Promise<void> {
    await this.database.close()
    if (this.codec !== identityCodec)
      for (const text of ['arn:aws', 'awsApplication', 'Project', 'shop'])
        assert.ok(!readFileSync(this.file).includes(text), `${text} can be read in the file`)
    rmSync(this.folder, { recursive: true })
    assert.deepEqual(this.failures, [])
  }

  get ports(): ResourceGroupsPorts {
    const { index } = this
    return {
      index,
      pageTokenKey: Buffer.alloc(32),
      maxGroupsPerRegion: 10,
      newUuid: () => randomUUID(),
      randomBytes,
      wakeTasks: () => undefined,
    }
  }

  act<T>(work: (run: ChangeRun) => Promise<T>): Promise<T> {
    const origin = { account, principal: 'test', requestId: randomUUID(), nowMs: this.nowMs }
    return this.database.write((run) => run.savepoint(() => withChanges(run, this.codec, origin, work)))
  }

  put(tagsByName: Record<string, Tags>, region = 'us-east-1'): Promise<void> {
    return this.act(async (run) => {
      const scope = await ensureScope(run, account, region)
      const arns = Object.keys(tagsByName).map(queue)
      const found = new Map((await findByArns(run, this.index, account, arns)).map((found) => [found.arn, found]))
      const writes = Object.entries(tagsByName).map(([name, tags]) => {
        const before = found.get(queue(name))
        const known = before ?? { arn: queue(name), type: 'AWS::SQS::Queue', everTagged: true }
        return { scope, before, after: { ...known, tags, state: 'live' as const } }
      })
      await writeResources(run, this.index, writes, () => undefined)
    })
  }

  find(names: readonly (string | number)[]): Promise<Resource[]> {
    return this.database.read((run) => findByArns(run, this.index, account, names.map(queue)))
  }

  application(name: string): Promise<GroupWithTags & { scope: Scope }> {
    return this.act(async (run) => {
      const scope = await ensureScope(run, account, 'us-east-1')
      const content = {
        name,
        arn: applicationArn(name),
        uniqueId: randomUUID(),
        configuration: [{ Type: 'AWS::ResourceGroups::ApplicationGroup' }],
        applicationId: '0'.repeat(26),
      }
      const created = await createGroup(run, this.index, scope, content, {}, () => undefined)
      assert.ok('group' in created)
      return { ...created, scope }
    })
  }

  sync(group: Group, scope: Scope, tagKey: string, roleArn = 'role'): Promise<TagSyncTask> {
    const arn = `${group.arn}/tag-sync-task/${randomUUID()}`
    const content = { arn, groupArn: group.arn, groupName: group.name, roleArn, problems: {}, moreProblems: false }
    return this.act((run) =>
      createTagSyncTask(run, this.codec, scope, group.id, { ...content, synced: { tagKey, tagValue: 'x' } }),
    )
  }

  step = () => takeSteps(this.parts, this.lanes, this.turn)

  /** How many rounds did something. */
  async settle(afterEach: () => Promise<void> = async () => undefined): Promise<number> {
    for (let rounds = 0; rounds < 1_000; rounds++) {
      if (!(await this.step())) return rounds
      await afterEach()
    }
    return assert.fail('the tasks come to no end')
  }

  tasks = () => this.database.read((run) => tagSyncTasksOfScope(run, this.codec, 1))

  rows<Row>(sql: string): Promise<Row[]> {
    return this.database.read((run) => run.all<Row>(sql))
  }
}

async function newStore(codec: ContentCodec): Promise<Store> {
  const store = new Store(codec)
  await migrate(store.database, 0)
  await store.database.write(async (run) => {
    await run.run(
      'insert into account (id, organization, unit, change_seq, version, created_ms) values (?, null, null, 0, 1, 0)',
      account,
    )
  })
  return store
}

const named = (count: number, tags: Tags, prefix = '') =>
  Object.fromEntries(Array.from({ length: count }, (_, name) => [`${prefix}${name}`, tags]))
const names = (count: number, prefix = '') => Array.from({ length: count }, (_, name) => `${prefix}${name}`)
const isTagged = ({ tags }: Resource) => tags['awsApplication'] !== undefined

for (const [name, codec] of [
  ['readable', identityCodec],
  ['sealed', createSealingCodec()],
] as const)
  describe(`on a ${name} store`, () => {
    test('an application lets go of 430 members, a process for each step', async () => {
      const store = await newStore(codec)
      const { group, resource, scope } = await store.application('shop')
      await store.put(named(430, { awsApplication: group.arn, keep: 'this' }))
      await store.put(named(3, {}, 'pending-'))
      const context = { ports: store.ports, may: () => ({ allowed: true, message: '' }) }
      await store.act(async (run) => {
        await changeMembership({ ...context, run }, 'GROUP', scope, group, names(3, 'pending-').map(queue))
        await releaseMembers(run, store.ports, scope, group)
        await deleteGroup(run, store.index, scope, { group, resource })
      })
      const before = new Map((await store.find([...names(430), ...names(3, 'pending-')])).map((one) => [one.id, one]))
      let left = 430
      const rounds = await store.settle(async () => {
        await store.reopen()
        const tagged = (await store.find(names(430))).filter(isTagged).length
        assert.ok(left - tagged <= 100, `${left - tagged} in one step`)
        left = tagged
      })
      assert.equal(left, 0)
      assert.ok(rounds >= 5 && rounds <= 8, `${rounds} rounds`)
      for (const one of await store.find([...names(430), ...names(3, 'pending-')])) {
        const was = before.get(one.id)
        // Once, neither twice nor never.
        assert.equal(one.version, (was?.version ?? 0) + 1)
        assert.deepEqual({ ...one.tags }, was && isTagged(was) ? { keep: 'this' } : {})
        assert.deepEqual(one.groups ?? [], [])
      }
      assert.deepEqual(await store.rows('select * from task'), [])
      assert.deepEqual(await store.rows('select * from grouping'), [])
      await store.close()
    })

    test('a sweep tags 330 resources, a process for each step, and follows what comes meanwhile', async () => {
      const store = await newStore(codec)
      const { group, scope } = await store.application('shop')
      await store.put(named(330, { Project: 'x' }))
      await store.put(named(20, { Project: 'y' }, 'no-'))
      await store.sync(group, scope, 'Project')
      let round = 0
      await store.settle(async () => {
        await store.reopen()
        // Of what is swept already and what is not yet.
        if (round++ === 1)
          await store.put({ 0: { Project: 'y', awsApplication: group.arn }, 329: {}, late: { Project: 'x' } })
      })
      assert.ok(round >= 4)
      const wanted = new Set([...names(329).slice(1), 'late'].map(queue))
      for (const one of await store.find([...names(330), ...names(20, 'no-'), 'late'])) {
        assert.equal(isTagged(one), wanted.has(one.arn), one.arn)
        if (/q-[12]\d\d$/.test(one.arn)) assert.equal(one.version, 2)
      }
      await store.close()
    })

    test('many changes at once are followed in steps of a hundred', async () => {
      const store = await newStore(codec)
      const { group, scope } = await store.application('shop')
      await store.sync(group, scope, 'Project')
      await store.settle()
      await store.put(named(330, { Project: 'x' }))
      const counts: number[] = []
      await store.settle(async () => {
        await store.reopen()
        counts.push((await store.find(names(330))).filter(isTagged).length)
      })
      assert.deepEqual(counts.slice(0, 3), [100, 200, 300])
      assert.equal(counts.at(-1), 330)
      await store.put(named(330, { Project: 'y', awsApplication: group.arn }))
      await store.settle()
      assert.equal((await store.find(names(330))).filter(isTagged).length, 0)
      // What is done is seen in the log, too, and comes to an end.
      assert.equal(await store.step(), false)
      await store.close()
    })

    test('a member is pending from the call to the step, and what came of it is told for a week', async () => {
      const store = await newStore(codec)
      const { group, scope } = await store.application('shop')
      await store.put(named(2, {}))
      const members = await store.find([0, 1])
      const may = () => ({ allowed: true, message: '' })
      const change = (action: 'GROUP' | 'UNGROUP', arns: string[]) =>
        store.act((run) => changeMembership({ run, ports: store.ports, may }, action, scope, group, arns))
      const pending = () => store.database.read((run) => pendingMembers(run, group.id, members))
      const statuses = () =>
        store.database.read(async (run) => {
          const page = { afterId: 0, nowMs: store.nowMs, limit: 10 }
          const groupings = await pageGroupings(run, codec, account, group.id, page)
          return groupings.map(({ action, status, updatedMs }) => `${action} ${status} ${updatedMs - startMs}`)
        })
      assert.deepEqual(await change('GROUP', [queue(0), queue(1)]), {
        Succeeded: [],
        Failed: [],
        Pending: [{ ResourceArn: queue(0) }, { ResourceArn: queue(1) }],
      })
      assert.equal((await pending()).size, 2)
      assert.deepEqual(await statuses(), ['GROUP IN_PROGRESS 0', 'GROUP IN_PROGRESS 0'])
      store.nowMs += 1_000
      // Changed one's mind before the step: the last word counts.
      await change('UNGROUP', [queue(1)])
      await store.settle()
      assert.equal((await pending()).size, 0)
      assert.deepEqual(await statuses(), ['GROUP SUCCESS 1000', 'UNGROUP SKIPPED 1000'])
      assert.deepEqual(
        (await store.find([0, 1])).filter(isTagged).map(({ arn }) => arn),
        [queue(0)],
      )
      assert.ok((await store.find([0, 1])).every(({ groups = [] }) => groups.length === 0))
      store.nowMs += 8 * 24 * 3_600_000
      assert.deepEqual(await statuses(), [])
      await change('GROUP', [queue(1)])
      await store.settle()
      assert.equal((await store.rows('select * from grouping')).length, 1)
      await store.close()
    })

    test('what is too much for a step is done by the next, and forgotten by several', async () => {
      const store = await newStore(codec)
      const { group, resource, scope } = await store.application('shop')
      await store.put(named(250, {}))
      const may = () => ({ allowed: true, message: '' })
      const arns = names(250).map(queue)
      await store.act((run) => changeMembership({ run, ports: store.ports, may }, 'UNGROUP', scope, group, arns))
      await store.settle(() => store.reopen())
      const statuses = () => store.rows<{ status: string }>('select status from grouping')
      assert.deepEqual(new Set((await statuses()).map(({ status }) => status)), new Set(['SKIPPED']))
      assert.equal((await statuses()).length, 250)
      await store.act(async (run) => {
        await releaseMembers(run, store.ports, scope, group)
        await deleteGroup(run, store.index, scope, { group, resource })
      })
      await store.settle(() => store.reopen())
      assert.deepEqual(await statuses(), [])
      assert.deepEqual(await store.rows('select * from task'), [])
      await store.close()
    })

    test('a resource that changes between call and step fails or is skipped, and stays as it is', async () => {
      const store = await newStore(codec)
      const { group, scope } = await store.application('shop')
      await store.put({ other: {}, full: {}, gone: {}, same: {} })
      const may = () => ({ allowed: true, message: '' })
      const arns = ['other', 'full', 'gone', 'same'].map(queue)
      await store.act((run) => changeMembership({ run, ports: store.ports, may }, 'GROUP', scope, group, arns))
      const many = Object.fromEntries(Array.from({ length: 50 }, (_, key) => [`k${key}`, '']))
      await store.put({ other: { awsApplication: 'bank' }, full: many, same: { awsApplication: group.arn } })
      const [gone] = await store.find(['gone'])
      assert.ok(gone)
      await store.act((run) =>
        writeResources(run, store.index, [{ scope, before: gone, after: { ...gone, state: 'gone' } }], () => undefined),
      )
      await store.settle()
      const groupings = await store.database.read((run) =>
        pageGroupings(run, codec, account, group.id, { afterId: 0, nowMs: store.nowMs, limit: 10 }),
      )
      const outcomes = groupings.map(({ resourceArn, status, failure }) => [resourceArn, status, failure?.code])
      assert.deepEqual(outcomes, [
        [queue('other'), 'FAILED', 'ConflictException'],
        [queue('full'), 'FAILED', 'LimitExceededException'],
        [queue('gone'), 'FAILED', 'ResourceNotFoundException'],
        [queue('same'), 'SKIPPED', undefined],
      ])
      const [other] = await store.find(['other'])
      assert.deepEqual({ ...other?.tags }, { awsApplication: 'bank' })
      await store.close()
    })

    test('who may not tag a resource cannot have a task do it', async () => {
      const store = await newStore(codec)
      const { group, scope } = await store.application('shop')
      await store.put({ in: { awsApplication: group.arn }, out: {} })
      const asked: unknown[] = []
      const may = (check: { action: string; resource: string; context?: () => object }) => {
        asked.push({ ...check, context: check.context?.() })
        return { allowed: false, message: `no ${check.action}` }
      }
      const change = (action: 'GROUP' | 'UNGROUP', name: string) =>
        store.act((run) => changeMembership({ run, ports: store.ports, may }, action, scope, group, [queue(name)]))
      const failed = (name: string, action: string) => ({
        Succeeded: [],
        Failed: [{ ResourceArn: queue(name), ErrorCode: 'AccessDeniedException', ErrorMessage: `no corral:${action}` }],
        Pending: [],
      })
      assert.deepEqual(await change('GROUP', 'out'), failed('out', 'TagResource'))
      assert.deepEqual(await change('UNGROUP', 'in'), failed('in', 'UntagResource'))
      assert.equal(await store.settle(), 0)
      assert.deepEqual(asked[0], {
        action: 'corral:TagResource',
        resource: queue('out'),
        context: { 'aws:RequestTag/awsApplication': group.arn, 'aws:TagKeys': ['awsApplication'] },
      })
      await store.close()
    })

    test('a tag-sync task whose role may not tag says so, and recovers, however many it could not', async () => {
      const store = await newStore(codec)
      const { group, scope } = await store.application('shop')
      await store.put(named(230, { Project: 'x' }))
      store.decide = (roleArn) => ({ allowed: roleArn === 'good', message: `${roleArn} may not` })
      await store.sync(group, scope, 'Project', 'bad')
      await store.settle()
      let [task] = await store.tasks()
      assert.ok(task)
      assert.equal(statusOf(task), 'ERROR')
      assert.equal(Object.keys(task.problems).length, 100)
      assert.match(Object.values(task.problems)[0] ?? '', /q-\d+: bad may not$/)
      assert.equal((await store.find(names(230))).filter(isTagged).length, 0)
      store.decide = () => ({ allowed: true, message: '' })
      // Only those that it remembers are touched; the rest is found by looking at everything again.
      await store.put(named(100, { Project: 'x', touched: '' }))
      await store.settle()
      ;[task] = await store.tasks()
      assert.ok(task)
      assert.equal(statusOf(task), 'ACTIVE')
      assert.equal(task.moreProblems, false)
      assert.equal((await store.find(names(230))).filter(isTagged).length, 230)
      await store.close()
    })

    test('a role that may not untag leaves the tag, and says so', async () => {
      const store = await newStore(codec)
      const { group, scope } = await store.application('shop')
      await store.put({ 1: { Project: 'x' } })
      await store.sync(group, scope, 'Project')
      await store.settle()
      store.decide = () => ({ allowed: false, message: 'not you' })
      await store.put({ 1: { awsApplication: group.arn } })
      await store.settle()
      const [task] = await store.tasks()
      assert.deepEqual(Object.values(task?.problems ?? {}), [`${queue(1)}: not you`])
      assert.equal((await store.find([1])).filter(isTagged).length, 1)
      await store.close()
    })

    test('a task that lags behind does not keep another waiting', async () => {
      const store = await newStore(codec)
      const [shop, bank] = [await store.application('shop'), await store.application('bank')]
      await store.put(named(400, { Project: 'x' }))
      const slow = await store.sync(shop.group, shop.scope, 'Project')
      await store.sync(bank.group, bank.scope, 'Stage')
      await store.settle()
      for (let round = 0; round < 6; round++) await store.put(named(100, { round: String(round) }, 'noise-'))
      await store.settle()
      // As after a sweep that took as long as all that.
      await store.act((run) => run.run('update tag_sync_task set followed_seq = 0 where id = ?', slow.id))
      await store.put({ 'noise-1': { Stage: 'x' } })
      let rounds = 0
      while (!(await store.find(['noise-1'])).some(isTagged)) {
        assert.ok(await store.step())
        rounds++
      }
      assert.ok(rounds <= 3, `${rounds} rounds`)
      assert.ok((await store.settle()) >= 5)
      const seqs = new Set((await store.tasks()).map(({ followedSeq }) => followedSeq))
      assert.equal(seqs.size, 1)
      await store.close()
    })

    test('other Regions are none of its business', async () => {
      const store = await newStore(codec)
      const { group, scope } = await store.application('shop')
      await store.put({ before: { Project: 'x' } }, 'eu-west-1')
      await store.sync(group, scope, 'Project')
      await store.settle()
      await store.put({ after: { Project: 'x' } }, 'eu-west-1')
      await store.settle()
      assert.deepEqual((await store.find(['before', 'after'])).filter(isTagged), [])
      await store.close()
    })

    test('what is set, proposed and begun is in the change log, as is its end', async () => {
      const store = await newStore(codec)
      const { group, scope } = await store.application('shop')
      const task = await store.sync(group, scope, 'Project')
      await store.act(async (run) => {
        await startConfiguration(run, store.ports, group, [{ Type: 'AWS::EC2::CapacityReservationPool' }])
        await changeSettings(run, store.ports, scope, 'ACTIVE')
      })
      await store.settle()
      await store.act((run) => deleteTagSyncTask(run, task))
      await store.act((run) => changeSettings(run, store.ports, scope, 'INACTIVE'))
      const changes = await store.database.read((run) => changesAfter(run, codec, account, 0, 100))
      const told = changes.map(({ kind, objectId, version, before, after, principal }) => {
        assert.equal(objectId, kind === 'account-settings' ? scope.sid : kind === 'tag-sync-task' ? task.id : group.id)
        const states = `${before === null ? 'none' : 'some'} to ${after === null ? 'none' : 'some'}`
        return `${kind} ${version}: ${states} by ${principal === 'test' ? 'caller' : 'service'}`
      })
      assert.deepEqual(told, [
        'resource 1: none to some by caller',
        'group 1: none to some by caller',
        'tag-sync-task 1: none to some by caller',
        'group 2: some to some by caller',
        'account-settings 1: none to some by caller',
        'group 3: some to some by service',
        'account-settings 2: some to some by service',
        'tag-sync-task 2: some to none by caller',
        'account-settings 3: some to some by caller',
      ])
      const [settings] = changes.slice(-1)
      assert.deepEqual(settings?.after, { desired: 'INACTIVE', status: 'INACTIVE' })
      await store.close()
    })

    test('every act of the server is in the change log and in the record of calls, under one request id', async () => {
      const store = await newStore(codec)
      const { group, scope } = await store.application('shop')
      await store.put({ 1: { Project: 'x' }, 2: {} })
      await store.sync(group, scope, 'Project')
      await store.settle()
      // Looking at changes that are none of its business leaves no trace.
      await store.put({ 2: { other: '' } })
      await store.settle()
      const changes = await store.database.read((run) => changesAfter(run, codec, account, 0, 1_000))
      const own = changes.filter(({ principal }) => principal === 'resource-groups.amazonaws.com')
      assert.equal(own.length, 1)
      const calls = await store.rows<{
        request_id: string
        action: string
        outcome: string
        content: Uint8Array
        key_id: number
      }>('select request_id, action, outcome, content, key_id from call')
      assert.equal(calls.length, 1)
      const [call] = calls
      assert.ok(call)
      assert.equal(call.request_id, own[0]?.requestId)
      assert.equal(`${call.action} ${call.outcome}`, 'resource-groups:SyncTags ok')
      const content = JSON.parse(codec.open(account, { bytes: call.content, keyId: call.key_id })) as object
      assert.deepEqual(content, {
        principal: 'resource-groups.amazonaws.com',
        resources: [queue(1)],
        sourceAddress: 'resource-groups.amazonaws.com',
      })
      const seqs = changes.map(({ seq }) => seq)
      assert.deepEqual(
        seqs,
        seqs.map((_, place) => place + 1),
      )
      await store.close()
    })
  })

test('a task that fails is left alone for a while, keeps nobody else waiting, and changes nothing', async () => {
  const store = await newStore(identityCodec)
  // Of a kind that nobody knows, so that its step throws.
  const task = { account, kind: 'nonsense' as 'release', objectId: 7, content: {} }
  await store.act((run) => enqueueTask(run, identityCodec, task))
  await store.put({ 1: {} })
  const { group, scope } = await store.application('shop')
  const may = () => ({ allowed: true, message: '' })
  await store.act((run) => changeMembership({ run, ports: store.ports, may }, 'GROUP', scope, group, [queue(1)]))
  let works = 0
  for (let round = 0; round < 10; round++) if (await store.step()) works++
  assert.equal(works, 1)
  assert.equal((await store.find([1])).filter(isTagged).length, 1)
  assert.equal(store.failures.length, 1)
  assert.match(store.failures[0] ?? '', /^task 1: /)
  store.nowMs += 2_500
  await store.step()
  assert.equal(store.failures.length, 2)
  store.nowMs += 2_500
  await store.step()
  assert.equal(store.failures.length, 2)
  store.failures = []
  await store.close()
})

test('a step that throws in its transaction keeps nothing but the record of that', async () => {
  const store = await newStore(identityCodec)
  const { parts } = store
  const act = { account, principal: 'test', action: 'test:Fail' }
  const failing = parts.perform(act, async (run) => {
    await enqueueTask(run, identityCodec, { account, kind: 'grouping', objectId: 1, content: {} })
    throw new Error('on purpose')
  })
  await assert.rejects(failing, /on purpose/)
  assert.deepEqual(await store.rows('select * from task'), [])
  assert.deepEqual(
    (await store.rows<{ action: string; outcome: string }>('select action, outcome from call')).map((row) => ({
      ...row,
    })),
    [{ action: 'test:Fail', outcome: 'InternalFailure' }],
  )
  await store.close()
})

test('the runner notices what nobody announced, is quiet when there is nothing, and stops at once', async () => {
  const store = await newStore(identityCodec)
  let looks = 0
  const lane: Lane = {
    name: 'counting',
    async after() {
      looks++
      return undefined
    },
  }
  const runner = startTaskRunner(store.parts, [...store.lanes, lane])
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  assert.ok(looks > 1 && looks < 15, `looked ${looks} times`)
  await store.put({ 1: {} })
  const { group, scope } = await store.application('shop')
  const may = () => ({ allowed: true, message: '' })
  await store.act((run) => changeMembership({ run, ports: store.ports, may }, 'GROUP', scope, group, [queue(1)]))
  const endMs = Date.now() + 5_000
  while (!(await store.find([1])).some(isTagged)) {
    assert.ok(Date.now() < endMs, 'nothing was done')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const stopMs = Date.now()
  await runner.stop()
  assert.ok(Date.now() - stopMs < 900)
  const then = looks
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(looks, then)
  await store.close()
})
