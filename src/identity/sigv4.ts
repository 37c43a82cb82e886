// AWS Signature Version 4, the server's side: was this request signed, just as it arrived, by a holder of the secret?
// By Authorization header and by presigned query, always over the real body. Pure: who holds which secret, and what a
// signer may do, is decided elsewhere. S3's variations (single encoding, unsigned and streamed payloads) are refused by
// construction. Order and wording of refusals: AWS's query front end, as scratchstack-aws-signature recorded it.
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { isRegionName } from '../model/arn.ts'

export interface SignedRequest {
  method: string
  /** Request-target as on the request line: raw path and query. */
  target: string
  /** Names and values alternating, as Node's `rawHeaders`: each character is one byte. */
  rawHeaders: readonly string[]
  body: Uint8Array
}

export type RefusalCode =
  | 'MissingAuthenticationToken'
  | 'IncompleteSignature'
  | 'SignatureDoesNotMatch'
  | 'InvalidClientTokenId'
  | 'ExpiredToken'

export interface Refusal {
  code: RefusalCode
  message: string
}

/** What a request claims about its signer; nothing of it is proven until `provesKnowledgeOf` says so. */
export interface SignatureClaim {
  accessKeyId: string
  /** yyyyMMdd of the credential scope. */
  date: string
  region: string
  service: string
  sessionToken: string | undefined
  /** As sent, lower case and sorted. */
  signedHeaders: readonly string[]
  signedAtMs: number
  timestamp: string
  /** As sent: what is no hexadecimal digit equals none. */
  signature: Buffer
  presigned: boolean
  /** Of the request: names in lower case; values as they are signed, those of one name joined. */
  headers: ReadonlyMap<string, string>
}

/** Clock difference that AWS accepts in either direction. */
export const maxSkewMs = 15 * 60_000
const maxPresignSeconds = 7 * 24 * 3600
const algorithm = 'AWS4-HMAC-SHA256'
const datePattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
const signatureLength = 64

export const mismatchMessage =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

/** Reads the claim out of a request and checks everything that needs no secret. */
export function readClaim(
  request: SignedRequest,
  options: { services: readonly string[]; nowMs: number },
): { claim: SignatureClaim } | { refusal: Refusal } {
  const headers = headerValues(request.rawHeaders)
  const query = queryPairs(request.target)
  const authorization = firstHeader(request.rawHeaders, 'authorization')
  const queryAlgorithm = query.find(([name]) => name === 'X-Amz-Algorithm')?.[1]
  if (authorization !== undefined && queryAlgorithm !== undefined) return refuse('SignatureDoesNotMatch', '')
  if (authorization === undefined && queryAlgorithm === undefined)
    return refuse('MissingAuthenticationToken', 'Request is missing Authentication Token')

  const parts =
    authorization === undefined ? queryParts(query, queryAlgorithm) : headerParts(authorization, request.rawHeaders)
  if ('refusal' in parts) return parts
  const { credential, signedHeaders, signature, timestamp, expiresSeconds, sessionToken } = parts

  // A name that stands in the list a thousand times would be signed, and hashed, a thousand times.
  if (new Set(signedHeaders).size !== signedHeaders.length) return refuse('SignatureDoesNotMatch', mismatchMessage)
  if (!signedHeaders.includes('host'))
    return refuse('SignatureDoesNotMatch', "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && !signedHeaders.includes(name))
      return refuse('SignatureDoesNotMatch', `'${printable(name)}' must be a 'SignedHeader' in the AWS Authorization.`)
  }

  const signedAtMs = parseTimestamp(timestamp)
  if (signedAtMs === undefined)
    return refuse(
      'IncompleteSignature',
      `Date must be in ISO-8601 'basic format'. Got '${printable(timestamp)}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    )
  const age = checkAge(timestamp, signedAtMs, expiresSeconds, options.nowMs)
  if (age) return { refusal: age }

  const scope = credential.split('/')
  const [accessKeyId = '', date = '', region = '', service = '', terminator = ''] = scope
  if (scope.length !== 5 || accessKeyId === '')
    return refuse(
      'IncompleteSignature',
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${printable(credential)}'`,
    )
  const faults: string[] = []
  if (!isRegionName(region)) faults.push(`Credential should be scoped to a valid region, not '${printable(region)}'.`)
  if (!options.services.includes(service))
    faults.push(`Credential should be scoped to correct service: '${options.services[0] ?? ''}'.`)
  if (terminator !== 'aws4_request')
    faults.push(`Credential should be scoped with a valid terminator: 'aws4_request', not '${printable(terminator)}'.`)
  if (date !== timestamp.slice(0, 8))
    faults.push(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${printable(date)}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    )
  if (faults.length > 0) return refuse('SignatureDoesNotMatch', faults.join(' '))
  if (signature.length !== signatureLength) return refuse('SignatureDoesNotMatch', mismatchMessage)

  return {
    claim: {
      accessKeyId,
      date,
      region,
      service,
      sessionToken,
      signedHeaders,
      signedAtMs,
      timestamp,
      signature: Buffer.from(signature, 'latin1'),
      presigned: authorization === undefined,
      headers,
    },
  }
}

