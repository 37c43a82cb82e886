// Where a Terraform row lives, when the row does not say: account, Region and partition from the other ARNs of its
// provider in the same file. Never a guess between two: where the neighbours disagree, nothing is told.
import { type Arn, parseArn } from '../../../model/arn.ts'
import { textProperty } from './json-value.ts'
import type { TerraformRow } from './terraform-row.ts'

const accountPattern = /^\d{12}$/

type Counts = Map<string, number>

interface Neighbours {
  partitions: Counts
  accounts: Counts
  regions: Counts
  /** From `aws_caller_identity`, which says it outright. */
  account?: string
}

/** A part of where a row lives: undefined where the file says nothing of it, null where it says several things. */
type Told = string | undefined | null

export interface Place {
  partition: Told
  account: Told
  region: Told
}

function count(counts: Counts, value: string): void {
  if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1)
}

/** The value of more than half (one instance of a provider) or of all (several mixed). */
function agreed(counts: Counts, providers: TerraformRow['providers']): Told {
  let total = 0
  let most: [value: string, times: number] = ['', 0]
  for (const entry of counts) {
    total += entry[1]
    if (entry[1] > most[1]) most = entry
  }
  const enough = providers === 'by instance' ? most[1] * 2 > total : most[1] === total
  if (total === 0) return undefined
  return enough ? most[0] : null
}

function neighbours(): Neighbours {
  return { partitions: new Map(), accounts: new Map(), regions: new Map() }
}

function countArn(into: Neighbours, arn: Arn): void {
  count(into.partitions, arn.partition)
  if (accountPattern.test(arn.account)) count(into.accounts, arn.account)
  // A web ACL for CloudFront is in us-east-1 whatever the provider's Region, and says so.
  if (!arn.resource.startsWith('global/')) count(into.regions, arn.region)
}

const zonePattern = /^([a-z]{2}(?:-[a-z]+){1,3}-\d{1,2})[a-z]$/

function zoneRegion(row: TerraformRow): string | undefined {
  return zonePattern.exec(textProperty(row.attributes, 'availability_zone') ?? '')?.[1]
}

/** Asks of all `rows` once; the answer looks up one row. */
export function terraformPlaces(rows: readonly TerraformRow[]): (row: TerraformRow) => Place {
  const whole = neighbours()
  const byProvider = new Map<string, Neighbours>()
  for (const row of rows) {
    const own = byProvider.get(row.provider) ?? neighbours()
    byProvider.set(row.provider, own)
    const { attributes } = row
    if (row.mode === 'data') {
      // Other data sources may look into accounts and Regions of somebody else.
      const account = row.type === 'aws_caller_identity' ? textProperty(attributes, 'account_id') : undefined
      const certain = row.providers === 'by instance' && account !== undefined && accountPattern.test(account)
      if (certain) own.account = account
      continue
    }
    const text = textProperty(attributes, 'arn')
    const arn = text === undefined ? undefined : parseArn(text)
    for (const into of [own, whole]) {
      if (arn) countArn(into, arn)
      else count(into.regions, zoneRegion(row) ?? '')
    }
  }
  // Asked once for each provider: a hostile file has as many accounts as rows.
  const places = new Map<string, Place>()
  const placeOf = (row: TerraformRow): Place => {
    const own = byProvider.get(row.provider) ?? neighbours()
    const told = (part: 'partitions' | 'accounts' | 'regions') =>
      own[part].size > 0 ? agreed(own[part], row.providers) : agreed(whole[part], 'by source')
    const place = places.get(row.provider) ?? {
      partition: told('partitions'),
      account: own.account ?? told('accounts'),
      region: told('regions'),
    }
    places.set(row.provider, place)
    return place
  }
  return (row) => {
    const { partition, account, region } = placeOf(row)
    const owner = textProperty(row.attributes, 'owner_id')
    return {
      partition,
      account: owner !== undefined && accountPattern.test(owner) ? owner : account,
      region: textProperty(row.attributes, 'region') ?? zoneRegion(row) ?? region,
    }
  }
}
