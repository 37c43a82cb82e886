// Finds resources by an expression: walks the chunks in which its rarest part has postings and intersects the others'
// there, a window of chunks at a time. Bounded by postings read, never by resources matched. Reads no resource and
// decides nothing about who may see it.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Run } from '../storage/database.ts'
import { countLeaves, type Expression } from './expression.ts'
import { chunksPerTerm } from './index-changes.ts'
import { andNotWords, andWords, anyWord, countWords, firstOffsets, orPosting, orWords } from './postings.ts'
import { resourceId, ridsPerScope, type Scope } from './scope.ts'
import { inSizes, largestSize, padTo, paddedSize, unionInSizes } from './statement-sizes.ts'
import {
  findKeys,
  findValues,
  type InventoryIndex,
  type KnownTerm,
  liveEntry,
  type SoughtKey,
  type SoughtValue,
  type TermKind,
  termKinds,
} from './terms.ts'

/** Every resource up to this one, in order of (sid, rid), has been examined. */
export interface Position {
  sid: number
  rid: number
}

export interface Page {
  ids: number[]
  /** Absent at the end. A page may be short, even empty, and still have one: the work of a page is bounded. */
  next?: Position
  /** Postings asked for, and terms looked up. */
  blobsRead: number
}

const defaultWorkCap = 2000
/** Postings between two turns of the event loop while counting. */
const maxSliceWork = 2000
const maxWindow = 64

/**
 * The ids of matching resources after a position, ascending. Scopes may come in any order. Past `workCap` postings the
 * page ends early, at the latest after one more chunk.
 */
export async function queryPage(
  run: Run,
  index: InventoryIndex,
  options: { scopes: readonly Scope[]; expression: Expression; after?: Position; limit: number; workCap?: number },
): Promise<Page> {
  const { expression, after, limit, workCap = defaultWorkCap } = options
  const { chunkSize, words } = index.format
  if (limit < 1) throw new RangeError('a page has at least one row')
  const first = after ? resourceId(after.sid, after.rid) + 1 : 0
  const scopes = inOrder(options.scopes).filter(({ sid }) => resourceId(sid + 1, 0) > first)
  const ids: number[] = []
  let blobsRead = 0
  for (const [place, scope] of scopes.entries()) {
    const previous = scopes[place - 1]
    if (previous && blobsRead >= workCap)
      return capped(index, ids, { sid: previous.sid, rid: ridsPerScope - 1 }, blobsRead)
    const fromRid = Math.max(0, first - resourceId(scope.sid, 0))
    const walk = await startWalk(run, index, scope, expression, fromRid)
    // One more than asked for shows where the next page must begin, or that there is none.
    let beyond: number | undefined
    do {
      for (const { chunk, accumulators, base } of await nextMatches(walk, workCap - blobsRead)) {
        const firstRid = chunk * chunkSize
        const wanted = limit + 1 - ids.length
        for (const offset of firstOffsets(accumulators, base, words, Math.max(0, fromRid - firstRid), wanted)) {
          if (ids.length < limit) ids.push(resourceId(scope.sid, firstRid + offset))
          else beyond = firstRid + offset
        }
        if (beyond !== undefined) break
      }
    } while (!walk.ended && beyond === undefined && blobsRead + walk.work < workCap)
    blobsRead += walk.work
    if (beyond !== undefined) return { ids, next: positionBefore(scope.sid, beyond, previous), blobsRead }
    if (!walk.ended) return capped(index, ids, { sid: scope.sid, rid: walk.nextChunk * chunkSize - 1 }, blobsRead)
  }
  return { ids, blobsRead }
}

/** How many resources match, in all; gives way to others between slices, while the run's snapshot stays as it is. */
export async function countMatches(
  run: Run,
  index: InventoryIndex,
  options: { scopes: readonly Scope[]; expression: Expression },
): Promise<number> {
  const { expression } = options
  const { words } = index.format
  let count = 0
  let sliceWork = 0
  const pauseAfter = async (work: number) => {
    sliceWork += work
    if (sliceWork < maxSliceWork) return
    sliceWork = 0
    await nextTurn()
  }
  for (const scope of inOrder(options.scopes)) {
    const stored = await storedCount(run, index, scope, expression)
    await pauseAfter(1)
    if (stored !== undefined) {
      count += stored
      continue
    }
    const walk = await startWalk(run, index, scope, expression, 0)
    do {
      const workBefore = walk.work
      for (const { accumulators, base } of await nextMatches(walk, workBefore + maxSliceWork))
        count += countWords(accumulators, base, words)
      await pauseAfter(walk.work - workBefore)
    } while (!walk.ended)
  }
  return count
}

