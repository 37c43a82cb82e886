// Service configurations: what may be attached to a group, and what it then means for the group's members and end.
// Does not know the group's members nor whether the services named exist here.

import { parseArn } from '../../../model/arn.ts'
import type { ResourceQuery } from './resource-query.ts'

export interface ConfigurationParameter {
  Name: string
  Values?: string[]
}

export interface ConfigurationItem {
  Type: string
  Parameters?: ConfigurationParameter[]
}

/** As it goes over the wire; an absent Parameters stays absent. */
export type GroupConfiguration = readonly ConfigurationItem[]

interface ParameterRule {
  accepts: (value: string) => boolean
  /** One value unless it says list. */
  list?: boolean
  required?: boolean
}

interface TypeRule {
  parameters: Record<string, ParameterRule>
  /** Only AWS's own services (here: Corral itself) may make such groups. */
  serviceOnly?: boolean
  /** Must come with an AWS::ResourceGroups::Generic item that holds these parameters. */
  generic?: Record<string, string>
}

/** The model's limit on the items of a configuration. */
const maxItems = 2
/** AWS publishes none for the values of a parameter. */
const maxValues = 50

const generic = 'AWS::ResourceGroups::Generic'
const applicationGroup = 'AWS::ResourceGroups::ApplicationGroup'
const firewallGroup = 'AWS::NetworkFirewall::RuleGroup'
const capacityPool = 'AWS::EC2::CapacityReservationPool'
const hostManagement = 'AWS::EC2::HostManagement'

const firewallMemberTypes = ['AWS::EC2::Instance', 'AWS::EC2::NetworkInterface']

const oneOf = (...values: string[]): ParameterRule => ({ accepts: (value) => values.includes(value) })
const flag = oneOf('true', 'false')
const nameAndArn: Record<string, ParameterRule> = {
  Name: { accepts: (value) => value !== '' && value.length <= 256, required: true },
  Arn: { accepts: (value) => parseArn(value) !== undefined, required: true },
}

// https://docs.aws.amazon.com/ARG/latest/userguide/about-slg-types.html; auto-host-recovery is in the License Manager
// console and in customers' templates, though not on that page.
const typeRules = new Map<string, TypeRule>([
  [
    generic,
    {
      parameters: {
        'allowed-resource-types': oneOf('AWS::EC2::Host', 'AWS::EC2::CapacityReservation'),
        'deletion-protection': oneOf('UNLESS_EMPTY'),
      },
    },
  ],
  [
    capacityPool,
    {
      parameters: {
        'instance-type': oneOf('trn2u.48xlarge', 'p6e-gb200.36xlarge'),
        'reservation-type': oneOf('capacity-block'),
      },
      generic: { 'allowed-resource-types': 'AWS::EC2::CapacityReservation' },
    },
  ],
  [
    hostManagement,
    {
      parameters: {
        'auto-allocate-host': flag,
        'auto-release-host': flag,
        'auto-host-recovery': flag,
        'any-host-based-license-configuration': flag,
        'allowed-host-families': { accepts: (value) => /^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(value), list: true },
        'allowed-host-based-license-configurations': { accepts: isLicenseConfiguration, list: true },
      },
      generic: { 'allowed-resource-types': 'AWS::EC2::Host', 'deletion-protection': 'UNLESS_EMPTY' },
    },
  ],
  [firewallGroup, { parameters: {} }],
  // Only AppRegistry may make these on AWS; a difference that Corral publishes.
  [applicationGroup, { parameters: {} }],
  ['AWS::AppRegistry::Application', { parameters: nameAndArn, serviceOnly: true }],
  ['AWS::AppRegistry::ApplicationResourceGroup', { parameters: {}, serviceOnly: true }],
  ['AWS::AppRegistry::ApplicationResourceGroups', { parameters: {}, serviceOnly: true }],
  ['AWS::CloudFormation::Stack', { parameters: nameAndArn, serviceOnly: true }],
])

