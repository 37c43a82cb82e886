import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  acceptsMember,
  allowedResourceTypes,
  combinationProblem,
  deletionProtection,
  isApplicationGroup,
  isServiceManaged,
  isUnchangeable,
  sameConfiguration,
  validateConfiguration,
} from './configuration.ts'
import type { ConfigurationItem, GroupConfiguration } from './configuration.ts'
import type { ResourceQuery } from './resource-query.ts'

interface Case {
  name: string
  by: 'customer' | 'service'
  configuration: ConfigurationItem[]
  message?: string
  forbidden?: boolean
}

const cases = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/group-configuration.json', import.meta.url), 'utf8'),
) as Case[]

const generic = (type: string, ...more: { Name: string; Values: string[] }[]): ConfigurationItem => ({
  Type: 'AWS::ResourceGroups::Generic',
  Parameters: [{ Name: 'allowed-resource-types', Values: [type] }, ...more],
})
const protection = { Name: 'deletion-protection', Values: ['UNLESS_EMPTY'] }
const pool = [{ Type: 'AWS::EC2::CapacityReservationPool' }, generic('AWS::EC2::CapacityReservation')]
const hosts = [
  {
    Type: 'AWS::EC2::HostManagement',
    Parameters: [
      { Name: 'any-host-based-license-configuration', Values: ['true'] },
      { Name: 'allowed-host-families', Values: ['c5', 'm5'] },
    ],
  },
  generic('AWS::EC2::Host', protection),
]
const firewall = [{ Type: 'AWS::NetworkFirewall::RuleGroup' }]
const application = [{ Type: 'AWS::ResourceGroups::ApplicationGroup' }]
const registry = [{ Type: 'AWS::AppRegistry::Application' }]

void test('configurations of test/vectors/group-configuration.json', async (t) => {
  assert.ok(cases.length >= 40)
  for (const { name, by, configuration, message, forbidden = false } of cases) {
    await t.test(name, () => {
      const expected = message === undefined ? { configuration } : { message, forbidden }
      assert.deepEqual(validateConfiguration(configuration, by), expected)
    })
  }
})

void test('the configuration is a copy', () => {
  const sent = structuredClone(hosts)
  const result = validateConfiguration(sent, 'customer')
  sent[0]?.Parameters?.[0]?.Values?.push('false')
  assert.deepEqual(result, { configuration: hosts })
})

void test('what a configuration means for members and deletion', () => {
  const expected: [GroupConfiguration, string[], boolean, boolean][] = [
    [pool, ['AWS::EC2::CapacityReservation'], false, false],
    [hosts, ['AWS::EC2::Host'], true, false],
    [firewall, [], false, false],
    [application, [], false, true],
    [registry, [], false, false],
    [[], [], false, false],
  ]
  for (const [configuration, types, isProtected, isApplication] of expected) {
    assert.deepEqual(allowedResourceTypes(configuration), types)
    assert.equal(deletionProtection(configuration), isProtected)
    assert.equal(isApplicationGroup(configuration), isApplication)
    assert.equal(isServiceManaged(configuration), configuration === registry)
    for (const type of ['AWS::EC2::Host', 'AWS::EC2::CapacityReservation', 'AWS::S3::Bucket', 'Acme::Rack::Server']) {
      assert.equal(acceptsMember(configuration, type), isApplication || types.includes(type), type)
    }
  }
})

void test('the types handed out are not the configuration itself', () => {
  allowedResourceTypes(pool).push('AWS::S3::Bucket')
  assert.equal(acceptsMember(pool, 'AWS::S3::Bucket'), false)
})

void test('only pools of UltraServer Capacity Blocks are unchangeable', () => {
  const Parameters = [
    { Name: 'instance-type', Values: ['trn2u.48xlarge'] },
    { Name: 'reservation-type', Values: ['capacity-block'] },
  ]
  assert.equal(isUnchangeable([{ Type: 'AWS::EC2::CapacityReservationPool', Parameters }]), true)
  for (const configuration of [pool, hosts, firewall, application]) assert.equal(isUnchangeable(configuration), false)
})

