// Our own export as JSON lines, both ways: one resource or stack a line. Reading takes any order of the members, skips
// those it does not know, and turns a bad line into one rejected item. Files of any length are read in constant memory,
// so of two lines for one resource both are given, and the last wins where they are applied.
import { canonicalTypeName } from '../../../catalogue/catalogue.ts'
import type { ImportedResource, ImportedStack, ImportItem } from '../item.ts'
import type { StreamFormat } from './format.ts'
import { isObject, type JsonObject, listProperty, property, textProperty } from './json-value.ts'
import { readLines } from './lines.ts'
import { arnType, readArn, regionBeyond } from './resource-arn.ts'
import { readTags, type Tags } from './tags.ts'

/** 50 tags of 128 + 256 characters, each written as an escape of six, are under 120 kB. */
const maxLineBytes = 1024 * 1024

/** Members of a line; the names are those of AWS's APIs where these have them. */
interface ResourceLine {
  ResourceArn?: string
  ResourceType: string
  Region?: string
  Tags?: { Key: string; Value: string }[]
  Stacks?: { StackId: string; LogicalId: string }[]
  PhysicalId?: string
  Declared?: true
}

function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.keys(tags).map((key) => ({ Key: key, Value: tags[key] ?? '' }))
}

/** One line, without its end. */
export function exportLine(resource: ImportedResource): string {
  const line: ResourceLine = {
    ...(resource.arn !== undefined && { ResourceArn: resource.arn }),
    ResourceType: resource.type,
    ...(resource.region !== undefined && { Region: resource.region }),
    ...(resource.tags && { Tags: tagList(resource.tags) }),
    ...(resource.stack && { Stacks: [{ StackId: resource.stack.id, LogicalId: resource.stack.logicalId }] }),
    ...(resource.physicalId !== undefined && { PhysicalId: resource.physicalId }),
    ...(resource.declared && { Declared: true }),
  }
  return JSON.stringify(line)
}

export function exportStackLine(stack: ImportedStack): string {
  return JSON.stringify({
    StackId: stack.id,
    StackName: stack.name,
    StackStatus: stack.status,
    ...(stack.region !== undefined && { Region: stack.region }),
    ...(stack.tags && { Tags: tagList(stack.tags) }),
  })
}

function lineTags(line: JsonObject): { tags: Tags | undefined } | { reason: string } {
  const stated = property(line, 'Tags')
  return stated === undefined || stated === null ? { tags: undefined } : readTags(stated)
}

function readStack(line: JsonObject, where: string): ImportItem {
  const rejected = (reason: string): ImportItem => ({ kind: 'rejected', where, reason, record: line })
  const id = textProperty(line, 'StackId')
  const name = textProperty(line, 'StackName')
  const status = textProperty(line, 'StackStatus')
  const region = textProperty(line, 'Region')
  if (id === undefined || name === undefined || status === undefined)
    return rejected('stack without id, name or status')
  const read = lineTags(line)
  if ('reason' in read) return rejected(read.reason)
  const stack = { id, name, status, ...(region !== undefined && { region }), ...(read.tags && { tags: read.tags }) }
  return { kind: 'stack', where, stack }
}

/** Undefined: no stack. Null: stacks that cannot be read. */
function lineStack(line: JsonObject): ImportedResource['stack'] | null {
  const stated = property(line, 'Stacks')
  if (stated === undefined || stated === null || (Array.isArray(stated) && stated.length === 0)) return undefined
  const [first] = listProperty(line, 'Stacks')
  const id = textProperty(first, 'StackId')
  const logicalId = textProperty(first, 'LogicalId')
  return id === undefined || logicalId === undefined ? null : { id, logicalId }
}

function readResource(line: JsonObject, where: string): ImportItem {
  const rejected = (reason: string): ImportItem => ({ kind: 'rejected', where, reason, record: line })
  const declared = property(line, 'Declared') === true
  const statedArn = property(line, 'ResourceArn')
  const arn = readArn(statedArn)
  const stack = lineStack(line)
  if (stack === null) return rejected('stack without id or logical id')
  if (!arn && (statedArn !== undefined || !declared)) return rejected('not an ARN')
  if (!arn && !stack) return rejected('declared resource without a stack')
  const statedType = property(line, 'ResourceType')
  const type =
    statedType === undefined && arn ? arnType(arn) : typeof statedType === 'string' && canonicalTypeName(statedType)
  if (!type) return rejected('not a resource type')
  const read = lineTags(line)
  if ('reason' in read) return rejected(read.reason)
  const { region } = regionBeyond(arn, textProperty(line, 'Region'))
  const physicalId = textProperty(line, 'PhysicalId')
  const resource: ImportedResource = { type }
  if (arn) resource.arn = arn.text
  if (region !== undefined) resource.region = region
  if (read.tags) resource.tags = read.tags
  if (stack) resource.stack = stack
  if (physicalId !== undefined) resource.physicalId = physicalId
  if (declared) resource.declared = true
  return { kind: 'resource', where, resource }
}

/** A resource has one stack here; of others that the line names the import says that they are left out. */
function otherStacks(line: JsonObject, where: string): ImportItem[] {
  return listProperty(line, 'Stacks')
    .slice(1)
    .map((other) => {
      const id = textProperty(other, 'StackId')?.slice(0, 200) ?? '?'
      return { kind: 'skipped', where: `${where}, stack ${id}`, reason: 'second stack of a resource' }
    })
}

function isStack(line: JsonObject): boolean {
  return Object.hasOwn(line, 'StackName') && !Object.hasOwn(line, 'ResourceArn')
}

/** AWS's own answers may have a ResourceArn too, with tags under another name. */
function isOurs(value: unknown): boolean {
  if (!isObject(value)) return false
  const has = (...names: string[]) => names.every((name) => Object.hasOwn(value, name))
  if (has('ResourceArn')) return has('ResourceType') || has('Tags') || Object.keys(value).length === 1
  return has('ResourceType', 'Declared') || has('StackId', 'StackName', 'StackStatus')
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export const corralLines: StreamFormat = {
  kind: 'stream',
  name: 'corral-lines',
  description: 'our own export as JSON lines',
  // Some of the first lines may be bad; one good line is enough to know the file by.
  detect: (head) => head.split('\n', 6).some((line) => line.trimStart().startsWith('{') && isOurs(parseObject(line))),
  async *read(input) {
    for await (const lines of readLines(input, maxLineBytes)) {
      for (const line of lines) {
        const where = `line ${line.number}`
        if ('reason' in line) {
          yield { kind: 'rejected', where, reason: line.reason, record: line.beginning }
          continue
        }
        const text = line.number === 1 && line.text.startsWith('\ufeff') ? line.text.slice(1) : line.text
        if (text.trim() === '') continue
        const value = parseObject(text)
        if (!value) yield { kind: 'rejected', where, reason: 'not a JSON object', record: text }
        else if (isStack(value)) yield readStack(value, where)
        else {
          const item = readResource(value, where)
          yield item
          if (item.kind === 'resource' && item.resource.stack) yield* otherStacks(value, where)
        }
      }
    }
  },
}
