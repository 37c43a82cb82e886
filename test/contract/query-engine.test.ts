// The query engine against a naive inventory, and by hand where an oracle does not reach: what a page may cost, what a
// rolled back transaction may leave behind, what is visible in the file.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { type ContentCodec, identityCodec } from '../../src/crypto/content-codec.ts'
import type { Expression } from '../../src/inventory/expression.ts'
import { applyIndexChanges } from '../../src/inventory/index-changes.ts'
import { countMatches, type Position, queryPage } from '../../src/inventory/query.ts'
import { ensureScope, resourceId, type Scope } from '../../src/inventory/scope.ts'
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
import type { Database, WriteRun } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { openSqlite } from '../../src/storage/sqlite.ts'
import { runQueryProof } from '../proof/query-engine.ts'
import { createSealingCodec } from '../support/sealing-codec.ts'

for (const [chunkBits, steps] of [
  [4, 1500],
  [6, 2000],
  [14, 1500],
] as const) {
  void test(`chunks of ${2 ** chunkBits} ids: ${steps} random steps agree with the naive inventory`, async () => {
    const { events, mostLive, fewestLiveAfterwards, rowsCompared } = await runQueryProof({ steps, seed: 1, chunkBits })
    assert.ok(mostLive >= 5000, `${mostLive} live`)
    assert.ok(fewestLiveAfterwards < mostLive / 2, `removed down to ${fewestLiveAfterwards}`)
    assert.ok(rowsCompared > 10_000)
    const unseen = Object.entries(events).filter(([name, count]) => count === 0 && name !== 'cache-clear')
    // Of so few large chunks hardly one becomes a bitmap and then empty; the small ones show that.
    assert.deepEqual(
      unseen.map(([name]) => name).filter((name) => chunkBits < 14 || name !== 'delete-bitmap'),
      [],
    )
  })
}

void test('a codec that seals: 800 random steps agree with the naive inventory', async () => {
  const { events, rowsCompared } = await runQueryProof({
    steps: 800,
    seed: 2,
    chunkBits: 6,
    codec: createSealingCodec(),
  })
  assert.ok(events.cap > 0 && rowsCompared > 1000)
})

interface Store {
  database: Database
  index: InventoryIndex
  scope: Scope
  file: string
  events: IndexEvent[]
}

async function withStore(
  options: { chunkBits?: number; codec?: ContentCodec },
  work: (store: Store) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'corral-query-engine-'))
  const file = path.join(folder, 'store.db')
  const database = openSqlite(file, { synchronous: 'off' })
  try {
    await migrate(database, 0)
    const events: IndexEvent[] = []
    const index = createInventoryIndex(options.codec ?? identityCodec, {
      chunkBits: options.chunkBits ?? 14,
      observe: (event) => void events.push(event),
    })
    const scope = await database.write((run) => ensureScope(run, '111122223333', 'eu-central-1'))
    await work({ database, index, scope, file, events })
  } finally {
    await database.close()
    rmSync(folder, { recursive: true })
  }
}

const tag = (key: string, value: string): Entry => ({ kind: termKinds.tag, key, value })
const is = (key: string, value: string): Expression => ({ is: { key, value } })
const live = (...tags: Entry[]): Entry[] => [liveEntry, ...tags]

/** Puts new resources with the ids 0, 1, 2 … of the store's scope. */
const put = ({ database, index, scope }: Store, entries: readonly (readonly Entry[])[], firstRid = 0) =>
  database.write((run) =>
    applyIndexChanges(
      run,
      index,
      scope,
      entries.map((after, rid) => ({ id: resourceId(scope.sid, firstRid + rid), before: [], after })),
    ),
  )

const find = async ({ database, index, scope }: Store, expression: Expression, limit = 100) =>
  (await database.read((run) => queryPage(run, index, { scopes: [scope], expression, limit }))).ids.map(
    (id) => id % 2 ** 32,
  )

void test('nothing is found where there is nothing to look in', () =>
  withStore({}, async (store) => {
    const { database, index, scope } = store
    assert.deepEqual(await find(store, { and: [] }), [])
    await put(store, [live(tag('a', '1'))])
    await database.read(async (run) => {
      const nothing = { ids: [], blobsRead: 0 }
      assert.deepEqual(await queryPage(run, index, { scopes: [], expression: { and: [] }, limit: 10 }), nothing)
      assert.equal(await countMatches(run, index, { scopes: [], expression: { and: [] } }), 0)
      assert.deepEqual(await valuesPage(run, index, { scope, key: 'absent', limit: 10 }), { items: [] })
      assert.deepEqual(await keysPage(run, index, { scope, kind: termKinds.stack, limit: 10 }), { items: [] })
    })
    assert.deepEqual(await find(store, is('a', 'absent')), [])
    assert.deepEqual(await find(store, is('absent', '1')), [])
    assert.deepEqual(await find(store, { not: is('absent', '1') }), [0])
  }))

