// A real server in this process, on a free loopback port with a data folder of its own, and clients that call it as
// root: AWS's SDK, and a raw request for what no SDK would send.
import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ConfigServiceClient } from '@aws-sdk/client-config-service'
import { ResourceGroupsClient } from '@aws-sdk/client-resource-groups'
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import { STSClient } from '@aws-sdk/client-sts'
import { startServer } from '../../src/compose.ts'
import { loadConfig } from '../../src/config.ts'

export interface RawRequest {
  /** The name in the signature's scope: `tagging`. */
  service: string
  method?: string
  /** Path and query, already encoded; the query's names in order. */
  target?: string
  /** Besides those of the signature; all are signed. */
  headers?: Record<string, string>
  body?: string | Buffer
  region?: string
  secretAccessKey?: string
}

export interface RawAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

export interface ServerOptions {
  /** Settings by name, as text. */
  settings?: Record<string, string>
  clock?: () => number
  /** An earlier server's, to start on its store again. */
  dataDir?: string
}

export type TestServer = Awaited<ReturnType<typeof startTestServer>>

export async function startTestServer(options: ServerOptions = {}) {
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), 'corral-test-'))
  const credentials = {
    accessKeyId: 'AKIATESTROOT00000000',
    secretAccessKey: 'a-secret-for-tests-only-0000000000000000',
  }
  const { clock } = options
  const server = await startServer(
    loadConfig({
      flags: { port: '0', dataDir, logLevel: 'silent', accountId: '123456789012', ...options.settings },
      environment: {
        CORRAL_ROOT_ACCESS_KEY_ID: credentials.accessKeyId,
        CORRAL_ROOT_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      },
    }),
    clock ? { clock } : {},
  )

  const destroyable: { destroy(): void }[] = []
  const kept = <Client extends { destroy(): void }>(client: Client): Client => {
    destroyable.push(client)
    return client
  }

  /** SDK clients that call in a Region; without retries, so that a test sees each answer. */
  const clientsIn = (region: string) => {
    const settings = { endpoint: server.url, region, credentials, maxAttempts: 1 }
    return {
      groups: kept(new ResourceGroupsClient(settings)),
      tagging: kept(new ResourceGroupsTaggingAPIClient(settings)),
      config: kept(new ConfigServiceClient(settings)),
      sts: kept(new STSClient(settings)),
    }
  }

  return {
    url: server.url,
    accountId: server.accountId,
    dataDir,
    credentials,
    clientsIn,
    ...clientsIn('us-east-1'),

    raw: (draft: RawRequest): Promise<RawAnswer> => send(server.url, credentials, draft, (clock ?? Date.now)()),

    /** One call of a JSON service: `json('tagging', 'ResourceGroupsTaggingAPI_20170126.GetResources', {})`. */
    json: (service: string, target: string, body: unknown, more: Partial<RawRequest> = {}): Promise<RawAnswer> =>
      send(
        server.url,
        credentials,
        {
          service,
          body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
          ...more,
          headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target, ...more.headers },
        },
        (clock ?? Date.now)(),
      ),

    /** `keepData`: for a later start on the same store. */
    async stop({ keepData = false } = {}) {
      for (const client of destroyable) client.destroy()
      await server.stop()
      if (!keepData) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

const hash = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

const encoded = (text: string) =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** Signs by AWS Signature Version 4, header form, for targets without anything to normalize. */
function send(
  url: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
  draft: RawRequest,
  nowMs: number,
): Promise<RawAnswer> {
  const { service, method = 'POST', target = '/', body = '', region = 'us-east-1' } = draft
  const timestamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const date = timestamp.slice(0, 8)
  const headers: Record<string, string> = { ...draft.headers, host: new URL(url).host, 'x-amz-date': timestamp }
  const names = Object.keys(headers).sort()
  const [pathPart = '', query = ''] = target.split('?', 2)
  const canonical = [
    method,
    pathPart.split('/').map(encoded).join('/'),
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    hash(body),
  ].join('\n')
  const scope = `${date}/${region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', timestamp, scope, hash(canonical)].join('\n')
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${draft.secretAccessKey ?? credentials.secretAccessKey}`,
  )
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${hmac(key, toSign).toString('hex')}`
  return new Promise((resolve, reject) => {
    const outgoing = request(url + target, { method, headers }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
