import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { buildCatalogue, formatCatalogue } from '../../scripts/catalogue/build.ts'
import { readHandData, readIamResourceTypes, readSpec } from '../../scripts/catalogue/sources.ts'
import { resourceType } from '../../src/catalogue/catalogue.ts'

const spec = readSpec()
const iam = readIamResourceTypes()
const hand = readHandData()
const build = (changes: Partial<typeof hand> = {}) => buildCatalogue(spec, iam, { ...hand, ...changes })

void test('catalogue.json is what scripts/build-catalogue.ts makes of its sources today', () => {
  const committed = readFileSync(new URL('../../src/catalogue/catalogue.json', import.meta.url), 'utf8')
  assert.ok(formatCatalogue(build()) === committed, 'run scripts/build-catalogue.ts and read the diff')
})

void test('two types of one ARN shape are refused until it is said which of them such an ARN is', () => {
  const preferred = hand.preferred.filter((name) => name !== 'AWS::RDS::DBCluster')
  assert.throws(() => build({ preferred }), /rds:\$\{\}:\$\{\}:cluster:\$\{\}: .*AWS::RDS::DBCluster/)
  const both = [...hand.preferred, 'AWS::DocDB::DBCluster']
  assert.throws(() => build({ preferred: both }), /exactly one type/)
})

void test('hand-kept names that fit no row are refused', () => {
  assert.throws(() => build({ preferred: [...hand.preferred, 'AWS::No::Type'] }), /AWS::No::Type/)
  assert.throws(() => build({ synonyms: { 'AWS::A::B': 'AWS::No::Type' } }), /AWS::No::Type/)
  const terraform = { ...hand.terraform, types: { aws_x: 'AWS::No::Type' } }
  assert.throws(() => build({ terraform }), /AWS::No::Type/)
})

void test('no Terraform type is both a resource and none', () => {
  const resources = new Set(Object.keys(hand.terraform.types))
  assert.deepEqual(
    hand.terraform.notTaggable.filter((name) => resources.has(name)),
    [],
  )
})

const list = new URL('../../../shared/models/resource-types-2026.txt', import.meta.url)
const skip = existsSync(list) ? false : "AWS's list of supported types is not here"

void test("nearly all types of AWS's list of 2026 have an ARN template and a service:type", { skip }, (t) => {
  const names = readFileSync(list, 'utf8').trim().split('\n')
  const missing = names.filter((name) => {
    const type = resourceType(name)
    return !type?.arnTemplates[0] || type.serviceType === ''
  })
  t.diagnostic(`${names.length - missing.length} of ${names.length} types; missing: ${missing.join(' ')}`)
  assert.ok(missing.length / names.length <= 0.01, missing.join(' '))
})
