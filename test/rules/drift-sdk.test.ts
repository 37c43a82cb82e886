// Holds every operation to AWS's own SDK: route, members of input and output all the way down, and which are required.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as configClient from '@aws-sdk/client-config-service'
import * as resourceGroupsClient from '@aws-sdk/client-resource-groups'
import * as taggingClient from '@aws-sdk/client-resource-groups-tagging-api'
import * as stsClient from '@aws-sdk/client-sts'
import type { Shape } from '../../src/model/shape.ts'
import { services } from '../../src/services/services.ts'

const clients: Record<string, Record<string, unknown>> = {
  config: configClient,
  'resource-groups': resourceGroupsClient,
  sts: stsClient,
  tagging: taggingClient,
}

/** The SDK's schemas are tuples; kinds 3 and -3 are structures, 1 lists, 2 maps, 9 operations. */
type Schema = number | 'unit' | readonly unknown[]

const resolve = (given: unknown): Schema => {
  const schema = typeof given === 'function' ? (given as () => unknown)() : given
  // A member with traits of its own is a pair of schema and traits.
  if (Array.isArray(schema) && schema.length === 2 && typeof schema[0] !== 'string' && !isKind(schema))
    return resolve(schema[0])
  return schema as Schema
}
const isKind = (schema: readonly unknown[]) => typeof schema[1] === 'string'

/** What a shape looks like from outside: members, nested; `*` marks what is required. */
function outlineOfSdk(given: unknown, markRequired: boolean, seen: readonly string[] = []): unknown {
  const schema = resolve(given)
  if (schema === 'unit') return {}
  if (typeof schema === 'number') return schema >= 128 ? { each: 'scalar' } : schema >= 64 ? ['scalar'] : 'scalar'
  const [kind, , name] = schema as [number, string, string]
  if (kind === 3) {
    if (seen.includes(name)) return 'recursive'
    const [, , , , members, types, required = 0] = schema as [3, string, string, unknown, string[], unknown[], number?]
    return Object.fromEntries(
      members
        .map((member, index) => [
          markRequired && index < required ? `${member}*` : member,
          outlineOfSdk(types[index], markRequired, [...seen, name]),
        ])
        .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
    )
  }
  if (kind === 1) return [outlineOfSdk(schema[4], markRequired, seen)]
  if (kind === 2) return { each: outlineOfSdk(schema[5], markRequired, seen) }
  return 'scalar'
}

function outline(shape: Shape | undefined, markRequired: boolean): unknown {
  if (!shape) return {}
  if (shape.kind === 'structure')
    return Object.fromEntries(
      Object.entries(shape.members)
        .map(([name, member]) => [
          markRequired && member.required ? `${name}*` : name,
          outline(member.shape, markRequired),
        ])
        .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
    )
  if (shape.kind === 'list') return [outline(shape.member, markRequired)]
  if (shape.kind === 'map') return { each: outline(shape.value, markRequired) }
  return 'scalar'
}

let compared = 0
for (const service of services) {
  const client = clients[service.name]
  if (!client) continue
  for (const operation of service.operations) {
    test(`${service.name}:${operation.name}`, () => {
      const schema = client[`${operation.name}$`] as [9, string, string, unknown, unknown, unknown] | undefined
      assert.ok(schema, 'AWS has no such operation')
      if (operation.http) {
        const { method, uri, code } = operation.http
        assert.deepEqual((schema[3] as { http: unknown }).http, [method, uri, code])
      }
      assert.deepEqual(outline(operation.input, true), outlineOfSdk(schema[4], true))
      assert.deepEqual(outline(operation.output, false), outlineOfSdk(schema[5], false))
      compared++
    })
  }
}

test('operations were compared', () => assert.ok(compared >= 30, `only ${compared}`))
