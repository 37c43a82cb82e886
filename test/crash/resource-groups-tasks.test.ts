// A real process, killed in the midst of its tasks over and over: whatever was begun ends as if nothing had happened.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateGroupCommand, DeleteGroupCommand, StartTagSyncTaskCommand } from '@aws-sdk/client-resource-groups'
import { changesAfter, type LoggedChange } from '../../src/changes/change-log.ts'
import { identityCodec } from '../../src/crypto/content-codec.ts'
import { pageResources, type Resource, type Tags, writeResources } from '../../src/inventory/resources.ts'
import { ensureScope } from '../../src/inventory/scope.ts'
import { liveEntry } from '../../src/inventory/terms.ts'
import { startTestServer } from '../support/running-server.ts'
import { inStoppedStore } from '../support/stopped-store.ts'

const account = '123456789012'
const region = 'us-east-1'
const count = 1_600
const queue = (name: string | number) => `arn:aws:sqs:${region}:${account}:q-${name}`

async function startProcess(dataDir: string): Promise<ChildProcess> {
  const main = path.join(import.meta.dirname, '..', '..', 'src', 'main.ts')
  const options = ['serve', '--port', '0', '--data-dir', dataDir, '--log-level', 'silent']
  const child = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

test('an application that lets go of some and takes in others survives kill -9', { timeout: 120_000 }, async () => {
  const first = await startTestServer()
  const { dataDir } = first
  try {
    const application = [{ Type: 'AWS::ResourceGroups::ApplicationGroup' }]
    const create = async (Name: string) =>
      (await first.groups.send(new CreateGroupCommand({ Name, Configuration: application }))).Group?.GroupArn ?? ''
    const [shop, bank] = [await create('shop'), await create('bank')]
    await first.stop({ keepData: true })
    await inStoppedStore(dataDir, account, async (run, index) => {
      const scope = await ensureScope(run, account, region)
      const writes = Array.from({ length: count }, (_, name) => {
        const tags: Tags = name % 2 === 0 ? { awsApplication: shop } : { Project: 'blue' }
        const after = { arn: queue(name), type: 'AWS::SQS::Queue', tags, everTagged: true, state: 'live' as const }
        return { scope, before: undefined, after }
      })
      await writeResources(run, index, writes, () => undefined)
    })
    const second = await startTestServer({ dataDir })
    const roleArn = `arn:aws:iam::${account}:role/sync`
    const sync = { RoleArn: roleArn, TagKey: 'Project', TagValue: 'blue' }
    await second.groups.send(new DeleteGroupCommand({ Group: shop }))
    await second.groups.send(new StartTagSyncTaskCommand({ Group: bank, ...sync }))
    await second.stop({ keepData: true })

    const read = () =>
      inStoppedStore(dataDir, account, async (run, index) => {
        const scope = await ensureScope(run, account, region)
        const { resources } = await pageResources(run, index, {
          scopes: [scope],
          expression: { has: liveEntry },
          limit: count + 10,
        })
        const changes: LoggedChange[] = []
        for (let page: LoggedChange[] = []; ; changes.push(...page)) {
          page = await changesAfter(run, identityCodec, account, changes.at(-1)?.seq ?? 0, 500)
          if (page.length === 0) break
        }
        const tasks = await run.all('select id from task')
        return { queues: resources.filter(({ arn }) => arn.startsWith(queue(''))), changes, tasks }
      })
    const isRight = ({ arn, tags }: Resource) =>
      Number(arn.slice(queue('').length)) % 2 === 0
        ? Object.keys(tags).length === 0
        : tags['awsApplication'] === bank && tags['Project'] === 'blue'

    let kills = 0
    let before = -1
    for (; kills < 60; kills++) {
      const { queues } = await read()
      const right = queues.filter(isRight).length
      assert.ok(right >= before, `${right} after ${before}`)
      before = right
      if (right === count) break
      const child = await startProcess(dataDir)
      // Ever later, since a busy machine takes long to get to the first step.
      await sleep(20 + 15 * kills)
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const { queues, changes, tasks } = await read()
    assert.equal(queues.length, count)
    assert.deepEqual(
      queues.filter((one) => !isRight(one)),
      [],
    )
    // Put in once and changed once: no step was done twice.
    assert.deepEqual(
      queues.filter(({ version }) => version !== 2),
      [],
    )
    assert.deepEqual(tasks, [])
    assert.deepEqual(
      changes.map(({ seq }) => seq),
      changes.map((_, place) => place + 1),
    )
    assert.ok(kills > 1, `killed ${kills} times`)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})
