// Shapes that several operations of the service share, with the limits of AWS's model.
import { enumeration, integer, list, map, required, string, structure, timestamp } from '../../model/shape.ts'

export const tagSyncTaskArn = string({
  min: 12,
  max: 1600,
  pattern: String.raw`arn:aws(-[a-z]+)*:resource-groups:[a-z]{2}(-[a-z]+)+-\d{1}:[0-9]{12}:group/[a-zA-Z0-9_\.-]{1,150}/[a-z0-9]{26}/tag-sync-task/[a-z0-9]{26}`,
})

export const groupConfigurationParameterName = string({ min: 1, max: 80, pattern: String.raw`[a-z-]+` })

export const groupConfigurationParameterValue = string({ min: 1, max: 256, pattern: String.raw`[a-zA-Z0-9:\/\._-]+` })

export const groupConfigurationParameterValueList = list(groupConfigurationParameterValue)

export const groupConfigurationParameter = structure('GroupConfigurationParameter', {
  Name: required(groupConfigurationParameterName),
  Values: groupConfigurationParameterValueList,
})

export const groupParameterList = list(groupConfigurationParameter)

export const groupConfigurationType = string({ max: 40, pattern: String.raw`AWS::[a-zA-Z0-9]+::[a-zA-Z0-9]+` })

export const groupConfigurationItem = structure('GroupConfigurationItem', {
  Parameters: groupParameterList,
  Type: required(groupConfigurationType),
})

export const groupConfigurationList = list(groupConfigurationItem, { max: 2 })

export const criticality = integer({ min: 1, max: 10 })

export const description = string({ max: 1024, pattern: String.raw`[\sa-zA-Z0-9_\.-]*` })

export const displayName = string({ min: 0, max: 300, pattern: String.raw`^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$` })

export const createGroupName = string({ min: 1, max: 300, pattern: String.raw`[a-zA-Z0-9_\.-]+` })

export const owner = string({ min: 0, max: 300, pattern: String.raw`^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$` })

export const queryText = string({ max: 4096, pattern: String.raw`[\s\S]*` })

export const queryType = {
  ...enumeration('TAG_FILTERS_1_0', 'CLOUDFORMATION_STACK_1_0'),
  min: 1,
  max: 128,
  pattern: String.raw`^\w+$`,
}

export const resourceQuery = structure('ResourceQuery', {
  Query: required(queryText),
  Type: required(queryType),
})

export const tagKey = string({ min: 1, max: 128, pattern: String.raw`^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$` })

export const tagValue = string({ min: 0, max: 256, pattern: String.raw`^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$` })

export const tags = map(tagKey, tagValue)

export const applicationTagKey = string({ pattern: String.raw`awsApplication` })

export const applicationArn = string({
  min: 12,
  max: 1600,
  pattern: String.raw`arn:aws(-[a-z]+)*:resource-groups:[a-z]{2}(-[a-z]+)+-\d{1}:[0-9]{12}:group/[a-zA-Z0-9_\.-]{1,150}/[a-zA-Z0-9]{22,26}`,
})

export const applicationTag = map(applicationTagKey, applicationArn)

export const groupArnV2 = string({
  min: 12,
  max: 1600,
  pattern: String.raw`arn:aws(-[a-z]+)*:resource-groups:[a-z]{2}(-[a-z]+)+-\d{1}:[0-9]{12}:group/([a-zA-Z0-9_\.-]{1,300}|[a-zA-Z0-9_\.-]{1,150}/[a-z0-9]{26})`,
})

export const groupName = string({
  min: 1,
  max: 300,
  pattern: String.raw`[a-zA-Z0-9_\.-]{1,300}|[a-zA-Z0-9_\.-]{1,150}/[a-z0-9]{26}`,
})

export const group = structure('Group', {
  ApplicationTag: applicationTag,
  Criticality: criticality,
  Description: description,
  DisplayName: displayName,
  GroupArn: required(groupArnV2),
  Name: required(groupName),
  Owner: owner,
})

