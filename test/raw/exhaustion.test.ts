// What somebody without a key could use up: connections, memory, the work of parsing. Each has a bound.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../src/config.ts'
import { verifySigV4 } from '../../src/identity/sigv4.ts'
import { listen } from '../../src/server/http.ts'
import { startTestServer, type TestServer } from '../support/running-server.ts'

const config = loadConfig({ flags: {}, environment: {} })
const answer = { status: 404, headers: { 'content-type': 'application/json' }, body: '{}' }
const start = (pipeline: Parameters<typeof listen>[0], limits: Partial<typeof config> = {}) =>
  listen(pipeline, {
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    limits: { ...config, maxBodyBytes: config.maxImportBodyBytes, ...limits },
    newRequestId: () => 'id',
  })

test('one connection has a few calls under way, however many requests it sends at once', async () => {
  let now = 0
  let most = 0
  const server = await start(async () => {
    most = Math.max(most, ++now)
    await sleep(20)
    now--
    return answer
  })
  const socket = connect(server.address.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.resume()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write('GET / HTTP/1.1\r\n\r\n'.repeat(20_000))
  await closed
  await server.stop(100)
  assert.ok(most <= 16, `${most} calls at once`)
})

test('bodies on their way hold a bounded amount of memory, and what is beyond is told to come back', async () => {
  const server = await start(async () => answer)
  const bytes = 4 * 1024 * 1024
  const body = Buffer.alloc(bytes - 10, 0x20)
  const before = process.memoryUsage().arrayBuffers
  let refused = 0
  const sockets = Array.from({ length: 200 }, () => {
    const socket = connect(server.address.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => (refused += chunk.toString().startsWith('HTTP/1.1 503') ? 1 : 0))
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${bytes}\r\n\r\n`)
    socket.write(body)
    return socket
  })
  const areEnoughRefused = () => refused >= 100
  for (let tries = 0; !areEnoughRefused() && tries < 100; tries++) await sleep(50)
  const held = process.memoryUsage().arrayBuffers - before
  for (const socket of sockets) socket.destroy()
  await server.stop(100)
  assert.ok(refused >= 100, `${refused} were refused`)
  assert.ok(held < 400 * 2 ** 20, `${held} bytes held`)
})

test('a client that does not read its answers is let go', async () => {
  const large = { ...answer, body: 'x'.repeat(2 * 1024 * 1024) }
  const limits = { headersTimeoutMs: 200, requestTimeoutMs: 300, keepAliveTimeoutMs: 200 }
  const server = await start(async () => large, limits)
  let closed = 0
  const sockets = Array.from({ length: 5 }, () => {
    const socket = connect(server.address.port, '127.0.0.1')
    socket.pause()
    socket.on('error', () => undefined)
    socket.on('close', () => closed++)
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(8))
    return socket
  })
  await sleep(2_000)
  // A reset is noticed by who writes, or reads.
  for (const socket of sockets) {
    socket.write('\r\n')
    socket.resume()
  }
  const areAllClosed = () => closed === 5
  for (let tries = 0; !areAllClosed() && tries < 40; tries++) await sleep(50)
  for (const socket of sockets) socket.destroy()
  await server.stop(100)
  assert.equal(closed, 5)
})

test('a header that is signed more than once is refused before anything is hashed', () => {
  const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5)
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIA/20260102/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date${';a'.repeat(3_700)}, Signature=${'a'.repeat(64)}`
  const rawHeaders = ['host', 'x', 'x-amz-date', '20260102T030405Z', 'authorization', authorization, 'a', 'v']
  const verdict = verifySigV4(
    { method: 'POST', target: '/', body: Buffer.alloc(0), rawHeaders },
    { services: ['sts'], nowMs, secretOf: () => assert.fail('the secret was asked for') },
  )
  assert.deepEqual(verdict.accepted, false)
})

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.stop())

test('a large document is not read before it is clear who sent it', async () => {
  const unsigned = async (body: string) => {
    const headers = { 'x-amz-target': 'Corral_20261101.ImportResources', 'content-type': 'application/x-amz-json-1.1' }
    const response = await fetch(server.url, { method: 'POST', headers, body })
    return ((await response.json()) as { __type: string }).__type
  }
  assert.equal(await unsigned('{'), 'SerializationException')
  assert.equal(await unsigned(`{${' '.repeat(70_000)}`), 'MissingAuthenticationTokenException')
  const signed = await server.json('corral', 'Corral_20261101.ImportResources', `{${' '.repeat(70_000)}`)
  assert.match(signed.body, /SerializationException/)
})
