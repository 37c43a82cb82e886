// Brings the inventory to what one batch of an import says: finds what is known, works out each resource's next state in
// memory, record by record in order, and writes all of it at once. A dry run goes the same way up to the writing. What a
// record may hold is settled before (rules/read-record.ts); which records a run has sent is the operation's business.
import { arnFor } from '../../catalogue/catalogue.ts'
import type { ChangeRun } from '../../changes/change-log.ts'
import {
  findAssertions,
  type ImportCounts,
  importSourceNames,
  noCounts,
  noteSeen,
  putAssertions,
  removeAssertions,
  type SourceAssertion,
} from '../../inventory/import-sources.ts'
import {
  findByArns,
  findByIds,
  type MayChangeTags,
  pageResources,
  type Resource,
  type ResourceContent,
  type ResourceState,
  type ResourceWrite,
  scopeOf,
  type Tags,
  writeResources,
} from '../../inventory/resources.ts'
import { ensureScope, type Scope, scopesOf, sidOf } from '../../inventory/scope.ts'
import {
  findStackByName,
  findStacksByIds,
  isNamedStackArn,
  namedStackArn,
  putStack,
  removeStack,
  stackAddress,
  type StackAddress,
  stackType,
} from '../../inventory/stacks.ts'
import { countMatches } from '../../inventory/query.ts'
import { type InventoryIndex, termKinds } from '../../inventory/terms.ts'
import { parseArn } from '../../model/arn.ts'
import { addMissingTags, mergeTags, own, sameRecord } from './rules/merge-tags.ts'
import {
  areTooMany,
  declaredArn,
  isGuess,
  isOwnObject,
  type ReadRecord,
  type RecordReading,
  tooManyTags,
} from './rules/read-record.ts'

export interface Batch {
  run: ChangeRun
  index: InventoryIndex
  account: string
  source: { id: number; name: string }
  mayChangeTags: MayChangeTags
  dryRun: boolean
}

export interface Rejection {
  /** Place of the record in its batch. */
  index: number
  code: 'AccessDenied' | 'Invalid' | 'TooManyMembers' | 'TooManyRegions' | 'TooManyTags'
  message: string
}

export interface BatchOutcome {
  counts: ImportCounts
  rejections: Rejection[]
  /** Ids of known resources that the batch speaks of. */
  seen: number[]
}

/** A reading's problem may still say which resource it is about. */
export type BatchRecord = RecordReading & { arn?: string | undefined }

type Content = ResourceContent & { state: ResourceState }

/** One resource that the batch touches. */
interface Entry {
  arn: string
  before: Resource | undefined
  after: Content | undefined
  /** Of the scope that it goes to. */
  region: string
  /** What sources say, by source id, before and after. */
  assertionsBefore: ReadonlyMap<number, SourceAssertion>
  assertions: Map<number, SourceAssertion>
  isNew: boolean
  /** To another scope. */
  isMoved: boolean
  /** What was declared has been found to exist. */
  isConfirmed: boolean
  /** For declared ones: what they turned out to be. */
  confirmedBy: Entry | undefined
  stack: { name: string; status: string | undefined } | undefined
  /** Of the records that speak of it; none for stacks that are merely named by resources. */
  places: number[]
  id: number | undefined
  denied: string | undefined
}

/** Against files whose ARNs are made up: every Region is a scope for good. */
const maxRegions = 128
/** CloudFormation allows 500 resources in a stack. */
const maxStackMembers = 1000
/** In one batch, whatever stacks it names. */
const maxMembersRead = 2000
const maxMembersRenamed = 5000

