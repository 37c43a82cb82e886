// Resources: the rows behind the index. One row a resource, its tags and everything a customer could recognise in one
// content blob; found by ARN within its account, by id, or by query. Writing keeps row, index and change log together.
// Who may change a tag is asked here, so that no way of writing goes around it; what the answer is, is not known here.
import type { ChangeRun } from '../changes/change-log.ts'
import { typeFilters } from '../catalogue/catalogue.ts'
import { parseArn } from '../model/arn.ts'
import type { Run } from '../storage/database.ts'
import type { Expression } from './expression.ts'
import { applyIndexChanges, type IndexChange } from './index-changes.ts'
import { type Position, queryPage } from './query.ts'
import { reserveRids, resourceId, type Scope, sidOf } from './scope.ts'
import { inSizes, largestSize, padTo, paddedSize } from './statement-sizes.ts'
import { type Entry, type InventoryIndex, liveEntry, termKinds } from './terms.ts'

export type Tags = Readonly<Record<string, string>>

/** Stored, so a number never changes its meaning. */
export const resourceStates = { live: 1, declared: 2, gone: 3 } as const
export type ResourceState = keyof typeof resourceStates
const stateNames: Record<number, ResourceState> = { 1: 'live', 2: 'declared', 3: 'gone' }

/** What one import source says of a resource. */
export interface Assertion {
  /** Its tags at that source; absent where the source says nothing of tags. */
  tags?: Tags
}

/** Kept as one content blob. */
export interface ResourceContent {
  arn: string
  /** `AWS::EC2::Instance` */
  type: string
  tags: Tags
  /** Has tags, or had some once. */
  everTagged: boolean
  /** Its id within its type, where a source gave one. */
  physicalId?: string
  /** The configuration that AWS Config's intake was given, as text. */
  configuration?: string
  /** Stacks that hold it: stack ARN → logical id. */
  stacks?: Readonly<Record<string, string>>
  /** Groups that it was put into by hand, by id. */
  groups?: readonly number[]
  /** Import sources that say it exists, by name. */
  sources?: Readonly<Record<string, Assertion>>
}

export interface Resource extends ResourceContent {
  id: number
  account: string
  state: ResourceState
  /** Grows with each change. */
  version: number
  /** 0, or the id once the row is a tombstone whose ARN may be used by another object. */
  generation: number
  firstSeenMs: number
  lastSeenMs: number
  goneMs: number | null
}

/** Where a resource is found by query. Declared and gone ones are found only by what does not presume they live. */
export function entriesOf(resource: Pick<Resource, keyof ResourceContent | 'state'>): Entry[] {
  const entries: Entry[] = [{ kind: termKinds.type, key: resource.type }]
  for (const source of Object.keys(resource.sources ?? {})) entries.push({ kind: termKinds.source, key: source })
  if (resource.state === 'gone') return [...entries, { kind: termKinds.gone, key: '' }]
  for (const stack of Object.keys(resource.stacks ?? {})) entries.push({ kind: termKinds.stack, key: stack })
  if (resource.state === 'declared') return [...entries, { kind: termKinds.declared, key: '' }]
  entries.push(liveEntry)
  const arn = parseArn(resource.arn)
  for (const filter of arn ? typeFilters(arn) : []) entries.push({ kind: termKinds.filter, key: filter })
  if (resource.everTagged) entries.push({ kind: termKinds.tagged, key: '' })
  for (const [key, value] of Object.entries(resource.tags)) entries.push({ kind: termKinds.tag, key, value })
  for (const group of resource.groups ?? []) entries.push({ kind: termKinds.group, key: String(group) })
  return entries
}

interface ResourceRow {
  id: number
  account: string
  state: number
  version: number
  generation: number
  content: Uint8Array
  key_id: number
  first_seen_ms: number
  last_seen_ms: number
  gone_ms: number | null
}

const columns = 'id, account, state, version, generation, content, key_id, first_seen_ms, last_seen_ms, gone_ms'
const byArnSql = inSizes(
  '?',
  (rows) => `select ${columns} from resource where account = ? and arn_lookup in (${rows}) and generation = 0`,
)
const byIdSql = inSizes('?', (rows) => `select ${columns} from resource where id in (${rows}) order by id`)

/** The resources that have these ARNs now, in no order; tombstones of the same ARN's earlier objects left out. */
export async function findByArns(
  run: Run,
  index: InventoryIndex,
  account: string,
  arns: readonly string[],
): Promise<Resource[]> {
  const found: Resource[] = []
  for (let from = 0; from < arns.length; from += largestSize) {
    const lookups = arns.slice(from, from + largestSize).map((arn) => index.codec.lookup(account, arn))
    const size = paddedSize(lookups.length)
    const rows = await run.all<ResourceRow>(byArnSql[size], account, ...padTo(lookups, size))
    for (const row of rows) found.push(readResource(index, row))
  }
  return found
}

export async function findByArn(
  run: Run,
  index: InventoryIndex,
  account: string,
  arn: string,
): Promise<Resource | undefined> {
  return (await findByArns(run, index, account, [arn]))[0]
}

