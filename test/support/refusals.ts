// What every refusal has in common, in each of the forms that AWS's front ends use.
import assert from 'node:assert/strict'
import type { RawAnswer } from './running-server.ts'

export interface Refusal {
  form: 'rest' | 'json' | 'json-envelope' | 'json-xml' | 'query'
  status: number
  code: string
  /** Exact, or what it must match; '' = none. */
  message?: string | RegExp
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const contentTypes = {
  rest: 'application/json',
  json: 'application/x-amz-json-1.1',
  'json-envelope': 'application/x-amz-json-1.1',
  'json-xml': 'text/xml',
  query: 'text/xml',
}

/** Request id present, no way for text of ours or the caller's to leave its place, nothing internal told. */
export function assertWellFormed(answer: RawAnswer): void {
  assert.match(String(answer.headers['x-amzn-requestid']), uuid)
  for (const [name, value] of Object.entries(answer.headers))
    assert.match(`${name}: ${String(value)}`, /^[\x20-\x7e]*$/)
  assert.doesNotMatch(answer.body, /node:internal|node_modules|\.ts:\d|\bat (?:async )?\w+ \(|SQLITE|sqlite|secret/)
}

export function assertRefusal(answer: RawAnswer, wanted: Refusal): void {
  const shown = `${answer.status} ${JSON.stringify(answer.headers)} ${answer.body}`
  assertWellFormed(answer)
  assert.equal(answer.status, wanted.status, shown)
  assert.equal(answer.headers['content-type'], contentTypes[wanted.form], shown)
  const { code, message } = readRefusal(answer, wanted.form)
  assert.equal(code, wanted.code, shown)
  if (typeof wanted.message === 'string') assert.equal(message, wanted.message, shown)
  else if (wanted.message) assert.match(message, wanted.message, shown)
}

function readRefusal(answer: RawAnswer, form: Refusal['form']): { code: unknown; message: string } {
  if (form === 'query') {
    const found =
      /^<ErrorResponse xmlns="[^"]*"><Error><Type>(Sender|Receiver)<\/Type><Code>(\w+)<\/Code>(?:<Message>([^<]*)<\/Message>)?<\/Error><RequestId>([^<]*)<\/RequestId><\/ErrorResponse>$/.exec(
        answer.body,
      )
    assert.ok(found, answer.body)
    assert.equal(found[4], answer.headers['x-amzn-requestid'])
    assert.equal(found[1], answer.status >= 500 ? 'Receiver' : 'Sender')
    return { code: found[2], message: plain(found[3] ?? '') }
  }
  if (form === 'json-xml') {
    const found = /^<(\w+)(?:\/>|>\n {2}<Message>([^<]*)<\/Message>\n<\/\1>)\n$/.exec(answer.body)
    assert.ok(found, answer.body)
    return { code: found[1], message: plain(found[2] ?? '') }
  }
  const body = JSON.parse(answer.body) as Record<string, unknown>
  if (form === 'json-envelope') {
    assert.equal(body['Version'], '1.0')
    return { code: (body['Output'] as { __type: string }).__type, message: '' }
  }
  const message = body['message'] ?? body['Message'] ?? ''
  assert.ok(typeof message === 'string')
  return { code: form === 'rest' ? answer.headers['x-amzn-errortype'] : body['__type'], message }
}

const plain = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
