// Makes random requests and signs them as a careful client would: header form and presigned form, paths with percent-
// encoded ARNs, queries, bodies, signed and unsigned headers, session tokens. Knows nothing of mutations; the signature
// comes from the independent canonicalizer, never from the code under test.
import { createHash } from 'node:crypto'
import type { SignedRequest } from '../../../src/identity/sigv4.ts'
import { readRequest, signatureOf } from './independent-canonicalizer.ts'
import type { Circumstances, Reading, ReadingBug } from './independent-canonicalizer.ts'
import type { Random } from './random.ts'

/** A request in pieces that can be changed one by one. `requestOf` puts it together as a server receives it. */
export interface Draft {
  method: string
  /** Raw, as on the request line. */
  path: string
  /** Raw `name=value` pieces between the ampersands. */
  query: string[]
  /** Name and value, in the order sent. */
  headers: [string, string][]
  body: Buffer
  /** The server's clock when the request arrives. */
  nowMs: number
}

export const acceptedServices: readonly string[] = ['resource-groups', 'tagging', 'sts', 'config', 'events']

const secrets = new Map([
  ['AKIDEXAMPLE', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'],
  ['AKIASECOND0000000000', 'second+secret/0000000000000000000000000000'],
  ['ASIATEMPORARY0000000', 'temporary-secret-000000000000000000000000'],
])
/** A client may sign with a key that the server does not know. */
const unknownSecret = 'secret-of-a-stranger-00000000000000000000'
export const accessKeyIds: readonly [string, ...string[]] = [
  'AKIDEXAMPLE',
  'AKIASECOND0000000000',
  'ASIATEMPORARY0000000',
]

export const secretOf = (accessKeyId: string): string | undefined => secrets.get(accessKeyId)

export function circumstancesAt(nowMs: number): Circumstances {
  return { services: acceptedServices, nowMs, secretOf }
}

export function requestOf(draft: Draft): SignedRequest {
  const target = draft.query.length === 0 ? draft.path : `${draft.path}?${draft.query.join('&')}`
  return { method: draft.method, target, rawHeaders: draft.headers.flat(), body: draft.body }
}

export function copyOf(draft: Draft): Draft {
  return { ...draft, query: [...draft.query], headers: draft.headers.map(([name, value]) => [name, value]) }
}

export const isPresigned = (draft: Draft): boolean => draft.query.some((piece) => piece.startsWith('X-Amz-Algorithm='))

export function headersNamed(draft: Draft, name: string): [string, string][] {
  return draft.headers.filter((header) => header[0].toLowerCase() === name)
}

export type ClaimPart = 'Credential' | 'SignedHeaders' | 'Signature'

/** Rewrites one part of what the request says about its signature, in whichever form it says it. */
export function editClaim(draft: Draft, part: ClaimPart, edit: (value: string) => string): void {
  const prefix = `X-Amz-${part}=`
  draft.query = draft.query.map((piece) =>
    piece.startsWith(prefix)
      ? prefix + encodeURIComponent(edit(decodeURIComponent(piece.slice(prefix.length))))
      : piece,
  )
  for (const header of headersNamed(draft, 'authorization')) {
    header[1] = header[1].replace(new RegExp(`${part}=([^,]*)`), (_, value: string) => `${part}=${edit(value)}`)
  }
}

/** The names in SignedHeaders. */
export function signedNames(draft: Draft): string[] {
  let names: string[] = []
  editClaim(draft, 'SignedHeaders', (value) => {
    names = value.split(';')
    return value
  })
  return names
}

/**
 * Writes the signature into the draft and returns what was signed. `bug` signs as a client that misreads the rules (S3's
 * way of taking the path, say); the server must refuse that wherever it makes a difference.
 */
export function sign(draft: Draft, bug?: ReadingBug): Reading {
  const reading = readRequest(requestOf(draft), bug)
  if ('unreadable' in reading) throw new Error(`the generator made a request without a reading: ${reading.unreadable}`)
  const secret = secretOf(reading.accessKeyId) ?? unknownSecret
  const signature = signatureOf(secret, reading.scope, reading.stringToSign)
  editClaim(draft, 'Signature', () => signature)
  return { ...reading, signature }
}

const arn = 'arn%3Aaws%3Aresource-groups%3Aus-east-1%3A123456789012%3Agroup%2FWeb%20servers'
const paths: readonly [string, ...string[]] = [
  '/',
  '/groups',
  '/groups/',
  '/list-group-resources',
  `/resources/${arn}/tags`,
  '/resources/arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc/tags',
  '/resources/arn%3Aaws%3Asqs%3Aus-east-1%3A123456789012%3Aqueue/tags/',
  '/groups/caf%C3%A9%20%2525/(odd)*!~._-',
  '/a/b%2Fc/d%3Fe/%7Etilde/@at$=,;',
  '/Mixed/Case%3aLower%3AUpper/x',
]
const hosts: readonly [string, ...string[]] = [
  'resource-groups.us-east-1.amazonaws.com',
  'localhost:4566',
  'corral.example.com:8443',
  '127.0.0.1',
  '[::1]:4566',
]
const queryPieces: readonly [string, ...string[]] = [
  'maxResults=50',
  'nextToken=abc%2B%2F%3D%3D',
  'maxResults=5',
  'tagKeys=Owner',
  'tagKeys=Cost%20Center',
  'tagKeys=a%26b%3Dc',
  'Action=GetCallerIdentity',
  'Version=2011-06-15',
  'empty=',
  'bare',
  'a-b=1',
  'a=%E1%88%B4',
  'A=upper',
  'tagKeys=%3a%7E~',
  'filter=x=y',
]
const bodies: readonly [string, ...string[]] = [
  '{}',
  '{"Name":"web","ResourceQuery":{"Type":"TAG_FILTERS_1_0","Query":"{}"}}',
  '{"Tags":{"Owner":"Zo\u00eb","Empty":""}}',
  'Action=GetCallerIdentity&Version=2011-06-15',
  'Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fadmin&RoleSessionName=a+b',
  '\u0000\u0001\u00ff binary',
  ' ',
]
const signedExtras: readonly [string, string][] = [
  ['X-Amz-Target', 'ResourceGroupsTaggingAPI_20170126.GetResources'],
  ['x-amz-user-agent', 'aws-sdk-js/3.1133.0'],
  ['amz-sdk-invocation-id', '0c8ab0e8-5f7f-4a34-9d6c-3d5a3b3a2f11'],
  ['amz-sdk-request', 'attempt=1; max=3'],
  ['Accept', '*/*'],
  ['X-Custom', 'a  b   c'],
  ['X-Custom', 'second,third'],
  ['X-List', 'one, two,three'],
  ['X-Empty', ''],
  ['X-Quoted', '"a   b"'],
  // The bytes of UTF-8, a character for each, as Node hands them over.
  ['X-Accent', 'caf\u00c3\u00a9'],
  ['X-Amz-Meta-Note', 'Mixed Case; q=1'],
]
const unsignedExtras: readonly [string, string][] = [
  ['User-Agent', 'aws-cli/2.31.0 md/awscrt#0.28.2'],
  ['Connection', 'keep-alive'],
  ['Accept-Encoding', 'identity'],
  ['X-Amzn-Trace-Id', 'Root=1-67891233-abcdef012345678912345678'],
  ['X-Forwarded-For', '10.0.0.1, 10.0.0.2'],
  ['Via', '1.1 proxy'],
]
export const tokens: readonly [string, ...string[]] = [
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwA==',
  'IQoJb3JpZ2luX2VjEJr+/abc==',
  'token.with.dots-and_dashes~',
]

export function timestampOf(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '')
}

