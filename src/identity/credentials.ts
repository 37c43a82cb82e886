// Access keys: kept with their secrets sealed, found by id. Only an account's root has them so far.
import { randomBytes, randomInt } from 'node:crypto'
import type { KeyProvider } from '../crypto/key-provider.ts'
import type { Run, WriteRun } from '../storage/database.ts'

export interface AccessKey {
  id: string
  account: string
  /** Within its account: `root`. */
  principal: string
  secret: string
}

interface KeyRow {
  id: string
  account: string
  principal: string
  secret: Uint8Array
  status: string
}

const context = (id: string) => `access-key/${id}`

export async function createAccessKey(run: WriteRun, keys: KeyProvider, key: AccessKey, nowMs: number): Promise<void> {
  await run.run(
    'insert into access_key (id, account, principal, secret, status, created_ms) values (?, ?, ?, ?, ?, ?)',
    key.id,
    key.account,
    key.principal,
    keys.seal(Buffer.from(key.secret), context(key.id)),
    'Active',
    nowMs,
  )
}

/** An active key, or undefined. */
export async function findAccessKey(run: Run, keys: KeyProvider, id: string): Promise<AccessKey | undefined> {
  const row = await run.get<KeyRow>(
    "select id, account, principal, secret, status from access_key where id = ? and status = 'Active'",
    id,
  )
  if (!row) return undefined
  const secret = keys.open(row.secret, context(row.id)).toString()
  return { id: row.id, account: row.account, principal: row.principal, secret }
}

export async function rootAccessKeyOf(run: Run, keys: KeyProvider, account: string): Promise<AccessKey | undefined> {
  const row = await run.get<{ id: string }>(
    "select id from access_key where account = ? and principal = 'root' and status = 'Active' order by created_ms, id limit 1",
    account,
  )
  return row && findAccessKey(run, keys, row.id)
}

const idAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** `AKIA` and 16 characters, as AWS's long-lived keys. */
export function newAccessKeyId(): string {
  return `AKIA${Array.from({ length: 16 }, () => idAlphabet[randomInt(idAlphabet.length)]).join('')}`
}

/** 40 characters, 240 random bits. */
export function newSecretAccessKey(): string {
  return randomBytes(30).toString('base64')
}
