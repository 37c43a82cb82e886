// The embedded engine: SQLite in Node, one process, one writer. A write resolves once it is durable: a batch of calls is
// committed to the write-ahead log, the log is flushed off this thread, and only then do their answers leave. Calls that
// come meanwhile are committed behind it and share the next flush. SQLite's own busy handler is never the queue: it is
// unfair and blocks the event loop.
import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { startCheckpointer } from './checkpointer.ts'
import {
  type Database,
  type Dialect,
  type ReadOptions,
  type Run,
  StorageError,
  type Value,
  type WriteOptions,
  type WriteRun,
} from './database.ts'
import { createLogFlush } from './log-flush.ts'

export const sqliteDialect: Dialect = { name: 'sqlite', ddl: (sql) => sql }

/** Calls that share a commit at most, so that no commit waits for an unbounded batch. */
const maxBatchSize = 256
/** For calls that keep coming. A call that comes alone waits for none. */
const maxGatherMs = 2
/** For what no queue of ours orders: opening, and the end of another process. */
const busyTimeoutMs = 5_000
/** Long reads at once; further ones wait. Each has a connection and its cache. */
const maxApartReaders = 4
/** Pages of write-ahead log (4 KiB each) after which the writer itself checkpoints, should the checkpointer fall behind. */
const checkpointBackstopPages = 32_768

export interface SqliteOptions {
  /** `off` acknowledges what a power cut may take back: only for tests that show it. */
  synchronous?: 'full' | 'off'
}

interface Connection extends WriteRun {
  database: DatabaseSync
  /** Prepared once. */
  statement: (sql: string) => StatementSync
  /** Of the transaction under way. */
  afterCommitActions: (() => void)[]
}

