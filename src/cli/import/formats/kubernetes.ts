// Reads Kubernetes objects: manifests and what `kubectl get -o yaml|json` prints, single, in lists, as JSON lines. Labels
// are tags; annotations are not. An object that names no namespace is in `default`, as for kubectl, unless its kind
// is known to live in the cluster itself; of a kind made by a CustomResourceDefinition that cannot be known, so it
// is taken to be namespaced. Nothing but apiVersion, kind and metadata is looked at: a Secret's data stays in the file.
import { kubernetesArn } from '../../../catalogue/catalogue.ts'
import type { ImportContext, ImportItem } from '../item.ts'
import type { DocumentFormat } from './format.ts'
import { isObject, property, textProperty } from './json-value.ts'
import { arnType, readArn } from './resource-arn.ts'
import { keepLastRows } from './superseded.ts'
import { emptyTags, readTags } from './tags.ts'

/** Kinds of the built-in API groups that have no namespace. Source: Kubernetes 1.33 API reference. */
const clusterKinds = new Set([
  'APIService',
  'CSIDriver',
  'CSINode',
  'CertificateSigningRequest',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterTrustBundle',
  'ComponentStatus',
  'CustomResourceDefinition',
  'DeviceClass',
  'FlowSchema',
  'IPAddress',
  'IngressClass',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PodSecurityPolicy',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'ResourceSlice',
  'RuntimeClass',
  'ServiceCIDR',
  'StorageClass',
  'StorageVersion',
  'StorageVersionMigration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
  'VolumeAttributesClass',
])

/** Lists in lists are legal, but nothing makes more than one level. */
const maxListDepth = 4

/** The kind that a list's objects share, for lists such as PodList whose items do not say theirs. */
interface Inherited {
  kind?: string
  apiVersion?: string
}

function* readObject(
  document: unknown,
  where: string,
  inherited: Inherited,
  context: ImportContext,
  depth: number,
): Generator<ImportItem> {
  const kind = textProperty(document, 'kind') ?? inherited.kind
  const apiVersion = textProperty(document, 'apiVersion') ?? inherited.apiVersion
  const items = property(document, 'items')
  if (Array.isArray(items) && kind?.endsWith('List')) {
    if (depth === maxListDepth) {
      yield { kind: 'rejected', where, reason: 'lists nested too deep', record: null }
      return
    }
    const itemKind = kind.slice(0, -'List'.length)
    const shared = itemKind === '' ? {} : { kind: itemKind, ...(apiVersion !== undefined && { apiVersion }) }
    for (const [index, item] of items.entries()) {
      yield* readObject(item, `${where}, item ${index + 1}`, shared, context, depth + 1)
    }
    return
  }
  yield readSingle(document, where, kind, apiVersion, context)
}

function readSingle(
  document: unknown,
  where: string,
  kind: string | undefined,
  apiVersion: string | undefined,
  context: ImportContext,
): ImportItem {
  const metadata = property(document, 'metadata')
  const name = textProperty(metadata, 'name')
  const labels = property(metadata, 'labels')
  const statedNamespace = textProperty(metadata, 'namespace')
  const reject = (reason: string): ImportItem => ({
    kind: 'rejected',
    where,
    reason,
    record: { apiVersion, kind, metadata: { name, namespace: statedNamespace, labels } },
  })
  if (!isObject(document)) return reject('not a Kubernetes object')
  if (kind === undefined || apiVersion === undefined) return reject('kind unknown')
  if (name === undefined) return reject('no name')
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  const namespace = clusterKinds.has(kind) ? undefined : (statedNamespace ?? 'default')
  const { cluster, region, account } = context
  const arn = readArn(kubernetesArn({ cluster, namespace, group, kind, name, region, account }))
  if (!arn) return reject('no ARN can be built for this object')
  const read = labels === undefined || labels === null ? { tags: emptyTags() } : readTags(labels)
  if ('reason' in read) return reject(read.reason)
  return { kind: 'resource', where, resource: { arn: arn.text, type: arnType(arn), tags: read.tags, physicalId: name } }
}

function looksLikeObject(document: unknown): boolean {
  if (!isObject(document)) return false
  if (textProperty(document, 'kind') !== undefined && textProperty(document, 'apiVersion') !== undefined) return true
  const metadata = property(document, 'metadata')
  return (
    textProperty(metadata, 'name') !== undefined &&
    ['labels', 'uid', 'namespace', 'annotations'].some((name) => isObject(metadata) && Object.hasOwn(metadata, name))
  )
}

export const kubernetes: DocumentFormat = {
  kind: 'document',
  name: 'kubernetes',
  description: 'Kubernetes manifests and `kubectl get` output, YAML or JSON',
  detect: (documents) => documents.some(looksLikeObject),
  read(documents, context) {
    const items: ImportItem[] = []
    for (const [index, document] of documents.entries()) {
      for (const item of readObject(document, `document ${index + 1}`, {}, context, 0)) items.push(item)
    }
    return keepLastRows(items)
  },
}
