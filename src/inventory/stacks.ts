// CloudFormation stacks: each a resource of its own, with tags, besides a row here for its name and status. Which
// resources a stack holds stands with those resources. A stack that was only ever named gets an ARN made from its name,
// until a source states the true one; nothing here runs or changes a real stack.
import { hash } from 'node:crypto'
import type { ChangeRun } from '../changes/change-log.ts'
import { formatArn, parseArn } from '../model/arn.ts'
import type { Run } from '../storage/database.ts'
import { findByArn } from './resources.ts'
import { ridsPerScope, type Scope, sidOf } from './scope.ts'
import { inSizes, largestSize, padTo, paddedSize } from './statement-sizes.ts'
import type { InventoryIndex } from './terms.ts'

export const stackType = 'AWS::CloudFormation::Stack'

export interface Stack {
  /** Of its resource, too. */
  id: number
  arn: string
  name: string
  /** CloudFormation's word: `CREATE_COMPLETE`. */
  status: string
  version: number
}

export interface StackAddress {
  partition: string
  region: string
  /** Of the stack's ARN. */
  account: string
  name: string
}

/** What a stack ARN says; undefined for any other ARN. */
export function stackAddress(arn: string): StackAddress | undefined {
  // Most ARNs are of something else, and every imported one is asked about.
  const parts = arn.includes(':cloudformation:') ? parseArn(arn) : undefined
  const name = parts && /^stack\/([^/]+)\/[^/]+$/.exec(parts.resource)?.[1]
  if (!parts || parts.service !== 'cloudformation' || name === undefined) return undefined
  return { partition: parts.partition, region: parts.region, account: parts.account, name }
}

/**
 * The ARN of a stack that is known by name only: `…:stack/NAME/UUID`, the UUID (version 8) being the first 16 bytes of
 * SHA-256 over account, Region and name, so that the same name always means the same stack.
 */
export function namedStackArn({ partition, region, account, name }: StackAddress): string {
  const digits = hash('sha256', `${account}\n${region}\n${name}`).slice(0, 32)
  const variant = ((Number.parseInt(digits.slice(16, 17), 16) & 3) | 8).toString(16)
  const uuid = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ]
  return formatArn({
    partition,
    service: 'cloudformation',
    region,
    account,
    resource: `stack/${name}/${uuid.join('-')}`,
  })
}

/** Whether the ARN was made from the stack's name alone. */
export function isNamedStackArn(arn: string): boolean {
  const address = stackAddress(arn)
  return address !== undefined && namedStackArn(address) === arn
}

interface StackRow {
  id: number
  version: number
  status: string
  content: Uint8Array
  key_id: number
}

interface StackContent {
  arn: string
  name: string
}

const columns = 'id, version, status, content, key_id'
const byNameSql = `select ${columns} from stack where sid = ? and name_lookup = ? and generation = 0`
const byIdSql = inSizes('?', (rows) => `select ${columns} from stack where id in (${rows}) and generation = 0`)
const pageSql = `select ${columns} from stack where id > ? and id < ? and generation = 0 order by id limit ?`

/** Stacks of several AWS accounts may share a name within one scope. */
const nameKey = (account: string, name: string): string => `${account}/${name}`

/** The stack that has the name now, in the AWS account that its ARN names. */
export async function findStackByName(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  stack: { account: string; name: string },
): Promise<Stack | undefined> {
  const lookup = index.codec.lookup(scope.account, nameKey(stack.account, stack.name))
  const row = await run.get<StackRow>(byNameSql, scope.sid, lookup)
  return row && readRow(index, scope.account, row)
}

/** A stack of the scope, also one that was deleted: its status says so. */
export async function findStackByArn(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  arn: string,
): Promise<Stack | undefined> {
  const resource = await findByArn(run, index, scope.account, arn)
  if (!resource || sidOf(resource.id) !== scope.sid) return undefined
  const row = await run.get<StackRow>(`select ${columns} from stack where id = ?`, resource.id)
  return row && readRow(index, scope.account, row)
}

