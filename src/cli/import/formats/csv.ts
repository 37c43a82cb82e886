// Reads CSV with a header, row by row: our own export, Tag Editor's export, FOCUS billing exports, and tables made by
// hand with an ARN column. Writes our own. A row's tags come from a `Tags` cell holding JSON, or from one column a tag
// (`Tag: Name`, `tag:Name`). Keys are taken as written, white space and all. Files of any length are read in constant
// memory, so of two rows for one ARN both are given, and the last wins where they are applied.
import { CsvError, parse } from 'csv-parse'
import { canonicalTypeName } from '../../../catalogue/catalogue.ts'
import type { ImportedResource, ImportItem } from '../item.ts'
import type { StreamFormat } from './format.ts'
import { isObject } from './json-value.ts'
import { arnType, readArn, regionBeyond, type ResourceArn } from './resource-arn.ts'
import { addTag, emptyTags, readTags, type Tags } from './tags.ts'

const maxRowLength = 1024 * 1024

/** Header of our own export. */
export const csvHeader = 'ResourceArn,ResourceType,Region,Tags,StackId,LogicalId,PhysicalId,Declared'

const arnColumns = ['resourcearn', 'arn', 'identifier', 'resourceid']

/** What a spreadsheet takes for a formula, and what CSV carries badly: both are written as JSON text. */
const unsafeCell = /^[=+\-@"]|\p{Cc}/u

function safeCell(text: string | undefined): string {
  const shown = text !== undefined && unsafeCell.test(text) ? JSON.stringify(text) : (text ?? '')
  return /[",\r\n]/.test(shown) || shown !== shown.trim() ? `"${shown.replaceAll('"', '""')}"` : shown
}

function openCell(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  if (!text.startsWith('"')) return text
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' && value.isWellFormed() ? value : text
  } catch {
    return text
  }
}

/** One row under `csvHeader`, without its end. */
export function exportCsvLine(resource: ImportedResource): string {
  return [
    safeCell(resource.arn),
    safeCell(resource.type),
    safeCell(resource.region),
    resource.tags ? `"${JSON.stringify(resource.tags).replaceAll('"', '""')}"` : '',
    safeCell(resource.stack?.id),
    safeCell(resource.stack?.logicalId),
    safeCell(resource.physicalId),
    resource.declared ? 'true' : '',
  ].join(',')
}

interface Columns {
  arns: number[]
  type: number
  region: number
  tags: number
  tagKeys: { index: number; key: string }[]
  stackId: number
  logicalId: number
  physicalId: number
  declared: number
  /** Billing rows (FOCUS 1.0): absent cells are the word NULL. */
  isFocus: boolean
  /** Tag Editor's export: absent tags are the words `(not tagged)`, so that an empty cell is an empty value. */
  isTagEditor: boolean
}

function readHeader(header: readonly string[]): Columns {
  const names = header.map((name) => name.trim().toLowerCase())
  const at = (...wanted: string[]) => wanted.map((name) => names.indexOf(name)).find((index) => index >= 0) ?? -1
  return {
    arns: arnColumns.map((name) => names.indexOf(name)).filter((index) => index >= 0),
    type: at('resourcetype'),
    region: at('region', 'regionid'),
    tags: at('tags'),
    tagKeys: header.flatMap((name, index) => {
      const prefix = /^(?:Tag: ?|tag:)/.exec(name)?.[0]
      return prefix === undefined ? [] : [{ index, key: name.slice(prefix.length) }]
    }),
    stackId: at('stackid'),
    logicalId: at('logicalid'),
    physicalId: at('physicalid'),
    declared: at('declared'),
    isFocus: ['resourceid', 'tags', 'billingaccountid'].every((name) => names.includes(name)),
    isTagEditor: ['identifier', 'service', 'type', 'region'].every((name) => names.includes(name)),
  }
}

function parseTags(cell: string): { tags: Tags } | { reason: string } {
  let value: unknown
  try {
    value = JSON.parse(cell)
  } catch {
    return { reason: 'tags that are not JSON' }
  }
  return isObject(value) || Array.isArray(value) ? readTags(value) : { reason: 'tags that are not JSON' }
}

function rowTags(row: readonly string[], columns: Columns): { tags: Tags | undefined } | { reason: string } {
  const tags = emptyTags()
  const cell = row[columns.tags] ?? ''
  // In Tag Editor's export the column counts them.
  const isJson = cell.trim() !== '' && !columns.isTagEditor && !(columns.isFocus && cell === 'NULL')
  if (isJson) {
    const read = parseTags(cell)
    if ('reason' in read) return read
    Object.assign(tags, read.tags)
  }
  for (const { index, key } of columns.tagKeys) {
    const value = row[index]
    const isAbsent = columns.isTagEditor ? value === '(not tagged)' : value === ''
    if (value === undefined || isAbsent || (columns.isFocus && value === 'NULL')) continue
    const reason = addTag(tags, key, value)
    if (reason !== undefined) return { reason }
  }
  return { tags: isJson || columns.tagKeys.length > 0 ? tags : undefined }
}

function rowArn(row: readonly string[], columns: Columns): ResourceArn | undefined {
  for (const index of columns.arns) {
    const arn = readArn(row[index])
    if (arn) return arn
  }
  return undefined
}

/** Why a row has no ARN, and whether it should have one: billing rows are of other clouds and of no resource, too. */
function withoutArn(row: readonly string[], columns: Columns, where: string, record: unknown): ImportItem {
  const given = columns.arns.map((index) => row[index] ?? '').find((cell) => cell.trim() !== '')
  if (given === undefined || (columns.isFocus && given === 'NULL')) {
    return { kind: 'skipped', where, reason: 'row without a resource' }
  }
  if (columns.isFocus) return { kind: 'skipped', where, reason: 'resource id that is no ARN' }
  return { kind: 'rejected', where, reason: 'not an ARN', record }
}

function readRow(row: readonly string[], header: readonly string[], columns: Columns, where: string): ImportItem {
  const kept = [
    ...columns.arns,
    columns.type,
    columns.region,
    columns.tags,
    ...columns.tagKeys.map(({ index }) => index),
  ]
  // Of a billing row the rest is nobody's business.
  const record = () =>
    Object.fromEntries(kept.filter((index) => index >= 0).map((index) => [header[index], row[index]]))
  const cell = (index: number) => openCell(row[index])
  if (row.length > header.length)
    return { kind: 'rejected', where, reason: 'more cells than columns', record: record() }
  const arn = rowArn(row, columns)
  const stackId = cell(columns.stackId)
  const logicalId = cell(columns.logicalId)
  const stack = stackId !== undefined && logicalId !== undefined ? { id: stackId, logicalId } : undefined
  const declared = row[columns.declared] === 'true'
  if (!arn && !(declared && stack)) return withoutArn(row, columns, where, record())
  const statedType = cell(columns.type)
  const type = (statedType !== undefined && canonicalTypeName(statedType)) || (arn && arnType(arn))
  if (!type) return { kind: 'rejected', where, reason: 'not a resource type', record: record() }
  const read = rowTags(row, columns)
  if ('reason' in read) return { kind: 'rejected', where, reason: read.reason, record: record() }
  const region = cell(columns.region)
  const statedRegion = columns.isFocus && region === 'NULL' ? undefined : region
  const physicalId = cell(columns.physicalId)
  const resource: ImportedResource = {
    ...(arn && { arn: arn.text }),
    type,
    ...regionBeyond(arn, statedRegion),
    ...(read.tags && { tags: read.tags }),
    ...(stack && { stack }),
    ...(physicalId !== undefined && { physicalId }),
    ...(declared && { declared }),
  }
  return { kind: 'resource', where, resource }
}

async function* decoded(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of input) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}

