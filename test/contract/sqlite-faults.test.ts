// The embedded engine when the disk fails, when many read at length, and when it is closed under its callers.
import assert from 'node:assert/strict'
import fs, { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

// A flush fails by the system call's own answer, which nothing but the system can give otherwise.
const { fdatasync } = fs
let failures = 0
fs.fdatasync = ((descriptor: number, callback: (error: NodeJS.ErrnoException | null) => void) => {
  if (failures === 0) return fdatasync(descriptor, callback)
  failures--
  setImmediate(callback, Object.assign(new Error('EIO'), { code: 'EIO' }))
  return undefined
}) as typeof fs.fdatasync
syncBuiltinESMExports()
const { openSqlite } = await import('../../src/storage/sqlite.ts')

const folder = mkdtempSync(path.join(tmpdir(), 'corral-faults-'))
after(() => rmSync(folder, { recursive: true }))

async function open(name: string) {
  const file = path.join(folder, name)
  const database = openSqlite(file)
  await database.write((run) => run.run('create table t (a integer)'))
  return { file, database }
}

test('after a failed flush nothing is acknowledged before the log has been emptied', async () => {
  const { file, database } = await open('flush.db')
  let end = () => {}
  // Its snapshot keeps the log from being emptied.
  const reading = database.read(
    async (run) => {
      await run.all('select * from t')
      await new Promise<void>((resolve) => (end = resolve))
    },
    { long: true },
  )
  await sleep(10)
  failures = 1
  await assert.rejects(database.write((run) => run.run('insert into t values (1)')))
  await assert.rejects(database.write((run) => run.run('insert into t values (2)')))
  end()
  await reading
  await database.write((run) => run.run('insert into t values (3)'))
  // What a power cut would leave of a log that cannot be relied on: the database file alone, and what came since.
  copyFileSync(file, `${file}.copy`)
  const copy = new DatabaseSync(`${file}.copy`)
  assert.deepEqual(
    copy
      .prepare('select a from t order by a')
      .all()
      .map(({ a }) => a),
    [1, 2, 3],
  )
  copy.close()
  await database.close()
})

test('long reads at the same time share a few connections', async () => {
  const { database } = await open('long.db')
  const descriptors = () => readdirSync('/proc/self/fd').length
  const before = descriptors()
  let now = 0
  let most = 0
  const read = () =>
    database.read(
      async (run) => {
        await run.all('select * from t')
        most = Math.max(most, ++now)
        await sleep(5)
        now--
      },
      { long: true },
    )
  await Promise.all(Array.from({ length: 100 }, read))
  assert.equal(most, 4)
  assert.ok(descriptors() - before <= 20)
  await database.close()
})

test('what comes after the end is refused', async () => {
  const { database } = await open('closed.db')
  let end = () => {}
  const reading = database.read(async (run) => {
    await run.all('select * from t')
    await new Promise<void>((resolve) => (end = resolve))
  })
  const closing = database.close()
  await assert.rejects(
    database.write((run) => run.run('insert into t values (1)')),
    { name: 'StorageError' },
  )
  await assert.rejects(
    database.read((run) => run.all('select * from t')),
    { name: 'StorageError' },
  )
  end()
  await reading
  await closing
})
