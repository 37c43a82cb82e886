// Reads tags in the shapes that exports give: a list of pairs (`Key`/`Value`, `key`/`value`) or a map. Says what a tag
// may hold at all; how long it may be and how many there may be is for the server to say.
import { isObject, property } from './json-value.ts'

export type Tags = Record<string, string>
export type TagsOrReason = { tags: Tags } | { reason: string }

/** Without a prototype, so that a key named `__proto__` is a key like any other. */
export function emptyTags(): Tags {
  return Object.create(null) as Tags
}

const controlCharacter = /\p{Cc}/u

/** A tag value as text. Undefined for what is no text and for whole numbers too large to have been read exactly. */
export function tagText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value)
}

/** Adds one tag; answers the reason if it cannot be one. */
export function addTag(tags: Tags, key: unknown, value: unknown): string | undefined {
  const keyText = tagText(key)
  if (keyText === undefined || keyText === '') return 'tag without a key'
  if (controlCharacter.test(keyText)) return 'control character in a tag key'
  const valueText = tagText(value)
  if (valueText === undefined) return 'tag value that is not text'
  // Text that no UTF-8 can carry would come out of any store as something else.
  if (!keyText.isWellFormed() || !valueText.isWellFormed()) return 'half a surrogate pair in a tag'
  if (valueText.includes('\0')) return 'U+0000 in a tag value'
  if (Object.hasOwn(tags, keyText) && tags[keyText] !== valueText) return 'two values for one tag key'
  tags[keyText] = valueText
  return undefined
}

function readMap(map: Record<string, unknown>): TagsOrReason {
  const tags = emptyTags()
  for (const key of Object.keys(map)) {
    const reason = addTag(tags, key, map[key])
    if (reason !== undefined) return { reason }
  }
  return { tags }
}

function readList(list: readonly unknown[]): TagsOrReason {
  const tags = emptyTags()
  for (const pair of list) {
    if (!isObject(pair)) return { reason: 'tags of an unknown shape' }
    const [key, value] = Object.hasOwn(pair, 'Key') ? ['Key', 'Value'] : ['key', 'value']
    const reason = addTag(tags, property(pair, key), property(pair, value))
    if (reason !== undefined) return { reason }
  }
  return { tags }
}

/** An empty list or map is a statement: there are no tags. */
export function readTags(value: unknown): TagsOrReason {
  if (Array.isArray(value)) return readList(value)
  return isObject(value) ? readMap(value) : { reason: 'tags of an unknown shape' }
}
