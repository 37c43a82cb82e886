// `npm test`: every suite in turn, with the time each took; exits 1 if anything failed. `--proof` runs the long proofs
// instead. Names of suites as arguments limit the run to them.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import path from 'node:path'
import { performance } from 'node:perf_hooks'

const root = path.dirname(import.meta.dirname)

const suites: Record<string, string> = {
  rules: 'test/rules/**/*.test.ts',
  unit: '{src,bench,scripts}/**/*.test.ts',
  catalogue: 'test/catalogue/**/*.test.ts',
  import: 'test/import/**/*.test.ts',
  contract: 'test/contract/**/*.test.ts',
  fuzz: 'test/fuzz/**/*.test.ts',
  wire: 'test/wire/**/*.test.ts',
  raw: 'test/raw/**/*.test.ts',
  cli: 'test/cli/**/*.test.ts',
  crash: 'test/crash/**/*.test.ts',
}

interface SuiteResult {
  name: string
  seconds: number
  passed: number
  failed: number
  skipped: number
}

async function runSuite(name: string, pattern: string): Promise<SuiteResult> {
  const files = globSync(pattern, { cwd: root }).sort()
  const started = performance.now()
  const output = await run(['--test', '--test-concurrency=2', '--test-reporter=spec', ...files])
  const count = (word: string) => Number(new RegExp(`^ℹ ${word} (\\d+)$`, 'm').exec(output.text)?.[1] ?? 0)
  const passed = count('pass')
  // A file that dies before its first test, or a suite without files, is a failure that no count shows.
  const failed = Math.max(count('fail') + count('cancelled'), output.code !== 0 || passed === 0 ? 1 : 0)
  const skipped = count('skipped')
  if (failed > 0) process.stdout.write(output.text)
  else for (const line of output.text.split('\n')) if (line.includes('# SKIP') || /^\s*﹣/.test(line)) console.log(line)
  return { name, seconds: (performance.now() - started) / 1000, passed, failed, skipped }
}

function run(args: string[]): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { cwd: root })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, text }))
  })
}

const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
if (process.argv.includes('--proof')) {
  await import('./proof.ts')
} else {
  const unknown = named.find((name) => !(name in suites))
  if (unknown !== undefined)
    throw new Error(`there is no suite ${unknown}; there are ${Object.keys(suites).join(', ')}`)
  const results: SuiteResult[] = []
  for (const [name, pattern] of Object.entries(suites)) {
    if (named.length > 0 && !named.includes(name)) continue
    const result = await runSuite(name, pattern)
    results.push(result)
    console.log(
      `${name.padEnd(10)} ${result.seconds.toFixed(1).padStart(6)} s  ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`,
    )
  }
  const sum = (key: 'passed' | 'failed' | 'skipped' | 'seconds') =>
    results.reduce((total, result) => total + result[key], 0)
  console.log(`\nall suites ${sum('seconds').toFixed(1)} s`)
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
  process.exitCode = sum('failed') > 0 ? 1 : 0
}