const keyCountSql = 'select n from tkey where sid = ? and kind = ? and kid = ?'
const valueCountSql = 'select n from term where kid = ? and tid = ?'

/** What one list's own count answers; undefined where lists have to be walked. */
async function storedCount(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  expression: Expression,
): Promise<number | undefined> {
  if (!('has' in expression) && !('is' in expression)) return undefined
  const sought = await findTerms(run, index, scope, expression)
  if ('has' in expression) {
    const { kind, key } = expression.has
    const known = sought.get(kind)?.get(key)?.known
    return known ? ((await run.get<{ n: number }>(keyCountSql, scope.sid, kind, known.tid))?.n ?? 0) : 0
  }
  const owner = sought.get(termKinds.tag)?.get(expression.is.key)
  const known = owner?.values.get(expression.is.value)?.known
  if (!owner?.known || !known) return 0
  return (await run.get<{ n: number }>(valueCountSql, owner.known.tid, known.tid))?.n ?? 0
}

const inOrder = (scopes: readonly Scope[]): Scope[] => {
  const bySid = new Map(scopes.map((scope) => [scope.sid, scope]))
  return [...bySid.values()].sort((one, other) => one.sid - other.sid)
}

function capped(index: InventoryIndex, ids: number[], next: Position, blobsRead: number): Page {
  index.observe?.('cap')
  return { ids, next, blobsRead }
}

const positionBefore = (sid: number, rid: number, previous: Scope | undefined): Position =>
  // A match at the very beginning of a scope is only ever beyond the page when earlier scopes filled it.
  rid === 0 && previous ? { sid: previous.sid, rid: ridsPerScope - 1 } : { sid, rid: rid - 1 }

/** A union of lists and parts, or what is in `all` parts and in `none` of the others. */
type Plan = { n: number; tids: number[]; parts: Plan[] } | { n: number; all: Plan[]; none: Plan[] }

/** Reads ahead in one of the lists that say which chunks are worth looking at. */
interface Cursor {
  tid: number
  nextChunk: number
  exhausted: boolean
  postings: Map<number, Uint8Array>
}

interface Walk {
  run: Run
  index: InventoryIndex
  plan: Plan
  /** Postings that one chunk can cost at most. */
  leaves: number
  cursors: Map<number, Cursor>
  /** All chunks before it have been examined. */
  nextChunk: number
  ended: boolean
  work: number
  window: number
  /** The chunks of the present window; a chunk's place among them is its slot in the accumulators. */
  chunks: number[]
  slotOf: Map<number, number>
  /** One per depth of the plan. */
  accumulators: Uint32Array[]
}

interface ChunkMatches {
  chunk: number
  accumulators: Uint32Array
  /** Where the chunk's words begin. */
  base: number
}

async function startWalk(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  expression: Expression,
  fromRid: number,
): Promise<Walk> {
  const leaves = countLeaves(expression)
  const plan = planOf(await findTerms(run, index, scope, expression), expression)
  const nextChunk = Math.floor(fromRid / index.format.chunkSize)
  const cursors = new Map(
    drivers(plan).map((tid) => [tid, { tid, nextChunk, exhausted: false, postings: new Map<number, Uint8Array>() }]),
  )
  return {
    run,
    index,
    plan,
    leaves,
    cursors,
    nextChunk,
    ended: false,
    work: leaves,
    window: 1,
    chunks: [],
    slotOf: new Map(),
    accumulators: [],
  }
}

/** The terms of an expression, by kind and key. */
type Sought = Map<TermKind, Map<string, SoughtKey & { values: Map<string, SoughtValue> }>>

async function findTerms(run: Run, index: InventoryIndex, scope: Scope, expression: Expression): Promise<Sought> {
  const sought: Sought = new Map()
  seek(sought, liveEntry.kind, liveEntry.key)
  collect(sought, expression)
  const keys = [...sought.values()].flatMap((ofKind) => [...ofKind.values()])
  await findKeys(run, index, scope, keys)
  const values = keys.flatMap((key) => (key.known ? [...key.values.values()] : []))
  await findValues(run, index, scope, values)
  return sought
}