export async function reconcile(batch: Batch, records: readonly BatchRecord[]): Promise<BatchOutcome> {
  const { run, account } = batch
  const scopes = await scopesOf(run, account)
  const regionOfSid = new Map(scopes.map(({ sid, region }) => [sid, region]))
  const { arns: stacks, renamed, superseded, tooLarge } = await resolveStacks(batch, scopes, records)
  const entries = new Map<string, Entry>()
  const members = await load(batch, scopes, stacks, records, entries)

  const rejections: Rejection[] = []
  const seen = [...renamed]
  const regions = new Set(regionOfSid.values())
  const { source } = batch
  for (const [place, given] of records.entries()) {
    const problem =
      'problem' in given
        ? ({ code: 'Invalid', message: given.problem } as const)
        : apply({ entries, members, stacks, tooLarge, regions, account, sourceId: source.id }, given.record, place)
    if (problem) rejections.push({ index: place, ...problem })
  }

  await write(
    batch,
    scopes,
    [...entries.values()].filter((entry) => entry.after !== undefined),
  )
  const counts = { ...noCounts }
  for (const entry of entries.values()) {
    if (entry.denied !== undefined) {
      const message = entry.denied
      for (const index of entry.places) rejections.push({ index, code: 'AccessDenied', message })
    } else if (entry.places.length > 0) {
      counts[effectOf(entry)]++
      counts.repeated += entry.places.length - 1
    }
    // A bad record is no sign that its resource is gone: all that was looked up counts as spoken of.
    const isSeen = entry.places.length > 0 || entry.assertions.has(source.id) || entry.confirmedBy !== undefined
    if (entry.before && isSeen) seen.push(entry.before.id)
  }
  for (const [arn, id] of superseded) {
    const entry = entries.get(arn)
    if (!entry?.stack || entry.denied !== undefined || entry.after?.state !== 'live') continue
    counts.gone++
    seen.push(id)
  }
  counts.rejected = rejections.length
  rejections.sort((one, other) => one.index - other.index)
  return { counts, rejections, seen }
}

function effectOf(entry: Entry): Exclude<keyof ImportCounts, 'repeated' | 'rejected'> {
  const state = entry.after?.state
  if (state === 'gone' && entry.before && entry.before.state !== 'gone') return 'gone'
  if (entry.isConfirmed) return 'confirmed'
  if (entry.isNew) return state === 'declared' ? 'declared' : 'created'
  return isChanged(entry) || entry.isMoved ? 'updated' : 'unchanged'
}

/** ARNs of the stacks that records name, by name; undefined where tags name one that is not known. */
type StackArns = Map<string, string | undefined>

const nameOf = ({ account, region, name }: StackAddress): string => `${account}/${region}/${name}`

interface ResolvedStacks {
  arns: StackArns
  /** Ids of those whose true ARN this batch tells. */
  renamed: number[]
  /** By the ARN of the stack that takes their name: ids of those that had it. */
  superseded: Map<string, number>
  /** Names whose members are too many to be given to the true ARN in this batch. */
  tooLarge: Set<string>
}

async function resolveStacks(
  batch: Batch,
  scopes: readonly Scope[],
  records: readonly BatchRecord[],
): Promise<ResolvedStacks> {
  const arns: StackArns = new Map()
  const ids: Omit<ResolvedStacks, 'arns'> = { renamed: [], superseded: new Map(), tooLarge: new Set() }
  let membersLeft = maxMembersRenamed
  const named = new Map<string, StackAddress & { isFromTags?: true }>()
  const note = (arn: string | undefined, address: StackAddress & { isFromTags?: true }) => {
    const name = nameOf(address)
    if (arn !== undefined && !isNamedStackArn(arn)) arns.set(name, arn)
    if (!address.isFromTags || !named.has(name)) named.set(name, address)
  }
  for (const given of records) {
    if (!('record' in given)) continue
    const { stack, stackStatus, arn } = given.record
    if (stack) note(stack.arn, stack)
    const address = stackStatus === undefined || stackStatus === 'DELETE_COMPLETE' ? undefined : stackAddress(arn)
    if (address) note(arn, address)
  }
  for (const [name, address] of named) {
    const known = await findNamed(batch, scopes, address)
    const stated = arns.get(name)
    if (stated === undefined) arns.set(name, known?.arn ?? (address.isFromTags ? undefined : namedStackArn(address)))
    else if (known && isNamedStackArn(known.arn)) {
      const expression = { has: { kind: termKinds.stack, key: known.arn } }
      const members = await countMatches(batch.run, batch.index, { scopes: [known.scope], expression })
      if (members > membersLeft) {
        ids.tooLarge.add(name)
        continue
      }
      membersLeft -= members
      arns.set(nameOf(stackAddress(known.arn) ?? address), stated)
      ids.renamed.push(known.id)
      await renameStack(batch, known.scope, known, stated)
    } else if (known && known.arn !== stated) ids.superseded.set(stated, known.id)
  }
  return { arns, ...ids }
}

