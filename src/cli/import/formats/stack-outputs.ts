// Reads what CloudFormation says of stacks that exist: describe-stacks and list-stacks give stacks, describe-stack-resources
// and list-stack-resources give resources by physical id. None of them states a resource's tags. A stack's parameters
// and outputs may be secrets and are never looked at.
import { arnFor, canonicalTypeName } from '../../../catalogue/catalogue.ts'
import type { ImportContext, ImportItem } from '../item.ts'
import { type DocumentFormat, refusal } from './format.ts'
import { property, textProperty } from './json-value.ts'
import { readArn } from './resource-arn.ts'
import { keepLastRows } from './superseded.ts'
import { readTags } from './tags.ts'

/** A response's list of rows, and what the rows are. */
const lists = {
  Stacks: 'stack',
  StackSummaries: 'stack',
  StackResources: 'resource',
  StackResourceSummaries: 'resource',
} as const

const listNames = Object.keys(lists) as (keyof typeof lists)[]

function listName(document: unknown): keyof typeof lists | undefined {
  return listNames.find((name) => Array.isArray(property(document, name)))
}

function readStack(row: unknown, where: string): ImportItem {
  const name = textProperty(row, 'StackName')
  const status = textProperty(row, 'StackStatus')
  const arn = readArn(property(row, 'StackId'))
  const reject = (reason: string): ImportItem => ({
    kind: 'rejected',
    where,
    reason,
    record: { StackId: property(row, 'StackId'), StackName: name, StackStatus: status, Tags: property(row, 'Tags') },
  })
  if (name === undefined || status === undefined) return reject('stack without name or status')
  const stated = property(row, 'Tags')
  const read = stated === undefined ? { tags: undefined } : readTags(stated)
  if ('reason' in read) return reject(read.reason)
  return {
    kind: 'stack',
    where,
    stack: {
      id: arn?.text ?? name,
      name,
      status,
      ...(arn && { region: arn.parts.region }),
      ...(read.tags && { tags: read.tags }),
    },
  }
}

/** What CloudFormation keeps only for itself: handlers of the template's author, and waiting. */
export function isTemplateMachinery(type: string): boolean {
  return (
    type.startsWith('Custom::') ||
    type === 'AWS::CloudFormation::CustomResource' ||
    type === 'AWS::CloudFormation::WaitCondition' ||
    type === 'AWS::CloudFormation::WaitConditionHandle' ||
    type === 'AWS::CloudFormation::Macro' ||
    type === 'AWS::CDK::Metadata'
  )
}

/** ARN of a resource by CloudFormation's type and physical id, which may be the ARN itself. */
export function physicalArn(
  type: string,
  physicalId: string,
  at: { partition: string; account: string; region: string },
): string | undefined {
  return readArn(arnFor(type, physicalId, at))?.text
}

/** A bucket is in its stack's Region, which its ARN leaves out. Other ARNs without a Region are of global resources. */
export function stackRegion(arn: string, region: string): { region?: string } {
  const parts = readArn(arn)?.parts
  return parts?.service === 's3' && parts.region === '' ? { region } : {}
}

function readResource(row: unknown, where: string, context: ImportContext): ImportItem {
  const logicalId = textProperty(row, 'LogicalResourceId')
  const physicalId = textProperty(row, 'PhysicalResourceId')
  const stated = textProperty(row, 'ResourceType')
  const status = textProperty(row, 'ResourceStatus')
  const stackArn = readArn(property(row, 'StackId'))
  const stackId = stackArn?.text ?? textProperty(row, 'StackName') ?? context.stackName
  const skip = (reason: string): ImportItem => ({ kind: 'skipped', where, reason })
  const reject = (reason: string): ImportItem => ({
    kind: 'rejected',
    where,
    reason,
    record: {
      StackId: stackId,
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId,
      ResourceType: stated,
      ResourceStatus: status,
    },
  })
  if (logicalId === undefined || stated === undefined) return reject('row without logical id or type')
  if (stackId === undefined) return reject('row without a stack')
  if (status === 'DELETE_COMPLETE') return skip('deleted')
  if (isTemplateMachinery(stated)) return skip('not a taggable resource')
  const type = canonicalTypeName(stated)
  if (type === undefined) return reject('not a resource type')
  if (physicalId === undefined) return status === 'CREATE_FAILED' ? skip('never created') : reject('no physical id')
  const at = stackArn?.parts ?? context
  const arn = physicalArn(type, physicalId, at)
  if (arn === undefined) return reject('no ARN can be built for this type')
  return {
    kind: 'resource',
    where,
    resource: {
      arn,
      type,
      ...stackRegion(arn, at.region),
      stack: { id: stackId, logicalId },
      ...(!readArn(physicalId) && { physicalId }),
    },
  }
}

export const stackOutputs: DocumentFormat = {
  kind: 'document',
  name: 'stack-outputs',
  description: 'output of `aws cloudformation describe-stacks`, `describe-stack-resources`, `list-stack-resources`',
  detect: (documents) => documents.some((document) => listName(document) !== undefined),
  read(documents, context) {
    const nameless = documents.some((document) => listName(document) === 'StackResourceSummaries')
    if (nameless && context.stackName === undefined) {
      return [refusal('list-stack-resources does not say of which stack it is: give the stack name')]
    }
    const items: ImportItem[] = []
    for (const [page, document] of documents.entries()) {
      const name = listName(document)
      if (name === undefined) {
        items.push({ kind: 'rejected', where: `page ${page + 1}`, reason: 'page of another kind', record: null })
        continue
      }
      for (const [index, row] of (property(document, name) as unknown[]).entries()) {
        const label = textProperty(row, lists[name] === 'stack' ? 'StackName' : 'LogicalResourceId')
        const where = `page ${page + 1}, row ${index + 1}${label === undefined ? '' : ` (${label.slice(0, 255)})`}`
        items.push(lists[name] === 'stack' ? readStack(row, where) : readResource(row, where, context))
      }
    }
    return keepLastRows(items)
  },
}
