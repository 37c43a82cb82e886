// Signed GetGroup, its record durable before each answer, as a ratio to a bare node:http server that reads the same
// requests and answers the same bytes; each on one core, alternating, over 32 connections.
import { load, type LoadResult, requestSigner } from './load.ts'
import { pinClient, startBare, startCorral } from './processes.ts'

const groups = 1_000
const connections = 32
const requestsPerRound = 30_000
const rounds = 5

export interface GetGroupFigures {
  rounds: { bare: LoadResult; corral: LoadResult; ratio: number }[]
  medianRatio: number
}

export async function benchGetGroup(): Promise<GetGroupFigures> {
  pinClient()
  const corral = await startCorral({ CORRAL_MAX_GROUPS_PER_REGION: '2000' })
  const sign = requestSigner(corral.credentials, 'resource-groups', 'us-east-1', corral.port)
  const json = { 'content-type': 'application/json' }
  const create = (number: number) =>
    sign(
      '/groups',
      JSON.stringify({
        Name: `group-${number}`,
        Description: `The group of number ${number}`,
        ResourceQuery: {
          Type: 'TAG_FILTERS_1_0',
          Query: JSON.stringify({
            ResourceTypeFilters: ['AWS::AllSupported'],
            TagFilters: [{ Key: 'Stage', Values: [`stage-${number}`] }],
          }),
        },
      }),
      json,
    )
  const created = await load(
    corral.port,
    Array.from({ length: groups }, (_, number) => create(number)),
    16,
  )
  if (created.statuses['200'] !== groups)
    throw new Error(`groups were not created: ${JSON.stringify(created.statuses)}`)
  const sample = JSON.stringify({
    Group: {
      GroupArn: 'arn:aws:resource-groups:us-east-1:123456789012:group/group-500',
      Name: 'group-500',
      Description: 'The group of number 500',
    },
  })
  const bare = await startBare(sample)
  const result: GetGroupFigures = { rounds: [], medianRatio: 0 }
  try {
    for (let round = 0; round <= rounds; round++) {
      const requests = Array.from({ length: requestsPerRound }, (_, index) =>
        sign('/get-group', JSON.stringify({ Group: `group-${(index * 7919) % groups}`, Padding: index }), json),
      )
      const bareFigures = await load(bare.port, requests, connections)
      const corralFigures = await load(corral.port, requests, connections)
      if (corralFigures.statuses['200'] !== requestsPerRound)
        throw new Error(`not every answer was a group: ${JSON.stringify(corralFigures.statuses)}`)
      // The first round warms both up.
      if (round > 0)
        result.rounds.push({
          bare: bareFigures,
          corral: corralFigures,
          ratio: corralFigures.requestsPerSecond / bareFigures.requestsPerSecond,
        })
    }
  } finally {
    await bare.stop()
    await corral.stop()
  }
  const ratios = result.rounds.map(({ ratio }) => ratio).sort((a, b) => a - b)
  result.medianRatio = ratios[Math.floor(ratios.length / 2)] ?? 0
  return result
}

if (import.meta.main) {
  const { rounds: measured, medianRatio } = await benchGetGroup()
  for (const { bare, corral, ratio } of measured)
    console.log(
      `bare ${bare.requestsPerSecond.toFixed(0)}/s p50 ${bare.p50Ms.toFixed(2)} p99 ${bare.p99Ms.toFixed(2)} ms   corral ${corral.requestsPerSecond.toFixed(0)}/s p50 ${corral.p50Ms.toFixed(2)} p99 ${corral.p99Ms.toFixed(2)} ms   ratio ${ratio.toFixed(3)}`,
    )
  console.log(`median ratio ${medianRatio.toFixed(3)}`)
}