/** The stack of that name, be it one that was named before anything told its AWS account. */
async function findNamed(
  { run, index, account }: Batch,
  scopes: readonly Scope[],
  address: StackAddress,
): Promise<{ id: number; arn: string; scope: Scope } | undefined> {
  const scope = scopes.find(({ region }) => region === address.region)
  if (!scope) return undefined
  const known = await findStackByName(run, index, scope, address)
  if (known) return { ...known, scope }
  const named = await findStackByName(run, index, scope, { account, name: address.name })
  if (named && isNamedStackArn(named.arn)) return { ...named, scope }
  // Once its true ARN was told, the name goes on to mean what that stack's name means.
  const [replaced] = await findByArns(run, index, account, [namedStackArn(address)])
  const told = replaced?.state === 'gone' ? stackAddress(replaced.physicalId ?? '') : undefined
  const real = told && (await findStackByName(run, index, scope, told))
  return real && { ...real, scope }
}

/** What a stack that was only named held goes to the stack whose true ARN is known now. */
async function renameStack(batch: Batch, scope: Scope, named: { id: number; arn: string }, arn: string): Promise<void> {
  const { run, index, account, dryRun } = batch
  if (dryRun) return
  const { resources } = await pageResources(run, index, {
    scopes: [scope],
    expression: { has: { kind: termKinds.stack, key: named.arn } },
    limit: maxMembersRenamed,
  })
  const writes = resources.map((before): ResourceWrite => ({
    scope,
    before,
    after: { ...before, stacks: withArn(before.stacks ?? {}, named.arn, arn) },
  }))
  const [stack] = await findByArns(run, index, account, [named.arn])
  if (stack) writes.push({ scope, before: stack, after: { ...stack, state: 'gone', physicalId: arn } })
  await writeResources(run, index, writes, batch.mayChangeTags)
  await removeAssertions(run, named.id)
  await removeStack(run, index, scope, named.id)
}

function withArn(stacks: Readonly<Record<string, string>>, from: string, to: string): Record<string, string> {
  return Object.fromEntries(Object.entries(stacks).map(([arn, logicalId]) => [arn === from ? to : arn, logicalId]))
}

/** A name means the stack that has it; an ARN means itself, unless it was made from a name. */
const stackArnOf = (stacks: StackArns, stack: StackAddress & { arn?: string }): string | undefined =>
  stack.arn === undefined || isNamedStackArn(stack.arn) ? (stacks.get(nameOf(stack)) ?? stack.arn) : stack.arn

/** The ARNs under which it may be known as declared: its stack's AWS account may have been told only later. */
const declaredArns = (stack: NonNullable<ReadRecord['stack']>, account: string): string[] => [
  declaredArn(stack),
  declaredArn({ ...stack, account }),
]

/** ARNs of live resources by their stack's ARN and logical id. */
type Members = Map<string, string>

const memberKey = (stackArn: string, logicalId: string): string => `${stackArn} ${logicalId}`

