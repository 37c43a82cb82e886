// Joins the parts into a running server: the only file that knows them all. Clock and randomness enter here.
import { randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import type { Config } from './config.ts'
import { identityCodec } from './crypto/content-codec.ts'
import { fileKeyProvider } from './crypto/key-provider.ts'
import { createAuthenticator } from './identity/authenticate.ts'
import { rootAccessKeyOf } from './identity/credentials.ts'
import { createFirstAccount, firstAccount, writeCredentialsFile } from './identity/first-start.ts'
import { storedSecret } from './identity/stored-secret.ts'
import { createInventoryIndex } from './inventory/terms.ts'
import { listen } from './server/http.ts'
import { createOwnActs } from './server/own-act.ts'
import { createPipeline } from './server/pipeline.ts'
import { config as configService } from './services/config/service.ts'
import { corral } from './services/corral/service.ts'
import type { InventoryPorts } from './services/inventory-ports.ts'
import type { MountedService, Service } from './services/operation.ts'
import { resourceGroups } from './services/resource-groups/service.ts'
import type { ResourceGroupsPorts } from './services/resource-groups/ports.ts'
import type { TaskParts } from './services/resource-groups/task-parts.ts'
import { startTaskRunner } from './services/resource-groups/task-runner.ts'
import { taskLanes } from './services/resource-groups/tasks.ts'
import { sts } from './services/sts/service.ts'
import { tagging } from './services/tagging/service.ts'
import { migrate } from './storage/migrate.ts'
import { openSqlite, type SqliteOptions } from './storage/sqlite.ts'

export interface RunningServer {
  /** `http://127.0.0.1:4566` */
  url: string
  accountId: string
  /** The file with root's profile. */
  credentialsFile: string
  /** This start made the data folder. */
  first: boolean
  stop(): Promise<void>
}

/** What only tests have otherwise. */
export interface StartOptions extends SqliteOptions {
  /** Milliseconds since 1970. */
  clock?: () => number
}

/** Throws an error whose message is for the operator. */
export async function startServer(
  config: Config,
  { clock = Date.now, ...sqliteOptions }: StartOptions = {},
): Promise<RunningServer> {
  const logger = pino({ level: config.logLevel, base: null }, pino.destination({ dest: 2, sync: true }))
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  chmodSync(config.dataDir, 0o700)
  const storeFile = path.join(config.dataDir, 'corral.db')
  const database = openSqlite(storeFile, sqliteOptions)
  await migrate(database, clock())

  const credentialsFile = path.join(config.dataDir, 'credentials')
  const known = await database.read(firstAccount)
  const keyFile = config.masterKeyFile ?? path.join(config.dataDir, 'master.key')
  const keys = fileKeyProvider(keyFile, known === undefined)
  let accountId = known
  if (accountId === undefined) {
    const given = {
      accountId: config.accountId,
      accessKeyId: config.rootAccessKeyId,
      secretAccessKey: config.rootSecretAccessKey,
    }
    accountId = (await createFirstAccount(database, keys, given, clock())).account
  }
  if (!existsSync(credentialsFile)) {
    const key = await database.read((run) => rootAccessKeyOf(run, keys, accountId))
    if (key) writeCredentialsFile(credentialsFile, key, config.region)
  }

  const inventoryPorts: InventoryPorts = {
    index: createInventoryIndex(identityCodec),
    pageTokenKey: await storedSecret(database, keys, 'page-token-key'),
  }
  const taskParts: TaskParts = {
    database,
    index: inventoryPorts.index,
    perform: createOwnActs({ database, codec: identityCodec, clock, newRequestId: () => randomUUID() }),
    clock,
    // Until roles exist, whoever may pass one may do everything.
    mayAsRole: () => ({ allowed: true, message: '' }),
    logFailure: (task, error) => logger.error({ task, err: error }, 'a task failed'),
  }
  const tasks = startTaskRunner(taskParts, taskLanes(taskParts))
  const groupPorts: ResourceGroupsPorts = {
    ...inventoryPorts,
    maxGroupsPerRegion: config.maxGroupsPerRegion,
    newUuid: () => randomUUID(),
    randomBytes,
    wakeTasks: tasks.wake,
  }
  const services: MountedService[] = [
    mount(resourceGroups, groupPorts),
    mount(sts, undefined),
    mount(tagging, inventoryPorts),
    mount(configService, inventoryPorts),
    mount(corral, inventoryPorts),
  ]
  const pipeline = createPipeline({
    services,
    authenticator: createAuthenticator(database, keys),
    database,
    codec: identityCodec,
    clock,
    newRequestId: () => randomUUID(),
    logFailure: (requestId, error) => logger.error({ requestId, err: error }, 'a call failed'),
    maxBodyBytes: config.maxBodyBytes,
  })
  const transport = await listen(pipeline, {
    host: config.host,
    port: config.port,
    tls:
      config.tlsCert === undefined || config.tlsKey === undefined
        ? undefined
        : { cert: readFileSync(config.tlsCert), key: readFileSync(config.tlsKey) },
    limits: { ...config, maxBodyBytes: Math.max(config.maxBodyBytes, config.maxImportBodyBytes) },
    newRequestId: () => randomUUID(),
  })
  const host = transport.address.family === 'IPv6' ? `[${transport.address.address}]` : transport.address.address
  return {
    url: `${config.tlsCert === undefined ? 'http' : 'https'}://${host}:${transport.address.port}`,
    accountId,
    credentialsFile,
    first: known === undefined,
    async stop() {
      await transport.stop(config.shutdownGraceMs)
      await tasks.stop()
      await database.close()
    },
  }
}

/** A service with its ports; from here on nobody but its own handlers knows their type. */
function mount<Ports>(service: Service<Ports>, ports: Ports): MountedService {
  return { ...(service as Service), ports }
}