/**
 * True if the signature was made with this signing key over the request as it arrived. Takes the same time wherever the
 * signatures differ.
 */
export function provesKnowledgeOf(signingKey: SigningKey, claim: SignatureClaim, request: SignedRequest): boolean {
  const canonical = canonicalRequest(request, claim)
  if (canonical === undefined) return false
  // Header bytes are one character each; hashing them as UTF-8 would not be what the signer hashed.
  const digest = hash('sha256', Buffer.from(canonical, 'latin1'))
  const stringToSign = `${algorithm}\n${claim.timestamp}\n${claim.date}/${claim.region}/${claim.service}/aws4_request\n${digest}`
  return timingSafeEqual(Buffer.from(hmacHex(signingKey, stringToSign), 'latin1'), claim.signature)
}

/** The key that a day's requests to one service in one Region are signed with. Worth caching; as secret as its secret. */
export interface SigningKey {
  /** The key's blocks of HMAC-SHA256, inner and outer, each with room for what is hashed behind it. */
  inner: Buffer
  outer: Buffer
}

export function signingKeyOf(secret: string, scope: { date: string; region: string; service: string }): SigningKey {
  const step = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const key = step(step(step(step(`AWS4${secret}`, scope.date), scope.region), scope.service), 'aws4_request')
  const padded = (byte: number, room: number) => {
    const block = Buffer.alloc(blockBytes + room, 0)
    for (let index = 0; index < blockBytes; index++) block[index] = (key[index] ?? 0) ^ byte
    return block
  }
  return { inner: padded(0x36, maxStringToSignBytes), outer: padded(0x5c, digestBytes) }
}

const blockBytes = 64
const digestBytes = 32
/** Algorithm, time, scope (of bounded parts) and digest: a third of this. */
const maxStringToSignBytes = 1024

/** HMAC (RFC 2104) by two one-shot hashes: an Hmac object costs as much as all hashing together. ASCII text. */
function hmacHex({ inner, outer }: SigningKey, text: string): string {
  if (text.length > maxStringToSignBytes) return ''.padEnd(2 * digestBytes)
  const end = blockBytes + inner.write(text, blockBytes, 'latin1')
  outer.write(hash('sha256', inner.subarray(0, end), 'latin1'), blockBytes, 'latin1')
  return hash('sha256', outer)
}

