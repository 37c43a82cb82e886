// What a store may ask of a database, whichever engine it is: reads in a snapshot, writes in a queue whose commits are
// shared. Stores are plain functions that take a run; SQL is one text for both engines, with `?` for values.
// Knows nothing of what is stored.

export type Value = string | number | Uint8Array | null

/** A snapshot: everything read through one run is of one moment. Valid until the work that received it settles. */
export interface Run {
  /** No commit happens in this database while it lasts, so what it sees is how things are. */
  readonly isCurrent: boolean
  all: <Row>(sql: string, ...values: Value[]) => Promise<Row[]>
  get: <Row>(sql: string, ...values: Value[]) => Promise<Row | undefined>
}

/** The writer's transaction. Only one exists at a time; the works of a batch run in turn, never interleaved. */
export interface WriteRun extends Run {
  /** Rows changed. */
  run: (sql: string, ...values: Value[]) => Promise<number>
  /** Runs once what has been written so far is durable; never if it is undone. Must not throw. */
  afterCommit: (action: () => void) => void
  /** Undoes what `work` wrote if it throws, and throws on. Savepoints do not nest. */
  savepoint: <T>(work: () => Promise<T>) => Promise<T>
}

export interface Database {
  readonly dialect: Dialect
  read<T>(work: (run: Run) => Promise<T>, options?: ReadOptions): Promise<T>
  /**
   * Queues the work and resolves once it is durable. A work that throws outside a savepoint fails its whole batch:
   * nothing of the batch is kept and every call of it rejects, as after a failed COMMIT.
   */
  write<T>(work: (run: WriteRun) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Waits for the queue, then closes. */
  close(): Promise<void>
}

export interface ReadOptions {
  /** Gives way to others between its steps: no write waits for its end. */
  long?: boolean
}

export interface WriteOptions {
  /** Takes milliseconds rather than microseconds: has a transaction to itself, after those that wait have had theirs. */
  bulk?: boolean
}

/** The real differences between engines, as few as there are. */
export interface Dialect {
  name: 'sqlite' | 'postgres'
  /** Turns the portable DDL of a migration into the engine's own. */
  ddl(sql: string): string
}

/** The database could not do what it was asked, by no fault of the caller: disk full, connection lost, I/O error. */
export class StorageError extends Error {
  override name = 'StorageError'
}
