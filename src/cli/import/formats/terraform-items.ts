// Turns Terraform rows into items: which rows are AWS resources, what their ARN is, which tags they have. Knows nothing
// of the files' layouts.
import { arnFor, resourceType, terraformType } from '../../../catalogue/catalogue.ts'
import type { ImportContext, ImportedResource, ImportItem } from '../item.ts'
import { isObject, property, textProperty } from './json-value.ts'
import { arnType, readArn, regionBeyond, type ResourceArn } from './resource-arn.ts'
import { keepLastRows } from './superseded.ts'
import { emptyTags, readTags, type Tags } from './tags.ts'
import { type Place, terraformPlaces } from './terraform-neighbours.ts'
import type { TerraformRow } from './terraform-row.ts'

/**
 * The tags of a row: `tags_all`, which has the provider's default tags in it, over `tags`; an Auto Scaling group's
 * `tag` or `tags` are a list. Null and empty state that there are none; no such attribute states nothing.
 */
function rowTags(row: TerraformRow): { tags: Tags | undefined } | { reason: string } {
  // Sensitive as a whole: unknown, not empty.
  if (row.sensitiveTags.includes('*')) return { tags: undefined }
  const tags = emptyTags()
  let stated = false
  for (const name of ['tag', 'tags', 'tags_all']) {
    if (!Object.hasOwn(row.attributes, name)) continue
    stated = true
    const value = row.attributes[name]
    if (value === null) continue
    // A null value is Terraform's way to write that the key is not set.
    const set = isObject(value) ? Object.fromEntries(Object.entries(value).filter(([, text]) => text !== null)) : value
    const read = readTags(set)
    if ('reason' in read) return read
    Object.assign(tags, read.tags)
  }
  return { tags: stated ? tags : undefined }
}

const noArn = 'no ARN, and none can be built'

type ArnOrReason = { arn: ResourceArn } | { reason: string }

/** Terraform's id of an object in a bucket is its key, which alone would read as another bucket's object. */
function arnId(type: string, { attributes }: TerraformRow): string | undefined {
  const id = textProperty(attributes, 'id')
  if (type !== 'AWS::S3::Object' || id === undefined) return id
  const bucket = textProperty(attributes, 'bucket')
  return bucket === undefined || bucket.includes(':') ? undefined : `${bucket}/${id}`
}

function builtArn(
  known: ReturnType<typeof terraformType>,
  row: TerraformRow,
  place: Place,
  context: ImportContext,
): ArnOrReason {
  if (known.kind !== 'resource') return { reason: noArn }
  const id = arnId(known.type, row)
  if (id === undefined) return { reason: 'neither ARN nor id' }
  const template = resourceType(known.type)?.arnTemplates[0]
  if (place.account === null && template?.includes('${Account}')) return { reason: 'the file names several accounts' }
  if (place.region === null && template?.includes('${Region}')) return { reason: 'the file names several Regions' }
  const arn = readArn(
    arnFor(known.type, id, {
      partition: place.partition ?? context.partition,
      account: place.account ?? context.account,
      region: place.region ?? context.region,
    }),
  )
  return arn ? { arn } : { reason: noArn }
}

/** Whether a row has tags, or at least the attribute for them, and so is of a resource that one can tag. */
function isTaggable(row: TerraformRow): boolean {
  return (
    row.omitsUnset || row.sensitiveTags.length > 0 || ['tag', 'tags', 'tags_all'].some((name) => name in row.attributes)
  )
}

function rowName(row: TerraformRow): string {
  return row.deposed ? `${row.address} (deposed)` : row.address
}

function readRow(row: TerraformRow, place: Place, context: ImportContext): ImportItem {
  const where = rowName(row)
  const skipped = (reason: string): ImportItem => ({ kind: 'skipped', where, reason })
  const rejected = (reason: string): ImportItem => ({
    kind: 'rejected',
    where,
    reason,
    record: { address: row.address, type: row.type, arn: row.attributes['arn'], id: row.attributes['id'] },
  })
  if (row.mode === 'data') return skipped('data source')
  if (!row.type.startsWith('aws_') && !row.type.startsWith('awscc_')) return skipped('not an AWS provider')
  const known = terraformType(row.type)
  // Such a row may carry the ARN of what it is attached to: a topic's policy carries the topic's.
  if (known.kind === 'not-taggable') return skipped('not a taggable resource')
  const stated = property(row.attributes, 'arn')
  const given = readArn(stated) ?? readArn(property(row.attributes, 'id'))
  if (typeof stated === 'string' && stated !== '' && !given) return rejected('not an ARN')
  // Without it an ARN would be made up for what is a resource for Terraform alone.
  if (!given && !isTaggable(row)) return skipped('neither an ARN nor tags')
  const found = given ? { arn: given } : builtArn(known, row, place, context)
  if ('reason' in found) return rejected(found.reason)
  const read = rowTags(row)
  if ('reason' in read) return rejected(read.reason)
  const { arn } = found
  const id = textProperty(row.attributes, 'id')
  // ARNs of buckets leave it out; where no attribute states it either, a bucket is where its provider works.
  const region = textProperty(row.attributes, 'bucket_region') ?? place.region ?? undefined
  const resource: ImportedResource = {
    arn: arn.text,
    type: known.kind === 'resource' ? known.type : arnType(arn),
    ...(arn.parts.service === 's3' && regionBeyond(arn, region)),
    ...(read.tags && { tags: read.tags }),
    ...(row.sensitiveTags.length > 0 && read.tags && { partialTags: true }),
    ...(id !== undefined && !readArn(id) && { physicalId: id }),
  }
  return { kind: 'resource', where, resource }
}

export function terraformItems(rows: readonly TerraformRow[], context: ImportContext): ImportItem[] {
  const placeOf = terraformPlaces(rows)
  const items: ImportItem[] = []
  // The current object of an ARN wins over a deposed one, and the last row wins.
  const inOrder = [...rows.filter((row) => row.deposed), ...rows.filter((row) => !row.deposed)]
  for (const row of inOrder) {
    const item = readRow(row, placeOf(row), context)
    items.push(item)
    if (item.kind !== 'resource') continue
    for (const key of row.sensitiveTags) {
      items.push({ kind: 'skipped', where: `${rowName(row)}, tag ${key}`, reason: 'sensitive tag' })
    }
  }
  return keepLastRows(items)
}