/** The whole check in one call, for where secrets are at hand. */
export function verifySigV4(
  request: SignedRequest,
  options: { services: readonly string[]; nowMs: number; secretOf(accessKeyId: string): string | undefined },
):
  | { accepted: true; accessKeyId: string; service: string; region: string }
  | { accepted: false; code: RefusalCode; message: string } {
  const read = readClaim(request, options)
  if ('refusal' in read) return { accepted: false, ...read.refusal }
  const { claim } = read
  const secret = options.secretOf(claim.accessKeyId)
  if (secret === undefined)
    return {
      accepted: false,
      code: 'InvalidClientTokenId',
      message: 'The security token included in the request is invalid.',
    }
  if (!provesKnowledgeOf(signingKeyOf(secret, claim), claim, request))
    return { accepted: false, code: 'SignatureDoesNotMatch', message: mismatchMessage }
  return { accepted: true, accessKeyId: claim.accessKeyId, service: claim.service, region: claim.region }
}

interface ClaimParts {
  credential: string
  signedHeaders: string[]
  signature: string
  timestamp: string
  expiresSeconds: number | undefined
  sessionToken: string | undefined
}

function headerParts(authorization: string, rawHeaders: readonly string[]): ClaimParts | { refusal: Refusal } {
  const space = authorization.indexOf(' ')
  const scheme = space < 0 ? authorization : authorization.slice(0, space)
  if (scheme !== algorithm) return refuse('IncompleteSignature', `Unsupported AWS 'algorithm': '${printable(scheme)}'.`)
  const read = readParameters(authorization)
  if ('refusal' in read) return read
  const { credential, signedHeaders, signature } = read
  const timestamp = firstHeader(rawHeaders, 'x-amz-date') ?? firstHeader(rawHeaders, 'date')
  if (credential === undefined || signature === undefined || signedHeaders === undefined || timestamp === undefined) {
    const missing = [
      credential === undefined && "Authorization header requires 'Credential' parameter.",
      signature === undefined && "Authorization header requires 'Signature' parameter.",
      signedHeaders === undefined && "Authorization header requires 'SignedHeaders' parameter.",
      timestamp === undefined && "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    ].filter((sentence) => sentence !== false)
    return refuse('IncompleteSignature', `${missing.join(' ')} Authorization=${printable(authorization)}`)
  }
  return {
    credential,
    signature,
    signedHeaders,
    timestamp: timestamp.trim(),
    expiresSeconds: undefined,
    sessionToken: firstHeader(rawHeaders, 'x-amz-security-token')?.trim(),
  }
}

interface AuthorizationParameters {
  credential: string | undefined
  signedHeaders: string[] | undefined
  signature: string | undefined
}

// A client's requests of one day differ in nothing but the signature, which comes last: the rest is read once.
const readBefore = new Map<string, AuthorizationParameters>()
const maxReadBefore = 1_000
const maxReadBeforeLength = 512
const signatureMark = ' Signature='

function readParameters(authorization: string): AuthorizationParameters | { refusal: Refusal } {
  const found = authorization.indexOf(signatureMark)
  const mark = found + signatureMark.length
  const isLast = found >= 0 && mark < maxReadBeforeLength && authorization.length === mark + signatureLength
  const beforeSignature = authorization.slice(0, mark)
  const signature = authorization.slice(mark)
  const known = isLast && !signature.includes(',') ? readBefore.get(beforeSignature) : undefined
  if (known) return { ...known, signature }
  const given = new Map<string, string>()
  for (const piece of authorization.slice(algorithm.length + 1).split(',')) {
    const part = piece.trim()
    if (part === '') continue
    const equals = part.indexOf('=')
    if (equals < 0)
      return refuse(
        'IncompleteSignature',
        `'${printable(part)}' not a valid key=value pair (missing equal-sign) in Authorization header: '${printable(authorization)}'.`,
      )
    given.set(part.slice(0, equals), part.slice(equals + 1))
  }
  const parameters = {
    credential: given.get('Credential'),
    signedHeaders: given.get('SignedHeaders')?.split(';'),
    signature: given.get('Signature'),
  }
  if (isLast && parameters.signature === signature) {
    if (readBefore.size >= maxReadBefore) readBefore.clear()
    readBefore.set(beforeSignature, parameters)
  }
  return parameters
}

function queryParts(
  query: readonly (readonly [string, string])[],
  queryAlgorithm: string | undefined,
): ClaimParts | { refusal: Refusal } {
  if (queryAlgorithm !== algorithm)
    return refuse('MissingAuthenticationToken', 'Request is missing Authentication Token')
  const value = (name: string) => query.find(([given]) => given === name)?.[1]
  const credential = value('X-Amz-Credential')
  const signature = value('X-Amz-Signature')
  const signedHeaders = value('X-Amz-SignedHeaders')
  const timestamp = value('X-Amz-Date')
  const missing = [
    credential === undefined && "AWS query-string parameters must include 'X-Amz-Credential'.",
    signature === undefined && "AWS query-string parameters must include 'X-Amz-Signature'.",
    signedHeaders === undefined && "AWS query-string parameters must include 'X-Amz-SignedHeaders'.",
    timestamp === undefined && "AWS query-string parameters must include 'X-Amz-Date'.",
  ].filter((sentence) => sentence !== false)
  if (credential === undefined || signature === undefined || signedHeaders === undefined || timestamp === undefined)
    return refuse('IncompleteSignature', `${missing.join(' ')} Re-examine the query-string parameters.`)
  // Without an Expires parameter a presigned request lives as long as a header-signed one.
  const expires = value('X-Amz-Expires')
  const expiresSeconds = expires === undefined ? maxSkewMs / 1000 : /^\d{1,6}$/.test(expires) ? Number(expires) : NaN
  if (!(expiresSeconds >= 1 && expiresSeconds <= maxPresignSeconds))
    return refuse('IncompleteSignature', `X-Amz-Expires must be a number of seconds from 1 to ${maxPresignSeconds}.`)
  return {
    credential,
    signature,
    signedHeaders: signedHeaders.split(';'),
    timestamp,
    expiresSeconds,
    sessionToken: value('X-Amz-Security-Token'),
  }
}

function checkAge(
  timestamp: string,
  signedAtMs: number,
  expiresSeconds: number | undefined,
  nowMs: number,
): Refusal | undefined {
  const lifeMs = expiresSeconds === undefined ? maxSkewMs : expiresSeconds * 1000
  if (nowMs - signedAtMs > lifeMs)
    return {
      code: 'SignatureDoesNotMatch',
      message: `Signature expired: ${timestamp} is now earlier than ${formatTimestamp(nowMs - lifeMs)} (${formatTimestamp(nowMs)} - ${Math.ceil(lifeMs / 60_000)} min.)`,
    }
  if (signedAtMs - nowMs > maxSkewMs)
    return {
      code: 'SignatureDoesNotMatch',
      message: `Signature not yet current: ${timestamp} is still later than ${formatTimestamp(nowMs + maxSkewMs)} (${formatTimestamp(nowMs)} + 15 min.)`,
    }
  return undefined
}

function canonicalRequest(request: SignedRequest, claim: SignatureClaim): string | undefined {
  const { signedHeaders, presigned, headers } = claim
  const path = canonicalPath(pathOf(request.target))
  if (path === undefined) return undefined
  const bodyHash = hash('sha256', request.body)
  // A stated hash must be the body's: `UNSIGNED-PAYLOAD` and a streamed body's marker are S3's alone.
  if ((headers.get('x-amz-content-sha256') ?? bodyHash) !== bodyHash) return undefined
  let lines = ''
  for (const name of signedHeaders) {
    // A header that was signed and is gone: what was signed is not what arrived.
    const value = headers.get(name)
    if (value === undefined) return undefined
    lines += `${name}:${value}\n`
  }
  return `${request.method}\n${path}\n${canonicalQuery(request.target, presigned)}\n${lines}\n${signedHeaders.join(';')}\n${bodyHash}`
}

function headerValues(rawHeaders: readonly string[]): Map<string, string> {
  const values = new Map<string, string>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = foldSpaces(rawHeaders[index + 1] ?? '')
    const known = values.get(name)
    values.set(name, known === undefined ? value : `${known},${value}`)
  }
  return values
}

