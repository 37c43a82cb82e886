// A mixed load for crash tests: workers that each write objects of their own, one call at a time over a connection of
// their own, and so know at every moment what has been acknowledged. When the server dies, each has at most one call of
// which it cannot know whether it was done; that one may have been done or not, whole or not at all.
import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { type Credentials, signedHeaders } from '../support/sign.ts'
import type { Random } from '../fuzz/sigv4/random.ts'

/** An object's state as canonical text; absent = it does not exist. */
type States = ReadonlyMap<string, string>
/** What a call makes of the objects it is about; undefined = they exist no more. */
type Effects = ReadonlyMap<string, string | undefined>

export interface Server {
  url: string
  credentials: Credentials
  account: string
}

interface Call {
  service: string
  method?: string
  target?: string
  operation?: string
  body?: unknown
}

interface Answer {
  status: number
  requestId: string
  body: string
}

export interface Worker {
  name: string
  agent: Agent
  random: Random
  states: Map<string, string>
  /** Of the call whose answer never came. */
  pending: Effects | undefined
  /** Request ids of the calls that were answered, since the store was new. */
  acknowledged: string[]
  /** How many of them changed something. */
  writes: number
}

const region = 'us-east-1'
const groupsPerWorker = 3
const instancesPerWorker = 5
const bucketsPerWorker = 12

export const newWorker = (name: string, random: Random): Worker => ({
  name,
  agent: new Agent({ keepAlive: true, maxSockets: 1 }),
  random,
  states: new Map(),
  pending: undefined,
  acknowledged: [],
  writes: 0,
})

/** Calls until the server is gone. Rejects if it answers anything but success. */
export async function work(worker: Worker, server: Server): Promise<void> {
  for (;;) {
    const { call, effects } = nextWrite(worker, server.account)
    worker.pending = effects
    const answer = await send(worker, server, call)
    if (!answer) return
    assert.equal(answer.status, 200, `${JSON.stringify(call)} ${answer.body}`)
    const { FailedResourcesMap = {}, More = false } = JSON.parse(answer.body) as Record<string, unknown>
    assert.deepEqual(FailedResourcesMap, {}, answer.body)
    assert.equal(More, false)
    settle(worker, effects)
    worker.writes++
  }
}

function settle(worker: Worker, effects: Effects): void {
  for (const [key, state] of effects) {
    if (state === undefined) worker.states.delete(key)
    else worker.states.set(key, state)
  }
  worker.pending = undefined
}

interface GroupState {
  description: string
  tags: Record<string, string>
}
interface InstanceState {
  configuration: string
  tags: Record<string, string>
}

const text = (state: { tags: Record<string, string> } & Record<string, unknown>) =>
  JSON.stringify({ ...state, tags: sorted(state.tags) })
const sorted = (tags: Record<string, string>) =>
  Object.fromEntries(
    Object.keys(tags)
      .sort()
      .map((key) => [key, tags[key]]),
  )
const groupArn = (account: string, name: string) => `arn:aws:resource-groups:${region}:${account}:group/${name}`
const tagsTarget = (account: string, name: string) => `/resources/${encodeURIComponent(groupArn(account, name))}/tags`
const instanceArn = (account: string, id: string) => `arn:aws:ec2:${region}:${account}:instance/${id}`

function someTags(random: Random): Record<string, string> {
  const count = 1 + random.below(4)
  return Object.fromEntries(
    Array.from({ length: count }, () => [
      `key${random.below(6)}`,
      `value${random.below(9)}${'x'.repeat(random.below(60))}`,
    ]),
  )
}

function nextWrite(worker: Worker, account: string): { call: Call; effects: Effects } {
  const { random } = worker
  const choice = random.below(10)
  if (choice < 4) return groupWrite(worker, account)
  if (choice < 9) return instanceWrite(worker, account)
  return importWrite(worker)
}

function groupWrite(worker: Worker, account: string): { call: Call; effects: Effects } {
  const { random, states } = worker
  const name = `${worker.name}-g${random.below(groupsPerWorker)}`
  const key = `group ${name}`
  const known = states.get(key)
  const service = 'resource-groups'
  const to = (call: Omit<Call, 'service'>, state: GroupState | undefined) => ({
    call: { service, ...call },
    effects: new Map([[key, state && text({ ...state })]]),
  })
  if (known === undefined) {
    const state = { description: `d${random.below(1000)}`, tags: someTags(random) }
    const Query = JSON.stringify({ ResourceTypeFilters: ['AWS::AllSupported'], TagFilters: [{ Key: 'key1' }] })
    const ResourceQuery = { Type: 'TAG_FILTERS_1_0', Query }
    const body = { Name: name, Description: state.description, Tags: state.tags, ResourceQuery }
    return to({ target: '/groups', body }, state)
  }
  const state = JSON.parse(known) as GroupState
  switch (random.below(4)) {
    case 0: {
      const description = `d${random.below(1000)}`
      return to({ target: '/update-group', body: { Group: name, Description: description } }, { ...state, description })
    }
    case 1: {
      const tags = someTags(random)
      const call = { method: 'PUT', target: tagsTarget(account, name), body: { Tags: tags } }
      return to(call, { ...state, tags: { ...state.tags, ...tags } })
    }
    case 2: {
      const Keys = [`key${random.below(6)}`]
      const tags = Object.fromEntries(Object.entries(state.tags).filter(([tag]) => !Keys.includes(tag)))
      return to({ method: 'PATCH', target: tagsTarget(account, name), body: { Keys } }, { ...state, tags })
    }
    default:
      return to({ target: '/delete-group', body: { Group: name } }, undefined)
  }
}

