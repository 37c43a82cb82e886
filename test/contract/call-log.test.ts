// The log of calls that change nothing: what happens to records whose transaction fails, which is none of their doing.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { type CallRecord, createCallLog } from '../../src/audit/call-log.ts'
import { identityCodec } from '../../src/crypto/content-codec.ts'
import type { Database } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { openSqlite } from '../../src/storage/sqlite.ts'

async function openStore(t: TestContext): Promise<Database> {
  const folder = mkdtempSync(path.join(tmpdir(), 'corral-test-'))
  const database = openSqlite(path.join(folder, 'corral.db'))
  await migrate(database, 0)
  t.after(async () => {
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return database
}

const call = (requestId: string): CallRecord => ({
  timeMs: 0,
  requestId,
  action: 'sts:GetCallerIdentity',
  outcome: 'ok',
  account: '123456789012',
  principal: 'arn:aws:iam::123456789012:root',
  resources: [],
  region: 'us-east-1',
  sourceAddress: '127.0.0.1',
})

const recorded = (database: Database) =>
  database.read((run) => run.all<{ id: string }>('select request_id as id from call order by id'))

void test('a batch that fails before its records are written fails them, and none after them', async (t) => {
  const database = await openStore(t)
  const log = createCallLog(database, identityCodec)
  const failing = database.write(() => Promise.reject(new Error('no space')))
  const lost = [log.record(call('one')), log.record(call('two'))]
  await assert.rejects(failing, /no space/)
  for (const record of lost) await assert.rejects(record, /no space/)
  assert.deepEqual(await recorded(database), [])
  await log.record(call('three'))
  assert.deepEqual(
    (await recorded(database)).map(({ id }) => id),
    ['three'],
    'what was answered with an error is not recorded later',
  )
})

void test('a batch that fails after its records were written takes them back, and the next are kept', async (t) => {
  const database = await openStore(t)
  const log = createCallLog(database, identityCodec)
  const lost = log.record(call('one'))
  const failing = database.write(() => Promise.reject(new Error('no space')))
  await assert.rejects(lost, /no space/)
  await assert.rejects(failing, /no space/)
  await log.record(call('two'))
  assert.deepEqual(
    (await recorded(database)).map(({ id }) => id),
    ['two'],
  )
})

void test('records of one turn are all written, however many', async (t) => {
  const database = await openStore(t)
  const log = createCallLog(database, identityCodec)
  const ids = Array.from({ length: 37 }, (_, index) => `call-${index}`)
  await Promise.all(ids.map((id) => log.record(call(id))))
  assert.deepEqual((await recorded(database)).map(({ id }) => id).sort(), [...ids].sort())
})
