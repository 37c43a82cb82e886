// Makes a task that keeps an application's members equal to what has a tag, or to what a tag query finds. The caller hands
// it a role, in whose name it tags, and needs the permission to pass that role on.
import { parseArn } from '../../../model/arn.ts'
import { required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { QueryText } from '../group-store.ts'
import { groupCheck, loadGroup, theGroup } from '../group-target.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { groupId, tagSyncTaskArn as arnOfTask } from '../rules/group-name.ts'
import { parseResourceQuery } from '../rules/resource-query.ts'
import { createTagSyncTask, type SyncedTag, tagSyncTasksOfScope } from '../tag-sync-store.ts'
import { servicePrincipal } from '../task-parts.ts'
import { syncedAnswer } from '../tag-sync-answer.ts'
import {
  unauthorizedException,
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import {
  groupArnV2,
  groupName,
  groupStringV2,
  resourceQuery,
  roleArn,
  tagKey,
  tagSyncTaskArn,
  tagValue,
} from '../shapes.ts'

export const startTagSyncTask = operationsOf<ResourceGroupsPorts>().write({
  name: 'StartTagSyncTask',
  http: { method: 'POST', uri: '/start-tag-sync-task', code: 200 },
  input: structure('StartTagSyncTaskInput', {
    Group: required(groupStringV2),
    ResourceQuery: resourceQuery,
    RoleArn: required(roleArn),
    TagKey: tagKey,
    TagValue: tagValue,
  }),
  output: structure('StartTagSyncTaskOutput', {
    GroupArn: groupArnV2,
    GroupName: groupName,
    ResourceQuery: resourceQuery,
    RoleArn: roleArn,
    TagKey: tagKey,
    TagValue: tagValue,
    TaskArn: tagSyncTaskArn,
  }),
  faults: [
    unauthorizedException,
    badRequestException,
    forbiddenException,
    notFoundException,
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  load: (context) => loadGroup(context, context.input.Group),
  authorize: {
    level: 'Write',
    actions: ['resource-groups:CreateGroup', 'resource-groups:StartTagSyncTask', 'iam:PassRole'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}', 'iam:PassedToService'],
    checks: ({ input, target }) => [
      { action: 'resource-groups:CreateGroup', resource: '*' },
      ...groupCheck('resource-groups:StartTagSyncTask', target),
      { action: 'iam:PassRole', resource: input.RoleArn, context: () => ({ 'iam:PassedToService': servicePrincipal }) },
    ],
  },
  async handle({ input, caller, run, ports, target, fail }) {
    const { group, scope } = theGroup(target, fail)
    const { codec } = ports.index
    if (group.applicationId === undefined)
      return fail(badRequestException, 'A tag-sync task needs an application group')
    const synced = syncedTag(input)
    if ('message' in synced) return fail(badRequestException, synced.message)
    // A role is passed within its account; anything else would let one account's calls act with another's permissions.
    if (parseArn(input.RoleArn)?.account !== caller.account)
      return fail(badRequestException, `The role ${input.RoleArn} is not one of this account`)
    const tasks = await tagSyncTasksOfScope(run, codec, scope.sid)
    if (tasks.length >= maxTasksPerRegion)
      return fail(badRequestException, `The limit of ${maxTasksPerRegion} tag-sync tasks in a Region is reached`)
    const isSame = (other: SyncedTag) => JSON.stringify(other) === JSON.stringify(synced)
    if (tasks.some((task) => task.groupId === group.id && isSame(task.synced)))
      return fail(badRequestException, 'The group has a tag-sync task for the same resources already')
    const taskId = groupId(ports.randomBytes(16))
    const task = await createTagSyncTask(run, codec, scope, group.id, {
      arn: arnOfTask({ place: caller, name: group.name, applicationId: group.applicationId, taskId }),
      groupArn: group.arn,
      groupName: group.name,
      roleArn: input.RoleArn,
      synced,
      problems: {},
      moreProblems: false,
    })
    ports.wakeTasks()
    return {
      GroupArn: group.arn,
      GroupName: group.name,
      RoleArn: task.roleArn,
      TaskArn: task.arn,
      ...syncedAnswer(synced),
    }
  },
})

/** AWS publishes no limit. Each change of the account is held against each of its tasks. */
const maxTasksPerRegion = 100

interface SyncedInput {
  TagKey?: string | undefined
  TagValue?: string | undefined
  ResourceQuery?: QueryText | undefined
}

function syncedTag({ TagKey, TagValue, ResourceQuery }: SyncedInput): SyncedTag | { message: string } {
  const isTag = TagKey !== undefined && TagValue !== undefined
  const isNoTag = TagKey === undefined && TagValue === undefined
  if (ResourceQuery === undefined ? !isTag : !isNoTag)
    return {
      message: 'To define a task, you can use TagKey and TagValue with non-null values, or use a ResourceQuery',
    }
  if (ResourceQuery === undefined) return { tagKey: TagKey ?? '', tagValue: TagValue ?? '' }
  const parsed = parseResourceQuery(ResourceQuery)
  if ('message' in parsed) return parsed
  if (parsed.query.kind !== 'tag') return { message: 'A tag-sync task takes only queries of the type TAG_FILTERS_1_0' }
  return { query: { Type: ResourceQuery.Type, Query: ResourceQuery.Query } }
}
