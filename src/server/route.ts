// Which service and operation a request means, told as AWS's clients tell it on one address: by X-Amz-Target, by a form
// with Action and Version, or by method and path. Nothing is trusted yet: the signature must be scoped to the service
// found here.
import type { MountedService, Operation } from '../services/operation.ts'
import { awsJson11 } from '../protocols/aws-json-1-1.ts'
import { awsQuery, readForm } from '../protocols/aws-query.ts'
import type { Protocol, WireRequest } from '../protocols/protocol.ts'
import { matchOperation, restJson1 } from '../protocols/rest-json-1.ts'

export const protocols: Record<MountedService['protocol'], Protocol> = {
  'aws-json-1-1': awsJson11,
  'aws-query': awsQuery,
  'rest-json-1': restJson1,
}

export interface Route {
  service: MountedService
  /** Undefined: the service has no such operation. */
  operation: Operation | undefined
  /** As the caller named it, for the record; empty when it named none. */
  operationName: string
}

/** For requests that name no service of ours: they are refused in the plainest of AWS's forms. */
const nowhere: MountedService = {
  name: 'unknown',
  protocol: 'rest-json-1',
  signingNames: [],
  apiVersion: '',
  faultMessageKey: 'message',
  operations: [],
  ports: undefined,
}
const nowhereJson: MountedService = { ...nowhere, protocol: 'aws-json-1-1' }
const nowhereQuery: MountedService = { ...nowhere, protocol: 'aws-query' }

/** `target`: the X-Amz-Target header; `scopedService`: the service in the credential scope that the request claims. */
export function route(
  services: readonly MountedService[],
  request: WireRequest,
  target: string | undefined,
  scopedService: () => string | undefined,
): Route {
  if (target !== undefined) return routeTarget(services, target)
  const form = namesAction(request) ? readForm(request) : undefined
  const action = form?.get('Action')
  if (form && action !== undefined) {
    const candidates = services.filter(({ protocol }) => protocol === 'aws-query')
    const version = form.get('Version')
    const service = scopedTo(candidates, scopedService()) ?? candidates.find(({ apiVersion }) => apiVersion === version)
    return found(service ?? nowhereQuery, action, (name) => name === action && service?.apiVersion === version)
  }
  const rest = services.filter(({ protocol }) => protocol === 'rest-json-1')
  for (const service of rest) {
    const operation = matchOperation(service.operations, request)
    if (operation) return { service, operation, operationName: operation.name }
  }
  const scoped = scopedTo(services, scopedService())
  const elsewhere = request.contentType.startsWith('application/x-amz-json-') ? nowhereJson : nowhere
  return { service: scoped ?? elsewhere, operation: undefined, operationName: '' }
}

const scopedTo = (services: readonly MountedService[], name: string | undefined) =>
  services.find(({ signingNames }) => name !== undefined && signingNames.includes(name))

function routeTarget(services: readonly MountedService[], target: string): Route {
  const dot = target.lastIndexOf('.')
  const prefix = target.slice(0, Math.max(dot, 0))
  const name = target.slice(dot + 1)
  const service = services.find(({ protocol, targetPrefix }) => protocol === 'aws-json-1-1' && targetPrefix === prefix)
  return found(service ?? nowhereJson, name, (given) => given === name)
}

function found(service: MountedService, name: string, is: (name: string) => boolean): Route {
  const operation = service.operations.find((candidate) => is(candidate.name))
  return { service, operation, operationName: operation?.name ?? printableName(name) }
}

function namesAction(request: WireRequest): boolean {
  if (request.method === 'GET') return request.query.some(([name]) => name === 'Action')
  return request.method === 'POST' && request.contentType.startsWith('application/x-www-form-urlencoded')
}

/** A name that a caller made up, fit for a record. */
function printableName(name: string): string {
  return name.slice(0, 128).replace(/[^A-Za-z0-9_.:-]/g, '?')
}
