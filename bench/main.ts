// `npm run bench`: every benchmark, one after the other, each in a process of its own. Names as arguments limit the run.
import { spawnSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import path from 'node:path'
import nodeFlags from '../scripts/node-flags.json' with { type: 'json' }
import { canPin } from './processes.ts'

const benches: [name: string, title: string, file: string, args: string[]][] = [
  ['get-group', 'signed GetGroup against a bare server', 'get-group.ts', []],
  ['tag-writes', 'tag writes a second', 'tag-writes.ts', []],
  ['import', 'import, start-up, memory', 'import.ts', []],
  ['query-10k', 'queries over 10,000 resources', 'query-engine.ts', ['10000']],
  ['query-100k', 'queries over 100,000 resources', 'query-engine.ts', ['100000']],
  ['query-1m', 'queries over 1,000,000 resources', 'query-engine.ts', ['1000000']],
]

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !benches.some(([known]) => known === name))
if (unknown !== undefined) throw new Error(`there is no benchmark ${unknown}`)
console.log(
  `Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown processor'} × ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB; servers ${canPin ? 'on one core' : 'not pinned: no taskset here'}`,
)
for (const [name, title, file, args] of benches) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`\n## ${title}`)
  const { status } = spawnSync(process.execPath, [...nodeFlags, path.join(import.meta.dirname, file), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) process.exitCode = 1
}
