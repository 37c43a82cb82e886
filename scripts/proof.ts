// `npm run proof -- [name…] [--seed N] [--rounds N]`: the long proofs, one by one. Each is cut into ranges; which of them
// are done is kept in a file in the system's folder for temporary files, by proof and seed, so that a run that was broken
// off goes on where it was. Exits 1 on any difference, and begins there again the next time.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { verifySigV4 } from '../src/identity/sigv4.ts'
import { roundsPerStore, runCrashRounds } from '../test/crash/rounds.ts'
import { describe, runMutations } from '../test/fuzz/sigv4/mutations.ts'
import { runQueryProof } from '../test/proof/query-engine.ts'
import { killStarted } from '../test/support/server-process.ts'

interface Proof {
  /** What `--rounds` counts. */
  unit: string
  rounds: number
  /** Rounds that are done at once, and count as done together. */
  rangeSize: number
  /** Figures to add up. Throws an error that says what differs. */
  run(range: { seed: number; first: number; rounds: number }): Promise<Record<string, number>>
}

const proofs: Record<string, Proof> = {
  'query-engine': {
    unit: 'steps',
    rounds: 100_000,
    rangeSize: 20_000,
    // A store grows with its steps, so each range is a life of its own, with chunks of another size.
    async run({ seed, first, rounds }) {
      const number = first / 20_000
      const chunkBits = [4, 6, 14][number % 3] ?? 14
      const { rowsCompared, steps } = await runQueryProof({ steps: rounds, seed: seed + number, chunkBits })
      return { 'rows compared': rowsCompared, ...steps }
    },
  },
  signatures: {
    unit: 'requests',
    rounds: 1_000_000,
    rangeSize: 50_000,
    async run({ seed, first, rounds }) {
      const counts = runMutations({ cases: rounds, seed, first, verify: verifySigV4 })
      if (counts.disagreementCount > 0) throw new Error(counts.disagreements.slice(0, 5).map(describe).join('\n'))
      const sum = (label: 'accepted' | 'refused') =>
        Object.values(counts.byClass).reduce((total, tally) => total + tally[label], 0)
      return { accepted: sum('accepted'), refused: sum('refused') }
    },
  },
  crash: {
    unit: 'rounds',
    rounds: 1_000,
    rangeSize: roundsPerStore,
    async run(range) {
      const { rounds: _, ...figures } = await runCrashRounds(range)
      return figures
    },
  },
}

interface Progress {
  /** Rounds done, from the first. */
  done: number
  seconds: number
  figures: Record<string, number>
}

function readProgress(file: string): Progress {
  if (!existsSync(file)) return { done: 0, seconds: 0, figures: {} }
  return JSON.parse(readFileSync(file, 'utf8')) as Progress
}

function writeProgress(file: string, progress: Progress): void {
  writeFileSync(`${file}.new`, JSON.stringify(progress))
  renameSync(`${file}.new`, file)
}

/** False if there was a difference. */
async function prove(name: string, proof: Proof, seed: number, rounds: number): Promise<boolean> {
  const file = path.join(tmpdir(), `corral-proof-${name}-${seed}.json`)
  const progress = readProgress(file)
  console.log(`${name}: ${rounds} ${proof.unit}, seed ${seed}; ${progress.done} are done (kept in ${file})`)
  while (progress.done < rounds) {
    const started = performance.now()
    const range = { seed, first: progress.done, rounds: Math.min(proof.rangeSize, rounds - progress.done) }
    let figures: Record<string, number>
    try {
      figures = await proof.run(range)
    } catch (error) {
      console.log(`${name}: DIFFERENCE in ${range.rounds} ${proof.unit} from ${range.first}, seed ${seed}`)
      console.log(error)
      return false
    }
    for (const [figure, count] of Object.entries(figures))
      progress.figures[figure] = (progress.figures[figure] ?? 0) + count
    progress.seconds += (performance.now() - started) / 1000
    progress.done += range.rounds
    // What is cut short does not count as a range: the next run must begin at one.
    if (progress.done % proof.rangeSize === 0) writeProgress(file, progress)
    console.log(`${name}: ${progress.done} of ${rounds} ${proof.unit}, ${progress.seconds.toFixed(0)} s`)
  }
  const figures = Object.entries(progress.figures).map(([figure, count]) => `${figure} ${count}`)
  console.log(
    `${name}: no difference in ${progress.done} ${proof.unit}, seed ${seed}, ${progress.seconds.toFixed(0)} s`,
  )
  console.log(`${name}: ${figures.join(', ')}`)
  return true
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string' },
    // How scripts/test.ts is told to come here.
    proof: { type: 'boolean' },
  },
})
const wholeNumber = /^\d{1,9}$/
if (!wholeNumber.test(values.seed) || !wholeNumber.test(values.rounds ?? '1'))
  throw new Error('--seed and --rounds are whole numbers')
const unknown = positionals.find((name) => !(name in proofs))
if (unknown !== undefined) throw new Error(`there is no proof ${unknown}; there are ${Object.keys(proofs).join(', ')}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    killStarted()
    process.exit(1)
  })
for (const [name, proof] of Object.entries(proofs)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  const rounds = values.rounds === undefined ? proof.rounds : Number(values.rounds)
  if (!(await prove(name, proof, Number(values.seed), rounds))) process.exitCode = 1
}
