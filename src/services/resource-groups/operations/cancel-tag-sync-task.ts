// Ends a tag-sync task. The resources that it brought into the application stay there.
import { required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import { groupCheck } from '../group-target.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { deleteTagSyncTask } from '../tag-sync-store.ts'
import { loadTagSyncTask } from '../tag-sync-target.ts'
import {
  unauthorizedException,
  badRequestException,
  forbiddenException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { tagSyncTaskArn } from '../shapes.ts'

export const cancelTagSyncTask = operationsOf<ResourceGroupsPorts>().write({
  name: 'CancelTagSyncTask',
  http: { method: 'POST', uri: '/cancel-tag-sync-task', code: 200 },
  input: structure('CancelTagSyncTaskInput', {
    TaskArn: required(tagSyncTaskArn),
  }),
  output: undefined,
  faults: [
    unauthorizedException,
    badRequestException,
    forbiddenException,
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  load: (context) => loadTagSyncTask(context, context.input.TaskArn),
  authorize: {
    level: 'Write',
    actions: ['resource-groups:CancelTagSyncTask', 'resource-groups:DeleteGroup'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => [
      ...groupCheck('resource-groups:CancelTagSyncTask', target.group),
      ...groupCheck('resource-groups:DeleteGroup', target.group),
    ],
  },
  async handle({ input, run, target, fail }) {
    // AWS's model has no NotFoundException here.
    if (!target.task) return fail(badRequestException, `Cannot find tag-sync task: ${input.TaskArn}`)
    await deleteTagSyncTask(run, target.task)
    return {}
  },
})
