// The whole life of a request, in one function, with nothing to hook into: what is here happens to every call, and only
// here is a handler called. Order of refusals as AWS's front ends have it.
import { type CallRecord, createCallLog, recordCall } from '../audit/call-log.ts'
import { withChanges } from '../changes/change-log.ts'
import type { ContentCodec } from '../crypto/content-codec.ts'
import type { Authenticator } from '../identity/authenticate.ts'
import { firstHeader, normalizePath, queryPairs, type SignedRequest } from '../identity/sigv4.ts'
import type { Caller } from '../model/caller.ts'
import { Fault } from '../model/fault.ts'
import { structure } from '../model/shape.ts'
import { validate } from '../model/validate.ts'
import { decide } from '../policy/decide.ts'
import { malformedQueryString, queryStringProblem } from '../protocols/aws-query.ts'
import type { Answer, Protocol, WireRequest } from '../protocols/protocol.ts'
import type { Check, HandlerContext, MountedService, Operation } from '../services/operation.ts'
import { type Database, type Run, StorageError, type WriteRun } from '../storage/database.ts'
import { protocols, type Route, route } from './route.ts'

/** What the transport hands over: a whole request within the transport's limits. */
export interface Received extends SignedRequest {
  body: Buffer
  sourceAddress: string
}

export interface PipelineParts {
  services: readonly MountedService[]
  authenticator: Authenticator
  database: Database
  codec: ContentCodec
  clock(): number
  newRequestId(): string
  /** Causes of failures that the caller is told nothing about. */
  logFailure(requestId: string, error: unknown): void
  /** Largest body that an operation takes unless it says otherwise. */
  maxBodyBytes: number
}

/** Never rejects: whatever goes wrong has an answer. */
export type Pipeline = (received: Received) => Promise<Answer>

interface Call {
  requestId: string
  nowMs: number
  received: Received
  request: WireRequest
  found: Route
  caller: Caller | undefined
  /** ARNs that authorization was asked about. */
  resources: Set<string>
}

type Outcome = { answer: Answer } | { fault: Fault }

/** What is read of a document before anyone knows whose it is; more costs whoever reads it too much. */
const maxUnverifiedDocumentBytes = 64 * 1024

/** Enough to tell what a call was about; bulk operations name many. */
const maxRecordedResources = 100

export function createPipeline(parts: PipelineParts): Pipeline {
  const { database, codec } = parts
  const callLog = createCallLog(database, codec)

  return async (received) => {
    const request = wireRequest(received)
    const call: Call = {
      requestId: parts.newRequestId(),
      nowMs: parts.clock(),
      received,
      request,
      found: route(parts.services, request, firstHeader(received.rawHeaders, 'x-amz-target'), () =>
        scopedService(received),
      ),
      caller: undefined,
      resources: new Set(),
    }
    let outcome: Outcome
    try {
      outcome = await settle(call)
    } catch (error) {
      // Nothing is answered that could not be recorded, refusals included.
      outcome = { fault: faultOf(call, error) }
    }
    if ('answer' in outcome) return outcome.answer
    return protocols[call.found.service.protocol].writeFault(call.found.service, outcome.fault, call.requestId, request)
  }

  /** The call's outcome, its record durable. Rejects if nothing could be recorded. */
  async function settle(call: Call): Promise<Outcome> {
    const ready = await attempt(call, () => understand(call))
    if ('fault' in ready) return recorded(call, ready)
    const { operation, handle } = ready
    if (operation.access === 'write')
      return database.write((run) => write(call, run, handle), { bulk: operation.bulk === true })
    const outcome = await attempt(call, async () => ({
      answer: await database.read(handle, { long: operation.long === true }),
    }))
    return recorded(call, outcome)
  }

  /** Everything that can be settled before the database is asked: who calls, and what for. */
  async function understand(call: Call): Promise<{ operation: Operation; handle: (run: Run) => Promise<Answer> }> {
    const { request, found } = call
    const { service, operation } = found
    const protocol = protocols[service.protocol]
    if (request.path === '') throw new Fault('Validation', 'The path of the request is not valid.')
    if (request.body.length > (operation?.maxBodyBytes ?? parts.maxBodyBytes))
      throw new Fault('RequestEntityTooLarge', 'The request is larger than this operation accepts.')
    // JSON front ends look at the document before they look at the signature, query front ends at the escapes.
    const isJson = service.protocol === 'aws-json-1-1'
    const isSmall = request.body.length <= maxUnverifiedDocumentBytes
    const early = isJson && isSmall ? readDocument(protocol, operation, request) : undefined
    const malformed = service.protocol === 'aws-query' ? queryStringProblem(call.received.target) : undefined
    if (malformed !== undefined) throw new Fault(malformedQueryString, malformed)
    // A service that is not served here has no signature to check and no words of its own.
    if (service.signingNames.length === 0) throw unknownOperation(found)
    const caller = await parts.authenticator.authenticate(call.received, service.signingNames, call.nowMs)
    call.caller = caller
    const late = isJson && !isSmall ? readDocument(protocol, operation, request) : undefined
    if (!operation) throw unknownOperation(found)
    const read = early ?? late ?? protocol.readInput(operation, request)
    if ('fault' in read) throw read.fault
    const problem = validate(operation.input, read.input)
    if (problem !== undefined) throw new Fault('Validation', problem)
    return { operation, handle: (run) => authorizeAndHandle(call, operation, read.input, caller, run) }
  }

  /** One call of a batch: what it changed and its record stand or fall together; a fault leaves only the record. */
  async function write(call: Call, run: WriteRun, handle: (run: Run) => Promise<Answer>): Promise<Outcome> {
    const { account = '', arn: principal = '' } = call.caller ?? {}
    const origin = { account, principal, requestId: call.requestId, nowMs: call.nowMs }
    const outcome = await attempt(call, async () => ({
      answer: await run.savepoint(() => withChanges(run, codec, origin, handle)),
    }))
    await recordCall(run, codec, recordOf(call, outcome))
    return outcome
  }

  async function authorizeAndHandle(
    call: Call,
    operation: Operation,
    input: Record<string, unknown>,
    caller: Caller,
    run: Run,
  ): Promise<Answer> {
    const { service } = call.found
    const asked = {
      input,
      caller,
      run,
      ports: service.ports,
      requestId: call.requestId,
      nowMs: call.nowMs,
      may: (check: Check) => {
        if (call.resources.size < maxRecordedResources) call.resources.add(check.resource)
        return decide(caller, check)
      },
    }
    const context: HandlerContext<Record<string, unknown>, Run, unknown> = {
      ...asked,
      target: await operation.load?.(asked),
    }
    for (const check of await operation.authorize.checks(context)) {
      const decision = context.may(check)
      if (!decision.allowed) throw new Fault('AccessDenied', decision.message)
    }
    const output = await operation.handle(context)
    // Encoded here, so that an answer that cannot be written undoes its change.
    return protocols[service.protocol].writeOutput(service, operation, output, call.requestId)
  }

  /** Faults as values, so that the record of a refusal can be kept. Engine failures go on: nothing may be kept then. */
  async function attempt<T extends object>(call: Call, work: () => Promise<T>): Promise<T | { fault: Fault }> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof StorageError) throw error
      return { fault: faultOf(call, error) }
    }
  }

  function faultOf(call: Call, error: unknown): Fault {
    if (error instanceof Fault) return error
    parts.logFailure(call.requestId, error)
    return new Fault('InternalFailure', 'The request failed because of an error inside the service.')
  }

  async function recorded(call: Call, outcome: Outcome): Promise<Outcome> {
    await callLog.record(recordOf(call, outcome))
    return outcome
  }
}

