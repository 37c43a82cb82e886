// Shapes that several operations of the service share, with the limits of AWS's model.
import { enumeration, integer, list, long, map, required, string, structure, timestamp } from '../../model/shape.ts'

export const resourceId = string({ min: 1, max: 768 })

export const schemaVersionId = string({ min: 1, max: 128, pattern: String.raw`[A-Za-z0-9-]+` })

export const tags = map(string(), string())

export const limit = integer({ min: 0, max: 100 })

export const resourceIdList = list(resourceId)

/** AWS's model lists its own types here; custom ones are listed by the same operations, so any name is taken. */
export const resourceType = string({ min: 1, max: 196 })

export const resourceIdentifier = structure('ResourceIdentifier', {
  resourceDeletionTime: timestamp,
  resourceId: resourceId,
  resourceName: string(),
  resourceType: resourceType,
})

export const resourceIdentifierList = list(resourceIdentifier)

export const stringWithCharLimit256 = string({ min: 1, max: 256 })

export const resourceTypes = list(stringWithCharLimit256, { min: 0, max: 20 })

export const resourceCount = structure('ResourceCount', {
  count: long(),
  resourceType: resourceType,
})

export const resourceCounts = list(resourceCount)

export const resourceKey = structure('ResourceKey', {
  resourceId: required(resourceId),
  resourceType: required(resourceType),
})

export const resourceKeys = list(resourceKey, { min: 1, max: 100 })

export const accountId = string({ pattern: String.raw`\d{12}` })

export const awsRegion = string({ min: 1, max: 64 })

export const configurationItemStatus = enumeration(
  'OK',
  'ResourceDiscovered',
  'ResourceNotRecorded',
  'ResourceDeleted',
  'ResourceDeletedNotRecorded',
)

export const recordingFrequency = enumeration('CONTINUOUS', 'DAILY')

export const supplementaryConfiguration = map(string(), string())

export const baseConfigurationItem = structure('BaseConfigurationItem', {
  accountId: accountId,
  arn: string(),
  availabilityZone: string(),
  awsRegion: awsRegion,
  configuration: string(),
  configurationItemCaptureTime: timestamp,
  configurationItemDeliveryTime: timestamp,
  configurationItemStatus: configurationItemStatus,
  configurationStateId: string(),
  recordingFrequency: recordingFrequency,
  resourceCreationTime: timestamp,
  resourceId: resourceId,
  resourceName: string(),
  resourceType: resourceType,
  supplementaryConfiguration: supplementaryConfiguration,
  version: string(),
})

export const baseConfigurationItems = list(baseConfigurationItem)
