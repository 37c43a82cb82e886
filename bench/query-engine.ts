// Micro-benchmark of the query engine on SQLite: how fast an empty store fills, what a batch into a full one costs, and
// the page queries Q1 to Q10 on skewed data. Prints figures, judges nothing. Arguments: resources, batch size.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { identityCodec } from '../src/crypto/content-codec.ts'
import type { Expression } from '../src/inventory/expression.ts'
import { applyIndexChanges, type IndexChange } from '../src/inventory/index-changes.ts'
import { countMatches, type Position, queryPage } from '../src/inventory/query.ts'
import { ensureScope, reserveRids, resourceId, type Scope } from '../src/inventory/scope.ts'
import { createInventoryIndex, type Entry, type InventoryIndex, liveEntry, termKinds } from '../src/inventory/terms.ts'
import type { Database } from '../src/storage/database.ts'
import { migrate } from '../src/storage/migrate.ts'
import { openSqlite } from '../src/storage/sqlite.ts'

const random = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** Places of a list of `size`, the first ones the likeliest, as 1 / place. */
function zipf(size: number, next: () => number): () => number {
  const sums: number[] = []
  for (let place = 1, sum = 0; place <= size; place++) sums.push((sum += 1 / place))
  const total = sums.at(-1) as number
  return () => {
    const wanted = next() * total
    let [low, high] = [0, size - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] as number) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}

const types = ['EC2::Instance', 'S3::Bucket', 'RDS::DBInstance', 'Lambda::Function', 'SNS::Topic', 'SQS::Queue']

/** Entries of the resource after the last: about ten tags, Name unique on 85 of 100, correlated teams and stages. */
function entriesMaker(total: number): () => Entry[] {
  const next = random(7)
  const team = zipf(60, next)
  const application = zipf(400, next)
  const environment = zipf(5, next)
  const owner = zipf(3000, next)
  const rareKey = zipf(150, next)
  const value = zipf(50, next)
  const type = zipf(types.length, next)
  let made = 0
  return () => {
    const id = made++
    const tags: [string, string][] = []
    const ownTeam = team()
    const ownEnvironment = environment()
    if (next() < 0.85) tags.push(['Name', nameOf(id)])
    tags.push(['Team', `team${ownTeam}`], ['Environment', `environment${ownEnvironment}`])
    tags.push(['CostCenter', `${1000 + (ownTeam % 20)}`], ['Stage', ownEnvironment === 0 ? 'production' : 'other'])
    tags.push(['Application', `application${(application() * 60 + ownTeam) % 400}`], ['Owner', `owner${owner()}`])
    tags.push(id % 2 === 0 ? ['Parity', 'even'] : ['Flip', 'odd'], ['Half', id < total / 2 ? 'first' : 'second'])
    for (let count = Math.floor(next() * 3); count > 0; count--) {
      const key = `key${rareKey()}`
      if (!tags.some(([known]) => known === key)) tags.push([key, `value${value()}`])
    }
    if (id % 9973 === 0) tags.push(['Rare', `${id % 2}`])
    const ownType = types[type()] as string
    return [
      liveEntry,
      { kind: termKinds.tagged, key: '' },
      { kind: termKinds.type, key: `AWS::${ownType}` },
      { kind: termKinds.filter, key: ownType.split('::')[0] as string },
      { kind: termKinds.filter, key: ownType },
      ...tags.map(([key, value]) => ({ kind: termKinds.tag, key, value })),
    ]
  }
}

/** Unique, and in no order that an index could profit from. */
const nameOf = (id: number) => `resource-${(Math.imul(id + 1, 0x9e3779b1) >>> 0).toString(36)}`

const is = (key: string, value: string): Expression => ({ is: { key, value } })
const has = (key: string): Expression => ({ has: { kind: termKinds.tag, key } })
const oneOf = (key: string, values: readonly string[]): Expression => ({ or: values.map((value) => is(key, value)) })
const numbered = (name: string, from: number, count: number) =>
  Array.from({ length: count }, (_, place) => `${name}${from + place}`)

/** Ten filters of five values each: the values from the `first` on, of which the later are the rarer. */
const tenFilters = (first: number): Expression => ({
  and: [
    oneOf('Team', numbered('team', first, 5)),
    oneOf('Environment', numbered('environment', 0, 5)),
    oneOf('CostCenter', numbered('100', 0, 5)),
    oneOf('Application', numbered('application', first, 5)),
    oneOf('Owner', numbered('owner', 0, 5)),
    oneOf('Half', ['first', 'second', 'third', 'fourth', 'fifth']),
    oneOf('Stage', ['production', 'other', 'a', 'b', 'c']),
    oneOf('Parity', ['even', 'odd', 'a', 'b', 'c']),
    { not: oneOf('key0', numbered('value', 10, 5)) },
    { not: oneOf('key1', numbered('value', 10, 5)) },
  ],
})

