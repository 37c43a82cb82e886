import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportContext } from '../item.ts'
import { createEvaluator, noValue, unresolved } from './intrinsics.ts'

const context: ImportContext = {
  partition: 'aws',
  account: '111122223333',
  region: 'eu-central-1',
  stackName: 'shop',
  parameters: { Given: 'given' },
  assumeDeployed: false,
  cluster: 'main',
}

const template = {
  Parameters: {
    Given: { Type: 'String', Default: 'default' },
    Defaulted: { Type: 'String', Default: 'default' },
    Number: { Type: 'Number', Default: 7 },
    Yes: { Type: 'String', Default: true },
    Empty: { Type: 'String', Default: '' },
    Missing: { Type: 'String' },
    Secret: { Type: 'String', NoEcho: true, Default: 'hunter2' },
    SecretText: { Type: 'String', NoEcho: 'true', Default: 'hunter2' },
    FromSsm: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/a/name' },
    List: { Type: 'CommaDelimitedList', Default: 'a, b,c' },
    Subnets: { Type: 'List<AWS::EC2::Subnet::Id>', Default: 'subnet-1,subnet-2' },
  },
  Mappings: { Map: { 'eu-central-1': { Name: 'frankfurt', List: ['x', 'y'] } } },
  Conditions: {
    True: { 'Fn::Equals': [{ Ref: 'Given' }, 'given'] },
    False: { 'Fn::Equals': [{ Ref: 'Number' }, '8'] },
    Bool: { 'Fn::Equals': [{ Ref: 'Yes' }, 'true'] },
    Unknown: { 'Fn::Equals': [{ Ref: 'Missing' }, 'x'] },
    NotFalse: { 'Fn::Not': [{ Condition: 'False' }] },
    NotUnknown: { 'Fn::Not': [{ Condition: 'Unknown' }] },
    And: { 'Fn::And': [{ Condition: 'True' }, { Condition: 'NotFalse' }] },
    AndFalse: { 'Fn::And': [{ Condition: 'Unknown' }, { Condition: 'False' }] },
    AndUnknown: { 'Fn::And': [{ Condition: 'Unknown' }, { Condition: 'True' }] },
    OrTrue: { 'Fn::Or': [{ Condition: 'Unknown' }, { Condition: 'True' }] },
    OrFalse: { 'Fn::Or': [{ Condition: 'False' }, { 'Fn::Not': [{ Condition: 'True' }] }] },
    OrUnknown: { 'Fn::Or': [{ Condition: 'Unknown' }, { Condition: 'False' }] },
    Itself: { 'Fn::Not': [{ Condition: 'Itself' }] },
    Ring: { Condition: 'Ring2' },
    Ring2: { 'Fn::And': [{ Condition: 'Ring' }, { Condition: 'True' }] },
    Nonsense: 'text',
    Other: { 'Fn::Contains': [['a'], 'a'] },
  },
}

