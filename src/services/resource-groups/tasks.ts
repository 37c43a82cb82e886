// Every task of the service, for the runner: those that calls put into the queue, and the tag-sync tasks, which have no
// end of their own.
import { stepAccountSettings } from './account-settings.ts'
import { stepConfiguration } from './configuration-status.ts'
import { stepGrouping } from './grouping-task.ts'
import { stepRelease } from './release-task.ts'
import { behindAfter, stepFollow, stepSweep, sweepingAfter } from './tag-sync.ts'
import type { TaskParts } from './task-parts.ts'
import { type Task, taskAfter, type TaskKind } from './task-queue.ts'
import type { Lane } from './task-runner.ts'

const steps: Record<TaskKind, (parts: TaskParts, task: Task) => Promise<void>> = {
  configuration: stepConfiguration,
  grouping: stepGrouping,
  release: stepRelease,
  'account-settings': stepAccountSettings,
}

/** Three lanes, so that a long sweep holds up neither a call's own task nor the following of changes. */
export function taskLanes(parts: TaskParts): Lane[] {
  return [
    {
      name: 'task',
      async after(run, id) {
        const task = await taskAfter(run, parts.index.codec, id)
        return task && { id: task.id, step: () => steps[task.kind](parts, task) }
      },
    },
    {
      name: 'sweep of tag-sync task',
      async after(run, id) {
        const taskId = await sweepingAfter(run, id)
        return taskId === undefined ? undefined : { id: taskId, step: () => stepSweep(parts, taskId) }
      },
    },
    {
      name: 'following of tag-sync task',
      async after(run, id) {
        const task = await behindAfter(run, id)
        return task && { id: task.id, step: () => stepFollow(parts, task) }
      },
    },
  ]
}