async function load(
  batch: Batch,
  scopes: readonly Scope[],
  stacks: StackArns,
  records: readonly BatchRecord[],
  entries: Map<string, Entry>,
): Promise<Members> {
  const { account } = batch
  const wanted = new Set<string>()
  for (const given of records) {
    const arn = 'record' in given ? ownArn(stacks, given.record) : given.arn
    if (arn !== undefined) wanted.add(arn)
    const stack = 'record' in given ? given.record.stack : undefined
    const stackArn = stack && stackArnOf(stacks, stack)
    if (!stack || stackArn === undefined) continue
    wanted.add(stackArn)
    for (const arn of declaredArns(stack, account)) wanted.add(arn)
    const physical = physicalArn((given as { record: ReadRecord }).record)
    if (physical !== undefined) wanted.add(physical)
  }
  await loadEntries(batch, scopes, stacks, [...wanted], entries)
  // A declared resource that was found to exist says as what.
  const confirmed = [...entries.values()].flatMap(({ before }) =>
    before?.physicalId?.startsWith('arn:') && !entries.has(before.physicalId) ? [before.physicalId] : [],
  )
  await loadEntries(batch, scopes, stacks, [...new Set(confirmed)], entries)
  const members = await findMembers(batch, scopes, stacks, records, entries)
  await loadEntries(
    batch,
    scopes,
    stacks,
    [...members.values()].filter((arn) => !entries.has(arn)),
    entries,
  )
  return members
}

async function loadEntries(
  batch: Batch,
  scopes: readonly Scope[],
  stacks: StackArns,
  arns: readonly string[],
  entries: Map<string, Entry>,
): Promise<void> {
  const { run, index, account } = batch
  const found = await findByArns(run, index, account, arns)
  const ids = found.map(({ id }) => id)
  const assertions = await findAssertions(run, index, account, ids)
  for (const row of found) {
    const before = batch.dryRun ? withRenamedStacks(row, stacks) : row
    const assertionsBefore = assertions.get(row.id) ?? new Map<number, SourceAssertion>()
    entries.set(row.arn, {
      ...newEntry(row.arn, scopeOf(scopes, row).region),
      before,
      after: before,
      assertionsBefore,
      assertions: new Map(before.state === 'gone' ? undefined : assertionsBefore),
      id: row.id,
    })
  }
}

/** What is declared for the first time may have been live before: then it is among its stack's members. */
async function findMembers(
  batch: Batch,
  scopes: readonly Scope[],
  stacks: StackArns,
  records: readonly BatchRecord[],
  entries: Map<string, Entry>,
): Promise<Members> {
  const { run, index, account } = batch
  const sought = new Map<string, Set<string>>()
  for (const given of records) {
    if (!('record' in given) || !given.record.declared || !given.record.stack) continue
    const { stack } = given.record
    const stackArn = stackArnOf(stacks, stack)
    const isDeclared = declaredArns(stack, account).some((arn) => entries.get(arn)?.after?.state === 'declared')
    if (stackArn === undefined || isDeclared) continue
    const logicalIds = sought.get(stackArn) ?? new Set()
    sought.set(stackArn, logicalIds.add(stack.logicalId))
  }
  const members: Members = new Map()
  let rowsLeft = maxMembersRead
  for (const [stackArn, logicalIds] of sought) {
    const limit = Math.min(rowsLeft, maxStackMembers)
    if (limit === 0) break
    // As long as a dry run has not renamed the stack, its members are still the name's.
    const address = stackAddress(stackArn)
    const keys = [stackArn, ...(batch.dryRun && address ? namesOf(address, account) : [])]
    const { resources } = await pageResources(run, index, {
      scopes,
      expression: { and: [{ or: keys.map((key) => ({ has: { kind: termKinds.stack, key } })) }, { and: [] }] },
      limit,
    })
    rowsLeft -= resources.length
    for (const resource of resources) {
      const logicalId = Object.values(resource.stacks ?? {})[0]
      if (logicalId !== undefined && logicalIds.has(logicalId))
        members.set(memberKey(stackArn, logicalId), resource.arn)
    }
  }
  return members
}

/** The ARNs that the stack's name alone may have made. */
const namesOf = (address: StackAddress, account: string): string[] => [
  namedStackArn(address),
  namedStackArn({ ...address, account }),
]

/** As `renameStack` would have left it. */
function withRenamedStacks(resource: Resource, stacks: StackArns): Resource {
  const after = { ...resource }
  for (const [arn, logicalId] of Object.entries(resource.stacks ?? {})) {
    const address = isNamedStackArn(arn) ? stackAddress(arn) : undefined
    const stated = address && stacks.get(nameOf(address))
    if (stated !== undefined) after.stacks = { [stated]: logicalId }
  }
  return after
}

