// HTTP as no SDK speaks it: what could make two readers of the same bytes disagree is refused or read as it was signed,
// what breaks off leaves nothing behind, and whatever comes, the server works on.
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRawSocket, type RawSocket, requestBytes } from '../support/raw-socket.ts'
import { assertRefusal, assertWellFormed, type Refusal } from '../support/refusals.ts'
import { startTestServer } from '../support/running-server.ts'
import { signedHeaders, type Unsigned } from '../support/sign.ts'

const server = await startTestServer()
const { host } = new URL(server.url)
const opened: RawSocket[] = []
const tagQuery = '{"ResourceTypeFilters":["AWS::AllSupported"],"TagFilters":[{"Key":"a"}]}'
const groupBody = (name: string) =>
  JSON.stringify({ Name: name, ResourceQuery: { Type: 'TAG_FILTERS_1_0', Query: tagQuery } })

async function open(): Promise<RawSocket> {
  const socket = await openRawSocket(server.url)
  opened.push(socket)
  return socket
}

function signed(draft: Partial<Unsigned> = {}): Record<string, string> {
  const { credentials } = server
  const whole = { credentials, service: 'resource-groups', method: 'POST', target: '/groups', host, nowMs: Date.now() }
  return signedHeaders({ ...whole, ...draft })
}

async function groupExists(name: string): Promise<boolean> {
  const body = JSON.stringify({ Group: name })
  const { status } = await server.raw({ service: 'resource-groups', target: '/get-group', body })
  assert.ok(status === 200 || status === 404)
  return status === 200
}

after(() => server.stop())
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
  const { status } = await server.raw({ service: 'resource-groups', target: '/groups-list', body: '{}' })
  assert.equal(status, 200, 'the server works on')
})

const malformed: Refusal = { form: 'rest', status: 400, code: 'MalformedHttpRequestException' }
const hostile: Record<string, string> = {
  'two lengths': `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
  'two equal lengths': `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n{}`,
  'a length and chunks': `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  'chunks that are not last': `POST / HTTP/1.1\r\nhost: ${host}\r\ntransfer-encoding: chunked, gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  'a negative length': `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: -1\r\n\r\n`,
  'a length beyond all numbers': `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 99999999999999999999\r\n\r\n`,
  'a chunk size that is no number': `POST / HTTP/1.1\r\nhost: ${host}\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n`,
  'a header over two lines': `GET / HTTP/1.1\r\nhost: ${host}\r\nx-a: b\r\n c\r\n\r\n`,
  'a space before the colon': `GET / HTTP/1.1\r\nhost : ${host}\r\n\r\n`,
  'a bare line feed': `GET / HTTP/1.1\r\nhost: ${host}\nx-a: b\r\n\r\n`,
  'a bare carriage return': `GET / HTTP/1.1\r\nhost: ${host}\r\nx-a: b\rx-c: d\r\n\r\n`,
  'a NUL in a header': `GET / HTTP/1.1\r\nhost: ${host}\r\nx-a: b\0c\r\n\r\n`,
  'an unknown method': `FROBNICATE / HTTP/1.1\r\nhost: ${host}\r\n\r\n`,
  'a version to come': `GET / HTTP/9.9\r\nhost: ${host}\r\n\r\n`,
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a TLS greeting': '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  'no HTTP': 'hello\r\n\r\n',
}

void test('what is no valid HTTP is refused, and the connection closed', async (t) => {
  for (const [name, bytes] of Object.entries(hostile))
    await t.test(name, async () => {
      const socket = await open()
      socket.send(Buffer.from(bytes, 'latin1'))
      assertRefusal(await socket.answer(), malformed)
      await socket.closed()
    })
})

const unknownOperation: Refusal = { form: 'rest', status: 404, code: 'UnknownOperationException' }
const badPath: Refusal = { form: 'rest', status: 400, code: 'ValidationException' }
const lines: Record<string, [line: string, refusal: Refusal]> = {
  'an absolute target': [`GET http://${host}/groups HTTP/1.1`, badPath],
  'an absolute target of elsewhere': ['GET http://169.254.169.254/latest/meta-data HTTP/1.1', badPath],
  'an asterisk': ['OPTIONS * HTTP/1.1', badPath],
  'above the root': ['POST /groups/../../groups HTTP/1.1', badPath],
  TRACE: ['TRACE /groups HTTP/1.1', unknownOperation],
  CONNECT: ['CONNECT 127.0.0.1:22 HTTP/1.1', { form: 'rest', status: 405, code: 'MethodNotAllowedException' }],
  'an encoded slash': ['POST /groups%2F HTTP/1.1', unknownOperation],
  'an encoded dot segment': ['POST /%2e/groups HTTP/1.1', unknownOperation],
}

