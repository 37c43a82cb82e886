// Drives the query engine and a naive inventory through the same random life (put, tag, untag, remove, re-add, rolled
// back work; page walks with and without writes between pages, counts, keys, values) and compares every answer. The
// contract suite runs it short; run as a program it takes the step count and the seed: 100,000 steps by default.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type ContentCodec, identityCodec } from '../../src/crypto/content-codec.ts'
import { type Expression, matches } from '../../src/inventory/expression.ts'
import { applyIndexChanges, type IndexChange } from '../../src/inventory/index-changes.ts'
import { countMatches, type Position, queryPage } from '../../src/inventory/query.ts'
import { ensureScope, reserveRids, resourceId, ridOf, type Scope, sidOf } from '../../src/inventory/scope.ts'
import {
  createInventoryIndex,
  type Entry,
  type IndexEvent,
  type InventoryIndex,
  keysPage,
  liveEntry,
  termKinds,
  valuesPage,
} from '../../src/inventory/terms.ts'
import type { Database, Run, WriteRun } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { openSqlite } from '../../src/storage/sqlite.ts'
import { NaiveInventory } from '../support/naive-inventory.ts'

export interface QueryProofOptions {
  steps: number
  seed: number
  chunkBits: number
  codec?: ContentCodec
  /** A store to prove instead of a fresh SQLite file; must be migrated and empty. */
  database?: Database
}

/** How often each thing happened, so that a caller can assert that it did. */
export interface QueryProofResult {
  events: Record<IndexEvent, number>
  steps: Record<string, number>
  mostLive: number
  fewestLiveAfterwards: number
  rowsCompared: number
}

export async function runQueryProof(options: QueryProofOptions): Promise<QueryProofResult> {
  if (options.database) return prove(options.database, options)
  const folder = mkdtempSync(path.join(tmpdir(), 'corral-query-proof-'))
  const database = openSqlite(path.join(folder, 'store.db'), { synchronous: 'off' })
  try {
    await migrate(database, 0)
    return await prove(database, options)
  } finally {
    await database.close()
    rmSync(folder, { recursive: true })
  }
}

const random = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

class RolledBack extends Error {}

const types = ['AWS::EC2::Instance', 'AWS::S3::Bucket', 'AWS::SNS::Topic']
/** Long texts, an empty one, texts that differ in normalization or case only, and texts that look like separators. */
const oddValues = ['', 'x'.repeat(256), 'é', 'e\u0301', 'A', 'a', ':', '1:tag', '🐄', '__proto__', 'constructor']

