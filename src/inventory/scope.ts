// A scope is one Region of one account: the space in which a group sees resources, and the unit by which a distributed
// database can place data.
import type { Run, WriteRun } from '../storage/database.ts'
import type { EntityCache } from './entity-cache.ts'

export interface Scope {
  sid: number
  account: string
  region: string
}

// 2^32 resources in a scope, 2^21 scopes, and the product still exact in a JavaScript number.
export const ridsPerScope = 2 ** 32
const maxScopes = 2 ** 21

export const resourceId = (sid: number, rid: number): number => sid * ridsPerScope + rid
export const sidOf = (id: number): number => Math.floor(id / ridsPerScope)
export const ridOf = (id: number): number => id % ridsPerScope

const findSql = 'select sid, account, region from scope where account = ? and region = ?'

/** A scope stays what it is once it is made, so it is read but once. */
export async function findScope(
  run: Run,
  index: { entities: EntityCache<object> },
  account: string,
  region: string,
): Promise<Scope | undefined> {
  if (!run.isCurrent) return run.get<Scope>(findSql, account, region)
  const name = `scope/${account}/${region}`
  const cached = index.entities.find(name) as Scope | undefined
  if (cached) return cached
  const found = await run.get<Scope>(findSql, account, region)
  if (found) index.entities.put(name, -found.sid, found)
  return found
}

export async function scopesOf(run: Run, account: string): Promise<Scope[]> {
  return run.all<Scope>('select sid, account, region from scope where account = ? order by sid', account)
}

export async function ensureScope(run: WriteRun, account: string, region: string): Promise<Scope> {
  const known = await run.get<Scope>(findSql, account, region)
  if (known) return known
  const last = await run.get<{ sid: number | null }>('select max(sid) as sid from scope')
  const sid = (last?.sid ?? 0) + 1
  if (sid >= maxScopes) throw new Error(`no more than ${maxScopes} scopes fit in one store`)
  await run.run('insert into scope (sid, account, region, next_rid) values (?, ?, ?, 0)', sid, account, region)
  return { sid, account, region }
}

/** Reserves `count` consecutive ids, dense within the scope and never reused; the first of them. */
export async function reserveRids(run: WriteRun, sid: number, count: number): Promise<number> {
  const row = await run.get<{ next_rid: number }>(
    'update scope set next_rid = next_rid + ? where sid = ? returning next_rid',
    count,
    sid,
  )
  if (!row || row.next_rid > ridsPerScope) throw new Error(`scope ${sid} has no more resource ids`)
  return row.next_rid - count
}
