// Requests that nobody signed: pieces of signatures put together at random, and inputs far larger than any server should
// let through. The verifier must refuse each with a reason, never throw, and take time in proportion to the size.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifySigV4 } from '../../../src/identity/sigv4.ts'
import type { SignedRequest } from '../../../src/identity/sigv4.ts'
import { randomFrom } from './random.ts'
import { acceptedServices, secretOf } from './signed-requests.ts'

const nowMs = Date.UTC(2024, 4, 5, 6, 7, 8)
const options = { services: acceptedServices, nowMs, secretOf }
const credential = 'AKIDEXAMPLE/20240505/us-east-1/sts/aws4_request'
const zeros = '0'.repeat(64)
const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=${zeros}`
const headers = ['Host', 'h', 'X-Amz-Date', '20240505T060708Z']

function request(target: string, ...rawHeaders: string[]): SignedRequest {
  return { method: 'GET', target, rawHeaders, body: Buffer.alloc(0) }
}

function assertRefused(one: SignedRequest, name: string): void {
  const answer = verifySigV4(one, options)
  assert.ok(!answer.accepted, name)
  assert.ok(answer.code.length > 0, name)
  const secret = secretOf('AKIDEXAMPLE') ?? ''
  assert.ok(secret !== '' && !answer.message.includes(secret), name)
}

// Words that mean something to a reader of signatures, and some that should not.
const words = [
  'AWS4-HMAC-SHA256',
  'AWS4-HMAC-SHA256 ',
  'Credential=',
  'SignedHeaders=',
  'Signature=',
  credential,
  'AKIDEXAMPLE',
  'host;x-amz-date',
  'host',
  zeros,
  '20240505T060708Z',
  '20240505',
  'aws4_request',
  '/',
  '//',
  '..',
  ',',
  ';',
  '=',
  '&',
  '?',
  '%',
  '%2',
  '%25',
  '%zz',
  '%00',
  '+',
  ' ',
  '\t',
  '#',
  '\u0000',
  '\u00ff',
  '\ud800',
  '\u20ac',
  '__proto__',
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&',
  'X-Amz-Credential=',
  'X-Amz-Date=20240505T060708Z&',
  'X-Amz-Expires=',
  '60',
  '-1',
  'NaN',
  'X-Amz-SignedHeaders=host&',
  'X-Amz-Signature=',
  'X-Amz-Security-Token=',
] as const

void test('pieces of signatures at random are refused and never thrown at', () => {
  for (let number = 0; number < 20_000; number++) {
    const random = randomFrom(1, number)
    const text = (most: number) => Array.from({ length: random.below(most) }, () => random.member(words)).join('')
    const rawHeaders = random.chance(0.8) ? [...headers] : []
    if (random.chance(0.7))
      rawHeaders.push('Authorization', random.chance(0.3) ? text(12) : `AWS4-HMAC-SHA256 ${text(12)}`)
    while (random.chance(0.3)) {
      const name = random.pick([
        'x-amz-date',
        'date',
        'host',
        'x-amz-security-token',
        'x-amz-content-sha256',
        '',
        '__proto__',
      ])
      rawHeaders.push(name, text(4))
    }
    const target = random.chance(0.5) ? `/${text(3)}?${text(12)}` : text(8)
    assertRefused(
      { method: random.pick(['GET', 'POST', '']), target, rawHeaders, body: Buffer.from(text(3)) },
      String(number),
    )
  }
})

const large = 1_000_000
const signed = [...headers, 'Authorization', authorization]
const sized: Record<string, (size: number) => SignedRequest> = {
  'slashes in the path': (size) => request('/'.repeat(size), ...signed),
  'dot segments': (size) => request(`/${'./'.repeat(size / 2)}`, ...signed),
  'parents in the path': (size) => request('/a'.repeat(size / 5) + '/..'.repeat(size / 5), ...signed),
  'escapes in the path': (size) => request(`/${'%25'.repeat(size / 3)}`, ...signed),
  'percent signs in the query': (size) => request(`/?${'%'.repeat(size)}`, ...signed),
  'equals signs in the query': (size) => request(`/?${'='.repeat(size)}`, ...signed),
  'ampersands in the query': (size) => request(`/?${'&'.repeat(size)}`, ...signed),
  'parameters of one name': (size) => request(`/?${'k=1&'.repeat(size / 4)}`, ...signed),
  'algorithms in the query': (size) =>
    request(`/?${'X-Amz-Algorithm=AWS4-HMAC-SHA256&'.repeat(size / 33)}`, ...headers),
  'spaces in a signed header': (size) => request('/', 'Host', `a${' '.repeat(size)}b`, ...signed.slice(2)),
  'single spaces in a signed header': (size) => request('/', 'Host', 'a '.repeat(size / 2), ...signed.slice(2)),
  'white space before a value': (size) => request('/', 'Host', `${' \t'.repeat(size / 2)}b`, ...signed.slice(2)),
  'headers of one name': (size) =>
    request('/', ...Array.from({ length: size / 100 }, () => ['Host', 'h']).flat(), ...signed),
  'headers of many names': (size) =>
    request('/', ...Array.from({ length: size / 100 }, (_, i) => [`X-${i}`, '']).flat(), ...signed),
  'commas in Authorization': (size) =>
    request('/', ...headers, 'Authorization', `AWS4-HMAC-SHA256 ${','.repeat(size)}`),
  'spaces in Authorization': (size) =>
    request('/', ...headers, 'Authorization', `AWS4-HMAC-SHA256${' '.repeat(size)}x`),
  'parts of Authorization': (size) =>
    request('/', ...headers, 'Authorization', `AWS4-HMAC-SHA256 ${'a=b, '.repeat(size / 5)}`),
  'names in SignedHeaders': (size) =>
    request('/', ...headers, 'Authorization', authorization.replace('host;', 'host;'.repeat(size / 5))),
  'slashes in the credential': (size) =>
    request('/', ...headers, 'Authorization', authorization.replace('sts', '/'.repeat(size))),
  'a long date': (size) => request('/', 'Host', 'h', 'X-Amz-Date', '2'.repeat(size), 'Authorization', authorization),
  'a long signature': (size) => request('/', ...headers, 'Authorization', authorization + '0'.repeat(size)),
}

for (const [name, make] of Object.entries(sized)) {
  void test(`a megabyte of ${name} is refused in time`, (t) => {
    const one = make(large)
    const start = performance.now()
    assertRefused(one, name)
    const ms = performance.now() - start
    t.diagnostic(`${ms.toFixed(0)} ms`)
    // Quadratic work on a megabyte takes minutes; the limit leaves room for a busy machine.
    assert.ok(ms < 5_000, `${ms} ms`)
  })
}
