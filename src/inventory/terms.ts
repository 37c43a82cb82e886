// The terms under which resources are found: keys (tag keys, types, states …) and the values of tag keys. Each has a
// posting list, known by its `tid`, and `n`, the number of resources in it. Terms are found by lookup bytes, paged by
// tid, never ordered by text, and never deleted; a tid is never reused. Writes no postings and runs no queries.
import type { ContentCodec } from '../crypto/content-codec.ts'
import type { Run, Value, WriteRun } from '../storage/database.ts'
import { postingFormat, type PostingFormat } from './postings.ts'
import { createEntityCache, type EntityCache } from './entity-cache.ts'
import type { Scope } from './scope.ts'
import { largestSize, padTo, paddedSize, type Size, unionInSizes } from './statement-sizes.ts'

/** Stored, so a number never changes its meaning. */
export const termKinds = {
  tag: 1,
  /** A CloudFormation type: AWS::EC2::Instance. */
  type: 2,
  /** What the tagging API's ResourceTypeFilters name: ec2, ec2:instance. */
  filter: 3,
  /** Every live resource; its only key is ''. `not` is relative to it. */
  all: 4,
  /** Has tags, or once had. */
  tagged: 5,
  gone: 6,
  declared: 7,
  /** By stack ARN. */
  stack: 8,
  /** Manual membership, by group id. */
  group: 9,
  /** By import source. */
  source: 10,
  /** Seen by the run under way of an import source, by the source's name. */
  run: 11,
} as const
export type TermKind = (typeof termKinds)[keyof typeof termKinds]

/** One thing by which a resource is found. A value stands for key=value and for the key's presence. */
export interface Entry {
  kind: TermKind
  key: string
  /** Tags only. */
  value?: string
}

export const liveEntry: Entry = { kind: termKinds.all, key: '' }

export interface KnownTerm {
  tid: number
  /** How many resources, when it was last seen: a hint for plans, never for answers. */
  n: number
}

/** What the index of a database needs in one process: one per database, shared by readers and the writer. */
export interface InventoryIndex {
  codec: ContentCodec
  format: PostingFormat
  /** Corral's own objects that are resources, too. */
  entities: EntityCache<object>
  cache: Map<string, KnownTerm>
  cachedCharacters: number
  /** Told what happened, for tests that must know they took every way. */
  observe: ((event: IndexEvent) => void) | undefined
}

export type IndexEvent = 'list' | 'bitmap' | 'list-to-bitmap' | 'delete-list' | 'delete-bitmap' | 'cap' | 'cache-clear'

export interface IndexSettings {
  /** 2^chunkBits resource ids share a posting. Fixed for the life of a store. */
  chunkBits?: number
  observe?: (event: IndexEvent) => void
}

const defaultChunkBits = 14

const maxCachedEntities = 10_000

export function createInventoryIndex(codec: ContentCodec, settings: IndexSettings = {}): InventoryIndex {
  return {
    codec,
    format: postingFormat(settings.chunkBits ?? defaultChunkBits),
    entities: createEntityCache(maxCachedEntities),
    cache: new Map(),
    cachedCharacters: 0,
    observe: settings.observe,
  }
}

/** A term looked for by its text: finding fills in the rest. */
export interface SoughtTerm {
  text: string
  /** Undefined if there is no such term. */
  known: KnownTerm | undefined
  /** Present when the database had to be asked. */
  lookup: Uint8Array | undefined
}

export interface SoughtKey extends SoughtTerm {
  kind: TermKind
}

/** Of a key that is already known. */
export interface SoughtValue extends SoughtTerm {
  key: SoughtKey
}

const selectKeys = unionInSizes(
  (place) => `select ${place} as place, kid as tid, n from tkey where sid = ? and kind = ? and lookup = ?`,
)
const selectValues = unionInSizes((place) => `select ${place} as place, tid, n from term where kid = ? and lookup = ?`)

export const findKeys = async (run: Run, index: InventoryIndex, scope: Scope, keys: readonly SoughtKey[]) =>
  find(run, index, scope, selectKeys, keys, ({ kind }) => [scope.sid, kind])

export const findValues = async (run: Run, index: InventoryIndex, scope: Scope, values: readonly SoughtValue[]) =>
  find(run, index, scope, selectValues, values, ({ key }) => [(key.known as KnownTerm).tid])