async function prove(database: Database, options: QueryProofOptions): Promise<QueryProofResult> {
  const next = random(options.seed)
  const below = (count: number) => Math.floor(next() * count)
  const chance = (probability: number) => next() < probability
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  /** Small numbers are the likeliest. */
  const skewed = (count: number) => Math.floor(count * next() ** 3)

  const events: Record<IndexEvent, number> = {
    list: 0,
    bitmap: 0,
    'list-to-bitmap': 0,
    'delete-list': 0,
    'delete-bitmap': 0,
    cap: 0,
    'cache-clear': 0,
  }
  const steps: Record<string, number> = {}
  const codec = options.codec ?? identityCodec
  const index = createInventoryIndex(codec, { chunkBits: options.chunkBits, observe: (event) => events[event]++ })
  const naive = new NaiveInventory()
  const scopes = await makeScopes(database, index.format.chunkSize)
  const live = new Map(scopes.map(({ sid }) => [sid, [] as number[]]))
  const removed = new Map(scopes.map(({ sid }) => [sid, [] as number[]]))
  const countLive = () => [...live.values()].reduce((sum, ids) => sum + ids.length, 0)
  const anyLive = () => pick(live.get(pick(scopes).sid) as number[])
  const anyRemoved = () => pick(removed.get(pick(scopes).sid) as number[])
  let names = 0
  let rowsCompared = 0
  /** Which part of a write's changes are new resources. */
  let growth = 0

  const tags = (): Entry[] => {
    const entries: Entry[] = []
    for (let count = below(6); count > 0; count--) {
      const key = `key${skewed(9)}`
      const value = chance(0.05) ? pick(oddValues) : `value${skewed(12)}`
      // The same key twice never comes from AWS, yet must not confuse a count.
      if (chance(0.02) || !entries.some((entry) => entry.key === key)) entries.push({ kind: termKinds.tag, key, value })
    }
    if (chance(0.3)) entries.push({ kind: termKinds.tag, key: 'Name', value: `unique${names++}` })
    if (chance(0.02)) entries.push({ kind: termKinds.tag, key: pick(oddValues), value: pick(oddValues) })
    return entries
  }
  const entriesFor = (): Entry[] => {
    const ownTags = tags()
    const type = pick(types)
    return [
      liveEntry,
      { kind: termKinds.type, key: type },
      { kind: termKinds.filter, key: type.split('::')[1] as string },
      ...(ownTags.length > 0 ? [{ kind: termKinds.tagged, key: '' }] : []),
      ...(chance(0.2) ? [{ kind: termKinds.stack, key: `stack${skewed(40)}` }] : []),
      ...(chance(0.1) ? [{ kind: termKinds.group, key: `${skewed(40)}` }] : []),
      ...ownTags,
    ]
  }

  const change = (id: number, after: readonly Entry[]): IndexChange => {
    const before = naive.entriesOf(id)
    naive.put(id, after)
    return { id, before, after }
  }
  /** A batch for one scope; `wanted` says whether the store should grow. */
  const makeChanges = async (run: WriteRun, scope: Scope, grow: number, size: number): Promise<IndexChange[]> => {
    const changes: IndexChange[] = []
    const fresh = Math.round(size * grow)
    const first = fresh > 0 ? await reserveRids(run, scope.sid, fresh) : 0
    for (let count = 0; count < fresh; count++) changes.push(change(resourceId(scope.sid, first + count), entriesFor()))
    const living = live.get(scope.sid) as number[]
    const gone = removed.get(scope.sid) as number[]
    for (let count = fresh; count < size; count++) {
      const choice = next()
      // Often the neighbour of the last one, since order within a batch matters most around a chunk's boundary.
      const neighbour = chance(0.4) ? living.indexOf((changes.at(-1)?.id ?? 0) - 1) : -1
      const [place, again] = [neighbour >= 0 ? neighbour : below(living.length), below(gone.length)]
      const [id, goneId] = [living[place], gone[again]]
      if (choice < grow / 4 && goneId !== undefined) {
        gone[again] = gone.at(-1) as number
        gone.pop()
        living.push(goneId)
        changes.push(change(goneId, entriesFor()))
      } else if (id === undefined) continue
      else if (choice < 0.85 - grow / 2) {
        living[place] = living.at(-1) as number
        living.pop()
        gone.push(id)
        const kept = naive.entriesOf(id).slice(1, 3)
        changes.push(change(id, chance(0.3) ? [{ kind: termKinds.gone, key: '' }, ...kept] : []))
      } else if (chance(0.5)) changes.push(change(id, [...naive.entriesOf(id), ...tags().slice(0, 1)]))
      else
        changes.push(
          change(
            id,
            naive.entriesOf(id).filter(({ kind }) => kind !== termKinds.tag || chance(0.7)),
          ),
        )
    }
    for (let count = 0; count < fresh; count++) living.push(resourceId(scope.sid, first + count))
    return changes
  }
  const write = async (grow: number, size: number) =>
    database.write(async (run) => {
      const scope = pick(scopes)
      await applyIndexChanges(run, index, scope, await makeChanges(run, scope, grow, size))
    })
  /** Terms that never came to be must not be found later, though their tids are given to others. */
  const writeAndRollBack = async () => {
    const scope = pick(scopes)
    const attempt = async (run: WriteRun) => {
      const id = resourceId(scope.sid, await reserveRids(run, scope.sid, 1))
      const name = `unique${names + 1}`
      const after: Entry[] = [liveEntry, { kind: termKinds.tag, key: 'Name', value: name }]
      if (chance(0.5)) after.push({ kind: termKinds.tag, key: `key${below(30)}`, value: `value${below(30)}` })
      await applyIndexChanges(run, index, scope, [{ id, before: [], after }])
      const page = await queryPage(run, index, {
        scopes: [scope],
        expression: { is: { key: 'Name', value: name } },
        limit: 5,
      })
      assert.deepEqual(page.ids, [id], 'a writer sees what it wrote')
      await keysPage(run, index, { scope, kind: termKinds.tag, limit: 5 })
      throw new RolledBack()
    }
    if (chance(0.5)) {
      await database.write(async (run) => {
        await assert.rejects(
          run.savepoint(() => attempt(run)),
          RolledBack,
        )
        await applyIndexChanges(run, index, scope, await makeChanges(run, scope, 0.5, 6))
      })
    } else await assert.rejects(database.write(attempt), RolledBack)
  }

  const leaf = (): Expression => {
    const choice = next()
    if (choice < 0.5) {
      const key = chance(0.05) ? pick(oddValues) : chance(0.03) ? 'absent' : `key${skewed(9)}`
      return { is: { key, value: chance(0.05) ? pick(oddValues) : `value${skewed(14)}` } }
    }
    if (choice < 0.55) return { is: { key: 'Name', value: `unique${below(names + 3)}` } }
    if (choice < 0.75) return { has: { kind: termKinds.tag, key: `key${skewed(10)}` } }
    if (choice < 0.9) return { has: { kind: termKinds.type, key: pick(types) } }
    const kind = pick([termKinds.all, termKinds.tagged, termKinds.gone, termKinds.stack, termKinds.source])
    return { has: { kind, key: kind === termKinds.stack ? `stack${skewed(45)}` : '' } }
  }
  const expressionOf = (depth: number): Expression => {
    const choice = depth === 0 ? 0 : next()
    if (choice < 0.35) return leaf()
    if (choice < 0.5) return { not: expressionOf(depth - 1) }
    const children = Array.from({ length: below(5) }, () => expressionOf(depth - 1))
    return choice < 0.75 ? { and: children } : { or: children }
  }

  const page = (run: Run, some: readonly Scope[], expression: Expression, after?: Position, cap = 2000, limit = 50) =>
    queryPage(run, index, {
      scopes: some,
      expression,
      limit,
      workCap: cap,
      ...(after ? { after } : {}),
    })
  const walk = async (writes: boolean) => {
    const some = Array.from({ length: below(6) }, () => pick(scopes))
    const sids = some.map(({ sid }) => sid)
    const expression = expressionOf(3)
    const limit = 1 + below(50)
    const cap = pick([3, 3, 60, 2000])
    const start = chance(0.5) ? anyLive() : undefined
    let lasting = naive.query(sids, expression).filter((id) => start === undefined || id > start)
    const seen: number[] = []
    let after: Position | undefined = start === undefined ? undefined : { sid: sidOf(start), rid: ridOf(start) }
    for (let pages = 0; pages === 0 || (after && pages < maxPages); pages++) {
      const from = after
      const {
        ids,
        next: position,
        blobsRead,
      } = await database.read((run) => page(run, some, expression, from, cap, limit))
      assert.ok(ids.length <= limit)
      assert.ok(blobsRead <= cap + 3 * leavesOf(expression) + 3, `${blobsRead} postings`)
      for (const id of ids) {
        assert.ok(naive.isMatch(id, expression), `${id} does not match`)
        assert.ok(matches(expression, naive.entriesOf(id)))
        assert.ok(id > (seen.at(-1) ?? -1), 'ascending, so none twice')
        seen.push(id)
      }
      if (position && after)
        assert.ok(position.sid > after.sid || (position.sid === after.sid && position.rid > after.rid), 'progress')
      if (position) {
        assert.ok(position.rid >= 0 && position.rid < 2 ** 32)
        assert.ok(resourceId(position.sid, position.rid) >= (ids.at(-1) ?? 0))
        assert.ok(sids.includes(position.sid))
      }
      after = position
      if (writes && after && chance(0.3)) {
        await write(growth, 1 + below(12))
        lasting = lasting.filter((id) => naive.isMatch(id, expression))
      }
    }
    const end = after ? resourceId(after.sid, after.rid) : Infinity
    lasting = lasting.filter((id) => id <= end)
    rowsCompared += seen.length
    if (!writes) return assert.deepEqual(seen, lasting)
    const seenSet = new Set(seen)
    assert.deepEqual(
      lasting.filter((id) => !seenSet.has(id)),
      [],
      'what matched throughout was seen',
    )
  }
  const count = async () => {
    const some = Array.from({ length: 1 + below(4) }, () => pick(scopes))
    const expression = expressionOf(chance(0.3) ? 0 : 3)
    const found = naive.query(
      some.map(({ sid }) => sid),
      expression,
    )
    assert.equal(await database.read((run) => countMatches(run, index, { scopes: some, expression })), found.length)
    for (const id of [anyLive(), anyRemoved()])
      if (id !== undefined) assert.equal(matches(expression, naive.entriesOf(id)), naive.isMatch(id, expression))
  }
  const keys = async () => {
    const scope = pick(scopes)
    const kind = pick(Object.values(termKinds))
    const limit = 1 + below(8)
    const found = await database.read((run) =>
      collectPages((afterKid) => keysPage(run, index, { scope, kind, limit, afterKid }), limit),
    )
    assert.deepEqual(sorted(found.map(({ key, n }) => [key, n])), sorted([...naive.keys(scope.sid, kind)]))
    assert.ok(found.every(({ kid }, place) => place === 0 || kid > (found[place - 1]?.kid ?? 0)))
  }
  const values = async () => {
    const scope = pick(scopes)
    const key = chance(0.1) ? 'absent' : chance(0.05) ? 'Name' : `key${skewed(9)}`
    const limit = 1 + below(30)
    const found = await database.read((run) =>
      collectPages((afterTid) => valuesPage(run, index, { scope, key, limit, afterTid }), limit),
    )
    assert.deepEqual(sorted(found.map(({ value, n }) => [value, n])), sorted([...naive.values(scope.sid, key)]))
  }

  const ways: [name: string, share: number, step: () => Promise<unknown>][] = [
    ['walk', 0.2, () => walk(false)],
    ['walk while writing', 0.12, () => walk(true)],
    ['count', 0.1, count],
    ['keys', 0.04, keys],
    ['values', 0.04, values],
    ['roll back', 0.05, writeAndRollBack],
  ]
  let mostLive = 0
  let fewestLiveAfterwards = Infinity
  for (let step = 0; step < options.steps; step++) {
    // Grows to thousands, shrinks past half of that, and lives on.
    const part = step / options.steps
    const phase = part < 0.5 ? 0.9 : part < 0.8 ? 0 : 0.4
    growth = countLive() > targetLive ? 0 : phase
    let choice = next()
    const way = ways.find(([, share]) => (choice -= share) < 0)
    const name = way?.[0] ?? 'write'
    steps[name] = (steps[name] ?? 0) + 1
    try {
      if (way) await way[2]()
      else await write(growth, 1 + below(phase === 0.4 ? 24 : writeSize(options.steps)))
    } catch (error) {
      throw new Error(`step ${step} (${name}) of seed ${options.seed}`, { cause: error })
    }
    const nowLive = countLive()
    mostLive = Math.max(mostLive, nowLive)
    if (mostLive > targetLive) fewestLiveAfterwards = Math.min(fewestLiveAfterwards, nowLive)
  }
  await database.read((run) => audit(run, index, naive, scopes))
  return { events, steps, mostLive, fewestLiveAfterwards, rowsCompared }
}

