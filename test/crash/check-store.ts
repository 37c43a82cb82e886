// Looks at a store's file, without the server and its queries: is it whole, do change log, rows and index say the same,
// and is every answered call on record? For stores whose text is not sealed.
import assert from 'node:assert/strict'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { identityCodec } from '../../src/crypto/content-codec.ts'
import { chunksPerTerm } from '../../src/inventory/index-changes.ts'
import { entriesOf, readResource } from '../../src/inventory/resources.ts'
import { resourceId, sidOf } from '../../src/inventory/scope.ts'
import { createInventoryIndex, termKinds } from '../../src/inventory/terms.ts'

export interface StoreFigures {
  resources: number
  changes: number
  calls: number
  postings: number
}

type ResourceRow = Parameters<typeof readResource>[1]

/** Throws an AssertionError. `acknowledged`: request ids of the calls that were answered. */
export function checkStore(dataDir: string, acknowledged: readonly string[]): StoreFigures {
  const database = new DatabaseSync(path.join(dataDir, 'corral.db'), { readOnly: true })
  try {
    database.exec('begin')
    const all = <Row>(sql: string) => database.prepare(sql).all() as Row[]
    assert.deepEqual(
      all<{ integrity_check: string }>('pragma integrity_check').map((row) => row.integrity_check),
      ['ok'],
    )
    checkCalls(all('select request_id, outcome from call'), acknowledged)
    const resources = all<ResourceRow>('select * from resource')
    const changes = checkChangeLog(all, resources)
    const postings = checkIndex(all, resources)
    return { resources: resources.length, changes, calls: acknowledged.length, postings }
  } finally {
    database.close()
  }
}

type All = <Row>(sql: string) => Row[]

function checkCalls(rows: readonly { request_id: string }[], acknowledged: readonly string[]): void {
  const counts = new Map<string, number>()
  for (const { request_id: id } of rows) counts.set(id, (counts.get(id) ?? 0) + 1)
  for (const id of acknowledged) assert.equal(counts.get(id), 1, `the answered call ${id} is not on record once`)
}

interface ChangeRow {
  account: string
  seq: number
  kind: string
  object_id: number
  version: number
  request_id: string
  content: Uint8Array
}

function checkChangeLog(all: All, resources: readonly ResourceRow[]): number {
  const changes = all<ChangeRow>('select * from change order by account, seq')
  const sequences = new Map<string, number>()
  /** The newest change of each object. */
  const newest = new Map<string, ChangeRow>()
  for (const change of changes) {
    assert.equal(change.seq, (sequences.get(change.account) ?? 0) + 1, `account ${change.account}: a gap in the log`)
    sequences.set(change.account, change.seq)
    const object = `${change.kind} ${change.object_id}`
    assert.equal(change.version, (newest.get(object)?.version ?? 0) + 1, `${object}: a gap in its versions`)
    newest.set(object, change)
  }
  for (const { id, change_seq: seq } of all<{ id: string; change_seq: number }>('select id, change_seq from account'))
    assert.equal(sequences.get(id) ?? 0, seq, `account ${id}: its counter is not its log's`)
  const callIds = new Set(all<{ request_id: string }>('select request_id from call').map((row) => row.request_id))
  for (const { request_id: id } of changes)
    assert.ok(callIds.has(id), `a change by the call ${id}, which is not on record`)

  const afterOf = (object: string): unknown => {
    const change = newest.get(object)
    assert.ok(change, `${object} is in no log`)
    return (JSON.parse(Buffer.from(change.content).toString()) as { after: unknown }).after
  }
  const versions = (kind: string, rows: readonly { id: number; version: number }[]) => {
    for (const { id, version } of rows)
      assert.equal(newest.get(`${kind} ${id}`)?.version, version, `${kind} ${id}: the log has another version`)
    const logged = [...newest.keys()].filter((object) => object.startsWith(`${kind} `))
    assert.equal(logged.length, rows.length, `${kind}: the log knows objects that are not there`)
  }
  versions('resource', resources)
  for (const row of resources) {
    const state = row.state === 3 ? null : JSON.parse(Buffer.from(row.content).toString())
    const after = afterOf(`resource ${row.id}`) as { resource: unknown } | null
    assert.deepEqual(after?.resource ?? null, state, `resource ${row.id}: the log has another state`)
  }
  const groups = all<{ id: number; version: number; generation: number; content: Uint8Array }>(
    'select id, version, generation, content from resource_group',
  )
  versions('group', groups)
  for (const { id, generation, content } of groups) {
    const state = generation === 0 ? JSON.parse(Buffer.from(content).toString()) : null
    assert.deepEqual(afterOf(`group ${id}`), state, `group ${id}: the log has another state`)
  }
  versions('import-source', all('select id, version from import_source'))
  return changes.length
}

