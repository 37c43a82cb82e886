// AWS Resource Groups Tagging API: the tags of an account's resources in a Region, read and written across services.
import type { InventoryPorts } from '../inventory-ports.ts'
import type { Service } from '../operation.ts'
import { getResources } from './operations/get-resources.ts'
import { getTagKeys } from './operations/get-tag-keys.ts'
import { getTagValues } from './operations/get-tag-values.ts'
import { tagResources } from './operations/tag-resources.ts'
import { untagResources } from './operations/untag-resources.ts'

export const tagging: Service<InventoryPorts> = {
  name: 'tagging',
  protocol: 'aws-json-1-1',
  signingNames: ['tagging'],
  targetPrefix: 'ResourceGroupsTaggingAPI_20170126',
  apiVersion: '2017-01-26',
  faultMessageKey: 'Message',
  // Its documentation puts missing, malformed and out-of-range parameters under its own fault, and knows no other.
  frameworkFaults: { Validation: { code: 'InvalidParameterException', status: 400 } },
  operations: [getResources, getTagKeys, getTagValues, tagResources, untagResources],
}
