// Finds the template that an ARN was made from. Templates are kept as a tree by service, then part by part, so the cost
// depends on the ARN's length alone. It knows templates and what was filed under them, not what a resource type is.
//
// Which template wins: one with a literal where another has a variable (`loadbalancer/app/…` before `loadbalancer/…`),
// then the longer one. The last variable of a template may hold further `/` and `:` (IAM paths, log group names), unless
// the template is nothing but that variable: `arn:aws:sqs:…:name/x` is no queue.
import type { Arn } from '../model/arn.ts'

interface Entry<Value> {
  value: Value
  region: boolean
  account: boolean
}

interface Node<Value> {
  /** Keyed by the literal with the separator before it: `loadbalancer`, then `/app`. */
  literals: Map<string, Node<Value>>
  /** Keyed by the separator before the variable: '' for the first part. */
  variables: Map<string, Node<Value>>
  entries: Entry<Value>[]
  /** The template that ends here may take the rest of the resource into its last variable. */
  takesRest: boolean
  /** Some template goes on with `:`, so that a variable before it may hold slashes: `log-group:/a/b:log-stream:c`. */
  colonFollows: boolean
}

export interface ArnIndex<Value> {
  roots: Map<string, Node<Value>>
}

export const newArnIndex = <Value>(): ArnIndex<Value> => ({ roots: new Map() })

const newNode = <Value>(): Node<Value> => ({
  literals: new Map(),
  variables: new Map(),
  entries: [],
  takesRest: false,
  colonFollows: false,
})

export interface Template {
  service: string
  region: string
  account: string
  resource: string
  /** Of the resource, each but the first with its separator: `loadbalancer`, `/app`, `/${Name}`, `/${Id}`. */
  parts: string[]
}

/** Takes `arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}` apart. */
export function readTemplate(template: string): Template {
  const { service, region, account, resource } = splitArn(template)
  const parts: string[] = []
  for (let at = 0, end = 0; at < resource.length; at = end) {
    end = partEnd(resource, at)
    parts.push(resource.slice(at, end))
  }
  return { service, region, account, resource, parts }
}

function splitArn(template: string) {
  const [, , service = '', region = '', account = ''] = template.split(':', 5)
  const resource = template.slice(`arn:\${Partition}:${service}:${region}:${account}:`.length)
  return { service, region, account, resource }
}

/** The separator that a part begins with; '' for the first part of most resources. */
export const separatorOf = (part: string) => (part.startsWith('/') ? '/' : part.startsWith(':') ? ':' : '')
export const isVariable = (part: string) => part.includes('${')

/** Files a value under a template. Of values under the same shape the one added first is found. */
export function addTemplate<Value>(index: ArnIndex<Value>, template: Template, value: Value): void {
  let node = index.roots.get(template.service)
  if (!node) index.roots.set(template.service, (node = newNode()))
  const { parts } = template
  for (const part of parts) {
    if (part.startsWith(':')) node.colonFollows = true
    const children: Map<string, Node<Value>> = isVariable(part) ? node.variables : node.literals
    const key: string = isVariable(part) ? separatorOf(part) : part
    let child: Node<Value> | undefined = children.get(key)
    if (!child) children.set(key, (child = newNode()))
    node = child
  }
  node.takesRest = parts.length > 1 && isVariable(parts.at(-1) ?? '')
  node.entries.push({ value, region: template.region !== '', account: template.account !== '' })
}

/** What was filed under the ARN's template. Region and account only decide between templates of one shape. */
export function findByArn<Value>(index: ArnIndex<Value>, arn: Arn): Value | undefined {
  const root = index.roots.get(arn.service)
  const entries = root && findEntries(root, arn.resource, 0)
  if (!entries) return undefined
  const exact = entries.find((entry) => entry.region === (arn.region !== '') && entry.account === (arn.account !== ''))
  return (exact ?? entries[0])?.value
}

/** All that was filed under the ARN's template: types that share one ARN shape. */
export function findAllByArn<Value>(index: ArnIndex<Value>, arn: Arn): Value[] {
  const root = index.roots.get(arn.service)
  return (root && findEntries(root, arn.resource, 0)?.map((entry) => entry.value)) ?? []
}

/** Whether a service's ARNs may be a bare name, so that the first part of one is no type token. */
export function hasBareNames<Value>(index: ArnIndex<Value>, service: string): boolean {
  return index.roots.get(service)?.variables.has('') === true
}

// The recursion goes no deeper than the longest template has parts.
function findEntries<Value>(node: Node<Value>, resource: string, at: number): Entry<Value>[] | undefined {
  if (at === resource.length) return node.entries.length > 0 ? node.entries : undefined
  const end = partEnd(resource, at)
  const literal = node.literals.get(resource.slice(at, end))
  const byLiteral = literal && findEntries(literal, resource, end)
  if (byLiteral) return byLiteral
  const first = resource.charAt(at)
  const separator = first === '/' || first === ':' ? first : ''
  const variable = node.variables.get(separator)
  const valueAt = at + separator.length
  if (!variable || valueAt === resource.length) return undefined
  const byPart = end > valueAt ? findEntries(variable, resource, end) : undefined
  if (byPart) return byPart
  if (variable.colonFollows) {
    const colon = resource.indexOf(':', valueAt + 1)
    const byColon = colon > end ? findEntries(variable, resource, colon) : undefined
    if (byColon) return byColon
  }
  return variable.takesRest && variable.entries.length > 0 ? variable.entries : undefined
}

function partEnd(resource: string, at: number): number {
  for (let index = at + 1; index < resource.length; index++) {
    const code = resource.charCodeAt(index)
    if (code === 0x2f || code === 0x3a) return index
  }
  return resource.length
}
