import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportContext } from '../item.ts'
import { terraformShow } from './terraform-show.ts'

const context: ImportContext = {
  partition: 'aws',
  account: '999999999999',
  region: 'eu-central-1',
  parameters: {},
  assumeDeployed: false,
  cluster: 'main',
}

const vpcArn = 'arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1'

function vpc(address: string, values: object, more: object = {}) {
  return { address, mode: 'managed', type: 'aws_vpc', provider_name: 'aws', values, ...more }
}

function stateOf(root: object) {
  return { format_version: '1.0', terraform_version: '1.9.1', values: { root_module: root } }
}

void test('reads modules inside modules', () => {
  let module: object = { resources: [vpc('deepest', { arn: vpcArn, tags: { a: '1' } })] }
  for (let level = 0; level < 100; level++) module = { child_modules: [module, {}] }
  const documents = [stateOf(module)]
  assert.ok(terraformShow.detect(documents))
  const items = [...terraformShow.read(documents, context)]
  assert.deepEqual(
    items.map((item) => item.where),
    ['deepest'],
  )
})

void test('an empty state has nothing in it', () => {
  const documents = [{ format_version: '1.0', terraform_version: '1.9.1' }]
  assert.ok(terraformShow.detect(documents))
  assert.deepEqual([...terraformShow.read(documents, context)], [])
})

void test('of a plan only the prior state exists', () => {
  const change = (address: string, actions: string[], mode = 'managed') => ({ address, mode, change: { actions } })
  const documents = [
    {
      format_version: '1.0',
      planned_values: {
        root_module: { resources: [vpc('aws_vpc.new', { tags: {} }), vpc('aws_vpc.old', { tags: {} })] },
      },
      prior_state: stateOf({ resources: [vpc('aws_vpc.old', { arn: vpcArn, tags: { a: '1' } })] }),
      resource_changes: [
        change('aws_vpc.new', ['create']),
        change('aws_vpc.old', ['update']),
        change('aws_vpc.replaced', ['create', 'delete']),
        change('data.aws_ami.x', ['create'], 'data'),
      ],
    },
  ]
  assert.ok(terraformShow.detect(documents))
  const items = [...terraformShow.read(documents, context)]
  assert.deepEqual(
    items.map((item) => [item.kind, item.where]),
    [
      ['resource', 'aws_vpc.old'],
      ['skipped', 'aws_vpc.new'],
    ],
  )
})

void test('a plan without a prior state is refused', () => {
  const documents = [{ format_version: '1.0', planned_values: { root_module: {} }, resource_changes: [] }]
  const [item] = terraformShow.read(documents, context)
  assert.equal(
    item?.kind === 'rejected' && item.reason,
    'plan without a prior state: nothing of what it plans exists yet',
  )
})

void test('sensitive values leave by no item', () => {
  const values = {
    arn: vpcArn,
    id: 'v',
    password: 'hunter2',
    tags: { a: '1', s: 'hunter2' },
    tags_all: { s: 'hunter2' },
  }
  const documents = [
    stateOf({
      resources: [
        vpc('some', values, { sensitive_values: { password: true, tags: { s: true }, tags_all: { s: true } } }),
        vpc('whole', { ...values, arn: `${vpcArn}2` }, { sensitive_values: { tags: true, tags_all: true, id: true } }),
        vpc('all', { ...values, arn: `${vpcArn}3` }, { sensitive_values: true }),
        vpc(
          'list',
          { arn: `${vpcArn}4`, tags: [{ key: 'a', value: 'hunter2' }] },
          { sensitive_values: { tags: [{ value: true }] } },
        ),
      ],
    }),
  ]
  const items = [...terraformShow.read(documents, context)]
  assert.doesNotMatch(JSON.stringify(items), /hunter2/)
  const [some, , whole] = items
  assert.deepEqual(some?.kind === 'resource' && { ...some.resource.tags }, { a: '1' })
  assert.equal(whole?.kind === 'resource' && whole.resource.physicalId, undefined)
  // With everything sensitive there is no ARN to know it by.
  assert.ok(items.some((item) => item.where === 'all' && item.kind === 'rejected'))
})

void test('providers are not told apart, so one other Region is doubt enough', () => {
  const nat = {
    address: 'nat',
    mode: 'managed',
    type: 'aws_nat_gateway',
    provider_name: 'aws',
    values: { id: 'nat-1', tags: {} },
  }
  const east = ['1', '2', '3'].map((id) => vpc(id, { arn: `${vpcArn}${id}`, tags: {} }))
  const west = vpc('west', { arn: 'arn:aws:ec2:us-west-2:111122223333:vpc/vpc-9', tags: {} })
  const last = (resources: object[]) => [...terraformShow.read([stateOf({ resources })], context)].at(-1)
  assert.equal(last([...east, nat])?.kind, 'resource')
  const doubtful = last([...east, west, nat])
  assert.equal(doubtful?.kind === 'rejected' && doubtful.reason, 'the file names several Regions')
})
