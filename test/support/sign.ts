// Signs a request by AWS Signature Version 4, header form, as a client would. For targets without anything to normalize;
// shares no code with the verifier.
import { createHash, createHmac } from 'node:crypto'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
}

export interface Unsigned {
  credentials: Credentials
  /** The name in the signature's scope: `tagging`. */
  service: string
  region?: string
  method: string
  /** Path and query, already encoded; the query's names in order. */
  target: string
  host: string
  /** Besides host and date; all are signed. */
  headers?: Readonly<Record<string, string>>
  body?: string | Buffer
  nowMs: number
}

const hash = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

const encoded = (text: string) =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** `20261124T101500Z` */
export const timestampOf = (nowMs: number) => new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')

/** All headers to send, by name in lower case. */
export function signedHeaders(draft: Unsigned): Record<string, string> {
  const { credentials, service, region = 'us-east-1', method, target, body = '' } = draft
  const timestamp = timestampOf(draft.nowMs)
  const date = timestamp.slice(0, 8)
  const headers: Record<string, string> = { ...draft.headers, host: draft.host, 'x-amz-date': timestamp }
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
    `AWS4${credentials.secretAccessKey}`,
  )
  const signature = hmac(key, toSign).toString('hex')
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return headers
}
