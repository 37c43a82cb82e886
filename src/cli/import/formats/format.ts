// What a format is: how it is recognised, and how it gives items. Two kinds, by how much of a file they must hold.
// A refusal of a whole file is one item like any other: rejected, `where` empty, no record. So a caller counts and
// shows it the same way, and a file that turns out bad midway can still say so.
import type { ImportContext, ImportItem } from '../item.ts'

/** Rows one after another: read chunk by chunk in constant memory, so without limit on the file's size. */
export interface StreamFormat {
  kind: 'stream'
  name: string
  description: string
  /** `head`: the file's first characters, cut anywhere. */
  detect(head: string): boolean
  read(input: AsyncIterable<Uint8Array>, context: ImportContext): AsyncIterable<ImportItem>
}

/** JSON or YAML that means something only as a whole: parsed first, then told apart by what it holds. */
export interface DocumentFormat {
  kind: 'document'
  name: string
  description: string
  /** `documents`: every top-level value of the file; pages in one array and the wrapper of recordings are opened. */
  detect(documents: readonly unknown[]): boolean
  read(documents: readonly unknown[], context: ImportContext): Iterable<ImportItem>
}

export type Format = StreamFormat | DocumentFormat

export function refusal(reason: string): ImportItem {
  return { kind: 'rejected', where: '', reason, record: null }
}
