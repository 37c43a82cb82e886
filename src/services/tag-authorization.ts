// Whoever changes a resource's tags, by whatever operation, needs the owning service's permission to tag that resource,
// besides the operation's own. This is the one place where that question is put.
import type { MayChangeTags, TagChange } from '../inventory/resources.ts'
import type { Check, Decision } from './operation.ts'

/** What is asked for one resource: once for tags set, once for tags taken away. */
export function tagChecks({ resource, set, removed }: TagChange): Check[] {
  const resourceTags = () => prefixed('aws:ResourceTag/', resource.tags)
  const checks: Check[] = []
  const setKeys = Object.keys(set)
  if (setKeys.length > 0)
    checks.push({
      action: 'corral:TagResource',
      resource: resource.arn,
      context: () => ({ ...prefixed('aws:RequestTag/', set), 'aws:TagKeys': setKeys, ...resourceTags() }),
    })
  if (removed.length > 0)
    checks.push({
      action: 'corral:UntagResource',
      resource: resource.arn,
      context: () => ({ 'aws:TagKeys': removed, ...resourceTags() }),
    })
  return checks
}

export function mayChangeTags(may: (check: Check) => Decision): MayChangeTags {
  return (change) => {
    for (const check of tagChecks(change)) {
      const decision = may(check)
      if (!decision.allowed) return decision.message
    }
    return undefined
  }
}

/** Tags as condition keys. */
export function prefixed(prefix: string, tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [prefix + key, value]))
}