/** The first header's value; names are compared without case. */
export function firstHeader(rawHeaders: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const given = rawHeaders[index] ?? ''
    if (given.length === name.length && given.toLowerCase() === name) return rawHeaders[index + 1]
  }
  return undefined
}

// Not String.trim: it takes 0xA0 for a space, which is half of a character to a signer that sent UTF-8. Not a regular
// expression with `+$` either: it is quadratic in runs of spaces that a caller controls.
function foldSpaces(value: string): string {
  let start = 0
  let end = value.length
  const blank = (index: number) => value[index] === ' ' || value[index] === '\t'
  while (start < end && blank(start)) start++
  while (end > start && blank(end - 1)) end--
  const trimmed = end - start === value.length ? value : value.slice(start, end)
  return trimmed.includes('  ') ? trimmed.replace(/ {2,}/g, ' ') : trimmed
}

function pathOf(target: string): string {
  const question = target.indexOf('?')
  return question < 0 ? target : target.slice(0, question)
}

/**
 * The path that was signed, decoded once less than it is signed: dot segments and empty ones resolved, percent escapes
 * untouched. Undefined if it is not absolute or climbs above the root. Routing uses it too, so that no two spellings
 * that share a signature can reach different operations.
 */
export function normalizePath(path: string): string | undefined {
  if (!path.startsWith('/')) return undefined
  if (!path.includes('//') && !path.includes('/.')) return path
  const kept: string[] = []
  const segments = path.slice(1).split('/')
  for (const segment of segments) {
    if (segment === '..') {
      if (kept.pop() === undefined) return undefined
    } else if (segment !== '.' && segment !== '') kept.push(segment)
  }
  const last = segments.at(-1)
  const trailing = kept.length > 0 && (last === '' || last === '.' || last === '..') ? '/' : ''
  return `/${kept.join('/')}${trailing}`
}

