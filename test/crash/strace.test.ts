// The order of system calls: no answer to a change leaves before the log that holds the change has been flushed. Seen by
// strace from outside; the same eyes must see the opposite in a server that does not flush.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { knownIds, putResources } from '../support/put-resources.ts'
import { killStarted, serveCorral } from '../support/server-process.ts'
import { checkStore } from './check-store.ts'
import { type FlushReport, readFlushes } from './flushes.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'corral-strace-'))
after(() => {
  killStarted()
  rmSync(folder, { recursive: true })
})
const isTraceable = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
const skip = isTraceable ? false : 'strace is missing or not permitted'
const script = path.join(import.meta.dirname, '..', 'support', 'serve.ts')
const sequential = 50
const concurrent = 100

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, number) => `i-${prefix}${number}`)

async function tracedRun(name: string, args: readonly string[]): Promise<FlushReport> {
  const trace = path.join(folder, `${name}.trace`)
  // With the tracer out of the way (-D), signals reach the server.
  const wrapper = ['strace', '-D', '-f', '-y', '-qq', '-s', '4200', '-o', trace]
  const calls = 'trace=pwrite64,write,writev,sendto,sendmsg,fdatasync,fsync'
  const server = await serveCorral(path.join(folder, name), args, { script, wrapper: [...wrapper, '-e', calls] })
  const puts = await putResources(server, ids('s', sequential), { connections: 1 })
  puts.push(...(await putResources(server, ids('c', concurrent), { connections: 25 })))
  const { code } = await server.stop()
  assert.equal(code, 0)
  const requestIds = puts.map(({ answer }) => {
    assert.ok(answer?.status === 200, answer?.body ?? 'no answer')
    return String(answer.headers['x-amzn-requestid'])
  })
  return readFlushes(readFileSync(trace, 'latin1'), requestIds)
}

void test('every answer follows the flush of its change', { skip }, async () => {
  const { safe, problems } = await tracedRun('full', [])
  assert.deepEqual(Object.fromEntries(problems), {})
  assert.equal(safe.length, sequential + concurrent)
})

void test('a server with synchronous=off is found out', { skip }, async () => {
  const { problems } = await tracedRun('off', ['--synchronous', 'off'])
  const early = [...problems.values()].filter((problem) => problem === 'answered before it was flushed')
  assert.equal(early.length, problems.size, 'all else was seen')
  assert.ok(early.length > (sequential + concurrent) / 2, `${early.length} answers were early`)
})

void test(
  'flushes that fail: their calls are refused, what was acknowledged stays, the server works on',
  { skip },
  async () => {
    const dataDir = path.join(folder, 'failing')
    const wrapper = ['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-e', 'inject=fdatasync:error=EIO:when=8+4']
    const server = await serveCorral(dataDir, [], { script, wrapper: [...wrapper, '-e', 'trace=fdatasync'] })
    const puts = await putResources(server, ids('f', 150), { connections: 5 })
    const statuses = new Set(puts.map(({ answer }) => answer?.status))
    assert.deepEqual(statuses, new Set([200, 500]))
    for (const { answer } of puts)
      if (answer?.status === 500) assert.doesNotMatch(answer.body, /EIO|SQLITE|disk|I\/O|at .*:\d+/)
    server.kill('SIGKILL')
    await server.ended
    const again = await serveCorral(dataDir)
    const known = await knownIds(again)
    const acknowledged = puts.filter(({ answer }) => answer?.status === 200)
    for (const { id } of acknowledged) assert.ok(known.has(id), `${id} was acknowledged and is not there`)
    await again.stop()
    checkStore(
      dataDir,
      acknowledged.map(({ answer }) => String(answer?.headers['x-amzn-requestid'])),
    )
  },
)
