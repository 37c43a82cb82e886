import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  matchesGroupFilters,
  parseGroupFilters,
  parseGroupingStatusFilters,
  parseResourceFilters,
  parseTagSyncTaskFilters,
} from './list-filters.ts'
import type { FilteredGroup, ListFilter } from './list-filters.ts'
import type { ResourceQuery } from './resource-query.ts'

const unsupported = 'Filters not valid: One or more filter values are not supported: '
const filter = (Name: string, ...Values: string[]): ListFilter => ({ Name, Values })
const query = (...types: string[]): ResourceQuery => ({ kind: 'tag', types, filters: [{ key: 'k', values: [] }] })

void test('ListGroups filters', () => {
  const none = { resourceTypes: [], configurationTypes: [], owners: [], displayNames: [], criticalities: [] }
  assert.deepEqual(parseGroupFilters(undefined), { filters: none })
  assert.deepEqual(parseGroupFilters([]), { filters: none })
  assert.deepEqual(
    parseGroupFilters([
      filter('resource-type', 'AWS::EC2::Instance', 'AWS::AllSupported', 'Acme::Rack::Server', 'AWS::EC2::Instance'),
      filter('configuration-type', 'AWS::EC2::HostManagement', 'AWS::ResourceGroups::ApplicationGroup'),
      filter('owner', 'a@b.example'),
      filter('display-name', 'Größe 1'),
      filter('criticality', '1', '10'),
    ]),
    {
      filters: {
        resourceTypes: ['AWS::EC2::Instance', 'AWS::AllSupported', 'Acme::Rack::Server'],
        configurationTypes: ['AWS::EC2::HostManagement', 'AWS::ResourceGroups::ApplicationGroup'],
        owners: ['a@b.example'],
        displayNames: ['Größe 1'],
        criticalities: [1, 10],
      },
    },
  )
})

void test('ListGroups filters that AWS refuses', () => {
  const long = 'x'.repeat(301)
  const refused: [ListFilter[], string][] = [
    [
      [filter('configuration-type', 'AWS::AppRegistry::ApplicationResourceGroups')],
      `${unsupported}AWS::AppRegistry::ApplicationResourceGroups`,
    ],
    [
      [filter('configuration-type', 'AWS::EC2::HostManagement', 'AWS::ResourceGroups::Generic', 'x')],
      `${unsupported}AWS::ResourceGroups::Generic, x`,
    ],
    [[filter('resource-type', 'ec2:instance')], `${unsupported}ec2:instance`],
    [[filter('resource-type', 'aws_instance')], `${unsupported}aws_instance`],
    [[filter('resource-type', 'AWS::EC2')], `${unsupported}AWS::EC2`],
    [[filter('owner', '')], unsupported],
    [[filter('display-name', long)], unsupported + long],
    ...['0', '11', '01', '1.0', '-1', ' 1', '', 'high', '1e1'].map((value): [ListFilter[], string] => {
      return [[filter('criticality', value)], unsupported + value]
    }),
    [[filter('name', 'x')], 'Filters not valid: One or more filter names are not supported: name'],
    [[filter('Owner', 'x')], 'Filters not valid: One or more filter names are not supported: Owner'],
    [[filter('toString', 'x')], 'Filters not valid: One or more filter names are not supported: toString'],
    [[filter('owner')], 'Filters not valid: The filter owner needs 1 to 5 values'],
    [[filter('owner', 'a', 'b', 'c', 'd', 'e', 'f')], 'Filters not valid: The filter owner needs 1 to 5 values'],
    [[filter('owner', 'a'), filter('owner', 'b')], 'Filters not valid: The filter owner is specified more than once'],
  ]
  for (const [filters, message] of refused) assert.deepEqual(parseGroupFilters(filters), { message })
})

void test('which groups ListGroups shows', () => {
  const groups: Record<string, FilteredGroup> = {
    instances: { query: query('AWS::EC2::Instance', 'AWS::S3::Bucket'), owner: 'ann', criticality: 1 },
    all: { query: query(), owner: 'Ann', displayName: 'Everything' },
    pool: { configuration: [{ Type: 'AWS::EC2::CapacityReservationPool' }, { Type: 'AWS::ResourceGroups::Generic' }] },
    application: {
      configuration: [{ Type: 'AWS::ResourceGroups::ApplicationGroup' }],
      owner: 'ann',
      displayName: 'Shop',
      criticality: 10,
    },
  }
  const shown = (...filters: ListFilter[]) => {
    const parsed = parseGroupFilters(filters)
    assert.ok('filters' in parsed)
    return Object.keys(groups).filter((name) => matchesGroupFilters(groups[name] ?? {}, parsed.filters))
  }
  assert.deepEqual(shown(), ['instances', 'all', 'pool', 'application'])
  assert.deepEqual(shown(filter('resource-type', 'AWS::S3::Bucket')), ['instances'])
  assert.deepEqual(shown(filter('resource-type', 'AWS::SQS::Queue')), [])
  assert.deepEqual(shown(filter('resource-type', 'AWS::AllSupported')), ['all'])
  assert.deepEqual(shown(filter('resource-type', 'AWS::SQS::Queue', 'AWS::S3::Bucket')), ['instances'])
  assert.deepEqual(shown(filter('configuration-type', 'AWS::EC2::CapacityReservationPool')), ['pool'])
  assert.deepEqual(shown(filter('owner', 'ann')), ['instances', 'application'])
  assert.deepEqual(shown(filter('owner', 'ann'), filter('criticality', '10')), ['application'])
  assert.deepEqual(shown(filter('criticality', '1', '10')), ['instances', 'application'])
  assert.deepEqual(shown(filter('display-name', 'Shop', 'Everything')), ['all', 'application'])
  assert.deepEqual(shown(filter('display-name', 'shop')), [])
})

