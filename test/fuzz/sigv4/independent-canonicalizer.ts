// A second reading of AWS Signature Version 4, written from AWS's published rules and checked by its published test suite,
// without sight of the server's verifier, so that it can judge that. Slow and literal on purpose: text is taken byte by
// byte and RFC 3986's dot-segment algorithm stands here as the RFC writes it. It decides nothing about who may do what,
// holds no credentials, and covers services other than S3 only (normalised path, encoded a second time).
import { createHash, createHmac } from 'node:crypto'
import type { SignedRequest } from '../../../src/identity/sigv4.ts'

/** What a request says about its own signature, and what should have been signed. */
export interface Reading {
  form: 'header' | 'query'
  accessKeyId: string
  scope: { date: string; region: string; service: string; terminator: string }
  /** `20150830T123600Z`, as received. */
  timestamp: string
  /** The text of X-Amz-Expires; undefined in the header form. */
  expires: string | undefined
  signedHeaders: string[]
  /** Every header by lower-case name; values trimmed, spaces folded, in the order received. */
  headers: Map<string, string[]>
  payloadHash: string
  canonicalRequest: string
  stringToSign: string
  signature: string
}

/** Why a request has no reading at all. Breaking a rule of use (an old date, say) still leaves a reading: see `brokenRule`. */
interface Unreadable {
  unreadable: string
}

/** Mistakes that a verifier can make; with one of these the reading is wrong, on purpose. */
export type ReadingBug =
  | 'payload hash believed, not computed'
  | 'signed content-type ignored'
  | 'path decoded twice'
  | 'later duplicates of a header ignored'
  | 'missing signed header read as empty'
  | 'X-Amz-Signature dropped in the header form'
  | 'path not normalised'
  | 'query values not sorted'
  | 'header values not folded'

const algorithm = 'AWS4-HMAC-SHA256'
const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'
const hexDigits = '0123456789ABCDEF'

function percentEncode(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    text += unreserved.includes(character) ? character : `%${hexDigits.charAt(byte >> 4)}${hexDigits.charAt(byte & 15)}`
  }
  return text
}

/** The bytes that percent-encoded text stands for, or undefined if an escape is malformed. */
function percentDecode(text: string): Uint8Array | undefined {
  const source = Buffer.from(text, 'latin1')
  const bytes: number[] = []
  for (let at = 0; at < source.length; at++) {
    const byte = source[at] ?? 0
    if (byte !== 0x25) {
      bytes.push(byte)
      continue
    }
    const high = hexDigits.indexOf(String.fromCharCode(source[at + 1] ?? 0).toUpperCase())
    const low = hexDigits.indexOf(String.fromCharCode(source[at + 2] ?? 0).toUpperCase())
    if (high < 0 || low < 0) return undefined
    bytes.push(high * 16 + low)
    at += 2
  }
  return Uint8Array.from(bytes)
}

/**
 * RFC 3986 section 5.2.4, step by step, after runs of slashes have become one. Undefined if the path climbs above the
 * root: the RFC would stop there, but AWS refuses such a request before it looks at the signature.
 */
function normalizePath(path: string): string | undefined {
  let input = path
  while (input.includes('//')) input = input.replace('//', '/')
  let output = ''
  while (input !== '') {
    if (input.startsWith('/./')) input = input.slice(2)
    else if (input === '/.') input = '/'
    else if (input.startsWith('/../') || input === '/..') {
      if (output === '') return undefined
      input = input === '/..' ? '/' : input.slice(3)
      output = output.slice(0, Math.max(output.lastIndexOf('/'), 0))
    } else {
      const end = input.indexOf('/', 1)
      output += end < 0 ? input : input.slice(0, end)
      input = end < 0 ? '' : input.slice(end)
    }
  }
  return output === '' ? '/' : output
}

function canonicalPath(path: string, bug: ReadingBug | undefined): string | Unreadable {
  const seen = bug === 'path decoded twice' ? percentDecode(path) : Buffer.from(path, 'latin1')
  if (seen === undefined) return { unreadable: 'path escape' }
  const text = Buffer.from(seen).toString('latin1')
  const normal = bug === 'path not normalised' ? text : normalizePath(text)
  if (normal === undefined) return { unreadable: 'path above the root' }
  return normal
    .split('/')
    .map((segment) => percentEncode(Buffer.from(segment, 'latin1')))
    .join('/')
}

interface Parameter {
  /** Encoded as the canonical query has it. */
  name: string
  value: string
  /** Decoded, as text. */
  plainName: string
  plainValue: string
}

