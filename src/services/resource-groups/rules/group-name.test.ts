import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  applicationGroupArn,
  groupArn,
  groupId,
  groupNameProblem,
  parseGroupReference,
  parseTagSyncTaskArn,
  tagSyncTaskArn,
} from './group-name.ts'

const place = { partition: 'aws', region: 'us-east-1', account: '123456789012' }
const id = '0aqmvxvgmry0ecc4mjhwypun6i'
const taskId = '09jkwua5ngpek2ihuqzj00poeq'

const nameCharacters = 'abzABZ019_.-'
const anyName = (maxLength: number) =>
  fc.string({ minLength: 1, maxLength, unit: fc.constantFrom(...nameCharacters.split('')), size: 'max' })
const anyId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(groupId)
const anyPlace = fc.record(
  {
    partition: fc.constantFrom('aws', 'aws-us-gov', 'aws-cn', 'aws-corral'),
    region: fc.constantFrom('us-east-1', 'ap-southeast-2', 'us-gov-west-1', 'cn-north-1'),
    account: fc.stringMatching(/^\d{12}$/),
  },
  { noNullPrototype: true },
)

void test('names for new groups', () => {
  for (const name of ['a', 'my-group_1.x', '-', '.', '1', 'a'.repeat(300), 'xAWS', 'my-aws', 'aw', 'AW-S']) {
    assert.equal(groupNameProblem(name, 'group'), undefined, name)
  }
  for (const name of ['aws', 'AWS', 'Aws', 'aWs-group', 'AWS_AppRegistry_Application-x', 'awsome']) {
    assert.equal(groupNameProblem(name, 'group'), "Group name must not start with 'AWS'", name)
    assert.equal(groupNameProblem(name, 'application'), "Group name must not start with 'AWS'", name)
  }
  for (const name of ['', ' ', 'a b', 'a/b', 'é', 'a\n', 'a:b', '\u0000', 'ａws']) {
    assert.equal(
      groupNameProblem(name, 'group'),
      `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: ` +
        'Member must satisfy regular expression pattern: [a-zA-Z0-9_\\.-]+',
    )
  }
  assert.match(groupNameProblem('a'.repeat(301), 'group') ?? '', /less than or equal to 300$/)
  assert.equal(groupNameProblem('a'.repeat(150), 'application'), undefined)
  assert.match(groupNameProblem('a'.repeat(151), 'application') ?? '', /less than or equal to 150$/)
  assert.ok((groupNameProblem('a'.repeat(1e6), 'group') ?? '').length < 1024)
})

void test('ids are 26 characters, differ where the random bytes do, and take 16 bytes only', () => {
  assert.equal(groupId(new Uint8Array(16)), '0'.repeat(26))
  assert.equal(groupId(new Uint8Array(16).fill(255)), '0f5lxx1zz5pnorynqglhzmsp33')
  fc.assert(fc.property(anyId, (text) => /^0[0-9a-f][0-9a-z]{24}$/.test(text)))
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
  fc.assert(
    fc.property(bytes, fc.nat(15), fc.integer({ min: 1, max: 255 }), (random, index, change) => {
      const other = random.map((byte, at) => (at === index ? byte ^ change : byte))
      assert.notEqual(groupId(random), groupId(other))
    }),
  )
  for (const length of [0, 15, 17]) assert.throws(() => groupId(new Uint8Array(length)), RangeError)
})

void test('references by name and by ARN', () => {
  const arn = 'arn:aws:resource-groups:us-east-1:123456789012:group/web'
  assert.deepEqual(parseGroupReference('web'), { name: 'web' })
  assert.deepEqual(parseGroupReference(`web/${id}`), { name: 'web', applicationId: id })
  assert.deepEqual(parseGroupReference(arn), { name: 'web', place })
  assert.deepEqual(parseGroupReference(`${arn}/${id}`), { name: 'web', applicationId: id, place })
  assert.deepEqual(parseGroupReference('AWS_CloudFormation_Stack-web'), { name: 'AWS_CloudFormation_Stack-web' })
})

void test('every ARN made is read back', () => {
  fc.assert(
    fc.property(anyPlace, anyName(300), (where, name) => {
      assert.deepEqual(parseGroupReference(groupArn(where, name)), { name, place: where })
    }),
  )
  fc.assert(
    fc.property(anyPlace, anyName(150), anyId, anyId, (where, name, applicationId, task) => {
      const reference = { name, applicationId, place: where }
      assert.deepEqual(parseGroupReference(applicationGroupArn(where, name, applicationId)), reference)
      const taskReference = { ...reference, taskId: task }
      assert.deepEqual(parseTagSyncTaskArn(tagSyncTaskArn(taskReference)), taskReference)
    }),
  )
})

void test('what is no reference', () => {
  const arn = groupArn(place, 'web')
  const bad = [
    '',
    ' web',
    'web\n',
    'a'.repeat(301),
    'web/',
    '/web',
    `web/${id}x`,
    `web/${id.slice(1)}`,
    `web/${id.toUpperCase()}`,
    `${'a'.repeat(151)}/${id}`,
    `web/${id}/${id}`,
    'group/web',
    `${arn}\n`,
    `x${arn}`,
    arn.replace('group/', 'group/group/'),
    arn.replace('resource-groups', 'servicecatalog'),
    arn.replace('arn:aws:', 'arn:azure:'),
    arn.replace('arn:aws:', 'arn:aws-:'),
    arn.replace('us-east-1', ''),
    arn.replace('us-east-1', 'us-east-11'),
    arn.replace('us-east-1', 'US-EAST-1'),
    arn.replace('123456789012', ''),
    arn.replace('123456789012', '12345678901'),
    groupArn(place, ''),
    groupArn(place, 'a'.repeat(301)),
    tagSyncTaskArn({ place, name: 'web', applicationId: id, taskId }),
  ]
  for (const text of bad) assert.equal(parseGroupReference(text), undefined, text)
})

void test('what is no tag-sync task', () => {
  const arn = tagSyncTaskArn({ place, name: 'web', applicationId: id, taskId })
  assert.notEqual(parseTagSyncTaskArn(arn), undefined)
  const bad = [
    '',
    taskId,
    `${arn}/`,
    `${arn}x`,
    `${arn}\n`,
    arn.slice(0, -1),
    arn.replace(`/${id}`, ''),
    arn.replace('tag-sync-task', 'Tag-Sync-Task'),
    arn.replace('web', 'a'.repeat(151)),
    arn.replace('web', 'a/b'),
    groupArn(place, 'web'),
    applicationGroupArn(place, 'web', id),
  ]
  for (const text of bad) assert.equal(parseTagSyncTaskArn(text), undefined, text)
})

void test('hostile references are refused at once', () => {
  const start = performance.now()
  for (const text of ['a'.repeat(1e7), `arn:aws${'-a'.repeat(790)}`, `arn:aws:resource-groups:us${'-a'.repeat(780)}`]) {
    assert.equal(parseGroupReference(text), undefined)
    assert.equal(parseTagSyncTaskArn(text), undefined)
  }
  assert.ok(performance.now() - start < 500)
})
