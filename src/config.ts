// Every setting, default and limit of a Corral process, from flags, environment and a file, in that order of
// precedence; frozen once read. A setting that holds a secret has no flag: command lines are seen by everyone on a
// machine.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isRegionName } from './model/arn.ts'

export interface Config {
  host: string
  port: number
  dataDir: string
  accountId: string | undefined
  rootAccessKeyId: string | undefined
  rootSecretAccessKey: string | undefined
  region: string
  masterKeyFile: string | undefined
  tlsCert: string | undefined
  tlsKey: string | undefined
  logLevel: string
  maxGroupsPerRegion: number
  maxBodyBytes: number
  maxImportBodyBytes: number
  maxHeaderBytes: number
  maxUrlBytes: number
  maxConnections: number
  headersTimeoutMs: number
  requestTimeoutMs: number
  keepAliveTimeoutMs: number
  shutdownGraceMs: number
}

export interface Setting {
  name: keyof Config
  description: string
  /** As text; undefined = unset. */
  default?: string
  secret?: true
  /** A message if the text will not do. */
  check(text: string): string | undefined
}

const anyText = () => undefined
const matching = (pattern: RegExp, message: string) => (text: string) => (pattern.test(text) ? undefined : message)
const wholeNumber = (min: number, max: number) => (text: string) =>
  /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max
    ? undefined
    : `must be a whole number from ${min} to ${max}`

export const settings: readonly Setting[] = [
  {
    name: 'host',
    description: 'Address to listen on; other than loopback only with TLS',
    default: '127.0.0.1',
    check: matching(/^[0-9a-zA-Z.:_-]{1,255}$/, 'must be a host name or an address'),
  },
  { name: 'port', description: 'Port to listen on; 0 = any free one', default: '4566', check: wholeNumber(0, 65_535) },
  {
    name: 'dataDir',
    description: 'Folder that holds everything Corral keeps',
    default: './corral-data',
    check: anyText,
  },
  {
    name: 'accountId',
    description: 'Account made at first start; random unless set',
    check: matching(/^\d{12}$/, 'must be 12 digits'),
  },
  {
    name: 'rootAccessKeyId',
    description: "Id of the first account's root access key; random unless set",
    check: matching(/^[A-Z0-9]{16,128}$/, 'must be 16 to 128 capital letters and digits'),
  },
  {
    name: 'rootSecretAccessKey',
    description: "Secret of the first account's root access key; random unless set",
    secret: true,
    check: matching(/^[\x21-\x7e]{16,128}$/, 'must be 16 to 128 printable characters'),
  },
  {
    name: 'region',
    description: 'Region of the AWS profile that the first start writes',
    default: 'us-east-1',
    check: (text) => (isRegionName(text) ? undefined : 'must be a Region such as us-east-1'),
  },
  {
    name: 'masterKeyFile',
    description: 'File of the master key, created if there is no store yet; master.key in the data folder unless set',
    check: anyText,
  },
  { name: 'tlsCert', description: 'PEM file of the TLS certificate chain', check: anyText },
  { name: 'tlsKey', description: 'PEM file of the TLS private key', check: anyText },
  {
    name: 'logLevel',
    description: 'Least level of what is logged',
    default: 'info',
    check: matching(/^(?:trace|debug|info|warn|error|fatal|silent)$/, 'must be a log level of pino'),
  },
  {
    name: 'maxGroupsPerRegion',
    description: 'Quota of groups in a Region of an account',
    default: '100',
    check: wholeNumber(1, 1_000_000),
  },
  {
    name: 'maxBodyBytes',
    description: 'Largest request body',
    default: String(1024 * 1024),
    check: wholeNumber(1024, 64 * 1024 * 1024),
  },
  {
    name: 'maxImportBodyBytes',
    description: 'Largest request body of ImportResources',
    default: String(4 * 1024 * 1024),
    check: wholeNumber(1024, 64 * 1024 * 1024),
  },
  {
    name: 'maxHeaderBytes',
    description: 'Largest request line and headers together',
    default: '16384',
    check: wholeNumber(1024, 1024 * 1024),
  },
  { name: 'maxUrlBytes', description: 'Longest request target', default: '8192', check: wholeNumber(256, 65_536) },
  {
    name: 'maxConnections',
    description: 'Open connections; further ones are told to come back',
    default: '1024',
    check: wholeNumber(1, 65_536),
  },
  {
    name: 'headersTimeoutMs',
    description: 'Time for the headers of a request',
    default: '10000',
    check: wholeNumber(100, 600_000),
  },
  {
    name: 'requestTimeoutMs',
    description: 'Time for a whole request to arrive',
    default: '30000',
    check: wholeNumber(100, 600_000),
  },
  {
    name: 'keepAliveTimeoutMs',
    description: 'Time an idle connection is kept',
    default: '65000',
    check: wholeNumber(0, 600_000),
  },
  {
    name: 'shutdownGraceMs',
    description: 'Time that calls under way have to finish on SIGTERM',
    default: '3000',
    check: wholeNumber(0, 600_000),
  },
]

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
export const flagOf = (setting: Setting): string | undefined =>
  setting.secret ? undefined : `--${kebab(setting.name)}`
