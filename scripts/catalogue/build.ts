// Joins the public descriptions of AWS's resource types and our hand-kept rows into the rows of the catalogue. Pure: it
// is given everything and touches no file, so that the drift test can run it. It does not decide how an ARN is matched
// (src/catalogue does); it only refuses to let two types share one ARN shape without saying which of them it means.
import type { CatalogueFile, CatalogueRow } from '../../src/catalogue/catalogue.ts'

/** What the CloudFormation specification says of a type. */
export interface SpecType {
  name: string
  arnTemplate: string | undefined
}

/** IAM's resource types, by service prefix, then key: one or more ARN templates joined by `, `. */
export type IamResourceTypes = Record<string, Record<string, { arn: string }>>

export interface HandData {
  /** Types that the tagging APIs know and CloudFormation does not. */
  furtherTypes: string[]
  /** CloudFormation's service name → IAM's prefix, where it is not merely in lower case. */
  servicePrefixes: Record<string, string>
  /** Rows that are missing or wrong in the sources: these ARN templates replace the found ones; none drops the type. */
  handRows: Record<string, { arn: string[]; also?: string[] }>
  /** Two names that AWS gives to one thing: the other name → the name that the tagging APIs print. */
  synonyms: Record<string, string>
  /** Of types with one ARN shape, the one such an ARN is said to be. */
  preferred: string[]
  terraform: {
    /** Terraform's name → type. */
    types: Record<string, string>
    /** Parts of resources, links between them and data sources: nothing that carries tags of its own. */
    notTaggable: string[]
  }
}

export function buildCatalogue(spec: SpecType[], iam: IamResourceTypes, hand: HandData): CatalogueFile {
  const names = [
    ...new Set([...spec.map((type) => type.name), ...hand.furtherTypes, ...Object.keys(hand.handRows)]),
  ].sort()
  const specByName = new Map(spec.map((type) => [type.name, type]))
  const synonyms = Map.groupBy(Object.keys(hand.synonyms), (synonym) => hand.synonyms[synonym])
  const rows = names.flatMap((name) => {
    if (hand.synonyms[name] !== undefined) return []
    const found = templatesOf(name, specByName.get(name), iam, hand)
    return found.arn.length === 0
      ? []
      : [{ name, arn: found.arn, also: [...found.also, ...(synonyms.get(name) ?? [])] }]
  })
  refuseStrangers('synonyms.json', Object.values(hand.synonyms), rows)
  refuseStrangers('preferred.json', hand.preferred, rows)
  refuseStrangers('terraform.json', Object.values(hand.terraform.types), rows)
  const preferred = new Set(hand.preferred)
  refuseUndecidedShapes(rows, preferred)
  const terraform = Map.groupBy(Object.keys(hand.terraform.types), (name) => hand.terraform.types[name])
  const types = rows.map((row) => {
    const entry: CatalogueRow = { name: row.name, arn: row.arn.map((arn) => arn.slice(arnHead.length)) }
    if (row.also.length > 0) entry.also = row.also
    const terraformNames = terraform.get(row.name)
    if (terraformNames) entry.terraform = terraformNames
    if (preferred.has(row.name)) entry.preferred = true
    return entry
  })
  return { types, notTaggable: [...hand.terraform.notTaggable].sort() }
}

/** One type a line, so that an update of the sources reads as a diff of types. */
export function formatCatalogue(file: CatalogueFile): string {
  const lines = (values: unknown[]) => values.map((value) => JSON.stringify(value)).join(',\n')
  return `{"types":[\n${lines(file.types)}\n],"notTaggable":[\n${lines(file.notTaggable)}\n]}\n`
}

const arnHead = 'arn:${Partition}:'

function templatesOf(
  name: string,
  spec: SpecType | undefined,
  iam: IamResourceTypes,
  hand: HandData,
): { arn: string[]; also: string[] } {
  const [, service = '', type = ''] = name.split('::')
  const prefix = hand.servicePrefixes[service] ?? service.toLowerCase()
  const key = iamKey(iam[prefix] ?? {}, type)
  const also = key !== undefined && /^[a-z0-9-]+$/i.test(key) ? [`${prefix}:${key}`] : []
  const byHand = hand.handRows[name]
  if (byHand) return { arn: byHand.arn.map(tidyTemplate), also: byHand.also ?? also }
  const fromIam = key === undefined ? [] : (iam[prefix]?.[key]?.arn.split(', ') ?? [])
  const templates = [spec?.arnTemplate, ...fromIam]
    .filter((template) => template !== undefined)
    .map(tidyTemplate)
    // A pattern of policies (`listing/*`), or one whose service is a variable, names no single type.
    .filter((template) => !template.includes('*') && /^[a-z0-9-]+$/.test(template.split(':')[2] ?? ''))
  const seen = new Set<string>()
  const arn = templates.filter((template) => {
    const shape = shapeOf(template)
    return !seen.has(shape) && seen.add(shape)
  })
  return { arn, also }
}

/** IAM's key for a type: the same word, or it with the endings and beginnings that the two lists do not share. */
function iamKey(keys: Record<string, unknown>, type: string): string | undefined {
  const byWord = new Map(Object.keys(keys).map((key) => [bareWord(key), key]))
  const word = bareWord(type)
  const spellings = [word, `${word}s`, `${word}es`, word.replace(/s$/, ''), `${word}resource`, `${word}id`]
  spellings.push(word.replace(/^db/, ''), `workspace${word}`)
  const hit = spellings.find((spelling) => byWord.has(spelling))
  return hit === undefined ? undefined : byWord.get(hit)
}

const bareWord = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** Makes every part of the resource one literal or one variable, which is all that the matcher knows. */
function tidyTemplate(template: string): string {
  const fields = template.split(':')
  const account = fields[4] ?? ''
  const resource = fields
    .slice(5)
    .join(':')
    .replace(/\/$/, '')
    .split(/([/:])/)
    .map((part) => (part.includes('${') ? `\${${part.replaceAll(/^[a-z]+-(?=\$)|[${}]|[^\w$]/g, '')}}` : part))
    .join('')
  return [
    'arn',
    '${Partition}',
    fields[2],
    fields[3],
    account.startsWith('${') ? '${Account}' : account,
    resource,
  ].join(':')
}

const shapeOf = (template: string) => template.replaceAll(/\$\{\w+\}/g, '${}')

function refuseUndecidedShapes(rows: { name: string; arn: string[] }[], preferred: Set<string>): void {
  const sharers = new Map<string, string[]>()
  for (const row of rows) {
    for (const template of row.arn) {
      const shape = shapeOf(template)
      sharers.set(shape, [...(sharers.get(shape) ?? []), row.name])
    }
  }
  const undecided = [...sharers].filter(
    ([, names]) => names.length > 1 && names.filter((name) => preferred.has(name)).length !== 1,
  )
  if (undecided.length > 0) {
    const list = undecided.map(([shape, names]) => `  ${shape}: ${names.join(' ')}`).join('\n')
    throw new Error(`preferred.json must name exactly one type for each of these ARN shapes:\n${list}`)
  }
}

function refuseStrangers(file: string, names: string[], rows: { name: string }[]): void {
  const known = new Set(rows.map((row) => row.name))
  const strangers = names.filter((name) => !known.has(name))
  if (strangers.length > 0) throw new Error(`${file} names types that are not in the catalogue: ${strangers.join(' ')}`)
}
