// Rules on the tags of a group. Lengths and characters are the shapes' business.
import { isReservedKey, maxUserTags } from '../../tag-rules.ts'

/** A sentence, or undefined if the tags will do. */
export function tagsProblem(tags: Readonly<Record<string, string>>): string | undefined {
  const keys = Object.keys(tags)
  if (keys.some(isReservedKey)) return reservedKeyMessage
  return keys.length > maxUserTags ? `A resource can have no more than ${maxUserTags} tags` : undefined
}

export const reservedKeyMessage = "Tag keys must not start with 'aws:'"
