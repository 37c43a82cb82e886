// The checkpointer's thread. A passive checkpoint never waits for readers or the writer, and takes no lock that they
// need.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

const database = new DatabaseSync(workerData as string)
database.exec('pragma busy_timeout = 0')
const checkpoint = database.prepare('pragma wal_checkpoint(passive)')
const maxPasses = 5
const fewPages = 256

parentPort?.on('message', (message: 'checkpoint' | 'stop') => {
  if (message === 'checkpoint') {
    // What came during one pass is left to the next, until little is: the writer may finish that on its own thread.
    let pages = 0
    for (let pass = 0; pass < maxPasses; pass++) {
      const before = pages
      pages = (checkpoint.get() as { log: number }).log
      if (pages - before < fewPages) break
    }
    parentPort?.postMessage(pages)
    return
  }
  database.close()
  parentPort?.close()
})
