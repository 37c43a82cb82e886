// How tag-sync tasks look in answers.
import { statusOf, type SyncedTag, type TagSyncTask } from './tag-sync-store.ts'

export function syncedAnswer(synced: SyncedTag) {
  return 'query' in synced ? { ResourceQuery: synced.query } : { TagKey: synced.tagKey, TagValue: synced.tagValue }
}

/** `ErrorMessage` tells of the first problem only. */
export function tagSyncTaskAnswer(task: TagSyncTask) {
  const problems = Object.values(task.problems)
  return {
    TaskArn: task.arn,
    GroupArn: task.groupArn,
    GroupName: task.groupName,
    RoleArn: task.roleArn,
    Status: statusOf(task),
    ErrorMessage: problems[0],
    CreatedAt: task.createdMs,
    ...syncedAnswer(task.synced),
  }
}