/** In order of id; ids that do not exist are left out. */
export async function findByIds(run: Run, index: InventoryIndex, ids: readonly number[]): Promise<Resource[]> {
  const found: Resource[] = []
  for (let from = 0; from < ids.length; from += largestSize) {
    const wanted = ids.slice(from, from + largestSize)
    const size = paddedSize(wanted.length)
    const rows = await run.all<ResourceRow>(byIdSql[size], ...padTo(wanted, size))
    for (const row of rows) found.push(readResource(index, row))
  }
  return found
}

export interface ResourcePage {
  resources: Resource[]
  /** Absent at the end; present also after a short page whose work was at its limit. */
  next?: Position
}

/** Matching resources in order of (scope, id). `visible` leaves rows out after they were examined. */
export async function pageResources(
  run: Run,
  index: InventoryIndex,
  options: {
    scopes: readonly Scope[]
    expression: Expression
    after?: Position
    limit: number
    visible?: (resource: Resource) => boolean
  },
): Promise<ResourcePage> {
  const { ids, next } = await queryPage(run, index, options)
  const found = await findByIds(run, index, ids)
  const resources = options.visible ? found.filter(options.visible) : found
  return next ? { resources, next } : { resources }
}

/** From a row that has the columns of `resource`. */
export function readResource(index: InventoryIndex, row: ResourceRow): Resource {
  const content = JSON.parse(
    index.codec.open(row.account, { bytes: row.content, keyId: row.key_id }),
  ) as ResourceContent
  return {
    ...content,
    id: row.id,
    account: row.account,
    state: stateNames[row.state] ?? 'gone',
    version: row.version,
    generation: row.generation,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
    goneMs: row.gone_ms,
  }
}

/** A new resource, or a found one's next state. */
export interface ResourceWrite {
  scope: Scope
  before: Resource | undefined
  after: ResourceContent & { state: ResourceState }
  /** The ARN is free for another object from now on: Corral's own objects, once deleted. */
  retire?: true
}

export interface TagChange {
  resource: { arn: string; type: string; tags: Tags }
  /** Keys added or given another value, with the value. */
  set: Tags
  removed: readonly string[]
}

/** A reason why the caller may not, or undefined. Asked once for each resource whose tags a write changes. */
export type MayChangeTags = (change: TagChange) => string | undefined

export type WriteOutcome = { written: Resource } | { unchanged: Resource } | { denied: string }

/**
 * Writes resources with index and change log, all of one account; one outcome for each, in order. What is denied is not
 * written; what is equal to what was is not logged. No resource may occur twice.
 */
export async function writeResources(
  run: ChangeRun,
  index: InventoryIndex,
  writes: readonly ResourceWrite[],
  mayChangeTags: MayChangeTags,
): Promise<WriteOutcome[]> {
  const { nowMs } = run.origin
  const outcomes: WriteOutcome[] = []
  const inserts: PendingRow[] = []
  const updates: PendingRow[] = []
  const indexChanges = new Map<Scope, IndexChange[]>()
  const newIds = await reserveIds(run, writes)
  for (const write of writes) {
    const { before, after } = write
    const denied = askAboutTags(write, mayChangeTags)
    if (denied !== undefined) {
      outcomes.push({ denied })
      continue
    }
    const everTagged = after.everTagged || Object.keys(after.tags).length > 0 || before?.everTagged === true
    const content = contentOf({ ...after, everTagged })
    const text = JSON.stringify(content)
    const textBefore = before && JSON.stringify(contentOf(before))
    if (before && text === textBefore && before.state === after.state && write.retire === undefined) {
      outcomes.push({ unchanged: before })
      continue
    }
    const id = before?.id ?? newIds(write.scope)
    const resource: Resource = {
      ...content,
      id,
      account: write.scope.account,
      state: after.state,
      version: (before?.version ?? 0) + 1,
      generation: write.retire ? id : 0,
      firstSeenMs: before?.firstSeenMs ?? nowMs,
      lastSeenMs: after.state === 'gone' ? (before?.lastSeenMs ?? nowMs) : nowMs,
      goneMs: after.state === 'gone' ? nowMs : null,
    }
    outcomes.push({ written: resource })
    ;(before ? updates : inserts).push({ resource, text })
    const changes = indexChanges.get(write.scope) ?? []
    indexChanges.set(write.scope, changes)
    changes.push({ id, before: before ? entriesOf(before) : [], after: entriesOf(resource) })
    run.record({
      kind: 'resource',
      objectId: id,
      version: resource.version,
      before: before && before.state !== 'gone' ? stateText(before.state, textBefore ?? '') : null,
      after: after.state === 'gone' ? null : stateText(after.state, text),
    })
  }
  await insertRows(run, index, inserts)
  for (const { resource, text } of updates) await updateRow(run, index, resource, text)
  for (const [scope, changes] of indexChanges) await applyIndexChanges(run, index, scope, changes)
  run.afterCommit(() => {
    for (const { resource } of updates) index.entities.forget(resource.id)
  })
  return outcomes
}

