// The checkpointer when its thread fails, as on a full disk: the next write has another one, and the server still stops.
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, test } from 'node:test'
import { startCheckpointer } from '../../src/storage/checkpointer.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'corral-checkpointer-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Longer than a checkpointer waits before it begins, and its thread takes to start. */
const aWhileMs = 1_200

/** Open, with so many MiB that are in the log alone. */
function openStore(file: string, mebibytes: number): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table t (content blob)')
  const insert = database.prepare('insert into t values (?)')
  for (let written = 0; written < mebibytes; written++) insert.run(Buffer.alloc(1024 * 1024, written + 1))
  return database
}

void test('a thread that died is replaced at the next write', async () => {
  const file = path.join(folder, 'replaced.db')
  writeFileSync(file, 'no database at all, and long enough to be taken for one'.repeat(100))
  const checkpointer = startCheckpointer(file, () => assert.fail('there is nothing to finish'))
  checkpointer.wrote()
  await sleep(aWhileMs)
  const made = path.join(folder, 'made.db')
  const database = openStore(made, 2)
  for (const suffix of ['', '-wal']) copyFileSync(made + suffix, file + suffix)
  database.close()
  const sizeBefore = statSync(file).size
  checkpointer.wrote()
  await sleep(aWhileMs)
  assert.ok(statSync(file).size >= sizeBefore + 2 * 1024 * 1024, 'the log was moved into the file')
  await checkpointer.stop()
})

void test('stopping does not wait for a thread that died', async () => {
  const file = path.join(folder, 'dead.db')
  writeFileSync(file, 'no database at all, and long enough to be taken for one'.repeat(100))
  const checkpointer = startCheckpointer(file, () => assert.fail('there is nothing to finish'))
  checkpointer.wrote()
  await sleep(aWhileMs)
  const stopped = await Promise.race([checkpointer.stop().then(() => true), sleep(500, false)])
  assert.ok(stopped)
})

void test('a checkpoint that fails on the main thread is no reason to crash', async () => {
  const file = path.join(folder, 'finish.db')
  const database = openStore(file, 20)
  let tries = 0
  const checkpointer = startCheckpointer(file, () => {
    tries++
    throw new Error('database or disk is full')
  })
  checkpointer.wrote()
  await sleep(aWhileMs)
  await checkpointer.stop()
  database.close()
  assert.ok(tries > 0)
})