export const environmentOf = ({ name }: Setting): string => `CORRAL_${kebab(name).replaceAll('-', '_').toUpperCase()}`

/** A setting that will not do; the message is for the operator. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

export interface ResolvedSetting {
  setting: Setting
  text: string | undefined
  origin: 'flag' | 'environment' | 'file' | 'default'
}

export interface ConfigSources {
  /** Values of flags by setting name. */
  flags: Partial<Record<string, string>>
  environment: Readonly<Record<string, string | undefined>>
  /** JSON file of setting names and values. */
  file?: string
}

/** Each setting with where its value comes from. Throws ConfigError. */
export function resolveSettings(sources: ConfigSources): ResolvedSetting[] {
  const file = sources.file === undefined ? {} : readConfigFile(sources.file)
  const unknown = Object.keys(file).find((name) => !settings.some((setting) => setting.name === name))
  if (unknown !== undefined) throw new ConfigError(`${sources.file}: there is no setting named ${unknown}`)
  return settings.map((setting) => {
    const flag = sources.flags[setting.name]
    const variable = sources.environment[environmentOf(setting)]
    const inFile = file[setting.name]
    const resolved: ResolvedSetting =
      flag !== undefined
        ? { setting, text: flag, origin: 'flag' }
        : variable !== undefined && variable !== ''
          ? { setting, text: variable, origin: 'environment' }
          : inFile !== undefined
            ? { setting, text: inFile, origin: 'file' }
            : { setting, text: setting.default, origin: 'default' }
    const problem = resolved.text === undefined ? undefined : setting.check(resolved.text)
    if (problem !== undefined) throw new ConfigError(`${setting.name} (from ${resolved.origin}) ${problem}`)
    return resolved
  })
}

export function loadConfig(sources: ConfigSources): Config {
  const text = new Map(resolveSettings(sources).map(({ setting, text: value }) => [setting.name, value]))
  const number = (name: keyof Config) => Number(text.get(name))
  const config: Config = {
    host: text.get('host') ?? '',
    port: number('port'),
    dataDir: path.resolve(text.get('dataDir') ?? ''),
    accountId: text.get('accountId'),
    rootAccessKeyId: text.get('rootAccessKeyId'),
    rootSecretAccessKey: text.get('rootSecretAccessKey'),
    region: text.get('region') ?? '',
    masterKeyFile: text.get('masterKeyFile'),
    tlsCert: text.get('tlsCert'),
    tlsKey: text.get('tlsKey'),
    logLevel: text.get('logLevel') ?? '',
    maxGroupsPerRegion: number('maxGroupsPerRegion'),
    maxBodyBytes: number('maxBodyBytes'),
    maxImportBodyBytes: number('maxImportBodyBytes'),
    maxHeaderBytes: number('maxHeaderBytes'),
    maxUrlBytes: number('maxUrlBytes'),
    maxConnections: number('maxConnections'),
    headersTimeoutMs: number('headersTimeoutMs'),
    requestTimeoutMs: number('requestTimeoutMs'),
    keepAliveTimeoutMs: number('keepAliveTimeoutMs'),
    shutdownGraceMs: number('shutdownGraceMs'),
  }
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined))
    throw new ConfigError('tlsCert and tlsKey go together')
  if (config.tlsCert === undefined && !isLoopback(config.host))
    throw new ConfigError(
      `host ${config.host} is not a loopback address, and without TLS anyone on the way could read and replay what is sent there; set tlsCert and tlsKey, or listen on 127.0.0.1`,
    )
  if (config.headersTimeoutMs > config.requestTimeoutMs)
    throw new ConfigError('headersTimeoutMs cannot be longer than requestTimeoutMs, which includes it')
  if ((config.rootAccessKeyId === undefined) !== (config.rootSecretAccessKey === undefined))
    throw new ConfigError('rootAccessKeyId and rootSecretAccessKey go together')
  return Object.freeze(config)
}

/** Only literal addresses and `localhost`: a name could lead anywhere. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function readConfigFile(file: string): Record<string, string> {
  const text = readFileSync(file, 'utf8')
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text around the mistake, which may be a secret.
    throw new ConfigError(`${file} cannot be read as JSON`)
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new ConfigError(`${file} must hold one JSON object of settings`)
  return Object.fromEntries(
    Object.entries(document).map(([name, value]) => {
      if (typeof value !== 'string' && typeof value !== 'number')
        throw new ConfigError(`${file}: ${name} must be a text or a number`)
      return [name, String(value)]
    }),
  )
}
