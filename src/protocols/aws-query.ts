// The query protocol: a form in (`Tags.member.1.Key=…`), XML out. Reads from the POST body or, for GET, the URL's query.
import { Fault, faultShape } from '../model/fault.ts'
import type { Shape, StructureShape } from '../model/shape.ts'
import { queryFaults, wireFault } from './framework-faults.ts'
import type { Answer, Protocol, WireRequest } from './protocol.ts'
import { element, escapeText } from './xml.ts'

/** Parameters in one form; more is nothing that an AWS client sends. */
const maxFormBytes = 1024 * 1024
const maxParameters = 1_000

export const awsQuery: Protocol = {
  readInput(operation, request) {
    const form = readForm(request)
    if (!form) return { fault: new Fault('Serialization', 'The form could not be read.') }
    try {
      return { input: readStructure(operation.input, form, '') }
    } catch (error) {
      if (error instanceof FormProblem) return { fault: new Fault('Serialization', error.message) }
      throw error
    }
  },

  writeOutput(service, operation, output, requestId) {
    const result = operation.output ? element(`${operation.name}Result`, writeMembers(operation.output, output)) : ''
    const metadata = element('ResponseMetadata', element('RequestId', requestId))
    const name = `${operation.name}Response`
    return answer(200, requestId, `<${name} xmlns="${service.xmlNamespace ?? ''}">${result}${metadata}</${name}>`)
  },

  writeFault(service, fault, requestId) {
    const { code, status, declared } = wireFault(queryFaults, service, fault)
    const message = fault.message === '' ? '' : element('Message', escapeText(fault.message))
    const error = element(
      'Error',
      element('Type', status >= 500 ? 'Receiver' : 'Sender') + element('Code', declared?.queryCode ?? code) + message,
    )
    const body = `<ErrorResponse xmlns="${service.xmlNamespace ?? ''}">${error}${element('RequestId', requestId)}</ErrorResponse>`
    return answer(status, requestId, body)
  },
}

export const malformedQueryString = faultShape('MalformedQueryString', 400)

/** What is wrong with the percent escapes of a target's query, as scratchstack recorded it; or undefined. */
export function queryStringProblem(target: string): string | undefined {
  const question = target.indexOf('?')
  const query = question < 0 ? '' : target.slice(question + 1)
  const at = query.search(/%(?![0-9a-fA-F]{2})/)
  if (at < 0) return undefined
  const escape = query.slice(at, at + 3)
  return escape.length < 3
    ? 'Incomplete trailing escape % sequence'
    : `Illegal hex character in escape % pattern: ${escape}`
}

type Form = ReadonlyMap<string, string>

class FormProblem extends Error {}

/** The form's parameters, the last of each name; undefined if it is no form or has too many. */
export function readForm(request: Pick<WireRequest, 'method' | 'query' | 'body'>): Form | undefined {
  const form = new Map<string, string>()
  if (request.body.length > maxFormBytes) return undefined
  // Counted before they are parsed: nobody knows yet who sent them.
  if (request.method !== 'GET' && countOf(request.body, '&') >= maxParameters) return undefined
  if (request.method === 'GET') {
    for (const [name, value] of request.query) form.set(name, Buffer.from(value, 'latin1').toString('utf8'))
  } else {
    for (const [name, value] of new URLSearchParams(request.body.toString('utf8'))) form.set(name, value)
  }
  return form
}

function countOf(body: Buffer, character: string): number {
  let count = 0
  for (let at = body.indexOf(character); at >= 0 && count < maxParameters; at = body.indexOf(character, at + 1)) count++
  return count
}

function readStructure(shape: StructureShape, form: Form, prefix: string): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const [name, member] of shape.entries) {
    const given = readValue(member.shape, form, prefix === '' ? name : `${prefix}.${name}`)
    if (given !== undefined) value[name] = given
  }
  return value
}

function readValue(shape: Shape, form: Form, path: string): unknown {
  switch (shape.kind) {
    case 'structure':
      return hasPrefix(form, path) ? readStructure(shape, form, path) : undefined
    case 'list': {
      const items: unknown[] = []
      for (let index = 1; index <= maxParameters; index++) {
        const item = readValue(shape.member, form, `${path}.member.${index}`)
        if (item === undefined) break
        items.push(item)
      }
      // An empty list is sent as its bare name.
      return items.length > 0 || form.has(path) ? items : undefined
    }
    case 'map': {
      const entries = Object.create(null) as Record<string, unknown>
      for (let index = 1; index <= maxParameters; index++) {
        const key = form.get(`${path}.entry.${index}.key`)
        if (key === undefined) break
        entries[key] = readValue(shape.value, form, `${path}.entry.${index}.value`)
      }
      return Object.keys(entries).length > 0 ? entries : undefined
    }
    case 'string':
      return form.get(path)
    case 'boolean': {
      const text = form.get(path)
      if (text !== undefined && text !== 'true' && text !== 'false')
        throw new FormProblem(`Invalid boolean value '${text.slice(0, 64)}'`)
      return text === undefined ? undefined : text === 'true'
    }
    case 'integer':
    case 'long':
    case 'double': {
      const text = form.get(path)
      if (text !== undefined && !/^-?\d{1,15}(?:\.\d{1,15})?$/.test(text))
        throw new FormProblem(`Invalid number '${text.slice(0, 64)}'`)
      return text === undefined ? undefined : Number(text)
    }
    case 'timestamp': {
      const text = form.get(path)
      const ms = text === undefined ? undefined : Date.parse(text)
      if (Number.isNaN(ms)) throw new FormProblem(`Invalid date '${(text ?? '').slice(0, 64)}'`)
      return ms
    }
  }
}

function hasPrefix(form: Form, path: string): boolean {
  for (const name of form.keys()) if (name.startsWith(`${path}.`)) return true
  return false
}

function writeMembers(shape: StructureShape, value: Readonly<Record<string, unknown>>): string {
  let text = ''
  for (const [name, member] of shape.entries) {
    const given = value[name]
    if (given !== undefined) text += element(name, writeValue(member.shape, given))
  }
  return text
}

function writeValue(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case 'structure':
      return writeMembers(shape, value as Record<string, unknown>)
    case 'list':
      return (value as unknown[]).map((item) => element('member', writeValue(shape.member, item))).join('')
    case 'map':
      return Object.entries(value as object)
        .map(([key, item]) =>
          element('entry', element('key', escapeText(key)) + element('value', writeValue(shape.value, item))),
        )
        .join('')
    case 'timestamp':
      return new Date(value as number).toISOString().replace('.000Z', 'Z')
    case 'string':
    case 'boolean':
    case 'integer':
    case 'long':
    case 'double':
      return escapeText(String(value))
  }
}

function answer(status: number, requestId: string, xml: string): Answer {
  return { status, headers: { 'x-amzn-RequestId': requestId, 'content-type': 'text/xml' }, body: xml }
}
