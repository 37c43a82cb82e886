import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matches } from '../../inventory/expression.ts'
import { type Entry, liveEntry, termKinds } from '../../inventory/terms.ts'
import { resourceFilter } from './resource-filter.ts'

const { tag, tagged, filter } = termKinds
const entries: Entry[] = [
  liveEntry,
  { kind: tagged, key: '' },
  { kind: filter, key: 'ec2' },
  { kind: filter, key: 'ec2:instance' },
  { kind: tag, key: 'team', value: 'core' },
  { kind: tag, key: 'stage', value: '' },
]
type TagFilters = Parameters<typeof resourceFilter>[0]

function finds(tagFilters: TagFilters, typeFilters: string[], of = entries): boolean {
  const answer = resourceFilter(tagFilters, typeFilters)
  assert.ok('expression' in answer, 'problem' in answer ? answer.problem : '')
  return matches(answer.expression, of)
}

test('what a resource is found by', () => {
  const cases: [TagFilters, string[], boolean][] = [
    [[], [], true],
    [[{ Key: 'team' }], ['ec2'], true],
    [
      [
        { Key: 'team', Values: ['web', 'core'] },
        { Key: 'stage', Values: [''] },
      ],
      ['sns', 'ec2:instance'],
      true,
    ],
    [[{ Key: 'team', Values: ['web'] }], ['ec2'], false],
    [[{ Key: 'team' }], ['sns'], false],
    [[{ Key: 'team' }, { Key: 'owner' }], [], false],
    [[{ Key: 'stage', Values: ['x'] }], [], false],
    [[], ['ec2:inst'], false],
  ]
  for (const [tags, types, expected] of cases) assert.equal(finds(tags, types), expected, JSON.stringify([tags, types]))
  assert.equal(finds([], [], [liveEntry, { kind: filter, key: 'ec2' }]), false, 'never tagged')
  assert.equal(finds([], ['ec2'], [liveEntry, { kind: filter, key: 'ec2' }]), false, 'never tagged, of the type')
})

test('what is no filter', () => {
  const cases: [TagFilters, string[]][] = [
    [[{}], []],
    [[{ Values: ['x'] }], []],
    [[{ Key: 'a' }, { Key: 'b' }, { Key: 'a', Values: ['x'] }], []],
    [[], ['']],
    [[], ['AWS::EC2::Instance']],
    [[], ['ec2:']],
    [[], ['ec2', 'ec2: instance']],
    [[], ['ec2:\u00e9']],
    [[], [`ec2:${'x'.repeat(193)}`]],
    [[], Array(101).fill('ec2') as string[]],
  ]
  for (const [tags, types] of cases) assert.ok('problem' in resourceFilter(tags, types), JSON.stringify([tags, types]))
})