void test('a page that ends where the matches end has no next', () =>
  withStore({ chunkBits: 4 }, async (store) => {
    const { database, index, scope } = store
    await put(
      store,
      Array.from({ length: 40 }, (_, rid) => live(tag('a', rid < 32 ? '1' : '2'))),
    )
    const page = (limit: number, after?: Position) =>
      database.read((run) =>
        queryPage(run, index, { scopes: [scope], expression: is('a', '1'), limit, ...(after ? { after } : {}) }),
      )
    assert.equal((await page(32)).next, undefined)
    const first = await page(31)
    assert.deepEqual(first.next, { sid: scope.sid, rid: 30 })
    const second = await page(31, first.next)
    assert.deepEqual([second.ids, second.next], [[resourceId(scope.sid, 31)], undefined])
    await assert.rejects(page(0), RangeError)
  }))

void test('one page never reads much more than its cap, whatever is asked, and pages add up to everything', () =>
  withStore({ chunkBits: 4 }, async (store) => {
    const { database, index, scope, events } = store
    const count = 8000
    await put(
      store,
      Array.from({ length: count }, (_, rid) =>
        live(
          tag(rid % 2 === 0 ? 'even' : 'odd', 'x'),
          tag('place', `${rid % 20}`),
          ...(rid % 1999 === 0 ? [tag('rare', '')] : []),
        ),
      ),
    )
    const places = Array.from({ length: 20 }, (_, place) => is('place', `${place}`))
    const cases: [expression: Expression, rows: number][] = [
      [{ and: [is('even', 'x'), is('odd', 'x')] }, 0],
      [{ and: [{ or: places }, is('even', 'x'), { not: is('odd', 'x') }] }, count / 2],
      [{ not: { or: places } }, 0],
      [is('rare', ''), 5],
      [{ and: Array.from({ length: 50 }, () => ({ or: places })) }, count],
    ]
    for (const [expression, rows] of cases) {
      const leaves = JSON.stringify(expression).split('{').length
      for (const workCap of [1, 50, 2000]) {
        let after: Position | undefined
        let [found, pages] = [0, 0]
        do {
          const from = after
          const page = await database.read((run) =>
            queryPage(run, index, {
              scopes: [scope],
              expression,
              limit: 100,
              workCap,
              ...(from ? { after: from } : {}),
            }),
          )
          found += page.ids.length
          assert.ok(page.blobsRead <= workCap + 3 * leaves, `${page.blobsRead} of ${workCap}`)
          after = page.next
          pages++
        } while (after && pages < 5000)
        assert.equal(found, rows)
      }
    }
    assert.ok(events.includes('cap'))
  }))

void test('a term that was rolled back is not found again, though its number goes to another', () =>
  withStore({}, async (store) => {
    const { database, index, scope } = store
    await put(store, [live(tag('key', 'first'))])
    await find(store, is('key', 'first'))
    const attempt = async (run: WriteRun) => {
      await applyIndexChanges(run, index, scope, [
        { id: resourceId(scope.sid, 1), before: [], after: live(tag('key', 'lost'), tag('lost', 'lost')) },
      ])
      // In the writer's own eyes it exists, so that it might be remembered.
      for (const expression of [is('key', 'lost'), is('lost', 'lost')]) {
        const { ids } = await queryPage(run, index, { scopes: [scope], expression, limit: 5 })
        assert.equal(ids.length, 1)
      }
      throw new Error('undo')
    }
    await database.write(async (run) => {
      await assert.rejects(
        run.savepoint(() => attempt(run)),
        /undo/,
      )
      await applyIndexChanges(run, index, scope, [
        { id: resourceId(scope.sid, 2), before: [], after: live(tag('key', 'kept'), tag('kept', 'kept')) },
      ])
    })
    await assert.rejects(database.write(attempt), /undo/)
    await put(store, [live(tag('key', 'later'), tag('later', 'later'))], 3)
    assert.deepEqual(await find(store, is('key', 'lost')), [])
    assert.deepEqual(await find(store, is('lost', 'lost')), [])
    assert.deepEqual(await find(store, is('key', 'kept')), [2])
    assert.deepEqual(await find(store, is('kept', 'kept')), [2])
    assert.deepEqual(await find(store, is('later', 'later')), [3])
    await put(store, [live(tag('key', 'lost'), tag('lost', 'lost'))], 4)
    assert.deepEqual(await find(store, is('key', 'lost')), [4])
    assert.deepEqual(await find(store, is('lost', 'lost')), [4])
  }))

