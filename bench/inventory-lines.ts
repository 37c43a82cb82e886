// NDJSON of made-up resources for imports: ten tags each, skewed values, a Name of its own on most.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

const account = '123456789012'
const kinds = [
  ['AWS::EC2::Instance', (id: string) => `arn:aws:ec2:us-east-1:${account}:instance/i-${id}`],
  ['AWS::SQS::Queue', (id: string) => `arn:aws:sqs:us-east-1:${account}:queue-${id}`],
  ['AWS::Lambda::Function', (id: string) => `arn:aws:lambda:us-east-1:${account}:function:function-${id}`],
  ['AWS::RDS::DBInstance', (id: string) => `arn:aws:rds:us-east-1:${account}:db:db-${id}`],
] as const

export function resourceLine(number: number, prefix: string): string {
  const id = `${prefix}${number.toString(16).padStart(8, '0')}`
  const [type, arnOf] = kinds[number % kinds.length] ?? kinds[0]
  const tags = {
    Name: number % 7 === 0 ? 'shared' : `name-${id}`,
    Team: `team-${number % 60}`,
    CostCenter: `${1000 + (number % 20)}`,
    Application: `application-${(number * 7919) % 400}`,
    Environment: ['production', 'staging', 'test', 'development'][(number >> 2) % 4] ?? '',
    Stage: `stage-${number % 5}`,
    Owner: `owner-${(number * 31) % 3000}@example.com`,
    Project: `project-${(number * 17) % 150}`,
    Schedule: number % 3 === 0 ? 'office-hours' : 'always',
    Backup: number % 2 === 0 ? 'daily' : 'weekly',
  }
  return JSON.stringify({
    ResourceArn: arnOf(id),
    ResourceType: type,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  })
}

export async function writeLines(file: string, count: number, prefix: string): Promise<void> {
  const stream = createWriteStream(file)
  for (let number = 0; number < count; number++) {
    if (!stream.write(`${resourceLine(number, prefix)}\n`)) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'finish')
}
