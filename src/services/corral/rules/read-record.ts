// Checks one record of an import, as if it came from anyone, and brings it into the form in which it is kept. Pure: what
// the store has of the resource is not known here. Problems are values, and name no text that the record holds.
import { canonicalTypeName, normalizeArn, typeOfArn } from '../../../catalogue/catalogue.ts'
import { corralPartition } from '../../../catalogue/foreign.ts'
import { isGlobalService } from '../../../catalogue/global-services.ts'
import { type Arn, formatArn, globalRegion, isRegionName, parseArn, partitionOf } from '../../../model/arn.ts'
import type { ValueOf } from '../../../model/shape.ts'
import type { Tags } from '../../../inventory/resources.ts'
import { namedStackArn, stackAddress, type StackAddress, stackType } from '../../../inventory/stacks.ts'
import { isPrintable, isReservedKey, maxUserTags } from '../../tag-rules.ts'
import type { importedResource, importedStack } from '../shapes.ts'

export interface RecordContext {
  /** Of the store. */
  account: string
  /** Whose ARNs are made for what has none. */
  resourceAccount: string
  /** Of the call. */
  region: string
}

export interface StackReference extends StackAddress {
  /** Absent where the stack is only named. */
  arn?: string
  logicalId: string
  /** Nothing but CloudFormation's own tags says so. */
  isFromTags?: true
}

export interface ReadRecord {
  arn: string
  type: string
  /** The scope it belongs to. */
  region: string
  /** Nothing says so but the call's own Region. */
  isRegionAssumed: boolean
  tags: Tags | undefined
  physicalId: string | undefined
  stack: StackReference | undefined
  declared: boolean
  /** Stacks only; `status` absent where the record is not about the stack as such. */
  stackName: string | undefined
  stackStatus: string | undefined
}

export type RecordReading = { record: ReadRecord } | { problem: string }

// AWS's limits; tags that AWS itself sets do not count among the fifty.
const maxKeyLength = 128
const maxValueLength = 256
/** CloudFormation's physical ids are at most so long. */
const maxPhysicalIdLength = 1024
const maxLogicalIdLength = 255
const stackNamePattern = /^[A-Za-z][A-Za-z0-9-]{0,127}$/
const statusPattern = /^[A-Z][A-Z_]{0,63}$/

export function readResourceRecord(given: ValueOf<typeof importedResource>, context: RecordContext): RecordReading {
  const declared = given.Declared === true
  const problem = tagsProblem(given.Tags) ?? textProblem('PhysicalId', given.PhysicalId, maxPhysicalIdLength)
  if (problem !== undefined) return { problem }
  if (given.Region !== undefined && !isRegionName(given.Region) && given.Region !== 'global')
    return { problem: 'Region is not a Region.' }
  const stated = given.Region === 'global' ? undefined : given.Region
  const type = given.ResourceType === undefined ? undefined : canonicalTypeName(given.ResourceType)
  if (given.ResourceType !== undefined && type === undefined)
    return { problem: 'ResourceType is not the name of a resource type.' }
  const common = { tags: given.Tags, physicalId: given.PhysicalId, declared, stackStatus: undefined }
  if (declared) {
    if (given.ResourceArn !== undefined) return { problem: 'A declared resource has no ResourceArn.' }
    if (!given.Stack || type === undefined) return { problem: 'A declared resource needs ResourceType and Stack.' }
    const place = { region: stated ?? context.region, account: context.resourceAccount }
    const stack = readStackReference(given.Stack, place)
    if ('problem' in stack) return stack
    const arn = declaredArn(stack)
    if (!parseArn(arn)) return { problem: 'The names of stack and logical id are too long for an ARN.' }
    const { region } = stack
    return { record: { ...common, arn, type, region, isRegionAssumed: false, stack, stackName: undefined } }
  }
  if (given.ResourceArn === undefined) return { problem: 'ResourceArn is missing.' }
  const arn = normalizeArn(given.ResourceArn)
  const parts = parseArn(arn)
  if (!parts) return { problem: 'ResourceArn is not an ARN.' }
  const where = regionOf(parts, stated, context.region)
  // A stack's global resources are kept elsewhere; a stack that is known by name alone is where the others are.
  const region = parts.region === '' ? (stated ?? context.region) : where.region
  const stack = given.Stack
    ? readStackReference(given.Stack, { region, account: context.resourceAccount })
    : stackOfTags(given.Tags, { region, account: parts.account === '' ? context.resourceAccount : parts.account })
  if (stack && 'problem' in stack) return stack
  if (isOwnObject(parts, context.account)) return { problem: 'Groups of this account are not imported.' }
  if (isDeclaredArn(parts)) return { problem: 'ResourceArn is of a declared resource.' }
  const ofStack = stackAddress(arn)
  if (ofStack && !stackNamePattern.test(ofStack.name)) return { problem: 'ResourceArn is not the ARN of a stack.' }
  return {
    record: {
      ...common,
      arn,
      type: type ?? typeOfArn(parts),
      ...where,
      stack,
      stackName: ofStack?.name,
    },
  }
}