const newEntry = (arn: string, region: string): Entry => ({
  arn,
  before: undefined,
  after: undefined,
  region,
  assertionsBefore: new Map(),
  assertions: new Map(),
  isNew: false,
  isMoved: false,
  isConfirmed: false,
  confirmedBy: undefined,
  stack: undefined,
  places: [],
  id: undefined,
  denied: undefined,
})

function entryOf(entries: Map<string, Entry>, arn: string, region: string): Entry {
  let entry = entries.get(arn)
  if (!entry) entries.set(arn, (entry = newEntry(arn, region)))
  return entry
}

type Problem = Pick<Rejection, 'code' | 'message'>

interface State {
  entries: Map<string, Entry>
  members: Members
  stacks: StackArns
  tooLarge: ReadonlySet<string>
  /** In which the account has resources. */
  regions: Set<string>
  account: string
  sourceId: number
}

/** Changes entries to what a record says, or nothing. */
function apply(state: State, record: ReadRecord, place: number): Problem | undefined {
  const { entries, members, stacks, regions, sourceId } = state
  const added = [record.region, record.stack?.region].filter((region) => region !== undefined && !regions.has(region))
  if (added.length > 0 && regions.size + added.length > maxRegions)
    return { code: 'TooManyRegions', message: `An account has resources in at most ${maxRegions} Regions.` }
  const ownStack = record.stackStatus === undefined ? undefined : stackAddress(record.arn)
  for (const stack of [record.stack, ownStack])
    if (stack && state.tooLarge.has(nameOf(stack)))
      return { code: 'TooManyMembers', message: 'Too many resources are in stacks of this batch. Import them again.' }
  const stackArn = record.stack && stackArnOf(stacks, record.stack)
  const declared = record.stack && declaredEntry(state, record.stack)
  const member = record.stack && stackArn !== undefined ? memberKey(stackArn, record.stack.logicalId) : ''
  const found = record.declared ? liveOf(state, declared, record, member) : undefined
  const entry =
    found ?? (record.declared ? declared : undefined) ?? entryOf(entries, ownArn(stacks, record), record.region)
  const isFresh = !entry.after || entry.after.state === 'gone'
  if (isFresh && record.stackStatus === 'DELETE_COMPLETE') {
    entry.places.push(place)
    return undefined
  }
  const mine = entry.assertions.get(sourceId)
  // A source that says a resource is there does not unsay it by declaring it, too.
  if (found && mine && !mine.declared) {
    entry.places.push(place)
    return undefined
  }
  const after = nextState(entry, sourceId, record, stackArn, found !== undefined)
  if (areTooMany(after.tags)) return { code: 'TooManyTags', message: tooManyTags }

  const tags = record.tags ?? mine?.tags
  if (isFresh) entry.assertions.clear()
  if (isFresh) entry.isNew = true
  if (found && !mine) entry.isConfirmed = true
  entry.after = after
  if (!found && !record.isRegionAssumed) entry.region = record.region
  if (after.state === 'gone') entry.assertions.clear()
  else entry.assertions.set(sourceId, { ...(tags && { tags }), ...(record.declared && { declared: true }) })
  entry.places.push(place)
  for (const region of added) if (region !== undefined) regions.add(region)
  if (record.stackName !== undefined) entry.stack = { name: record.stackName, status: record.stackStatus }
  if (after.state === 'live' && member !== '') members.set(member, entry.arn)
  if (record.stack && stackArn !== undefined) implyStack(entries, sourceId, record.stack, stackArn)
  if (declared && declared !== entry && declared.after?.state === 'declared') confirm(declared, entry, record.tags)
  return undefined
}

/** A record of a stack by its bare name is about the stack that has the name. */
function ownArn(stacks: StackArns, record: ReadRecord): string {
  const address = record.stackStatus === undefined ? undefined : stackAddress(record.arn)
  return (address && stackArnOf(stacks, { ...address, arn: record.arn })) ?? record.arn
}

