// Reads CloudFormation, SAM and CDK templates. A template says what is to be, so its resources are declared ones, known
// by stack and logical id; with `assumeDeployed` they are taken as live, where an ARN can be built. A tag that cannot
// be resolved is left out and told as skipped. Not done: Fn::ForEach, macros, tags that nested stacks inherit.
import { canonicalTypeName, resourceType } from '../../../catalogue/catalogue.ts'
import type { ImportContext, ImportedResource, ImportItem } from '../item.ts'
import { type DocumentFormat, refusal } from './format.ts'
import { createEvaluator, type Evaluator, noValue } from './intrinsics.ts'
import { isObject, property, textProperty } from './json-value.ts'
import { physicalNameProperty } from './physical-name.ts'
import { isTemplateMachinery, physicalArn, stackRegion } from './stack-outputs.ts'
import { keepLastRows } from './superseded.ts'
import { addTag, emptyTags, tagText, type Tags } from './tags.ts'

/** What a SAM type is after its transform; the logical id stays. */
const samTypes = new Map([
  ['AWS::Serverless::Api', 'AWS::ApiGateway::RestApi'],
  ['AWS::Serverless::Application', 'AWS::CloudFormation::Stack'],
  ['AWS::Serverless::Function', 'AWS::Lambda::Function'],
  ['AWS::Serverless::GraphQLApi', 'AWS::AppSync::GraphQLApi'],
  ['AWS::Serverless::HttpApi', 'AWS::ApiGatewayV2::Api'],
  ['AWS::Serverless::LayerVersion', 'AWS::Lambda::LayerVersion'],
  ['AWS::Serverless::SimpleTable', 'AWS::DynamoDB::Table'],
  ['AWS::Serverless::StateMachine', 'AWS::StepFunctions::StateMachine'],
])

/** Where a type does not call its tags `Tags`. */
const tagProperties = [
  'Tags',
  'HostedZoneTags',
  'HealthCheckTags',
  'FileSystemTags',
  'AccessPointTags',
  'UserPoolTags',
  'BackupVaultTags',
] as const

/** AWS allows 50 on a resource; this is only against hostile files. */
const maxTags = 1_000

type Tag = { key: string; value: string } | { label: string; reason: string }

/** `label` says which tag it is when its key is not known. */
function readTag(key: unknown, value: unknown, label: string): Tag | undefined {
  if (value === noValue || key === noValue) return undefined
  const keyText = tagText(key)
  const valueText = tagText(value)
  if (keyText === undefined || valueText === undefined) {
    return { label: (keyText ?? label).slice(0, 200), reason: 'unresolved tag' }
  }
  return { key: keyText, value: valueText }
}

function readTagList(list: readonly unknown[], evaluator: Evaluator): Tag[] {
  if (list.length > maxTags) return [{ label: '*', reason: 'too many tags' }]
  const tags: Tag[] = []
  for (const [index, entry] of list.entries()) {
    const pair = evaluator.evaluate(entry)
    if (pair === noValue) continue
    const number = `number ${index + 1}`
    if (!isObject(pair)) tags.push({ label: number, reason: 'unresolved tag' })
    else {
      const label = JSON.stringify(property(entry, 'Key')) ?? number
      const tag = readTag(property(pair, 'Key'), property(pair, 'Value'), label)
      if (tag) tags.push(tag)
    }
  }
  return tags
}

/** The tags of one `Tags` property: a list, a map, or a function that gives one. */
function readTagProperty(expression: unknown, evaluator: Evaluator): Tag[] {
  if (Array.isArray(expression)) return readTagList(expression, evaluator)
  const value = evaluator.evaluate(expression)
  if (value === noValue) return []
  if (Array.isArray(value)) return readTagList(value, evaluator)
  if (!isObject(value)) return [{ label: '*', reason: 'unresolved tag' }]
  const keys = Object.keys(value)
  if (keys.length > maxTags) return [{ label: '*', reason: 'too many tags' }]
  return keys.map((key) => readTag(key, value[key], key)).filter((tag) => tag !== undefined)
}

interface TagsRead {
  tags: Tags
  left: { label: string; reason: string }[]
}

function readAllTags(expressions: readonly unknown[], evaluator: Evaluator): TagsRead {
  const tags = emptyTags()
  const left: TagsRead['left'] = []
  for (const expression of expressions) {
    const own = emptyTags()
    for (const tag of readTagProperty(expression, evaluator)) {
      const reason = 'reason' in tag ? tag.reason : addTag(own, tag.key, tag.value)
      if (reason !== undefined) left.push({ label: 'reason' in tag ? tag.label : tag.key, reason })
    }
    Object.assign(tags, own)
  }
  return { tags, left }
}

