// Runs the service's tasks: a step of each in turn, until none has anything left to do. Everything a task knows is in the
// database, so that a process may end between any two steps, and the next goes on. Nothing here knows what a step does.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Run } from '../../storage/database.ts'
import type { TaskParts } from './task-parts.ts'

/** Tasks of one sort, in an order of their own, each visited before one is visited again. */
export interface Lane {
  name: string
  /** The first task after the given one that has something to do; ids are 1 and up. */
  after(run: Run, id: number): Promise<{ id: number; step(): Promise<void> } | undefined>
}

export interface TaskRunner {
  /** There may be something to do, once the transaction that says so is committed. */
  wake: () => void
  /** Resolves when the step under way is over. */
  stop: () => Promise<void>
}

/** Where the runner is in each lane, and which tasks failed; nothing of it has to outlive the process. */
export type Turn = Map<Lane, { visited: number; failures: Map<number, { count: number; retryMs: number }> }>

/** A call's commit follows its wake-up within a few milliseconds. */
const shortestPauseMs = 10
/** How late a change is noticed that nobody announced. */
const longestPauseMs = 1_000
const longestRetryMs = 300_000

export function startTaskRunner(parts: TaskParts, lanes: readonly Lane[]): TaskRunner {
  const turn: Turn = new Map()
  let pauseMs = shortestPauseMs
  const ending = new AbortController()
  let rouse = new AbortController()

  async function work(): Promise<void> {
    while (!ending.signal.aborted) {
      if (await takeSteps(parts, lanes, turn)) pauseMs = shortestPauseMs
      else {
        // Unreferenced: waiting for work is no reason for a process to live on.
        await sleep(pauseMs, undefined, { ref: false, signal: rouse.signal }).catch(() => undefined)
        pauseMs = rouse.signal.aborted ? shortestPauseMs : Math.min(pauseMs * 2, longestPauseMs)
        rouse = new AbortController()
      }
    }
  }
  const working = work()

  return {
    wake: () => rouse.abort(),
    async stop() {
      ending.abort()
      rouse.abort()
      await working
    },
  }
}

/** One step in every lane that has something to do; false if none had. Never rejects. */
export async function takeSteps(parts: TaskParts, lanes: readonly Lane[], turn: Turn): Promise<boolean> {
  let progress = false
  for (const lane of lanes) {
    try {
      if (await takeStep(parts, lane, turn)) progress = true
    } catch (error) {
      parts.logFailure(`looking for a ${lane.name}`, error)
    }
  }
  return progress
}

/** A task that failed is tried again, ever more rarely. */
async function takeStep(parts: TaskParts, lane: Lane, turn: Turn): Promise<boolean> {
  const place = turn.get(lane) ?? { visited: 0, failures: new Map<number, { count: number; retryMs: number }>() }
  turn.set(lane, place)
  const next = await parts.database.read(
    async (run) => (await lane.after(run, place.visited)) ?? (place.visited > 0 ? lane.after(run, 0) : undefined),
  )
  if (!next) {
    place.visited = 0
    place.failures.clear()
    return false
  }
  place.visited = next.id
  const failure = place.failures.get(next.id)
  if (failure && failure.retryMs > parts.clock()) return false
  try {
    await next.step()
    place.failures.delete(next.id)
    return true
  } catch (error) {
    const count = (failure?.count ?? 0) + 1
    place.failures.set(next.id, { count, retryMs: parts.clock() + Math.min(longestRetryMs, 1_000 * 2 ** count) })
    parts.logFailure(`${lane.name} ${next.id}`, error)
    return false
  }
}