void test('the writer remembers a term it found once that is committed, and not before', () =>
  withStore({}, async (store) => {
    const { database, index, scope } = store
    const change = (rid: number) => [{ id: resourceId(scope.sid, rid), before: [], after: live(tag('key', 'value')) }]
    await database.write(async (run) => {
      await applyIndexChanges(run, index, scope, change(0))
      await applyIndexChanges(run, index, scope, change(1))
      assert.equal(index.cache.size, 0)
    })
    assert.equal(index.cache.size, 3, 'all, key and value')
    assert.deepEqual(
      [...index.cache.values()].map(({ n }) => n),
      [2, 2, 2],
    )
  }))

void test('a term that did not exist when it was asked for is found once it does', () =>
  withStore({}, async (store) => {
    assert.deepEqual(await find(store, is('key', 'value')), [])
    await put(store, [live(tag('key', 'value'))])
    assert.deepEqual(await find(store, is('key', 'value')), [0])
  }))

void test('a resource that changes twice in one batch ends as its last change says', () =>
  withStore({}, async (store) => {
    const { database, index, scope } = store
    const id = resourceId(scope.sid, 7)
    const one = live(tag('a', '1'), tag('b', '1'))
    const two = live(tag('a', '2'))
    const three = live(tag('b', '1'), tag('a', '2'))
    await database.write((run) =>
      applyIndexChanges(run, index, scope, [
        { id, before: [], after: one },
        { id, before: one, after: two },
        { id, before: two, after: three },
      ]),
    )
    assert.deepEqual(await find(store, is('a', '1')), [])
    assert.deepEqual(await find(store, { and: [is('a', '2'), is('b', '1')] }), [7])
    await database.read(async (run) => {
      const { items } = await keysPage(run, index, { scope, kind: termKinds.tag, limit: 10 })
      assert.deepEqual(
        items.map(({ key, n }) => [key, n]),
        [
          ['a', 1],
          ['b', 1],
        ],
      )
      assert.deepEqual(
        (await valuesPage(run, index, { scope, key: 'a', limit: 10 })).items.map(({ value }) => value),
        ['2'],
      )
    })
  }))

void test('resources come in any order, neighbours across a chunk boundary too', () =>
  withStore({ chunkBits: 4 }, async (store) => {
    const { database, index, scope } = store
    const a = live(tag('a', '1'))
    const b = live(tag('b', '1'))
    await put(
      store,
      Array.from({ length: 48 }, (_, rid) => (rid % 2 === 0 ? a : b)),
    )
    // Every two resources change places, each pair in both orders: one leaves right before its neighbour enters.
    for (const order of [1, -1]) {
      const changes = Array.from({ length: 47 }, (_, rid) => rid).flatMap((rid) => {
        const [one, other] = rid % 2 === 0 ? [a, b] : [b, a]
        const pair = [
          { id: resourceId(scope.sid, rid), before: one, after: other },
          { id: resourceId(scope.sid, rid + 1), before: other, after: one },
        ]
        const back = pair.map(({ id, before, after }) => ({ id, before: after, after: before }))
        return order === 1 ? [...pair, ...back] : [...pair.toReversed(), ...back.toReversed()]
      })
      await database.write((run) => applyIndexChanges(run, index, scope, changes))
      const swapped = [
        { id: resourceId(scope.sid, 16), before: a, after: b },
        { id: resourceId(scope.sid, 15), before: b, after: a },
        { id: resourceId(scope.sid, 17), before: b, after: a },
      ]
      await database.write((run) => applyIndexChanges(run, index, scope, swapped))
      const even = Array.from({ length: 48 }, (_, rid) => rid).filter((rid) => rid % 2 === 0)
      const expected = [...even.filter((rid) => rid !== 16), 15, 17].sort((one, other) => one - other)
      assert.deepEqual(await find(store, is('a', '1')), expected)
      const undone = swapped.map(({ id, before, after }) => ({ id, before: after, after: before }))
      await database.write((run) => applyIndexChanges(run, index, scope, undone))
      assert.deepEqual(await find(store, is('a', '1')), even)
    }
  }))

void test('scopes do not see each other, and a change of another scope is refused', () =>
  withStore({}, async (store) => {
    const { database, index, scope } = store
    const other = await database.write((run) => ensureScope(run, '444455556666', 'eu-central-1'))
    await put(store, [live(tag('a', '1'))])
    await put({ ...store, scope: other }, [live(tag('a', '1')), live(tag('a', '1'))])
    assert.deepEqual(await find(store, is('a', '1')), [0])
    const all = { scopes: [other, scope, other], expression: is('a', '1'), limit: 10 }
    const { ids } = await database.read((run) => queryPage(run, index, all))
    assert.deepEqual(ids, [resourceId(scope.sid, 0), resourceId(other.sid, 0), resourceId(other.sid, 1)])
    assert.equal(await database.read((run) => countMatches(run, index, all)), 3)
    const first = await database.read((run) => queryPage(run, index, { ...all, limit: 1 }))
    const after = { sid: scope.sid, rid: 2 ** 32 - 1 }
    assert.deepEqual(first.next, after, 'no position lies before the ids of a scope')
    const rest = await database.read((run) => queryPage(run, index, { ...all, after }))
    assert.deepEqual(rest, { ids: ids.slice(1), blobsRead: rest.blobsRead })
    await assert.rejects(
      database.write((run) =>
        applyIndexChanges(run, index, scope, [{ id: resourceId(other.sid, 9), before: [], after: live() }]),
      ),
      /scope/,
    )
  }))