const targetLive = 5600
/** Of one walk: a page can be as short as one chunk of 16. */
const maxPages = 40
/** Few steps must still reach the target within their first half. */
const writeSize = (steps: number): number => Math.max(12, Math.ceil((targetLive * 2) / (steps * 0.5 * 0.45 * 0.7)))

const leavesOf = (expression: Expression): number => {
  if ('and' in expression) return expression.and.reduce((sum, child) => sum + leavesOf(child), 1)
  if ('or' in expression) return expression.or.reduce((sum, child) => sum + leavesOf(child), 1)
  return 'not' in expression ? leavesOf(expression.not) + 2 : 1
}

async function makeScopes(database: Database, chunkSize: number): Promise<Scope[]> {
  return database.write(async (run) => {
    const scopes = [
      await ensureScope(run, '111122223333', 'eu-central-1'),
      await ensureScope(run, '111122223333', 'us-east-1'),
      await ensureScope(run, '444455556666', 'eu-central-1'),
      await ensureScope(run, '444455556666', 'us-east-1'),
    ]
    // The first begins at 0; the others where a large chunk ends soon, where an id no longer fits 31 bits, and near the
    // end of all ids.
    const end = Math.min(2 ** 32, chunkSize * 2 ** 20)
    for (const [place, rid] of [0, 16_384 - 1200, end / 2 - 500, end - 900_000].entries())
      if (rid > 0) await reserveRids(run, (scopes[place] as Scope).sid, rid)
    return scopes
  })
}

