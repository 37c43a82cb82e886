// Three-way merge of tags: what a source said last, what it says now, and what the resource has. Only the difference
// between the first two is applied, so that importing the same again undoes nothing that came from elsewhere. Pure.
import type { Tags } from '../../../inventory/resources.ts'

export interface TagMerge {
  live: Tags
  /** What the source said of tags last; undefined if it never did. */
  last: Tags | undefined
  now: Tags
  /** What other sources say. */
  others: readonly Tags[]
  /** The source says what is to be; what is known to be goes before it the first time. */
  declared: boolean
}

/** A key that the source says no more is taken away only if it still has the value that this source gave it. */
export function mergeTags({ live, last, now, others, declared }: TagMerge): Tags {
  const merged = copyOf(live)
  for (const key of Object.keys(now)) {
    const isNews = last === undefined || own(last, key) !== now[key]
    const givesWay = declared && last === undefined && own(live, key) !== undefined
    if (isNews && !givesWay) merged[key] = now[key] as string
  }
  for (const key of Object.keys(last ?? {})) {
    if (own(now, key) !== undefined || own(live, key) !== own(last ?? {}, key)) continue
    const other = others.find((tags) => own(tags, key) !== undefined)
    if (other) merged[key] = other[key] as string
    else delete merged[key]
  }
  return merged
}

/** What of the second is missing in the first is added. */
export function addMissingTags(tags: Tags, more: Tags): Tags {
  return Object.assign(copyOf(more), tags)
}

/** Without a prototype, so that `__proto__` is a key like any other. */
const copyOf = (tags: Tags): Record<string, string> =>
  Object.assign(Object.create(null), tags) as Record<string, string>

export const own = <Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

export function sameRecord(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => own(other, key) === one[key])
}