function canonicalPath(path: string): string | undefined {
  const normalized = normalizePath(path)
  return normalized === undefined ? undefined : encodeBytes(normalized, true)
}

/** Pairs in the order sent, decoded to one character a byte; a plus sign is a space, as in every HTML form. */
export function queryPairs(target: string): [string, string][] {
  const question = target.indexOf('?')
  if (question < 0 || question === target.length - 1) return []
  return target
    .slice(question + 1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals < 0
        ? [decodeBytes(pair), '']
        : [decodeBytes(pair.slice(0, equals)), decodeBytes(pair.slice(equals + 1))]
    })
}

function canonicalQuery(target: string, presigned: boolean): string {
  if (!target.includes('?')) return ''
  return queryPairs(target)
    .filter(([name]) => !presigned || name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodeBytes(name, false), encodeBytes(value, false)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function decodeBytes(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  return text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

const encoded = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  return /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
})

function encodeBytes(bytes: string, keepSlash: boolean): string {
  let text = ''
  for (let index = 0; index < bytes.length; index++) {
    const code = bytes.charCodeAt(index)
    text += keepSlash && code === 0x2f ? '/' : (encoded[code & 0xff] ?? '')
  }
  return text
}

// Requests come many in one second.
let lastTimestamp = { text: '', ms: 0 }

function parseTimestamp(text: string): number | undefined {
  if (text === lastTimestamp.text) return lastTimestamp.ms
  const match = datePattern.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  // A thirteenth month or a 31st of June would have moved on.
  if (formatTimestamp(ms) !== text) return undefined
  lastTimestamp = { text, ms }
  return ms
}

function formatTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`
}

/** What a caller sent, made safe and short enough to repeat in an answer. */
function printable(text: string): string {
  const short = text.length > 256 ? `${text.slice(0, 256)}…` : text
  return short.replace(/[^\x20-\x7e…]/g, '?')
}

function refuse(code: RefusalCode, message: string): { refusal: Refusal } {
  return { refusal: { code, message } }
}