const queries: [string, Expression][] = [
  ['Q1 one frequent tag', is('Environment', 'environment0')],
  ['Q2 unique Name', is('Name', nameOf(4321))],
  ['Q3 frequent & mid', { and: [is('Environment', 'environment0'), is('Team', 'team9')] }],
  ['Q4 interleaved, empty', { and: [is('Parity', 'even'), is('Flip', 'odd')] }],
  ['Q5 correlated, empty', { and: [is('Environment', 'environment0'), is('Stage', 'other')] }],
  ['Q6 half & odd', { and: [is('Half', 'second'), is('Flip', 'odd')] }],
  [
    'Q7 3 ORs, presence, types',
    {
      and: [
        oneOf('Team', numbered('team', 5, 5)),
        oneOf('Environment', numbered('environment', 1, 3)),
        oneOf('CostCenter', numbered('100', 5, 5)),
        has('Owner'),
        { or: types.slice(0, 3).map((type) => ({ has: { kind: termKinds.type, key: `AWS::${type}` } })) },
      ],
    },
  ],
  ['Q8 rare key', has('Rare')],
  ['Q9 10 filters of 5', tenFilters(0)],
  [
    'Q10 4 filters, few hits',
    { and: [is('Team', 'team30'), is('Application', 'application90'), is('Half', 'second'), is('Flip', 'odd')] },
  ],
  ['Q9b the same, rarer', tenFilters(20)],
  ['Q12 50 filters of 20', { and: Array.from({ length: 50 }, () => oneOf('Team', numbered('team', 0, 20))) }],
  ['Q11 not', { and: [is('Team', 'team9'), { not: is('Stage', 'production') }] }],
]

const quantile = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number

async function put(database: Database, index: InventoryIndex, scope: Scope, entries: readonly Entry[][]) {
  await database.write(async (run) => {
    const first = await reserveRids(run, scope.sid, entries.length)
    const changes: IndexChange[] = entries.map((after, place) => ({
      id: resourceId(scope.sid, first + place),
      before: [],
      after,
    }))
    const startMs = performance.now()
    await applyIndexChanges(run, index, scope, changes)
    indexMs += performance.now() - startMs
  })
}
let indexMs = 0

async function fill(database: Database, index: InventoryIndex, scope: Scope, total: number, batchSize: number) {
  const make = entriesMaker(total)
  let [done, lastDone, lastMs] = [0, 0, performance.now()]
  indexMs = 0
  let lastIndexMs = 0
  let reportAt = Math.min(total, 10_000)
  let makingMs = 0
  while (done < total) {
    const startMs = performance.now()
    const entries = Array.from({ length: Math.min(batchSize, total - done) }, make)
    makingMs += performance.now() - startMs
    await put(database, index, scope, entries)
    done += entries.length
    if (done < reportAt) continue
    const tookMs = performance.now() - lastMs - makingMs
    console.log(
      `filled ${done}: ${Math.round(((done - lastDone) / tookMs) * 1000)}/s with commits,` +
        ` ${Math.round(((done - lastDone) / (indexMs - lastIndexMs)) * 1000)}/s in applyIndexChanges alone`,
    )
    ;[lastDone, lastMs, lastIndexMs, makingMs] = [done, performance.now(), indexMs, 0]
    reportAt = Math.min(total, reportAt < 100_000 ? 100_000 : reportAt + 300_000)
  }
}

async function timeQuery(
  database: Database,
  index: InventoryIndex,
  scope: Scope,
  name: string,
  expression: Expression,
) {
  const timesMs: number[] = []
  let [blobs, pages, found] = [0, 0, 0]
  for (let round = 0; round < 300; round++) {
    let after: Position | undefined
    ;[blobs, pages, found] = [0, 0, 0]
    do {
      const startMs = performance.now()
      const page = await database.read((run) =>
        queryPage(run, index, { scopes: [scope], expression, limit: 100, ...(after ? { after } : {}) }),
      )
      timesMs.push(performance.now() - startMs)
      blobs += page.blobsRead
      pages++
      found += page.ids.length
      after = page.next
    } while (after && found < 100)
  }
  timesMs.sort((one, other) => one - other)
  const startMs = performance.now()
  const count = await database.read((run) => countMatches(run, index, { scopes: [scope], expression }))
  const countMs = performance.now() - startMs
  const p50 = quantile(timesMs, 0.5)
  console.log(
    `${name.padEnd(28)} p50 ${p50.toFixed(3)} p99 ${quantile(timesMs, 0.99).toFixed(3)} ms, ${blobs} blobs,` +
      ` ${pages} pages, ${found} found, ${((p50 * 1000 * pages) / blobs).toFixed(2)} us/blob; count ${count} in ${countMs.toFixed(1)} ms`,
  )
}

async function bench(total: number, batchSize: number) {
  const folder = mkdtempSync(path.join(tmpdir(), 'corral-query-bench-'))
  const file = path.join(folder, 'store.db')
  const database = openSqlite(file)
  try {
    await migrate(database, 0)
    const index = createInventoryIndex(identityCodec)
    const scope = await database.write((run) => ensureScope(run, '111122223333', 'eu-central-1'))
    await fill(database, index, scope, total, batchSize)
    for (const [name, expression] of queries) await timeQuery(database, index, scope, name, expression)
    const batchMs: number[] = []
    const make = entriesMaker(total)
    indexMs = 0
    for (let round = 0; round < 50; round++) {
      const entries = Array.from({ length: 100 }, () =>
        make().map((entry) => (entry.key === 'Name' ? { ...entry, value: `again-${entry.value}` } : entry)),
      )
      const startMs = performance.now()
      await put(database, index, scope, entries)
      batchMs.push(performance.now() - startMs)
    }
    batchMs.sort((one, other) => one - other)
    console.log(
      `batch of 100 into ${total}: p50 ${quantile(batchMs, 0.5).toFixed(2)} p99 ${quantile(batchMs, 0.99).toFixed(2)} ms with commit,` +
        ` ${(indexMs / 50).toFixed(2)} ms in applyIndexChanges`,
    )
    await database.write((run) => run.get('select 1'))
  } finally {
    await database.close()
    console.log(`file ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB`)
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) {
  const [total = '100000', batchSize = '1000'] = process.argv.slice(2)
  await bench(Number(total), Number(batchSize))
}
