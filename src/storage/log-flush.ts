// Makes committed pages of the write-ahead log durable, off the main thread: while the disk works, the next calls are
// served, and share the next flush. What is told here that it is durable, is.
import { closeSync, fdatasync, fstatSync, openSync, writeSync } from 'node:fs'

export interface LogFlush {
  /** Resolves once the log is durable as it is now, with undefined, or with what went wrong. */
  flush(): Promise<unknown>
  close(): void
}

export function createLogFlush(file: string, options: { enabled: boolean; recover(): void }): LogFlush {
  let descriptor: number | undefined
  // After a failed flush the kernel may have dropped what it could not write, and a later one would succeed without it:
  // nothing in that log can be relied on any more.
  let isBroken = false

  return {
    flush() {
      return new Promise((resolve) => {
        try {
          if (isBroken) options.recover()
          isBroken = false
          descriptor ??= openReserved(file)
        } catch (error) {
          isBroken = true
          resolve(error)
          return
        }
        if (!options.enabled) {
          resolve(undefined)
          return
        }
        fdatasync(descriptor, (error) => {
          isBroken = error !== null
          resolve(error ?? undefined)
        })
      })
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor)
    },
  }
}

/** 4 KiB pages; more than are written between two checkpoints, as a rule. */
const reservedBytes = 32 * 1024 * 1024

/**
 * Blocks that a file has already are flushed at half the cost of new ones, which the file system must record. Zeros
 * behind its end are nothing to SQLite, whose frames carry checksums.
 */
function openReserved(file: string): number {
  const descriptor = openSync(file, 'r+')
  const zeros = Buffer.alloc(1024 * 1024)
  try {
    for (let size = fstatSync(descriptor).size; size < reservedBytes;)
      size += writeSync(descriptor, zeros, 0, Math.min(zeros.length, reservedBytes - size), size)
  } catch {
    // Where there is no room for a reserve there may still be some for calls.
  }
  return descriptor
}