/** After quotes that do not match nobody knows where the next row begins, so reading ends there. */
function failure(error: unknown, line: number): ImportItem {
  const reject = (reason: string, at: number): ImportItem => {
    return { kind: 'rejected', where: `line ${at}`, reason: `${reason}: nothing was read from here on`, record: null }
  }
  if (error instanceof CsvError) {
    const reason = error.code === 'CSV_MAX_RECORD_SIZE' ? 'row too long' : 'quotes that do not match'
    return reject(reason, Number(error['lines']))
  }
  const isEncoding = error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
  if (isEncoding) return reject('not UTF-8', line + 1)
  throw error
}

interface ParsedRow {
  cells: string[]
  line: number
}

/** Rows as chunks bring them. Those before an error are given before it is thrown. */
async function* parsedRows(input: AsyncIterable<Uint8Array>): AsyncGenerator<ParsedRow[]> {
  let rows: ParsedRow[] = []
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxRowLength,
    // Rows are taken here and not from the stream, which forgets those it still holds when an error comes.
    on_record: (cells: string[], { lines }) => {
      rows.push({ cells, line: lines })
      return null
    },
  })
  parser.on('error', () => {
    // It is given to the callback of the call that met it.
  })
  parser.resume()
  let failed: Error | undefined
  async function taken(call: (done: (error?: Error | null) => void) => void): Promise<ParsedRow[]> {
    const error = await new Promise<Error | null | undefined>(call)
    const ready = rows
    rows = []
    failed = error ?? undefined
    return ready
  }
  for await (const text of decoded(input)) {
    yield await taken((done) => parser.write(text, done))
    if (failed) throw failed
  }
  yield await taken((done) => parser.end(done))
  if (failed) throw failed
}

async function* readCsv(input: AsyncIterable<Uint8Array>): AsyncGenerator<ImportItem> {
  let header: string[] | undefined
  let columns: Columns | undefined
  let last = 0
  try {
    for await (const rows of parsedRows(input)) {
      for (const { cells, line } of rows) {
        last = line
        if (header === undefined || columns === undefined) {
          header = cells
          columns = readHeader(cells)
        } else yield readRow(cells, header, columns, `line ${line}`)
      }
    }
  } catch (error) {
    yield failure(error, last)
  }
}

export const csv: StreamFormat = {
  kind: 'stream',
  name: 'csv',
  description: 'CSV with an ARN column: our own export, Tag Editor, FOCUS, or made by hand',
  detect(head) {
    const start = head.startsWith('\ufeff') ? 1 : 0
    const names = head.slice(start).trimStart().split(/\r?\n/, 1)[0]?.split(',') ?? []
    return names.some((name) => arnColumns.includes(name.trim().replaceAll('"', '').toLowerCase()))
  },
  read: readCsv,
}
