import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { provesKnowledgeOf, readClaim, signingKeyOf } from '../identity/sigv4.ts'
import { findCredentials, sign } from './client.ts'

const nowMs = Date.UTC(2026, 10, 1, 12)
const credentials = { accessKeyId: 'AKIAEXAMPLE000000000', secretAccessKey: 'a/secret+key', sessionToken: undefined }

test('what is signed here, the server accepts, and nothing else', () => {
  const body = Buffer.from('{"Tag":"\u00e4"}')
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Corral_20261101.ImportResources' }
  const signing = { host: '127.0.0.1:4566', region: 'eu-west-1', service: 'corral', headers, body, nowMs }
  for (const sessionToken of [undefined, 'a-token']) {
    const signed = sign({ ...signing, credentials: { ...credentials, sessionToken } })
    const request = { method: 'POST', target: '/', rawHeaders: Object.entries(signed).flat(), body }
    const read = readClaim(request, { services: ['corral'], nowMs })
    assert.ok('claim' in read)
    assert.deepEqual([read.claim.region, read.claim.sessionToken], ['eu-west-1', sessionToken])
    const key = signingKeyOf(credentials.secretAccessKey, read.claim)
    assert.ok(provesKnowledgeOf(key, read.claim, request))
    assert.ok(!provesKnowledgeOf(key, read.claim, { ...request, body: Buffer.from('{}') }))
    assert.ok(!provesKnowledgeOf(signingKeyOf('another', read.claim), read.claim, request))
  }
})

test('credentials come from the place that was asked for, else from where AWS’s tools have them', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'corral-client-'))
  const profile = (name: string, id: string) =>
    `# a comment = none\n[${name}]\r\nAWS_ACCESS_KEY_ID=${id}\naws_secret_access_key = se=cret \nregion = eu-west-1\n`
  const file = path.join(folder, 'credentials')
  writeFileSync(file, profile('corral', 'CORRAL') + profile('default', 'DEFAULT') + '[empty]\n')
  const other = path.join(folder, 'other')
  writeFileSync(other, profile('default', 'OTHER'))
  const keys = { AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' }
  const find = (environment: Record<string, string>, more: { profile?: string; dataDir?: string } = {}) =>
    findCredentials({ profile: more.profile, dataDir: more.dataDir, environment })
  try {
    assert.deepEqual(find(keys).credentials, { accessKeyId: 'ENV', secretAccessKey: 'secret', sessionToken: 'token' })
    const idOf = (...given: Parameters<typeof find>) => find(...given).credentials.accessKeyId
    assert.equal(idOf(keys, { dataDir: folder }), 'CORRAL')
    assert.equal(idOf({ AWS_SHARED_CREDENTIALS_FILE: file }), 'CORRAL')
    assert.equal(idOf({ AWS_SHARED_CREDENTIALS_FILE: other }), 'OTHER')
    assert.equal(idOf({ AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'default' }), 'DEFAULT')
    assert.equal(idOf({ ...keys, AWS_SHARED_CREDENTIALS_FILE: file }, { profile: 'default' }), 'DEFAULT')
    assert.deepEqual(find({ AWS_SHARED_CREDENTIALS_FILE: file }), {
      credentials: { accessKeyId: 'CORRAL', secretAccessKey: 'se=cret', sessionToken: undefined },
      region: 'eu-west-1',
    })
    for (const name of ['empty', 'missing', '__proto__'])
      assert.throws(
        () => find({ AWS_SHARED_CREDENTIALS_FILE: file }, { profile: name }),
        /no access key of the profile/,
      )
    assert.throws(() => find({}, { dataDir: path.join(folder, 'nowhere') }), /no access key/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
