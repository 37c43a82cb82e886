// What a configuration item may hold. Pure. Nothing inside a configuration is looked at: it is kept as it came.
import { map, string, structure } from '../../model/shape.ts'
import { validate } from '../../model/validate.ts'
import { isPrintable, maxUserTags, userTagCount } from '../tag-rules.ts'

/** AWS's documentation: 64 KB, as UTF-8. */
const maxConfigurationBytes = 64 * 1024
// Config's model has no limits here; these are those of tags everywhere else.
const limits = structure('Tags', { Tags: map(string({ min: 1, max: 128 }), string({ max: 256 })) })

/** A sentence, or undefined if it is the text of a JSON object. */
export function configurationProblem(text: string): string | undefined {
  if (Buffer.byteLength(text) > maxConfigurationBytes) return 'Configuration is larger than 64 KB.'
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'Configuration is not valid JSON.'
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? undefined
    : 'Configuration is not a JSON object.'
}

/** A sentence, or undefined if they will do. Keys of AWS's own are taken: they come along from where resources live. */
export function tagsProblem(tags: Readonly<Record<string, string>>): string | undefined {
  const keys = Object.keys(tags)
  const userTags = userTagCount(keys)
  if (userTags > maxUserTags || keys.length - userTags > maxUserTags)
    return `A resource can have no more than ${maxUserTags} tags.`
  if (![...keys, ...Object.values(tags)].every(isPrintable))
    return 'Tag keys and values cannot hold control characters.'
  return validate(limits, { Tags: tags })
}
