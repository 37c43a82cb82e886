// The embedded engine: SQLite in Node, one process, one writer. Commits are durable (WAL, synchronous=full) before a
// write resolves, and one fsync serves every call that waited. SQLite's own busy handler is never the queue: it is
// unfair and blocks the event loop.
import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { startCheckpointer } from './checkpointer.ts'
import { type Database, type Dialect, type Run, StorageError, type Value, type WriteRun } from './database.ts'

export const sqliteDialect: Dialect = { name: 'sqlite', ddl: (sql) => sql }

/** Snapshots open at once; further reads wait. Reads end within a turn of the event loop, so few are needed. */
const maxReaders = 4
/** Calls that share a commit at most, so that one fsync never waits for an unbounded batch. */
const maxBatchSize = 256
/** Pages of write-ahead log (4 KiB each) after which the writer itself checkpoints, should the checkpointer fall behind. */
const checkpointBackstopPages = 32_768

export interface SqliteOptions {
  /** `full` unless a test shows what weaker settings lose. */
  synchronous?: 'full' | 'off'
}

interface Connection extends WriteRun {
  database: DatabaseSync
}

/** Opens or creates the database file (0600). Throws StorageError when another process has it open. */
export function openSqlite(file: string, options: SqliteOptions = {}): Database {
  // Created by us first, so that no moment exists in which the umask decides who may read it.
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const lock = takeLock(`${file}.lock`)
  const writer = connect(file, options)
  const checkpointer = startCheckpointer(file)
  const readers: Connection[] = []
  const idleReaders: Connection[] = []
  const waitingReaders: ((reader: Connection) => void)[] = []

  async function takeReader(): Promise<Connection> {
    const idle = idleReaders.pop()
    if (idle) return idle
    if (readers.length < maxReaders) {
      const reader = connect(file, options)
      reader.database.exec('pragma query_only = on')
      readers.push(reader)
      return reader
    }
    return new Promise((resolve) => waitingReaders.push(resolve))
  }

  async function read<T>(work: (run: Run) => Promise<T>): Promise<T> {
    const reader = await takeReader()
    try {
      await reader.run('begin')
      try {
        return await work(reader)
      } finally {
        await reader.run('commit')
      }
    } finally {
      const next = waitingReaders.shift()
      if (next) next(reader)
      else idleReaders.push(reader)
    }
  }

  const queue: QueuedWork[] = []
  let draining: Promise<void> | undefined

  function write<T>(work: (run: WriteRun) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      queue.push({ work, resolve: resolve as (value: unknown) => void, reject })
      draining ??= drain()
    })
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      // One turn's wait lets every request that has already arrived join the batch.
      await nextTurn()
      const batch = queue.splice(0, maxBatchSize)
      await commitBatch(writer, batch)
      checkpointer.wrote()
    }
    draining = undefined
  }

  async function close(): Promise<void> {
    // Whatever is queued while the queue drains is drained by the same loop.
    await draining
    await checkpointer.stop()
    for (const reader of readers) reader.database.close()
    writer.database.close()
    lock.close()
  }

  return { dialect: sqliteDialect, read, write, close }
}

interface QueuedWork {
  work: (run: WriteRun) => Promise<unknown>
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

async function commitBatch(writer: Connection, batch: readonly QueuedWork[]): Promise<void> {
  const values: unknown[] = []
  try {
    await writer.run('begin immediate')
    for (const { work } of batch) {
      values.push(await work(writer))
      if (!writer.database.isTransaction) throw new StorageError('the transaction is lost')
    }
    await writer.run('commit')
  } catch (error) {
    // SQLite has already rolled back after some errors (disk full); then there is nothing left to undo.
    if (writer.database.isTransaction) writer.database.exec('rollback')
    for (const { reject } of batch) reject(error)
    return
  }
  batch.forEach(({ resolve }, index) => resolve(values[index]))
}

function connect(file: string, options: SqliteOptions): Connection {
  const database = new DatabaseSync(file)
  const synchronous = options.synchronous ?? 'full'
  database.exec(`
    pragma journal_mode = wal;
    pragma synchronous = ${synchronous};
    pragma wal_autocheckpoint = ${checkpointBackstopPages};
    pragma journal_size_limit = 67108864;
    pragma cache_size = -65536;
    pragma temp_store = memory;
    pragma trusted_schema = off;
    pragma busy_timeout = 5000;
  `)
  const statements = new Map<string, StatementSync>()
  const prepared = (sql: string) => {
    let statement = statements.get(sql)
    if (!statement) statements.set(sql, (statement = database.prepare(sql)))
    return statement
  }
  // Async only in form: everything below has happened when the function returns, so a work that awaits nothing else
  // runs to completion within one turn.
  return {
    database,
    async all<Row>(sql: string, ...values: Value[]) {
      return prepared(sql).all(...values) as Row[]
    },
    async get<Row>(sql: string, ...values: Value[]) {
      return prepared(sql).get(...values) as Row | undefined
    },
    async run(sql: string, ...values: Value[]) {
      return Number(prepared(sql).run(...values).changes)
    },
    async savepoint<T>(work: () => Promise<T>) {
      prepared('savepoint call').run()
      try {
        const value = await work()
        prepared('release call').run()
        return value
      } catch (error) {
        // After some errors (disk full) SQLite has rolled the whole transaction back, and what a later call of the
        // batch wrote would be on its own.
        if (!database.isTransaction) throw new StorageError('the transaction is lost', { cause: error })
        prepared('rollback to call').run()
        prepared('release call').run()
        throw error
      }
    },
  }
}

/** An operating-system lock, so that it ends with the process however that ends. */
function takeLock(file: string): DatabaseSync {
  closeSync(openSync(file, 'a', 0o600))
  const lock = new DatabaseSync(file)
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive')
  } catch (error) {
    lock.close()
    throw new StorageError('the data folder is in use by another Corral process', { cause: error })
  }
  return lock
}
