// Reads one file through the importer, as the tests of this folder need it.
import { createReadStream } from 'node:fs'
import { readImport } from '../../src/cli/import/detect.ts'
import type { ImportContext, ImportItem } from '../../src/cli/import/item.ts'

export const context: ImportContext = {
  partition: 'aws',
  account: '123456789012',
  region: 'us-east-1',
  stackName: 'shop',
  parameters: {},
  assumeDeployed: false,
  cluster: 'main',
}

export interface FileRead {
  /** Undefined where the file was refused. */
  format: string | undefined
  items: ImportItem[]
}

export async function readFile(file: string, over: Partial<ImportContext> = {}): Promise<FileRead> {
  let format: string | undefined
  const items: ImportItem[] = []
  const input = createReadStream(file)
  for await (const item of readImport(input, { ...context, ...over }, (found) => (format = found.name)))
    items.push(item)
  return { format, items }
}

/** How many items of each kind, by reason where there is one; and what tags the resources have together. */
export function count(items: readonly ImportItem[]) {
  const counts: Record<string, number> = {}
  const add = (name: string, times: number) => (counts[name] = (counts[name] ?? 0) + times)
  for (const item of items) {
    add('reason' in item ? `${item.kind}: ${item.reason}` : item.kind, 1)
    const tags = item.kind === 'resource' ? Object.keys(item.resource.tags ?? {}).length : 0
    if (tags > 0) {
      add('tagged', 1)
      add('tags', tags)
    }
  }
  return counts
}
