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
  tagSyncTasksOfScope,
  updateTagSyncTask,
} from './tag-sync-store.ts'
import { maxStepResources, servicePrincipal, type TaskParts } from './task-parts.ts'

/** Each is of one resource. Few enough to be read between two calls, enough to outrun an import. */
const maxStepChanges = maxStepResources

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
    const tasks = await tagSyncTasksOfScope(run, index.codec, task.sid)
    const now = tasks.find(({ id }) => id === task.id)
    // Cancelled meanwhile, or swept by another process.
    if (!now || now.sweepAfter !== task.sweepAfter) return { value: undefined, resources: [] }
    await noteSwept(run, now, page.next?.rid ?? null)
    return { value: undefined, resources: await syncResources(parts, run, task.account, tasks, page.ids, new Map()) }
  })
}

export interface Follower {
  id: number
  account: string
  sid: number
  followedSeq: number
}

/** A task that has not seen its account's latest changes. */
export async function behindAfter(run: Run, id: number): Promise<Follower | undefined> {
  return run.get<Follower>(
    `select t.id, t.account, t.sid, t.followed_seq as "followedSeq"
     from tag_sync_task t join account a on a.id = t.account
     where t.id > ? and t.sweep_after is null and t.followed_seq < a.change_seq order by t.id limit 1`,
    id,
  )
}

/**
 * The account's next changes, for all tasks of the Region that have come as far as this one. Those that lag behind,
 * after a long sweep, go by themselves until they have caught up, so that the others need not wait for them.
 */
export async function stepFollow(parts: TaskParts, { account, sid, followedSeq: seq }: Follower): Promise<void> {
  const { database, index, perform } = parts
  const isHere = ({ sweepAfter, followedSeq }: TagSyncTask) => sweepAfter === null && followedSeq === seq
  const plan = await database.read(async (run) => {
    const tasks = (await tagSyncTasksOfScope(run, index.codec, sid)).filter(isHere)
    const changes = await changesAfter(run, index.codec, account, seq, maxStepChanges)
    // A log that was cut short has nothing to follow.
    const latest = await run.get<{ change_seq: number }>('select change_seq from account where id = ?', account)
    const reached = changes.at(-1)?.seq ?? latest?.change_seq ?? seq
    return { ids: new Set(tasks.map(({ id }) => id)), reached, affected: affectedBy(changes, sid, tasks) }
  })
  await perform({ account, principal: servicePrincipal, action: 'resource-groups:SyncTags' }, async (run) => {
    const tasks = await tagSyncTasksOfScope(run, index.codec, sid)
    // Not those that came here meanwhile: the changes were not held against them.
    for (const task of tasks) if (plan.ids.has(task.id) && isHere(task)) await noteFollowed(run, task, plan.reached)
    const ids = [...plan.affected.keys()]
    return { value: undefined, resources: await syncResources(parts, run, account, tasks, ids, plan.affected) }
  })
}

/** Resource id → tasks for which it was a match before some change and not after it. */
type Affected = Map<number, Set<number>>

/** The resources of the scope that must be looked at again. */
function affectedBy(changes: readonly LoggedChange[], sid: number, tasks: readonly TagSyncTask[]): Affected {
  const rules = tasks.map((task) => ({ task, expression: syncedExpression(task) }))
  const troubled = new Set(tasks.flatMap(({ problems }) => Object.keys(problems)).map(Number))
  const resources: Affected = new Map()
  for (const change of changes) {
    const { objectId } = change
    if (change.kind !== 'resource' || sidOf(objectId) !== sid) continue
    const after = loggedResource(change.after)
    const application = after?.tags[applicationTagKey]
    const entries = after ? entriesOf(after) : []
    // What has no application can only get one, what has one can only lose it, and what is gone has nothing to lose.
    const isWanted = application === undefined && rules.some(({ expression }) => matches(expression, entries))
    const left = rules
      .filter(({ task }) => after !== undefined && task.groupArn === application)
      .filter(({ expression }) => !matches(expression, entries) && wasMatch(change, expression))
    if (!isWanted && left.length === 0 && !troubled.has(objectId)) continue
    const known = resources.get(objectId) ?? new Set()
    for (const { task } of left) known.add(task.id)
    resources.set(objectId, known)
  }
  return resources
}

function wasMatch(change: LoggedChange, expression: Expression): boolean {
  const before = loggedResource(change.before)
  return before !== undefined && matches(expression, entriesOf(before))
}

/**
 * Gives each of the resources the application that the tasks of its scope want for it. The ARNs of what changed: resources,
 * and tasks by what they have to tell.
 */
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
  const rules = tasks.map((task): SyncRule => ({ ...task, expression: syncedExpression(task) }))
  const writes: (ResourceWrite & { before: Resource; by: number })[] = []
  const problems: { resource: Resource; by: number; message: string }[] = []
  const resources = await findByIds(run, index, resourceIds)
  for (const resource of resources) {
    if (resource.state !== 'live') continue
    const { tags } = resource
    const verdict = syncVerdict(rules, tags[applicationTagKey], entriesOf(resource), left.get(resource.id) ?? new Set())
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
  return [...changed, ...(await noteProblems(run, index.codec, tasks, resourceIds, problems))]
}

/** AWS's limit on an error's message, in characters. */
const maxMessageLength = 1024

/**
 * Notes with each task what it could not do with the resources it looked at, and forgets what it could this time. The
 * ARNs of tasks that changed by that.
 */
async function noteProblems(
  run: ChangeRun,
  codec: ContentCodec,
  tasks: readonly TagSyncTask[],
  resourceIds: readonly number[],
  problems: readonly { resource: Resource; by: number; message: string }[],
): Promise<string[]> {
  const changed: string[] = []
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
    const after = await updateTagSyncTask(run, codec, task, isOver ? { ...next, moreProblems: false } : next)
    if (after !== task) changed.push(task.arn)
  }
  return changed
}
