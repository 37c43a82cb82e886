// Every limit on what a client may send before anyone knows who it is: each exceeded, each answered in AWS's form, and
// after each the server works on. Limits are set small, so that the tests are quick; the defaults are asked where it
// matters.
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRawSocket, type RawSocket, requestBytes } from '../support/raw-socket.ts'
import { assertRefusal, assertWellFormed } from '../support/refusals.ts'
import { startTestServer } from '../support/running-server.ts'
import { signedHeaders } from '../support/sign.ts'

const server = await startTestServer({
  settings: {
    maxHeaderBytes: '4096',
    maxUrlBytes: '1024',
    maxConnections: '8',
    headersTimeoutMs: '700',
    requestTimeoutMs: '1500',
  },
})
const { host } = new URL(server.url)
const opened: RawSocket[] = []

async function open(): Promise<RawSocket> {
  const socket = await openRawSocket(server.url)
  opened.push(socket)
  return socket
}

async function ask(bytes: string | Buffer) {
  const socket = await open()
  socket.send(bytes)
  return socket.answer()
}

after(() => server.stop())
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
  // A connection counts until the server has seen it close.
  await sleep(20)
  const answer = await server.raw({
    service: 'sts',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  })
  assert.equal(answer.status, 200, 'the server works on')
})

void test('a URL longer than the limit', async () => {
  const long = await ask(`GET /${'a'.repeat(1024)} HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
  assertRefusal(long, { form: 'rest', status: 414, code: 'RequestUriTooLargeException' })
  assert.equal(long.headers['connection'], 'close')
  const justShort = await ask(`GET /${'a'.repeat(1023)} HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
  assertRefusal(justShort, { form: 'rest', status: 404, code: 'UnknownOperationException' })
})

void test('headers larger than the limit: one long, many short, and a request line without end', async () => {
  const refusal = { form: 'rest', status: 431, code: 'RequestHeaderSectionTooLarge' } as const
  assertRefusal(await ask(`GET / HTTP/1.1\r\nhost: ${host}\r\nx-long: ${'a'.repeat(4096)}\r\n\r\n`), refusal)
  assertRefusal(await ask(`GET / HTTP/1.1\r\nhost: ${host}\r\n${'a: b\r\n'.repeat(4096)}\r\n`), refusal)
  assertRefusal(await ask(`GET /${'a'.repeat(100_000)}`), refusal)
})

void test('a body of 10 MB, its length stated', async () => {
  const body = Buffer.alloc(10 * 1024 * 1024, 'a')
  const answer = await server.json('tagging', 'ResourceGroupsTaggingAPI_20170126.GetResources', body)
  assertRefusal(answer, { form: 'rest', status: 413, code: 'RequestEntityTooLargeException' })
})

void test('a body of 10 MB in chunks, of which no length is known', async () => {
  const socket = await open()
  socket.send(requestBytes('POST /groups HTTP/1.1', { host, 'transfer-encoding': 'chunked' }))
  const chunk = `100000\r\n${'a'.repeat(0x100000)}\r\n`
  for (let sent = 0; sent < 10; sent++) socket.send(chunk)
  socket.send('0\r\n\r\n')
  const answer = await socket.answer()
  assertRefusal(answer, { form: 'rest', status: 413, code: 'RequestEntityTooLargeException' })
  await socket.closed()
})

void test('a body that no operation but an import may have is refused in the words of the service asked', async () => {
  const body = JSON.stringify({ Name: 'large', Description: 'a'.repeat(1024 * 1024) })
  const rest = await server.raw({ service: 'resource-groups', target: '/groups', body })
  assertRefusal(rest, { form: 'rest', status: 413, code: 'RequestEntityTooLargeException' })
  const json = await server.json('tagging', 'ResourceGroupsTaggingAPI_20170126.GetResources', body)
  assertRefusal(json, { form: 'json', status: 413, code: 'RequestEntityTooLargeException' })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const query = await server.raw({ service: 'sts', headers, body: `Action=GetCallerIdentity&a=${'a'.repeat(2 ** 20)}` })
  assertRefusal(query, { form: 'query', status: 413, code: 'RequestEntityTooLarge' })
})

void test('JSON of depth 100,000', async () => {
  const deep = { list: '['.repeat(100_000), object: '{"a":'.repeat(100_000), inside: `{"a":${'['.repeat(100_000)}` }
  for (const [name, body] of Object.entries(deep)) {
    const json = await server.json('tagging', 'ResourceGroupsTaggingAPI_20170126.GetResources', body)
    assertRefusal(json, { form: 'json', status: 400, code: 'SerializationException', message: '' })
    const rest = await server.raw({ service: 'resource-groups', target: '/groups', body })
    assertRefusal(rest, { form: 'rest', status: 400, code: 'SerializationException', message: '' })
    assert.ok(name)
  }
})

void test('a form of a million parameters costs next to nothing', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const started = performance.now()
  const answer = await server.raw({ service: 'sts', headers, body: 'a&'.repeat(500_000) })
  assert.ok(performance.now() - started < 1_000, `${performance.now() - started} ms`)
  assertWellFormed(answer)
  assert.equal(answer.status, 400)
})

