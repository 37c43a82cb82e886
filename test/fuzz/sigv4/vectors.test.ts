// The published examples of Signature Version 4 (test/vectors/sigv4.json) against the independent canonicalizer, which
// keeps that honest, and against the verifier.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { verifySigV4 } from '../../../src/identity/sigv4.ts'
import type { SignedRequest } from '../../../src/identity/sigv4.ts'
import { readRequest, signatureOf, timestampMs } from './independent-canonicalizer.ts'

interface Vector {
  name: string
  form: 'header' | 'query'
  method: string
  target: string
  headers: [string, string][]
  body?: string
  canonicalRequestHash: string
  signature: string
  verdict: 'accepted' | 'refused'
  why?: string
}
interface Vectors {
  accessKeyId: string
  secretAccessKey: string
  services: string[]
  cases: Vector[]
}

const file = new URL('../../vectors/sigv4.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors
const secretOf = (accessKeyId: string) => (accessKeyId === vectors.accessKeyId ? vectors.secretAccessKey : undefined)

void test('the file holds the suite in both forms', () => {
  assert.equal(vectors.cases.length, 73)
  assert.equal(vectors.cases.filter(({ verdict }) => verdict === 'refused').length, 14)
})

for (const vector of vectors.cases) {
  const request: SignedRequest = {
    method: vector.method,
    target: vector.target,
    rawHeaders: vector.headers.flat(),
    body: Buffer.from(vector.body ?? ''),
  }

  void test(`${vector.name}, ${vector.form} form: ${vector.verdict}${vector.why === undefined ? '' : `, ${vector.why}`}`, () => {
    const reading = readRequest(request)
    assert.ok(!('unreadable' in reading))
    const hash = createHash('sha256').update(reading.canonicalRequest).digest('hex')
    const publishedStringToSign = reading.stringToSign.replace(hash, vector.canonicalRequestHash)
    assert.equal(signatureOf(vectors.secretAccessKey, reading.scope, publishedStringToSign), vector.signature)
    assert.equal(reading.signature, vector.signature)
    if (vector.verdict === 'accepted') assert.equal(hash, vector.canonicalRequestHash)

    const options = { services: vectors.services, nowMs: timestampMs(reading.timestamp) ?? 0, secretOf }
    const answer = verifySigV4(request, options)
    assert.equal(answer.accepted, vector.verdict === 'accepted', JSON.stringify(answer))
    if (answer.accepted) {
      const { region, service } = reading.scope
      assert.deepEqual(answer, { accepted: true, accessKeyId: vectors.accessKeyId, service, region })
    }
    const stranger = verifySigV4(request, { ...options, secretOf: () => `${vectors.secretAccessKey}x` })
    assert.equal(stranger.accepted, false)
  })
}
