// AWS Resource Groups, all 23 operations.
import type { Service } from '../operation.ts'
import { badRequestException, forbiddenException, internalServerErrorException } from './faults.ts'
import { cancelTagSyncTask } from './operations/cancel-tag-sync-task.ts'
import { createGroup } from './operations/create-group.ts'
import { deleteGroup } from './operations/delete-group.ts'
import { getAccountSettings } from './operations/get-account-settings.ts'
import { getGroupConfiguration } from './operations/get-group-configuration.ts'
import { getGroupQuery } from './operations/get-group-query.ts'
import { getGroup } from './operations/get-group.ts'
import { getTagSyncTask } from './operations/get-tag-sync-task.ts'
import { getTags } from './operations/get-tags.ts'
import { groupResources } from './operations/group-resources.ts'
import { listGroupResources } from './operations/list-group-resources.ts'
import { listGroupingStatuses } from './operations/list-grouping-statuses.ts'
import { listGroups } from './operations/list-groups.ts'
import { listTagSyncTasks } from './operations/list-tag-sync-tasks.ts'
import { putGroupConfiguration } from './operations/put-group-configuration.ts'
import { searchResources } from './operations/search-resources.ts'
import { startTagSyncTask } from './operations/start-tag-sync-task.ts'
import { tag } from './operations/tag.ts'
import { ungroupResources } from './operations/ungroup-resources.ts'
import { untag } from './operations/untag.ts'
import { updateAccountSettings } from './operations/update-account-settings.ts'
import { updateGroupQuery } from './operations/update-group-query.ts'
import { updateGroup } from './operations/update-group.ts'
import type { ResourceGroupsPorts } from './ports.ts'

const wire = ({ name: code, status }: { name: string; status: number }) => ({ code, status })

export const resourceGroups: Service<ResourceGroupsPorts> = {
  name: 'resource-groups',
  protocol: 'rest-json-1',
  signingNames: ['resource-groups'],
  apiVersion: '2017-11-27',
  faultMessageKey: 'Message',
  // Recorded: the service has no AccessDeniedException and wraps validation in a fault of its own.
  frameworkFaults: {
    AccessDenied: wire(forbiddenException),
    InternalFailure: wire(internalServerErrorException),
    Validation: wire(badRequestException),
  },
  operations: [
    cancelTagSyncTask,
    createGroup,
    deleteGroup,
    getAccountSettings,
    getGroup,
    getGroupConfiguration,
    getGroupQuery,
    getTagSyncTask,
    getTags,
    groupResources,
    listGroupResources,
    listGroupingStatuses,
    listGroups,
    listTagSyncTasks,
    putGroupConfiguration,
    searchResources,
    startTagSyncTask,
    tag,
    ungroupResources,
    untag,
    updateAccountSettings,
    updateGroup,
    updateGroupQuery,
  ],
}
