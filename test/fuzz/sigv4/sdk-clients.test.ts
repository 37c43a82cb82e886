// Requests that AWS's own clients sign, as they arrive at a real server: the verifier must accept each and refuse it with
// one byte changed. The server answers nothing of use; only the requests matter here.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { ConfigServiceClient, DescribeConfigRulesCommand } from '@aws-sdk/client-config-service'
import {
  CreateGroupCommand,
  GetTagsCommand,
  ListGroupsCommand,
  ResourceGroupsClient,
  UntagCommand,
} from '@aws-sdk/client-resource-groups'
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { verifySigV4 } from '../../../src/identity/sigv4.ts'
import type { SignedRequest } from '../../../src/identity/sigv4.ts'
import { readRequest } from './independent-canonicalizer.ts'

const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const accessKeyId = 'AKIDEXAMPLE'
const secretOf = (id: string) => (id === accessKeyId ? secretAccessKey : undefined)
const arn = "arn:aws:resource-groups:eu-central-1:123456789012:group/Web servers+(old)/caf\u00e9!*'~"

/** Everything the clients put on the wire. */
async function captured(sessionToken: string | undefined): Promise<SignedRequest[]> {
  const requests: SignedRequest[] = []
  await using server = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk as Buffer)
      const { method = '', url = '', rawHeaders } = incoming
      requests.push({ method, target: url, rawHeaders, body: Buffer.concat(chunks) })
      outgoing.writeHead(400, { connection: 'close' }).end()
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const options = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  }
  const groups = new ResourceGroupsClient(options)
  const tagging = new ResourceGroupsTaggingAPIClient(options)
  const sts = new STSClient(options)
  const config = new ConfigServiceClient(options)
  const query = { Type: 'TAG_FILTERS_1_0', Query: '{"ResourceTypeFilters":["AWS::AllSupported"]}' } as const
  const calls: (() => Promise<unknown>)[] = [
    () => groups.send(new CreateGroupCommand({ Name: 'web', ResourceQuery: query, Tags: { Owner: 'Zo\u00eb' } })),
    () => groups.send(new GetTagsCommand({ Arn: arn })),
    () => groups.send(new UntagCommand({ Arn: arn, Keys: ['a'] })),
    () => groups.send(new ListGroupsCommand({ MaxResults: 5, NextToken: 'a+b/c==&d e' })),
    () => tagging.send(new GetResourcesCommand({ TagFilters: [{ Key: 'k', Values: ['v'] }] })),
    () => sts.send(new GetCallerIdentityCommand({})),
    () => sts.send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::1:role/r', RoleSessionName: 'a b' })),
    () => config.send(new DescribeConfigRulesCommand({})),
  ]
  for (const call of calls) await assert.rejects(call)
  for (const client of [groups, tagging, sts, config]) client.destroy()
  return requests
}

for (const sessionToken of [undefined, 'IQoJb3JpZ2luX2VjEJr+/abc==']) {
  void test(`signed by AWS's clients ${sessionToken === undefined ? 'with a long-term key' : 'in a session'}`, async (t) => {
    const requests = await captured(sessionToken)
    assert.equal(requests.length, 8)
    for (const request of requests) {
      const options = {
        services: ['resource-groups', 'tagging', 'sts', 'config'],
        nowMs: Date.now(),
        secretOf,
      }
      const shown = `${request.method} ${request.target} ${request.rawHeaders.join('|')}`
      const answer = verifySigV4(request, options)
      assert.equal(answer.accepted, true, `${JSON.stringify(answer)} ${shown}`)
      const body = Buffer.concat([request.body, Buffer.from(' ')])
      assert.equal(verifySigV4({ ...request, body }, options).accepted, false, shown)
      assert.equal(verifySigV4({ ...request, method: 'PUT' }, options).accepted, false, shown)
      const reading = readRequest(request)
      assert.ok(!('unreadable' in reading))
      const unsigned = [...reading.headers.keys()].filter((name) => !reading.signedHeaders.includes(name))
      t.diagnostic(
        `${request.method} ${request.target}: ${reading.signedHeaders.join(';')}; unsigned ${unsigned.join(';')}`,
      )
    }
  })
}
