// The checkpointer's thread. A passive checkpoint never waits for readers or the writer, and takes no lock that they
// need.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

const database = new DatabaseSync(workerData as string)
database.exec('pragma busy_timeout = 0')

parentPort?.on('message', (message: 'checkpoint' | 'stop') => {
  if (message === 'checkpoint') {
    const { log } = database.prepare('pragma wal_checkpoint(passive)').get() as { log: number }
    parentPort?.postMessage(log)
    return
  }
  database.close()
  parentPort?.close()
})
