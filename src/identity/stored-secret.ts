// Secrets that a store makes for itself once and keeps sealed: the key of its page tokens, later others. Any process
// that opens the store gets the same.
import { randomBytes } from 'node:crypto'
import type { KeyProvider } from '../crypto/key-provider.ts'
import type { Database } from '../storage/database.ts'

const secretBytes = 32

export async function storedSecret(database: Database, keys: KeyProvider, name: string): Promise<Buffer> {
  const context = `stored-secret/${name}`
  const select = 'select content from sealed_value where name = ?'
  const known = await database.read((run) => run.get<{ content: Uint8Array }>(select, name))
  if (known) return keys.open(known.content, context)
  const sealed = keys.seal(randomBytes(secretBytes), context)
  // Another process may have been first; then its secret is the one.
  await database.write((run) =>
    run.run(
      'insert into sealed_value (name, content, key_id) values (?, ?, 0) on conflict (name) do nothing',
      name,
      sealed,
    ),
  )
  const kept = await database.read((run) => run.get<{ content: Uint8Array }>(select, name))
  if (!kept) throw new Error(`the stored secret ${name} was written and is gone`)
  return keys.open(kept.content, context)
}
