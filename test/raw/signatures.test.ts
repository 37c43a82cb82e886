// Who may not come in, told in each protocol's words: no signature, two, a half one, one of another time, place or
// service, of an unknown key, or of a request that was changed on its way. What makes a signature right is proven
// elsewhere (test/fuzz/sigv4); here it is what the server makes of one.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openRawSocket, requestBytes } from '../support/raw-socket.ts'
import { assertRefusal, assertWellFormed, type Refusal } from '../support/refusals.ts'
import { type RawAnswer, startTestServer } from '../support/running-server.ts'
import { signedHeaders, type Unsigned } from '../support/sign.ts'

const nowMs = Date.UTC(2026, 10, 24, 10, 15, 0)
const server = await startTestServer({ clock: () => nowMs })
const { host } = new URL(server.url)
after(() => server.stop())

type Protocol = 'json' | 'rest' | 'query'
const drafts: Record<Protocol, Pick<Unsigned, 'service' | 'target' | 'headers' | 'body'>> = {
  json: {
    service: 'tagging',
    target: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'ResourceGroupsTaggingAPI_20170126.GetResources',
    },
    body: '{}',
  },
  rest: { service: 'resource-groups', target: '/groups-list', body: '{}' },
  query: {
    service: 'sts',
    target: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  },
}

interface Sent {
  draft: Unsigned
  headers: Record<string, string>
  line: string
  body: string | Buffer
}

interface SignatureCase {
  name: string
  /** Before signing. */
  draft?(draft: Unsigned): Partial<Unsigned>
  /** After signing. */
  change?(sent: Sent): void
  code: 'missing' | 'incomplete' | 'mismatch' | 'unknown'
  message: string | RegExp | Partial<Record<Protocol, string | RegExp>>
}

const codes: Record<SignatureCase['code'], Record<Protocol, [status: number, code: string]>> = {
  missing: {
    json: [400, 'MissingAuthenticationTokenException'],
    rest: [403, 'MissingAuthenticationTokenException'],
    query: [403, 'MissingAuthenticationToken'],
  },
  incomplete: {
    json: [400, 'IncompleteSignatureException'],
    rest: [403, 'IncompleteSignature'],
    query: [400, 'IncompleteSignature'],
  },
  mismatch: {
    json: [400, 'InvalidSignatureException'],
    rest: [403, 'InvalidSignatureException'],
    query: [403, 'SignatureDoesNotMatch'],
  },
  unknown: {
    json: [400, 'UnrecognizedClientException'],
    rest: [403, 'UnrecognizedClientException'],
    query: [403, 'InvalidClientTokenId'],
  },
}

const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
const edit = (pattern: RegExp, replacement: string) => (sent: Sent) => {
  const before = sent.headers['authorization'] ?? ''
  sent.headers['authorization'] = before.replace(pattern, replacement)
  assert.notEqual(sent.headers['authorization'], before)
}
const minutes = (count: number) => () => ({ nowMs: nowMs + count * 60_000 })

