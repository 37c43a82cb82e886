// Answers what a tag-sync task does, and what it could not do.
import { required, structure, timestamp } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import { groupCheck } from '../group-target.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { tagSyncTaskAnswer } from '../tag-sync-answer.ts'
import { loadTagSyncTask } from '../tag-sync-target.ts'
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
  errorMessage,
  groupArnV2,
  groupName,
  resourceQuery,
  roleArn,
  tagKey,
  tagSyncTaskArn,
  tagSyncTaskStatus,
  tagValue,
} from '../shapes.ts'

export const getTagSyncTask = operationsOf<ResourceGroupsPorts>().read({
  name: 'GetTagSyncTask',
  http: { method: 'POST', uri: '/get-tag-sync-task', code: 200 },
  input: structure('GetTagSyncTaskInput', {
    TaskArn: required(tagSyncTaskArn),
  }),
  output: structure('GetTagSyncTaskOutput', {
    CreatedAt: timestamp,
    ErrorMessage: errorMessage,
    GroupArn: groupArnV2,
    GroupName: groupName,
    ResourceQuery: resourceQuery,
    RoleArn: roleArn,
    Status: tagSyncTaskStatus,
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
  load: (context) => loadTagSyncTask(context, context.input.TaskArn),
  authorize: {
    level: 'Read',
    actions: ['resource-groups:GetTagSyncTask'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:GetTagSyncTask', target.group),
  },
  async handle({ input, target, fail }) {
    if (!target.task) return fail(notFoundException, `Cannot find tag-sync task: ${input.TaskArn}`)
    return tagSyncTaskAnswer(target.task)
  },
})