void test('a query and a configuration in one group', () => {
  const tagQuery = (...types: string[]): ResourceQuery => ({ kind: 'tag', types, filters: [{ key: 'k', values: [] }] })
  const stackQuery: ResourceQuery = { kind: 'stack', types: ['AWS::EC2::Instance'], stackIdentifier: 'arn' }
  const instances = tagQuery('AWS::EC2::Instance')
  const interfaces = tagQuery('AWS::EC2::NetworkInterface', 'AWS::EC2::Instance')
  const fit: [GroupConfiguration | undefined, ResourceQuery | undefined][] = [
    [undefined, instances],
    [undefined, stackQuery],
    [pool, undefined],
    [application, undefined],
    [firewall, instances],
    [firewall, interfaces],
  ]
  for (const [configuration, query] of fit) assert.equal(combinationProblem(configuration, query), undefined)
  const nothing = 'One or more parameters are missing: resourceQuery, configuration'
  const both = 'A group can contain either a Configuration or a ResourceQuery, not both'
  const firewallNeeds =
    'Configuration not valid: AWS::NetworkFirewall::RuleGroup needs a tag-based query for ' +
    'AWS::EC2::Instance or AWS::EC2::NetworkInterface'
  const problems: [GroupConfiguration | undefined, ResourceQuery | undefined, string][] = [
    [undefined, undefined, nothing],
    [pool, instances, both],
    [application, stackQuery, both],
    [firewall, undefined, firewallNeeds],
    [firewall, stackQuery, firewallNeeds],
    [firewall, tagQuery(), firewallNeeds],
    [firewall, tagQuery('AWS::EC2::Instance', 'AWS::S3::Bucket'), firewallNeeds],
  ]
  for (const [configuration, query, problem] of problems) {
    assert.equal(combinationProblem(configuration, query), problem)
  }
})

void test('configurations are the same in any order', () => {
  const shuffled = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length })
  const [management, settings] = hosts
  fc.assert(
    fc.property(
      shuffled(management?.Parameters ?? []),
      shuffled(settings?.Parameters ?? []),
      shuffled(['c5', 'm5']),
      fc.boolean(),
      (first, second, families, swap) => {
        const Parameters = first.map((item) => (item.Values?.length === 2 ? { ...item, Values: families } : item))
        const items = [
          { Type: 'AWS::EC2::HostManagement', Parameters },
          { Type: 'AWS::ResourceGroups::Generic', Parameters: second },
        ]
        assert.ok(sameConfiguration(hosts, swap ? items.toReversed() : items))
      },
    ),
  )
  assert.ok(sameConfiguration(application, [{ Type: 'AWS::ResourceGroups::ApplicationGroup', Parameters: [] }]))
})

void test('different configurations are not the same', () => {
  const one = (Values: string[]) => [{ Type: 'T', Parameters: [{ Name: 'n', Values }] }]
  const different = [
    pool,
    hosts,
    firewall,
    application,
    [],
    one([]),
    one(['a']),
    one(['b']),
    one(['a', 'b']),
    one(['a,b']),
  ]
  for (const [index, a] of different.entries()) {
    for (const [other, b] of different.entries()) assert.equal(sameConfiguration(a, b), index === other)
  }
  const names = [{ Type: 'T', Parameters: [{ Name: 'a', Values: ['b'] }] }]
  assert.equal(sameConfiguration(names, [{ Type: 'T', Parameters: [{ Name: 'a' }, { Name: 'b' }] }]), false)
})

void test('a hostile configuration is refused at once, in a short message', () => {
  const long = 'x'.repeat(1e6)
  const many = Array.from({ length: 100_000 }, (_, index) => String(index))
  const start = performance.now()
  const hostile: ConfigurationItem[][] = [
    Array.from({ length: 100_000 }, () => ({ Type: 'AWS::AppRegistry::Application' })).toSpliced(0, 2, ...pool),
    [{ Type: long }],
    [{ Type: 'AWS::EC2::HostManagement', Parameters: [{ Name: long }] }],
    [{ Type: 'AWS::EC2::HostManagement', Parameters: [{ Name: 'auto-allocate-host', Values: [long] }] }],
    [{ Type: 'AWS::EC2::HostManagement', Parameters: [{ Name: 'allowed-host-families', Values: [long] }] }],
    [{ Type: 'AWS::EC2::HostManagement', Parameters: [{ Name: 'allowed-host-families', Values: many }] }],
    [{ Type: 'AWS::EC2::HostManagement', Parameters: many.map((Name) => ({ Name })) }],
    [
      {
        Type: 'AWS::EC2::HostManagement',
        Parameters: many.map(() => ({ Name: 'auto-allocate-host', Values: ['true'] })),
      },
    ],
  ]
  for (const configuration of hostile) {
    const result = validateConfiguration(configuration, 'customer')
    assert.ok('message' in result && result.message.length <= 1024)
  }
  assert.ok(performance.now() - start < 1000)
})
