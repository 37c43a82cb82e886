// `corral import FILE|FOLDER|-`: reads files of any known format and sends what they say to a running server, by signed
// calls to its ImportResources like anyone's. Each file is a source of its own, reconciled with what it said the last
// time. Results go to standard output, progress to standard error.
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, fchmodSync, openSync, readdirSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import { Command, CommanderError } from 'commander'
import { partitionOf } from '../model/arn.ts'
import { addConnectionFlags, connect, type ConnectionOptions } from './connection-flags.ts'
import { type ImportSummary, type Reject, runImport } from './import-run.ts'
import { readImport } from './import/detect.ts'
import type { ImportContext } from './import/item.ts'

interface ImportOptions extends ConnectionOptions {
  source?: string
  account?: string
  stack?: string
  parameter: string[]
  assumeDeployed?: true
  cluster: string
  dryRun?: true
  rejects?: string
}

/** The process's exit code when records were rejected and everything else went well. */
const someRejected = 2

export function importCommand(): Command {
  const command = new Command('import')
    .description('Import resources and their tags from files into a running server')
    .argument(
      '<input>',
      'a file, a folder (all files below it, except those whose names begin with a dot), or - for standard input',
    )
    .option('--source <name>', "name under which the input is reconciled (default: the file's or folder's name)")
    .option('--region <region>', 'Region of what does not say its own')
    .option('--account <id>', "AWS account of what does not say its own (default: the caller's)")
    .option('--stack <name>', 'stack that the resources of a template belong to')
    .option('--parameter <name=value>', 'parameter of a template; may be repeated', collect, [])
    .option('--assume-deployed', 'take what templates declare as existing')
    .option('--cluster <name>', 'name of the Kubernetes cluster', 'default')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--rejects <file>', 'file that rejected records are added to (default: ./NAME.rejects.ndjson)')
  return addConnectionFlags(command).action(importAll)
}

const collect = (value: string, previous: string[]): string[] => [...previous, value]

async function importAll(input: string, options: ImportOptions): Promise<void> {
  // Whoever stopped reading what is printed does not want the import to stop halfway.
  process.stdout.on('error', () => undefined)
  const { client, region } = connect(options)
  const parameters = readParameters(options.parameter)
  if (options.account !== undefined && !/^\d{12}$/.test(options.account)) throw new Error('--account must be 12 digits')
  const files = findFiles(input, options.source)
  const rejects = openRejects(options.rejects ?? `${nameOf(input)}.rejects.ndjson`)
  try {
    const account = options.account ?? (await client.callerAccount())
    const context: ImportContext = {
      partition: partitionOf(region),
      account,
      region,
      ...(options.stack !== undefined && { stackName: options.stack }),
      parameters,
      assumeDeployed: options.assumeDeployed === true,
      cluster: options.cluster,
    }
    let rejected = 0
    for (const file of files) {
      const progress = startProgress(file.source)
      let format = ''
      const summary = await runImport({
        client,
        source: file.source,
        runId: await runIdOf(file, context),
        account,
        dryRun: options.dryRun === true,
        items: readImport(streamOf(file), context, (found) => (format = found.name)),
        onReject: (reject) => rejects.write(file.source, reject),
        onProgress: progress.show,
      })
      progress.end()
      rejected += summary.rejected
      console.log(describe(file.source, format, summary, options.dryRun === true))
    }
    if (files.length === 0) console.log('No files there.')
    if (rejected > 0) {
      console.log(`${rejected} rejected; see ${rejects.file}`)
      throw new CommanderError(someRejected, 'corral.rejected', 'some records were rejected')
    }
  } finally {
    client.close()
  }
}

function readParameters(given: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {}
  for (const text of given) {
    const equals = text.indexOf('=')
    if (equals < 1) throw new Error('--parameter must be NAME=VALUE')
    parameters[text.slice(0, equals)] = text.slice(equals + 1)
  }
  return parameters
}

interface InputFile {
  /** Undefined: standard input. */
  file: string | undefined
  source: string
}

const nameOf = (input: string): string => (input === '-' ? 'stdin' : path.basename(path.resolve(input)))

function findFiles(input: string, source: string | undefined): InputFile[] {
  if (input === '-') {
    if (source === undefined) throw new Error('standard input has no name of its own: give --source')
    return [{ file: undefined, source: sourceName(source) }]
  }
  const name = source ?? nameOf(input)
  if (!statSync(input).isDirectory()) return [{ file: input, source: sourceName(name) }]
  return filesBelow(input)
    .sort()
    .map((file) => ({
      file: path.join(input, file),
      source: sourceName([name, ...file.split(path.sep)].join('/')),
    }))
}

