// Moves committed pages from the write-ahead log into the database file on a thread of its own, so that no request
// waits for it: on the writer's thread a checkpoint stalls every call for tens of milliseconds.
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

/** Writes are collected for this long before a checkpoint. */
const intervalMs = 500
/** Pages in the log (4 KiB each) after which it is begun anew. */
const longLogPages = 4096

export interface Checkpointer {
  /** A transaction has committed since the last checkpoint. */
  wrote(): void
  stop(): Promise<void>
}

/** `finish` moves the few pages that came during a checkpoint, after which the log is written from its start again. */
export function startCheckpointer(file: string, finish: () => void): Checkpointer {
  let worker: Worker | undefined
  let timer: NodeJS.Timeout | undefined

  function start(): Worker {
    const started = new Worker(new URL('./checkpoint-thread.ts', import.meta.url), { workerData: file })
    started.unref()
    // The log keeps what a checkpoint that failed did not move, so that none is worth a crash: the next write brings
    // another, by a thread of its own if this one is gone.
    started.on('message', (pages: number) => {
      try {
        if (pages > longLogPages) finish()
      } catch {
        return
      }
    })
    started.on('error', () => undefined)
    started.on('exit', () => {
      if (worker === started) worker = undefined
    })
    return started
  }

  return {
    wrote() {
      timer ??= setTimeout(() => {
        timer = undefined
        worker ??= start()
        worker.postMessage('checkpoint')
      }, intervalMs).unref()
    },
    async stop() {
      clearTimeout(timer)
      const last = worker
      if (!last) return
      // Nothing else may hold the process by now, and this must end before the database closes.
      last.ref()
      last.postMessage('stop')
      const ended = new Promise<void>((resolve) => last.once('exit', () => resolve()))
      await Promise.race([ended, sleep(1_000, undefined, { ref: false })])
      await last.terminate()
    },
  }
}
