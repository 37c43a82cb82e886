// Tag writes a second with 1 and with 64 clients: TagResources of one resource, each answer after its fsync.
import { load, type LoadResult, requestSigner } from './load.ts'
import { pinClient, startCorral } from './processes.ts'

const resources = 2_000

export async function benchTagWrites(): Promise<Record<string, LoadResult>> {
  pinClient()
  const corral = await startCorral()
  try {
    const json = (target: string) => ({ 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target })
    const put = requestSigner(corral.credentials, 'config', 'us-east-1', corral.port)
    const arn = (number: number) => `arn:aws:sqs:us-east-1:123456789012:queue-${number}`
    const puts = Array.from({ length: resources }, (_, number) =>
      put(
        '/',
        JSON.stringify({
          ResourceType: 'AWS::SQS::Queue',
          SchemaVersionId: '1',
          ResourceId: arn(number),
          Configuration: '{}',
          Tags: { Name: `queue-${number}`, Team: `team-${number % 50}`, Stage: 'test' },
        }),
        json('StarlingDoveService.PutResourceConfig'),
      ),
    )
    const stored = await load(corral.port, puts, 16)
    if (stored.statuses['200'] !== resources) throw new Error('the resources were not stored')
    const tag = requestSigner(corral.credentials, 'tagging', 'us-east-1', corral.port)
    const writes = (count: number, round: number) =>
      Array.from({ length: count }, (_, number) =>
        tag(
          '/',
          JSON.stringify({
            ResourceARNList: [arn((number * 7919) % resources)],
            Tags: { Stage: `stage-${round}-${number % 97}`, Owner: `owner-${number % 31}` },
          }),
          json('ResourceGroupsTaggingAPI_20170126.TagResources'),
        ),
      )
    await load(corral.port, writes(2_000, 0), 16)
    return {
      '1 client': await load(corral.port, writes(2_000, 1), 1),
      '64 clients': await load(corral.port, writes(12_000, 2), 64),
    }
  } finally {
    await corral.stop()
  }
}

if (import.meta.main) {
  for (const [name, result] of Object.entries(await benchTagWrites()))
    console.log(
      `${name.padEnd(10)} ${result.requestsPerSecond.toFixed(0).padStart(6)} writes/s  p50 ${result.p50Ms.toFixed(2)} ms  p99 ${result.p99Ms.toFixed(2)} ms  ${JSON.stringify(result.statuses)}`,
    )
}