/** Relative to the folder. Links are not followed: they could lead anywhere, and in circles. */
function filesBelow(folder: string, below = ''): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(below, entry.name)
    if (entry.name.startsWith('.')) return []
    return entry.isDirectory() ? filesBelow(folder, file) : entry.isFile() ? [file] : []
  })
}

const maxSourceLength = 128

/** As the server takes it; a longer name ends in a hash of the whole. */
function sourceName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it replaces
  const plain = name.toWellFormed().replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?')
  if (plain === name && Array.from(name).length <= maxSourceLength) return name
  const suffix = createHash('sha256').update(name).digest('hex').slice(0, 16)
  return `${Array.from(plain)
    .slice(0, maxSourceLength - suffix.length - 1)
    .join('')}~${suffix}`
}

const streamOf = ({ file }: InputFile): AsyncIterable<Uint8Array> =>
  file === undefined ? process.stdin : createReadStream(file, { highWaterMark: 256 * 1024 })

/** What standard input holds cannot be read twice, so such a run is never gone on with. */
async function runIdOf(input: InputFile, context: ImportContext): Promise<string> {
  if (input.file === undefined) return randomBytes(32).toString('base64url')
  const digest = createHash('sha256').update(JSON.stringify([input.source, context]))
  for await (const chunk of streamOf(input)) digest.update(chunk)
  return digest.digest('base64url')
}

interface RejectsFile {
  file: string
  write(source: string, reject: Reject): void
}

/** Made when the first reject comes, for the owner's eyes only. What is there already is kept. */
function openRejects(file: string): RejectsFile {
  let descriptor: number | undefined
  return {
    file,
    write(source, { where, reason, record }) {
      if (descriptor === undefined) {
        descriptor = openSync(file, 'a', 0o600)
        fchmodSync(descriptor, 0o600)
      }
      writeSync(descriptor, `${JSON.stringify({ source, where, reason, record })}\n`)
    },
  }
}

const progressIntervalMs = 5_000
const terminalIntervalMs = 200

function startProgress(source: string): { show: (summary: ImportSummary) => void; end: () => void } {
  const startMs = Date.now()
  const isTerminal = process.stderr.isTTY
  let shownMs = startMs
  let isShown = false
  return {
    show(summary) {
      const nowMs = Date.now()
      if (nowMs - shownMs < (isTerminal ? terminalIntervalMs : progressIntervalMs)) return
      shownMs = nowMs
      isShown = true
      const done = recordsOf(summary)
      const line = `${source}: ${done} records, ${Math.round((done * 1000) / (nowMs - startMs))} a second`
      process.stderr.write(isTerminal ? `\r\x1b[K${printable(line)}` : `${printable(line)}\n`)
    },
    end() {
      if (isShown && isTerminal) process.stderr.write('\r\x1b[K')
    },
  }
}

const recordsOf = (summary: ImportSummary): number =>
  summary.created +
  summary.updated +
  summary.unchanged +
  summary.declared +
  summary.confirmed +
  summary.repeated +
  summary.rejected

function describe(source: string, format: string, summary: ImportSummary, dryRun: boolean): string {
  const always: [string, number][] = [
    ['new', summary.created],
    ['changed', summary.updated],
    ['unchanged', summary.unchanged],
    ['gone', summary.gone],
  ]
  const otherwise: [string, number][] = [
    ['declared', summary.declared],
    ['confirmed', summary.confirmed],
    ['repeated', summary.repeated],
    ['rejected', summary.rejected],
  ]
  const counts = [...always, ...otherwise.filter(([, count]) => count > 0)]
  const lines = [`${source}${format === '' ? '' : ` (${format})`}${dryRun ? ', dry run: nothing is changed' : ''}`]
  for (const [name, count] of counts) lines.push(`  ${name.padEnd(10)} ${String(count).padStart(9)}`)
  for (const [reason, count] of summary.skipped)
    lines.push(`  ${'skipped'.padEnd(10)} ${String(count).padStart(9)}  ${reason}`)
  if (summary.isPartial) lines.push('  What is gone was not looked for, since not every record could be read.')
  if (summary.resumedAt > 0) lines.push(`  Went on after ${summary.resumedAt} records of an earlier attempt.`)
  return lines.map(printable).join('\n')
}

/** File names and reasons may hold anything; a terminal obeys control characters. */
// oxlint-disable-next-line no-control-regex -- control characters are what it replaces
const printable = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?')
