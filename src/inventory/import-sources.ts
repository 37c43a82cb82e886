// Import sources: what each named source says of resources, which resources it knows, and how far its present run is.
// What a source says stands here and not with the resource, so that a source which only repeats what is known changes
// no resource, and the change log of resources tells of resources alone; the log has one row for each step of a run.
// When a resource was last seen by a source is not written with it: it is the time of the source's last run.
import type { ChangeRun } from '../changes/change-log.ts'
import type { Run, WriteRun } from '../storage/database.ts'
import { applyIndexChanges, chunksPerTerm } from './index-changes.ts'
import { type Position, queryPage } from './query.ts'
import type { Assertion } from './resources.ts'
import { resourceId, type Scope } from './scope.ts'
import { inSizes, largestSize, padTo, paddedSize } from './statement-sizes.ts'
import { type Entry, findKeys, type InventoryIndex, type SoughtKey, termKinds } from './terms.ts'

/** What one source says of one resource. */
export interface SourceAssertion extends Assertion {
  /** It says what is to be, and not that it is there. */
  declared?: true
}

export interface ImportCounts {
  created: number
  updated: number
  unchanged: number
  declared: number
  confirmed: number
  repeated: number
  rejected: number
  gone: number
}

export const noCounts: ImportCounts = {
  created: 0,
  updated: 0,
  unchanged: 0,
  declared: 0,
  confirmed: 0,
  repeated: 0,
  rejected: 0,
  gone: 0,
}

export function addCounts(one: ImportCounts, other: ImportCounts): ImportCounts {
  const sum = { ...one }
  for (const name of Object.keys(sum) as (keyof ImportCounts)[]) sum[name] += other[name]
  return sum
}

export interface ImportRun {
  /** As the client named it. */
  id: string
  startedMs: number
  /** Records taken so far: the next one's place. */
  nextOffset: number
  /** The store held no resource when the run began. */
  isFirstLoad: boolean
  counts: ImportCounts
  /** How far the search for resources that were not seen is. */
  sweep?: SweepPosition
}

export interface SweepPosition {
  state: 'live' | 'declared'
  after?: Position
}

export interface ImportSource {
  id: number
  name: string
  version: number
  run?: ImportRun
  /** Of the last complete run. */
  lastRun?: { id: string; records: number; completedMs: number; counts: ImportCounts }
}

interface SourceRow {
  id: number
  version: number
  content: Uint8Array
  key_id: number
}

const findSql = 'select id, version, content, key_id from import_source where account = ? and name_lookup = ?'
const findByIdsSql = inSizes(
  '?',
  (rows) => `select id, version, content, key_id from import_source where id in (${rows})`,
)

export async function findImportSource(
  run: Run,
  index: InventoryIndex,
  account: string,
  name: string,
): Promise<ImportSource | undefined> {
  const row = await run.get<SourceRow>(findSql, account, index.codec.lookup(account, name))
  return row && readSource(index, account, row)
}

export async function importSourceNames(
  run: Run,
  index: InventoryIndex,
  account: string,
  ids: Iterable<number>,
): Promise<Map<number, string>> {
  const distinct = [...new Set(ids)]
  const names = new Map<number, string>()
  for (let from = 0; from < distinct.length; from += largestSize) {
    const wanted = distinct.slice(from, from + largestSize)
    const size = paddedSize(wanted.length)
    for (const row of await run.all<SourceRow>(findByIdsSql[size], ...padTo(wanted, size)))
      names.set(row.id, readSource(index, account, row).name)
  }
  return names
}

function readSource(index: InventoryIndex, account: string, row: SourceRow): ImportSource {
  const content = JSON.parse(index.codec.open(account, { bytes: row.content, keyId: row.key_id })) as ImportSource
  return { ...content, id: row.id, version: row.version }
}

const nextIdSql = `insert into counter (name, next) values ('import-source', 2)
  on conflict (name) do update set next = counter.next + 1 returning next`
const putSql = `insert into import_source (id, account, name_lookup, content, key_id, version) values (?, ?, ?, ?, ?, ?)
  on conflict (id) do update set content = excluded.content, key_id = excluded.key_id, version = excluded.version`

/** Writes the source's next state; `before` is what was found of it. */
export async function putImportSource(
  run: ChangeRun,
  index: InventoryIndex,
  before: ImportSource | undefined,
  after: Pick<ImportSource, 'name' | 'run' | 'lastRun'>,
): Promise<ImportSource> {
  const { account } = run.origin
  const id = before?.id ?? ((await run.get<{ next: number }>(nextIdSql))?.next ?? 2) - 1
  const source = { id, version: (before?.version ?? 0) + 1, ...after }
  const text = contentOf(source)
  const { bytes, keyId } = index.codec.seal(account, text)
  await run.run(putSql, id, account, index.codec.lookup(account, source.name), bytes, keyId, source.version)
  run.record({
    kind: 'import-source',
    objectId: id,
    version: source.version,
    before: before ? contentOf(before) : null,
    after: text,
  })
  return source
}

const contentOf = ({ name, run, lastRun }: ImportSource): string =>
  JSON.stringify({ name, ...(run && { run }), ...(lastRun && { lastRun }) })

/** What sources say, by resource id and then by source id. */
export type Assertions = Map<number, Map<number, SourceAssertion>>

interface AssertionRow {
  resource_id: number
  source_id: number
  content: Uint8Array
  key_id: number
}

const findAssertionsSql = inSizes(
  '?',
  (rows) => `select resource_id, source_id, content, key_id from import_assertion where resource_id in (${rows})`,
)