interface TermRow {
  sid: number
  kind: number
  kid: number
  key: Uint8Array
  tid: number
  value: Uint8Array | null
  n: number
}

/** What import sources know of resources is not in the resources' rows. */
const assertionsSql =
  'select a.resource_id as id, s.content from import_assertion a join import_source s on s.id = a.source_id'

const termsSql = `
select sid, kind, kid, content as key, kid as tid, null as value, n from tkey union all
select k.sid, k.kind, k.kid, k.content as key, t.tid, t.content as value, t.n from term t join tkey k on k.kid = t.kid`

/** Terms, postings and counts are those that follow from the rows, no more and no less. */
function checkIndex(all: All, resources: readonly ResourceRow[]): number {
  const index = createInventoryIndex(identityCodec)
  const expected = new Map<string, Set<number>>()
  const expect = (name: string, id: number) => {
    const known = expected.get(name)
    if (known) known.add(id)
    else expected.set(name, new Set([id]))
  }
  for (const row of resources)
    for (const { kind, key, value } of entriesOf(readResource(index, row))) {
      const name = JSON.stringify([sidOf(row.id), kind, key])
      expect(name, row.id)
      if (value !== undefined) expect(JSON.stringify([sidOf(row.id), kind, key, value]), row.id)
    }

  for (const { id, content } of all<{ id: number; content: Uint8Array }>(assertionsSql)) {
    const { name } = JSON.parse(Buffer.from(content).toString()) as { name: string }
    expect(JSON.stringify([sidOf(id), termKinds.source, name]), id)
  }

  const postings = all<{ id: number; bits: Uint8Array }>('select id, bits from posting order by id')
  const lists = new Map<number, [chunk: number, bits: Uint8Array][]>()
  for (const { id, bits } of postings) {
    const tid = Math.floor(id / chunksPerTerm)
    const list = lists.get(tid) ?? []
    lists.set(tid, list)
    list.push([id % chunksPerTerm, bits])
  }
  const tids = new Set<number>()
  for (const { sid, kind, key, tid, value, n } of all<TermRow>(termsSql)) {
    assert.ok(!tids.has(tid), `tid ${tid} is given twice`)
    tids.add(tid)
    const words = [sid, kind, Buffer.from(key).toString(), ...(value ? [Buffer.from(value).toString()] : [])]
    const name = JSON.stringify(words)
    const ids = (lists.get(tid) ?? []).flatMap(([chunk, bits]) =>
      offsetsIn(bits, index.format).map((offset) => resourceId(sid, chunk * index.format.chunkSize + offset)),
    )
    lists.delete(tid)
    assert.equal(n, ids.length, `${name}: its count is not its list's`)
    // What an import run has seen follows from no row.
    if (kind === termKinds.run) continue
    assert.deepEqual(
      ids,
      [...(expected.get(name) ?? [])].sort((one, other) => one - other),
      `${name}: another list`,
    )
    expected.delete(name)
  }
  assert.deepEqual([...expected.keys()], [], 'terms that are missing')
  assert.deepEqual([...lists.keys()], [], 'postings of no term')
  return postings.length
}

function offsetsIn(bits: Uint8Array, format: { bitmapBytes: number }): number[] {
  if (bits.length !== format.bitmapBytes) return [...new Uint16Array(new Uint8Array(bits).buffer)]
  const offsets: number[] = []
  for (let offset = 0; offset < bits.length * 8; offset++)
    if (((bits[offset >> 3] ?? 0) & (1 << (offset & 7))) !== 0) offsets.push(offset)
  return offsets
}
