// kill -9 under load loses nothing that was acknowledged, and leaves nothing half done. Twenty rounds; the long run is
// `npm run proof -- crash`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCrashRounds } from './rounds.ts'

const seed = 20_261_124

void test('twenty rounds of load, kill -9, restart and comparison', async (t) => {
  const figures = await runCrashRounds({ seed, first: 0, rounds: 20 })
  t.diagnostic(`seed ${seed} ${JSON.stringify(figures)}`)
  assert.equal(figures.rounds, 20)
  assert.ok(figures.acknowledgedWrites > 500, 'there was a load')
  assert.ok(figures.unansweredDone + figures.unansweredUndone > 20, 'the kills hit calls under way')
  assert.ok(figures.killedStarts > 0)
})
