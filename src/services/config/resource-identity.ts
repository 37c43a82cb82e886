// Between a resource's type and id, as Config names it, and its ARN, as everything else does. An id may be the ARN.
// What one operation answers as an id, every other takes for the same resource.
import { arnFor, canonicalTypeName, resourceType } from '../../catalogue/catalogue.ts'
import type { Assertion, Resource, ResourceContent } from '../../inventory/resources.ts'
import { type Arn, parseArn } from '../../model/arn.ts'
import type { Caller } from '../../model/caller.ts'

/** This service among the sources that say that a resource exists. */
export const sourceName = 'aws-config'

/** What this service remembers of a resource besides what all sources say. */
export interface ConfigAssertion extends Assertion {
  name?: string
}

export interface NamedResource {
  type: string
  arn: Arn
  arnText: string
}

/** A problem is a sentence for the caller. */
export function namedResource(type: string, id: string, caller: Caller): NamedResource | { problem: string } {
  const canonical = canonicalTypeName(type)
  if (canonical === undefined) return { problem: `${type} is not the name of a resource type.` }
  const text = arnFor(canonical, id, caller)
  const arn = text === undefined ? undefined : parseArn(text)
  if (text === undefined || !arn)
    return { problem: `No ARN follows from the resource type ${canonical} and the given id; use the ARN as the id.` }
  if (!mayBeOf(canonical, arn)) return { problem: `The given ARN is not one of a resource of type ${canonical}.` }
  return { type: canonical, arn, arnText: text }
}

// No closer: types share shapes, and AWS has more shapes than anyone lists.
function mayBeOf(type: string, { service }: Arn): boolean {
  const known = resourceType(type)
  return !known || known.arnTemplates.length === 0 || known.arnTemplates.some((text) => text.split(':')[2] === service)
}

/** The ones of these ids that can be of the type; ids without an ARN name nothing. */
export const arnsOf = (type: string, ids: readonly string[], caller: Caller): string[] => [
  ...new Set(ids.flatMap((id) => arnFor(type, id, caller) ?? [])),
]

/** The id it was given, or the end of its ARN; the ARN where the caller could not get back to the resource from those. */
export function resourceIdOf(resource: Pick<ResourceContent, 'arn' | 'type' | 'physicalId'>, caller: Caller): string {
  const { arn, type, physicalId } = resource
  const end = arn.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1)
  const leadsBack = (id: string | undefined): id is string => id !== undefined && arnFor(type, id, caller) === arn
  return [physicalId, end].find(leadsBack) ?? arn
}

export function nameOf({ sources }: Resource): string | undefined {
  const said: ConfigAssertion | undefined = sources?.[sourceName]
  return said?.name
}

/** Corral's own objects, which only the operations that made them may change. */
export const isOwnObject = (arn: Arn, type: string): boolean =>
  arn.service === 'resource-groups' || type === 'AWS::ResourceGroups::Group'