void test('targets and methods that lead nowhere', async (t) => {
  for (const [name, [line, refusal]] of Object.entries(lines))
    await t.test(name, async () => {
      const socket = await open()
      socket.send(`${line}\r\nhost: ${host}\r\n\r\n`)
      assertRefusal(await socket.answer(), refusal)
    })
})

void test('an expectation that the server does not know', async () => {
  const socket = await open()
  socket.send(`POST /groups HTTP/1.1\r\nhost: ${host}\r\nexpect: 200-maybe\r\ncontent-length: 2\r\n\r\n{}`)
  assertRefusal(await socket.answer(), { form: 'rest', status: 417, code: 'ExpectationFailed' })
})

void test('a wish to speak another protocol is passed over', async () => {
  const socket = await open()
  socket.send(`GET /groups HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`)
  assertRefusal(await socket.answer(), unknownOperation)
})

void test('spellings of a path that share a signature reach the same operation, and only that', async () => {
  // Normalized, all of these are what was signed.
  const spellings = ['//groups', '/./groups', '/a/../groups', '/groups/.', '/groups/']
  const statuses: string[] = []
  for (const [number, spelling] of spellings.entries()) {
    const body = groupBody(`spelled-${number}`)
    const socket = await open()
    socket.send(requestBytes(`POST ${spelling} HTTP/1.1`, signed({ body }), body))
    const answer = await socket.answer()
    assertWellFormed(answer)
    statuses.push(`${spelling} ${answer.status} ${await groupExists(`spelled-${number}`)}`)
  }
  assert.deepEqual(statuses, [
    '//groups 200 true',
    '/./groups 200 true',
    '/a/../groups 200 true',
    // A trailing slash is part of the path, and this one was not signed.
    '/groups/. 403 false',
    '/groups/ 403 false',
  ])
})

void test('chunks are put together before the signature is looked at', async () => {
  const body = groupBody('chunked')
  const headers = { ...signed({ body }), 'transfer-encoding': 'chunked' }
  const socket = await open()
  socket.send(requestBytes('POST /groups HTTP/1.1', headers))
  for (const byte of body) socket.send(`1;extension=x\r\n${byte}\r\n`)
  socket.send('0\r\ntrailer: x\r\n\r\n')
  assert.equal((await socket.answer()).status, 200)
  assert.ok(await groupExists('chunked'))
})

void test('HTTP/1.0 is answered and closed', async () => {
  const socket = await open()
  socket.send(requestBytes('POST /groups-list HTTP/1.0', signed({ target: '/groups-list', body: '{}' }), '{}'))
  const answer = await socket.answer()
  assert.equal(answer.status, 200)
  assertWellFormed(answer)
  await socket.closed()
})

