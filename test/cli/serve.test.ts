// The life of `corral serve`: its first start, later ones, the ones it refuses, and how it ends.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRawSocket, requestBytes } from '../support/raw-socket.ts'
import { killStarted, runCorral, type ServerProcess, serveCorral } from '../support/server-process.ts'
import { signedHeaders } from '../support/sign.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'corral-serve-'))
after(() => {
  killStarted()
  rmSync(folder, { recursive: true })
})
let folders = 0
const newDataDir = () => path.join(folder, `data-${folders++}`)
const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)

function callerIdentity(server: ServerProcess): Buffer {
  const { host } = new URL(server.url)
  const body = 'Action=GetCallerIdentity&Version=2011-06-15'
  const { credentials } = server
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const draft = { credentials, service: 'sts', method: 'POST', target: '/', host, headers, body, nowMs: Date.now() }
  return requestBytes('POST / HTTP/1.1', signedHeaders(draft), body)
}

async function accountOf(server: ServerProcess): Promise<string | undefined> {
  const socket = await openRawSocket(server.url)
  socket.send(callerIdentity(server))
  const { body } = await socket.answer()
  socket.destroy()
  return /<Account>(\d{12})<\/Account>/.exec(body)?.[1]
}

void test('the first start makes a folder nobody else can read, one account, and a profile with its keys', async () => {
  const dataDir = newDataDir()
  const server = await serveCorral(dataDir, ['--region', 'eu-west-1'])
  const account = await accountOf(server)
  assert.ok(account !== undefined)
  const { code, stdout, stderr } = await server.stop()
  assert.equal(code, 0)
  assert.equal(stderr, '')
  assert.equal(modeOf(dataDir), '700')
  for (const file of ['corral.db', 'corral.db.lock', 'master.key', 'credentials'])
    assert.equal(modeOf(path.join(dataDir, file)), '600', file)
  const profile = readFileSync(path.join(dataDir, 'credentials'), 'utf8')
  assert.match(
    profile,
    /^\[corral\]\naws_access_key_id = AKIA[A-Z2-7]{16}\naws_secret_access_key = [A-Za-z0-9+/]{40}\nregion = eu-west-1\n$/,
  )
  const { secretAccessKey } = server.credentials
  assert.ok(stdout.includes(`(account ${account})`))
  assert.ok(!stdout.includes(secretAccessKey))
  const store = readFileSync(path.join(dataDir, 'corral.db')).toString('latin1')
  assert.ok(!store.includes(secretAccessKey), 'secrets are sealed')
})

void test('the banner shows the lines to type, and they are right', async () => {
  const dataDir = newDataDir()
  const server = await serveCorral(dataDir, [], { cwd: folder })
  const { stdout } = await server.stop()
  const file = path.relative(folder, path.join(dataDir, 'credentials'))
  assert.ok(stdout.includes(`export AWS_SHARED_CREDENTIALS_FILE=${file}`), stdout)
  for (const command of [
    'sts get-caller-identity',
    'resource-groups list-groups',
    'resourcegroupstaggingapi get-resources',
  ])
    assert.ok(stdout.includes(`aws --endpoint-url ${server.url} --profile corral ${command}`), stdout)
})

void test('the default folder is corral-data where the command is given', async () => {
  const cwd = mkdtempSync(path.join(folder, 'cwd-'))
  const dataDir = path.join(cwd, 'corral-data')
  const server = await serveCorral(dataDir, ['--data-dir', './corral-data'], { cwd })
  await server.stop()
  assert.equal(modeOf(dataDir), '700')
  const { stdout } = await runCorral(['config'], { cwd })
  assert.match(stdout, /^dataDir = \.\/corral-data {2}\[default\]$/m)
})

void test('later starts keep account and keys, and say nothing secret', async () => {
  const dataDir = newDataDir()
  const first = await serveCorral(dataDir, ['--account-id', '210987654321'])
  await first.stop()
  const second = await serveCorral(dataDir, ['--account-id', '999999999999'])
  assert.equal(await accountOf(second), '210987654321')
  assert.deepEqual(second.credentials, first.credentials)
  const { stdout } = await second.stop()
  assert.equal(stdout, `Corral serves ${second.url} (account 210987654321)\n`)
})