function seek(sought: Sought, kind: TermKind, text: string, value?: string): void {
  let ofKind = sought.get(kind)
  if (!ofKind) sought.set(kind, (ofKind = new Map()))
  let key = ofKind.get(text)
  if (!key) ofKind.set(text, (key = { text, known: undefined, lookup: undefined, kind, values: new Map() }))
  if (value !== undefined) key.values.set(value, { text: value, known: undefined, lookup: undefined, key })
}

function collect(sought: Sought, expression: Expression): void {
  if ('and' in expression) for (const child of expression.and) collect(sought, child)
  else if ('or' in expression) for (const child of expression.or) collect(sought, child)
  else if ('not' in expression) collect(sought, expression.not)
  else if ('has' in expression) seek(sought, expression.has.kind, expression.has.key)
  else seek(sought, termKinds.tag, expression.is.key, expression.is.value)
}

function planOf(sought: Sought, expression: Expression): Plan {
  if ('has' in expression) return listPlan(sought.get(expression.has.kind)?.get(expression.has.key)?.known)
  if ('is' in expression) {
    const key = sought.get(termKinds.tag)?.get(expression.is.key)
    return listPlan(key?.values.get(expression.is.value)?.known)
  }
  if ('or' in expression) {
    const tids = new Set<number>()
    const parts: Plan[] = []
    let n = 0
    for (const child of expression.or) {
      const part = planOf(sought, child)
      n += part.n
      if ('tids' in part) for (const tid of part.tids) tids.add(tid)
      if ('tids' in part) parts.push(...part.parts)
      else parts.push(part)
    }
    return { n, tids: [...tids], parts }
  }
  const live = listPlan(sought.get(liveEntry.kind)?.get(liveEntry.key)?.known)
  if ('not' in expression) return { n: live.n, all: [live], none: [planOf(sought, expression.not)] }
  const all: Plan[] = []
  const none: Plan[] = []
  for (const child of expression.and) {
    if ('not' in child) none.push(planOf(sought, child.not))
    else all.push(planOf(sought, child))
  }
  if (all.length === 0 || none.length > 0) all.push(live)
  all.sort((one, other) => one.n - other.n)
  none.sort((one, other) => other.n - one.n)
  const [rarest] = all
  return { n: (rarest as Plan).n, all, none }
}

const listPlan = (term: KnownTerm | undefined): Plan => ({ n: term?.n ?? 0, tids: term ? [term.tid] : [], parts: [] })

/** The lists without which nothing can match. */
function drivers(plan: Plan): number[] {
  if ('all' in plan) return drivers(plan.all[0] as Plan)
  return [...new Set([...plan.tids, ...plan.parts.flatMap(drivers)])]
}

/**
 * Examines the next window of chunks, one at least, while the walk's work stays within `workCap`; the matches in them, in
 * order. Sets `ended` when there are no more.
 */
async function nextMatches(walk: Walk, workCap: number): Promise<ChunkMatches[]> {
  const affordable = Math.floor((workCap - walk.work) / walk.leaves)
  walk.chunks = await nextChunks(walk, Math.max(1, Math.min(walk.window, affordable)))
  walk.window = Math.min(walk.window * 2, maxWindow)
  walk.slotOf = new Map(walk.chunks.map((chunk, slot) => [chunk, slot]))
  const slots = walk.chunks.map((_, slot) => slot)
  const { words } = walk.index.format
  const matches: ChunkMatches[] = []
  if (slots.length > 0) {
    const accumulators = await fill(walk, walk.plan, slots, 0)
    for (const [slot, chunk] of walk.chunks.entries())
      if (anyWord(accumulators, slot * words, words)) matches.push({ chunk, accumulators, base: slot * words })
    walk.nextChunk = (walk.chunks.at(-1) as number) + 1
  }
  walk.ended = true
  for (const cursor of walk.cursors.values()) {
    for (const chunk of walk.chunks) cursor.postings.delete(chunk)
    if (!cursor.exhausted || cursor.postings.size > 0) walk.ended = false
  }
  return matches
}

interface PostingRow {
  id: number
  bits: Uint8Array
}

