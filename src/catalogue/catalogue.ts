// What is known of resource types: their names in the words of each tool, their ARNs, and the filters they answer to.
// catalogue.json is made by scripts/build-catalogue.ts and read on first use. Pure lookups: nothing here says whether a
// resource exists, and nothing is added at run time.
import { readFileSync } from 'node:fs'
import { formatArn, parseArn } from '../model/arn.ts'
import type { Arn } from '../model/arn.ts'
import {
  addTemplate,
  separatorOf,
  findAllByArn,
  findByArn,
  hasBareNames,
  isVariable,
  newArnIndex,
  readTemplate,
} from './arn-index.ts'
import type { ArnIndex, Template } from './arn-index.ts'
import { corralPartition, foreignArn, foreignTypeOf } from './foreign.ts'
import { isTypeName, wordOf } from './type-name.ts'

export { kubernetesArn } from './foreign.ts'

export interface ResourceType {
  /** `AWS::EC2::Instance` */
  name: string
  /** The service in its ARNs: `ec2`. */
  service: string
  /**
   * `ec2:instance`: the literal parts of the ARN's resource, as the tagging API filters by them; the bare service where
   * there are none (`s3`). Types inside others name both: `appconfig:application/environment`.
   */
  serviceType: string
  /** `arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}`; the first one is built first. */
  arnTemplates: string[]
  /** `aws_instance` */
  terraform: string[]
}

/** A row of catalogue.json. */
export interface CatalogueRow {
  name: string
  /** Without `arn:${Partition}:`, which all share. */
  arn: string[]
  /** Other spellings: a synonym, IAM's and Resource Explorer's word. */
  also?: string[]
  terraform?: string[]
  /** An ARN of a shape that several types share is said to be of this one. */
  preferred?: true
}

export interface CatalogueFile {
  types: CatalogueRow[]
  /** Terraform types that cannot carry tags of their own. */
  notTaggable: string[]
}

/** What a template leads to. */
interface Match {
  type: ResourceType
  filters: string[]
}

interface Catalogue {
  bySpelling: Map<string, ResourceType>
  terraform: Map<string, ResourceType>
  notTaggable: Set<string>
  arns: ArnIndex<Match>
}

/**
 * The type of any spelling: `AWS::EC2::Instance`, `ec2:instance`, `aws_instance`, and Resource Explorer's `s3:bucket`.
 * Case matters. Where a spelling fits several types (`rds:cluster` is also DocumentDB's), the one that AWS names.
 */
export function resourceType(spelling: string): ResourceType | undefined {
  return catalogue().bySpelling.get(spelling)
}

/** The canonical name of any spelling; a well-formed unknown name is its own; undefined if it is no type name at all. */
export function canonicalTypeName(spelling: string): string | undefined {
  return resourceType(spelling)?.name ?? (isTypeName(spelling) ? spelling : undefined)
}

/**
 * The type that an ARN shows. Where types share a shape, one of them (see `preferred`). For an ARN of no known shape a
 * name is made of its service and the first part of its resource: `arn:aws:new-thing:…:some-part/x` →
 * `AWS::NewThing::SomePart`, `AWS::NewThing::Resource` where that part is no type token, and the partition's own word
 * instead of AWS where it is not one of AWS's.
 */
export function typeOfArn(arn: Arn): string {
  if (arn.partition === corralPartition) return foreignTypeOf(arn) ?? madeUpName(arn)
  return findByArn(catalogue().arns, arn)?.type.name ?? madeUpName(arn)
}

/**
 * The ResourceTypeFilters values that this ARN answers to, at most four: the service, the service with the literal parts
 * its resource begins with, and the type's own serviceType. An S3 bucket answers to `s3` and, though nothing in its ARN
 * says so, to `s3:bucket`: scripts use Resource Explorer's word in the tagging API, and an ARN of that service can have
 * no other meaning for it. Queues, topics, repositories and pipelines likewise.
 */
