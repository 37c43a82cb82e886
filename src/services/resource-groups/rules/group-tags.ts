// Rules on the tags of a group. Lengths and characters are the shapes' business.

/** User-defined tags on a resource: AWS's limit. */
const maxTags = 50

/** A sentence, or undefined if the tags will do. */
export function tagsProblem(tags: Readonly<Record<string, string>>): string | undefined {
  const keys = Object.keys(tags)
  if (keys.some(isReserved)) return "Tag keys must not start with 'aws:'"
  return keys.length > maxTags ? `A resource can have no more than ${maxTags} tags` : undefined
}

/** Keys that only AWS's own services may write. */
export const isReserved = (key: string): boolean => /^aws:/i.test(key)
