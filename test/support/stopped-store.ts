// Work on the store of a server that is not running: to put in what no operation makes, and to look at what none shows.
import path from 'node:path'
import { type ChangeRun, withChanges } from '../../src/changes/change-log.ts'
import { identityCodec } from '../../src/crypto/content-codec.ts'
import { createInventoryIndex, type InventoryIndex } from '../../src/inventory/terms.ts'
import { openSqlite } from '../../src/storage/sqlite.ts'

export async function inStoppedStore<T>(
  dataDir: string,
  account: string,
  work: (run: ChangeRun, index: InventoryIndex) => Promise<T>,
): Promise<T> {
  const database = openSqlite(path.join(dataDir, 'corral.db'))
  const origin = { account, principal: 'test', requestId: 'stopped', nowMs: Date.now() }
  try {
    return await database.write((run) =>
      run.savepoint(() =>
        withChanges(run, identityCodec, origin, (changes) => work(changes, createInventoryIndex(identityCodec))),
      ),
    )
  } finally {
    await database.close()
  }
}
