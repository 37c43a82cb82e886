// What tag-sync tasks do: look at every resource that matches, then at every change, and see to it that what matches has
// the application's tag and what no longer does has lost it. A change only says where to look; what is done follows from
// the resource as it is when the writer gets there, so that a step done twice, or too late, does no harm.
import { type ChangeRun, changesAfter, type LoggedChange } from '../../changes/change-log.ts'
import type { ContentCodec } from '../../crypto/content-codec.ts'
import { type Expression, matches } from '../../inventory/expression.ts'
import { queryPage } from '../../inventory/query.ts'
import {
  entriesOf,
  findByIds,
  loggedResource,
  type Resource,
  type ResourceWrite,
  scopeOf,
  writeResources,
} from '../../inventory/resources.ts'
import { scopesOf, sidOf } from '../../inventory/scope.ts'
import type { Run } from '../../storage/database.ts'
import { mayChangeTags } from '../tag-authorization.ts'
import { applicationTagKey, tagLimitFailure, withoutApplication } from './rules/grouping.ts'
import { type Problems, type SyncRule, syncVerdict, withProblem } from './rules/tag-sync.ts'
import {
  findTagSyncTaskById,
  noteFollowed,
  noteSwept,
  statusOf,
  syncedExpression,
  type TagSyncTask,
  tagSyncTasksOfAccount,
  updateTagSyncTask,
} from './tag-sync-store.ts'
import { maxStepResources, servicePrincipal, type TaskParts } from './task-parts.ts'

/** Changes read in one go: few enough to be read between two calls, enough to outrun an import. */
const maxStepChanges = 100

/** A task that has not yet looked at everything. */
export async function sweepingAfter(run: Run, id: number): Promise<number | undefined> {
  const row = await run.get<{ id: number }>(
    'select id from tag_sync_task where id > ? and sweep_after is not null order by id limit 1',
    id,
  )
  return row?.id
}

/** The next resources that match and are not in the application. */
export async function stepSweep(parts: TaskParts, taskId: number): Promise<void> {
  const { database, index, perform } = parts
  const plan = await database.read(async (run) => {
    const task = await findTagSyncTaskById(run, index.codec, taskId)
    if (!task || task.sweepAfter === null) return undefined
    const inApplication = { is: { key: applicationTagKey, value: task.groupArn } }
    const page = await queryPage(run, index, {
      scopes: (await scopesOf(run, task.account)).filter(({ sid }) => sid === task.sid),
      expression: { and: [syncedExpression(task), { not: inApplication }] },
      after: { sid: task.sid, rid: task.sweepAfter },
      limit: maxStepResources,
    })
    return { task, page }
  })
  if (!plan) return
  const { task, page } = plan
  const act = { account: task.account, principal: servicePrincipal, action: 'resource-groups:SyncTags' }
  await perform(act, async (run) => {
    const tasks = await tagSyncTasksOfAccount(run, index.codec, task.account)
    const now = tasks.find(({ id }) => id === task.id)
    // Cancelled meanwhile, or swept by another process.
    if (!now || now.sweepAfter !== task.sweepAfter) return { value: undefined, resources: [] }
    await noteSwept(run, now, page.next?.rid ?? null)
    return { value: undefined, resources: await syncResources(parts, run, task.account, tasks, page.ids, new Map()) }
  })
}

/** An account whose tasks have not seen its latest changes. */
export async function behindAfter(run: Run, account: string): Promise<string | undefined> {
  const row = await run.get<{ account: string }>(
    `select t.account from tag_sync_task t join account a on a.id = t.account
     where t.account > ? and t.sweep_after is null and t.followed_seq < a.change_seq order by t.account limit 1`,
    account,
  )
  return row?.account
}

/** The account's next changes, for all its tasks at once. */
export async function stepFollow(parts: TaskParts, account: string): Promise<void> {
  const { database, index, perform } = parts
  const plan = await database.read(async (run) => {
    const tasks = (await tagSyncTasksOfAccount(run, index.codec, account)).filter(
      ({ sweepAfter }) => sweepAfter === null,
    )
    if (tasks.length === 0) return undefined
    const from = Math.min(...tasks.map(({ followedSeq }) => followedSeq))
    const changes = await changesAfter(run, index.codec, account, from, maxStepChanges)
    if (changes.length > 0) return { tasks, ...affected(tasks, from, changes) }
    // A log that was cut short has nothing to follow.
    const latest = await run.get<{ change_seq: number }>('select change_seq from account where id = ?', account)
    return { tasks, reached: latest?.change_seq ?? from, resources: new Map<number, Set<number>>() }
  })
  if (!plan) return
  const { reached, resources } = plan
  const seen = new Map(plan.tasks.map(({ id, followedSeq }) => [id, followedSeq]))
  await perform({ account, principal: servicePrincipal, action: 'resource-groups:SyncTags' }, async (run) => {
    const tasks = await tagSyncTasksOfAccount(run, index.codec, account)
    for (const task of tasks) {
      const isPlanned = task.sweepAfter === null && seen.get(task.id) === task.followedSeq
      if (isPlanned && task.followedSeq < reached) await noteFollowed(run, task, reached)
    }
    const ids = [...resources.keys()]
    return { value: undefined, resources: await syncResources(parts, run, account, tasks, ids, resources) }
  })
}