void test('values whose last resource is gone are passed by in bounded pages', () =>
  withStore({}, async (store) => {
    const { database, index, scope } = store
    const entries = Array.from({ length: 10_000 }, (_, rid) => live(tag('Name', `name${rid}`)))
    await put(store, entries)
    await database.write((run) =>
      applyIndexChanges(
        run,
        index,
        scope,
        entries.slice(0, -1).map((before, rid) => ({ id: resourceId(scope.sid, rid), before, after: [] })),
      ),
    )
    // Nothing but gone values after a full page is no reason for a next one.
    await put(store, [live(tag('few', '1')), live(tag('few', '2'))], 20_000)
    await database.write((run) =>
      applyIndexChanges(run, index, scope, [
        { id: resourceId(scope.sid, 20_001), before: live(tag('few', '2')), after: [] },
      ]),
    )
    const few = await database.read((run) => valuesPage(run, index, { scope, key: 'few', limit: 1 }))
    assert.deepEqual([few.items.map(({ value }) => value), few.next], [['1'], undefined])
    const names: string[] = []
    let [afterTid, pages]: [number | undefined, number] = [0, 0]
    do {
      const from: number = afterTid
      const page = await database.read((run) =>
        valuesPage(run, index, { scope, key: 'Name', afterTid: from, limit: 5 }),
      )
      names.push(...page.items.map(({ value }) => value))
      afterTid = page.next
      pages++
    } while (afterTid !== undefined)
    assert.deepEqual(names, ['name9999'])
    assert.ok(pages > 1 && pages < 5, `${pages} pages`)
    const left = await database.read((run) => run.get<{ count: number }>('select count(*) as count from posting'))
    assert.equal(left?.count, 6, 'all in two chunks, each key and its one value')
  }))

void test('counting a large match gives way to others', () =>
  withStore({ chunkBits: 4 }, async (store) => {
    const { database, index, scope } = store
    const count = 40_000
    for (let rid = 0; rid < count; rid += 10_000)
      await put(
        store,
        Array.from({ length: 10_000 }, () => live(tag('a', '1'), tag('b', '1'))),
        rid,
      )
    let turns = 0
    const ticking = setInterval(() => turns++, 0)
    const turning = setImmediate(function turn() {
      turns++
    })
    const expression = { and: [is('a', '1'), is('b', '1')] }
    assert.equal(await database.read((run) => countMatches(run, index, { scopes: [scope], expression })), count)
    clearInterval(ticking)
    clearImmediate(turning)
    assert.ok(turns > 0)
  }))

void test('what a process remembers of terms is bounded, and forgetting changes no answer', () =>
  withStore({}, async (store) => {
    const { events, index } = store
    const valueOf = (rid: number) => `${rid}`.padStart(256, 'x')
    const count = 60_000
    for (let rid = 0; rid < count; rid += 10_000)
      await put(
        store,
        Array.from({ length: 10_000 }, (_, place) => live(tag('Name', valueOf(rid + place)))),
        rid,
      )
    for (let rid = 0; rid < count; rid += 2000) {
      const names = Array.from({ length: 2000 }, (_, place) => is('Name', valueOf(rid + place)))
      assert.deepEqual(await find(store, { and: [{ or: names }] }, 3), [rid, rid + 1, rid + 2])
    }
    assert.ok(events.includes('cache-clear'))
    assert.ok(index.cache.size < count)
    assert.deepEqual(await find(store, is('Name', valueOf(0))), [0])
  }))

void test('a store with a codec that seals shows no text of a customer', () =>
  withStore({ codec: createSealingCodec() }, async (store) => {
    const { database, index, scope, file } = store
    await put(store, [live(tag('hushed-key', 'hushed-value'), { kind: termKinds.stack, key: 'hushed-stack' })])
    assert.deepEqual(await find(store, is('hushed-key', 'hushed-value')), [0])
    const keys = await database.read((run) => keysPage(run, index, { scope, kind: termKinds.tag, limit: 5 }))
    assert.deepEqual(
      keys.items.map(({ key }) => key),
      ['hushed-key'],
    )
    for (const part of [file, `${file}-wal`]) assert.ok(!readFileSync(part, 'latin1').includes('hushed'))
  }))