/** The id that the template gives the resource, if it gives one. */
function statedPhysicalId(type: string, properties: unknown, evaluator: Evaluator): string | undefined {
  const name = physicalNameProperty.get(type)
  const expression = name === undefined ? undefined : property(properties, name)
  const value = expression === undefined ? undefined : tagText(evaluator.evaluate(expression))
  return value === '' ? undefined : value
}

interface Scope {
  evaluator: Evaluator
  /** SAM's `Globals`, else undefined. */
  globals: unknown
  stackName: string
  context: ImportContext
}

function readResource(logicalId: string, declaration: unknown, scope: Scope): ImportItem[] {
  const { evaluator, stackName, context } = scope
  const where = logicalId
  const skipped = (reason: string): ImportItem => ({ kind: 'skipped', where, reason })
  const stated = textProperty(declaration, 'Type')
  const rejected = (reason: string): ImportItem => ({
    kind: 'rejected',
    where,
    reason,
    record: { LogicalResourceId: logicalId, ResourceType: stated },
  })
  if (logicalId.startsWith('Fn::')) return [skipped('loops and macros are not expanded')]
  if (stated === undefined) return [rejected('resource without a type')]
  const conditionName = property(declaration, 'Condition')
  if (conditionName !== undefined) {
    const exists = typeof conditionName === 'string' ? evaluator.condition(conditionName) : undefined
    if (exists === undefined) return [skipped('unresolved condition')]
    if (!exists) return [skipped('under a false condition')]
  }
  if (isTemplateMachinery(stated)) return [skipped('not a taggable resource')]
  const type = canonicalTypeName(samTypes.get(stated) ?? stated)
  if (type === undefined) return [rejected('not a resource type')]
  const properties = property(declaration, 'Properties')
  const inherited = property(property(scope.globals, stated.slice(stated.lastIndexOf(':') + 1)), 'Tags')
  const expressions = [inherited, ...tagProperties.map((name) => property(properties, name))]
  const { tags, left } = readAllTags(
    expressions.filter((expression) => expression !== undefined && expression !== null),
    evaluator,
  )
  const leftItems = left.map(({ label, reason }): ImportItem => ({
    kind: 'skipped',
    where: `${where}, tag ${label}`,
    reason,
  }))
  const physicalId = statedPhysicalId(type, properties, evaluator)
  const resource: ImportedResource = {
    type,
    tags,
    ...(left.length > 0 && { partialTags: true }),
    stack: { id: stackName, logicalId },
    ...(physicalId !== undefined && { physicalId }),
  }
  if (!context.assumeDeployed) {
    const declared: ImportedResource = { ...resource, region: context.region, declared: true }
    return [{ kind: 'resource', where, resource: declared }, ...leftItems]
  }
  if (!resourceType(type)) return [skipped('type without a known ARN')]
  const arn = physicalArn(type, physicalId ?? `${stackName}-${logicalId}`, context)
  if (arn === undefined) return [skipped('no ARN can be built for this type')]
  const live: ImportedResource = { arn, ...resource, ...stackRegion(arn, context.region) }
  return [{ kind: 'resource', where, resource: live }, ...leftItems]
}

function* readTemplate(template: unknown, stackName: string, context: ImportContext): Generator<ImportItem> {
  const resources = property(template, 'Resources')
  if (!isObject(resources)) return
  const scope: Scope = {
    evaluator: createEvaluator(template, context),
    globals: property(template, 'Transform') === undefined ? undefined : property(template, 'Globals'),
    stackName,
    context,
  }
  for (const logicalId of Object.keys(resources)) yield* readResource(logicalId, resources[logicalId], scope)
}

function isTemplate(document: unknown): boolean {
  const resources = property(document, 'Resources')
  if (!isObject(resources)) return false
  if (textProperty(document, 'AWSTemplateFormatVersion') !== undefined) return true
  return Object.values(resources).some((resource) => textProperty(resource, 'Type')?.includes('::'))
}

export const template: DocumentFormat = {
  kind: 'document',
  name: 'cloudformation-template',
  description: 'CloudFormation, SAM or CDK template, YAML or JSON',
  detect: (documents) => documents.some(isTemplate),
  read(documents, context) {
    const { stackName } = context
    if (stackName === undefined) return [refusal('a template does not say which stack it is for: give the stack name')]
    if (documents.length !== 1) return [refusal('more than one document in a template file')]
    return keepLastRows([...readTemplate(documents[0], stackName, context)])
  },
}