function instanceWrite(worker: Worker, account: string): { call: Call; effects: Effects } {
  const { random, states } = worker
  const id = `i-${worker.name}${random.below(instancesPerWorker)}`
  const key = `instance ${id}`
  const known = states.get(key)
  const choice = known === undefined ? 0 : random.below(5)
  const named = { ResourceType: 'AWS::EC2::Instance', ResourceId: id }
  if (choice === 0) {
    const configuration = JSON.stringify({ at: random.below(1_000_000), filler: 'y'.repeat(random.below(3_000)) })
    const state: InstanceState = { configuration, tags: someTags(random) }
    const body = { ...named, SchemaVersionId: '1', Configuration: configuration, Tags: state.tags }
    return {
      call: { service: 'config', operation: 'StarlingDoveService.PutResourceConfig', body },
      effects: new Map([[key, text({ ...state })]]),
    }
  }
  if (choice === 1)
    return {
      call: { service: 'config', operation: 'StarlingDoveService.DeleteResourceConfig', body: named },
      effects: new Map([[key, undefined]]),
    }
  // Several at once, so that half of a call would show.
  const ids = [...states.keys()].filter((other) => other.startsWith('instance ')).map((other) => other.slice(9))
  const ResourceARNList = ids.map((one) => instanceArn(account, one))
  const tags = someTags(random)
  const removed = [`key${random.below(6)}`, `key${random.below(6)}`]
  const effects = new Map<string, string>()
  for (const one of ids) {
    const state = JSON.parse(states.get(`instance ${one}`) ?? '') as InstanceState
    const next =
      choice < 4
        ? { ...state.tags, ...tags }
        : Object.fromEntries(Object.entries(state.tags).filter(([tag]) => !removed.includes(tag)))
    effects.set(`instance ${one}`, text({ ...state, tags: next }))
  }
  const body = choice < 4 ? { ResourceARNList, Tags: tags } : { ResourceARNList, TagKeys: [...new Set(removed)] }
  const operation = `ResourceGroupsTaggingAPI_20170126.${choice < 4 ? 'TagResources' : 'UntagResources'}`
  return { call: { service: 'tagging', operation, body }, effects }
}

/** A whole run of an import source: what it does not name any more is gone. */
function importWrite({ random, name }: Worker): { call: Call; effects: Effects } {
  const effects = new Map<string, string | undefined>()
  const Resources: unknown[] = []
  for (let number = 0; number < bucketsPerWorker; number++) {
    const arn = `arn:aws:s3:::${name}-bucket-${number}`
    if (random.below(4) === 0) {
      effects.set(`bucket ${arn}`, undefined)
      continue
    }
    const tags = someTags(random)
    effects.set(`bucket ${arn}`, text({ tags }))
    Resources.push({ ResourceArn: arn, Region: region, Tags: tags })
  }
  const RunId = `run-${random.below(2 ** 31)}`
  const body = { Source: `source ${name}`, RunId, Offset: 0, Resources, Complete: true }
  return { call: { service: 'corral', operation: 'Corral_20261101.ImportResources', body }, effects }
}

/**
 * Asks the server for everything that the workers own and compares it with what they know. Adopts what it finds of the
 * calls whose answers never came: how many were done, and how many not.
 */
export async function compare(workers: readonly Worker[], server: Server): Promise<{ done: number; undone: number }> {
  const [first] = workers
  assert.ok(first)
  const actual = new Map<string, string>()
  const tagsByArn = await allResources(first, server)
  for (const [arn, tags] of tagsByArn) if (arn.startsWith('arn:aws:s3:::')) actual.set(`bucket ${arn}`, text({ tags }))
  await Promise.all(
    workers.map(async (worker) => {
      await readInstances(worker, server, tagsByArn, actual)
      for (let number = 0; number < groupsPerWorker; number++)
        await readGroup(worker, server, `${worker.name}-g${number}`, actual)
    }),
  )
  const outcomes = { done: 0, undone: 0 }
  const owned = new Set<string>()
  for (const worker of workers) {
    const { pending = new Map<string, string | undefined>() } = worker
    const find = (states: Pick<States, 'get'>) => [...pending.keys()].map((key) => states.get(key))
    const [found, before, after] = [find(actual), find(worker.states), find(pending)]
    const isDone = JSON.stringify(found) === JSON.stringify(after)
    if (!isDone) assert.deepEqual(found, before, `${worker.name}: a call that was not answered is done in part`)
    if (worker.pending) outcomes[isDone ? 'done' : 'undone']++
    settle(worker, isDone ? pending : new Map())
    for (const [key, state] of worker.states) {
      assert.equal(actual.get(key), state, `${worker.name}: ${key}: what was acknowledged is not there`)
      owned.add(key)
    }
  }
  for (const key of actual.keys()) assert.ok(owned.has(key), `${key} is there and was never made, or was deleted`)
  return outcomes
}

