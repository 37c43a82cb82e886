// TLS as the server speaks it: 1.2 and 1.3 with forward secrecy, nothing older or weaker; and no plain HTTP on an address
// that others can reach. What a client is refused here, a permissive server grants it: the refusal is ours.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { connect, type ConnectionOptions, createServer, type TLSSocket } from 'node:tls'
import { loadConfig } from '../../src/config.ts'
import { openRawSocket, requestBytes } from '../support/raw-socket.ts'
import { assertRefusal } from '../support/refusals.ts'
import { startTestServer, type TestServer } from '../support/running-server.ts'
import { runCorral } from '../support/server-process.ts'
import { signedHeaders } from '../support/sign.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'corral-tls-'))
const keyFile = path.join(folder, 'key.pem')
const certFile = path.join(folder, 'cert.pem')
// RSA, so that key exchange by RSA would be possible.
const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost'.split(' ')
const alternatives = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
const made = spawnSync('openssl', [...request, ...alternatives, '-keyout', keyFile, '-out', certFile])
const skip = made.status === 0 ? false : 'there is no openssl here to make a certificate with'

let server: TestServer
before(async () => {
  if (skip === false) server = await startTestServer({ settings: { tlsCert: certFile, tlsKey: keyFile } })
})
after(async () => {
  if (skip === false) await server.stop()
  rmSync(folder, { recursive: true })
})

/** The connection once it is secure; rejects with what the other side said. */
function secure(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(certFile), servername: 'localhost', ...options })
    socket.once('secureConnect', () => resolve(socket))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
  })
}

/** Of a server that takes whatever OpenSSL can do. */
async function permissivePort(): Promise<{ port: number; close(): void }> {
  const permissive = createServer({
    key: readFileSync(keyFile),
    cert: readFileSync(certFile),
    minVersion: 'TLSv1',
    ciphers: 'ALL:@SECLEVEL=0',
  })
  permissive.on('tlsClientError', () => undefined)
  permissive.on('secureConnection', (socket) => socket.on('error', () => undefined))
  await new Promise<void>((resolve) => permissive.listen(0, '127.0.0.1', resolve))
  return { port: (permissive.address() as { port: number }).port, close: () => permissive.close() }
}

const only = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3', ciphers: string): ConnectionOptions => ({
  minVersion: version,
  maxVersion: version,
  ciphers,
})
const refused: Record<string, [options: ConnectionOptions, alert: RegExp]> = {
  'TLS 1.1': [only('TLSv1.1', 'ALL:@SECLEVEL=0'), /alert protocol version/i],
  'TLS 1.2, key exchange by RSA': [only('TLSv1.2', 'AES128-GCM-SHA256:AES256-GCM-SHA384'), /handshake failure/i],
  'TLS 1.2, CBC': [only('TLSv1.2', 'ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384'), /handshake failure/i],
  'TLS 1.2, CBC and SHA-1': [only('TLSv1.2', 'ECDHE-RSA-AES128-SHA:AES128-SHA'), /handshake failure/i],
}
const accepted: Record<string, ConnectionOptions> = {
  'TLS 1.2, AES-128-GCM': only('TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256'),
  'TLS 1.2, AES-256-GCM': only('TLSv1.2', 'ECDHE-RSA-AES256-GCM-SHA384'),
  'TLS 1.2, ChaCha20': only('TLSv1.2', 'ECDHE-RSA-CHACHA20-POLY1305'),
  'TLS 1.3': only('TLSv1.3', 'TLS_AES_128_GCM_SHA256'),
  'whatever Node offers': {},
}

