// REST JSON 1: the operation in method and path, labels and query parameters beside the document, errors named in a
// header.
import { Fault } from '../model/fault.ts'
import type { Member, Shape } from '../model/shape.ts'
import { restFaults, wireFault } from './framework-faults.ts'
import { parseDocument, readStructure, SerializationProblem, writeDocument } from './json-values.ts'
import type { WireOperation } from '../model/operation.ts'
import type { Answer, Protocol, WireRequest } from './protocol.ts'

export const restJson1: Protocol = {
  readInput(operation, request) {
    try {
      const document = request.body.length === 0 ? {} : parseDocument(request.body)
      const input = readStructure(operation.input, document)
      const labels = matchUri(operation.http?.uri ?? '', request.path) ?? {}
      for (const [name, member] of operation.input.entries) {
        const given = locatedValue(name, member, labels, request)
        if (given !== undefined) input[name] = scalarOf(member.shape, given)
      }
      return { input }
    } catch (error) {
      if (error instanceof SerializationProblem) return { fault: new Fault('Serialization', error.message) }
      throw error
    }
  },

  writeOutput(_service, operation, output, requestId) {
    const status = operation.http?.code ?? 200
    return answer(status, requestId, operation.output ? writeDocument(operation.output, output) : '{}')
  },

  writeFault(service, fault, requestId) {
    const { code, status, declared } = wireFault(restFaults, service, fault)
    // A framework fault for which the service has a fault of its own is told as the service would.
    const own = declared !== undefined || (typeof fault.shape === 'string' && service.frameworkFaults?.[fault.shape])
    const body = { [own ? service.faultMessageKey : 'message']: fault.message }
    const written = answer(status, requestId, JSON.stringify(body))
    written.headers['x-amzn-ErrorType'] = code
    return written
  },
}

/** The operation that answers this method and path, most literal first. */
export function matchOperation<Operation extends WireOperation>(
  operations: Iterable<Operation>,
  request: Pick<WireRequest, 'method' | 'path'>,
): Operation | undefined {
  for (const operation of operations) {
    if (operation.http?.method === request.method && matchUri(operation.http.uri, request.path)) return operation
  }
  return undefined
}

/** Labels, still encoded, of a path that fits the template, segment by segment. */
function matchUri(template: string, path: string): Record<string, string> | undefined {
  if (!template.includes('{')) return template === path ? {} : undefined
  const wanted = template.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const labels: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const text = given[index] ?? ''
    if (!segment.startsWith('{')) {
      if (segment !== text) return undefined
      continue
    }
    if (text === '') return undefined
    labels[segment.slice(1, -1)] = text
  }
  return labels
}

function locatedValue(
  name: string,
  member: Member,
  labels: Record<string, string>,
  request: WireRequest,
): string | undefined {
  if (member.location === 'uri') {
    const label = labels[name]
    return label === undefined ? undefined : decodeLabel(label)
  }
  if (member.location !== 'querystring') return undefined
  const pair = request.query.find(([given]) => given === (member.locationName ?? name))
  return pair && utf8(pair[1])
}

function decodeLabel(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new SerializationProblem('')
  }
}

/** Query parameters arrive one character a byte. */
function utf8(bytes: string): string {
  const text = Buffer.from(bytes, 'latin1').toString('utf8')
  if (text.includes('\ufffd')) throw new SerializationProblem('')
  return text
}

function scalarOf(shape: Shape, text: string): unknown {
  if (shape.kind === 'string') return text
  if (shape.kind === 'boolean') {
    if (text !== 'true' && text !== 'false')
      throw new SerializationProblem('class java.lang.String can not be converted to a Boolean')
    return text === 'true'
  }
  if (!/^-?\d{1,15}$/.test(text))
    throw new SerializationProblem('class java.lang.String can not be converted to an Integer')
  return Number(text)
}

function answer(status: number, requestId: string, body: string): Answer {
  return { status, headers: { 'x-amzn-RequestId': requestId, 'content-type': 'application/json' }, body }
}
