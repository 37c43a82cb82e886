// One run of an import: sends the items of one input in batches to a running server, a few under way at once, and adds
// up what became of them. Where the items come from, and what is printed, is the command's business.
import { ServiceError, type Client } from './client.ts'
import type { ImportedResource, ImportedStack, ImportItem } from './import/item.ts'

export interface ImportRunOptions {
  client: Client
  source: string
  /** The same for the same input and options, so that a run that was broken off goes on where it was. */
  runId: string
  /** Of what has no ARN of its own. */
  account: string
  dryRun: boolean
  items: AsyncIterable<ImportItem>
  onReject: (reject: Reject) => void
  onProgress: (summary: ImportSummary) => void
}

export interface Reject {
  where: string
  reason: string
  record: unknown
}

export interface ImportSummary {
  created: number
  updated: number
  unchanged: number
  declared: number
  confirmed: number
  repeated: number
  gone: number
  rejected: number
  /** By reason. */
  skipped: Map<string, number>
  /** What could not be read was not looked for, so nothing was taken to be gone. */
  isPartial: boolean
  /** Records that an earlier attempt had sent. */
  resumedAt: number
}

interface WireCounts {
  Created: number
  Updated: number
  Unchanged: number
  Declared: number
  Confirmed: number
  Repeated: number
  Rejected: number
  Gone: number
}

interface Answer {
  Counts: WireCounts
  Totals: WireCounts
  NextOffset: number
  BatchSize: number
  More: boolean
  Rejections: { Index: number; Code: string; Message: string }[]
  Seen?: number[]
  SoleHeld?: number[]
  NextToken?: string
}

interface WireRecord {
  where: string
  kind: 'resource' | 'stack'
  text: string
}

const maxUnderWay = 2
/** Below the server's limit of 4 MiB, which counts what surrounds the records, too. */
const maxBatchBytes = 3.5 * 1024 * 1024
const maxBatchStacks = 100
const maxDistinctReasons = 100

