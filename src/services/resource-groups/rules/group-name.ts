// Names, ids and ARNs of groups and of tag-sync tasks: making them, and reading a caller's reference to one.
// Does not know which groups exist; whether an ARN's account and Region are the caller's is the caller's to check.

/** Where a group is. */
export interface GroupPlace {
  partition: string
  region: string
  account: string
}

export interface GroupReference {
  /** Without the application id. */
  name: string
  /** Only of application groups. */
  applicationId?: string
  /** Only if the reference was an ARN. */
  place?: GroupPlace
}

export interface TagSyncTaskReference {
  place: GroupPlace
  name: string
  applicationId: string
  taskId: string
}

/** The resource-groups model's limit on a group's name or ARN, in characters. */
const maxReferenceLength = 1600
const maxNameLength = 300
/** Leaves room for the id: the models give an application's name half. */
const maxApplicationNameLength = 150

// The patterns of GroupString and TagSyncTaskArn in the resource-groups model, with names for the parts.
const place =
  'arn:(?<partition>aws(?:-[a-z]+)*):resource-groups:(?<region>[a-z]{2}(?:-[a-z]+)+-[0-9]):(?<account>[0-9]{12})'
const application = '(?<applicationName>[a-zA-Z0-9_.-]{1,150})/(?<applicationId>[a-z0-9]{26})'
const group = `(?:(?<name>[a-zA-Z0-9_.-]{1,300})|${application})`
const groupReference = new RegExp(`^(?:${place}:group/)?${group}$`)
const taskArn = new RegExp(`^${place}:group/${application}/tag-sync-task/(?<taskId>[a-z0-9]{26})$`)

/** Why a customer can't give a new group this name (BadRequestException); undefined if it is free to be used. */
export function groupNameProblem(name: string, kind: 'group' | 'application'): string | undefined {
  const most = kind === 'application' ? maxApplicationNameLength : maxNameLength
  if (name.length > most) return constraintProblem(name, `Member must have length less than or equal to ${most}`)
  if (!/^[a-zA-Z0-9_.-]+$/.test(name)) {
    return constraintProblem(name, 'Member must satisfy regular expression pattern: [a-zA-Z0-9_\\.-]+')
  }
  return /^aws/i.test(name) ? "Group name must not start with 'AWS'" : undefined
}

/**
 * An id for an application group or a tag-sync task, in the form AWS's have: 128 bits in base 36, filled up with zeros
 * to 26 characters.
 * @param random 16 bytes
 */
export function groupId(random: Uint8Array): string {
  if (random.length !== 16) throw new RangeError(`a group id takes 16 random bytes, not ${random.length}`)
  return BigInt(`0x${Buffer.from(random).toString('hex')}`)
    .toString(36)
    .padStart(26, '0')
}

export function groupArn(where: GroupPlace, name: string): string {
  return `arn:${where.partition}:resource-groups:${where.region}:${where.account}:group/${name}`
}

export function applicationGroupArn(where: GroupPlace, name: string, applicationId: string): string {
  return groupArn(where, `${name}/${applicationId}`)
}

export function tagSyncTaskArn(task: TagSyncTaskReference): string {
  return `${applicationGroupArn(task.place, task.name, task.applicationId)}/tag-sync-task/${task.taskId}`
}

/** Reads `NAME`, `NAME/ID` or the ARN of either; undefined if the text is none of them. */
export function parseGroupReference(text: string): GroupReference | undefined {
  const parts = match(groupReference, text)
  if (parts === undefined) return undefined
  const { name = parts['applicationName'], applicationId } = parts
  if (name === undefined) return undefined
  const where = placeOf(parts)
  return { name, ...(applicationId !== undefined && { applicationId }), ...(where !== undefined && { place: where }) }
}

/** Reads the ARN of a tag-sync task; undefined if the text is none. */
export function parseTagSyncTaskArn(text: string): TagSyncTaskReference | undefined {
  const parts = match(taskArn, text)
  const where = parts && placeOf(parts)
  const { applicationName: name, applicationId, taskId } = parts ?? {}
  if (where === undefined || name === undefined || applicationId === undefined || taskId === undefined) return undefined
  return { place: where, name, applicationId, taskId }
}

function match(pattern: RegExp, text: string): Partial<Record<string, string>> | undefined {
  return text.length > maxReferenceLength ? undefined : pattern.exec(text)?.groups
}

function placeOf({ partition, region, account }: Partial<Record<string, string>>): GroupPlace | undefined {
  if (partition === undefined || region === undefined || account === undefined) return undefined
  return { partition, region, account }
}

function constraintProblem(name: string, constraint: string): string {
  const value = name.slice(0, maxNameLength)
  return `1 validation error detected: Value '${value}' at 'name' failed to satisfy constraint: ${constraint}`
}
