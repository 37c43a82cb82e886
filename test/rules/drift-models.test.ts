// Holds every limit to AWS's service models, where they are at hand (they are no part of this repository): lengths,
// ranges, patterns, enumerations, required members, declared errors. What differs on purpose stands here, with the
// reason.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { Shape } from '../../src/model/shape.ts'
import { services } from '../../src/services/services.ts'

const folder = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'models')
const models: Record<string, string> = {
  config: 'config.json',
  'resource-groups': 'resource-groups.json',
  sts: 'sts.json',
  tagging: 'resourcegroupstaggingapi.json',
}

interface ModelShape {
  type: string
  min?: number
  max?: number
  pattern?: string
  enum?: string[]
  required?: string[]
  member?: { shape: string }
  key?: { shape: string }
  value?: { shape: string }
  members?: Record<string, { shape: string }>
}
interface Model {
  operations: Record<string, { input?: { shape: string }; output?: { shape: string }; errors?: { shape: string }[] }>
  shapes: Record<string, ModelShape>
}

/** Model shapes whose limits are wider here than on AWS. */
const wider: Record<string, string> = {
  ResourceFilterValue: 'types of any maker can be filtered by, not only those of AWS',
  GroupFilterValue: 'the same',
  ResourceType: 'answers name types of any maker',
}

/** Faults that the model lacks. */
const recorded: Record<string, readonly string[]> = {
  // Live tests against AWS have met it, and a group that is not there could not be told otherwise.
  ListGroupingStatuses: ['NotFoundException'],
}

function compare(
  ours: Shape,
  model: Model,
  name: string,
  where: string,
  differences: string[],
  isInput: boolean,
): void {
  const theirs = model.shapes[name]
  if (!theirs) return void differences.push(`${where}: the model has no ${name}`)
  if (name in wider) return
  const limits = (shape: { min?: number; max?: number; pattern?: string; enum?: readonly string[] }) => ({
    min: shape.min,
    max: shape.max,
    pattern: shape.pattern,
    enum: shape.enum && [...shape.enum].sort(),
  })
  if (isInput) {
    const [mine, its] = [limits(ours as Parameters<typeof limits>[0]), limits(theirs)].map((value) =>
      JSON.stringify(value),
    )
    if (mine !== its) differences.push(`${where} (${name}): ${mine} here, ${its} in the model`)
  }
  if (ours.kind === 'structure') {
    const members = theirs.members ?? {}
    for (const [member, { shape }] of Object.entries(members)) {
      const own = ours.members[member]
      if (!own) differences.push(`${where}.${member} is missing`)
      else compare(own.shape, model, shape, `${where}.${member}`, differences, isInput)
      if (own && isInput && own.required !== (theirs.required?.includes(member) ?? false))
        differences.push(`${where}.${member}: required here ${own.required}`)
    }
    return
  }
  if (ours.kind === 'list' && theirs.member)
    compare(ours.member, model, theirs.member.shape, `${where}[]`, differences, isInput)
  if (ours.kind === 'map' && theirs.key && theirs.value) {
    compare(ours.key, model, theirs.key.shape, `${where}{key}`, differences, isInput)
    compare(ours.value, model, theirs.value.shape, `${where}{value}`, differences, isInput)
  }
}

for (const service of services) {
  const file = models[service.name]
  if (!file) continue
  const full = path.join(folder, file)
  const skip = existsSync(full) ? false : `AWS's model ${file} is not at hand`
  test(`${service.name} keeps the limits of its model`, { skip }, () => {
    const model = JSON.parse(readFileSync(full, 'utf8')) as Model
    const differences: string[] = []
    for (const operation of service.operations) {
      const theirs = model.operations[operation.name]
      assert.ok(theirs, `the model has no ${operation.name}`)
      if (theirs.input) compare(operation.input, model, theirs.input.shape, operation.name, differences, true)
      if (theirs.output && operation.output)
        compare(operation.output, model, theirs.output.shape, `${operation.name}→`, differences, false)
      const declared = operation.faults.map(({ name }) => name).sort()
      const modelled = (theirs.errors ?? []).map(({ shape }) => shape)
      const errors = [...modelled, ...(recorded[operation.name] ?? [])].sort()
      if (JSON.stringify(declared) !== JSON.stringify(errors))
        differences.push(`${operation.name}: declares ${declared.join(', ')}; the model has ${errors.join(', ')}`)
    }
    assert.deepEqual(differences, [])
  })
}
