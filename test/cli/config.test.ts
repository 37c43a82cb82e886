// `corral config` and what feeds it: every setting listed, flags before environment before file before defaults, bad
// values refused by name, secrets never shown.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { environmentOf, flagOf, loadConfig, resolveSettings, settings } from '../../src/config.ts'
import { runCorral } from '../support/server-process.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'corral-config-'))
after(() => rmSync(folder, { recursive: true }))
const secret = 'Very-secret-words-0123456789/abcdefghijk'

function refusalOf(sources: Parameters<typeof loadConfig>[0]): string {
  try {
    loadConfig(sources)
    return 'none'
  } catch (error) {
    return String(error)
  }
}

function fileWith(name: string, text: string): string {
  const file = path.join(folder, name)
  writeFileSync(file, text)
  return file
}

void test('every setting is listed with its value, its origin and how to set it', async () => {
  const file = fileWith(
    'all.json',
    JSON.stringify({ maxUrlBytes: 1024, region: 'eu-west-1', rootSecretAccessKey: secret }),
  )
  const environment = {
    CORRAL_REGION: 'eu-central-1',
    CORRAL_MAX_CONNECTIONS: '7',
    CORRAL_ROOT_ACCESS_KEY_ID: 'A'.repeat(16),
  }
  const { code, stdout, stderr } = await runCorral(['config', '--config', file, '--max-connections', '9'], {
    environment,
  })
  assert.equal(code, 0, stderr)
  assert.equal(stderr, '')
  for (const setting of settings) {
    assert.match(stdout, new RegExp(`^${setting.name} = .*  \\[(flag|environment|file|default)\\]$`, 'm'))
    assert.ok(stdout.includes(environmentOf(setting)), setting.name)
    assert.ok(setting.secret ?? stdout.includes(`${flagOf(setting)},`), setting.name)
  }
  assert.match(stdout, /^maxConnections = 9 {2}\[flag\]$/m)
  assert.match(stdout, /^region = eu-central-1 {2}\[environment\]$/m)
  assert.match(stdout, /^maxUrlBytes = 1024 {2}\[file\]$/m)
  assert.match(stdout, /^maxHeaderBytes = 16384 {2}\[default\]$/m)
  assert.match(stdout, /^rootSecretAccessKey = \(secret\) {2}\[file\]$/m)
  assert.doesNotMatch(stdout, new RegExp(secret))
})

void test('every setting is read from each of its places, in their order', () => {
  const samples: Record<string, readonly [string, string, string]> = {
    host: ['localhost', '::1', '127.0.0.2'],
    accountId: ['111111111111', '222222222222', '333333333333'],
    rootAccessKeyId: ['A'.repeat(16), 'B'.repeat(16), 'C'.repeat(16)],
    rootSecretAccessKey: ['a'.repeat(16), 'b'.repeat(16), 'c'.repeat(16)],
    region: ['eu-west-1', 'eu-west-2', 'eu-west-3'],
    logLevel: ['debug', 'warn', 'error'],
  }
  const numbers = ['2000', '3000', '4000'] as const
  for (const setting of settings) {
    const [one, two, three] = samples[setting.name] ?? numbers
    const file = fileWith('one.json', JSON.stringify({ [setting.name]: three }))
    const environment = { [environmentOf(setting)]: two }
    const valueOf = (sources: Parameters<typeof resolveSettings>[0]) => {
      const { text, origin } = resolveSettings(sources).find((resolved) => resolved.setting.name === setting.name) ?? {}
      return `${origin} ${text}`
    }
    assert.equal(valueOf({ flags: { [setting.name]: one }, environment, file }), `flag ${one}`)
    assert.equal(valueOf({ flags: {}, environment, file }), `environment ${two}`)
    assert.equal(valueOf({ flags: {}, environment: { [environmentOf(setting)]: '' }, file }), `file ${three}`)
    assert.equal(valueOf({ flags: {}, environment: {} }), `default ${setting.default}`)
  }
})

void test('values that will not do are refused by the name of their setting, and not repeated', () => {
  const bad: [name: string, value: string][] = [
    ['port', '65536'],
    ['port', '-1'],
    ['port', '80.5'],
    ['port', '0x50'],
    ['port', ''],
    ['port', '1e3'],
    ['host', 'a b'],
    ['host', 'http://127.0.0.1'],
    ['accountId', '12345678901'],
    ['accountId', '12345678901a'],
    ['region', 'US-EAST-1'],
    ['region', 'us-east-1; rm'],
    ['maxBodyBytes', '1'],
    ['maxBodyBytes', '999999999999999999999999'],
    ['maxConnections', '0'],
    ['logLevel', 'loud'],
    ['rootAccessKeyId', 'short'],
  ]
  for (const [name, value] of bad)
    assert.throws(() => loadConfig({ flags: { [name]: value }, environment: {} }), new RegExp(`^ConfigError: ${name} `))
  const flags = { rootAccessKeyId: 'A'.repeat(16) }
  const environment = { CORRAL_ROOT_SECRET_ACCESS_KEY: 'with space in it 0123456' }
  const refusal = refusalOf({ flags, environment })
  assert.match(refusal, /^ConfigError: rootSecretAccessKey \(from environment\) must be/)
  assert.doesNotMatch(refusal, /with space/)
})

void test('a header time-out longer than that of the whole request is refused', () => {
  const flags = { headersTimeoutMs: '2000', requestTimeoutMs: '1000' }
  assert.throws(() => loadConfig({ flags, environment: {} }), /^ConfigError: headersTimeoutMs /)
})

void test('files that cannot be read, and what of them is told', async (t) => {
  const cases: Record<string, [text: string, message: RegExp]> = {
    'broken beside a secret': [`{"rootSecretAccessKey": "${secret}" "region"}`, /cannot be read as JSON/],
    'a secret without quotes': [`{"rootSecretAccessKey": ${secret}}`, /cannot be read as JSON/],
    'broken inside a secret': [`{"rootSecretAccessKey": "${secret}\n"}`, /cannot be read as JSON/],
    'a list': ['[]', /must hold one JSON object/],
    'a setting that does not exist': ['{"prot": 80}', /no setting named prot/],
    'a name of the language': ['{"__proto__": 1, "constructor": 2}', /no setting named/],
    'a value that is no text': [`{"region": {"a": "${secret}"}}`, /region must be a text or a number/],
    'a bad value': ['{"port": "all"}', /port \(from file\) must be/],
  }
  for (const [name, [text, message]] of Object.entries(cases))
    await t.test(name, () => {
      const file = fileWith('bad.json', text)
      const error = refusalOf({ flags: {}, environment: {}, file })
      assert.match(error, message)
      for (let at = 0; at + 6 <= secret.length; at++) assert.ok(!error.includes(secret.slice(at, at + 6)), error)
    })
  await t.test('none', async () => {
    const { code, stderr } = await runCorral(['config', '--config', path.join(folder, 'none.json')])
    assert.equal(code, 1)
    assert.match(stderr, /none\.json/)
    assert.doesNotMatch(stderr, /\n {4}at /)
  })
})

void test('no flag takes a secret, since command lines are seen by everyone on a machine', async () => {
  const secrets = settings.filter((setting) => setting.secret)
  assert.ok(secrets.length > 0)
  for (const setting of secrets) {
    assert.equal(flagOf(setting), undefined)
    const flag = `--${setting.name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    const { code, stderr } = await runCorral(['serve', flag, secret])
    assert.notEqual(code, 0)
    assert.match(stderr, /unknown option/)
    assert.doesNotMatch(stderr, new RegExp(secret))
  }
})
