// Starts the servers that a benchmark measures, each pinned to one core where `taskset` exists, so that the client has
// the other.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import nodeFlags from '../scripts/node-flags.json' with { type: 'json' }
import type { Credentials } from './load.ts'

const root = path.dirname(import.meta.dirname)
export const canPin = spawnSync('taskset', ['--version']).status === 0

/** Keeps this process, the client, on the second core. */
export function pinClient(): void {
  if (canPin) spawnSync('taskset', ['-cp', '1', String(process.pid)])
}

function start(args: string[], environment: Record<string, string> = {}): ChildProcess {
  const node = [...nodeFlags, ...args]
  const [command, ...rest] = canPin ? ['taskset', '-c', '0', process.execPath, ...node] : [process.execPath, ...node]
  return spawn(command ?? '', rest, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
}

export interface Measured {
  port: number
  stop(): Promise<void>
}

export async function startBare(body: string): Promise<Measured> {
  const child = start([path.join('bench', 'bare-server.ts'), body])
  return { port: Number(await firstLine(child)), stop: () => end(child) }
}

export interface MeasuredCorral extends Measured {
  credentials: Credentials
  dataDir: string
  pid: number
}

export async function startCorral(settings: Record<string, string> = {}, dataDir?: string): Promise<MeasuredCorral> {
  const folder = dataDir ?? mkdtempSync(path.join(tmpdir(), 'corral-bench-'))
  const child = start(
    [path.join('src', 'main.ts'), 'serve', '--data-dir', folder, '--port', '0', '--log-level', 'warn'],
    settings,
  )
  const line = await firstLine(child)
  const port = Number(/:(\d+) /.exec(line)?.[1])
  const text = readFileSync(path.join(folder, 'credentials'), 'utf8')
  const value = (name: string) => new RegExp(`${name} = (\\S+)`).exec(text)?.[1] ?? ''
  return {
    port,
    pid: child.pid ?? 0,
    dataDir: folder,
    credentials: { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') },
    async stop() {
      await end(child)
      if (dataDir === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}
