// Writes the index: which posting lists a batch of resources enters and leaves. Every list is read and written once per
// batch, however many of its resources change. Knows nothing of resources but their ids and entries.
import type { WriteRun } from '../storage/database.ts'
import { applyOperations, type Operation } from './postings.ts'
import { ridOf, type Scope, sidOf } from './scope.ts'
import { filledSize, inSizes, largestSize, padTo, paddedSize, type Size } from './statement-sizes.ts'
import {
  type Entry,
  findKeys,
  findValues,
  type InventoryIndex,
  type KnownTerm,
  type SoughtKey,
  type SoughtTerm,
  type SoughtValue,
  type TermKind,
} from './terms.ts'

export interface IndexChange {
  id: number
  /** As given as `after` the last time; nothing for a new resource. */
  before: readonly Entry[]
  after: readonly Entry[]
}

/** What a batch does to one posting list. */
interface ListChange extends SoughtTerm {
  operations: Operation[]
  /** Operations so far came in order of resource. */
  ascending: boolean
  delta: number
  isNew: boolean
}

interface KeyChange extends ListChange, SoughtKey {
  values: Map<string, ValueChange>
}

interface ValueChange extends ListChange, SoughtValue {
  key: KeyChange
}

/**
 * In the writer's transaction: brings postings and counts from each resource's `before` to its `after`. All are of one
 * scope; a resource may occur twice, later changes last. The caller limits how many there are and how long texts are.
 */
export async function applyIndexChanges(
  run: WriteRun,
  index: InventoryIndex,
  scope: Scope,
  changes: readonly IndexChange[],
): Promise<void> {
  const keys = collect(scope, changes)
  await resolve(run, index, scope, keys)
  const lists: ListChange[] = []
  for (const key of keys) {
    if (key.known && key.operations.length > 0) lists.push(key)
    for (const value of key.values.values()) if (value.known && value.operations.length > 0) lists.push(value)
  }
  await writePostings(run, index, lists)
  await writeTerms(run, index, scope, keys)
}

function collect(scope: Scope, changes: readonly IndexChange[]): KeyChange[] {
  const kinds = new Map<TermKind, Map<string, KeyChange>>()
  const keys: KeyChange[] = []
  const keyOf = (kind: TermKind, text: string): KeyChange => {
    let ofKind = kinds.get(kind)
    if (!ofKind) kinds.set(kind, (ofKind = new Map()))
    let key = ofKind.get(text)
    if (!key) {
      key = { ...listChange(text), kind, values: new Map() }
      ofKind.set(text, key)
      keys.push(key)
    }
    return key
  }
  const valueOf = (key: KeyChange, text: string): ValueChange => {
    let value = key.values.get(text)
    if (!value) key.values.set(text, (value = { ...listChange(text), key }))
    return value
  }
  for (const { id, before, after } of changes) {
    if (sidOf(id) !== scope.sid) throw new Error(`resource ${id} is not of scope ${scope.sid}`)
    const leave = ridOf(id) * 2
    for (const entry of before) {
      const key = keyOf(entry.kind, entry.key)
      note(key, leave)
      if (entry.value !== undefined) note(valueOf(key, entry.value), leave)
    }
    for (const entry of after) {
      const key = keyOf(entry.kind, entry.key)
      note(key, leave + 1)
      if (entry.value !== undefined) note(valueOf(key, entry.value), leave + 1)
    }
  }
  return keys
}

const listChange = (text: string): ListChange => ({
  text,
  operations: [],
  ascending: true,
  delta: 0,
  known: undefined,
  lookup: undefined,
  isNew: false,
})

function note(list: ListChange, operation: Operation): void {
  const { operations } = list
  const last = operations.at(-1)
  if (last === undefined) operations.push(operation)
  // Entering right after leaving is what an entry in both `before` and `after` comes to: the list need not be touched.
  else if (last === operation - 1 && operation % 2 === 1) operations.pop()
  else if (last !== operation) {
    if (operation < last - (last % 2)) list.ascending = false
    operations.push(operation)
  }
}