export const sha256Hex = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex')

/** A request ready for `sign`: well-formed and, until something is changed, within every rule. */
export function unsignedDraft(random: Random, presigned: boolean): Draft {
  const method = random.pick(['GET', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE'])
  const hasBody = method === 'GET' || method === 'DELETE' ? random.chance(0.1) : random.chance(0.9)
  const text = random.pick(bodies)
  const body = hasBody ? Buffer.from(text, text.includes('binary') ? 'latin1' : 'utf8') : Buffer.alloc(0)
  const signedMs = Date.UTC(2015, 0, 1) + random.below(5_000) * 86_400_000 + random.below(86_400) * 1000
  const timestamp = timestampOf(signedMs)
  const scope = [
    timestamp.slice(0, 8),
    random.pick(['us-east-1', 'eu-central-1', 'us-gov-west-1', 'cn-north-1']),
    random.member(acceptedServices) ?? 'sts',
    'aws4_request',
  ]
  const credential = [random.pick(accessKeyIds), ...scope].join('/')

  const signed: [string, string][] = [['Host', random.pick(hosts)]]
  if (hasBody || random.chance(0.2)) {
    const type = text.startsWith('Action')
      ? 'application/x-www-form-urlencoded; charset=utf-8'
      : 'application/x-amz-json-1.1'
    signed.push(['Content-Type', type])
  }
  if (random.chance(0.4)) signed.push(['x-amz-content-sha256', sha256Hex(body)])
  for (const [name, value] of signedExtras) if (random.chance(0.22)) signed.push([name, value])
  const unsigned = unsignedExtras
    .filter(() => random.chance(0.4))
    .map(([name, value]): [string, string] => [name, value])
  if (hasBody) (random.chance(0.5) ? signed : unsigned).push(['Content-Length', String(body.length)])
  const token = random.chance(0.5) ? random.pick(tokens) : undefined

  const query: string[] = []
  while (random.chance(0.6)) query.push(random.pick(queryPieces))

  if (presigned) {
    const expires = random.pick([1, 60, 900, 3600, 86_400, 604_800])
    const names = [...new Set(signed.map(([name]) => name.toLowerCase()))].sort().join(';')
    query.push(
      'X-Amz-Algorithm=AWS4-HMAC-SHA256',
      `X-Amz-Credential=${encodeURIComponent(credential)}`,
      `X-Amz-Date=${timestamp}`,
      `X-Amz-Expires=${expires}`,
      ...(token === undefined ? [] : [`X-Amz-Security-Token=${encodeURIComponent(token)}`]),
      `X-Amz-SignedHeaders=${encodeURIComponent(names)}`,
      'X-Amz-Signature=',
    )
    const nowMs = signedMs + random.below(expires * 1000)
    return { method, path: random.pick(paths), query, headers: random.shuffled([...signed, ...unsigned]), body, nowMs }
  }

  // The Date header may stand in for x-amz-date, and then need not be signed: the string to sign holds its value.
  if (random.chance(0.9)) signed.push(['X-Amz-Date', timestamp])
  else (random.chance(0.5) ? signed : unsigned).push(['Date', timestamp])
  if (token !== undefined) signed.push(['X-Amz-Security-Token', token])
  const names = [...new Set(signed.map(([name]) => name.toLowerCase()))].sort().join(';')
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=`
  const headers = random.shuffled<[string, string]>([...signed, ...unsigned, ['Authorization', authorization]])
  const nowMs = signedMs + random.between(-890_000, 890_000)
  return { method, path: random.pick(paths), query, headers, body, nowMs }
}