async function find<Term extends SoughtTerm>(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  select: Record<Size, string>,
  terms: readonly Term[],
  ownerOf: (term: Term) => readonly number[],
): Promise<void> {
  const nameOf = (term: Term) => `${ownerOf(term).join(':')} ${term.text}`
  const missing: Term[] = []
  for (const term of terms) {
    term.known = index.cache.get(nameOf(term))
    if (!term.known) missing.push(term)
  }
  const columns = select === selectKeys ? 3 : 2
  const found: Term[] = []
  for (let from = 0; from < missing.length; from += largestSize) {
    const some = missing.slice(from, from + largestSize)
    const values: Value[] = []
    for (const term of some) {
      term.lookup = index.codec.lookup(scope.account, term.text)
      values.push(...ownerOf(term), term.lookup)
    }
    const size = paddedSize(some.length)
    const rows = await run.all<KnownTerm & { place: number }>(select[size], ...padTo(values, size * columns, columns))
    for (const { place, tid, n } of rows) {
      const term = some[place]
      if (!term) continue
      term.known = { tid, n }
      found.push(term)
    }
  }
  const rememberFound = () => {
    for (const term of found) remember(index, nameOf(term), term.known as KnownTerm)
  }
  // INVARIANT: a term that might be rolled back is never served from the cache, and absence is not cached at all. What
  // the writer sees may be an earlier call's of the same batch.
  if (isWriter(run)) run.afterCommit(rememberFound)
  else rememberFound()
}

const isWriter = (run: Run): run is WriteRun => 'afterCommit' in run

/** Characters, with what an entry costs besides its text; some tens of megabytes. */
const maxCachedCharacters = 16 * 2 ** 20
const entryCharacters = 64

function remember(index: InventoryIndex, name: string, term: KnownTerm): void {
  if (index.cachedCharacters > maxCachedCharacters) {
    index.cache.clear()
    index.cachedCharacters = 0
    index.observe?.('cache-clear')
  }
  if (!index.cache.has(name)) index.cachedCharacters += name.length + entryCharacters
  index.cache.set(name, term)
}

export interface KeyItem {
  key: string
  kid: number
  n: number
}

export interface ValueItem {
  value: string
  tid: number
  n: number
}

interface ContentRow {
  tid: number
  n: number
  content: Uint8Array
  key_id: number
}

const keysSql =
  'select kid as tid, n, content, key_id from tkey where sid = ? and kind = ? and kid > ? order by kid limit ?'
const valuesSql = 'select tid, n, content, key_id from term where kid = ? and tid > ? order by tid limit ?'

/** Rows looked at for one page at most: terms whose last resource is gone are still there and must be passed. */
const maxExaminedRows = 4096
const sliceRows = 256

/** Keys that some resource has, in order of kid. `next` is the afterKid of the next page, which may be empty. */
export async function keysPage(
  run: Run,
  index: InventoryIndex,
  options: { scope: Scope; kind: TermKind; afterKid?: number; limit: number },
): Promise<{ items: KeyItem[]; next?: number }> {
  const { scope, kind, afterKid = 0, limit } = options
  const { items, next } = await termsPage(afterKid, limit, (after, rows) =>
    run.all<ContentRow>(keysSql, scope.sid, kind, after, rows),
  )
  const named = items.map((row) => ({ key: open(index, scope, row), kid: row.tid, n: row.n }))
  return next === undefined ? { items: named } : { items: named, next }
}

/** Values of a tag key that some resource has, in order of tid. `next` is the afterTid of the next page. */
export async function valuesPage(
  run: Run,
  index: InventoryIndex,
  options: { scope: Scope; key: string; afterTid?: number; limit: number },
): Promise<{ items: ValueItem[]; next?: number }> {
  const { scope, key, afterTid = 0, limit } = options
  const owner: SoughtKey = { text: key, known: undefined, lookup: undefined, kind: termKinds.tag }
  await findKeys(run, index, scope, [owner])
  if (!owner.known) return { items: [] }
  const kid = owner.known.tid
  const { items, next } = await termsPage(afterTid, limit, (after, rows) =>
    run.all<ContentRow>(valuesSql, kid, after, rows),
  )
  const named = items.map((row) => ({ value: open(index, scope, row), tid: row.tid, n: row.n }))
  return next === undefined ? { items: named } : { items: named, next }
}

const open = (index: InventoryIndex, scope: Scope, row: ContentRow): string =>
  index.codec.open(scope.account, { bytes: row.content, keyId: row.key_id })

async function termsPage(
  after: number,
  limit: number,
  slice: (after: number, rows: number) => Promise<ContentRow[]>,
): Promise<{ items: ContentRow[]; next?: number }> {
  const items: ContentRow[] = []
  let examined = after
  // One more than asked for shows whether there is a next page.
  let wanted = limit + 1
  for (let rowsLeft = maxExaminedRows + wanted; rowsLeft > 0; wanted = sliceRows) {
    const rows = await slice(examined, wanted)
    rowsLeft -= wanted
    for (const row of rows) {
      if (row.n > 0 && items.length === limit) return { items, next: examined }
      examined = row.tid
      if (row.n > 0) items.push(row)
    }
    if (rows.length < wanted) return { items }
  }
  return { items, next: examined }
}
