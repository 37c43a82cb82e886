// Lists the tag-sync tasks of the caller's account and Region in order of creation, all or those of some groups.
import { findScope } from '../../../inventory/scope.ts'
import { structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import { issueToken, readToken } from '../../paging.ts'
import { defaultPageSize, tokenMessage } from '../answers.ts'
import { groupCheck, type GroupTarget, loadGroup } from '../group-target.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { parseTagSyncTaskFilters } from '../rules/list-filters.ts'
import { tagSyncTaskAnswer } from '../tag-sync-answer.ts'
import { tagSyncTasksOfScope } from '../tag-sync-store.ts'
import {
  unauthorizedException,
  badRequestException,
  forbiddenException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { listTagSyncTasksFilterList, maxResults, nextToken, tagSyncTaskList } from '../shapes.ts'

export const listTagSyncTasks = operationsOf<ResourceGroupsPorts>().read({
  name: 'ListTagSyncTasks',
  http: { method: 'POST', uri: '/list-tag-sync-tasks', code: 200 },
  input: structure('ListTagSyncTasksInput', {
    Filters: listTagSyncTasksFilterList,
    MaxResults: maxResults,
    NextToken: nextToken,
  }),
  output: structure('ListTagSyncTasksOutput', {
    NextToken: nextToken,
    TagSyncTasks: tagSyncTaskList,
  }),
  faults: [
    unauthorizedException,
    badRequestException,
    forbiddenException,
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  async load(context): Promise<GroupTarget[]> {
    const filters = context.input.Filters ?? []
    // What will not do as a filter is refused by the handler, after authorization for everything.
    if ('message' in parseTagSyncTaskFilters(filters)) return []
    const targets: GroupTarget[] = []
    for (const { GroupArn, GroupName } of filters) targets.push(await loadGroup(context, GroupArn ?? GroupName))
    return targets
  },
  authorize: {
    level: 'List',
    actions: ['resource-groups:ListTagSyncTasks'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) =>
      target.length === 0
        ? [{ action: 'resource-groups:ListTagSyncTasks', resource: '*' }]
        : target.flatMap((group) => groupCheck('resource-groups:ListTagSyncTasks', group)),
  },
  async handle(context) {
    const { input, caller, run, ports, target, fail } = context
    const filters = input.Filters ?? []
    const parsed = parseTagSyncTaskFilters(filters)
    if ('message' in parsed) return fail(badRequestException, parsed.message)
    const token = input.NextToken ? readToken(context, 'ListTagSyncTasks', filters, input.NextToken) : { position: [0] }
    if ('problem' in token) return fail(badRequestException, tokenMessage(token.problem))
    const [afterId = 0] = token.position
    const limit = input.MaxResults ?? defaultPageSize
    const scope = await findScope(run, ports.index, caller.account, caller.region)
    const groups = new Set(target.map(({ found }) => found?.group.id))
    // A Region has few of them: all are read.
    const tasks = (scope ? await tagSyncTasksOfScope(run, ports.index.codec, scope.sid) : []).filter(
      (task) => task.id > afterId && (filters.length === 0 || groups.has(task.groupId)),
    )
    const page = tasks.slice(0, limit)
    const last = page.at(-1)
    return {
      TagSyncTasks: page.map(tagSyncTaskAnswer),
      NextToken: last && tasks.length > limit ? issueToken(context, 'ListTagSyncTasks', filters, [last.id]) : undefined,
    }
  },
})