void test('HEAD has no body', async () => {
  const socket = await open()
  socket.send(`HEAD /groups HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
  const text = await socket.closed()
  assert.match(text, /^HTTP\/1\.1 404 /)
  assert.match(text, /\r\n\r\n$/)
})

void test('pipelined requests are answered in their order', async () => {
  const socket = await open()
  const bodies = ['one', 'two', 'three'].map(groupBody)
  const requests = bodies.map((body) => requestBytes('POST /groups HTTP/1.1', signed({ body }), body))
  const last = requestBytes('GET /nothing HTTP/1.1', { host })
  socket.send(Buffer.concat([...requests, last]))
  const answers = [await socket.answer(), await socket.answer(), await socket.answer(), await socket.answer()]
  assert.deepEqual(
    answers.map(({ status, body }) => `${status} ${/"Name":"(\w+)"/.exec(body)?.[1]}`),
    ['200 one', '200 two', '200 three', '404 undefined'],
  )
  assert.equal(new Set(answers.map(({ headers }) => headers['x-amzn-requestid'])).size, 4)
})

void test('garbage behind a request never takes the place of its answer', async () => {
  const body = groupBody('before-garbage')
  const socket = await open()
  socket.send(requestBytes('POST /groups HTTP/1.1', signed({ body }), body))
  await sleep(1)
  socket.send('garbage\r\n\r\n')
  const { status } = await socket.answer()
  await socket.closed()
  await sleep(50)
  // Either the request was taken and its answer is its own, or all of it was refused.
  assert.equal(status, (await groupExists('before-garbage')) ? 200 : 400)
})

void test('text of the caller stays inside the message that repeats it', async () => {
  const socket = await open()
  const target = 'A.B\u00ff"<script>&\u0080'
  const headers = { host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target, 'x-forwarded-for': 'x' }
  socket.send(requestBytes('POST / HTTP/1.1', headers, '{}'))
  const answer = await socket.answer()
  assertRefusal(answer, { form: 'json', status: 400, code: 'UnknownOperationException', message: '' })
  const other = await open()
  const authorization = 'AWS4-HMAC-SHA256 Credential=<b>"\\\u00e9, x'
  other.send(requestBytes('POST /groups HTTP/1.1', { host, authorization }, '{}'))
  const refusal = await other.answer()
  assertRefusal(refusal, { form: 'rest', status: 403, code: 'IncompleteSignature', message: /^'x' not a valid key/ })
})

void test('a connection that its client half closes is not held for it', async () => {
  const whole = requestBytes('POST /groups HTTP/1.1', signed({ body: groupBody('half') }), groupBody('half'))
  for (const length of [0, 40, whole.length - 1, whole.length]) {
    const socket = await open()
    socket.socket.end(whole.subarray(0, length))
    await socket.closed(1_000)
  }
})

void test('a client that leaves in the middle of a body, or of its headers, leaves nothing', async () => {
  const body = groupBody('left')
  const whole = requestBytes('POST /groups HTTP/1.1', signed({ body }), body)
  for (const length of [whole.length - 1, whole.length - body.length + 1, 40, 1]) {
    for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const socket = await open()
      socket.send(whole.subarray(0, length))
      await sleep(5)
      socket.socket[leave]()
    }
  }
  await sleep(50)
  assert.equal(await groupExists('left'), false)
})

void test('a client that leaves before its answer has made its change all the same', async () => {
  const body = groupBody('unheard')
  const socket = await open()
  socket.send(requestBytes('POST /groups HTTP/1.1', signed({ body }), body))
  await sleep(100)
  socket.socket.resetAndDestroy()
  assert.ok(await groupExists('unheard'))
})

void test('a client that never reads its answers costs no more than its connection', async () => {
  const socket = await open()
  socket.socket.pause()
  const request = requestBytes('GET /nothing HTTP/1.1', { host })
  let refusedMore = false
  for (let sent = 0; sent < 200 && !refusedMore; sent++) {
    refusedMore = !socket.socket.write(Buffer.concat(Array.from({ length: 100 }, () => request)))
    await sleep(1)
  }
  // The other tests' afterEach shows that the server works on meanwhile.
  const { status } = await server.raw({ service: 'resource-groups', target: '/groups-list', body: '{}' })
  assert.equal(status, 200)
})

void test('many headers, signed or not, are no trouble', async () => {
  const body = groupBody('many-headers')
  const many = Object.fromEntries(Array.from({ length: 400 }, (_, number) => [`x-${number}`, 'a  b']))
  const folded = Object.fromEntries(Object.keys(many).map((name) => [name, 'a b']))
  const headers = { ...signed({ body, headers: folded }), ...many }
  const socket = await open()
  socket.send(requestBytes('POST /groups HTTP/1.1', headers, body))
  const answer = await socket.answer()
  assert.equal(answer.status, 200, answer.body)
})