/**
 * The configuration, copied, or what is wrong with it: `forbidden` calls for ForbiddenException, else
 * BadRequestException.
 */
export function validateConfiguration(
  items: readonly ConfigurationItem[],
  by: 'customer' | 'service',
): { configuration: GroupConfiguration } | { message: string; forbidden: boolean } {
  if (by === 'customer' && items.slice(0, maxItems).some((item) => typeRules.get(item.Type)?.serviceOnly)) {
    return { message: 'Access denied. This group is managed by AppRegistry.', forbidden: true }
  }
  const message = configurationProblem(items)
  return message === undefined ? { configuration: structuredClone(items) } : { message, forbidden: false }
}

/** What is wrong with having this query and this configuration (already valid, each) in one customer's group. */
export function combinationProblem(
  configuration: GroupConfiguration | undefined,
  query: ResourceQuery | undefined,
): string | undefined {
  if (configuration === undefined) return query === undefined ? nothingGiven : undefined
  if (!hasItem(configuration, firewallGroup)) {
    return query === undefined ? undefined : 'A group can contain either a Configuration or a ResourceQuery, not both'
  }
  const fits = query?.kind === 'tag' && query.types.length > 0 && query.types.every(isFirewallMember)
  if (fits) return undefined
  return refuse(`${firewallGroup} needs a tag-based query for ${firewallMemberTypes.join(' or ')}`)
}

/** The types that a group with this configuration may contain; empty where it sets no limit. */
export function allowedResourceTypes(configuration: GroupConfiguration): string[] {
  return [...(valuesOf(configuration, generic, 'allowed-resource-types') ?? [])]
}

/** True: the group can't be deleted while it has members. */
export function deletionProtection(configuration: GroupConfiguration): boolean {
  return valuesOf(configuration, generic, 'deletion-protection')?.includes('UNLESS_EMPTY') ?? false
}

export function isApplicationGroup(configuration: GroupConfiguration): boolean {
  return hasItem(configuration, applicationGroup)
}

/** True: no customer may change or delete the group. */
export function isServiceManaged(configuration: GroupConfiguration): boolean {
  return configuration.some((item) => typeRules.get(item.Type)?.serviceOnly)
}

/** True: AWS refuses every later change of this configuration (pools of UltraServer Capacity Blocks). */
export function isUnchangeable(configuration: GroupConfiguration): boolean {
  return valuesOf(configuration, capacityPool, 'reservation-type') !== undefined
}

/**
 * Whether GroupResources may put a resource of this type (canonical name) into the group. False for all types where
 * the members come from a query or from the service that manages the group.
 */
export function acceptsMember(configuration: GroupConfiguration, type: string): boolean {
  return isApplicationGroup(configuration) || allowedResourceTypes(configuration).includes(type)
}

/** Whether two configurations mean the same: order counts nowhere, and no parameters are an empty list of them. */
export function sameConfiguration(a: GroupConfiguration, b: GroupConfiguration): boolean {
  return normalized(a) === normalized(b)
}

const nothingGiven = 'One or more parameters are missing: resourceQuery, configuration'

const refuse = (reason: string) => `Configuration not valid: ${reason}`

function configurationProblem(items: readonly ConfigurationItem[]): string | undefined {
  if (items.length > maxItems) return refuse(`A configuration has at most ${maxItems} items`)
  for (const item of items) {
    const problem = itemProblem(item)
    if (problem !== undefined) return problem
  }
  const types = items.map((item) => item.Type)
  const [main, other] = types.filter((type) => type !== generic)
  // AWS takes Generic alone for no configuration at all.
  if (main === undefined) return nothingGiven
  if (main === other) return refuse(`${main} is given more than once`)
  if (other !== undefined) return refuse(`${main} and ${other} cannot be combined`)
  const needed = typeRules.get(main)?.generic
  if (needed === undefined) return types.includes(generic) ? refuse(`${main} cannot have other items`) : undefined
  if (!types.includes(generic)) return `One or more configuration are missing: ${generic}`
  for (const [name, value] of Object.entries(needed)) {
    if (valuesOf(items, generic, name)?.includes(value) !== true) {
      return refuse(`${main} needs the ${generic} parameter ${name} with the value ${value}`)
    }
  }
  if (main === hostManagement) return licenseProblem(items)
  const ultraServer = ['instance-type', 'reservation-type'].filter((name) => valuesOf(items, main, name) !== undefined)
  return ultraServer.length === 1 ? refuse('instance-type and reservation-type go together') : undefined
}