function readQuery(query: string): Parameter[] | Unreadable {
  const parameters: Parameter[] = []
  for (const piece of query.split('&')) {
    if (piece === '') continue
    // AWS has clients write %20 and %2B and does not say what a raw plus sign is. The server takes it for a form's space,
    // which is safe only because it reads the query itself the same way.
    const spaced = piece.replaceAll('+', '%20')
    const equals = spaced.indexOf('=')
    const name = percentDecode(equals < 0 ? spaced : spaced.slice(0, equals))
    const value = percentDecode(equals < 0 ? '' : spaced.slice(equals + 1))
    if (name === undefined || value === undefined) return { unreadable: 'query escape' }
    parameters.push({
      name: percentEncode(name),
      value: percentEncode(value),
      plainName: Buffer.from(name).toString('utf8'),
      plainValue: Buffer.from(value).toString('utf8'),
    })
  }
  return parameters
}

function canonicalQuery(parameters: Parameter[], bug: ReadingBug | undefined): string {
  const sorted: Parameter[] = []
  for (const parameter of parameters) {
    let place = sorted.length
    while (place > 0) {
      const before = sorted[place - 1]
      if (before === undefined || before.name < parameter.name) break
      if (before.name === parameter.name && (bug === 'query values not sorted' || before.value <= parameter.value))
        break
      place--
    }
    sorted.splice(place, 0, parameter)
  }
  return sorted.map(({ name, value }) => `${name}=${value}`).join('&')
}

/** Only SP and HTAB are white space around a header's value (RFC 9110, 5.5); only runs of SP are folded. */
function foldValue(value: string): string {
  let text = value
  while (text.startsWith(' ') || text.startsWith('\t')) text = text.slice(1)
  while (text.endsWith(' ') || text.endsWith('\t')) text = text.slice(0, -1)
  while (text.includes('  ')) text = text.replace('  ', ' ')
  return text
}

function readHeaders(rawHeaders: readonly string[], bug: ReadingBug | undefined): Map<string, string[]> {
  const headers = new Map<string, string[]>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    const raw = rawHeaders[at + 1] ?? ''
    const value = bug === 'header values not folded' ? raw : foldValue(raw)
    const values = headers.get(name)
    if (values === undefined) headers.set(name, [value])
    else if (bug !== 'later duplicates of a header ignored') values.push(value)
  }
  return headers
}

interface Claim {
  credential: string
  signedHeaders: string
  signature: string
  timestamp: string
  expires: string | undefined
}

function claimOfHeader(authorization: string, headers: Map<string, string[]>): Claim | Unreadable {
  if (!authorization.startsWith(`${algorithm} `)) return { unreadable: 'algorithm' }
  const parts = new Map<string, string>()
  for (const part of authorization.slice(algorithm.length).split(',')) {
    const equals = part.indexOf('=')
    if (equals < 0) return { unreadable: 'authorization part' }
    parts.set(foldValue(part.slice(0, equals)), foldValue(part.slice(equals + 1)))
  }
  const credential = parts.get('Credential')
  const signedHeaders = parts.get('SignedHeaders')
  const signature = parts.get('Signature')
  const timestamp = (headers.get('x-amz-date') ?? headers.get('date'))?.[0]
  if (credential === undefined || signedHeaders === undefined || signature === undefined || timestamp === undefined)
    return { unreadable: 'authorization incomplete' }
  return { credential, signedHeaders, signature, timestamp, expires: undefined }
}

function claimOfQuery(parameters: Parameter[]): Claim | Unreadable {
  // Of a parameter given twice AWS takes the first; all but the signature are in the canonical query twice as well.
  const first = (name: string) => parameters.find((parameter) => parameter.plainName === name)?.plainValue
  const credential = first('X-Amz-Credential')
  const signedHeaders = first('X-Amz-SignedHeaders')
  const signature = first('X-Amz-Signature')
  const timestamp = first('X-Amz-Date')
  const expires = first('X-Amz-Expires')
  if (first('X-Amz-Algorithm') !== algorithm) return { unreadable: 'algorithm' }
  if (credential === undefined || signedHeaders === undefined || signature === undefined) return { unreadable: 'query' }
  if (timestamp === undefined || expires === undefined) return { unreadable: 'query' }
  return { credential, signedHeaders, signature, timestamp, expires }
}

/**
 * Reads a request as a server receives it: target and headers with a character for each byte, as Node gives them.
 * `bug` makes the reading wrong in one way, to prove that the tests notice.
 */
