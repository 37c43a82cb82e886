// The flags by which a command finds the server and who calls it, as AWS's own tools name them where they have them.
import type { Command } from 'commander'
import { type Client, createClient, findCredentials } from './client.ts'

export interface ConnectionOptions {
  endpointUrl?: string
  profile?: string
  dataDir?: string
  region?: string
}

const defaultEndpoint = 'http://127.0.0.1:4566'
const defaultRegion = 'us-east-1'

export function addConnectionFlags(command: Command): Command {
  return command
    .option('--endpoint-url <url>', `the server (AWS_ENDPOINT_URL, default ${defaultEndpoint})`)
    .option('--profile <name>', 'profile of the credentials file (AWS_PROFILE, default corral, then default)')
    .option('--data-dir <folder>', "the server's data folder, for the root access key in it")
}

export function connect(options: ConnectionOptions): { client: Client; region: string } {
  const environment = process.env
  const { profile, dataDir } = options
  const { credentials, region: ofProfile } = findCredentials({ profile, dataDir, environment })
  const region = firstOf(options.region, environment['AWS_REGION'], environment['AWS_DEFAULT_REGION'], ofProfile)
  const endpoint = firstOf(options.endpointUrl, environment['AWS_ENDPOINT_URL']) ?? defaultEndpoint
  return {
    client: createClient({ endpoint, region: region ?? defaultRegion, credentials }),
    region: region ?? defaultRegion,
  }
}

/** Variables that are set to nothing count as unset. */
const firstOf = (...texts: (string | undefined)[]): string | undefined =>
  texts.find((text) => text !== undefined && text !== '')