async function allResources(worker: Worker, server: Server): Promise<Map<string, Record<string, string>>> {
  const found = new Map<string, Record<string, string>>()
  for (let PaginationToken = ''; ;) {
    const body = { ResourcesPerPage: 100, ...(PaginationToken === '' ? {} : { PaginationToken }) }
    const operation = 'ResourceGroupsTaggingAPI_20170126.GetResources'
    const answer = await read(worker, server, { service: 'tagging', operation, body })
    const page = answer as {
      PaginationToken: string
      ResourceTagMappingList: { ResourceARN: string; Tags: { Key: string; Value: string }[] }[]
    }
    for (const { ResourceARN, Tags } of page.ResourceTagMappingList) {
      assert.ok(!found.has(ResourceARN), `${ResourceARN} is listed twice`)
      found.set(ResourceARN, Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])))
    }
    PaginationToken = page.PaginationToken
    if (PaginationToken === '') return found
  }
}

async function readInstances(
  worker: Worker,
  server: Server,
  tagsByArn: ReadonlyMap<string, Record<string, string>>,
  actual: Map<string, string>,
): Promise<void> {
  const ids = Array.from({ length: instancesPerWorker }, (_, number) => `i-${worker.name}${number}`)
  const resourceKeys = ids.map((resourceId) => ({ resourceType: 'AWS::EC2::Instance', resourceId }))
  const operation = 'StarlingDoveService.BatchGetResourceConfig'
  const { baseConfigurationItems } = (await read(worker, server, {
    service: 'config',
    operation,
    body: { resourceKeys },
  })) as { baseConfigurationItems: { arn: string; resourceId: string; configuration: string }[] }
  for (const { arn, resourceId, configuration } of baseConfigurationItems) {
    assert.equal(arn, instanceArn(server.account, resourceId))
    const tags = tagsByArn.get(arn)
    assert.ok(tags, `${arn} has a configuration and no place in the tag index`)
    actual.set(`instance ${resourceId}`, text({ configuration, tags }))
  }
  for (const id of ids)
    if (tagsByArn.has(instanceArn(server.account, id)))
      assert.ok(actual.has(`instance ${id}`), `${id} has tags and no configuration`)
}

async function readGroup(worker: Worker, server: Server, name: string, actual: Map<string, string>): Promise<void> {
  const call = { service: 'resource-groups', target: '/get-group', body: { Group: name } }
  const answer = await send(worker, server, call)
  assert.ok(answer && (answer.status === 200 || answer.status === 404), `${name} ${answer?.body}`)
  if (answer.status === 404) return
  const { Group } = JSON.parse(answer.body) as { Group: { GroupArn: string; Description: string } }
  assert.equal(Group.GroupArn, groupArn(server.account, name))
  const target = tagsTarget(server.account, name)
  const { Tags } = (await read(worker, server, { service: 'resource-groups', method: 'GET', target })) as {
    Tags: Record<string, string>
  }
  actual.set(`group ${name}`, text({ description: Group.Description, tags: Tags }))
}

async function read(worker: Worker, server: Server, call: Call): Promise<unknown> {
  const answer = await send(worker, server, call)
  assert.ok(answer?.status === 200, `${call.operation ?? call.target} ${answer?.body}`)
  return JSON.parse(answer.body)
}

/** The answer, once it is there in whole; undefined if it will not come. */
async function send(worker: Worker, server: Server, call: Call): Promise<Answer | undefined> {
  const { url, credentials } = server
  const { service, method = 'POST', target = '/', operation } = call
  const body = call.body === undefined ? '' : JSON.stringify(call.body)
  const own: Record<string, string> =
    operation === undefined ? {} : { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': operation }
  const { host } = new URL(url)
  const draft = { credentials, service, region, method, target, host, headers: own, body, nowMs: Date.now() }
  const answer = await new Promise<Answer | undefined>((resolve) => {
    const outgoing = request(
      url + target,
      { method, headers: signedHeaders(draft), agent: worker.agent },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', () => resolve(undefined))
        incoming.on('end', () => {
          const requestId = String(incoming.headers['x-amzn-requestid'])
          resolve({ status: incoming.statusCode ?? 0, requestId, body: Buffer.concat(chunks).toString() })
        })
      },
    )
    outgoing.on('error', () => resolve(undefined))
    outgoing.end(body)
  })
  if (answer) worker.acknowledged.push(answer.requestId)
  return answer
}