void test('headers sent one byte at a time run out of time', async () => {
  const socket = await open()
  const request = `GET / HTTP/1.1\r\nhost: ${host}\r\nx-slow: ${'a'.repeat(200)}`
  const sending = (async () => {
    for (const byte of request) {
      if (socket.socket.destroyed || !socket.socket.writable) return
      socket.send(byte)
      await sleep(100)
    }
  })()
  assertRefusal(await socket.answer(), { form: 'rest', status: 408, code: 'RequestTimeoutException' })
  await socket.closed()
  socket.destroy()
  await sending
})

void test('a body sent one byte at a time runs out of time, and what its sender was refused never happens', async () => {
  const body = JSON.stringify({ Name: 'too-slow', ResourceQuery: { Type: 'TAG_FILTERS_1_0', Query: '{}' } })
  const { credentials } = server
  const draft = { credentials, service: 'resource-groups', method: 'POST', target: '/groups', host, body }
  const socket = await open()
  const headers = { ...signedHeaders({ ...draft, nowMs: Date.now() }), 'content-length': String(body.length) }
  socket.send(requestBytes('POST /groups HTTP/1.1', headers))
  const sending = (async () => {
    for (const byte of body.slice(0, -1)) {
      if (socket.socket.destroyed) return
      socket.send(byte)
      await sleep(100)
    }
  })()
  assertRefusal(await socket.answer(), { form: 'rest', status: 408, code: 'RequestTimeoutException' })
  socket.destroy()
  await sending
  const group = await server.raw({ service: 'resource-groups', target: '/get-group', body: '{"Group":"too-slow"}' })
  assert.equal(group.status, 404)
})

void test('a body completed after its 408 is not taken', async () => {
  const query = '{"ResourceTypeFilters":["AWS::AllSupported"],"TagFilters":[{"Key":"a"}]}'
  const body = JSON.stringify({ Name: 'late', ResourceQuery: { Type: 'TAG_FILTERS_1_0', Query: query } })
  const { credentials } = server
  const draft = { credentials, service: 'resource-groups', method: 'POST', target: '/groups', host, body }
  const socket = await open()
  const headers = { ...signedHeaders({ ...draft, nowMs: Date.now() }), 'content-length': String(body.length) }
  socket.send(requestBytes('POST /groups HTTP/1.1', headers, body.slice(0, -1)))
  assertRefusal(await socket.answer(), { form: 'rest', status: 408, code: 'RequestTimeoutException' })
  socket.send(body.slice(-1))
  await sleep(200)
  const group = await server.raw({ service: 'resource-groups', target: '/get-group', body: '{"Group":"late"}' })
  assert.equal(group.status, 404)
})

void test('a connection that says nothing is told so and closed', async () => {
  const socket = await open()
  assertRefusal(await socket.answer(), { form: 'rest', status: 408, code: 'RequestTimeoutException' })
  await socket.closed()
})

void test('connections beyond the limit are told to come back, and their requests never happen', async () => {
  const held = await Promise.all(Array.from({ length: 8 }, () => open()))
  const query = '{"ResourceTypeFilters":["AWS::AllSupported"],"TagFilters":[{"Key":"a"}]}'
  const body = JSON.stringify({ Name: 'ninth', ResourceQuery: { Type: 'TAG_FILTERS_1_0', Query: query } })
  const { credentials } = server
  const draft = { credentials, service: 'resource-groups', method: 'POST', target: '/groups', host, body }
  const ninth = await open()
  ninth.send(requestBytes('POST /groups HTTP/1.1', signedHeaders({ ...draft, nowMs: Date.now() }), body))
  assertRefusal(await ninth.answer(), { form: 'rest', status: 503, code: 'ServiceUnavailable' })
  await ninth.closed()
  await sleep(100)
  held[0]?.destroy()
  await sleep(20)
  const group = await server.raw({ service: 'resource-groups', target: '/get-group', body: '{"Group":"ninth"}' })
  assert.equal(group.status, 404)
})

void test('far beyond the limit, connections are closed without a word', async () => {
  await Promise.all(Array.from({ length: 8 }, () => open()))
  const many = await Promise.all(Array.from({ length: 30 }, () => open()))
  const ends = await Promise.all(
    many.map((socket) =>
      socket.answer().then(
        ({ status }) => String(status),
        () => 'closed',
      ),
    ),
  )
  assert.deepEqual([...new Set(ends)].sort(), ['503', 'closed'])
})
