// `corral serve`: starts the server and stops it on a signal.
import path from 'node:path'
import { Command } from 'commander'
import { startServer } from '../compose.ts'
import { loadConfig } from '../config.ts'
import { addSettingFlags, configSources } from './settings-flags.ts'

export function serveCommand(): Command {
  return addSettingFlags(new Command('serve').description('Serve until SIGTERM or SIGINT')).action(
    async (options: Record<string, string>) => {
      const config = loadConfig(configSources(options))
      // Before anyone can know that it serves: a signal that comes early is not to be fatal.
      const stopWanted = signalled()
      const server = await startServer(config)
      console.log(`Corral serves ${server.url} (account ${server.accountId})`)
      if (server.first) console.log(firstStartHints(server.url, server.credentialsFile))
      await stopWanted
      await server.stop()
    },
  )
}

function firstStartHints(url: string, credentialsFile: string): string {
  const file = path.relative(process.cwd(), credentialsFile)
  const aws = `aws --endpoint-url ${url} --profile corral`
  return `
The root access key is in ${file}, as the AWS profile "corral". Try:

  export AWS_SHARED_CREDENTIALS_FILE=${file.startsWith('..') ? credentialsFile : file}
  ${aws} sts get-caller-identity
  ${aws} resource-groups list-groups
  ${aws} resourcegroupstaggingapi get-resources
`
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
}
