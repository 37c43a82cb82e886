// Takes one batch of an import run: what a named source says of resources and stacks. A run begins with Offset 0 and a
// RunId that the client chooses; the same RunId later goes on where it stopped, any other begins anew. Batches are taken
// strictly in order, each as a whole; what is wrong with single records is told record by record. After the last one,
// calls with Complete look for what the source knows no more, a bounded number at a time, until More is false.
// Not an AWS operation.
import type { ChangeRun } from '../../../changes/change-log.ts'
import {
  addCounts,
  findImportSource,
  forgetSeen,
  type ImportCounts,
  type ImportRun,
  type ImportSource,
  noCounts,
  putImportSource,
  type SweepPosition,
} from '../../../inventory/import-sources.ts'
import { scopesOf } from '../../../inventory/scope.ts'
import { boolean, integer, list, required, string, structure, type ValueOf } from '../../../model/shape.ts'
import { normalizeArn } from '../../../catalogue/catalogue.ts'
import { parseArn } from '../../../model/arn.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { type HandlerContext, operationsOf } from '../../operation.ts'
import { issueToken, readToken } from '../../paging.ts'
import { mayChangeTags } from '../../tag-authorization.ts'
import { conflictException, validationException } from '../faults.ts'
import { type BatchRecord, reconcile } from '../reconcile.ts'
import { readResourceRecord, readStackRecord } from '../rules/read-record.ts'
import { importCounts, importedResource, importedStack, maxRecords, rejection, resourceIds } from '../shapes.ts'
import { findSoleHeld, sweepUnseen } from '../sweep.ts'

/** Of a store in use: a batch holds up everyone who waits to write, and on a small machine those who read, too. */
const batchSize = 100
const firstLoadBatchSize = maxRecords
/** What AWS Config's intake keeps is marked with this name. */
const reservedSources = new Set(['aws-config'])

const input = structure('ImportResourcesRequest', {
  Source: required(string({ min: 1, max: 128, pattern: '[^\\u0000-\\u001f\\u007f-\\u009f]+' })),
  RunId: required(string({ min: 1, max: 64, pattern: '[A-Za-z0-9_-]+' })),
  /** Records of the run before this batch. */
  Offset: required(integer({ min: 0 })),
  Stacks: list(importedStack, { max: 100 }),
  Resources: list(importedResource, { max: maxRecords }),
  /** The AWS account of what has no ARN of its own; the caller's unless given. */
  Account: string({ pattern: '\\d{12}' }),
  /** This batch is the last one. */
  Complete: boolean,
  /** The source could not be read whole, so that what was not seen is not known to be gone. */
  KeepUnseen: boolean,
  /** Nothing is changed, and no run begun; Offset and RunId mean nothing then. */
  DryRun: boolean,
  /** DryRun and Complete only: of the answer before. */
  NextToken: string({ max: 1024 }),
})

type Input = ValueOf<typeof input>
type Context<R> = HandlerContext<Input, R, InventoryPorts>

export const importResources = operationsOf<InventoryPorts>().write({
  name: 'ImportResources',
  input,
  output: structure('ImportResourcesResponse', {
    Counts: required(importCounts),
    /** Of the whole run so far. */
    Totals: required(importCounts),
    /** Records taken so far: the next batch's Offset. */
    NextOffset: required(integer()),
    /** How many records the next batch should have at most. */
    BatchSize: required(integer()),
    /** Call again with Complete. */
    More: required(boolean),
    Rejections: required(list(rejection)),
    /** DryRun only: known resources that the batch speaks of. */
    Seen: resourceIds,
    /** DryRun and Complete only: resources that will be gone unless a batch spoke of them. */
    SoleHeld: resourceIds,
    NextToken: string(),
  }),
  faults: [conflictException, validationException],
  maxBodyBytes: 4 * 1024 * 1024,
  bulk: true,
  authorize: {
    level: 'Write',
    actions: ['corral:ImportResources'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'corral:ImportResources', resource: '*' }],
  },
  async handle(context) {
    const { input, caller, run, fail } = context
    const { index } = context.ports
    if (reservedSources.has(input.Source)) fail(validationException, `The source name ${input.Source} is reserved.`)
    const source = await findImportSource(run, index, caller.account, input.Source)
    if (input.DryRun) {
      const read = input.NextToken ? readToken(context, 'ImportResources', [input.Source], input.NextToken) : undefined
      if (read && 'problem' in read) return fail(validationException, 'NextToken is not valid any more.')
      return tryOut(context, source, read ? sweepPosition(read.position) : { state: 'live' })
    }
    const current = source?.run?.id === input.RunId ? source.run : undefined
    const count = (input.Stacks?.length ?? 0) + (input.Resources?.length ?? 0)
    const { lastRun } = source ?? {}
    // The answer that said so may not have arrived.
    const isOver = !current && lastRun?.id === input.RunId && lastRun.records === input.Offset
    if (isOver && input.Offset > 0 && input.Complete && count === 0)
      return answer({ nextOffset: lastRun.records, isFirstLoad: false, counts: lastRun.counts }, noCounts)
    if (!current && input.Offset !== 0) fail(conflictException, 'No such run is under way. Begin with Offset 0.')
    const nextOffset = current?.nextOffset ?? 0
    const isTaken = input.Offset < nextOffset && input.Offset + count <= nextOffset
    if (current && isTaken && !(count === 0 && input.Complete)) return answer(current, noCounts)
    if (input.Offset !== nextOffset || (current?.sweep && count > 0))
      return fail(conflictException, `The run goes on with Offset ${nextOffset}.`)
    return proceed(context, source, current)
  },
})