function itemProblem(item: ConfigurationItem): string | undefined {
  const rule = typeRules.get(item.Type)
  if (rule === undefined) {
    return `One or more group configuration items are not supported: ${item.Type.slice(0, 128)}`
  }
  const parameters = item.Parameters ?? []
  const seen = new Set<string>()
  for (const { Name, Values = [] } of parameters) {
    const parameter = Object.hasOwn(rule.parameters, Name) ? rule.parameters[Name] : undefined
    if (parameter === undefined) return refuse(`${item.Type} has no parameter ${Name.slice(0, 80)}`)
    // Ends the loop early, too: there are no more distinct names than rules.
    if (seen.has(Name)) return refuse(`The parameter ${Name} is given more than once`)
    seen.add(Name)
    const most = parameter.list === true ? maxValues : 1
    if (Values.length < 1 || Values.length > most) {
      return refuse(`The parameter ${Name} needs ${most === 1 ? 'one value' : `1 to ${most} values`}`)
    }
    const wrong = Values.find((value) => !parameter.accepts(value))
    if (wrong !== undefined) return refuse(`The parameter ${Name} cannot have the value ${wrong.slice(0, 256)}`)
    if (new Set(Values).size < Values.length) return refuse(`The parameter ${Name} repeats a value`)
  }
  const missing = Object.entries(rule.parameters).find(([name, { required }]) => required && !seen.has(name))
  return missing === undefined ? undefined : refuse(`${item.Type} needs the parameter ${missing[0]}`)
}

// AWS's page calls the two exclusive, yet scripts that work send the list together with `false`: what excludes the
// list is `true`.
function licenseProblem(items: readonly ConfigurationItem[]): string | undefined {
  const any = valuesOf(items, hostManagement, 'any-host-based-license-configuration')
  const list = valuesOf(items, hostManagement, 'allowed-host-based-license-configurations')
  if (any === undefined && list === undefined) {
    return refuse('Specify any-host-based-license-configuration or allowed-host-based-license-configurations')
  }
  if (list === undefined || any?.[0] !== 'true') return undefined
  return refuse('allowed-host-based-license-configurations excludes any-host-based-license-configuration')
}

function isLicenseConfiguration(value: string): boolean {
  const arn = parseArn(value)
  return arn?.service === 'license-manager' && /^license-configuration[:/]lic-[A-Za-z0-9]{1,64}$/.test(arn.resource)
}

function isFirewallMember(type: string): boolean {
  return firewallMemberTypes.includes(type)
}

function hasItem(configuration: GroupConfiguration, type: string): boolean {
  return configuration.some((item) => item.Type === type)
}

function valuesOf(configuration: GroupConfiguration, type: string, name: string): string[] | undefined {
  const item = configuration.find(({ Type }) => Type === type)
  return item?.Parameters?.find(({ Name }) => Name === name)?.Values
}

function normalized(configuration: GroupConfiguration): string {
  const items = configuration.map(({ Type, Parameters = [] }) => {
    const parameters = Parameters.map(({ Name, Values = [] }) => JSON.stringify([Name, ...Values.toSorted()]))
    return JSON.stringify([Type, ...parameters.sort()])
  })
  return JSON.stringify(items.sort())
}
