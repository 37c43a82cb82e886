// AWS Config, the part that takes resources in and lists them: no recorder, rules, history or aggregators.
import type { InventoryPorts } from '../inventory-ports.ts'
import type { Service } from '../operation.ts'
import { batchGetResourceConfig } from './operations/batch-get-resource-config.ts'
import { deleteResourceConfig } from './operations/delete-resource-config.ts'
import { getDiscoveredResourceCounts } from './operations/get-discovered-resource-counts.ts'
import { listDiscoveredResources } from './operations/list-discovered-resources.ts'
import { putResourceConfig } from './operations/put-resource-config.ts'

export const config: Service<InventoryPorts> = {
  name: 'config',
  protocol: 'aws-json-1-1',
  signingNames: ['config'],
  targetPrefix: 'StarlingDoveService',
  apiVersion: '2014-11-12',
  // The model's faults have no members; the front end's own key it is.
  faultMessageKey: 'message',
  operations: [
    batchGetResourceConfig,
    deleteResourceConfig,
    getDiscoveredResourceCounts,
    listDiscoveredResources,
    putResourceConfig,
  ],
}