export function readRequest(request: SignedRequest, bug?: ReadingBug): Reading | Unreadable {
  const question = request.target.indexOf('?')
  const path = question < 0 ? request.target : request.target.slice(0, question)
  if (!path.startsWith('/')) return { unreadable: 'target' }
  const uri = canonicalPath(path, bug)
  if (typeof uri !== 'string') return uri
  const parameters = readQuery(question < 0 ? '' : request.target.slice(question + 1))
  if ('unreadable' in parameters) return parameters
  const headers = readHeaders(request.rawHeaders, bug)

  const authorizations = headers.get('authorization') ?? []
  const presigned = parameters.some(({ plainName }) => plainName === 'X-Amz-Algorithm')
  if (authorizations.length + Number(presigned) !== 1) return { unreadable: 'none or several authorizations' }
  const claim = presigned ? claimOfQuery(parameters) : claimOfHeader(authorizations[0] ?? '', headers)
  if ('unreadable' in claim) return claim

  const credential = claim.credential.split('/')
  const [accessKeyId = '', date = '', region = '', service = '', terminator = ''] = credential
  if (credential.length !== 5) return { unreadable: 'credential' }

  const signedHeaders = claim.signedHeaders.split(';')
  let before = ''
  for (const name of signedHeaders) {
    if (name <= before || name !== name.toLowerCase()) return { unreadable: 'SignedHeaders not canonical' }
    if (!headers.has(name) && bug !== 'missing signed header read as empty') return { unreadable: 'SignedHeaders' }
    before = name
  }
  const covered = signedHeaders.filter((name) => !(bug === 'signed content-type ignored' && name === 'content-type'))

  const actualHash = createHash('sha256').update(request.body).digest('hex')
  const claimedHash = headers.get('x-amz-content-sha256')?.join(',')
  const payloadHash = bug === 'payload hash believed, not computed' ? (claimedHash ?? actualHash) : actualHash
  const dropsSignature = presigned || bug === 'X-Amz-Signature dropped in the header form'
  const canonicalRequest = [
    request.method,
    uri,
    canonicalQuery(
      parameters.filter(({ plainName }) => !(dropsSignature && plainName === 'X-Amz-Signature')),
      bug,
    ),
    ...covered.map((name) => `${name}:${(headers.get(name) ?? []).join(',')}`),
    '',
    covered.join(';'),
    payloadHash,
  ].join('\n')
  const stringToSign = [
    algorithm,
    claim.timestamp,
    [date, region, service, terminator].join('/'),
    createHash('sha256').update(canonicalRequest, 'latin1').digest('hex'),
  ].join('\n')
  return {
    form: presigned ? 'query' : 'header',
    accessKeyId,
    scope: { date, region, service, terminator },
    timestamp: claim.timestamp,
    expires: claim.expires,
    signedHeaders,
    headers,
    payloadHash: actualHash,
    canonicalRequest,
    stringToSign,
    signature: claim.signature,
  }
}

/** Lower-case hex. */
export function signatureOf(secret: string, scope: Reading['scope'], stringToSign: string): string {
  let key: string | Buffer = `AWS4${secret}`
  for (const part of [scope.date, scope.region, scope.service, scope.terminator]) {
    key = createHmac('sha256', key).update(part).digest()
  }
  return createHmac('sha256', key).update(stringToSign).digest('hex')
}

/** Rules of use whose check a verifier can forget. */
export type Rule =
  | 'timestamp'
  | 'clock'
  | 'expires'
  | 'scope date'
  | 'terminator'
  | 'service'
  | 'access key'
  | 'host unsigned'
  | 'x-amz-* unsigned'
  | 'x-amz-content-sha256'

export interface Circumstances {
  services: readonly string[]
  /** Milliseconds since 1970. */
  nowMs: number
  secretOf(accessKeyId: string): string | undefined
}

const toleranceMs = 15 * 60_000

/** Milliseconds since 1970 of `20150830T123600Z`, or undefined if that is no date. */
export function timestampMs(timestamp: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second] = match
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const ms = Date.parse(iso)
  return Number.isNaN(ms) || new Date(ms).toISOString() !== iso ? undefined : ms
}

/** The rules that a well-signed request breaks all the same; empty if none. */
export function brokenRules(reading: Reading, circumstances: Circumstances): Rule[] {
  const broken: Rule[] = []
  const { scope, headers, signedHeaders } = reading
  const signedMs = timestampMs(reading.timestamp)
  if (signedMs === undefined) broken.push('timestamp')
  else {
    const ageMs = circumstances.nowMs - signedMs
    if (ageMs < -toleranceMs) broken.push('clock')
    if (reading.form === 'header' && ageMs > toleranceMs) broken.push('clock')
    if (reading.form === 'query' && ageMs > Number(reading.expires) * 1000) broken.push('clock')
  }
  if (reading.expires !== undefined) {
    const seconds = /^\d{1,6}$/.test(reading.expires) ? Number(reading.expires) : 0
    if (seconds < 1 || seconds > 604_800) broken.push('expires')
  }
  if (scope.date !== reading.timestamp.slice(0, 8)) broken.push('scope date')
  if (scope.terminator !== 'aws4_request') broken.push('terminator')
  if (!circumstances.services.includes(scope.service)) broken.push('service')
  if (circumstances.secretOf(reading.accessKeyId) === undefined) broken.push('access key')
  if (!signedHeaders.includes('host')) broken.push('host unsigned')
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && !signedHeaders.includes(name)) broken.push('x-amz-* unsigned')
  }
  const claimedHash = headers.get('x-amz-content-sha256')
  if (claimedHash !== undefined && claimedHash.join(',') !== reading.payloadHash) broken.push('x-amz-content-sha256')
  return broken
}