export function readStackRecord(given: ValueOf<typeof importedStack>, context: RecordContext): RecordReading {
  const problem = tagsProblem(given.Tags)
  if (problem !== undefined) return { problem }
  if (given.Region !== undefined && !isRegionName(given.Region)) return { problem: 'Region is not a Region.' }
  if (!statusPattern.test(given.StackStatus)) return { problem: 'StackStatus is not a status.' }
  const place = { region: given.Region ?? context.region, account: context.resourceAccount }
  const stack = readStackReference({ StackId: given.StackId, LogicalId: '-' }, place)
  if ('problem' in stack) return stack
  if (stack.name !== given.StackName) return { problem: 'StackName is not the name in StackId.' }
  return {
    record: {
      arn: stack.arn ?? namedStackArn(stack),
      type: stackType,
      region: stack.region,
      isRegionAssumed: false,
      tags: given.Tags,
      physicalId: undefined,
      stack: undefined,
      declared: false,
      stackName: stack.name,
      stackStatus: given.StackStatus,
    },
  }
}

/** The ARN under which a declared resource stands until its own is known: `…:declared/STACK/LOGICALID`. */
export function declaredArn({ region, account, name, logicalId }: StackAddress & { logicalId: string }): string {
  return formatArn({
    partition: corralPartition,
    service: 'cloudformation',
    region,
    account,
    resource: `declared/${name}/${logicalId}`,
  })
}

/** Only this service makes such ARNs, so that none can be taken for another's. */
const isDeclaredArn = ({ partition, service, resource }: Arn): boolean =>
  partition === corralPartition && service === 'cloudformation' && resource.startsWith('declared/')

/** Corral's own objects are made by their own services. */
export const isOwnObject = ({ service, account }: Arn, own: string): boolean =>
  service === 'resource-groups' && account === own

interface Place {
  region: string
  account: string
}

/** CloudFormation tags what it makes with its stack and the logical id; only it can write those keys. */
function stackOfTags(tags: Tags | undefined, place: Place): StackReference | undefined {
  const logicalId = tags?.['aws:cloudformation:logical-id']
  const stack = tags?.['aws:cloudformation:stack-id'] ?? tags?.['aws:cloudformation:stack-name']
  if (stack === undefined || logicalId === undefined) return undefined
  const reference = readStackReference({ StackId: stack, LogicalId: logicalId }, place)
  return 'problem' in reference ? undefined : { ...reference, isFromTags: true }
}

function readStackReference(
  { StackId, LogicalId }: { StackId: string; LogicalId: string },
  { region, account }: Place,
): StackReference | { problem: string } {
  const problem = LogicalId === '' ? 'LogicalId is empty.' : textProblem('LogicalId', LogicalId, maxLogicalIdLength)
  if (problem !== undefined) return { problem }
  if (!StackId.startsWith('arn:')) {
    if (!stackNamePattern.test(StackId)) return { problem: 'StackId is neither an ARN nor a stack name.' }
    return { partition: partitionOf(region), region, account, name: StackId, logicalId: LogicalId }
  }
  const address = stackAddress(StackId)
  if (!address || !stackNamePattern.test(address.name) || !isRegionName(address.region))
    return { problem: 'StackId is not the ARN of a stack.' }
  return { ...address, arn: StackId, logicalId: LogicalId }
}

/** What the ARN says goes before what the record says beside it. */
function regionOf(arn: Arn, stated: string | undefined, ofCall: string): { region: string; isRegionAssumed: boolean } {
  if (isRegionName(arn.region)) return { region: arn.region, isRegionAssumed: false }
  if (arn.region === '' && isGlobalService(arn.service))
    return { region: globalRegion(arn.partition), isRegionAssumed: false }
  return { region: stated ?? ofCall, isRegionAssumed: stated === undefined }
}

function tagsProblem(tags: Tags | undefined): string | undefined {
  if (!tags) return undefined
  let fromAws = 0
  let others = 0
  for (const key in tags) {
    const value = tags[key] as string
    if (key === '') return 'A tag key is empty.'
    if (isTooLong(key, maxKeyLength)) return `A tag key is longer than ${maxKeyLength} characters.`
    if (isTooLong(value, maxValueLength)) return `A tag value is longer than ${maxValueLength} characters.`
    if (!isPrintable(key) || !isPrintable(value)) return 'A tag holds a control character.'
    if (isReservedKey(key)) fromAws++
    else others++
  }
  return others > maxUserTags || fromAws > maxUserTags ? tooManyTags : undefined
}

export const tooManyTags = `A resource has at most ${maxUserTags} tags, besides those that AWS sets.`

/** Whether tags that were each fine are too many together. */
export function areTooMany(tags: Tags): boolean {
  const keys = Object.keys(tags)
  if (keys.length <= maxUserTags) return false
  const fromAws = keys.filter(isReservedKey).length
  return fromAws > maxUserTags || keys.length - fromAws > maxUserTags
}

/** In characters, not in UTF-16 units. */
const isTooLong = (text: string, max: number): boolean =>
  text.length > max && (text.length > max * 2 || Array.from(text).length > max)

function textProblem(name: string, text: string | undefined, max: number): string | undefined {
  if (text === undefined) return undefined
  if (isTooLong(text, max)) return `${name} is longer than ${max} characters.`
  return !isPrintable(text) ? `${name} holds a control character.` : undefined
}

/** Whether a type that a source states is only what anyone would guess from the ARN. */
export function isGuess(type: string, arn: string): boolean {
  const parts = parseArn(arn)
  return parts !== undefined && typeOfArn(parts) === type
}