void test('account and keys can be given, the secret where nobody sees it', async () => {
  const dataDir = newDataDir()
  const environment = {
    CORRAL_ACCOUNT_ID: '111122223333',
    CORRAL_ROOT_ACCESS_KEY_ID: 'AKIAGIVENKEY00000000',
    CORRAL_ROOT_SECRET_ACCESS_KEY: 'a-secret-that-was-given-000000000000000',
  }
  const server = await serveCorral(dataDir, [], { environment })
  assert.equal(await accountOf(server), '111122223333')
  assert.deepEqual(server.credentials, {
    accessKeyId: environment.CORRAL_ROOT_ACCESS_KEY_ID,
    secretAccessKey: environment.CORRAL_ROOT_SECRET_ACCESS_KEY,
  })
  if (process.platform === 'linux') {
    const commandLine = readFileSync(`/proc/${server.pid}/cmdline`, 'utf8')
    assert.ok(!commandLine.includes(environment.CORRAL_ROOT_SECRET_ACCESS_KEY))
  }
  const { stdout, stderr } = await server.stop()
  assert.ok(!`${stdout}${stderr}`.includes(environment.CORRAL_ROOT_SECRET_ACCESS_KEY))
})

void test('a folder that is too open is closed', async () => {
  const dataDir = newDataDir()
  const server = await serveCorral(dataDir)
  await server.stop()
  chmodSync(dataDir, 0o755)
  chmodSync(path.join(dataDir, 'corral.db'), 0o644)
  const again = await serveCorral(dataDir)
  await again.stop()
  assert.equal(modeOf(dataDir), '700')
  assert.equal(modeOf(path.join(dataDir, 'corral.db')), '600')
})

