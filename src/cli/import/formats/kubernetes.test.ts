import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportContext } from '../item.ts'
import { kubernetes } from './kubernetes.ts'

const context: ImportContext = {
  partition: 'aws',
  account: '111122223333',
  region: 'eu-central-1',
  parameters: {},
  assumeDeployed: false,
  cluster: 'main',
}

function read(...documents: unknown[]) {
  return [...kubernetes.read(documents, context)]
}

function object(kind: string, apiVersion: string, metadata: object) {
  return { kind, apiVersion, metadata }
}

void test('labels are tags, and no labels are no tags', () => {
  const items = read(
    object('Deployment', 'apps/v1', { name: 'web', namespace: 'shop', labels: { app: 'web', empty: '' } }),
    object('Service', 'v1', { name: 'web', labels: null, annotations: { a: '1' } }),
  )
  const seen = items.map((item) => item.kind === 'resource' && [item.resource.type, { ...item.resource.tags }])
  assert.deepEqual(seen, [
    ['Kubernetes::apps::Deployment', { app: 'web', empty: '' }],
    ['Kubernetes::core::Service', {}],
  ])
})

void test('one object, one ARN: by cluster, namespace, group, kind and name', () => {
  const arn = (kind: string, apiVersion: string, metadata: object, cluster = 'main') => {
    const [item] = kubernetes.read([object(kind, apiVersion, metadata)], { ...context, cluster })
    assert.ok(item?.kind === 'resource')
    return item.resource.arn
  }
  const web = arn('Deployment', 'apps/v1', { name: 'web' })
  // The version of an API is no part of the object, and a missing namespace is kubectl's default.
  assert.equal(arn('Deployment', 'apps/v1beta1', { name: 'web', namespace: 'default' }), web)
  const others = [
    arn('Deployment', 'apps/v1', { name: 'web', namespace: 'shop' }),
    arn('Deployment', 'apps/v1', { name: 'web2' }),
    arn('Deployment', 'extensions/v1', { name: 'web' }),
    arn('StatefulSet', 'apps/v1', { name: 'web' }),
    arn('Deployment', 'apps/v1', { name: 'web' }, 'other'),
  ]
  assert.equal(new Set([web, ...others]).size, 6)
  // What a node's manifest says of a namespace means nothing.
  assert.equal(arn('Node', 'v1', { name: 'n1', namespace: 'shop' }), arn('Node', 'v1', { name: 'n1' }))
})

void test('lists: of any kind, of one kind, inside each other', () => {
  const items = read(
    { kind: 'List', apiVersion: 'v1', items: [object('Pod', 'v1', { name: 'a' }), { metadata: { name: 'b' } }] },
    { kind: 'PodList', apiVersion: 'v1', items: [{ metadata: { name: 'c', labels: { x: '1' } } }] },
    {
      kind: 'DeploymentList',
      apiVersion: 'apps/v1',
      items: [{ metadata: { name: 'd' } }, object('Pod', 'v1', { name: 'e' })],
    },
    {
      kind: 'List',
      apiVersion: 'v1',
      items: [{ kind: 'PodList', apiVersion: 'v1', items: [{ metadata: { name: 'f' } }] }],
    },
  )
  const seen = items.map((item) =>
    item.kind === 'resource' ? [item.resource.physicalId, item.resource.type] : item.kind,
  )
  assert.deepEqual(seen, [
    ['a', 'Kubernetes::core::Pod'],
    'rejected',
    ['c', 'Kubernetes::core::Pod'],
    ['d', 'Kubernetes::apps::Deployment'],
    ['e', 'Kubernetes::core::Pod'],
    ['f', 'Kubernetes::core::Pod'],
  ])
})

void test('a kind that only ends in List is a kind', () => {
  const [item] = read(object('IPAllowList', 'net.example.com/v1', { name: 'a' }))
  assert.equal(item?.kind === 'resource' && item.resource.type, 'Kubernetes::net.example.com::IPAllowList')
})

const rejected: [name: string, document: unknown, reason: string][] = [
  ['JSON lines without a kind', { metadata: { name: 'a', uid: '1' }, spec: {} }, 'kind unknown'],
  ['no name', object('Pod', 'v1', { generateName: 'a-' }), 'no name'],
  ['an odd kind', object('Pod/../x', 'v1', { name: 'a' }), 'no ARN can be built for this object'],
  ['an odd group', object('Pod', 'A:B/v1', { name: 'a' }), 'no ARN can be built for this object'],
  ['an odd namespace', object('Pod', 'v1', { name: 'a', namespace: 'a/b' }), 'no ARN can be built for this object'],
  ['a name too long', object('Pod', 'v1', { name: 'a'.repeat(2_000) }), 'no ARN can be built for this object'],
  ['labels that are a list', object('Pod', 'v1', { name: 'a', labels: ['x'] }), 'tags of an unknown shape'],
  ['a label that is a map', object('Pod', 'v1', { name: 'a', labels: { x: {} } }), 'tag value that is not text'],
  ['null', null, 'not a Kubernetes object'],
]

for (const [name, document, reason] of rejected) {
  void test(`rejects ${name}`, () => {
    const [item] = read(document)
    assert.equal(item?.kind === 'rejected' && item.reason, reason)
  })
}

void test('lists without end are cut', () => {
  let list: unknown = object('Pod', 'v1', { name: 'a' })
  for (let level = 0; level < 50; level++) list = { kind: 'List', apiVersion: 'v1', items: [list, list] }
  const items = read(list)
  assert.deepEqual(new Set(items.map((item) => item.kind)), new Set(['rejected']))
  assert.ok(items.length <= 16)
})

void test("a Secret's data leaves by no item", () => {
  const secret = { kind: 'Secret', apiVersion: 'v1', data: { password: 'aHVudGVyMg==' }, stringData: { a: 'hunter2' } }
  const items = read({ ...secret, metadata: { name: 'a' } }, { ...secret, metadata: {} })
  assert.deepEqual(
    items.map((item) => item.kind),
    ['resource', 'rejected'],
  )
  assert.doesNotMatch(JSON.stringify(items), /hunter2|aHVudGVyMg/)
})