function recordOf(call: Call, outcome: Outcome): CallRecord {
  const { service, operationName } = call.found
  return {
    timeMs: call.nowMs,
    requestId: call.requestId,
    action: operationName === '' ? service.name : `${service.name}:${operationName}`,
    outcome: 'fault' in outcome ? nameOf(outcome.fault) : 'ok',
    account: call.caller?.account,
    principal: call.caller?.arn,
    resources: [...call.resources],
    region: call.caller?.region,
    sourceAddress: call.received.sourceAddress,
  }
}

function readDocument(
  protocol: Protocol,
  operation: Operation | undefined,
  request: WireRequest,
): { input: Record<string, unknown> } | { fault: Fault } {
  const read = protocol.readInput(operation ?? nothingExpected, request)
  // A document of the wrong types is a document; its sender is told what is wrong with it once known.
  const unreadable = 'fault' in read && (read.fault.shape !== 'Serialization' || read.fault.message === '')
  if (unreadable && (operation || request.body.length > 0)) throw read.fault
  if (!operation) throw new Fault('UnknownOperation', '')
  return read
}

const nothingExpected = { name: '', input: structure('Nothing', {}), output: undefined }

function unknownOperation({ service, operationName }: Route): Fault {
  if (service.protocol !== 'aws-query')
    return new Fault('UnknownOperation', 'The requested operation is not recognized by the service.')
  return new Fault('UnknownOperation', `Could not find operation ${operationName} for version ${service.apiVersion}`)
}

const nameOf = ({ shape }: Fault): string => (typeof shape === 'string' ? shape : shape.name)

function wireRequest(received: Received): WireRequest {
  const question = received.target.indexOf('?')
  const path = question < 0 ? received.target : received.target.slice(0, question)
  return {
    method: received.method,
    path: normalizePath(path) ?? '',
    query: queryPairs(received.target),
    contentType: firstHeader(received.rawHeaders, 'content-type') ?? '',
    body: received.body,
  }
}

/** The service that the credential scope names, unproven: it only picks whose words a refusal uses. */
function scopedService(received: Received): string | undefined {
  const authorization = firstHeader(received.rawHeaders, 'authorization') ?? ''
  const claimed =
    /Credential=[^/,]{1,128}\/\d{8}\/[a-z0-9-]{1,64}\/([a-z0-9-]{1,64})\/aws4_request/.exec(
      authorization.slice(0, 1024),
    ) ??
    /X-Amz-Credential=[^/&%]{1,128}%2F\d{8}%2F[a-z0-9-]{1,64}%2F([a-z0-9-]{1,64})%2Faws4_request/.exec(
      received.target.slice(0, 8192),
    )
  return claimed?.[1]
}