/** What is known under the stack and the logical id: as declared, rather than as what was declared once. */
function declaredEntry({ entries, account }: State, stack: NonNullable<ReadRecord['stack']>): Entry | undefined {
  const known = declaredArns(stack, account).flatMap((arn) => entries.get(arn) ?? [])
  return known.find(({ after }) => after?.state === 'declared') ?? known[0]
}

/** The live resource that a declared one is known to be. */
function liveOf(
  { entries, members, account }: State,
  declared: Entry | undefined,
  record: ReadRecord,
  member: string,
): Entry | undefined {
  const confirmedAs = declared?.after?.state === 'gone' ? declared.after.physicalId : undefined
  for (const arn of [confirmedAs, members.get(member), physicalArn(record)]) {
    const entry = arn === undefined ? undefined : entries.get(arn)
    const parts = parseArn(entry?.arn ?? '')
    // A declaration names whatever it likes; Corral's own objects it neither is nor changes.
    if (parts && entry?.after?.state === 'live' && !isOwnObject(parts, account)) return entry
  }
  return undefined
}

function physicalArn({ declared, physicalId, type, stack }: ReadRecord): string | undefined {
  return declared && stack && physicalId !== undefined ? arnFor(type, physicalId, stack) : undefined
}

function nextState(
  entry: Entry,
  sourceId: number,
  record: ReadRecord,
  stackArn: string | undefined,
  isFound: boolean,
): Content {
  const { after: known } = entry
  const stacks = record.stack && stackArn !== undefined ? { [stackArn]: record.stack.logicalId } : undefined
  if (!known || known.state === 'gone') {
    return {
      arn: entry.arn,
      type: record.type,
      tags: record.tags ?? {},
      everTagged: false,
      ...(record.physicalId !== undefined && { physicalId: record.physicalId }),
      ...(stacks && { stacks }),
      state: record.stackStatus === 'DELETE_COMPLETE' ? 'gone' : record.declared ? 'declared' : 'live',
    }
  }
  const physicalId = isFound ? (known.physicalId ?? record.physicalId) : (record.physicalId ?? known.physicalId)
  const isMoreThanGuess = record.type !== known.type && !isFound && !isGuess(record.type, entry.arn)
  return {
    ...known,
    type: isMoreThanGuess ? record.type : known.type,
    tags: record.tags ? tagsAfter(entry, known.tags, sourceId, record.tags, isFound) : known.tags,
    ...(physicalId !== undefined && { physicalId }),
    ...(stacks && { stacks }),
    state: record.stackStatus === 'DELETE_COMPLETE' ? 'gone' : known.state,
  }
}

function tagsAfter(entry: Entry, live: Tags, sourceId: number, now: Tags, isFound: boolean): Tags {
  const others = [...entry.assertions].filter(([id]) => id !== sourceId).map(([, assertion]) => assertion)
  // Of what is there, a source that says what is to be cannot know better.
  if (isFound && others.some(({ declared, tags }) => !declared && tags)) return live
  return mergeTags({
    live,
    last: entry.assertions.get(sourceId)?.tags,
    now,
    others: others.flatMap(({ tags }) => (tags ? [tags] : [])),
    declared: isFound,
  })
}

/** A stack is known as long as a source says that a resource is in it, or is to be. */
function implyStack(entries: Map<string, Entry>, sourceId: number, stack: StackAddress, arn: string): void {
  const entry = entryOf(entries, arn, stack.region)
  if (entry.after && entry.after.state !== 'gone') {
    if (!entry.assertions.has(sourceId)) entry.assertions.set(sourceId, {})
    return
  }
  entry.after = { arn, type: stackType, tags: {}, everTagged: false, state: 'live' }
  entry.assertions.clear()
  entry.assertions.set(sourceId, {})
  entry.stack = { name: stack.name, status: undefined }
  entry.isNew = true
}

