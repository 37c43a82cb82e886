// Import rates, by the command itself: the first load of an empty account, and a load into a live store while GetGroup
// is called at a steady pace; then how long a server takes from its start to its first signed answer on that store, and
// how much memory it holds. The server has one core, the command and the callers the other.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { writeLines } from './inventory-lines.ts'
import { load, pace, requestSigner } from './load.ts'
import { pinClient, startCorral } from './processes.ts'

const resources = 100_000
const getGroupsPerSecond = 200

export interface ImportFigures {
  firstLoadPerSecond: number
  liveLoadPerSecond: number
  getGroupP99Ms: number
  startUpMs: number
  memoryMegabytes: number
}

export async function benchImport(): Promise<ImportFigures> {
  pinClient()
  const folder = mkdtempSync(path.join(tmpdir(), 'corral-bench-import-'))
  const dataDir = path.join(folder, 'data')
  try {
    const [first, second] = [path.join(folder, 'first.ndjson'), path.join(folder, 'second.ndjson')]
    await writeLines(first, resources, 'a')
    await writeLines(second, resources, 'b')
    let corral = await startCorral({}, dataDir)
    const firstSeconds = await importFile(first, corral.port, dataDir)

    const sign = () => requestSigner(corral.credentials, 'resource-groups', 'us-east-1', corral.port)
    const json = { 'content-type': 'application/json' }
    const query = JSON.stringify({ ResourceTypeFilters: ['AWS::AllSupported'], TagFilters: [{ Key: 'Team' }] })
    const group = JSON.stringify({ Name: 'group', ResourceQuery: { Type: 'TAG_FILTERS_1_0', Query: query } })
    const created = await load(corral.port, [sign()('/groups', group, json)], 1)
    if (created.statuses['200'] !== 1) throw new Error('the group was not created')
    const stop = new AbortController()
    const paced = pace(
      corral.port,
      () => sign()('/get-group', JSON.stringify({ Group: 'group' }), json),
      getGroupsPerSecond,
      stop.signal,
    )
    const secondSeconds = await importFile(second, corral.port, dataDir)
    stop.abort()
    const calls = await paced
    const memoryMegabytes = residentMegabytes(corral.pid)
    await corral.stop()

    const started = performance.now()
    corral = await startCorral({}, dataDir)
    const answered = await load(corral.port, [sign()('/get-group', JSON.stringify({ Group: 'group' }), json)], 1)
    const startUpMs = performance.now() - started
    if (answered.statuses['200'] !== 1) throw new Error('the first answer was none')
    await corral.stop()
    return {
      firstLoadPerSecond: resources / firstSeconds,
      liveLoadPerSecond: resources / secondSeconds,
      getGroupP99Ms: calls.p99Ms,
      startUpMs,
      memoryMegabytes,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function importFile(file: string, port: number, dataDir: string): Promise<number> {
  const started = performance.now()
  const args = ['src/main.ts', 'import', file, '--data-dir', dataDir, '--endpoint-url', `http://127.0.0.1:${port}`]
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: path.dirname(import.meta.dirname),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => {
      if (code === 0) resolve((performance.now() - started) / 1000)
      else reject(new Error(`the import ended with ${code}`))
    })
  })
}

function residentMegabytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return NaN
  }
}

if (import.meta.main) {
  const figures = await benchImport()
  console.log(`first load of an empty account   ${figures.firstLoadPerSecond.toFixed(0)} resources/s`)
  console.log(`into a live store of ${resources}     ${figures.liveLoadPerSecond.toFixed(0)} resources/s`)
  console.log(`GetGroup meanwhile (${getGroupsPerSecond}/s)       p99 ${figures.getGroupP99Ms.toFixed(1)} ms`)
  console.log(`start to first signed answer     ${figures.startUpMs.toFixed(0)} ms on ${2 * resources} resources`)
  console.log(`resident memory after both       ${figures.memoryMegabytes.toFixed(0)} MB`)
}
