// AWS JSON 1.1: one POST, the operation in X-Amz-Target, a JSON document each way, errors named in `__type`.
import { Fault } from '../model/fault.ts'
import { jsonFaults, wireFault } from './framework-faults.ts'
import { parseDocument, readStructure, SerializationProblem, writeDocument } from './json-values.ts'
import type { Answer, Protocol } from './protocol.ts'

export const awsJson11: Protocol = {
  readInput(operation, request) {
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

  writeFault(service, fault, requestId) {
    const { code, status, declared } = wireFault(jsonFaults, service, fault)
    // The serializer capitalizes its key; services spell theirs as their model does; the front end does not capitalize.
    const key = declared ? service.faultMessageKey : fault.shape === 'Serialization' ? 'Message' : 'message'
    const body = fault.message === '' ? { __type: code } : { __type: code, [key]: fault.message }
    return answer(status, requestId, JSON.stringify(body))
  },
}

function answer(status: number, requestId: string, body: string): Answer {
  return {
    status,
    headers: { 'x-amzn-RequestId': requestId, 'content-type': 'application/x-amz-json-1.1' },
    body,
  }
}
