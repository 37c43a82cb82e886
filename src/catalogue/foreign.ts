// ARNs for what AWS does not know: other clouds, machines in one's own racks, Kubernetes objects. Both directions, and
// no state: the type can be read back from each ARN made here. It does not know AWS's types, and makes no ARN for them.
//
// The rule, for `Acme::Rack::Server` with the id `r1`:
//
//     arn:aws-corral:acme-rack:REGION:ACCOUNT:server/r1
//
// - The partition is `aws-corral`, since AWS's clients and Terraform accept only partitions that begin with `aws`.
// - The words but the last, in lower case, joined by `-`, are the service; the last word is the type token.
// - A capital inside a word becomes `--` and its small letter in the service (`VMware::Host` → `v--mware`), where a
//   single hyphen parts words, and `-` and its small letter in the token (`RackServer` → `rack-server`). So `ACME::Rack`
//   and `Acme::Rack` have different ARNs. A word that begins with a small letter has no ARN: `acme` would be `Acme`.
// - In the id, control characters, space and `%` are percent-encoded; all else stays as it is, `/` and `:` too.
// - A name that AWS itself owns (`AWS::…`) gets no ARN here: its true one is unknown, and an invented one would make
//   a second resource of the same thing.
//
// Kubernetes objects of the type `Kubernetes::GROUP::KIND` (GROUP is `core` for pods, services, nodes …):
//
//     arn:aws-corral:kubernetes:REGION:ACCOUNT:KIND.GROUP/CLUSTER/NAMESPACE/NAME
//
// - NAMESPACE is `_` for objects that have none; no namespace can have that name.
// - The kind comes first, so that `kubernetes:Deployment.apps` works as a type filter as it does for AWS's types.
// - In CLUSTER and NAME `/` is percent-encoded too, since clusters are often named by an ARN or a path.
import { formatArn, parseArn } from '../model/arn.ts'
import type { Arn } from '../model/arn.ts'
import { isTypeName, kubernetesKind } from './type-name.ts'

export const corralPartition = 'aws-corral'

interface Place {
  region: string
  account: string
}

/** The ARN of a resource of a type that AWS does not know; undefined where the rule above gives none. */
export function foreignArn(type: string, id: string, place: Place): string | undefined {
  const kind = kubernetesKind(type)
  if (kind) return kubernetesArnOfId(kind, id, place)
  const words = isTypeName(type) ? type.split('::') : []
  const last = words.pop()
  if (last === undefined || words[0] === 'AWS' || id === '') return undefined
  const service = words.map((word) => encodeWord(word, '--'))
  const token = encodeWord(last, '-')
  if (token === undefined || service.includes(undefined)) return undefined
  return checkedArn(service.join('-'), `${token}/${percentEncode(id)}`, place)
}

export interface KubernetesObject extends Place {
  /** As the caller tells clusters apart: a name, or an ARN. */
  cluster: string
  /** Undefined for objects outside any namespace. */
  namespace: string | undefined
  /** The API group without version; '' or `core` for pods, services and the like. */
  group: string
  kind: string
  name: string
}

export function kubernetesArn(object: KubernetesObject): string | undefined {
  const type = `Kubernetes::${object.group === '' ? 'core' : object.group}::${object.kind}`
  const kind = kubernetesKind(type)
  const namespace = object.namespace ?? noNamespace
  const namespaceHolds = object.namespace === undefined || /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(namespace)
  if (!kind || !namespaceHolds || object.cluster === '' || object.name === '') return undefined
  const parts = [percentEncode(object.cluster, '/'), namespace, percentEncode(object.name, '/')]
  return checkedArn('kubernetes', `${kind.kind}.${kind.group}/${parts.join('/')}`, object)
}

/** The type that an ARN of the partition `aws-corral` carries; undefined if it was not made by the rule above. */
export function foreignTypeOf(arn: Arn): string | undefined {
  const tokenEnd = arn.resource.indexOf('/')
  if (arn.partition !== corralPartition || tokenEnd < 1) return undefined
  const token = arn.resource.slice(0, tokenEnd)
  const dot = token.indexOf('.')
  if (dot > 0) {
    const type = `Kubernetes::${token.slice(dot + 1)}::${token.slice(0, dot)}`
    return arn.service === 'kubernetes' && kubernetesKind(type) ? type : undefined
  }
  const words = arn.service.split(/(?<!-)-(?!-)/)
  const type = [...words.map((word) => decodeWord(word, '--')), decodeWord(token, '-')].join('::')
  const again = isTypeName(type) ? foreignArn(type, 'id', arn) : undefined
  return again === formatArn({ ...arn, resource: `${token}/id` }) ? type : undefined
}

const noNamespace = '_'

/** An id as `CLUSTER/NAMESPACE/NAME`, or `CLUSTER/NAME`; with `|` instead of `/` where a part holds a slash. */
function kubernetesArnOfId(kind: { group: string; kind: string }, id: string, place: Place): string | undefined {
  const parts = id.split(id.includes('|') ? '|' : '/', 4)
  const [cluster = '', namespace, name] = parts.length === 2 ? [parts[0], undefined, parts[1]] : parts
  if (parts.length > 3 || name === undefined) return undefined
  const known = namespace === noNamespace ? undefined : namespace
  return kubernetesArn({ ...kind, region: place.region, account: place.account, cluster, namespace: known, name })
}

/** The model's parser has the last word: length, control characters, and what a Region or an account may be. */
function checkedArn(service: string, resource: string, place: Place): string | undefined {
  if (!resource.isWellFormed()) return undefined
  const { region, account } = place
  const text = formatArn({ partition: corralPartition, service, region, account, resource })
  const arn = parseArn(text)
  // The same resource part proves that no other field held a colon.
  return arn?.resource === resource ? text : undefined
}

function encodeWord(word: string, capitalMark: string): string | undefined {
  if (/^[a-z]/.test(word)) return undefined
  return (
    word.charAt(0).toLowerCase() + word.slice(1).replaceAll(/[A-Z]/g, (letter) => capitalMark + letter.toLowerCase())
  )
}

const decodeWord = (text: string, capitalMark: string) =>
  text
    .split(capitalMark)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')

function percentEncode(text: string, also?: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it encodes
  return text.replaceAll(/[\u0000-\u0020\u007f%/]/g, (character) =>
    character === '/' && also !== '/' ? '/' : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