/** The real resource takes the declared one's place, and what was said of that is said of it. */
function confirm(declared: Entry, live: Entry, said: Tags | undefined): void {
  if (!declared.after || !live.after) return
  for (const [id, assertion] of declared.assertions)
    if (!live.assertions.has(id)) live.assertions.set(id, { ...assertion, declared: true })
  const isStated = said !== undefined || [...live.assertions.values()].some((one) => !one.declared && one.tags)
  const tags = isStated ? live.after.tags : addMissingTags(live.after.tags, declared.after.tags)
  const { physicalId } = declared.after
  live.after = {
    ...live.after,
    tags: areTooMany(tags) ? live.after.tags : tags,
    ...(physicalId !== undefined && live.after.physicalId === undefined && { physicalId }),
  }
  live.isConfirmed = true
  declared.after = { ...declared.after, state: 'gone', physicalId: live.arn }
  declared.confirmedBy = live
}

function isChanged({ before, after }: Entry): boolean {
  if (!before || !after) return after !== undefined
  return (
    before.state !== after.state ||
    before.type !== after.type ||
    before.physicalId !== after.physicalId ||
    !sameRecord(before.tags, after.tags) ||
    !sameRecord(before.stacks ?? {}, after.stacks ?? {})
  )
}

/** Writes rows, stacks, assertions and lists; sets each entry's id, or why it was denied. */
async function write(batch: Batch, known: readonly Scope[], entries: readonly Entry[]): Promise<void> {
  const { run, index, account, dryRun, mayChangeTags } = batch
  const scopes = new Map(known.map((scope) => [scope.region, scope]))
  const scopeIn = (region: string) => scopes.get(region) as Scope
  const regionOfSid = new Map(known.map(({ sid, region }) => [sid, region]))
  const regionBefore = ({ before, region }: Entry) => (before && regionOfSid.get(sidOf(before.id))) ?? region
  for (const entry of entries) entry.isMoved = regionBefore(entry) !== entry.region
  const moved = entries.filter(({ isMoved }) => isMoved)
  const changed = entries.filter((entry) => entry.isMoved || isChanged(entry))
  // Asked before anything is written, since a resource that moves loses its old row first.
  for (const entry of dryRun ? changed : moved) {
    askFirst(entry, mayChangeTags)
    if (entry.denied !== undefined) entry.region = regionBefore(entry)
  }
  if (dryRun) return
  for (const { region } of changed) if (!scopes.has(region)) scopes.set(region, await ensureScope(run, account, region))

  for (const entry of moved) await retire(batch, scopeIn(regionBefore(entry)), entry)
  // What was declared gives way only to what could be written.
  for (const part of [changed.filter((entry) => !entry.confirmedBy), changed.filter((entry) => entry.confirmedBy)]) {
    const written = part.filter(({ denied, confirmedBy }) => denied === undefined && confirmedBy?.denied === undefined)
    const writes = written.map(({ before, after, region }): ResourceWrite => ({
      scope: scopeIn(region),
      before,
      after: after as Content,
    }))
    const outcomes = await writeResources(run, index, writes, mayChangeTags)
    for (const [place, entry] of written.entries()) {
      const outcome = outcomes[place]
      if (outcome && 'denied' in outcome) entry.denied = outcome.denied
      else if (outcome) entry.id = ('written' in outcome ? outcome.written : outcome.unchanged).id
    }
  }
  await writeStacks(batch, entries, scopeIn)
  await writeAssertions(batch, entries, scopeIn)
}

/** A row cannot change its scope: the old one ends, and a new one begins elsewhere, in no group. */
async function retire(batch: Batch, scope: Scope, entry: Entry): Promise<void> {
  const { before, after, denied } = entry
  if (!before || !after || denied !== undefined) return
  const gone: ResourceWrite = { scope, before, after: { ...before, state: 'gone' }, retire: true }
  await writeResources(batch.run, batch.index, [gone], batch.mayChangeTags)
  await removeAssertions(batch.run, before.id)
  if (entry.stack) await removeStack(batch.run, batch.index, scope, before.id)
  entry.before = undefined
  entry.after = { ...after, groups: [] }
  entry.assertionsBefore = new Map()
}