export async function runImport(options: ImportRunOptions): Promise<ImportSummary> {
  const { client, dryRun, onReject, onProgress } = options
  const summary: ImportSummary = {
    created: 0,
    updated: 0,
    unchanged: 0,
    declared: 0,
    confirmed: 0,
    repeated: 0,
    gone: 0,
    rejected: 0,
    skipped: new Map(),
    isPartial: false,
    resumedAt: 0,
  }
  let unreadable = 0
  let started: Answer | undefined
  let batchSize = 0
  let records = 0
  let pending: WireRecord[] = []
  let pendingBytes = 0
  let sentOffset = 0
  const underWay: Promise<void>[] = []
  const seen = new Set<number>()

  async function call(offset: number, batch: readonly WireRecord[], more: object = {}): Promise<Answer> {
    const list = (kind: WireRecord['kind']) =>
      batch.flatMap((record) => (record.kind === kind ? [record.text] : [])).join(',')
    const head = JSON.stringify({
      Source: options.source,
      RunId: options.runId,
      Offset: offset,
      Account: options.account,
      ...(dryRun && { DryRun: true }),
      ...more,
    })
    const body = `${head.slice(0, -1)},"Stacks":[${list('stack')}],"Resources":[${list('resource')}]}`
    return (await client.corral('ImportResources', body)) as Answer
  }

  async function start(): Promise<Answer> {
    if (!started) {
      started = await call(0, [])
      batchSize = started.BatchSize
      summary.resumedAt = dryRun ? 0 : started.NextOffset
      sentOffset = summary.resumedAt
      if (summary.resumedAt > 0) setCounts(summary, started.Totals)
    }
    return started
  }

  /** Batches are taken in order only; one that overtook the one before it on the way is sent again behind it. */
  async function send(offset: number, batch: readonly WireRecord[], previous: Promise<void>): Promise<void> {
    let answer: Answer
    try {
      answer = await call(offset, batch)
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'ConflictException') throw error
      await previous
      answer = await call(offset, batch)
    }
    addCounts(summary, answer.Counts)
    for (const id of answer.Seen ?? []) seen.add(id)
    const ordered = [
      ...batch.filter(({ kind }) => kind === 'stack'),
      ...batch.filter(({ kind }) => kind === 'resource'),
    ]
    for (const { Index, Code, Message } of answer.Rejections) {
      const record = ordered[Index]
      if (record) onReject({ where: record.where, reason: `${Code}: ${Message}`, record: JSON.parse(record.text) })
    }
    onProgress(summary)
  }

  async function flush(): Promise<void> {
    if (pending.length === 0) return
    const batch = pending
    const previous = underWay.at(-1) ?? Promise.resolve()
    pending = []
    pendingBytes = 0
    while (underWay.length >= maxUnderWay) await underWay.shift()
    const sent = send(sentOffset, batch, previous)
    // Its failure is met where it is awaited.
    sent.catch(() => undefined)
    underWay.push(sent)
    sentOffset += batch.length
  }

  function reject(reject: Reject): void {
    unreadable++
    summary.rejected++
    // What an earlier attempt passed, it has written down.
    if (records >= summary.resumedAt) onReject(reject)
  }

  async function take(record: WireRecord): Promise<void> {
    await start()
    if (records++ < summary.resumedAt) return
    const stacks = record.kind === 'stack' ? pending.filter(({ kind }) => kind === 'stack').length : 0
    if (pendingBytes + record.text.length > maxBatchBytes || stacks >= maxBatchStacks) await flush()
    pending.push(record)
    // Characters beyond ASCII take up to three bytes each.
    pendingBytes += record.text.length === 0 ? 0 : Buffer.byteLength(record.text) + 1
    if (pending.length >= batchSize) await flush()
  }

  for await (const item of options.items) {
    if (item.kind === 'skipped') {
      const reason = summary.skipped.size < maxDistinctReasons ? item.reason : 'other reasons'
      summary.skipped.set(reason, (summary.skipped.get(reason) ?? 0) + 1)
    } else if (item.kind === 'rejected') reject(item)
    else {
      const record = wireRecord(item)
      if ('reason' in record) reject({ where: item.where, reason: record.reason, record: null })
      else await take(record)
    }
  }
  summary.isPartial = unreadable > 0
  // Of a file that could not be read at all, the server need not hear.
  if (!started && summary.isPartial) return summary
  await start()
  await flush()
  await Promise.all(underWay)
  await complete()
  return summary

  async function complete(): Promise<void> {
    const flags = { Complete: true, ...(summary.isPartial && { KeepUnseen: true }) }
    let answer = await call(sentOffset, [], flags)
    const unseen = new Set(answer.SoleHeld)
    while (answer.More) {
      answer = await call(sentOffset, [], { ...flags, ...(answer.NextToken && { NextToken: answer.NextToken }) })
      for (const id of answer.SoleHeld ?? []) unseen.add(id)
    }
    if (dryRun) summary.gone += [...unseen].filter((id) => !seen.has(id)).length
    else {
      setCounts(summary, answer.Totals)
      summary.rejected += unreadable
    }
    onProgress(summary)
  }
}

const countNames = {
  Created: 'created',
  Updated: 'updated',
  Unchanged: 'unchanged',
  Declared: 'declared',
  Confirmed: 'confirmed',
  Repeated: 'repeated',
  Rejected: 'rejected',
  Gone: 'gone',
} as const

function addCounts(summary: ImportSummary, counts: WireCounts): void {
  for (const [name, own] of Object.entries(countNames)) summary[own] += counts[name as keyof WireCounts]
}

function setCounts(summary: ImportSummary, counts: WireCounts): void {
  for (const [name, own] of Object.entries(countNames)) summary[own] = counts[name as keyof WireCounts]
}

function wireRecord(item: Extract<ImportItem, { kind: 'resource' | 'stack' }>): WireRecord | { reason: string } {
  const text = JSON.stringify(item.kind === 'resource' ? wireResource(item.resource) : wireStack(item.stack))
  if (Buffer.byteLength(text) > maxBatchBytes) return { reason: 'too large for a request' }
  // Only text that no UTF-8 can carry is written as such an escape; a backslash in the text may look like one.
  if (text.includes('\\ud') && !isWellFormed(JSON.parse(text))) return { reason: 'half a surrogate pair' }
  return { where: item.where, kind: item.kind, text }
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && isWellFormed(member))
}

const wireResource = (resource: ImportedResource) => ({
  ResourceArn: resource.arn,
  ResourceType: resource.type,
  Region: resource.region,
  Tags: resource.tags,
  PhysicalId: resource.physicalId,
  Stack: resource.stack && { StackId: resource.stack.id, LogicalId: resource.stack.logicalId },
  Declared: resource.declared,
})

const wireStack = (stack: ImportedStack) => ({
  StackId: stack.id,
  StackName: stack.name,
  StackStatus: stack.status,
  Region: stack.region,
  Tags: stack.tags,
})