/** Resource id → tasks for which it was a match before some change and not after it. */
type Affected = Map<number, Set<number>>

/** The resources that tasks must look at again, and the last change that they come from; `from` if there is none. */
export function affected(
  tasks: readonly TagSyncTask[],
  from: number,
  changes: readonly LoggedChange[],
): { reached: number; resources: Affected } {
  const rules = tasks.map((task) => ({ task, expression: syncedExpression(task) }))
  const troubled = new Set(tasks.flatMap(({ problems }) => Object.keys(problems)).map(Number))
  const resources: Affected = new Map()
  let reached = from
  for (const change of changes) {
    if (resources.size === maxStepResources) break
    reached = change.seq
    const { objectId } = change
    const sid = sidOf(objectId)
    const concerned = rules.filter(({ task }) => task.sid === sid && task.followedSeq < change.seq)
    if (change.kind !== 'resource' || concerned.length === 0) continue
    const after = loggedResource(change.after)
    const application = after?.tags[applicationTagKey]
    const entries = after ? entriesOf(after) : []
    // What has no application can only get one, what has one can only lose it, and what is gone has nothing to lose.
    const isWanted = application === undefined && concerned.some(({ expression }) => matches(expression, entries))
    const left = concerned
      .filter(({ task }) => after !== undefined && task.groupArn === application)
      .filter(({ expression }) => !matches(expression, entries) && wasMatch(change, expression))
    if (!isWanted && left.length === 0 && !troubled.has(objectId)) continue
    const known = resources.get(objectId) ?? new Set()
    for (const { task } of left) known.add(task.id)
    resources.set(objectId, known)
  }
  return { reached, resources }
}

function wasMatch(change: LoggedChange, expression: Expression): boolean {
  const before = loggedResource(change.before)
  return before !== undefined && matches(expression, entriesOf(before))
}

/** Gives each of the resources the application that the tasks want for it; the ARNs of those that changed. */
async function syncResources(
  { index, mayAsRole }: TaskParts,
  run: ChangeRun,
  account: string,
  tasks: readonly TagSyncTask[],
  resourceIds: readonly number[],
  left: Affected,
): Promise<string[]> {
  if (resourceIds.length === 0) return []
  const scopes = await scopesOf(run, account)
  const rules = tasks.map((task): SyncRule & { sid: number } => ({ ...task, expression: syncedExpression(task) }))
  const writes: (ResourceWrite & { before: Resource; by: number })[] = []
  const problems: { resource: Resource; by: number; message: string }[] = []
  const resources = await findByIds(run, index, resourceIds)
  for (const resource of resources) {
    if (resource.state !== 'live') continue
    const { tags } = resource
    const ofScope = rules.filter(({ sid }) => sid === sidOf(resource.id))
    const verdict = syncVerdict(
      ofScope,
      tags[applicationTagKey],
      entriesOf(resource),
      left.get(resource.id) ?? new Set(),
    )
    const { application, by } = verdict
    if (by === undefined) continue
    const limit = application !== undefined && !(applicationTagKey in tags) ? tagLimitFailure(tags) : undefined
    if (limit) problems.push({ resource, by, message: limit.message })
    else {
      const rest = withoutApplication(tags)
      const next = application === undefined ? rest : { ...rest, [applicationTagKey]: application }
      writes.push({ scope: scopeOf(scopes, resource), before: resource, after: { ...resource, tags: next }, by })
    }
  }
  const roleOf = new Map(tasks.map(({ id, roleArn }) => [id, roleArn]))
  const roles = new Map(writes.map(({ before, by }) => [before.arn, roleOf.get(by) ?? '']))
  const may = mayChangeTags((check) => mayAsRole(roles.get(check.resource) ?? '', check))
  const outcomes = await writeResources(run, index, writes, may)
  const changed: string[] = []
  for (const [place, { before, by }] of writes.entries()) {
    const outcome = outcomes[place]
    if (outcome && 'denied' in outcome) problems.push({ resource: before, by, message: outcome.denied })
    else changed.push(before.arn)
  }
  await noteProblems(run, index.codec, tasks, resourceIds, problems)
  return changed
}

/** AWS's limit on an error's message, in characters. */
const maxMessageLength = 1024

/** Notes with each task what it could not do with the resources it looked at, and forgets what it could this time. */
async function noteProblems(
  run: ChangeRun,
  codec: ContentCodec,
  tasks: readonly TagSyncTask[],
  resourceIds: readonly number[],
  problems: readonly { resource: Resource; by: number; message: string }[],
): Promise<void> {
  for (const task of tasks) {
    const found = new Map(
      problems
        .filter(({ by }) => by === task.id)
        .map(({ resource, message }) => [resource.id, `${resource.arn}: ${message}`.slice(0, maxMessageLength)]),
    )
    if (found.size === 0 && statusOf(task) === 'ACTIVE') continue
    let next: Problems = { problems: task.problems, moreProblems: task.moreProblems }
    for (const id of resourceIds) next = withProblem(next, id, found.get(id))
    const isOver = next.moreProblems && Object.keys(next.problems).length === 0
    // What was not kept can only be found by looking at everything again.
    if (isOver) await noteSwept(run, task, -1)
    await updateTagSyncTask(run, codec, task, isOver ? { ...next, moreProblems: false } : next)
  }
}
