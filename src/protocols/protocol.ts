// What a wire protocol does: bytes to an operation's input, its output or fault back to bytes. Which operation is meant
// and who may call it are not its business.
import type { Fault } from '../model/fault.ts'
import type { WireOperation, WireService } from '../model/operation.ts'

/** A request as protocols see it: whole, and not yet understood. */
export interface WireRequest {
  method: string
  /** Normalized path, still percent-encoded. */
  path: string
  /** Decoded query parameters in the order sent, one character a byte. */
  query: readonly (readonly [string, string])[]
  contentType: string
  body: Buffer
}

export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

export interface Protocol {
  readInput(operation: WireOperation, request: WireRequest): { input: Record<string, unknown> } | { fault: Fault }
  writeOutput(
    service: WireService,
    operation: WireOperation,
    output: Readonly<Record<string, unknown>>,
    requestId: string,
  ): Answer
  /** `request`: a front end's words depend on how it was spoken to. */
  writeFault(service: WireService, fault: Fault, requestId: string, request: WireRequest): Answer
}
