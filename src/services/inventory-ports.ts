// What handlers that read or write the inventory need besides their run.
import type { InventoryIndex } from '../inventory/terms.ts'

export interface InventoryPorts {
  index: InventoryIndex
  pageTokenKey: Buffer
}