/** The next chunks in which some driver has a posting, at most `size`; none at the end. */
async function nextChunks(walk: Walk, size: number): Promise<number[]> {
  const cursors = [...walk.cursors.values()]
  const behind = cursors.filter(({ exhausted, postings }) => !exhausted && postings.size === 0)
  const rows = Math.max(1, Math.floor(size / cursors.length))
  for (let from = 0; from < behind.length; from += largestSize)
    await readAhead(walk, behind.slice(from, from + largestSize), rows)
  // Beyond the last chunk read of any list that goes on, that list may have more.
  let horizon = Infinity
  for (const { exhausted, nextChunk } of cursors) if (!exhausted) horizon = Math.min(horizon, nextChunk - 1)
  const chunks = new Set<number>()
  for (const { postings } of cursors) for (const chunk of postings.keys()) if (chunk <= horizon) chunks.add(chunk)
  return [...chunks].sort((one, other) => one - other).slice(0, size)
}

const selectAhead = unionInSizes(
  (place) =>
    `select * from (select id, bits from posting where id >= ? and id < ? order by id limit ?) as ahead${place}`,
)

async function readAhead(walk: Walk, cursors: readonly Cursor[], rows: number): Promise<void> {
  const values = cursors.flatMap(({ tid, nextChunk }) => [
    tid * chunksPerTerm + nextChunk,
    (tid + 1) * chunksPerTerm,
    rows,
  ])
  const size = paddedSize(cursors.length)
  // Nothing lies between 0 and 0.
  while (values.length < size * 3) values.push(0)
  for (const { id, bits } of await walk.run.all<PostingRow>(selectAhead[size], ...values)) {
    const cursor = walk.cursors.get(Math.floor(id / chunksPerTerm)) as Cursor
    const chunk = id % chunksPerTerm
    cursor.postings.set(chunk, bits)
    cursor.nextChunk = chunk + 1
  }
  for (const cursor of cursors) {
    walk.work += Math.max(1, cursor.postings.size)
    cursor.exhausted = cursor.postings.size < rows
  }
}

/** Computes a plan's matches in the given slots; the accumulators of this depth, of which other slots mean nothing. */
async function fill(walk: Walk, plan: Plan, slots: readonly number[], depth: number): Promise<Uint32Array> {
  const { words } = walk.index.format
  if ('tids' in plan) {
    const into = clearAccumulators(walk, slots, depth)
    await addPostings(walk, plan.tids, slots, into)
    for (const part of plan.parts) {
      const other = await fill(walk, part, slots, depth + 1)
      for (const slot of slots) orWords(into, other, slot * words, words)
    }
    return into
  }
  const [rarest, ...others] = plan.all
  const into = await fill(walk, rarest as Plan, slots, depth)
  let left = slots.filter((slot) => anyWord(into, slot * words, words))
  for (const other of others) {
    if (left.length === 0) return into
    const also = await fill(walk, other, left, depth + 1)
    left = left.filter((slot) => andWords(into, also, slot * words, words))
  }
  for (const other of plan.none) {
    if (left.length === 0) return into
    const not = await fill(walk, other, left, depth + 1)
    left = left.filter((slot) => andNotWords(into, not, slot * words, words))
  }
  return into
}

function clearAccumulators(walk: Walk, slots: readonly number[], depth: number): Uint32Array {
  const { words } = walk.index.format
  let accumulators = walk.accumulators[depth]
  if (!accumulators || accumulators.length < walk.chunks.length * words) {
    accumulators = new Uint32Array(walk.chunks.length * words)
    walk.accumulators[depth] = accumulators
  } else for (const slot of slots) accumulators.fill(0, slot * words, (slot + 1) * words)
  return accumulators
}

const selectPostings = inSizes('?', (rows) => `select id, bits from posting where id in (${rows})`)

async function addPostings(
  walk: Walk,
  tids: readonly number[],
  slots: readonly number[],
  into: Uint32Array,
): Promise<void> {
  const { format } = walk.index
  const { words } = format
  const ids: number[] = []
  for (const tid of tids) {
    const cursor = walk.cursors.get(tid)
    for (const slot of slots) {
      const chunk = walk.chunks[slot] as number
      const bits = cursor?.postings.get(chunk)
      if (bits) orPosting(format, into, slot * words, bits)
      else if (!cursor) ids.push(tid * chunksPerTerm + chunk)
    }
  }
  walk.work += ids.length
  for (let from = 0; from < ids.length; from += largestSize) {
    const some = ids.slice(from, from + largestSize)
    const size = paddedSize(some.length)
    for (const { id, bits } of await walk.run.all<PostingRow>(selectPostings[size], ...padTo(some, size))) {
      const slot = walk.slotOf.get(id % chunksPerTerm) as number
      orPosting(format, into, slot * words, bits)
    }
  }
}
