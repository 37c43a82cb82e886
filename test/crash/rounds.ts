// Rounds of load, kill -9 at a random moment, restart and comparison. Some rounds kill the server while it starts, too,
// the very first start included. Every ten rounds a new store is made, so that rounds stay equally long; the same seed
// and rounds make the same choices, though not the same timing.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomFrom, type Random } from '../fuzz/sigv4/random.ts'
import { killStart, type ServerProcess, serveCorral } from '../support/server-process.ts'
import { checkStore } from './check-store.ts'
import { compare, newWorker, work, type Worker } from './load.ts'

export const roundsPerStore = 10
const workerCount = 8
const account = '123456789012'
const args = ['--account-id', account, '--log-level', 'error']
/** Long enough for some hundreds of writes. */
const longestLoadMs = 500
/** A start takes about this long on a slow machine. */
const longestStartMs = 700

export interface CrashFigures {
  rounds: number
  acknowledgedWrites: number
  acknowledgedCalls: number
  /** Calls without an answer: done all the same, or not. */
  unansweredDone: number
  unansweredUndone: number
  killedStarts: number
  changes: number
  postings: number
}

/** Runs rounds from `first`, a multiple of ten. Throws an error that names seed and round if anything is lost. */
export async function runCrashRounds(options: { seed: number; first: number; rounds: number }): Promise<CrashFigures> {
  const { seed, first, rounds } = options
  assert.equal(first % roundsPerStore, 0)
  const figures: CrashFigures = {
    rounds: 0,
    acknowledgedWrites: 0,
    acknowledgedCalls: 0,
    unansweredDone: 0,
    unansweredUndone: 0,
    killedStarts: 0,
    changes: 0,
    postings: 0,
  }
  for (let round = first; round < first + rounds; round += roundsPerStore) {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'corral-crash-'))
    await roundsOnStore(
      dataDir,
      { seed, first: round, last: Math.min(round + roundsPerStore, first + rounds) },
      figures,
    )
    rmSync(dataDir, { recursive: true })
  }
  return figures
}

async function roundsOnStore(
  dataDir: string,
  { seed, first, last }: { seed: number; first: number; last: number },
  figures: CrashFigures,
): Promise<void> {
  const random = randomFrom(seed, first)
  const workers = Array.from({ length: workerCount }, (_, number) =>
    newWorker(`w${number}`, randomFrom(seed, first * workerCount + number)),
  )
  let round = first
  let server: ServerProcess | undefined
  try {
    if (random.chance(0.7)) await killedStart(dataDir, random, figures)
    server = await serveCorral(dataDir, args)
    for (; round < last; round++) {
      await loadAndKill(workers, server, random)
      if (random.chance(0.2)) await killedStart(dataDir, random, figures)
      server = await serveCorral(dataDir, args)
      const { done, undone } = await compare(workers, { ...server, account })
      figures.unansweredDone += done
      figures.unansweredUndone += undone
      const acknowledged = workers.flatMap((worker) => worker.acknowledged)
      const store = checkStore(dataDir, acknowledged)
      figures.rounds++
      if (round === last - 1) {
        figures.changes += store.changes
        figures.postings += store.postings
        figures.acknowledgedCalls += acknowledged.length
      }
    }
    figures.acknowledgedWrites += workers.reduce((sum, { writes }) => sum + writes, 0)
    const { code, stderr } = await server.stop()
    assert.equal(code, 0, stderr)
    checkStore(
      dataDir,
      workers.flatMap((worker) => worker.acknowledged),
    )
  } catch (error) {
    server?.kill('SIGKILL')
    throw new Error(`seed ${seed}, rounds from ${first}, round ${round}, store ${dataDir}: ${String(error)}`, {
      cause: error,
    })
  } finally {
    for (const { agent } of workers) agent.destroy()
  }
}

async function loadAndKill(workers: readonly Worker[], server: ServerProcess, random: Random): Promise<void> {
  const loads = Promise.all(workers.map((worker) => work(worker, { ...server, account })))
  await Promise.race([loads, sleep(20 + random.below(longestLoadMs))])
  server.kill('SIGKILL')
  const { signal, stderr } = await server.ended
  assert.equal(signal, 'SIGKILL', stderr)
  await loads
}

async function killedStart(dataDir: string, random: Random, figures: CrashFigures): Promise<void> {
  await killStart(dataDir, args, random.below(longestStartMs))
  figures.killedStarts++
}
