// Every real input file beside the checkout, where it is there: nothing is lost without a word. The counts are those of
// the data's own description, which were made by another program.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { ImportItem } from '../../src/cli/import/item.ts'
import { count, readFile } from './read-file.ts'

const data = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data')
const skip = existsSync(data) ? false : 'shared data is not there'

function filesOf(folder: string): string[] {
  const entries = skip ? [] : readdirSync(path.join(data, folder), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
}

/** Rows that the file's description counts: instances, resources, objects. Tags and planned resources are none. */
function rows(items: readonly ImportItem[]): number {
  return items.filter((item) => !item.where.includes(', tag ') && !('reason' in item && /planned/.test(item.reason)))
    .length
}

const refusedFolders = [
  'aws-exports/appregistry',
  'aws-exports/config',
  'aws-exports/describe',
  'aws-exports/malformed',
  'aws-exports/organizations',
  'aws-exports/resource-explorer',
  'aws-exports/resource-groups',
  'aws-exports/tag-shapes',
  'events/eventbridge',
  'events/cloudtrail',
  'iam-policies',
]

const readFolders: Record<string, string[]> = {
  'terraform-state': ['terraform-state', 'terraform-show'],
  'cloudformation/templates': ['cloudformation-template'],
  'aws-exports/tagging-get-resources': ['get-resources'],
  'aws-exports/csv': ['csv'],
  kubernetes: ['kubernetes'],
}

for (const folder of refusedFolders) {
  void test(`${folder}: each file is refused with a reason`, { skip }, async () => {
    for (const file of filesOf(folder)) {
      const { format, items } = await readFile(file)
      assert.equal(format, undefined, file)
      assert.equal(items.length, 1, file)
      assert.ok(items[0]?.kind === 'rejected' && items[0].where === '' && items[0].reason.length > 10, file)
    }
  })
}

for (const [folder, formats] of Object.entries(readFolders)) {
  void test(`${folder}: each file is read`, { skip }, async () => {
    for (const file of filesOf(folder)) {
      const { format, items } = await readFile(file)
      assert.ok(formats.includes(format ?? ''), `${file}: ${format}`)
      assert.ok(items.length > 0, file)
      assert.ok(
        items.every((item) => item.where !== ''),
        file,
      )
    }
  })
}

void test('stack outputs: read, or refused by name', { skip }, async () => {
  const refused: string[] = []
  for (const file of filesOf('cloudformation/stack-outputs')) {
    const { format } = await readFile(file)
    if (format === undefined) refused.push(path.basename(file))
  }
  assert.deepEqual(refused.sort(), ['describe-generated-template.json', 'list-stack-instances.json'])
})

const instances: Record<string, number> = {
  'azure-5.tfstate.json': 5,
  'data-quality-gate-75.tfstate.json': 75,
  'digitalocean-cloudflare-20.tfstate.json': 20,
  'ecschedule-4.tfstate.json': 4,
  'handit-5-errored.tfstate.json': 5,
  'inframap-v3-12.tfstate.json': 12,
  'npd-us-gov-29.tfstate.json': 29,
  'planet-snowcover-12.tfstate.json': 12,
  'tech-challenge-eks-77.tfstate.json': 77,
  'terraboard-3.tfstate.json': 3,
  'terraform-tui-206-non-aws.tfstate.json': 206,
  'tfstate-lookup-17.tfstate.json': 17,
  'tofu-show-state-28.json': 28,
  'vwanu-dev-33-deposed.tfstate.json': 33,
}

for (const [file, expected] of Object.entries(instances)) {
  void test(`${file}: every instance is accounted for`, { skip }, async () => {
    const { items } = await readFile(path.join(data, 'terraform-state', file))
    assert.equal(rows(items), expected)
  })
}

const exact: Record<string, Record<string, number>> = {
  'terraform-state/data-quality-gate-75.tfstate.json': { tagged: 39, tags: 39, 'skipped: data source': 14 },
  'terraform-state/tech-challenge-eks-77.tfstate.json': { tagged: 33, tags: 47, 'skipped: not an AWS provider': 2 },
  'terraform-state/vwanu-dev-33-deposed.tfstate.json': { resource: 24, tagged: 24, tags: 97 },
  'terraform-state/npd-us-gov-29.tfstate.json': { tagged: 1, tags: 1, 'skipped: data source': 8 },
  'terraform-state/plan-with-prior-state-24.json': {
    resource: 12,
    tagged: 9,
    tags: 110,
    'skipped: data source': 95,
    'skipped: planned, does not exist yet': 2,
  },
  'terraform-state/tofu-show-state-28.json': { tagged: 10, tags: 39, 'skipped: data source': 6 },
  'aws-exports/tagging-get-resources/bedrock_model_invocation_job_mark_for_op_v2.json': {
    resource: 45,
    tagged: 45,
    tags: 128,
  },
  'aws-exports/tagging-get-resources/rds_snapshot_region_copy_many.json': { resource: 9, tagged: 8, tags: 10 },
  'aws-exports/csv/focus-sample-1000.csv': {
    resource: 472,
    tagged: 261,
    tags: 783,
    'skipped: resource id that is no ARN': 453,
    'skipped: row without a resource': 75,
  },
  'cloudformation/templates/gitlab-server.json': { resource: 30, tagged: 18, tags: 19 },
  'cloudformation/templates/gitlab-server.yaml': { resource: 30, tagged: 18, tags: 19 },
  'cloudformation/templates/eks-template.json': { resource: 36, tagged: 16, tags: 20 },
  'cloudformation/templates/sc-vpc-ra.json': { resource: 36, 'skipped: under a false condition': 2 },
  'cloudformation/templates/sam-output-aws-cn-conditions.json': { 'skipped: under a false condition': 35 },
  'kubernetes/podlist-cloudability.json': { resource: 6, tagged: 6, tags: 17 },
  'kubernetes/bookinfo.yaml': { resource: 14, tagged: 14, tags: 24 },
}

for (const [file, expected] of Object.entries(exact)) {
  void test(`${file}: counts of another program`, { skip }, async () => {
    const counts = count((await readFile(path.join(data, file))).items)
    const same = Object.fromEntries(Object.keys(expected).map((name) => [name, counts[name]]))
    assert.deepEqual(same, expected)
  })
}
