// One kind of write, many times over: PutResourceConfig of a resource of its own each.
import { Agent, request } from 'node:http'
import type { RawAnswer } from './running-server.ts'
import { type Credentials, signedHeaders } from './sign.ts'

export interface Put {
  id: string
  /** Undefined if none came. */
  answer: RawAnswer | undefined
}

export async function callJson(
  server: { url: string; credentials: Credentials },
  service: string,
  operation: string,
  input: unknown,
  agent?: Agent,
): Promise<RawAnswer | undefined> {
  const { url, credentials } = server
  const body = JSON.stringify(input)
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': operation }
  const { host } = new URL(url)
  const draft = { credentials, service, method: 'POST', target: '/', host, headers, body, nowMs: Date.now() }
  return new Promise((resolve) => {
    const options = { method: 'POST', headers: signedHeaders(draft), ...(agent ? { agent } : {}) }
    const outgoing = request(url, options, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', () => resolve(undefined))
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.on('error', () => resolve(undefined))
    outgoing.end(body)
  })
}

/** Puts resources with these ids over so many connections, each its next one once the last is answered. */
export async function putResources(
  server: { url: string; credentials: Credentials },
  ids: readonly string[],
  { connections, configurationBytes = 100 }: { connections: number; configurationBytes?: number },
): Promise<Put[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const puts: Put[] = []
  const queue = [...ids]
  const configuration = JSON.stringify({ filler: 'z'.repeat(configurationBytes) })
  const worker = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const input = {
        ResourceType: 'AWS::EC2::Instance',
        ResourceId: id,
        SchemaVersionId: '1',
        Configuration: configuration,
        Tags: { id },
      }
      puts.push({ id, answer: await callJson(server, 'config', 'StarlingDoveService.PutResourceConfig', input, agent) })
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  agent.destroy()
  return puts
}

/** Ids of the resources that the server knows, by the tag that says so. */
export async function knownIds(server: { url: string; credentials: Credentials }): Promise<Set<string>> {
  const ids = new Set<string>()
  for (let PaginationToken = ''; ;) {
    const input = { ResourcesPerPage: 100, ...(PaginationToken === '' ? {} : { PaginationToken }) }
    const answer = await callJson(server, 'tagging', 'ResourceGroupsTaggingAPI_20170126.GetResources', input)
    if (answer?.status !== 200) throw new Error(`GetResources answers ${answer?.status} ${answer?.body}`)
    const page = JSON.parse(answer.body) as {
      PaginationToken: string
      ResourceTagMappingList: { Tags: { Key: string; Value: string }[] }[]
    }
    for (const { Tags } of page.ResourceTagMappingList)
      for (const { Key, Value } of Tags) if (Key === 'id') ids.add(Value)
    PaginationToken = page.PaginationToken
    if (PaginationToken === '') return ids
  }
}