/** Sets `denied` as writing would. */
function askFirst(entry: Entry, mayChangeTags: MayChangeTags): void {
  const { before, after, isMoved } = entry
  if (!after || after.state === 'gone') return
  const old = before && before.state !== 'gone' && !isMoved ? before.tags : {}
  const set = Object.fromEntries(Object.entries(after.tags).filter(([key, value]) => own(old, key) !== value))
  const removed = Object.keys(old).filter((key) => own(after.tags, key) === undefined)
  if (removed.length === 0 && Object.keys(set).length === 0) return
  entry.denied = mayChangeTags({ resource: { arn: after.arn, type: after.type, tags: old }, set, removed })
}

const defaultStatus = 'CREATE_COMPLETE'

async function writeStacks(batch: Batch, entries: readonly Entry[], scopeIn: (region: string) => Scope): Promise<void> {
  const { run, index, account } = batch
  const stacks = entries.filter(({ stack, denied, id }) => stack && denied === undefined && id !== undefined)
  const known = await findStacksByIds(
    run,
    index,
    account,
    stacks.map(({ id }) => id as number),
  )
  for (const { id, arn, region, stack } of stacks) {
    if (id === undefined || !stack) continue
    const status = stack.status ?? known.get(id)?.status ?? defaultStatus
    const replaced = await putStack(run, index, scopeIn(region), { id, arn, name: stack.name, status })
    if (replaced !== undefined) await dropReplaced(batch, scopeIn(region), replaced)
  }
}

/** Two stacks of one name do not exist at once, so the one known before was deleted. */
async function dropReplaced(batch: Batch, scope: Scope, id: number): Promise<void> {
  const { run, index } = batch
  const [before] = await findByIds(run, index, [id])
  if (!before) return
  await writeResources(run, index, [{ scope, before, after: { ...before, state: 'gone' } }], batch.mayChangeTags)
  await removeAssertions(run, id)
}

async function writeAssertions(
  batch: Batch,
  entries: readonly Entry[],
  scopeIn: (region: string) => Scope,
): Promise<void> {
  const { run, index, account, source } = batch
  const changed: { resourceId: number; sourceId: number; assertion: SourceAssertion }[] = []
  const lists = new Map<string, { added: number[]; seen: number[] }>()
  const others: { region: string; sourceId: number; id: number }[] = []
  for (const entry of entries) {
    const { id, region, assertionsBefore: before, confirmedBy } = entry
    if (id === undefined) continue
    const isDenied = entry.denied !== undefined || confirmedBy?.denied !== undefined
    const isGone = !isDenied && entry.after?.state === 'gone'
    const assertions = isDenied ? before : entry.assertions
    const isNew = entry.isNew && !isDenied
    if ((isGone || isNew) && before.size > 0) await removeAssertions(run, id)
    if (isGone) continue
    const list = lists.get(region) ?? { added: [], seen: [] }
    lists.set(region, list)
    for (const [sourceId, assertion] of assertions) {
      const old = isNew ? undefined : before.get(sourceId)
      const isOurs = sourceId === source.id
      if (isOurs) list.seen.push(id)
      if (isOurs && !old) list.added.push(id)
      if (!isOurs && !old) others.push({ region, sourceId, id })
      if (!old || !sameAssertion(old, assertion)) changed.push({ resourceId: id, sourceId, assertion })
    }
  }
  await putAssertions(run, index, account, changed)
  for (const [region, list] of lists) await noteSeen(run, index, scopeIn(region), source.name, list)
  if (others.length === 0) return
  const names = await importSourceNames(
    run,
    index,
    account,
    others.map(({ sourceId }) => sourceId),
  )
  for (const { region, sourceId, id } of others) {
    const name = names.get(sourceId)
    if (name !== undefined) await noteSeen(run, index, scopeIn(region), name, { added: [id], seen: [] })
  }
}

function sameAssertion(one: SourceAssertion, other: SourceAssertion): boolean {
  if (one.declared !== other.declared) return false
  if (!one.tags || !other.tags) return one.tags === other.tags
  return sameRecord(one.tags, other.tags)
}