export function typeFilters(arn: Arn): string[] {
  const match = arn.partition === corralPartition ? undefined : findByArn(catalogue().arns, arn)
  if (match) return [...match.filters]
  const token = typeToken(arn)
  return token === undefined ? [arn.service] : [arn.service, `${arn.service}:${token}`]
}

/**
 * The ARN of a resource, from its id as AWS's tools print it: CloudFormation's physical id, Terraform's and Config's. An id
 * may be an ARN itself, which is taken as it is, the resource part of one, or the last name; where the ARN has several variables, their values
 * joined by `|` (CloudFormation) or `/`, in the ARN's order. Queue URLs are taken for the queue. Undefined where the id
 * does not give the ARN, or the Region or account is missing that the ARN has. Types outside the catalogue follow the rule in foreign.ts.
 */
export function arnFor(
  type: string,
  id: string,
  where: { partition: string; region: string; account: string },
): string | undefined {
  if (id.startsWith('arn:')) return parseArn(id) ? normalizeArn(id) : undefined
  const known = resourceType(type)
  if (!known) return foreignArn(type, id, where)
  const name = known.service === 'sqs' && /^https?:\/\//.test(id) ? id.slice(id.lastIndexOf('/') + 1) : id
  const templates = known.arnTemplates.map(readTemplate).filter((template) => placeSuffices(template, where))
  for (const resource of candidates(templates, name)) {
    for (const template of templates) {
      const arn = parseArn(
        formatArn({
          partition: where.partition,
          service: template.service,
          region: template.region.replace('${Region}', where.region),
          account: template.account.replace('${Account}', where.account),
          resource,
        }),
      )
      // The last word is the index's: an id with a slash or a colon too many would be another type's resource.
      if (arn?.resource === resource && isOfType(arn, known)) return normalizeArn(formatArn(arn))
    }
  }
  return undefined
}

/** What a Terraform type is: a resource with tags, a mere part or link of one, or not known here. */
export function terraformType(
  name: string,
): { kind: 'resource'; type: string } | { kind: 'not-taggable' } | { kind: 'unknown' } {
  const { terraform, notTaggable } = catalogue()
  const type = terraform.get(name)
  if (type) return { kind: 'resource', type: type.name }
  return { kind: notTaggable.has(name) ? 'not-taggable' : 'unknown' }
}

/**
 * One spelling of an ARN that AWS writes in two ways: the trailing `:*` of log groups is taken off, as the tagging API
 * does (DescribeLogGroups leaves it on). All else stays as it is.
 */
export function normalizeArn(text: string): string {
  if (!text.endsWith(':*') || !/^arn:[^:]*:logs:[^:]*:[^:]*:log-group:/.test(text)) return text
  let end = text.length
  while (text.startsWith(':*', end - 2)) end -= 2
  return text.slice(0, end)
}

let loaded: Catalogue | undefined

function catalogue(): Catalogue {
  loaded ??= index(JSON.parse(readFileSync(new URL('catalogue.json', import.meta.url), 'utf8')) as CatalogueFile)
  return loaded
}

function index(file: CatalogueFile): Catalogue {
  const bySpelling = new Map<string, ResourceType>()
  const terraform = new Map<string, ResourceType>()
  const arns = newArnIndex<Match>()
  const rows = file.types.map(readRow)
  // The order decides who gets a spelling or a shape that several claim: the preferred, then the types with the plainest
  // ARNs (`s3` is the bucket before the object in it).
  rows.sort((a, b) => Number(b.preferred) - Number(a.preferred) || a.variables - b.variables)
  const spell = (spelling: string, type: ResourceType) => {
    if (!bySpelling.has(spelling)) bySpelling.set(spelling, type)
  }
  for (const { type, templates, also } of rows) {
    bySpelling.set(type.name, type)
    spell(type.serviceType, type)
    for (const name of type.terraform) {
      terraform.set(name, type)
      bySpelling.set(name, type)
    }
    for (const { template, serviceType } of templates) {
      addTemplate(arns, template, { type, filters: filtersOf(template, serviceType, also) })
    }
  }
  for (const { type, templates, also } of rows) {
    for (const { serviceType } of templates) spell(serviceType, type)
    for (const word of also) spell(word, type)
  }
  return { bySpelling, terraform, notTaggable: new Set(file.notTaggable), arns }
}