const stateText = (state: ResourceState, content: string) => `{"state":"${state}","resource":${content}}`

/** A resource as a change of the log has it, `before` or `after`; undefined where it did not exist, or was gone. */
export function loggedResource(logged: unknown): (ResourceContent & { state: ResourceState }) | undefined {
  if (logged === null || logged === undefined) return undefined
  const { state, resource } = logged as { state: ResourceState; resource: ResourceContent }
  return { ...resource, state }
}

/** Ids for the new ones among the writes, reserved scope by scope in one go. */
async function reserveIds(run: ChangeRun, writes: readonly ResourceWrite[]): Promise<(scope: Scope) => number> {
  const wanted = new Map<number, number>()
  for (const { before, scope } of writes) if (!before) wanted.set(scope.sid, (wanted.get(scope.sid) ?? 0) + 1)
  const next = new Map<number, number>()
  for (const [sid, count] of wanted) next.set(sid, resourceId(sid, await reserveRids(run, sid, count)))
  return ({ sid }) => {
    const id = next.get(sid) ?? 0
    next.set(sid, id + 1)
    return id
  }
}

function askAboutTags({ before, after }: ResourceWrite, may: MayChangeTags): string | undefined {
  // A tombstone's tags are gone already, and going away takes no tag off anything.
  const old = before && before.state !== 'gone' ? before.tags : {}
  if (after.state === 'gone') return undefined
  const set: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [key, value] of Object.entries(after.tags)) if (own(old, key) !== value) set[key] = value
  const removed = Object.keys(old).filter((key) => own(after.tags, key) === undefined)
  if (removed.length === 0 && Object.keys(set).length === 0) return undefined
  return may({ resource: { arn: after.arn, type: after.type, tags: old }, set, removed })
}

const own = (tags: Tags, key: string): string | undefined => (Object.hasOwn(tags, key) ? tags[key] : undefined)

/** The members of content alone, in one order, empty ones left out: equal states are equal texts. */
function contentOf(resource: ResourceContent): ResourceContent {
  const { arn, type, tags, everTagged, physicalId, configuration, stacks, groups, sources } = resource
  return {
    arn,
    type,
    tags: sorted(tags),
    everTagged,
    ...(physicalId === undefined ? {} : { physicalId }),
    ...(configuration === undefined ? {} : { configuration }),
    ...(stacks && Object.keys(stacks).length > 0 ? { stacks: sorted(stacks) } : {}),
    ...(groups && groups.length > 0 ? { groups: [...groups].sort((a, b) => a - b) } : {}),
    ...(sources && Object.keys(sources).length > 0 ? { sources: sorted(sources) } : {}),
  }
}

function sorted<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  const copy = Object.create(null) as Record<string, Value>
  for (const key of Object.keys(record).sort()) copy[key] = record[key] as Value
  return copy
}

interface PendingRow {
  resource: Resource
  text: string
}

const insertRow = '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
const insertSql = inSizes(
  insertRow,
  (rows) =>
    `insert into resource (id, account, arn_lookup, generation, state, version, content, key_id, first_seen_ms, last_seen_ms, gone_ms) values ${rows}`,
)

async function insertRows(run: ChangeRun, index: InventoryIndex, rows: readonly PendingRow[]): Promise<void> {
  const valuesOf = ({ resource, text }: PendingRow) => {
    const { bytes, keyId } = index.codec.seal(resource.account, text)
    const lookup = index.codec.lookup(resource.account, resource.arn)
    return [
      resource.id,
      resource.account,
      lookup,
      resource.generation,
      resourceStates[resource.state],
      resource.version,
      bytes,
      keyId,
      resource.firstSeenMs,
      resource.lastSeenMs,
      resource.goneMs,
    ]
  }
  for (let from = 0; from < rows.length;) {
    const left = rows.length - from
    const size = left >= 64 ? 64 : left >= 8 ? 8 : 1
    await run.run(insertSql[size], ...rows.slice(from, from + size).flatMap(valuesOf))
    from += size
  }
}

const updateSql =
  'update resource set generation = ?, state = ?, version = ?, content = ?, key_id = ?, last_seen_ms = ?, gone_ms = ? where id = ?'

async function updateRow(run: ChangeRun, index: InventoryIndex, resource: Resource, text: string): Promise<void> {
  const { bytes, keyId } = index.codec.seal(resource.account, text)
  await run.run(
    updateSql,
    resource.generation,
    resourceStates[resource.state],
    resource.version,
    bytes,
    keyId,
    resource.lastSeenMs,
    resource.goneMs,
    resource.id,
  )
}

/** The scopes of an account that hold these resources, for writing them. */
export function scopeOf(scopes: readonly Scope[], resource: Pick<Resource, 'id'>): Scope {
  const scope = scopes.find(({ sid }) => sid === sidOf(resource.id))
  if (!scope) throw new Error(`resource ${resource.id} is of no scope of its account`)
  return scope
}
