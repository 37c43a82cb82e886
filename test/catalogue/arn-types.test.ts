import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { resourceType, terraformType, typeFilters, typeOfArn } from '../../src/catalogue/catalogue.ts'
import { parseArn } from '../../src/model/arn.ts'

const vectors = JSON.parse(readFileSync(new URL('../vectors/arn-types.json', import.meta.url), 'utf8')) as {
  arn: string
  type: string
  filters: string[]
}[]

void test('ARNs of every common shape show their type and answer to the filters of the tagging API', () => {
  assert.ok(vectors.length >= 80)
  for (const { arn, type, filters } of vectors) {
    const parsed = parseArn(arn)
    assert.ok(parsed, arn)
    assert.deepEqual({ arn, type: typeOfArn(parsed), filters: typeFilters(parsed) }, { arn, type, filters })
  }
})

const data = new URL('../../../shared/data/', import.meta.url)
const skip = existsSync(data) ? false : 'the recorded data is not here'
const recorded = (folder: string) =>
  readdirSync(new URL(folder, data)).map((file): unknown =>
    JSON.parse(readFileSync(new URL(`${folder}/${file}`, data), 'utf8')),
  )

function walk(value: unknown, visit: (key: string, value: unknown, parent: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit)
  else if (value !== null && typeof value === 'object') {
    for (const [key, member] of Object.entries(value)) {
      visit(key, member, value as Record<string, unknown>)
      walk(member, visit)
    }
  }
}

// Principals and patterns of policies, which stand in the same files; none is a resource that can be tagged.
const noResource = [/:sts::\d+:assumed-role\//, /:iam::\d+:root$/, /\*/, /scalingPolicy:/, /task-definition\/ndh-task$/]

void test('each ARN in recorded Terraform states and GetResources answers is of a known type', { skip }, () => {
  let seen = 0
  for (const file of [...recorded('terraform-state'), ...recorded('aws-exports/tagging-get-resources')]) {
    walk(file, (_key, value) => {
      if (typeof value !== 'string' || noResource.some((pattern) => pattern.test(value))) return
      const arn = parseArn(value)
      if (!arn) return
      seen++
      assert.ok(resourceType(typeOfArn(arn)), value)
    })
  }
  assert.ok(seen > 300, `${seen}`)
})

void test('each managed aws_* type in recorded Terraform states is known as a resource or as none', { skip }, () => {
  const types = new Set<string>()
  for (const file of recorded('terraform-state')) {
    walk(file, (key, value, parent) => {
      if (key === 'type' && typeof value === 'string' && value.startsWith('aws_') && parent['mode'] !== 'data')
        types.add(value)
    })
  }
  assert.ok(types.size > 60, `${types.size}`)
  const unknown = [...types].filter((type) => terraformType(type).kind === 'unknown')
  assert.deepEqual(unknown, [])
})

void test('a row of a recorded Terraform state has the type that its ARN shows', { skip }, () => {
  let seen = 0
  for (const file of recorded('terraform-state')) {
    walk(file, (key, value, parent) => {
      if (key !== 'instances' || !Array.isArray(value) || typeof parent['type'] !== 'string') return
      const known = terraformType(parent['type'])
      if (known.kind !== 'resource') return
      for (const instance of value as { attributes?: { arn?: string } }[]) {
        const text = instance.attributes?.arn ?? ''
        const arn = parseArn(text)
        if (!arn) continue
        seen++
        assert.equal(typeOfArn(arn), known.type, text)
      }
    })
  }
  assert.ok(seen > 60, `${seen}`)
})
