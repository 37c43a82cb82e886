// Errors that are meant for the caller. Anything else that is thrown is a bug, and its text stays inside.

/** An error that an operation declares, as AWS's model names it. */
export interface FaultShape<Name extends string = string> {
  name: Name
  status: number
  /** The code on the wire where the query protocol spells it otherwise (`NoSuchEntityException` → `NoSuchEntity`). */
  queryCode?: string
}

export const faultShape = <const Name extends string>(name: Name, status: number): FaultShape<Name> => ({
  name,
  status,
})

/** What can go wrong with any operation, before or around its handler; each protocol and service has its own word. */
export type FrameworkFaultName =
  | 'AccessDenied'
  | 'ExpiredToken'
  | 'IncompleteSignature'
  | 'InternalFailure'
  | 'InvalidClientTokenId'
  | 'MissingAuthenticationToken'
  | 'RequestEntityTooLarge'
  | 'RequestTimeout'
  | 'Serialization'
  | 'ServiceUnavailable'
  | 'SignatureDoesNotMatch'
  | 'UnknownOperation'
  | 'Validation'

export class Fault extends Error {
  override name = 'Fault'
  readonly shape: FaultShape | FrameworkFaultName

  constructor(shape: FaultShape | FrameworkFaultName, message: string) {
    super(message)
    this.shape = shape
    // A fault is an answer, not an accident: its stack would only cost time.
    this.stack = ''
  }
}
