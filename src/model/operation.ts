// What a protocol must know of a service and its operations to speak for them.
import type { FrameworkFaultName } from './fault.ts'
import type { StructureShape } from './shape.ts'

export interface WireOperation {
  name: string
  http?: { method: string; uri: string; code: number }
  input: StructureShape
  output: StructureShape | undefined
}

export interface WireService {
  /** Endpoint prefix: `resource-groups`. */
  name: string
  /** Before the dot in X-Amz-Target, where the protocol has one. */
  targetPrefix?: string
  xmlNamespace?: string
  /** Member of an error body that carries a declared fault's text. */
  faultMessageKey: 'Message' | 'message'
  /** Where the service has its own word for a framework fault. */
  frameworkFaults?: Partial<Record<FrameworkFaultName, FrameworkFault>>
}

export interface FrameworkFault {
  code: string
  status: number
}