void test('versions and suites', { skip }, async (t) => {
  const permissive = await permissivePort()
  const port = Number(new URL(server.url).port)
  for (const [name, [options, alert]] of Object.entries(refused))
    await t.test(`${name} is refused`, async () => {
      const granted = await secure(permissive.port, options)
      granted.destroy()
      await assert.rejects(secure(port, options), alert)
    })
  for (const [name, options] of Object.entries(accepted))
    await t.test(`${name} is spoken`, async () => {
      const { host } = new URL(server.url)
      const { credentials } = server
      const draft = {
        credentials,
        service: 'resource-groups',
        method: 'POST',
        target: '/groups-list',
        host,
        body: '{}',
      }
      const secured = await secure(port, options)
      if (options.maxVersion === 'TLSv1.2') assert.equal(secured.getCipher().name, options.ciphers)
      const socket = await openRawSocket(server.url, secured)
      socket.send(requestBytes('POST /groups-list HTTP/1.1', signedHeaders({ ...draft, nowMs: Date.now() }), '{}'))
      const answer = await socket.answer()
      socket.destroy()
      assert.equal(answer.status, 200, answer.body)
    })
  permissive.close()
})

void test('limits are answered over TLS too, and plain HTTP is not spoken there', { skip }, async () => {
  const port = Number(new URL(server.url).port)
  const socket = await openRawSocket(server.url, await secure(port, {}))
  socket.send(`GET /${'a'.repeat(20_000)}`)
  assertRefusal(await socket.answer(), { form: 'rest', status: 431, code: 'RequestHeaderSectionTooLarge' })
  const plain = await openRawSocket(server.url)
  plain.send('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  assert.doesNotMatch(await plain.closed(), /HTTP/)
  const good = await openRawSocket(server.url, await secure(port, {}))
  good.send('GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const { status } = await good.answer()
  good.destroy()
  assert.equal(status, 404, 'the server works on')
})

void test('plain HTTP where others could listen: the server does not start, and says why', async () => {
  const reason = /host \S+ is not a loopback address.*set tlsCert and tlsKey/
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'corral.example', '127.0.0.1.example', '0', '2130706433'])
    assert.throws(() => loadConfig({ flags: { host }, environment: {} }), reason, host)
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
    assert.equal(loadConfig({ flags: { host }, environment: {} }).host, host)
  const dataDir = path.join(folder, 'never')
  const { code, stderr } = await runCorral(['serve', '--host', '0.0.0.0', '--port', '0', '--data-dir', dataDir])
  assert.equal(code, 1)
  assert.match(stderr, reason)
  assert.equal(existsSync(dataDir), false)
})

void test('with TLS, any address will do', { skip }, async () => {
  const wide = await startTestServer({ settings: { host: '0.0.0.0', tlsCert: certFile, tlsKey: keyFile } })
  const socket = await openRawSocket(wide.url, await secure(Number(new URL(wide.url).port), {}))
  socket.send('GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n')
  assert.equal((await socket.answer()).status, 404)
  socket.destroy()
  await wide.stop()
})

void test('a certificate that cannot be used', { skip }, async (t) => {
  const badFile = path.join(folder, 'bad.pem')
  writeFileSync(badFile, 'not a certificate')
  const otherKey = path.join(folder, 'other.pem')
  spawnSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', otherKey])
  const cases: Record<string, [cert: string, key: string, message: RegExp]> = {
    'no such file': [path.join(folder, 'none.pem'), keyFile, /none\.pem/],
    'no certificate': [badFile, keyFile, /the TLS certificate or key cannot be used/],
    'no key': [certFile, badFile, /the TLS certificate or key cannot be used/],
    'the key of another': [certFile, otherKey, /the TLS certificate or key cannot be used/],
  }
  for (const [name, [cert, key, message]] of Object.entries(cases))
    await t.test(name, async () => {
      const dataDir = mkdtempSync(path.join(folder, 'data-'))
      const args = ['serve', '--port', '0', '--data-dir', dataDir, '--tls-cert', cert, '--tls-key', key]
      const { code, stderr } = await runCorral(args)
      assert.equal(code, 1, stderr)
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /\n {4}at /)
    })
  await t.test('one without the other', async () => {
    const { code, stderr } = await runCorral([
      'serve',
      '--tls-cert',
      certFile,
      '--data-dir',
      path.join(folder, 'never'),
    ])
    assert.equal(code, 1)
    assert.match(stderr, /tlsCert and tlsKey go together/)
  })
})