/** Opens or creates the database file (0600). Throws StorageError when another process has it open. */
export function openSqlite(file: string, options: SqliteOptions = {}): Database {
  // Created by us first, so that no moment exists in which the umask decides who may read it.
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const lock = takeLock(`${file}.lock`)
  const writer = connect(file)
  const flush = createLogFlush(`${file}-wal`, {
    enabled: options.synchronous !== 'off',
    // Moves everything out of a log that could not be flushed, and flushes the database file instead.
    recover: () => {
      // Not waiting for a reader that is in the way: the calls that wait are refused, and the next ones try again.
      writer.database.exec('pragma busy_timeout = 0')
      try {
        const { busy } = writer.statement('pragma wal_checkpoint(truncate)').get() as { busy: number }
        if (busy !== 0) throw new StorageError('the log cannot be emptied yet')
      } finally {
        writer.database.exec(`pragma busy_timeout = ${busyTimeoutMs}`)
      }
    },
  })
  const checkpointer = startCheckpointer(file, () => {
    if (!writer.database.isTransaction) writer.database.exec('pragma wal_checkpoint(passive)')
  })
  const reads = createReads(writer, () => connect(file))

  const queue: QueuedWork[] = []
  const bulkQueue: QueuedWork[] = []
  /** Reads and writes asked for so far. A read ends in a write: its record. */
  let calls = 0
  let isClosed = false
  let draining: Promise<void> | undefined

  function write<T>(work: (run: WriteRun) => Promise<T>, { bulk = false }: WriteOptions = {}): Promise<T> {
    calls++
    if (isClosed) return Promise.reject(new StorageError('the store is closed'))
    return new Promise<T>((resolve, reject) => {
      ;(bulk ? bulkQueue : queue).push({ work, resolve: resolve as (value: unknown) => void, reject })
      draining ??= drain()
    })
  }

  /**
   * Waits while each turn of the event loop brings more: a commit and its flush cost the same for one call as for many,
   * and with many callers half of them would otherwise wait for a flush that they just missed.
   */
  async function gather(): Promise<void> {
    const until = performance.now() + maxGatherMs
    let before: number
    do {
      before = calls
      await nextTurn()
    } while (calls > before && queue.length < maxBatchSize && performance.now() < until)
  }

  async function drain(): Promise<void> {
    let wasBulk = false
    while (queue.length > 0 || bulkQueue.length > 0) {
      await gather()
      // Bulk works and the others take turns, so that neither waits for more than one transaction of the other kind.
      wasBulk = bulkQueue.length > 0 && (queue.length === 0 || !wasBulk)
      const batch = wasBulk ? bulkQueue.splice(0, 1) : queue.splice(0, maxBatchSize)
      await reads.pause()
      const settle = await commitBatch(writer, batch)
      reads.resume()
      // What comes meanwhile waits for one commit and one flush of its own.
      settle(await flush.flush())
      checkpointer.wrote()
    }
    draining = undefined
  }

  function read<T>(work: (run: Run) => Promise<T>, readOptions?: ReadOptions): Promise<T> {
    calls++
    if (isClosed) return Promise.reject(new StorageError('the store is closed'))
    return reads.read(work, readOptions)
  }

  async function close(): Promise<void> {
    isClosed = true
    await draining
    flush.close()
    await checkpointer.stop()
    await reads.close()
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

/** Commits the batch to the log; what is returned tells its callers, once it is known whether the log is flushed. */
async function commitBatch(writer: Connection, batch: readonly QueuedWork[]): Promise<(error: unknown) => void> {
  const values: unknown[] = []
  writer.afterCommitActions = []
  try {
    await writer.run('begin immediate')
    for (const { work } of batch) {
      values.push(await work(writer))
      if (!writer.database.isTransaction) throw new StorageError('the transaction is lost')
    }
    await writer.run('commit')
  } catch (error) {
    // SQLite has already rolled back after some errors (disk full); then there is nothing left to undo.
    if (writer.database.isTransaction) rollback(writer.database)
    return () => {
      for (const { reject } of batch) reject(error)
    }
  }
  for (const action of writer.afterCommitActions) action()
  return (error) => {
    if (error === undefined) batch.forEach(({ resolve }, index) => resolve(values[index]))
    else for (const { reject } of batch) reject(error)
  }
}

function rollback(database: DatabaseSync): void {
  try {
    database.exec('rollback')
  } catch {
    // The calls are refused in any case; the next transaction shows whether the engine is fit for one.
  }
}

/**
 * Reads that begin in one turn of the event loop share a snapshot, which ends with the last of them. It is the writer's
 * own connection between two of its transactions: another connection would throw away all the pages it has cached with
 * every commit. Reads that last longer than a turn have connections apart.
 *
 * An answer may show what is committed and not yet flushed: it leaves after its own record is, which is behind that in
 * the log.
 */
function createReads(writer: Connection, open: () => Connection) {
  const shared = readerOf(writer, true)
  const apart: Reader[] = []
  const idle: Reader[] = []
  let snapshot: Snapshot | undefined
  let snapshots = 0
  let isPaused = false
  /** Told when a snapshot has ended or the pause is over. */
  let waiting: (() => void)[] = []

  // Waited for in loops that look again before they act: between a promise's end and what awaits it others may come.
  const change = () => new Promise<void>((resolve) => waiting.push(resolve))
  const canJoin = () => !isPaused && (snapshot !== undefined || snapshots === 0)
  const haveEnded = () => snapshots === 0
  const canReadApart = () => idle.length > 0 || apart.length < maxApartReaders
  function tellAll(): void {
    const told = waiting
    waiting = []
    for (const tell of told) tell()
  }

  function release(of: Snapshot): void {
    if (!of.isClosed || of.users > 0) return
    // After an I/O error SQLite may have ended it already.
    if (shared.database.isTransaction) shared.statement('commit').run()
    snapshots--
    tellAll()
  }

  function close(of: Snapshot): void {
    if (of.isClosed) return
    if (snapshot === of) snapshot = undefined
    of.isClosed = true
    release(of)
  }

  async function join(): Promise<Snapshot> {
    while (!canJoin()) await change()
    if (!snapshot) {
      snapshot = { users: 0, isClosed: false }
      snapshots++
      shared.statement('begin').run()
      setImmediate(close, snapshot)
    }
    snapshot.users++
    return snapshot
  }

  async function readApart<T>(work: (run: Run) => Promise<T>): Promise<T> {
    while (!canReadApart()) await change()
    let reader = idle.pop()
    if (!reader) apart.push((reader = readerOf(open(), false)))
    try {
      reader.statement('begin').run()
      return await work(reader.run)
    } finally {
      if (reader.database.isTransaction) reader.statement('commit').run()
      idle.push(reader)
      tellAll()
    }
  }

  return {
    async read<T>(work: (run: Run) => Promise<T>, { long = false }: ReadOptions = {}): Promise<T> {
      if (long) return readApart(work)
      const joined = await join()
      try {
        return await work(shared.run)
      } finally {
        joined.users--
        release(joined)
      }
    },
    /** Resolves once the writer's connection is its own, until `resume`. */
    async pause(): Promise<void> {
      isPaused = true
      if (snapshot) close(snapshot)
      while (!haveEnded()) await change()
    },
    resume(): void {
      isPaused = false
      tellAll()
    },
    async close(): Promise<void> {
      if (snapshot) close(snapshot)
      while (!haveEnded() || idle.length < apart.length) await change()
      for (const { database } of apart) database.close()
    },
  }
}

/** A connection's other face: whatever its type says elsewhere, a read's text can only select. */
function readerOf({ database, statement }: Connection, isCurrent: boolean): Reader {
  const checked = new Set<string>()
  const selecting = (sql: string): StatementSync => {
    if (!checked.has(sql)) {
      if (!/^\s*select\b/.test(sql)) throw new Error('a read can only select')
      checked.add(sql)
    }
    return statement(sql)
  }
  return {
    database,
    statement,
    run: {
      isCurrent,
      all: async <Row>(sql: string, ...values: Value[]) => selecting(sql).all(...values) as Row[],
      get: async <Row>(sql: string, ...values: Value[]) => selecting(sql).get(...values) as Row | undefined,
    },
  }
}

interface Reader {
  database: DatabaseSync
  statement: (sql: string) => StatementSync
  run: Run
}

interface Snapshot {
  users: number
  /** No further reads join. */
  isClosed: boolean
}

function connect(file: string): Connection {
  const database = new DatabaseSync(file)
  // synchronous=normal flushes around checkpoints and never at a commit: the commit's flush is log-flush.ts's.
  database.exec(`
    pragma journal_mode = wal;
    pragma synchronous = normal;
    pragma wal_autocheckpoint = ${checkpointBackstopPages};
    pragma journal_size_limit = 67108864;
    pragma cache_size = -65536;
    pragma temp_store = memory;
    pragma trusted_schema = off;
    pragma busy_timeout = ${busyTimeoutMs};
  `)
  const statements = new Map<string, StatementSync>()
  const prepared = (sql: string) => {
    let statement = statements.get(sql)
    if (!statement) statements.set(sql, (statement = database.prepare(sql)))
    return statement
  }
  // Async only in form: everything below has happened when the function returns, so a work that awaits nothing else
  // runs to completion within one turn.
  const connection: Connection = {
    database,
    isCurrent: false,
    statement: prepared,
    afterCommitActions: [],
    afterCommit(action) {
      connection.afterCommitActions.push(action)
    },
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
      const actions = connection.afterCommitActions.length
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
        connection.afterCommitActions.length = actions
        throw error
      }
    },
  }
  return connection
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
