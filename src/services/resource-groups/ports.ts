// What the handlers of Resource Groups need besides their run.
import type { InventoryPorts } from '../inventory-ports.ts'

export interface ResourceGroupsPorts extends InventoryPorts {
  /** The account's quota of groups in a Region. */
  maxGroupsPerRegion: number
  newUuid(): string
  randomBytes(size: number): Uint8Array
  /** To be called when a task was put into the queue or may have something to do; its transaction need not be over. */
  wakeTasks: () => void
}
