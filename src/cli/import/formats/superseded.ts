// Decides between several rows for one ARN in one file: the last wins, and the others are told as skipped. A row that
// says nothing of tags never takes them from one that does. Formats that hold the whole file use it; those that
// stream cannot remember a million ARNs, so with them the last row wins where the items are applied.
import type { ImportItem } from '../item.ts'

export function keepLastRows(items: readonly ImportItem[]): ImportItem[] {
  const kept = [...items]
  const indexOf = new Map<string, number>()
  for (const [index, item] of items.entries()) {
    if (item.kind !== 'resource' || item.resource.arn === undefined) continue
    const earlierIndex = indexOf.get(item.resource.arn)
    const earlier = earlierIndex === undefined ? undefined : kept[earlierIndex]
    if (earlierIndex !== undefined && earlier?.kind === 'resource') {
      if (item.resource.tags === undefined && earlier.resource.tags !== undefined) {
        kept[index] = { kind: 'skipped', where: item.where, reason: 'an earlier row states its tags' }
        continue
      }
      kept[earlierIndex] = { kind: 'skipped', where: earlier.where, reason: 'superseded by a later row' }
    }
    indexOf.set(item.resource.arn, index)
  }
  return kept
}