export const groupConfigurationStatus = enumeration('UPDATING', 'UPDATE_COMPLETE', 'UPDATE_FAILED')

export const groupConfiguration = structure('GroupConfiguration', {
  Configuration: groupConfigurationList,
  FailureReason: string(),
  ProposedConfiguration: groupConfigurationList,
  Status: groupConfigurationStatus,
})

export const groupStringV2 = string({
  min: 1,
  max: 1600,
  pattern: String.raw`[a-zA-Z0-9_\.-]{1,300}|[a-zA-Z0-9_\.-]{1,150}/[a-z0-9]{26}|arn:aws(-[a-z]+)*:resource-groups:[a-z]{2}(-[a-z]+)+-\d{1}:[0-9]{12}:group/([a-zA-Z0-9_\.-]{1,300}|[a-zA-Z0-9_\.-]{1,150}/[a-z0-9]{26})`,
})

export const groupLifecycleEventsDesiredStatus = enumeration('ACTIVE', 'INACTIVE')

export const groupLifecycleEventsStatus = enumeration('ACTIVE', 'INACTIVE', 'IN_PROGRESS', 'ERROR')

export const groupLifecycleEventsStatusMessage = string({ min: 1, max: 1024 })

export const accountSettings = structure('AccountSettings', {
  GroupLifecycleEventsDesiredStatus: groupLifecycleEventsDesiredStatus,
  GroupLifecycleEventsStatus: groupLifecycleEventsStatus,
  GroupLifecycleEventsStatusMessage: groupLifecycleEventsStatusMessage,
})

export const groupString = string({
  min: 1,
  max: 1600,
  pattern: String.raw`[a-zA-Z0-9_\.-]{1,300}|[a-zA-Z0-9_\.-]{1,150}/[a-z0-9]{26}|arn:aws(-[a-z]+)*:resource-groups:[a-z]{2}(-[a-z]+)+-\d{1}:[0-9]{12}:group/([a-zA-Z0-9_\.-]{1,300}|[a-zA-Z0-9_\.-]{1,150}/[a-z0-9]{26})`,
})

export const groupQuery = structure('GroupQuery', {
  GroupName: required(groupName),
  ResourceQuery: required(resourceQuery),
})

export const errorMessage = string({ min: 1, max: 1024 })

export const roleArn = string({
  min: 20,
  max: 2048,
  pattern: String.raw`arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`,
})

export const tagSyncTaskStatus = enumeration('ACTIVE', 'ERROR')

export const resourceArn = string({
  pattern: String.raw`arn:aws(-[a-z]+)*:[a-z0-9\-]*:([a-z]{2}(-[a-z]+)+-\d{1})?:([0-9]{12})?:.+`,
})

export const resourceArnList = list(resourceArn, { min: 1, max: 10 })

export const errorCode = string({ min: 1, max: 128 })

export const failedResource = structure('FailedResource', {
  ErrorCode: errorCode,
  ErrorMessage: errorMessage,
  ResourceArn: resourceArn,
})

export const failedResourceList = list(failedResource)

export const pendingResource = structure('PendingResource', {
  ResourceArn: resourceArn,
})

export const pendingResourceList = list(pendingResource)

export const resourceFilterName = enumeration('resource-type')

// Wider than AWS's model, which has only AWS's own types: types of any maker are at home here.
export const resourceFilterValue = string({ min: 1, max: 128, pattern: String.raw`[a-zA-Z0-9]+(::[a-zA-Z0-9.]+)+` })

export const resourceFilterValues = list(resourceFilterValue, { min: 1, max: 5 })

export const resourceFilter = structure('ResourceFilter', {
  Name: required(resourceFilterName),
  Values: required(resourceFilterValues),
})

export const resourceFilterList = list(resourceFilter)

export const maxResults = integer({ min: 1, max: 50 })

export const nextToken = string({ min: 0, max: 8192, pattern: String.raw`^[a-zA-Z0-9+/]*={0,2}$` })

