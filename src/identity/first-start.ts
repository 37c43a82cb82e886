// What a new data folder gets: one account, its root's access key, and an AWS profile that holds it.
import { randomInt } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import type { KeyProvider } from '../crypto/key-provider.ts'
import type { Database, Run } from '../storage/database.ts'
import { type AccessKey, createAccessKey, newAccessKeyId, newSecretAccessKey } from './credentials.ts'

export async function firstAccount(run: Run): Promise<string | undefined> {
  const row = await run.get<{ id: string }>('select id from account order by created_ms, id limit 1')
  return row?.id
}

/** Creates the account and its root key, which are durable when this resolves. */
export async function createFirstAccount(
  database: Database,
  keys: KeyProvider,
  given: { accountId: string | undefined; accessKeyId: string | undefined; secretAccessKey: string | undefined },
  nowMs: number,
): Promise<AccessKey> {
  const account = given.accountId ?? String(randomInt(100_000_000_000, 1_000_000_000_000))
  const key: AccessKey = {
    id: given.accessKeyId ?? newAccessKeyId(),
    account,
    principal: 'root',
    secret: given.secretAccessKey ?? newSecretAccessKey(),
  }
  await database.write(async (run) => {
    await run.run(
      'insert into account (id, organization, unit, change_seq, version, created_ms) values (?, null, null, 0, 1, ?)',
      account,
      nowMs,
    )
    await createAccessKey(run, keys, key, nowMs)
  })
  return key
}

/** An AWS credentials file (0600) with the profile `corral`. */
export function writeCredentialsFile(file: string, key: AccessKey, region: string): void {
  const text = `[corral]\naws_access_key_id = ${key.id}\naws_secret_access_key = ${key.secret}\nregion = ${region}\n`
  // Whole or not at all: half a file would never be written again.
  const unfinished = `${file}.new`
  const descriptor = openSync(unfinished, 'w', 0o600)
  writeSync(descriptor, text)
  fsyncSync(descriptor)
  closeSync(descriptor)
  renameSync(unfinished, file)
}
