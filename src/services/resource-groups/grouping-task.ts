// Brings resources into an application group, or out of it, by its tag: what GroupResources and UngroupResources left to
// be done. Whether the caller may tag was asked then.
import { findByIds, type Resource, type ResourceWrite, scopeOf, writeResources } from '../../inventory/resources.ts'
import { scopesOf } from '../../inventory/scope.ts'
import { findGroupById } from './group-store.ts'
import { forgetGroupings, type Grouping, groupingsInProgress, putGrouping } from './grouping.ts'
import { groupingVerdict } from './rules/grouping.ts'
import { maxStepResources, servicePrincipal, type TaskParts } from './task-parts.ts'
import { finishTask, type Task } from './task-queue.ts'

/** The next groupings of the group. */
export async function stepGrouping({ index, perform }: TaskParts, task: Task): Promise<void> {
  const { account, objectId: groupId } = task
  const act = { account, principal: servicePrincipal, action: 'resource-groups:ApplyGrouping' }
  await perform(act, async (run) => {
    const { codec } = index
    const group = await findGroupById(run, index, account, groupId)
    // Of a group that is gone nothing is left to bring in or out; its end has a task of its own.
    const groupings = group ? await groupingsInProgress(run, codec, account, groupId, maxStepResources) : []
    if (groupings.length < maxStepResources) await finishTask(run, task)
    if (!group || groupings.length === 0) return { value: undefined, resources: [] }

    const { nowMs } = run.origin
    const scope = scopeOf(await scopesOf(run, account), group)
    const ids = groupings.map(({ resourceId }) => resourceId)
    const resources = new Map((await findByIds(run, index, ids)).map((resource) => [resource.id, resource]))
    const writes: ResourceWrite[] = []
    for (const grouping of groupings) {
      const resource = resources.get(grouping.resourceId)
      const verdict = groupingVerdict(grouping.action, resource, group.arn)
      await putGrouping(run, codec, account, groupId, { ...settled(grouping, verdict), updatedMs: nowMs })
      // From now on the tag says whether it is a member.
      if (resource && resource.state !== 'gone') {
        const tags = 'tags' in verdict ? verdict.tags : resource.tags
        writes.push({ scope, before: resource, after: { ...resource, tags, groups: without(resource, groupId) } })
      }
    }
    await writeResources(run, index, writes, () => undefined)
    await forgetGroupings(run, groupId, nowMs)
    return { value: undefined, resources: groupings.map(({ resourceArn }) => resourceArn) }
  })
}

/** The groups that a resource was put into by hand, without one of them. */
export const without = ({ groups = [] }: Pick<Resource, 'groups'>, groupId: number): number[] =>
  groups.filter((id) => id !== groupId)

function settled(grouping: Grouping, verdict: ReturnType<typeof groupingVerdict>): Grouping {
  if ('failure' in verdict) return { ...grouping, status: 'FAILED', failure: verdict.failure }
  return { ...grouping, status: 'skipped' in verdict ? 'SKIPPED' : 'SUCCESS' }
}