export const queryErrorCode = enumeration(
  'CLOUDFORMATION_STACK_INACTIVE',
  'CLOUDFORMATION_STACK_NOT_EXISTING',
  'CLOUDFORMATION_STACK_UNASSUMABLE_ROLE',
  'RESOURCE_TYPE_NOT_SUPPORTED',
)

export const queryError = structure('QueryError', {
  ErrorCode: queryErrorCode,
  Message: string(),
})

export const queryErrorList = list(queryError)

export const resourceType = string()

export const resourceIdentifier = structure('ResourceIdentifier', {
  ResourceArn: resourceArn,
  ResourceType: resourceType,
})

export const resourceIdentifierList = list(resourceIdentifier)

export const resourceStatusValue = enumeration('PENDING')

export const resourceStatus = structure('ResourceStatus', {
  Name: resourceStatusValue,
})

export const listGroupResourcesItem = structure('ListGroupResourcesItem', {
  Identifier: resourceIdentifier,
  Status: resourceStatus,
})

export const listGroupResourcesItemList = list(listGroupResourcesItem)

export const listGroupingStatusesFilterName = enumeration('status', 'resource-arn')

export const listGroupingStatusesFilterValue = string({
  pattern: String.raw`SUCCESS|FAILED|IN_PROGRESS|SKIPPED|arn:aws(-[a-z]+)*:[a-z0-9\-]*:([a-z]{2}(-[a-z]+)+-\d{1})?:([0-9]{12})?:.+`,
})

export const listGroupingStatusesFilterValues = list(listGroupingStatusesFilterValue, { min: 1, max: 10 })

export const listGroupingStatusesFilter = structure('ListGroupingStatusesFilter', {
  Name: required(listGroupingStatusesFilterName),
  Values: required(listGroupingStatusesFilterValues),
})

export const listGroupingStatusesFilterList = list(listGroupingStatusesFilter)

export const groupingType = enumeration('GROUP', 'UNGROUP')

export const groupingStatus = enumeration('SUCCESS', 'FAILED', 'IN_PROGRESS', 'SKIPPED')

export const groupingStatusesItem = structure('GroupingStatusesItem', {
  Action: groupingType,
  ErrorCode: errorCode,
  ErrorMessage: errorMessage,
  ResourceArn: resourceArn,
  Status: groupingStatus,
  UpdatedAt: timestamp,
})

export const groupingStatusesList = list(groupingStatusesItem)

export const groupFilterName = enumeration(
  'resource-type',
  'configuration-type',
  'owner',
  'display-name',
  'criticality',
)

export const groupFilterValue = string({
  min: 1,
  max: 300,
  pattern: String.raw`[a-zA-Z0-9]+(::[a-zA-Z0-9.]+)+|[\s\p{L}0-9_\.-]*`,
})

export const groupFilterValues = list(groupFilterValue, { min: 1, max: 5 })

export const groupFilter = structure('GroupFilter', {
  Name: required(groupFilterName),
  Values: required(groupFilterValues),
})

export const groupFilterList = list(groupFilter)

export const groupArn = string({
  min: 12,
  max: 1600,
  pattern: String.raw`arn:aws(-[a-z]+)*:resource-groups:[a-z]{2}(-[a-z]+)+-\d{1}:[0-9]{12}:group/([a-zA-Z0-9_\.-]{1,300}|[a-zA-Z0-9_\.-]{1,150}/[a-z0-9]{26})`,
})

export const groupIdentifier = structure('GroupIdentifier', {
  Criticality: criticality,
  Description: description,
  DisplayName: displayName,
  GroupArn: groupArn,
  GroupName: groupName,
  Owner: owner,
})

export const groupIdentifierList = list(groupIdentifier)

export const groupList = list(group)

export const listTagSyncTasksFilter = structure('ListTagSyncTasksFilter', {
  GroupArn: groupArnV2,
  GroupName: groupName,
})

export const listTagSyncTasksFilterList = list(listTagSyncTasksFilter)

export const tagSyncTaskItem = structure('TagSyncTaskItem', {
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
})

export const tagSyncTaskList = list(tagSyncTaskItem)

export const tagKeyList = list(tagKey)
