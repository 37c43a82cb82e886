import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { maxArnLength, parseArn } from '../model/arn.ts'
import { foreignArn, foreignTypeOf, kubernetesArn } from './foreign.ts'
import { isTypeName } from './type-name.ts'

const place = { region: 'eu-west-1', account: '123456789012' }
const head = (service: string) => `arn:aws-corral:${service}:eu-west-1:123456789012:`

const typeOf = (text: string | undefined) => {
  const arn = text === undefined ? undefined : parseArn(text)
  return arn && foreignTypeOf(arn)
}

void test('a foreign type has the documented ARN, and the ARN has the type', () => {
  const cases: [type: string, id: string, arn: string][] = [
    ['Acme::Rack::Server', 'r1', `${head('acme-rack')}server/r1`],
    ['Acme::RackServer', 'r1', `${head('acme')}rack-server/r1`],
    ['Acme::RackServer::Disk', 'r1', `${head('acme-rack--server')}disk/r1`],
    ['Acme::Rack::Server::Disk', 'r1', `${head('acme-rack-server')}disk/r1`],
    ['ACME::Rack', 'r1', `${head('a--c--m--e')}rack/r1`],
    ['VMware::Host', 'h', `${head('v--mware')}host/h`],
    ['3scale::Api2::V2Product', 'p', `${head('3scale-api2')}v2-product/p`],
    ['Kubernetes::Apps::Deployment', 'd', `${head('kubernetes-apps')}deployment/d`],
    ['Acme::Rack::Server', 'row 1/a:b', `${head('acme-rack')}server/row%201/a:b`],
    ['Acme::Rack::Server', '100%\u0000\n\u007f', `${head('acme-rack')}server/100%25%00%0A%7F`],
    ['Acme::Rack::Server', '/x/', `${head('acme-rack')}server//x/`],
    ['Acme::Rack::Server', 'straße', `${head('acme-rack')}server/straße`],
  ]
  for (const [type, id, arn] of cases) {
    assert.equal(foreignArn(type, id, place), arn)
    assert.equal(typeOf(arn), type)
  }
})

void test('what the rule has no ARN for has none', () => {
  const refused: [type: string, id: string][] = [
    ['AWS::EC2::Route', 'r1'],
    ['acme::Rack', 'r1'],
    ['Acme::rack', 'r1'],
    ['Acme', 'r1'],
    ['Acme::', 'r1'],
    ['Acme::A::B::C::D::E', 'r1'],
    ['Acme::Ra-ck', 'r1'],
    ['Acme::Räck', 'r1'],
    ['Acme::Rack', ''],
    ['Acme::Rack', '\ud800'],
    ['Acme::Rack', 'x'.repeat(maxArnLength)],
    [`Acme::${'R'.repeat(60)}::Rack`, 'x'],
    [`${'Acme::'.repeat(3)}${'R'.repeat(128)}`, 'x'],
    ['', ''],
  ]
  for (const [type, id] of refused) assert.equal(foreignArn(type, id, place), undefined, `${type} ${id}`)
  for (const region of ['x:y', 'x:123456789012', 'EU', ' ']) {
    assert.equal(foreignArn('Acme::Rack', 'r1', { ...place, region }), undefined, region)
  }
  for (const account of ['1', '123456789012:x', 'abc']) {
    assert.equal(foreignArn('Acme::Rack', 'r1', { ...place, account }), undefined, account)
  }
})

void test('an ARN that the rule did not make shows no type', () => {
  const strangers = [
    'arn:aws:acme-rack:eu-west-1:123456789012:server/r1',
    `${head('acme---rack')}server/r1`,
    `${head('acme-rack')}Server/r1`,
    `${head('acme-rack')}server`,
    `${head('acme-rack')}/r1`,
    `${head('acme-')}server/r1`,
    `${head('acme--3')}server/r1`,
    `${head('acme')}rack-/r1`,
    `${head('a-w-s')}x_y/r1`,
    `${head('a--w--s-ec2')}instance/r1`,
    `${head('acme')}Pod.core/c/_/n`,
    `${head('kubernetes')}pod.core/c/_/n`,
    `${head('kubernetes')}Pod./c/_/n`,
    `${head('kubernetes')}Pod.Core/c/_/n`,
  ]
  for (const text of strangers) {
    assert.ok(parseArn(text), text)
    assert.equal(typeOf(text), undefined, text)
  }
})

const word = fc.stringMatching(/^[A-Za-z0-9]{1,10}$/)
const foreignType = fc.array(word, { minLength: 2, maxLength: 5 }).map((words) => words.join('::'))
const resource = fc.tuple(foreignType, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }))