const enters = (list: ListChange): boolean => list.operations.some((operation) => operation % 2 === 1)

const isChanged = (list: ListChange): boolean => list.operations.length > 0

/** Finds the tids of all lists that change, and gives new ones to lists that are entered for the first time. */
async function resolve(run: WriteRun, index: InventoryIndex, scope: Scope, keys: readonly KeyChange[]): Promise<void> {
  const changedValues = keys.flatMap(({ values }) => [...values.values()].filter(isChanged))
  const owners = new Set(changedValues.map(({ key }) => key))
  const changedKeys = keys.filter((key) => isChanged(key) || owners.has(key))
  await findKeys(run, index, scope, changedKeys)
  await findValues(
    run,
    index,
    scope,
    changedValues.filter(({ key }) => key.known),
  )
  const entered = changedValues.filter((value) => !value.known && enters(value))
  const enteredKeys = new Set(entered.map(({ key }) => key))
  const created: ListChange[] = [
    ...changedKeys.filter((key) => !key.known && (enters(key) || enteredKeys.has(key))),
    ...entered,
  ]
  let tid = await reserveTids(run, created.length)
  for (const list of created) {
    list.known = { tid: tid++, n: 0 }
    list.isNew = true
  }
}

const reserveSql = `insert into counter (name, next) values ('tid', ?)
  on conflict (name) do update set next = counter.next + excluded.next - 1 returning next`
/** So that tid * 2^20 + chunk stays an exact number. */
const maxTid = 2 ** 33

/** The first of `count` consecutive tids. They begin at 1, since pages go by "after tid 0". */
async function reserveTids(run: WriteRun, count: number): Promise<number> {
  if (count === 0) return 0
  const row = await run.get<{ next: number }>(reserveSql, count + 1)
  if (!row || row.next > maxTid) throw new Error('no more terms fit in this store')
  return row.next - count
}

/** The part of a list's operations that falls into one chunk. */
interface PostingChange {
  id: number
  list: ListChange
  from: number
  to: number
}

export const chunksPerTerm = 2 ** 20

const selectPostings = inSizes('?', (rows) => `select id, bits from posting where id in (${rows})`)
const upsertPostings = inSizes(
  '(?, ?)',
  (rows) => `insert into posting (id, bits) values ${rows} on conflict (id) do update set bits = excluded.bits`,
)
const deletePostings = inSizes('?', (rows) => `delete from posting where id in (${rows})`)

async function writePostings(run: WriteRun, index: InventoryIndex, lists: readonly ListChange[]): Promise<void> {
  const changes = lists.flatMap((list) => splitByChunk(index, list))
  // In the table's order, neighbours share a page.
  changes.sort((one, other) => one.id - other.id)
  const written: (number | Uint8Array)[] = []
  const deleted: number[] = []
  for (let from = 0; from < changes.length; from += largestSize) {
    const slice = changes.slice(from, from + largestSize)
    const stored = await readPostings(run, slice)
    for (const change of slice) {
      const { list } = change
      const before = stored.get(change.id)
      const result = applyOperations(index.format, before, list.operations, change.from, change.to)
      if (!result.changed) continue
      list.delta += result.delta
      if (result.bits) written.push(change.id, result.bits)
      else if (before) deleted.push(change.id)
      if (index.observe) observePosting(index, before, result.bits)
    }
    // Held back until they fill the largest statement, since the smaller ones cost far more a row.
    await writeRows(run, upsertPostings, 2, written, false)
  }
  await writeRows(run, upsertPostings, 2, written, true)
  for (let from = 0; from < deleted.length; from += largestSize) {
    const ids = deleted.slice(from, from + largestSize)
    const size = paddedSize(ids.length)
    await run.run(deletePostings[size], ...padTo(ids, size))
  }
}

