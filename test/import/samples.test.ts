// Real files of other projects (test/data/SOURCES.md), each with the counts that a reading by hand gives.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { count, readFile } from './read-file.ts'

const folder = path.join(import.meta.dirname, '..', 'data', 'import')

const samples: Record<string, { format: string; counts: Record<string, number> }> = {
  'aws-cli-get-resources.json': { format: 'get-resources', counts: { resource: 1, tagged: 1, tags: 1 } },
  'cfn-lint-no-value.yaml': {
    format: 'cloudformation-template',
    counts: {
      resource: 3,
      tagged: 3,
      tags: 3,
      'skipped: unresolved tag': 3,
      'skipped: unresolved condition': 1,
      'skipped: not a taggable resource': 1,
    },
  },
  'describe-stack-resources.json': { format: 'stack-outputs', counts: { resource: 3 } },
  'describe-stacks-placebo-tags.json': { format: 'stack-outputs', counts: { stack: 1 } },
  'handit-5-errored.tfstate.json': {
    format: 'terraform-state',
    counts: { resource: 2, tagged: 2, tags: 10, 'skipped: data source': 1, 'skipped: not a taggable resource': 2 },
  },
  'inframap-v3-12.tfstate.json': {
    format: 'terraform-state',
    counts: { resource: 11, 'rejected: no ARN, and none can be built': 1 },
  },
  'kubectl-rc-service-list.yaml': { format: 'kubernetes', counts: { resource: 2, tagged: 2, tags: 2 } },
  'lambda_has_specific_managed_policy.json': { format: 'get-resources', counts: { resource: 2, tagged: 2, tags: 7 } },
  'nodelist-honeycomb.json': { format: 'kubernetes', counts: { resource: 2, tagged: 2, tags: 16 } },
  'planet-snowcover-12.tfstate.json': {
    format: 'terraform-state',
    counts: {
      resource: 8,
      tagged: 6,
      tags: 6,
      'skipped: not a taggable resource': 3,
      'skipped: neither an ARN nor tags': 1,
    },
  },
  'rg-eijikominami-cloudops.yaml': {
    format: 'cloudformation-template',
    counts: { resource: 7, tagged: 7, tags: 14, 'skipped: under a false condition': 1 },
  },
  'services.jsonl': { format: 'kubernetes', counts: { 'rejected: kind unknown': 2 } },
}

for (const [file, expected] of Object.entries(samples)) {
  void test(`${file} gives what it holds`, async () => {
    const { format, items } = await readFile(path.join(folder, file))
    assert.deepEqual({ format, counts: count(items) }, expected)
  })
}

void test('a gateway without an ARN gets that of its neighbours', async () => {
  const { items } = await readFile(path.join(folder, 'planet-snowcover-12.tfstate.json'))
  const arns = items.flatMap((item) => (item.kind === 'resource' ? [item.resource.arn] : []))
  assert.ok(arns.includes('arn:aws:ec2:us-west-2:675906086666:internet-gateway/igw-08c371158c1ab93f8'))
  assert.ok(arns.includes('arn:aws:ec2:us-west-2:675906086666:route-table/rtb-0bd54347537b8c3b5'))
})

void test('a template taken as deployed gives ARNs', async () => {
  const { items } = await readFile(path.join(folder, 'cfn-lint-no-value.yaml'), { assumeDeployed: true })
  for (const item of items) {
    if (item.kind !== 'resource') continue
    assert.equal(item.resource.declared, undefined)
    assert.match(item.resource.arn ?? '', /^arn:aws:rds:us-east-1:123456789012:/)
  }
  assert.ok(items.some((item) => item.kind === 'resource'))
})