void test('the type can be read back, and two resources never share an ARN', () => {
  const made = new Map<string, string>()
  fc.assert(
    fc.property(resource, ([type, id]) => {
      const text = foreignArn(type, id, place)
      if (text === undefined) return
      assert.equal(typeOf(text), type)
      const key = JSON.stringify([type, id])
      assert.equal(made.get(text) ?? key, key)
      made.set(text, key)
    }),
    { numRuns: 3000 },
  )
  assert.ok(made.size > 300, `${made.size}`)
})

void test('Kubernetes objects have the documented ARN', () => {
  const pod = { ...place, cluster: 'prod', namespace: 'shop', group: '', kind: 'Pod', name: 'cart-1' }
  assert.equal(kubernetesArn(pod), `${head('kubernetes')}Pod.core/prod/shop/cart-1`)
  const role = {
    ...pod,
    namespace: undefined,
    group: 'rbac.authorization.k8s.io',
    kind: 'ClusterRole',
    name: 'system:node',
  }
  assert.equal(kubernetesArn(role), `${head('kubernetes')}ClusterRole.rbac.authorization.k8s.io/prod/_/system:node`)
  const cluster = 'arn:aws:eks:eu-west-1:123456789012:cluster/a b%'
  const inEks = `${head('kubernetes')}Pod.core/arn:aws:eks:eu-west-1:123456789012:cluster%2Fa%20b%25/shop/cart-1`
  assert.equal(kubernetesArn({ ...pod, cluster }), inEks)
  assert.equal(typeOf(inEks), 'Kubernetes::core::Pod')
  for (const change of [
    { namespace: '_' },
    { namespace: '' },
    { namespace: 'a/b' },
    { kind: 'pod' },
    { kind: 'Po.d' },
    { kind: '' },
    { group: 'Apps' },
    { group: 'a/b' },
    { group: '-a' },
    { name: '' },
    { cluster: '' },
    { account: 'x' },
    { name: 'n'.repeat(maxArnLength) },
  ]) {
    assert.equal(kubernetesArn({ ...pod, ...change }), undefined, JSON.stringify(change))
  }
})

void test('Kubernetes objects are also found by type and id', () => {
  const type = 'Kubernetes::apps::Deployment'
  const arn = `${head('kubernetes')}Deployment.apps/prod/shop/cart`
  assert.equal(foreignArn(type, 'prod/shop/cart', place), arn)
  assert.equal(foreignArn(type, 'prod|shop|cart', place), arn)
  assert.equal(foreignArn('Kubernetes::core::Node', 'prod/n1', place), `${head('kubernetes')}Node.core/prod/_/n1`)
  assert.equal(foreignArn('Kubernetes::core::Node', 'a/b|_|n1', place), `${head('kubernetes')}Node.core/a%2Fb/_/n1`)
  for (const id of ['prod', 'a/b/c/d', '//', '/x', 'prod/_x/n'])
    assert.equal(foreignArn(type, id, place), undefined, id)
})

void test('the type of a Kubernetes object can be read back, and two objects never share an ARN', () => {
  const made = new Map<string, string>()
  const text = fc.string({ minLength: 1, maxLength: 12 })
  const object = fc.record({
    cluster: text,
    namespace: fc.option(fc.constantFrom('shop', 'kube-system', 'a'), { nil: undefined }),
    group: fc.constantFrom('core', 'apps', 'networking.k8s.io', 'a-b.c'),
    kind: fc.constantFrom('Pod', 'Deployment', 'CSIDriver', 'V1'),
    name: text,
  })
  fc.assert(
    fc.property(object, (object) => {
      const arn = kubernetesArn({ ...object, ...place })
      assert.equal(typeOf(arn), `Kubernetes::${object.group}::${object.kind}`)
      const key = JSON.stringify(Object.values(object).map((value) => value ?? null))
      assert.equal(made.get(arn ?? '') ?? key, key)
      made.set(arn ?? '', key)
    }),
    { numRuns: 1000 },
  )
})

void test('the grammar of type names', () => {
  for (const name of [
    'AWS::EC2::Instance',
    'A::B',
    'a::b',
    'A::B::C::D::MODULE',
    'Kubernetes::networking.k8s.io::Ingress',
  ]) {
    assert.ok(isTypeName(name), name)
  }
  const longest = `A::${'B'.repeat(125)}`
  assert.ok(isTypeName(longest))
  for (const name of [
    `${longest}B`,
    '',
    'A',
    'A:B',
    'A::',
    '::A',
    'A::::B',
    'A::B::C::D::E::F',
    'A::B c',
    'A::B\n',
    'A::B-C',
    'ec2:instance',
    'Kubernetes::a.b::pod',
    'Other::a.b::Pod',
    'Kubernetes::core::Pod\n',
    'Kubernetes::.::Pod',
    'A'.repeat(1_000_000),
  ]) {
    assert.ok(!isTypeName(name), name.slice(0, 40))
  }
})