async function collectPages<Item extends { kid: number } | { tid: number }>(
  page: (after: number) => Promise<{ items: Item[]; next?: number }>,
  limit: number,
): Promise<Item[]> {
  const found: Item[] = []
  let after: number | undefined = 0
  while (after !== undefined) {
    const { items, next }: { items: Item[]; next?: number } = await page(after)
    assert.ok(items.length <= limit)
    assert.ok(next === undefined || next > after)
    found.push(...items)
    after = next
  }
  return found
}

const sorted = (pairs: [string, number][]) => pairs.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))

/** Every count equals its posting list's length and the naive count, and no posting is empty or without its term. */
async function audit(run: Run, index: InventoryIndex, naive: NaiveInventory, scopes: readonly Scope[]): Promise<void> {
  const { bitmapBytes, maxListed, chunkSize } = index.format
  const sizes = new Map<number, number>()
  for (const { id, bits } of await run.all<{ id: number; bits: Uint8Array }>('select id, bits from posting')) {
    const isBitmap = bits.length === bitmapBytes
    let size = bits.length / 2
    if (isBitmap) size = bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
    else assert.ok(size <= maxListed && Number.isInteger(size))
    assert.ok(size > 0 && size <= chunkSize)
    const tid = Math.floor(id / 2 ** 20)
    sizes.set(tid, (sizes.get(tid) ?? 0) + size)
  }
  const tids = new Set<number>()
  const check = (tid: number, n: number, naiveCount: number | undefined) => {
    assert.ok(!tids.has(tid), `tid ${tid} is given twice`)
    tids.add(tid)
    assert.equal(n, sizes.get(tid) ?? 0)
    assert.equal(n, naiveCount ?? 0)
    sizes.delete(tid)
  }
  for (const scope of scopes) {
    const openText = (row: { content: Uint8Array; key_id: number }) =>
      index.codec.open(scope.account, { bytes: row.content, keyId: row.key_id })
    for (const key of await run.all<KeyRow>(
      'select kind, kid, n, content, key_id from tkey where sid = ?',
      scope.sid,
    )) {
      const text = openText(key)
      check(key.kid, key.n, naive.keys(scope.sid, key.kind).get(text))
      const counts = naive.values(scope.sid, text)
      for (const term of await run.all<TermRow>('select tid, n, content, key_id from term where kid = ?', key.kid))
        check(term.tid, term.n, counts.get(openText(term)))
    }
  }
  assert.equal(sizes.size, 0, 'every posting belongs to a term')
  const counter = await run.get<{ next: number }>("select next from counter where name = 'tid'")
  assert.ok(Math.max(...tids) < (counter?.next ?? 0))
}

interface KeyRow {
  kind: Entry['kind']
  kid: number
  n: number
  content: Uint8Array
  key_id: number
}

interface TermRow {
  tid: number
  n: number
  content: Uint8Array
  key_id: number
}

if (import.meta.main) {
  const [stepsText = '100000', seedText = '1'] = process.argv.slice(2)
  for (const chunkBits of [4, 6, 14]) {
    const startMs = performance.now()
    const result = await runQueryProof({ steps: Number(stepsText), seed: Number(seedText), chunkBits })
    console.log(`chunks of ${2 ** chunkBits}, ${Math.round(performance.now() - startMs)} ms`, JSON.stringify(result))
  }
}
