// Corral's own service: what AWS has no operation for.
import type { InventoryPorts } from '../inventory-ports.ts'
import type { Service } from '../operation.ts'
import { exportResources } from './operations/export-resources.ts'
import { importResources } from './operations/import-resources.ts'

export const corral: Service<InventoryPorts> = {
  name: 'corral',
  protocol: 'aws-json-1-1',
  signingNames: ['corral'],
  targetPrefix: 'Corral_20261101',
  apiVersion: '2026-11-01',
  faultMessageKey: 'Message',
  operations: [exportResources, importResources],
}
