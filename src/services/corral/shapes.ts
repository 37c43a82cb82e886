// Shapes of the service. Limits on single records are not here but in rules/read-record.ts: what is wrong with one
// record is said of that record, and the others of its batch are taken.
import { boolean, integer, list, long, map, required, string, structure } from '../../model/shape.ts'

/** Key → value. Absent: nothing is said of tags. Empty: there are none. */
export const tagMap = map(string({ sensitive: true }), string({ sensitive: true }))

export const stackMembership = structure('StackMembership', {
  /** Stack ARN, or the bare name of a stack in the Region. */
  StackId: required(string()),
  LogicalId: required(string()),
})

export const importedResource = structure('ImportedResource', {
  /** Absent only for declared ones. */
  ResourceArn: string(),
  /** Any spelling of the type; what the ARN shows unless given. */
  ResourceType: string(),
  /** Where the ARN has none. */
  Region: string(),
  Tags: tagMap,
  PhysicalId: string(),
  Stack: stackMembership,
  /** It is to be, and nothing says yet that it is. */
  Declared: boolean,
})

export const importedStack = structure('ImportedStack', {
  /** Stack ARN, or the bare name. */
  StackId: required(string()),
  StackName: required(string()),
  StackStatus: required(string()),
  Region: string(),
  Tags: tagMap,
})

export const maxRecords = 1000

export const importCounts = structure('ImportCounts', {
  Created: required(integer()),
  Updated: required(integer()),
  Unchanged: required(integer()),
  /** Newly known as declared. */
  Declared: required(integer()),
  /** Declared ones that turned out to exist. */
  Confirmed: required(integer()),
  /** Records of a resource that a later record of the same call speaks of, too. */
  Repeated: required(integer()),
  Rejected: required(integer()),
  /** No source knows them any more. */
  Gone: required(integer()),
})

export const rejection = structure('Rejection', {
  /** Place in the call's Stacks followed by its Resources. */
  Index: required(integer()),
  Code: required(string()),
  Message: required(string()),
})

export const resourceIds = list(long())

export const exportedResource = structure('ExportedResource', {
  ...importedResource.members,
  ResourceType: required(string()),
  Region: required(string()),
  Tags: required(tagMap),
  /** Set for stacks: import them as such. */
  StackName: string(),
  StackStatus: string(),
  /** Who says that it is there: import sources, and `aws-config` for AWS Config's intake. */
  Sources: required(list(string())),
})
