// The process: reads its command line and runs one command. What the commands do stands in cli/.
import { runCli } from './cli/main.ts'

process.exitCode = await runCli(process.argv.slice(2))
