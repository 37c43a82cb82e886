// AWS JSON 1.1: one POST, the operation in X-Amz-Target, a JSON document each way, errors named in `__type`. What is no
// such POST is refused in other forms (kinesalite's recordings): XML, or an envelope around the error.
import { Fault } from '../model/fault.ts'
import { jsonFaults, wireFault } from './framework-faults.ts'
import { parseDocument, readStructure, SerializationProblem, writeDocument } from './json-values.ts'
import type { Answer, Protocol, WireRequest } from './protocol.ts'
import { element, escapeText } from './xml.ts'

export const awsJson11: Protocol = {
  readInput(operation, request) {
    if (request.method !== 'POST')
      return { fault: new Fault('AccessDenied', 'Unable to determine service/operation name to be authorized') }
    if (request.body.length > 0 && mediaType(request) === undefined) return { fault: new Fault('UnknownOperation', '') }
    try {
      return { input: readStructure(operation.input, parseDocument(request.body)) }
    } catch (error) {
      if (error instanceof SerializationProblem) return { fault: new Fault('Serialization', error.message) }
      throw error
    }
  },

  writeOutput(_service, operation, output, requestId) {
    return answer(200, requestId, operation.output ? writeDocument(operation.output, output) : '{}')
  },

  writeFault(service, fault, requestId, request) {
    const { code, status, declared } = wireFault(jsonFaults, service, fault)
    const type = mediaType(request)
    if (request.method !== 'POST' || (type === undefined && request.body.length > 0))
      return xmlAnswer(xmlStatuses[code] ?? status, requestId, code, fault.message)
    const bare = fault.message === '' && (fault.shape === 'Serialization' || fault.shape === 'UnknownOperation')
    if (bare && type === 'application/json') {
      const output = { Output: { __type: `com.amazon.coral.service#${code}` }, Version: '1.0' }
      return answer(fault.shape === 'UnknownOperation' ? 404 : 400, requestId, JSON.stringify(output))
    }
    // The serializer capitalizes its key; services spell theirs as their model does; the front end does not capitalize.
    const key = declared ? service.faultMessageKey : fault.shape === 'Serialization' ? 'Message' : 'message'
    const message = fault.message === '' && fault.shape === 'SignatureDoesNotMatch' ? bothForms : fault.message
    const body = message === '' ? { __type: code } : { __type: code, [key]: message }
    return answer(status, requestId, JSON.stringify(body))
  },
}

/** The one refusal of a signature that the query front end leaves without words. */
const bothForms = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."

const xmlStatuses: Record<string, number> = { AccessDeniedException: 403, UnknownOperationException: 404 }

/** Undefined for what is not JSON. */
function mediaType({ contentType }: WireRequest): 'application/json' | 'application/x-amz-json-1.1' | undefined {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase()
  return type === 'application/json' || type === 'application/x-amz-json-1.1' ? type : undefined
}

function xmlAnswer(status: number, requestId: string, code: string, message: string): Answer {
  const body = message === '' ? `<${code}/>\n` : `<${code}>\n  ${element('Message', escapeText(message))}\n</${code}>\n`
  return { status, headers: { 'x-amzn-RequestId': requestId, 'content-type': 'text/xml' }, body }
}

function answer(status: number, requestId: string, body: string): Answer {
  return {
    status,
    headers: { 'x-amzn-RequestId': requestId, 'content-type': 'application/x-amz-json-1.1' },
    body,
  }
}
