// Makes committed pages of the write-ahead log durable, off the main thread: while the disk works, the next calls are
// served, and share the next flush. What is told here that it is durable, is.
import { closeSync, fdatasync, openSync } from 'node:fs'

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
          descriptor ??= openSync(file, 'r+')
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
