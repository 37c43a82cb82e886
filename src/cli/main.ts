// The command line: `corral serve`, `corral config` … Each command is a file; this one only tells them apart.
import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config.ts'
import { StorageError } from '../storage/database.ts'
import { configCommand } from './config.ts'
import { exportCommand } from './export.ts'
import { importCommand } from './import.ts'
import { serveCommand } from './serve.ts'

/** The process's exit code. */
export async function runCli(args: readonly string[]): Promise<number> {
  const program = new Command('corral')
    .description('Self-hosted, AWS-compatible system of record for resource groups and tags')
    .exitOverride()
    .showHelpAfterError()
  for (const command of [serveCommand(), configCommand(), importCommand(), exportCommand()]) program.addCommand(command)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    const known = error instanceof ConfigError || error instanceof StorageError || 'code' in (error as object)
    process.stderr.write(`corral: ${known || error instanceof Error ? (error as Error).message : String(error)}\n`)
    return 1
  }
}
