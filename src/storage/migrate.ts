// Brings a database to the newest schema: one numbered list, each migration in a transaction of its own, none ever
// edited once released. Refuses a database that is newer than the program.
import { type Database, StorageError } from './database.ts'
import { migrations } from './migrations/index.ts'

export interface Migration {
  version: number
  name: string
  /** Portable DDL; statements separated by `;`. */
  sql: string
}

/** The schema version before and after. */
export async function migrate(
  database: Database,
  nowMs: number,
  list: readonly Migration[] = migrations,
): Promise<{ from: number; to: number }> {
  await database.write(async (run) => {
    await run.run(
      database.dialect.ddl(
        'create table if not exists schema_migration (version integer primary key, name text not null, applied_ms bigint not null)',
      ),
    )
  })
  const newest = await database.read((run) =>
    run.get<{ version: number | null }>('select max(version) as version from schema_migration'),
  )
  const from = newest?.version ?? 0
  const to = list.at(-1)?.version ?? 0
  if (from > to)
    throw new StorageError(`the data folder has schema ${from}, made by a newer Corral; this one knows up to ${to}`)
  for (const migration of list.filter(({ version }) => version > from)) {
    await database.write(async (run) => {
      for (const statement of migration.sql.split(';')) {
        if (statement.trim() !== '') await run.run(database.dialect.ddl(statement))
      }
      await run.run('insert into schema_migration values (?, ?, ?)', migration.version, migration.name, nowMs)
    })
  }
  return { from, to }
}