const values: [expression: unknown, value: unknown][] = [
  ['text', 'text'],
  [1, '1'],
  [true, 'true'],
  [null, unresolved],
  [{ Ref: 'Given' }, 'given'],
  [{ Ref: 'Defaulted' }, 'default'],
  [{ Ref: 'Number' }, '7'],
  [{ Ref: 'Empty' }, ''],
  [{ Ref: 'Missing' }, unresolved],
  [{ Ref: 'Secret' }, unresolved],
  [{ Ref: 'SecretText' }, unresolved],
  [{ Ref: 'FromSsm' }, unresolved],
  [{ Ref: 'SomeResource' }, unresolved],
  [{ Ref: 'constructor' }, unresolved],
  [{ Ref: '__proto__' }, unresolved],
  [{ Ref: ['Given'] }, unresolved],
  [{ Ref: 'List' }, ['a', 'b', 'c']],
  [{ Ref: 'Subnets' }, ['subnet-1', 'subnet-2']],
  [{ Ref: 'AWS::Region' }, 'eu-central-1'],
  [{ Ref: 'AWS::AccountId' }, '111122223333'],
  [{ Ref: 'AWS::Partition' }, 'aws'],
  [{ Ref: 'AWS::StackName' }, 'shop'],
  [{ Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
  [{ Ref: 'AWS::StackId' }, unresolved],
  [{ Ref: 'AWS::NoValue' }, noValue],
  [{ 'Fn::Sub': '${AWS::StackName}-${Given}' }, 'shop-given'],
  [{ 'Fn::Sub': '${!Literal}${Given}' }, '${Literal}given'],
  [{ 'Fn::Sub': 'no variable $ { } ${' }, 'no variable $ { } ${'],
  [{ 'Fn::Sub': '${Bucket.Arn}' }, unresolved],
  [{ 'Fn::Sub': ['${a}${Given}', { a: { 'Fn::Join': ['', ['x', 'y']] } }] }, 'xygiven'],
  [{ 'Fn::Sub': ['${a}', { a: { Ref: 'Missing' } }] }, unresolved],
  [{ 'Fn::Sub': ['${List}', {}] }, unresolved],
  [{ 'Fn::Sub': 5 }, unresolved],
  [{ 'Fn::Join': ['-', ['a', 1, { Ref: 'Given' }]] }, 'a-1-given'],
  [{ 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b,c'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, 'b']] }, 'a-b'],
  [{ 'Fn::Join': ['-', ['a', { 'Fn::GetAtt': ['b', 'Arn'] }]] }, unresolved],
  [{ 'Fn::Join': ['-', 'a'] }, unresolved],
  [{ 'Fn::Join': [] }, unresolved],
  [{ 'Fn::FindInMap': ['Map', { Ref: 'AWS::Region' }, 'Name'] }, 'frankfurt'],
  [{ 'Fn::FindInMap': ['Map', { Ref: 'AWS::Region' }, 'List'] }, ['x', 'y']],
  [{ 'Fn::FindInMap': ['Map', 'us-east-1', 'Name'] }, unresolved],
  [{ 'Fn::FindInMap': ['Map', 'constructor', 'name'] }, unresolved],
  [{ 'Fn::FindInMap': ['Map', 'eu-central-1'] }, unresolved],
  [{ 'Fn::If': ['True', 'a', 'b'] }, 'a'],
  [{ 'Fn::If': ['False', 'a', { Ref: 'AWS::NoValue' }] }, noValue],
  [{ 'Fn::If': ['Unknown', 'a', 'a'] }, unresolved],
  [{ 'Fn::If': ['NoSuch', 'a', 'b'] }, unresolved],
  [{ 'Fn::Select': [1, ['a', 'b']] }, 'b'],
  [{ 'Fn::Select': ['0', { Ref: 'List' }] }, 'a'],
  [{ 'Fn::Select': [0, ['a', { Ref: 'Missing' }]] }, 'a'],
  [{ 'Fn::Select': [2, ['a', 'b']] }, unresolved],
  [{ 'Fn::Select': [-1, ['a', 'b']] }, unresolved],
  [{ 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, unresolved],
  [{ 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
  [{ 'Fn::Split': [',', 'a,b'] }, ['a', 'b']],
  [{ 'Fn::Split': ['', 'ab'] }, unresolved],
  [{ 'Fn::Base64': 'ä' }, 'w6Q='],
  [{ 'Fn::ImportValue': 'x' }, unresolved],
  [{ 'Fn::GetAtt': ['a', 'b'] }, unresolved],
  [{ 'Fn::Transform': {} }, unresolved],
]

for (const [expression, value] of values) {
  void test(`evaluates ${JSON.stringify(expression)}`, () => {
    assert.deepEqual(createEvaluator(template, context).evaluate(expression), value)
  })
}

const conditions: Record<string, boolean | undefined> = {
  True: true,
  False: false,
  Bool: true,
  Unknown: undefined,
  NotFalse: true,
  NotUnknown: undefined,
  And: true,
  AndFalse: false,
  AndUnknown: undefined,
  OrTrue: true,
  OrFalse: false,
  OrUnknown: undefined,
  Itself: undefined,
  Ring: undefined,
  Nonsense: undefined,
  Other: undefined,
  NoSuch: undefined,
  constructor: undefined,
}

for (const [name, value] of Object.entries(conditions)) {
  void test(`condition ${name} is ${value}`, () => {
    assert.equal(createEvaluator(template, context).condition(name), value)
  })
}

void test('China has its own suffix', () => {
  const evaluator = createEvaluator({}, { ...context, partition: 'aws-cn' })
  assert.equal(evaluator.evaluate({ 'Fn::Sub': 'sts.${AWS::URLSuffix}' }), 'sts.amazonaws.com.cn')
})

void test('a secret parameter stays hidden when it is given, too', () => {
  const evaluator = createEvaluator(template, { ...context, parameters: { Secret: 'hunter2' } })
  assert.equal(evaluator.evaluate({ 'Fn::Sub': 'x${Secret}' }), unresolved)
})

void test('depth is bounded', () => {
  let expression: unknown = 'x'
  for (let level = 0; level < 10_000; level++) expression = { 'Fn::Join': ['', [expression]] }
  assert.equal(createEvaluator({}, context).evaluate(expression), unresolved)
})

void test('text that doubles on each level is bounded', () => {
  let expression: unknown = 'x'.repeat(100)
  for (let level = 0; level < 40; level++) expression = { 'Fn::Sub': ['${a}${a}', { a: expression }] }
  const start = performance.now()
  assert.equal(createEvaluator({}, context).evaluate(expression), unresolved)
  assert.ok(performance.now() - start < 1_000)
})

void test('conditions that double on each level are bounded', () => {
  const doubling: Record<string, unknown> = { c0: { 'Fn::Equals': ['a', 'a'] } }
  for (let level = 1; level < 60; level++) {
    doubling[`c${level}`] = { 'Fn::And': [{ Condition: `c${level - 1}` }, { Condition: `c${level - 1}` }] }
  }
  assert.equal(createEvaluator({ Conditions: doubling }, context).condition('c40'), true)
})

void test('a list joined over and over is bounded', () => {
  const commas = { Parameters: { P: { Type: 'CommaDelimitedList', Default: ','.repeat(60_000) } } }
  const evaluator = createEvaluator(commas, context)
  const start = performance.now()
  const join = { 'Fn::Join': ['', { Ref: 'P' }] }
  for (let time = 0; time < 20_000; time++) evaluator.evaluate(join)
  assert.equal(evaluator.evaluate(join), unresolved)
  assert.ok(performance.now() - start < 10_000)
})

void test('variables of Fn::Sub are found in one pass', () => {
  const start = performance.now()
  createEvaluator({}, context).evaluate({ 'Fn::Sub': '${'.repeat(32_000) })
  createEvaluator({}, context).evaluate({ 'Fn::Sub': `\${${'a'.repeat(65_000)}` })
  assert.ok(performance.now() - start < 1_000)
})
