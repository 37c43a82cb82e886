// Corral as its users run it: a process of its own, started by the command line, that can be signalled and killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Credentials } from './sign.ts'

const root = path.dirname(path.dirname(import.meta.dirname))

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

interface StartedProcess {
  child: ChildProcess
  ended: Promise<Ended>
  /** What was printed so far. */
  output: { stdout: string; stderr: string }
}

export interface ProcessOptions {
  environment?: Readonly<Record<string, string>>
  cwd?: string
  /** Stands before Node's own command line: `['strace', '-f']`. */
  wrapper?: readonly string[]
  /** Run instead of the command line's own file. */
  script?: string
}

const running = new Set<ChildProcess>()

/** For the end of a test file: what a failed test left running would keep the file from ending. */
export function killStarted(): void {
  for (const child of running) child.kill('SIGKILL')
}

function start(args: readonly string[], options: ProcessOptions): StartedProcess {
  const { environment = {}, wrapper = [], cwd, script = path.join(root, 'src', 'main.ts') } = options
  const [command = process.execPath, ...rest] = [
    ...wrapper,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    script,
    ...args,
  ]
  // Nothing of the developer's own settings.
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CORRAL_')))
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, ...environment },
    ...(cwd === undefined ? {} : { cwd }),
  })
  running.add(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      running.delete(child)
      resolve({ code, signal, ...output })
    })
  })
  return { child, ended, output }
}

/** For commands that end by themselves; one that does not is killed and fails. */
export async function runCorral(args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  const { child, ended } = start(args, options)
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
  try {
    return await ended
  } finally {
    clearTimeout(timer)
  }
}

export interface ServerProcess {
  url: string
  pid: number
  credentials: Credentials
  ended: Promise<Ended>
  output: { stdout: string; stderr: string }
  /** Of the server itself, or of what wraps it. */
  kill(signal: NodeJS.Signals): void
  /** SIGTERM, and what the process was at its end. */
  stop(): Promise<Ended>
}

/** `corral serve` on a free port; resolves once it says that it serves. */
export async function serveCorral(
  dataDir: string,
  args: readonly string[] = [],
  options: ProcessOptions = {},
): Promise<ServerProcess> {
  const { child, ended, output } = start(['serve', '--port', '0', '--data-dir', dataDir, ...args], options)
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = /^Corral serves (\S+)/m.exec(output.stdout)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout?.on('data', look)
    void ended.then((end) => reject(new Error(`the server ended: ${JSON.stringify(end)}`)), reject)
  })
  const kill = (signal: NodeJS.Signals) => void child.kill(signal)
  return {
    url,
    pid: child.pid ?? 0,
    credentials: readCredentials(path.join(dataDir, 'credentials')),
    ended,
    output,
    kill,
    stop() {
      kill('SIGTERM')
      return ended
    },
  }
}

/** A start that is cut short after so many milliseconds, however far it got. */
export async function killStart(dataDir: string, args: readonly string[], afterMs: number): Promise<void> {
  const { child, ended } = start(['serve', '--port', '0', '--data-dir', dataDir, ...args], {})
  setTimeout(() => child.kill('SIGKILL'), afterMs)
  await ended
}

function readCredentials(file: string): Credentials {
  const text = readFileSync(file, 'utf8')
  const value = (name: string) => new RegExp(`^${name} = (.+)$`, 'm').exec(text)?.[1] ?? ''
  return { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') }
}
