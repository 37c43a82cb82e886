// A disk with no room left, made by the limit on file size that an operating system sets a process: writes fail, the
// server says so and lives, and nothing that was acknowledged is lost.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { callJson, knownIds, type Put, putResources } from '../support/put-resources.ts'
import { assertWellFormed } from '../support/refusals.ts'
import { killStarted, serveCorral } from '../support/server-process.ts'
import { checkStore } from './check-store.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'corral-full-'))
after(() => {
  killStarted()
  rmSync(folder, { recursive: true })
})
const limited = ['bash', '-c', 'ulimit -f 1500 && exec "$@"', 'bash']
const skip =
  spawnSync(limited[0] ?? '', [...limited.slice(1), 'true']).status === 0
    ? false
    : 'there is no bash, or no limit to set'

void test('a full disk', { skip }, async () => {
  const dataDir = path.join(folder, 'data')
  const server = await serveCorral(dataDir, ['--log-level', 'silent'], { wrapper: limited })
  const puts: Put[] = []
  const failed = () => puts.filter(({ answer }) => answer?.status !== 200)
  for (let batch = 0; batch < 40 && failed().length < 100; batch++) {
    const ids = Array.from({ length: 25 }, (_, number) => `i-full-${batch}-${number}`)
    puts.push(...(await putResources(server, ids, { connections: 5, configurationBytes: 20_000 })))
  }
  assert.ok(failed().length >= 100, 'the disk became full')
  for (const { answer } of failed()) {
    assert.ok(answer, 'every call was answered')
    assert.equal(answer.status, 500, answer.body)
    assertWellFormed(answer)
    assert.doesNotMatch(answer.body, /disk|full|I\/O|too large/i)
  }
  // Nothing is answered that cannot be put on record, reads included; to answer at all is to be alive.
  const operation = 'ResourceGroupsTaggingAPI_20170126.GetResources'
  const read = await callJson(server, 'tagging', operation, {})
  assert.ok(read)
  const { code } = await server.stop()
  assert.equal(code, 0)

  const again = await serveCorral(dataDir)
  const known = await knownIds(again)
  const acknowledged = puts.filter(({ answer }) => answer?.status === 200)
  assert.ok(acknowledged.length > 0)
  for (const { id } of acknowledged) assert.ok(known.has(id), `${id} was acknowledged and is not there`)
  const [fresh] = await putResources(again, ['i-after'], { connections: 1 })
  assert.equal(fresh?.answer?.status, 200)
  await again.stop()
  checkStore(
    dataDir,
    acknowledged.map(({ answer }) => String(answer?.headers['x-amzn-requestid'])),
  )
})