function readRow(row: CatalogueRow) {
  const arnTemplates = row.arn.map((arn) => `arn:\${Partition}:${arn}`)
  const templates = arnTemplates.map((text) => {
    const template = readTemplate(text)
    return { template, serviceType: serviceTypeOf(template) }
  })
  const first = templates[0]
  const type: ResourceType = {
    name: row.name,
    service: first?.template.service ?? '',
    serviceType: first?.serviceType ?? '',
    arnTemplates,
    terraform: row.terraform ?? [],
  }
  const variables = first?.template.parts.filter(isVariable).length ?? 0
  return { type, templates, variables, also: row.also ?? [], preferred: row.preferred ?? false }
}

function serviceTypeOf(template: Template): string {
  let words = ''
  for (const part of template.parts) {
    if (!isVariable(part)) words += `${words === '' ? '' : '/'}${separatorOf(part) === '' ? part : part.slice(1)}`
  }
  return words === '' ? template.service : `${template.service}:${words}`
}

/** At most four; the words of Resource Explorer are for ARNs without a type token only. */
function filtersOf(template: Template, serviceType: string, also: string[]): string[] {
  const filters = new Set([template.service])
  let prefix = `${template.service}:`
  for (const part of template.parts.slice(0, 2)) {
    if (isVariable(part)) break
    prefix += part
    filters.add(prefix)
  }
  filters.add(serviceType)
  const word = also.find((word) => word.startsWith(`${template.service}:`))
  if (filters.size === 1 && word !== undefined) filters.add(word)
  return [...filters]
}

/** Resources that the id may stand for, the likeliest first. */
function* candidates(templates: Template[], id: string): Generator<string> {
  const bare = id.replace(/^\//, '')
  // A compound id never fills a single variable: `203.0.113.7|eipalloc-1` is no allocation id.
  const compound = id.includes('|')
  for (const { resource } of templates) {
    const lead = leadOf(resource)
    // Whole already, or with the leading slash that Route 53 prints and its ARNs lack.
    if (lead === '' ? !compound : id.startsWith(lead)) yield id
    if (lead !== '' && bare.startsWith(lead)) yield bare
  }
  for (const { resource } of templates) {
    const variables = resource.match(variable)?.length ?? 0
    const values = compound || variables > 1 ? id.split(compound ? '|' : '/', variables + 1) : [id]
    if (values.length === variables || variables === 0) {
      let next = 0
      yield resource.replaceAll(variable, () => values[next++] ?? '')
    }
  }
  // The end of the resource part, as CloudWatch names load balancers: `app/name/50dc6c495c0c9188`.
  const token = leadOf(templates[0]?.resource ?? '').match(/^[^/:]+[/:]/)?.[0]
  if (token !== undefined && !compound) yield token + id
}

const variable = /\$\{\w+\}/g
const leadOf = (resource: string) => resource.split('${', 1)[0] ?? ''

/** An ARN without the Region or account that its template has would be a second one of the same thing. */
const placeSuffices = (template: Template, where: { region: string; account: string }) =>
  (where.region !== '' || !isVariable(template.region)) && (where.account !== '' || !isVariable(template.account))

const isOfType = (arn: Arn, type: ResourceType) =>
  findAllByArn(catalogue().arns, arn).some((match) => match.type === type)

function madeUpName(arn: Arn): string {
  const owner = arn.partition.startsWith('aws') && arn.partition !== corralPartition ? 'AWS' : wordOf(arn.partition)
  return [owner, wordOf(arn.service), wordOf(typeToken(arn) ?? '') || 'Resource'].join('::')
}

/** The first part of an unknown ARN's resource, where more follows and the service's names are not bare. */
function typeToken(arn: Arn): string | undefined {
  const token = /^\/?[A-Za-z0-9_.-]{1,128}(?=[/:])/.exec(arn.resource)?.[0]
  return arn.partition !== corralPartition && hasBareNames(catalogue().arns, arn.service) ? undefined : token
}
