// Signed calls from the command line to a running server, without any SDK: AWS Signature Version 4, and connections that
// are kept. Credentials come from where AWS's own tools have them, and from the data folder. Temporary failures of the
// connection are tried again; what is called must bear being called twice.
import { createHmac, hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { homedir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string | undefined
}

export interface CredentialOptions {
  profile: string | undefined
  dataDir: string | undefined
  environment: Readonly<Record<string, string | undefined>>
}

export interface FoundCredentials {
  credentials: Credentials
  /** The profile's. */
  region: string | undefined
}

const serverProfile = 'corral'
const defaultDataDir = 'corral-data'

/**
 * In this order: the data folder or profile that was asked for; the environment's keys; the environment's file; the
 * data folder here; the home folder's file. Throws an error for the operator.
 */
export function findCredentials({ profile, dataDir, environment }: CredentialOptions): FoundCredentials {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = environment
  if (dataDir === undefined && profile === undefined && id && secret) {
    const credentials = { accessKeyId: id, secretAccessKey: secret, sessionToken: environment['AWS_SESSION_TOKEN'] }
    return { credentials, region: undefined }
  }
  const ofFolder = path.join(dataDir ?? defaultDataDir, 'credentials')
  const ofEnvironment = environment['AWS_SHARED_CREDENTIALS_FILE']
  const file =
    dataDir === undefined && ofEnvironment !== undefined && ofEnvironment !== ''
      ? ofEnvironment
      : dataDir !== undefined || existsSync(ofFolder)
        ? ofFolder
        : path.join(homedir(), '.aws', 'credentials')
  const profiles = existsSync(file) ? readProfiles(readFileSync(file, 'utf8')) : new Map<string, Map<string, string>>()
  const asked = profile ?? (dataDir === undefined ? environment['AWS_PROFILE'] : undefined)
  const names = asked === undefined ? [serverProfile, 'default'] : [asked]
  for (const name of names) {
    const values = profiles.get(name)
    const accessKeyId = values?.get('aws_access_key_id')
    const secretAccessKey = values?.get('aws_secret_access_key')
    if (!values || !accessKeyId || !secretAccessKey) continue
    const sessionToken = values.get('aws_session_token')
    return { credentials: { accessKeyId, secretAccessKey, sessionToken }, region: values.get('region') }
  }
  throw new Error(`no access key of the profile ${names.join(' or ')} in ${file}; see --profile and --data-dir`)
}

/** An AWS credentials file: sections of `name = value`. */
function readProfiles(text: string): Map<string, Map<string, string>> {
  const profiles = new Map<string, Map<string, string>>()
  let values = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[(?:profile )?([^\]]+)\]\s*$/.exec(line)?.[1]
    if (section !== undefined) {
      values = new Map()
      profiles.set(section.trim(), values)
    }
    const equals = line.indexOf('=')
    if (section === undefined && equals > 0 && !/^\s*[#;]/.test(line))
      values.set(line.slice(0, equals).trim().toLowerCase(), line.slice(equals + 1).trim())
  }
  return profiles
}

/** An error that the server answered with. */
export class ServiceError extends Error {
  override name = 'ServiceError'
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

export interface Client {
  /** One of Corral's own operations, JSON in and out. Throws ServiceError. */
  corral(operation: string, input: string): Promise<unknown>
  /** 12 digits. */
  callerAccount(): Promise<string>
  close(): void
}

export interface ClientOptions {
  endpoint: string
  region: string
  credentials: Credentials
}

const maxAttempts = 4
const attemptTimeoutMs = 60_000
const maxAnswerBytes = 64 * 1024 * 1024

export function createClient({ endpoint, region, credentials }: ClientOptions): Client {
  const url = new URL(endpoint)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error(`${endpoint} is no http or https address`)
  const agent = url.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })

  async function call(service: string, headers: Record<string, string>, body: Buffer): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const signed = sign({ host: url.host, region, service, headers, body, credentials, nowMs: Date.now() })
      try {
        const answer = await send(url, agent, signed, body)
        if (answer.status !== 503 || attempt === maxAttempts) return answer
      } catch (error) {
        if (attempt === maxAttempts) throw new Error(`${endpoint} cannot be reached`, { cause: error })
      }
      await sleep(200 * 2 ** attempt)
    }
  }

  return {
    async corral(operation, input) {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `Corral_20261101.${operation}`,
      }
      const answer = await call('corral', headers, Buffer.from(input))
      const document = parseObject(answer.body)
      if (answer.status === 200) return document
      throw new ServiceError(text(document['__type']) ?? String(answer.status), messageOf(document))
    },
    async callerAccount() {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await call('sts', headers, Buffer.from('Action=GetCallerIdentity&Version=2011-06-15'))
      const account = /<Account>(\d{12})<\/Account>/.exec(answer.body)?.[1]
      if (answer.status === 200 && account !== undefined) return account
      const code = /<Code>([A-Za-z.]+)<\/Code>/.exec(answer.body)?.[1] ?? String(answer.status)
      throw new ServiceError(
        code,
        /<Message>([^<]*)<\/Message>/.exec(answer.body)?.[1] ?? 'no Corral server answers there',
      )
    },
    close: () => agent.destroy(),
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const messageOf = (document: Record<string, unknown>): string =>
  text(document['message']) ?? text(document['Message']) ?? 'the server gives no reason'

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

interface Answer {
  status: number
  body: string
}

function send(url: URL, agent: HttpAgent | HttpsAgent, headers: Record<string, string>, body: Buffer): Promise<Answer> {
  const make = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const outgoing = make(
      url,
      { method: 'POST', path: '/', agent, headers: { ...headers, 'content-length': body.length } },
      (incoming) => {
        const chunks: Buffer[] = []
        let bytes = 0
        incoming.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > maxAnswerBytes) outgoing.destroy(new Error('the answer is too large'))
          else chunks.push(chunk)
        })
        incoming.on('error', reject)
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
      },
    )
    outgoing.setTimeout(attemptTimeoutMs, () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

export interface Signing {
  host: string
  region: string
  service: string
  headers: Readonly<Record<string, string>>
  body: Uint8Array
  credentials: Credentials
  nowMs: number
}

const algorithm = 'AWS4-HMAC-SHA256'

/** The headers of a POST to `/`, with those of its signature. */
export function sign({ host, region, service, headers, body, credentials, nowMs }: Signing): Record<string, string> {
  const timestamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const date = timestamp.slice(0, 8)
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const all: Record<string, string> = {
    ...headers,
    host,
    'x-amz-date': timestamp,
    ...(sessionToken && { 'x-amz-security-token': sessionToken }),
  }
  const names = Object.keys(all).sort()
  const lines = names.map((name) => `${name}:${all[name]}`)
  const canonical = ['POST', '/', '', ...lines, '', names.join(';'), hash('sha256', body)].join('\n')
  const scope = `${date}/${region}/${service}/aws4_request`
  const toSign = [algorithm, timestamp, scope, hash('sha256', canonical)].join('\n')
  let key: string | Buffer = `AWS4${secretAccessKey}`
  for (const part of [date, region, service, 'aws4_request']) key = createHmac('sha256', key).update(part).digest()
  const signature = createHmac('sha256', key).update(toSign).digest('hex')
  const claim = `Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...all, authorization: `${algorithm} ${claim}` }
}
