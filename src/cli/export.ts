// `corral export`: everything that a running server has, as JSON lines or CSV that `corral import` reads. CSV has no
// place for a stack's status: its stacks come back as resources.
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { Command, Option } from 'commander'
import { addConnectionFlags, connect, type ConnectionOptions } from './connection-flags.ts'
import { csvHeader, exportCsvLine } from './import/formats/csv.ts'
import { exportLine, exportStackLine } from './import/formats/corral-lines.ts'
import type { ImportedResource } from './import/item.ts'

interface ExportOptions extends Omit<ConnectionOptions, 'region'> {
  format: 'ndjson' | 'csv'
  region?: string[]
  output?: string
}

interface ExportedResource {
  ResourceArn?: string
  ResourceType: string
  Region: string
  Tags: Record<string, string>
  PhysicalId?: string
  Stack?: { StackId: string; LogicalId: string }
  Declared?: true
  StackName?: string
  StackStatus?: string
}

export function exportCommand(): Command {
  const command = new Command('export')
    .description('Export all resources and their tags from a running server')
    .addOption(new Option('--format <format>', 'form of the output').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--region <region...>', 'only what is in these Regions')
    .option('--output <file>', 'write to a file, for the owner only, instead of standard output')
  return addConnectionFlags(command).action(exportAll)
}

async function exportAll({ region: regions, ...options }: ExportOptions): Promise<void> {
  const { client } = connect(options)
  const output: Writable =
    options.output === undefined ? process.stdout : createWriteStream(options.output, { mode: 0o600 })
  let failure: unknown
  output.on('error', (error) => (failure = error))
  try {
    if (options.format === 'csv') output.write(`${csvHeader}\n`)
    let token: string | undefined
    do {
      const page = (await client.corral(
        'ExportResources',
        JSON.stringify({ MaxResults: 1000, Regions: regions, NextToken: token }),
      )) as { Resources: ExportedResource[]; NextToken?: string }
      const text = page.Resources.map((resource) => `${lineOf(resource, options.format)}\n`).join('')
      if (text !== '' && !output.write(text)) await once(output, 'drain')
      if (failure) throw failure
      token = page.NextToken
    } while (token !== undefined)
  } finally {
    client.close()
  }
  if (output !== process.stdout) {
    output.end()
    await once(output, 'close')
  }
}

function lineOf(given: ExportedResource, format: ExportOptions['format']): string {
  const { ResourceArn, StackName, StackStatus, Stack } = given
  if (format === 'ndjson' && ResourceArn !== undefined && StackName !== undefined && StackStatus !== undefined) {
    const stack = { id: ResourceArn, name: StackName, status: StackStatus, region: given.Region, tags: given.Tags }
    return exportStackLine(stack)
  }
  const resource: ImportedResource = {
    ...(ResourceArn !== undefined && { arn: ResourceArn }),
    type: given.ResourceType,
    region: given.Region,
    tags: given.Tags,
    ...(Stack && { stack: { id: Stack.StackId, logicalId: Stack.LogicalId } }),
    ...(given.PhysicalId !== undefined && { physicalId: given.PhysicalId }),
    ...(given.Declared && { declared: true }),
  }
  return format === 'csv' ? exportCsvLine(resource) : exportLine(resource)
}
