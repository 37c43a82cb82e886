// STS GetCallerIdentity as clients call it: by AWS's SDK, as a form, as a query, and as a presigned URL that one program
// makes and another one sends. What makes a signature right is proven elsewhere (test/fuzz/sigv4).
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { assertRefusal } from '../support/refusals.ts'
import { startTestServer } from '../support/running-server.ts'
import { timestampOf } from '../support/sign.ts'

const server = await startTestServer()
after(() => server.stop())

const version = 'Version=2011-06-15'
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
const root = { account: '123456789012', arn: 'arn:aws:iam::123456789012:root' }

function assertIdentity(answer: { status: number; headers: Record<string, unknown>; body: string }): void {
  assert.equal(answer.status, 200, answer.body)
  assert.equal(answer.headers['content-type'], 'text/xml')
  const requestId = String(answer.headers['x-amzn-requestid'])
  const members = [`<Arn>${root.arn}</Arn>`, `<UserId>${root.account}</UserId>`, `<Account>${root.account}</Account>`]
  for (const member of members) assert.ok(answer.body.includes(member), answer.body)
  const rest = members.reduce((text, member) => text.replace(member, ''), answer.body)
  assert.equal(
    rest,
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult></GetCallerIdentityResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  )
}

/** A URL that carries its own signature, as `aws` makes for EKS and as SDKs presign. */
function presigned(parameters: Record<string, string>, { ageMs = 0, service = 'sts' } = {}): string {
  const timestamp = timestampOf(Date.now() - ageMs)
  const scope = [timestamp.slice(0, 8), 'eu-west-1', service, 'aws4_request']
  const query = new URLSearchParams(
    Object.entries({
      ...parameters,
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': [server.credentials.accessKeyId, ...scope].join('/'),
      'X-Amz-Date': timestamp,
      'X-Amz-Expires': '60',
      'X-Amz-SignedHeaders': 'host',
    }).sort(([a], [b]) => (a < b ? -1 : 1)),
  ).toString()
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const canonical = ['GET', '/', query, `host:${new URL(server.url).host}`, '', 'host', sha256('')].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', timestamp, scope.join('/'), sha256(canonical)].join('\n')
  const key = scope.reduce<string | Buffer>(
    (secret, text) => createHmac('sha256', secret).update(text).digest(),
    `AWS4${server.credentials.secretAccessKey}`,
  )
  return `${server.url}/?${query}&X-Amz-Signature=${createHmac('sha256', key).update(toSign).digest('hex')}`
}

async function fetched(url: string) {
  const answer = await fetch(url)
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
}

void test('GetCallerIdentity by the SDK, in any Region that could be one', async () => {
  for (const { sts } of [server, server.clientsIn('eu-nowhere-9')]) {
    const { $metadata, ...identity } = await sts.send(new GetCallerIdentityCommand({}))
    assert.equal($metadata.httpStatusCode, 200)
    assert.deepEqual(identity, { UserId: root.account, Account: root.account, Arn: root.arn })
  }
})

void test('as a form in the body, and as a query of the URL', async () => {
  const body = `Action=GetCallerIdentity&${version}`
  assertIdentity(await server.raw({ service: 'sts', headers: form, body }))
  assertIdentity(await server.raw({ service: 'sts', method: 'GET', target: `/?${body}` }))
  // The last of two is the one that counts.
  assertIdentity(await server.raw({ service: 'sts', headers: form, body: `Action=Nothing&${body}` }))
})

void test('as a presigned URL, for as long as it says and not changed in any way', async () => {
  const identity = { Action: 'GetCallerIdentity', Version: '2011-06-15' }
  assertIdentity(await fetched(presigned(identity)))
  const mismatch = { form: 'query', status: 403, code: 'SignatureDoesNotMatch' } as const
  assertRefusal(await fetched(presigned(identity, { ageMs: 61_000 })), mismatch)
  assertRefusal(await fetched(presigned(identity, { service: 'tagging' })), mismatch)
  const url = presigned({ ...identity, 'X-Extra': '1' })
  assertIdentity(await fetched(url))
  assertRefusal(await fetched(url.replace('X-Extra=1', 'X-Extra=2')), mismatch)
  assertRefusal(await fetched(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600')), mismatch)
})

void test('what STS does not do here is told by name', async () => {
  const refused = { form: 'query', status: 400, code: 'InvalidAction' } as const
  for (const action of ['AssumeRole', 'GetSessionToken', 'getcalleridentity', '__proto__'])
    assertRefusal(await server.raw({ service: 'sts', headers: form, body: `Action=${action}&${version}` }), {
      ...refused,
      message: `Could not find operation ${action} for version 2011-06-15`,
    })
  await assert.rejects(
    server.sts.send(new AssumeRoleCommand({ RoleArn: `${root.arn}-role`, RoleSessionName: 'session' })),
    { name: 'InvalidAction', message: 'Could not find operation AssumeRole for version 2011-06-15' },
  )
})

void test('another Version has no such operation', async () => {
  for (const wrong of ['Version=2010-05-08', 'Version=', 'Other=1']) {
    const answer = await server.raw({ service: 'sts', headers: form, body: `Action=GetCallerIdentity&${wrong}` })
    assert.equal(answer.status, 400)
    assert.match(answer.body, /<Code>InvalidAction<\/Code>/)
  }
})