/** Starts the run if need be, applies the batch and, at the end, goes on with the sweep. */
async function proceed(context: Context<ChangeRun>, before: ImportSource | undefined, current: ImportRun | undefined) {
  const { input, run, nowMs, ports, caller } = context
  const { index } = ports
  const name = input.Source
  let source = before
  let progress = current
  if (!progress) {
    // What an abandoned run had seen counts no more.
    await forgetSeen(run, index, await scopesOf(run, caller.account), name)
    const isFirstLoad = (await run.get<{ id: number }>('select id from resource limit 1')) === undefined
    progress = { id: input.RunId, startedMs: nowMs, nextOffset: 0, isFirstLoad, counts: noCounts }
  }
  // The source's id is needed for what it says of resources.
  source ??= await putImportSource(run, index, undefined, { name, run: progress })
  const records = readRecords(context)
  const applied = records.length === 0 ? undefined : await reconcile(batchOf(context, source, false), records)
  let counts: ImportCounts = applied?.counts ?? noCounts
  let sweep: SweepPosition | undefined
  if (input.Complete && !input.KeepUnseen) {
    const scopes = await scopesOf(run, caller.account)
    const from = progress.sweep ?? { state: 'live' }
    const swept = await sweepUnseen(run, { index, account: caller.account, scopes, source, from })
    counts = addCounts(counts, { ...noCounts, gone: swept.gone })
    sweep = swept.next
  }
  const after: ImportRun = {
    ...progress,
    nextOffset: progress.nextOffset + records.length,
    counts: addCounts(progress.counts, counts),
    ...(sweep && { sweep }),
  }
  const isDone = input.Complete === true && !sweep
  if (isDone) await forgetSeen(run, index, await scopesOf(run, caller.account), name)
  await putImportSource(run, index, source, {
    name,
    ...(isDone ? {} : { run: after }),
    ...(isDone
      ? { lastRun: { id: after.id, records: after.nextOffset, completedMs: nowMs, counts: after.counts } }
      : source.lastRun && { lastRun: source.lastRun }),
  })
  return { ...answer(after, counts, sweep !== undefined), Rejections: rejectionsOf(applied?.rejections ?? []) }
}

/** The same without any change: the client adds up what was seen, since nothing may be kept here. */
async function tryOut(context: Context<ChangeRun>, source: ImportSource | undefined, from: SweepPosition) {
  const { input, run, ports, caller } = context
  const { index } = ports
  // An id that no source has, for one that is not known yet.
  const known = source ?? { id: 0, name: input.Source }
  const records = readRecords(context)
  const applied = records.length === 0 ? undefined : await reconcile(batchOf(context, known, true), records)
  const isFirstLoad = (await run.get<{ id: number }>('select id from resource limit 1')) === undefined
  const counts = applied?.counts ?? noCounts
  const progress = { nextOffset: input.Offset + records.length, isFirstLoad, counts }
  const result = {
    ...answer(progress, counts),
    Rejections: rejectionsOf(applied?.rejections ?? []),
    Seen: applied?.seen ?? [],
  }
  if (!input.Complete || input.KeepUnseen) return result
  const scopes = await scopesOf(run, caller.account)
  const held = await findSoleHeld(run, { index, account: caller.account, scopes, source: known, from })
  return {
    ...result,
    SoleHeld: held.ids,
    ...(held.next && {
      More: true,
      NextToken: issueToken(context, 'ImportResources', [input.Source], tokenPosition(held.next)),
    }),
  }
}

const tokenPosition = ({ state, after }: SweepPosition): number[] => [
  state === 'live' ? 0 : 1,
  ...(after ? [after.sid, after.rid] : []),
]

function sweepPosition([state, sid, rid]: readonly number[]): SweepPosition {
  const position: SweepPosition = { state: state === 0 ? 'live' : 'declared' }
  return sid === undefined || rid === undefined ? position : { ...position, after: { sid, rid } }
}

const batchOf = (context: Context<ChangeRun>, source: { id: number; name: string }, dryRun: boolean) => ({
  run: context.run,
  index: context.ports.index,
  account: context.caller.account,
  source,
  mayChangeTags: mayChangeTags(context.may),
  dryRun,
})

function readRecords({ input, caller }: Context<ChangeRun>): BatchRecord[] {
  const place = { account: caller.account, resourceAccount: input.Account ?? caller.account, region: caller.region }
  const stacks = (input.Stacks ?? []).map((stack) => readStackRecord(stack, place))
  const resources = (input.Resources ?? []).map((resource): BatchRecord => {
    const reading = readResourceRecord(resource, place)
    if (!('problem' in reading) || resource.ResourceArn === undefined) return reading
    const arn = normalizeArn(resource.ResourceArn)
    return parseArn(arn) ? { ...reading, arn } : reading
  })
  return [...stacks, ...resources]
}

function answer(
  progress: Pick<ImportRun, 'nextOffset' | 'isFirstLoad' | 'counts'>,
  counts: ImportCounts,
  more = false,
) {
  return {
    Counts: wireCounts(counts),
    Totals: wireCounts(progress.counts),
    NextOffset: progress.nextOffset,
    BatchSize: progress.isFirstLoad ? firstLoadBatchSize : batchSize,
    More: more,
    Rejections: [],
  }
}

const wireCounts = (counts: ImportCounts): ValueOf<typeof importCounts> => ({
  Created: counts.created,
  Updated: counts.updated,
  Unchanged: counts.unchanged,
  Declared: counts.declared,
  Confirmed: counts.confirmed,
  Repeated: counts.repeated,
  Rejected: counts.rejected,
  Gone: counts.gone,
})

const rejectionsOf = (rejections: readonly { index: number; code: string; message: string }[]) =>
  rejections.map(({ index, code, message }) => ({ Index: index, Code: code, Message: message }))