export async function findAssertions(
  run: Run,
  index: InventoryIndex,
  account: string,
  resourceIds: readonly number[],
): Promise<Assertions> {
  const found: Assertions = new Map()
  for (let from = 0; from < resourceIds.length; from += largestSize) {
    const wanted = resourceIds.slice(from, from + largestSize)
    const size = paddedSize(wanted.length)
    for (const row of await run.all<AssertionRow>(findAssertionsSql[size], ...padTo(wanted, size))) {
      const text = index.codec.open(account, { bytes: row.content, keyId: row.key_id })
      let ofResource = found.get(row.resource_id)
      if (!ofResource) found.set(row.resource_id, (ofResource = new Map()))
      ofResource.set(row.source_id, JSON.parse(text) as SourceAssertion)
    }
  }
  return found
}

const putAssertionsSql = inSizes(
  '(?, ?, ?, ?)',
  (rows) =>
    `insert into import_assertion (resource_id, source_id, content, key_id) values ${rows}
     on conflict (resource_id, source_id) do update set content = excluded.content, key_id = excluded.key_id`,
)

export async function putAssertions(
  run: WriteRun,
  index: InventoryIndex,
  account: string,
  assertions: readonly { resourceId: number; sourceId: number; assertion: SourceAssertion }[],
): Promise<void> {
  const rows = assertions.map(({ resourceId, sourceId, assertion }) => {
    const { bytes, keyId } = index.codec.seal(account, JSON.stringify(assertion))
    return [resourceId, sourceId, bytes, keyId]
  })
  for (let from = 0; from < rows.length;) {
    const left = rows.length - from
    const size = left >= 64 ? 64 : left >= 8 ? 8 : 1
    await run.run(putAssertionsSql[size], ...rows.slice(from, from + size).flat())
    from += size
  }
}

export async function removeAssertion(run: WriteRun, resourceId: number, sourceId: number): Promise<void> {
  await run.run('delete from import_assertion where resource_id = ? and source_id = ?', resourceId, sourceId)
}

export async function removeAssertions(run: WriteRun, resourceId: number): Promise<void> {
  await run.run('delete from import_assertion where resource_id = ?', resourceId)
}

const sourceEntry = (source: string): Entry => ({ kind: termKinds.source, key: source })
const runEntry = (source: string): Entry => ({ kind: termKinds.run, key: source })

/** Notes that the source knows these resources of a scope (`added`), and that its present run has seen them. */
export async function noteSeen(
  run: WriteRun,
  index: InventoryIndex,
  scope: Scope,
  source: string,
  ids: { added: readonly number[]; seen: readonly number[] },
): Promise<void> {
  const added = ids.added.map((id) => ({ id, before: [], after: [sourceEntry(source)] }))
  const seen = ids.seen.map((id) => ({ id, before: [], after: [runEntry(source)] }))
  await applyIndexChanges(run, index, scope, [...added, ...seen])
}

/** The source knows these resources no more. */
export async function noteDropped(
  run: WriteRun,
  index: InventoryIndex,
  scope: Scope,
  source: string,
  ids: readonly number[],
): Promise<void> {
  await applyIndexChanges(
    run,
    index,
    scope,
    ids.map((id) => ({ id, before: [sourceEntry(source)], after: [] })),
  )
}

/** Forgets what the run had seen, all scopes of it at once: a few statements, however long the lists are. */
export async function forgetSeen(
  run: WriteRun,
  index: InventoryIndex,
  scopes: readonly Scope[],
  source: string,
): Promise<void> {
  for (const scope of scopes) {
    const key: SoughtKey = { kind: termKinds.run, text: source, known: undefined, lookup: undefined }
    await findKeys(run, index, scope, [key])
    if (!key.known) continue
    const { tid } = key.known
    const first = tid * chunksPerTerm
    await run.run('delete from posting where id >= ? and id < ?', first, first + chunksPerTerm)
    await run.run('update tkey set n = 0 where sid = ? and kind = ? and kid = ?', scope.sid, termKinds.run, tid)
    key.known.n = 0
  }
}

/**
 * Resources of the source that its run has not seen, all of them if `everything`. At most `limit`, and fewer where the
 * search has done its share of work; `next` is absent once all have been found.
 */
export async function unseenPage(
  run: Run,
  index: InventoryIndex,
  options: {
    scopes: readonly Scope[]
    source: string
    from: SweepPosition
    limit: number
    everything: boolean
  },
): Promise<{ ids: number[]; next?: SweepPosition }> {
  const { scopes, source, from, limit, everything } = options
  const state = from.state === 'live' ? termKinds.all : termKinds.declared
  const known = { and: [{ has: sourceEntry(source) }, { has: { kind: state, key: '' } }] }
  const place = { scopes, limit, ...(from.after && { after: from.after }) }
  // `not` finds live ones only, so of declared ones those that were seen are taken away here.
  const isLive = from.state === 'live'
  const expression = isLive && !everything ? { and: [...known.and, { not: { has: runEntry(source) } }] } : known
  const page = await queryPage(run, index, { ...place, expression })
  let ids = page.ids
  if (!isLive && !everything && ids.length > 0) {
    const last = ids.at(-1) as number
    const seen = new Set<number>()
    let after = from.after
    do {
      const more = await queryPage(run, index, {
        scopes,
        limit,
        ...(after && { after }),
        expression: { and: [...known.and, { has: runEntry(source) }] },
      })
      for (const id of more.ids) seen.add(id)
      after = more.next
    } while (after && resourceId(after.sid, after.rid) < last)
    ids = ids.filter((id) => !seen.has(id))
  }
  if (page.next) return { ids, next: { state: from.state, after: page.next } }
  return from.state === 'live' ? { ids, next: { state: 'declared' } } : { ids }
}
