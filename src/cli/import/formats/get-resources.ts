// Reads what `aws resourcegroupstaggingapi get-resources` prints: one response, several pages, or the bare rows that a
// `--query` or a line-wise filter leaves of it. Compliance details are not read.
import type { ImportItem } from '../item.ts'
import type { DocumentFormat } from './format.ts'
import { isObject, property, textProperty } from './json-value.ts'
import { arnType, readArn } from './resource-arn.ts'
import { keepLastRows } from './superseded.ts'
import { readTags, type Tags } from './tags.ts'

function isPage(document: unknown): boolean {
  return Array.isArray(property(document, 'ResourceTagMappingList'))
}

function isRow(document: unknown): boolean {
  return textProperty(document, 'ResourceARN') !== undefined
}

/** CloudFormation tags what it makes with its stack's ARN and the logical id; only it can write those two keys. */
function stackOf(tags: Tags | undefined): { id: string; logicalId: string } | undefined {
  const id = tags?.['aws:cloudformation:stack-id']
  const logicalId = tags?.['aws:cloudformation:logical-id']
  return id && logicalId && readArn(id) ? { id, logicalId } : undefined
}

function readRow(row: unknown, where: string): ImportItem {
  const reject = (reason: string): ImportItem => ({ kind: 'rejected', where, reason, record: row })
  if (!isObject(row)) return reject('row that is no object')
  const arn = readArn(property(row, 'ResourceARN'))
  if (!arn) return reject('not an ARN')
  const stated = property(row, 'Tags')
  const read = stated === undefined ? { tags: undefined } : readTags(stated)
  if ('reason' in read) return reject(read.reason)
  const stack = stackOf(read.tags)
  return {
    kind: 'resource',
    where,
    resource: { arn: arn.text, type: arnType(arn), ...(read.tags && { tags: read.tags }), ...(stack && { stack }) },
  }
}

export const getResources: DocumentFormat = {
  kind: 'document',
  name: 'get-resources',
  description: 'output of `aws resourcegroupstaggingapi get-resources`',
  detect: (documents) => documents.some((document) => isPage(document) || isRow(document)),
  read(documents) {
    const items: ImportItem[] = []
    for (const [page, document] of documents.entries()) {
      const rows = property(document, 'ResourceTagMappingList')
      if (Array.isArray(rows)) {
        for (const [index, row] of rows.entries()) items.push(readRow(row, `page ${page + 1}, row ${index + 1}`))
      } else items.push(readRow(document, `row ${page + 1}`))
    }
    return keepLastRows(items)
  },
}