void test('ListGroupResources filters must be among the types of the query', () => {
  const types = ['AWS::EC2::Instance', 'AWS::S3::Bucket']
  assert.deepEqual(parseResourceFilters(undefined, query(...types)), { types: [] })
  assert.deepEqual(parseResourceFilters([filter('resource-type', ...types)], query(...types)), { types })
  assert.deepEqual(parseResourceFilters([filter('resource-type', 'AWS::SQS::Queue')], query()), {
    types: ['AWS::SQS::Queue'],
  })
  assert.deepEqual(parseResourceFilters([filter('resource-type', 'AWS::SQS::Queue')]), { types: ['AWS::SQS::Queue'] })
  const strangers = filter('resource-type', 'AWS::SQS::Queue', 'AWS::S3::Bucket', 'AWS::SNS::Topic')
  assert.deepEqual(parseResourceFilters([strangers], query(...types)), {
    message: 'The resource types specified as filters in the request are not valid. AWS::SQS::Queue, AWS::SNS::Topic',
  })
  for (const value of ['AWS::AllSupported', 's3', '']) {
    assert.deepEqual(parseResourceFilters([filter('resource-type', value)], query()), { message: unsupported + value })
  }
  const unknown = 'Filters not valid: One or more filter names are not supported: owner'
  assert.deepEqual(parseResourceFilters([filter('owner', 'x')]), { message: unknown })
})

void test('ListGroupingStatuses filters', () => {
  const arn = 'arn:aws:s3:::logs'
  assert.deepEqual(parseGroupingStatusFilters(), { filters: { statuses: [], resourceArns: [] } })
  assert.deepEqual(parseGroupingStatusFilters([filter('status', 'FAILED', 'SUCCESS'), filter('resource-arn', arn)]), {
    filters: { statuses: ['FAILED', 'SUCCESS'], resourceArns: [arn] },
  })
  const values = Array.from({ length: 11 }, (_, index) => `${arn}${index}`)
  assert.ok('filters' in parseGroupingStatusFilters([filter('resource-arn', ...values.slice(1))]))
  const refused: [ListFilter, string][] = [
    [filter('status', 'PENDING'), `${unsupported}PENDING`],
    [filter('status', 'success'), `${unsupported}success`],
    [filter('status', arn), unsupported + arn],
    [filter('resource-arn', 'SUCCESS'), `${unsupported}SUCCESS`],
    [filter('resource-arn', ...values), 'Filters not valid: The filter resource-arn needs 1 to 10 values'],
    [filter('resource-type', 'x'), 'Filters not valid: One or more filter names are not supported: resource-type'],
  ]
  for (const [refusedFilter, message] of refused) {
    assert.deepEqual(parseGroupingStatusFilters([refusedFilter]), { message })
  }
})

void test('ListTagSyncTasks filters', () => {
  const arn = 'arn:aws:resource-groups:us-east-1:123456789012:group/web/0aqmvxvgmry0ecc4mjhwypun6i'
  const place = { partition: 'aws', region: 'us-east-1', account: '123456789012' }
  const applicationId = '0aqmvxvgmry0ecc4mjhwypun6i'
  assert.deepEqual(parseTagSyncTaskFilters(), { groups: [] })
  assert.deepEqual(parseTagSyncTaskFilters([{ GroupArn: arn }, { GroupName: 'web' }]), {
    groups: [{ name: 'web', applicationId, place }, { name: 'web' }],
  })
  const choose = 'Filters not valid: Specify either GroupArn or GroupName in each filter'
  assert.deepEqual(parseTagSyncTaskFilters([{}]), { message: choose })
  assert.deepEqual(parseTagSyncTaskFilters([{ GroupArn: arn, GroupName: 'web' }]), { message: choose })
  assert.deepEqual(parseTagSyncTaskFilters([{ GroupName: arn }]), { message: unsupported + arn })
  assert.deepEqual(parseTagSyncTaskFilters([{ GroupArn: 'web' }]), { message: `${unsupported}web` })
  assert.deepEqual(parseTagSyncTaskFilters([{ GroupName: '' }]), { message: unsupported })
  const many = Array.from({ length: 51 }, (_, index) => ({ GroupName: `g${index}` }))
  assert.ok('groups' in parseTagSyncTaskFilters(many.slice(1)))
  assert.deepEqual(parseTagSyncTaskFilters(many), { message: 'Filters not valid: There can be at most 50 filters' })
})

void test('messages on hostile filters stay short', () => {
  const long = 'x'.repeat(1e6)
  const results = [
    parseGroupFilters([filter('owner', long)]),
    parseGroupFilters([filter(long, 'x')]),
    parseResourceFilters([filter('resource-type', `AWS::${long}::x`)]),
    parseResourceFilters(
      [filter('resource-type', ...Array.from('abcde', (letter) => `AWS::A::${letter.repeat(100)}`))],
      query('AWS::S3::Bucket'),
    ),
    parseGroupingStatusFilters([filter('resource-arn', long)]),
    parseTagSyncTaskFilters([{ GroupName: long }]),
  ]
  for (const result of results) assert.ok('message' in result && result.message.length <= 1024)
})
