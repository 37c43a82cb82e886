// A real server in this process, on a free loopback port with a data folder of its own, and clients that call it as
// root: AWS's SDK, and a raw request for what no SDK would send.
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
import { type Credentials, signedHeaders } from './sign.ts'

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

  let stopped: Promise<void> | undefined
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

    /** `keepData`: for a later start on the same store. May be called again. */
    async stop({ keepData = false } = {}) {
      for (const client of destroyable) client.destroy()
      await (stopped ??= server.stop())
      if (!keepData) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function send(url: string, credentials: Credentials, draft: RawRequest, nowMs: number): Promise<RawAnswer> {
  const { service, method = 'POST', target = '/', body = '', region = 'us-east-1', secretAccessKey } = draft
  const headers = signedHeaders({
    credentials: secretAccessKey === undefined ? credentials : { ...credentials, secretAccessKey },
    service,
    region,
    method,
    target,
    host: new URL(url).host,
    headers: draft.headers ?? {},
    body,
    nowMs,
  })
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