const cases: SignatureCase[] = [
  {
    name: 'no signature',
    change: ({ headers }) => delete headers['authorization'],
    code: 'missing',
    message: 'Request is missing Authentication Token',
  },
  {
    name: 'both forms at once',
    change: (sent) => (sent.line = sent.line.replace(/ HTTP/, '?X-Amz-Algorithm=AWS4-HMAC-SHA256 HTTP')),
    code: 'mismatch',
    message: {
      json: "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
      rest: '',
      query: '',
    },
  },
  {
    name: 'another scheme',
    change: ({ headers }) => (headers['authorization'] = 'Basic dXNlcjpwYXNzd29yZA=='),
    code: 'incomplete',
    message: "Unsupported AWS 'algorithm': 'Basic'.",
  },
  {
    name: 'a scheme alone',
    change: ({ headers }) => {
      headers['authorization'] = 'AWS4-HMAC-SHA256'
      delete headers['x-amz-date']
    },
    code: 'incomplete',
    message:
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256",
  },
  {
    name: 'no equals sign',
    change: edit(/Credential=/, 'Credential'),
    code: 'incomplete',
    message: /^'CredentialAKIA[^']*' not a valid key=value pair \(missing equal-sign\) in Authorization header: '/,
  },
  {
    name: 'host not signed',
    change: edit(/SignedHeaders=(.*?)host;?/, 'SignedHeaders=$1'),
    code: 'mismatch',
    message: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
  },
  {
    name: 'a date of another format',
    change: ({ headers }) => (headers['x-amz-date'] = 'Tue, 24 Nov 2026 10:15:00 GMT'),
    code: 'incomplete',
    message:
      "Date must be in ISO-8601 'basic format'. Got 'Tue, 24 Nov 2026 10:15:00 GMT'. See http://en.wikipedia.org/wiki/ISO_8601",
  },
  {
    name: 'expired',
    draft: minutes(-15.02),
    code: 'mismatch',
    message: 'Signature expired: 20261124T095958Z is now earlier than 20261124T100000Z (20261124T101500Z - 15 min.)',
  },
  {
    name: 'not yet current',
    draft: minutes(16),
    code: 'mismatch',
    message:
      'Signature not yet current: 20261124T103100Z is still later than 20261124T103000Z (20261124T101500Z + 15 min.)',
  },
  {
    name: 'a credential of four parts',
    change: edit(/\/aws4_request/, ''),
    code: 'incomplete',
    message:
      /^Credential must have exactly 5 slash-delimited elements, e\.g\. keyid\/date\/region\/service\/term, got '/,
  },
  {
    name: 'a Region that is none',
    draft: () => ({ region: 'moon' }),
    code: 'mismatch',
    message: "Credential should be scoped to a valid region, not 'moon'.",
  },
  {
    name: 'another service',
    draft: () => ({ service: 'dynamodb' }),
    code: 'mismatch',
    message: {
      json: "Credential should be scoped to correct service: 'tagging'.",
      rest: "Credential should be scoped to correct service: 'resource-groups'.",
      query: "Credential should be scoped to correct service: 'sts'.",
    },
  },
  {
    name: 'everything about the scope wrong',
    change: edit(/\/20261124\/us-east-1\/[a-z-]+\/aws4_request/, '/20261123/x/y/z'),
    code: 'mismatch',
    message:
      /^Credential should be scoped to a valid region, not 'x'\. Credential should be scoped to correct service: '[a-z-]+'\. Credential should be scoped with a valid terminator: 'aws4_request', not 'z'\. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261123' != '20261124', from '20261124T101500Z'\.$/,
  },
  {
    name: 'an unknown key',
    draft: ({ credentials }) => ({ credentials: { ...credentials, accessKeyId: 'AKIANOBODYATALL00000' } }),
    code: 'unknown',
    message: 'The security token included in the request is invalid.',
  },
  {
    name: 'a session token that is none of ours',
    draft: ({ headers }) => ({ headers: { ...headers, 'x-amz-security-token': 'AAAA' } }),
    code: 'unknown',
    message: 'The security token included in the request is invalid',
  },
  {
    name: 'another secret',
    draft: ({ credentials }) => ({ credentials: { ...credentials, secretAccessKey: 'guessed' } }),
    code: 'mismatch',
    message: mismatch,
  },
  {
    name: 'the signature in capitals',
    change: (sent) => {
      const header = sent.headers['authorization'] ?? ''
      sent.headers['authorization'] = header.replace(
        /Signature=.*/,
        (text) => `Signature=${text.slice(10).toUpperCase()}`,
      )
    },
    code: 'mismatch',
    message: mismatch,
  },
  {
    name: 'one bit of the signature',
    change: (sent) => {
      const header = sent.headers['authorization'] ?? ''
      sent.headers['authorization'] = header.slice(0, -1) + (header.endsWith('0') ? '1' : '0')
    },
    code: 'mismatch',
    message: mismatch,
  },
  {
    name: 'the body changed',
    change: (sent) => (sent.body = `${String(sent.body)} `),
    code: 'mismatch',
    message: mismatch,
  },
  {
    name: 'a signed header changed',
    draft: ({ headers }) => ({ headers: { ...headers, 'x-note': 'one' } }),
    change: ({ headers }) => (headers['x-note'] = 'two'),
    code: 'mismatch',
    message: mismatch,
  },
  {
    name: 'a parameter added',
    change: (sent) => (sent.line = sent.line.replace(/ HTTP/, '?a=b HTTP')),
    code: 'mismatch',
    message: mismatch,
  },
  {
    name: 'an unsigned header of AWS added',
    change: ({ headers }) => (headers['x-amz-added'] = '1'),
    code: 'mismatch',
    message: "'x-amz-added' must be a 'SignedHeader' in the AWS Authorization.",
  },
  {
    name: 'the hash of another body, signed',
    draft: ({ headers }) => ({ headers: { ...headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
    code: 'mismatch',
    message: mismatch,
  },
  { name: 'no Host at all', change: ({ headers }) => delete headers['host'], code: 'mismatch', message: mismatch },
]

async function ask(protocol: Protocol, one?: SignatureCase): Promise<RawAnswer> {
  const { credentials } = server
  const base: Unsigned = { ...drafts[protocol], credentials, method: 'POST', host, nowMs }
  const draft = { ...base, ...one?.draft?.(base) }
  const line = `POST ${draft.target} HTTP/1.1`
  const sent: Sent = { draft, headers: signedHeaders(draft), line, body: draft.body ?? '' }
  one?.change?.(sent)
  const socket = await openRawSocket(server.url)
  socket.send(requestBytes(sent.line, sent.headers, sent.body))
  try {
    return await socket.answer()
  } finally {
    socket.destroy()
  }
}

for (const protocol of ['json', 'rest', 'query'] as const) {
  void test(`signatures, ${protocol}`, async (t) => {
    const unchanged = await ask(protocol)
    assert.equal(unchanged.status, 200, unchanged.body)
    assertWellFormed(unchanged)
    for (const one of cases)
      await t.test(one.name, async () => {
        const [status, code] = codes[one.code][protocol]
        const { message } = one
        const wanted = typeof message === 'string' || message instanceof RegExp ? message : message[protocol]
        assert.ok(wanted !== undefined)
        const refusal: Refusal = { form: protocol, status, code, message: wanted }
        assertRefusal(await ask(protocol, one), refusal)
      })
  })
}

void test('a signature is good for as long as AWS says, to the second', async () => {
  const at = (offsetMs: number) =>
    ask('json', { name: '', code: 'mismatch', message: '', draft: () => ({ nowMs: nowMs + offsetMs }) })
  for (const [offsetMs, status] of [
    [-900_000, 200],
    [-901_000, 400],
    [900_000, 200],
    [901_000, 400],
  ] as const)
    assert.equal((await at(offsetMs)).status, status, String(offsetMs))
})

void test('a form meant for one service is not read for another that its signature names', async () => {
  // Signed for tagging, with the operation of another JSON service in the target.
  const answer = await server.json('tagging', 'StarlingDoveService.ListDiscoveredResources', {
    resourceType: 'AWS::S3::Bucket',
  })
  const message = "Credential should be scoped to correct service: 'config'."
  assertRefusal(answer, { form: 'json', status: 400, code: 'InvalidSignatureException', message })
})
