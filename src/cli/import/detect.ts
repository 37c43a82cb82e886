// Reads a file of any of the formats, told apart by what is in it, never by its name. A file that is none of them, or
// one too large to be held, gives a single rejected item whose `where` is empty, with the reason to show.
import { corralLines } from './formats/corral-lines.ts'
import { csv } from './formats/csv.ts'
import { type DocumentFormat, type Format, refusal, type StreamFormat } from './formats/format.ts'
import { getResources } from './formats/get-resources.ts'
import { type DocumentsOrReason, parseJsonDocuments } from './formats/json-documents.ts'
import { property } from './formats/json-value.ts'
import { kubernetes } from './formats/kubernetes.ts'
import { stackOutputs } from './formats/stack-outputs.ts'
import { template } from './formats/template.ts'
import { terraformShow } from './formats/terraform-show.ts'
import { terraformState } from './formats/terraform-state.ts'
import { unsupportedReason } from './formats/unsupported.ts'
import { parseYamlDocuments } from './formats/yaml-documents.ts'
import type { ImportContext, ImportItem } from './item.ts'

/** Of formats that must be held whole. */
const maxJsonBytes = 64 * 1024 * 1024
/** YAML takes some 300 times its size in memory while it is parsed, and a second for each MiB. */
const maxYamlLength = 4 * 1024 * 1024
/** Elements of a list that are taken for pages or rows; a longer one is data of some other kind. */
const maxPages = 1_000_000
/** What a stream format is recognised by. */
const headBytes = 64 * 1024

const streamFormats: readonly StreamFormat[] = [corralLines, csv]
const documentFormats: readonly DocumentFormat[] = [
  terraformState,
  terraformShow,
  getResources,
  stackOutputs,
  template,
  kubernetes,
]

type FoundDocument = { format: DocumentFormat; documents: readonly unknown[] } | { reason: string }

/** Recordings of AWS clients keep a response under `data`, beside its status. */
function unwrapped(document: unknown): unknown {
  return typeof property(document, 'status_code') === 'number' ? (property(document, 'data') ?? document) : document
}

function parseDocuments(text: string): DocumentsOrReason {
  const first = /^\s*(\S)/.exec(text)?.[1]
  if (first === '{' || first === '[') return parseJsonDocuments(text)
  if (text.length > maxYamlLength) return { reason: 'YAML of more than 4 MiB: export it as JSON' }
  return parseYamlDocuments(text)
}

function detectDocument(text: string): FoundDocument {
  const parsed = parseDocuments(text)
  if ('reason' in parsed) return parsed
  const documents = parsed.documents
    .flatMap((document) => (Array.isArray(document) && document.length <= maxPages ? document : [document]))
    .map(unwrapped)
  const format = documentFormats.find((candidate) => candidate.detect(documents))
  return format ? { format, documents } : { reason: unsupportedReason(documents) }
}

/** The format of a whole text, or why none reads it. */
export function detectFormat(text: string): { format: Format } | { reason: string } {
  const clean = text.startsWith('\ufeff') ? text.slice(1) : text
  const format = streamFormats.find((candidate) => candidate.detect(clean.slice(0, headBytes)))
  return format ? { format } : detectDocument(clean)
}

interface Opened {
  head: Uint8Array
  /** All of the input, the head included. */
  whole: AsyncIterable<Uint8Array>
}

async function open(input: AsyncIterable<Uint8Array>): Promise<Opened> {
  const iterator = input[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let bytes = 0
  while (bytes < headBytes) {
    const next = await iterator.next()
    if (next.done) break
    chunks.push(next.value)
    bytes += next.value.length
  }
  const head = Buffer.concat(chunks)
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      yield head
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { head, whole: whole() }
}

/** Why bytes are no text that any format could be, or undefined. */
function binaryReason(head: Uint8Array): string | undefined {
  const [first, second] = head
  if (first === 0x1f && second === 0x8b) return 'compressed with gzip: decompress it first'
  if (first === 0x50 && second === 0x4b) return 'a zip archive: unpack it first'
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return 'UTF-16 text: save it as UTF-8'
  return head.includes(0) ? 'not a text file' : undefined
}

/** `unreadable`: why nothing more needs to be read. The input is closed in any case. */
async function readDocument(input: AsyncIterable<Uint8Array>, unreadable: string | undefined): Promise<FoundDocument> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of input) {
    if (unreadable !== undefined) return { reason: unreadable }
    bytes += chunk.length
    if (bytes > maxJsonBytes) return { reason: 'more than 64 MiB: split the file, or use a format of one row a line' }
    chunks.push(chunk)
  }
  try {
    return detectDocument(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      return { reason: 'not UTF-8' }
    }
    throw error
  }
}

/** `detected` is told the format before the first item; it is not called for a file that is refused. */
export async function* readImport(
  input: AsyncIterable<Uint8Array>,
  context: ImportContext,
  detected: (format: Format) => void = () => undefined,
): AsyncGenerator<ImportItem> {
  const { head, whole } = await open(input)
  const unreadable = binaryReason(head)
  const headText = new TextDecoder('utf-8').decode(head)
  const streamFormat = streamFormats.find((candidate) => candidate.detect(headText))
  if (unreadable === undefined && streamFormat) {
    detected(streamFormat)
    yield* streamFormat.read(whole, context)
    return
  }
  const found = await readDocument(whole, unreadable)
  if ('reason' in found) yield refusal(found.reason)
  else {
    detected(found.format)
    yield* found.format.read(found.documents, context)
  }
}