function splitByChunk(index: InventoryIndex, list: ListChange): PostingChange[] {
  const { operations } = list
  const { tid } = list.known as KnownTerm
  const { chunkSize } = index.format
  if (!list.ascending) operations.sort((one, other) => Math.floor(one / 2) - Math.floor(other / 2))
  const changes: PostingChange[] = []
  for (let from = 0; from < operations.length;) {
    const chunk = Math.floor((operations[from] as number) / (2 * chunkSize))
    // Only the small chunks of tests have too few of them for all ids of a scope.
    if (chunk >= chunksPerTerm) throw new RangeError(`chunks of ${chunkSize} ids do not reach that far`)
    const end = (chunk + 1) * 2 * chunkSize
    let to = from + 1
    while (to < operations.length && (operations[to] as number) < end) to++
    changes.push({ id: tid * chunksPerTerm + chunk, list, from, to })
    from = to
  }
  return changes
}

async function readPostings(run: WriteRun, changes: readonly PostingChange[]): Promise<Map<number, Uint8Array>> {
  const ids = changes.filter(({ list }) => !list.isNew).map(({ id }) => id)
  if (ids.length === 0) return new Map()
  const size = paddedSize(ids.length)
  const rows = await run.all<{ id: number; bits: Uint8Array }>(selectPostings[size], ...padTo(ids, size))
  return new Map(rows.map(({ id, bits }) => [id, bits]))
}

function observePosting(index: InventoryIndex, before: Uint8Array | undefined, after: Uint8Array | undefined): void {
  const { bitmapBytes } = index.format
  const wasBitmap = before?.length === bitmapBytes
  if (!after) index.observe?.(wasBitmap ? 'delete-bitmap' : 'delete-list')
  else if (after.length === bitmapBytes) index.observe?.(wasBitmap ? 'bitmap' : 'list-to-bitmap')
  else index.observe?.('list')
}

/** Takes whole statements' worth of rows off `values`; all of them if `toEnd`. */
async function writeRows(
  run: WriteRun,
  statements: Record<Size, string>,
  columns: number,
  values: (string | number | Uint8Array)[],
  toEnd: boolean,
): Promise<void> {
  while (values.length > 0) {
    const size = filledSize(values.length / columns)
    if (size < largestSize && !toEnd) return
    await run.run(statements[size], ...values.splice(0, size * columns))
  }
}

const insertKeys = inSizes(
  '(?, ?, ?, ?, ?, ?, ?)',
  (rows) => `insert into tkey (sid, kind, kid, lookup, content, key_id, n) values ${rows}`,
)
const insertValues = inSizes(
  '(?, ?, ?, ?, ?, ?)',
  (rows) => `insert into term (kid, tid, lookup, content, key_id, n) values ${rows}`,
)
const countKeySql = 'update tkey set n = n + ? where sid = ? and kind = ? and kid = ?'
const countValueSql = 'update term set n = n + ? where kid = ? and tid = ?'

async function writeTerms(
  run: WriteRun,
  index: InventoryIndex,
  scope: Scope,
  keys: readonly KeyChange[],
): Promise<void> {
  const { codec } = index
  const { account, sid } = scope
  const newKeys: (number | Uint8Array)[] = []
  const newValues: (number | Uint8Array)[] = []
  for (const key of keys) {
    if (!key.known) continue
    const kid = key.known.tid
    if (key.isNew) {
      const { bytes, keyId } = codec.seal(account, key.text)
      newKeys.push(sid, key.kind, kid, key.lookup as Uint8Array, bytes, keyId, key.delta)
    } else if (key.delta !== 0) await run.run(countKeySql, key.delta, sid, key.kind, kid)
    key.known.n += key.delta
    for (const value of key.values.values()) {
      if (!value.known) continue
      if (value.isNew) {
        const { bytes, keyId } = codec.seal(account, value.text)
        newValues.push(
          kid,
          value.known.tid,
          value.lookup ?? codec.lookup(account, value.text),
          bytes,
          keyId,
          value.delta,
        )
      } else if (value.delta !== 0) await run.run(countValueSql, value.delta, kid, value.known.tid)
      value.known.n += value.delta
    }
  }
  await writeRows(run, insertKeys, 7, newKeys, true)
  await writeRows(run, insertValues, 6, newValues, true)
}
