// What each protocol's front end says before it knows the caller, and in which order, as recorded of AWS: JSON looks at
// method, document and operation first, REST and query at the signature.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openRawSocket, requestBytes } from '../support/raw-socket.ts'
import { assertRefusal, type Refusal } from '../support/refusals.ts'
import { type RawAnswer, startTestServer } from '../support/running-server.ts'

const server = await startTestServer()
const { host } = new URL(server.url)
after(() => server.stop())

async function ask(line: string, headers: Record<string, string>, body: string | Buffer = ''): Promise<RawAnswer> {
  const socket = await openRawSocket(server.url)
  socket.send(requestBytes(`${line} HTTP/1.1`, { host, ...headers }, body))
  try {
    return await socket.answer()
  } finally {
    socket.destroy()
  }
}

const known = { 'x-amz-target': 'ResourceGroupsTaggingAPI_20170126.GetResources' }
const unknown = { 'x-amz-target': 'ResourceGroupsTaggingAPI_20170126.GetEverything' }
const foreign = { 'x-amz-target': 'DynamoDB_20120810.ListTables' }
const amzJson = { 'content-type': 'application/x-amz-json-1.1' }
const plainJson = { 'content-type': 'application/json; charset=utf-8' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const xml = { 'content-type': 'text/xml' }

type Case = [name: string, line: string, headers: Record<string, string>, body: string | Buffer, refusal: Refusal]

const denied: Refusal = {
  form: 'json-xml',
  status: 403,
  code: 'AccessDeniedException',
  message: 'Unable to determine service/operation name to be authorized',
}
const notFoundXml: Refusal = { form: 'json-xml', status: 404, code: 'UnknownOperationException', message: '' }
const serialization: Refusal = { form: 'json', status: 400, code: 'SerializationException', message: '' }
const unknownOperation: Refusal = { form: 'json', status: 400, code: 'UnknownOperationException', message: '' }
const missingToken: Refusal = { form: 'json', status: 400, code: 'MissingAuthenticationTokenException' }
const envelope = 'com.amazon.coral.service#'

const json: Case[] = [
  ['GET', 'GET /', { ...known, ...amzJson }, '', denied],
  ['PUT, even of an unknown operation', 'PUT /', { ...unknown, ...amzJson }, '{}', denied],
  ['no body', 'POST /', { ...known, ...amzJson }, '', serialization],
  ['no body and no type', 'POST /', known, '', serialization],
  ['no body for an unknown operation', 'POST /', { ...unknown, ...amzJson }, '', unknownOperation],
  ['another type', 'POST /', { ...known, ...xml }, '{}', notFoundXml],
  ['no type', 'POST /', known, '{}', notFoundXml],
  ['another type for an unknown operation', 'POST /', { ...unknown, ...form }, '{}', notFoundXml],
  ['no JSON', 'POST /', { ...known, ...amzJson }, '{', serialization],
  ['no object', 'POST /', { ...known, ...amzJson }, '[]', serialization],
  ['null', 'POST /', { ...known, ...amzJson }, 'null', serialization],
  ['no UTF-8', 'POST /', { ...known, ...amzJson }, Buffer.from('7b22ff', 'hex'), serialization],
  ['no JSON for an unknown operation', 'POST /', { ...unknown, ...amzJson }, '{', serialization],
  ['an unknown operation', 'POST /', { ...unknown, ...amzJson }, '{}', unknownOperation],
  ['a target without a dot', 'POST /', { 'x-amz-target': 'GetResources', ...amzJson }, '{}', unknownOperation],
  ['an empty target', 'POST /', { 'x-amz-target': '', ...amzJson }, '{}', unknownOperation],
  ['another service', 'POST /', { ...foreign, ...amzJson }, '{}', unknownOperation],
  ['another service, no JSON', 'POST /', { ...foreign, ...amzJson }, '{', serialization],
  ['no target', 'POST /', amzJson, '{}', unknownOperation],
  [
    'no JSON as application/json',
    'POST /',
    { ...known, ...plainJson },
    '{',
    { form: 'json-envelope', status: 400, code: `${envelope}SerializationException` },
  ],
  [
    'an unknown operation as application/json',
    'POST /',
    { ...unknown, ...plainJson },
    '{}',
    { form: 'json-envelope', status: 404, code: `${envelope}UnknownOperationException` },
  ],
  ['nobody', 'POST /', { ...known, ...amzJson }, '{}', missingToken],
  ['nobody, as application/json', 'POST /', { ...known, ...plainJson }, '{}', missingToken],
  ['nobody, with values of the wrong type', 'POST /', { ...known, ...amzJson }, '{"TagFilters":7}', missingToken],
]

const noToken: Refusal = {
  form: 'rest',
  status: 403,
  code: 'MissingAuthenticationTokenException',
  message: 'Request is missing Authentication Token',
}
const nowhere: Refusal = { form: 'rest', status: 404, code: 'UnknownOperationException' }
const rest: Case[] = [
  ['nobody', 'POST /groups', {}, '{}', noToken],
  ['nobody, with no JSON', 'POST /groups', {}, '{', noToken],
  ['nobody, with a bad label', 'GET /resources/%ff%zz/tags', {}, '', noToken],
  ['an unknown path', 'POST /group', {}, '{}', nowhere],
  ['an unknown method', 'DELETE /groups', {}, '', nowhere],
  ['the root', 'GET /', {}, '', nowhere],
  ['above the root', 'GET /../groups', {}, '', { form: 'rest', status: 400, code: 'ValidationException' }],
]

const query: Case[] = [
  [
    'nobody',
    'POST /',
    form,
    'Action=GetCallerIdentity&Version=2011-06-15',
    {
      form: 'query',
      status: 403,
      code: 'MissingAuthenticationToken',
      message: 'Request is missing Authentication Token',
    },
  ],
  [
    'nobody, by GET',
    'GET /?Action=GetCallerIdentity&Version=2011-06-15',
    {},
    '',
    { form: 'query', status: 403, code: 'MissingAuthenticationToken' },
  ],
  [
    'an escape cut short',
    'GET /?Action=GetCallerIdentity&Version=2011-06-15&a=%4',
    {},
    '',
    { form: 'query', status: 400, code: 'MalformedQueryString', message: 'Incomplete trailing escape % sequence' },
  ],
  [
    'an escape of no hex',
    'GET /?Action=GetCallerIdentity&Version=2011-06-15&a=%<g1',
    {},
    '',
    {
      form: 'query',
      status: 400,
      code: 'MalformedQueryString',
      message: 'Illegal hex character in escape % pattern: %<g',
    },
  ],
  [
    'another service',
    'POST /',
    form,
    'Action=ListStacks&Version=2010-05-15',
    { form: 'query', status: 400, code: 'InvalidAction', message: /^Could not find operation ListStacks for version/ },
  ],
  [
    'markup for an action',
    'POST /',
    form,
    'Action=%3Cscript%3E%0D%0A&Version=2010-05-15',
    { form: 'query', status: 400, code: 'InvalidAction', message: /\?script\?\?\?/ },
  ],
  [
    'an unknown action by nobody',
    'POST /',
    form,
    'Action=GetEverything&Version=2011-06-15',
    { form: 'query', status: 403, code: 'MissingAuthenticationToken' },
  ],
  ['a form without an action', 'POST /', form, 'a=b', nowhere],
]

for (const [protocol, cases] of Object.entries({ json, rest, query })) {
  void test(`refusals before authentication, ${protocol}`, async (t) => {
    for (const [name, line, headers, body, refusal] of cases)
      await t.test(name, async () => assertRefusal(await ask(line, headers, body), refusal))
  })
}

void test('refusals after authentication', async (t) => {
  const wrongTypes = { Tags: 7, ResourceARNList: ['arn:aws:s3:::bucket'] }
  await t.test('json: wrong types in the words of the serializer', async () => {
    const answer = await server.json('tagging', 'ResourceGroupsTaggingAPI_20170126.TagResources', wrongTypes)
    const message = 'Expected map or null'
    assertRefusal(answer, { form: 'json', status: 400, code: 'SerializationException', message })
  })
  await t.test('json: application/json is answered like the other', async () => {
    const headers = { 'content-type': 'application/json' }
    const answer = await server.json('tagging', 'ResourceGroupsTaggingAPI_20170126.GetResources', '{}', { headers })
    assert.equal(answer.status, 200)
  })
  await t.test('json: constraints', async () => {
    const answer = await server.json('tagging', 'ResourceGroupsTaggingAPI_20170126.TagResources', {})
    const message = /^2 validation errors detected: Value null at 'resourceARNList'/
    assertRefusal(answer, { form: 'json', status: 400, code: 'InvalidParameterException', message })
  })
  await t.test('rest: constraints, the value printed safely', async () => {
    const body = JSON.stringify({ Name: 'a\r\nx-injected: 1\u0000<b>' })
    const answer = await server.raw({ service: 'resource-groups', target: '/groups', body })
    const message = /^1 validation error detected: Value 'a\?\?x-injected: 1\?<b>' at 'name'/
    assertRefusal(answer, { form: 'rest', status: 400, code: 'BadRequestException', message })
    assert.equal(answer.headers['x-injected'], undefined)
  })
  await t.test('rest: a label that is no UTF-8', async () => {
    const target = '/resources/%FF/tags'
    const answer = await server.raw({ service: 'resource-groups', method: 'GET', target })
    assertRefusal(answer, { form: 'rest', status: 400, code: 'SerializationException', message: '' })
  })
  await t.test('query: an unknown action', async () => {
    const answer = await server.raw({ service: 'sts', headers: form, body: 'Action=Nothing&Version=2011-06-15' })
    const message = 'Could not find operation Nothing for version 2011-06-15'
    assertRefusal(answer, { form: 'query', status: 400, code: 'InvalidAction', message })
  })
})
