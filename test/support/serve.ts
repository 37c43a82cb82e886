// The server as a process of its own, with the options that no setting of a released one has:
// node test/support/serve.ts serve --port 0 --data-dir <folder> [--synchronous off]
import { parseArgs } from 'node:util'
import { startServer } from '../../src/compose.ts'
import { loadConfig } from '../../src/config.ts'

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' },
    'data-dir': { type: 'string' },
    synchronous: { type: 'string', default: 'full' },
  },
})
const { port, 'data-dir': dataDir } = values
if (dataDir === undefined) throw new Error('--data-dir is needed')
const server = await startServer(loadConfig({ flags: { port, dataDir, logLevel: 'silent' }, environment: {} }), {
  synchronous: values.synchronous === 'off' ? 'off' : 'full',
})
process.once('SIGTERM', () => void server.stop())
console.log(`Corral serves ${server.url} (account ${server.accountId})`)