/** Those of the ids that are stacks, deleted ones left out. */
export async function findStacksByIds(
  run: Run,
  index: InventoryIndex,
  account: string,
  ids: readonly number[],
): Promise<Map<number, Stack>> {
  const found = new Map<number, Stack>()
  for (let from = 0; from < ids.length; from += largestSize) {
    const wanted = ids.slice(from, from + largestSize)
    const size = paddedSize(wanted.length)
    for (const row of await run.all<StackRow>(byIdSql[size], ...padTo(wanted, size)))
      found.set(row.id, readRow(index, account, row))
  }
  return found
}

/** Stacks of a scope in order of id, deleted ones left out. */
export async function stacksPage(
  run: Run,
  index: InventoryIndex,
  options: { scope: Scope; afterId?: number; limit: number },
): Promise<Stack[]> {
  const { scope, limit } = options
  const first = scope.sid * ridsPerScope
  const rows = await run.all<StackRow>(pageSql, options.afterId ?? first - 1, first + ridsPerScope, limit)
  return rows.map((row) => readRow(index, scope.account, row))
}

function readRow(index: InventoryIndex, account: string, row: StackRow): Stack {
  const { arn, name } = JSON.parse(index.codec.open(account, { bytes: row.content, keyId: row.key_id })) as StackContent
  return { id: row.id, arn, name, status: row.status, version: row.version }
}

const deleted = 'DELETE_COMPLETE'
const insertSql = `insert into stack (id, sid, name_lookup, generation, version, status, content, key_id)
  values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set
  generation = excluded.generation, version = excluded.version, status = excluded.status, content = excluded.content,
  key_id = excluded.key_id`

/**
 * Makes or changes the row of a stack whose resource has been written. A deleted stack becomes a tombstone and its name
 * free; so does another stack of the same name, which cannot exist besides this one. That other stack's id, if any.
 */
export async function putStack(
  run: ChangeRun,
  index: InventoryIndex,
  scope: Scope,
  stack: { id: number; arn: string; name: string; status: string },
): Promise<number | undefined> {
  const { id, arn, name, status } = stack
  const account = stackAddress(arn)?.account ?? scope.account
  const [before] = (await findStacksByIds(run, index, scope.account, [id])).values()
  if (before?.status === status) return undefined
  const sameName = await findStackByName(run, index, scope, { account, name })
  const replaced = sameName && sameName.id !== id && status !== deleted ? sameName : undefined
  if (replaced) await write(run, index, scope, replaced, { ...replaced, status: deleted }, account)
  await write(run, index, scope, before, { ...stack, version: before?.version ?? 0 }, account)
  return replaced?.id
}

/** To be called when the stack's resource is gone. Nothing if there is no such stack. */
export async function removeStack(run: ChangeRun, index: InventoryIndex, scope: Scope, id: number): Promise<void> {
  const [stack] = (await findStacksByIds(run, index, scope.account, [id])).values()
  if (stack) await putStack(run, index, scope, { ...stack, status: deleted })
}

async function write(
  run: ChangeRun,
  index: InventoryIndex,
  scope: Scope,
  before: Stack | undefined,
  after: Stack,
  account: string,
): Promise<void> {
  if (sidOf(after.id) !== scope.sid) throw new Error(`stack ${after.id} is not of scope ${scope.sid}`)
  const { id, arn, name, status } = after
  const isGone = status === deleted
  // One that was deleted before it was ever known leaves no trace.
  if (isGone && !before) return
  // A tombstone that comes back counts on from its own version.
  const known = before ?? (await run.get<{ version: number }>('select version from stack where id = ?', id))
  const version = (known?.version ?? 0) + 1
  const { bytes, keyId } = index.codec.seal(scope.account, JSON.stringify({ arn, name } satisfies StackContent))
  const lookup = index.codec.lookup(scope.account, nameKey(account, name))
  await run.run(insertSql, id, scope.sid, lookup, isGone ? id : 0, version, status, bytes, keyId)
  const state = (stack: Stack) => JSON.stringify({ arn: stack.arn, name: stack.name, status: stack.status })
  run.record({
    kind: 'stack',
    objectId: id,
    version,
    before: before ? state(before) : null,
    after: isGone ? null : state(after),
  })
}