void test('starts that are refused, each with its reason and exit code 1', async (t) => {
  const dataDir = newDataDir()
  const server = await serveCorral(dataDir)
  const refusedStart = async (args: readonly string[], reason: RegExp) => {
    const { code, stdout, stderr } = await runCorral(['serve', '--port', '0', ...args])
    assert.equal(code, 1, stdout)
    assert.match(stderr, reason)
    assert.doesNotMatch(stderr, /\n {4}at /)
  }
  const onSame = ['--data-dir', dataDir]

  await t.test('a second process on the same folder', async () => {
    await refusedStart(onSame, /the data folder is in use by another Corral process/)
    assert.ok((await accountOf(server)) !== undefined, 'the first one serves on')
  })
  await server.stop()

  await t.test('a port that is taken', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    await refusedStart([...onSame, '--port', String(port)], /EADDRINUSE/)
    taken.close()
  })

  const keyFile = path.join(dataDir, 'master.key')
  const kept = path.join(folder, 'kept.key')
  await t.test('no master key', async () => {
    renameSync(keyFile, kept)
    await refusedStart(onSame, /the master key .* is missing/)
    assert.equal(existsSync(keyFile), false)
  })
  await t.test('a master key elsewhere', async () => {
    const other = await serveCorral(dataDir, ['--master-key-file', kept])
    assert.ok((await accountOf(other)) !== undefined)
    await other.stop()
    assert.equal(existsSync(keyFile), false)
  })
  await t.test('a master key that others can read', async () => {
    chmodSync(kept, 0o644)
    await refusedStart([...onSame, '--master-key-file', kept], /can be read by others.*chmod 600/)
    chmodSync(kept, 0o600)
  })
  await t.test('a master key of another store', async () => {
    const another = path.join(folder, 'another.key')
    writeFileSync(another, `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 })
    await refusedStart([...onSame, '--master-key-file', another], /master key/)
  })
  await t.test('a master key that is none', async () => {
    const none = path.join(folder, 'none.key')
    writeFileSync(none, 'short\n', { mode: 0o600 })
    await refusedStart([...onSame, '--master-key-file', none], /is not 32 bytes in base64/)
  })
  renameSync(kept, keyFile)

  await t.test('a store of a newer program', async () => {
    const database = new DatabaseSync(path.join(dataDir, 'corral.db'))
    database.exec("insert into schema_migration values (999999, 'later', 0)")
    database.close()
    await refusedStart(onSame, /the data folder has schema 999999, made by a newer Corral/)
  })
  await t.test('a store that is no database', async () => {
    const broken = newDataDir()
    const made = await serveCorral(broken)
    await made.stop()
    for (const file of ['corral.db-wal', 'corral.db-shm']) rmSync(path.join(broken, file), { force: true })
    writeFileSync(path.join(broken, 'corral.db'), 'x'.repeat(8192))
    await refusedStart(['--data-dir', broken], /not a database/)
  })
})

void test('a master key file that was created and not written, before there was a store, is no obstacle', async () => {
  const dataDir = newDataDir()
  const server = await serveCorral(dataDir)
  await server.stop()
  for (const file of ['corral.db', 'corral.db-wal', 'corral.db-shm']) rmSync(path.join(dataDir, file), { force: true })
  writeFileSync(path.join(dataDir, 'master.key'), '', { mode: 0o600 })
  const again = await serveCorral(dataDir)
  assert.equal((await again.stop()).code, 0)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  void test(`${signal} with calls under way and connections idle: answers arrive, and the exit is clean`, async () => {
    const server = await serveCorral(newDataDir())
    const idle = await openRawSocket(server.url)
    idle.send(callerIdentity(server))
    assert.equal((await idle.answer()).status, 200)
    const silent = await openRawSocket(server.url)
    // Half a request when the signal comes, the rest after it.
    const late = await openRawSocket(server.url)
    const request = callerIdentity(server)
    late.send(request.subarray(0, -5))
    const busy = await Promise.all(Array.from({ length: 20 }, () => openRawSocket(server.url)))
    for (const socket of busy) socket.send(request.subarray(0, -5))
    await sleep(50)
    for (const socket of busy) socket.send(request.subarray(-5))
    const started = performance.now()
    server.kill(signal)
    await sleep(100)
    late.send(request.subarray(-5))
    const answers = await Promise.all([late, ...busy].map((socket) => socket.answer()))
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    await idle.closed()
    const { code } = await server.ended
    assert.equal(code, 0)
    assert.ok(performance.now() - started < 5_000, `${performance.now() - started} ms`)
    for (const socket of [idle, silent, ...busy]) socket.destroy()
  })
}

void test('after SIGTERM nobody new is let in', async () => {
  const server = await serveCorral(newDataDir())
  const late = await openRawSocket(server.url)
  late.send(callerIdentity(server).subarray(0, -5))
  await sleep(20)
  server.kill('SIGTERM')
  await sleep(100)
  await assert.rejects(openRawSocket(server.url), /ECONNREFUSED/)
  late.destroy()
  assert.equal((await server.ended).code, 0)
})

void test('a client that never finishes cannot hold up the end', async () => {
  const server = await serveCorral(newDataDir(), ['--shutdown-grace-ms', '500'])
  const sockets: Socket[] = []
  for (let count = 0; count < 5; count++) {
    const open = await openRawSocket(server.url)
    open.send(callerIdentity(server).subarray(0, -1))
    sockets.push(open.socket)
  }
  await sleep(50)
  const started = performance.now()
  const { code } = await server.stop()
  assert.equal(code, 0)
  assert.ok(performance.now() - started < 3_000, `${performance.now() - started} ms`)
  for (const socket of sockets) socket.destroy()
})

void test('after SIGKILL the next start finds no lock and the same account', async () => {
  const dataDir = newDataDir()
  const server = await serveCorral(dataDir)
  const account = await accountOf(server)
  server.kill('SIGKILL')
  assert.equal((await server.ended).signal, 'SIGKILL')
  const again = await serveCorral(dataDir)
  assert.equal(await accountOf(again), account)
  await again.stop()
})
