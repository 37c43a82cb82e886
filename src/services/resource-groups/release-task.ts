// Lets the members of a deleted group go: those of an application lose its tag, the others the mark that they were put
// into it. The group itself is gone already, and with it every way to see that they had been its members.
import { findByIds, type ResourceWrite, scopeOf, writeResources } from '../../inventory/resources.ts'
import { scopesOf } from '../../inventory/scope.ts'
import { queryPage } from '../../inventory/query.ts'
import { dropGroupings } from './grouping.ts'
import { without } from './grouping-task.ts'
import { manualMembers } from './membership.ts'
import { applicationTagKey, withoutApplication } from './rules/grouping.ts'
import { maxStepResources, servicePrincipal, type TaskParts } from './task-parts.ts'
import { advanceTask, finishTask, type Task } from './task-queue.ts'

export interface ReleaseContent {
  sid: number
  /** Of the group that was. */
  arn: string
  isApplication: boolean
  /** Members up to this one have been let go; -1 = none yet. */
  afterRid: number
}

/** The next members of the group. */
export async function stepRelease({ database, index, perform }: TaskParts, task: Task): Promise<void> {
  const { account, objectId: groupId } = task
  const content = task.content as ReleaseContent
  const { sid, arn, isApplication, afterRid } = content
  const byHand = manualMembers(groupId)
  const expression = isApplication ? { or: [{ is: { key: applicationTagKey, value: arn } }, byHand] } : byHand
  const page = await database.read(async (run) =>
    queryPage(run, index, {
      scopes: (await scopesOf(run, account)).filter((scope) => scope.sid === sid),
      expression,
      after: { sid, rid: afterRid },
      limit: maxStepResources,
    }),
  )
  const act = { account, principal: servicePrincipal, action: 'resource-groups:ReleaseMembers' }
  await perform(act, async (run) => {
    const scopes = await scopesOf(run, account)
    const writes: ResourceWrite[] = []
    for (const resource of await findByIds(run, index, page.ids)) {
      if (resource.state === 'gone') continue
      const isTagged = isApplication && resource.tags[applicationTagKey] === arn
      const tags = isTagged ? withoutApplication(resource.tags) : resource.tags
      const after = { ...resource, tags, groups: without(resource, groupId) }
      writes.push({ scope: scopeOf(scopes, resource), before: resource, after })
    }
    await writeResources(run, index, writes, () => undefined)
    const areGroupingsLeft = await dropGroupings(run, groupId, maxStepResources)
    if (page.next) await advanceTask(run, index.codec, task, { ...content, afterRid: page.next.rid })
    else if (!areGroupingsLeft) await finishTask(run, task)
    return { value: undefined, resources: writes.map(({ after }) => after.arn) }
  })
}
