// One row of a Terraform or OpenTofu file, whatever the file's layout, cut down to what an import needs. The cut is
// the point: states hold passwords and keys in clear, so no other attribute leaves the readers of the layouts, and
// of these few none that the file marks sensitive.
import { isObject, type JsonObject, property } from './json-value.ts'

export interface TerraformRow {
  /** `module.net.aws_subnet.private["a"]`. Not unique: deposed objects share it with the current one. */
  address: string
  mode: 'managed' | 'data'
  /** `aws_subnet` */
  type: string
  /** As the file writes it. Rows with the same text are of one provider instance, unless `providers` is `by source`. */
  provider: string
  /** `by instance`: the text tells aliases apart, so one text is one account and Region. `by source`: it does not. */
  providers: 'by instance' | 'by source'
  /** The layout leaves unset attributes out, so that a row without `tags` may be of a type that has them. */
  omitsUnset: boolean
  /** Replaced but not destroyed yet: it exists. */
  deposed: boolean
  attributes: JsonObject
  /** Keys of tags that the file marks sensitive, and that are left out; `*` for all of them. */
  sensitiveTags: readonly string[]
}

const needed = [
  'id',
  'arn',
  'region',
  'bucket',
  'bucket_region',
  'availability_zone',
  'owner_id',
  'account_id',
  'tags',
  'tags_all',
  'tag',
] as const

const tagAttributes: ReadonlySet<string> = new Set(['tags', 'tags_all', 'tag'])

/**
 * What is needed of a row's attributes. `sensitive` says of an attribute whether the file marks it sensitive: all of
 * it, some of its keys, or none.
 */
export function neededAttributes(
  attributes: unknown,
  sensitive: (name: string) => 'all' | ReadonlySet<string> | undefined,
): { attributes: JsonObject; sensitiveTags: string[] } {
  const picked: JsonObject = {}
  const sensitiveTags = new Set<string>()
  for (const name of needed) {
    const value = property(attributes, name)
    if (value === undefined) continue
    const marked = sensitive(name)
    if (marked === undefined) picked[name] = value
    else if (!tagAttributes.has(name)) continue
    else if (marked === 'all' || !isObject(value)) sensitiveTags.add('*')
    else {
      picked[name] = Object.fromEntries(Object.entries(value).filter(([key]) => !marked.has(key)))
      for (const key of marked) sensitiveTags.add(key)
    }
  }
  return { attributes: picked, sensitiveTags: [...sensitiveTags] }
}
