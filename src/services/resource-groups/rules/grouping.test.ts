import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type GroupingAction, groupingVerdict, tagLimitFailure, withoutApplication } from './grouping.ts'

const own = 'arn:aws:resource-groups:us-east-1:123456789012:group/shop/00000000000000000000000001'
const other = 'arn:aws:resource-groups:us-east-1:123456789012:group/shop/00000000000000000000000002'
const tags = (count: number, more: Record<string, string> = {}) => ({
  ...Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, ''])),
  ...more,
})

type State = 'live' | 'declared' | 'gone'
const cases: [string, GroupingAction, { state: State; tags: Record<string, string> } | undefined, string][] = [
  ['a plain resource enters', 'GROUP', { state: 'live', tags: {} }, 'tags'],
  ['one that has the tag', 'GROUP', { state: 'live', tags: { awsApplication: own } }, 'skipped'],
  ['one of another application', 'GROUP', { state: 'live', tags: { awsApplication: other } }, 'ConflictException'],
  ['one with the empty tag', 'GROUP', { state: 'live', tags: { awsApplication: '' } }, 'ConflictException'],
  ['one with 49 tags', 'GROUP', { state: 'live', tags: tags(49) }, 'tags'],
  ['one with 50 tags', 'GROUP', { state: 'live', tags: tags(50) }, 'LimitExceededException'],
  [
    'one with 49 tags and others of AWS',
    'GROUP',
    { state: 'live', tags: tags(49, { 'aws:a': '', 'aws:b': '' }) },
    'tags',
  ],
  ['one with 50 tags that is in', 'GROUP', { state: 'live', tags: tags(49, { awsApplication: own }) }, 'skipped'],
  ['none', 'GROUP', undefined, 'ResourceNotFoundException'],
  ['a declared one', 'GROUP', { state: 'declared', tags: {} }, 'ResourceNotFoundException'],
  ['a gone one', 'GROUP', { state: 'gone', tags: {} }, 'ResourceNotFoundException'],
  ['a member leaves', 'UNGROUP', { state: 'live', tags: { awsApplication: own } }, 'tags'],
  ['a member with 60 tags leaves', 'UNGROUP', { state: 'live', tags: tags(60, { awsApplication: own }) }, 'tags'],
  ['one that is no member', 'UNGROUP', { state: 'live', tags: {} }, 'skipped'],
  ['one of another application', 'UNGROUP', { state: 'live', tags: { awsApplication: other } }, 'skipped'],
  ['none', 'UNGROUP', undefined, 'ResourceNotFoundException'],
  ['a gone one', 'UNGROUP', { state: 'gone', tags: { awsApplication: own } }, 'ResourceNotFoundException'],
]
for (const [name, action, resource, expected] of cases)
  test(`${action}: ${name}`, () => {
    const verdict = groupingVerdict(action, resource, own)
    const found = 'tags' in verdict ? 'tags' : 'failure' in verdict ? verdict.failure.code : 'skipped'
    assert.equal(found, expected)
    if (!('tags' in verdict)) return
    assert.equal(verdict.tags['awsApplication'], action === 'GROUP' ? own : undefined)
    assert.deepEqual(withoutApplication(verdict.tags), withoutApplication(resource?.tags ?? {}))
  })

test('the tag limit minds user tags only, and names itself', () => {
  assert.equal(tagLimitFailure(tags(49, { 'AWS:x': '', 'aws:y': '' })), undefined)
  assert.match(tagLimitFailure(tags(51))?.message ?? '', /50 tags/)
})
