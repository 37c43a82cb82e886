// The words in which each protocol's front end refuses, where the service has none of its own.
// Sources: kinesalite (JSON), scratchstack (query), AWS's common error pages; REST answers authentication with 403.
import { Fault, type FaultShape, type FrameworkFaultName } from '../model/fault.ts'
import type { FrameworkFault, WireService } from '../model/operation.ts'

type Table = Record<FrameworkFaultName, FrameworkFault>

export const jsonFaults: Table = {
  AccessDenied: { code: 'AccessDeniedException', status: 400 },
  ExpiredToken: { code: 'ExpiredTokenException', status: 400 },
  IncompleteSignature: { code: 'IncompleteSignatureException', status: 400 },
  InternalFailure: { code: 'InternalFailure', status: 500 },
  InvalidClientTokenId: { code: 'UnrecognizedClientException', status: 400 },
  MissingAuthenticationToken: { code: 'MissingAuthenticationTokenException', status: 400 },
  RequestEntityTooLarge: { code: 'RequestEntityTooLargeException', status: 413 },
  RequestTimeout: { code: 'RequestTimeoutException', status: 408 },
  Serialization: { code: 'SerializationException', status: 400 },
  ServiceUnavailable: { code: 'ServiceUnavailable', status: 503 },
  SignatureDoesNotMatch: { code: 'InvalidSignatureException', status: 400 },
  UnknownOperation: { code: 'UnknownOperationException', status: 400 },
  Validation: { code: 'ValidationException', status: 400 },
}

export const restFaults: Table = {
  ...jsonFaults,
  AccessDenied: { code: 'AccessDeniedException', status: 403 },
  ExpiredToken: { code: 'ExpiredTokenException', status: 403 },
  IncompleteSignature: { code: 'IncompleteSignature', status: 403 },
  InvalidClientTokenId: { code: 'UnrecognizedClientException', status: 403 },
  MissingAuthenticationToken: { code: 'MissingAuthenticationTokenException', status: 403 },
  SignatureDoesNotMatch: { code: 'InvalidSignatureException', status: 403 },
  UnknownOperation: { code: 'UnknownOperationException', status: 404 },
}

export const queryFaults: Table = {
  AccessDenied: { code: 'AccessDenied', status: 403 },
  ExpiredToken: { code: 'ExpiredToken', status: 403 },
  IncompleteSignature: { code: 'IncompleteSignature', status: 400 },
  InternalFailure: { code: 'InternalFailure', status: 500 },
  InvalidClientTokenId: { code: 'InvalidClientTokenId', status: 403 },
  MissingAuthenticationToken: { code: 'MissingAuthenticationToken', status: 403 },
  RequestEntityTooLarge: { code: 'RequestEntityTooLarge', status: 413 },
  RequestTimeout: { code: 'RequestTimeout', status: 408 },
  Serialization: { code: 'MalformedInput', status: 400 },
  ServiceUnavailable: { code: 'ServiceUnavailable', status: 503 },
  SignatureDoesNotMatch: { code: 'SignatureDoesNotMatch', status: 403 },
  UnknownOperation: { code: 'InvalidAction', status: 400 },
  Validation: { code: 'ValidationError', status: 400 },
}

/** Code and status for the wire; `declared` is the operation's own fault, if it is one. */
export function wireFault(
  table: Table,
  service: WireService,
  fault: Fault,
): FrameworkFault & { declared: FaultShape | undefined } {
  if (typeof fault.shape !== 'string')
    return { code: fault.shape.name, status: fault.shape.status, declared: fault.shape }
  return { ...(service.frameworkFaults?.[fault.shape] ?? table[fault.shape]), declared: undefined }
}
