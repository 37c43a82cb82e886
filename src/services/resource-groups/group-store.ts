// Groups: what a group is, beyond being a resource. Each is a row of `resource` (its ARN and tags, so that groups can be
// members of groups) and a row here under the same id. Ids are never reused, names may be: a deleted group's row stays
// as a tombstone with its last state.
import type { ChangeRun } from '../../changes/change-log.ts'
import {
  type MayChangeTags,
  readResource,
  type Resource,
  type Tags,
  writeResources,
} from '../../inventory/resources.ts'
import type { Scope } from '../../inventory/scope.ts'
import type { InventoryIndex } from '../../inventory/terms.ts'
import type { Run } from '../../storage/database.ts'
import type { GroupConfiguration } from './rules/configuration.ts'

export const groupType = 'AWS::ResourceGroups::Group'

/** A resource query as the customer sent it. */
export interface QueryText {
  Type: 'TAG_FILTERS_1_0' | 'CLOUDFORMATION_STACK_1_0'
  Query: string
}

/** Kept as one content blob. */
export interface GroupContent {
  name: string
  arn: string
  /** Tells a group from earlier ones of the same name. */
  uniqueId: string
  description?: string
  criticality?: number
  owner?: string
  displayName?: string
  query?: QueryText
  configuration?: GroupConfiguration
  /** The configuration that is being put in place. */
  proposedConfiguration?: GroupConfiguration
  /** Of application groups: the last part of the ARN. */
  applicationId?: string
}

export interface Group extends GroupContent {
  id: number
  sid: number
  version: number
}

/** A group and itself as a resource, which has its tags. */
export interface GroupWithTags {
  group: Group
  resource: Resource
}

interface GroupRow {
  id: number
  sid: number
  version: number
  content: Uint8Array
  key_id: number
}

const findSql = `
select g.id as group_id, g.sid, g.version as group_version, g.content as group_content, g.key_id as group_key_id,
  r.id, r.account, r.state, r.version, r.generation, r.content, r.key_id, r.first_seen_ms, r.last_seen_ms, r.gone_ms
from resource_group g join resource r on r.id = g.id
where g.sid = ? and g.name_lookup = ? and g.generation = 0`

type FoundRow = Parameters<typeof readResource>[1] & {
  group_id: number
  sid: number
  group_version: number
  group_content: Uint8Array
  group_key_id: number
}

/** The group that has this name now, with its tags. */
export async function findGroup(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  name: string,
): Promise<GroupWithTags | undefined> {
  if (!run.isCurrent) return readGroupByName(run, index, scope, name)
  const cached = index.entities.find(`group/${scope.sid}/${name}`) as GroupWithTags | undefined
  if (cached) return cached
  const found = await readGroupByName(run, index, scope, name)
  if (found) index.entities.put(`group/${scope.sid}/${name}`, found.group.id, found)
  return found
}

async function readGroupByName(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  name: string,
): Promise<GroupWithTags | undefined> {
  const row = await run.get<FoundRow>(findSql, scope.sid, index.codec.lookup(scope.account, name))
  if (!row) return undefined
  const group = readGroup(index, scope.account, {
    id: row.group_id,
    sid: row.sid,
    version: row.group_version,
    content: row.group_content,
    key_id: row.group_key_id,
  })
  return { group, resource: readResource(index, row) }
}

const pageSql =
  'select id, sid, version, content, key_id from resource_group where sid = ? and generation = 0 and id > ? order by id limit ?'

/** Groups of a scope in order of id. */
export async function pageGroups(
  run: Run,
  index: InventoryIndex,
  scope: Scope,
  afterId: number,
  limit: number,
): Promise<Group[]> {
  const rows = await run.all<GroupRow>(pageSql, scope.sid, afterId, limit)
  return rows.map((row) => readGroup(index, scope.account, row))
}

export async function findGroupById(
  run: Run,
  index: InventoryIndex,
  account: string,
  id: number,
): Promise<Group | undefined> {
  const row = await run.get<GroupRow>(
    'select id, sid, version, content, key_id from resource_group where id = ? and generation = 0',
    id,
  )
  return row && readGroup(index, account, row)
}

export async function countGroups(run: Run, scope: Scope): Promise<number> {
  const row = await run.get<{ n: number }>(
    'select count(*) as n from resource_group where sid = ? and generation = 0',
    scope.sid,
  )
  return row?.n ?? 0
}

/** The caller has made sure that the name is free. A sentence if the caller may not set the tags. */
export async function createGroup(
  run: ChangeRun,
  index: InventoryIndex,
  scope: Scope,
  content: GroupContent,
  tags: Tags,
  mayChangeTags: MayChangeTags,
): Promise<GroupWithTags | { denied: string }> {
  const after = { arn: content.arn, type: groupType, tags, everTagged: false, state: 'live' as const }
  const [outcome] = await writeResources(run, index, [{ scope, before: undefined, after }], mayChangeTags)
  if (!outcome || 'denied' in outcome) return { denied: outcome?.denied ?? '' }
  if ('unchanged' in outcome) throw new Error('a new group was there before')
  const group: Group = { ...content, id: outcome.written.id, sid: scope.sid, version: 1 }
  const { bytes, keyId } = index.codec.seal(scope.account, groupText(group))
  await run.run(
    'insert into resource_group (id, sid, name_lookup, generation, version, content, key_id) values (?, ?, ?, 0, 1, ?, ?)',
    group.id,
    scope.sid,
    index.codec.lookup(scope.account, content.name),
    bytes,
    keyId,
  )
  run.record({ kind: 'group', objectId: group.id, version: 1, before: null, after: groupText(group) })
  return { group, resource: outcome.written }
}

/** The group as it is after the change; the same one if nothing changed. */
export async function updateGroup(
  run: ChangeRun,
  index: InventoryIndex,
  account: string,
  group: Group,
  change: Partial<Omit<GroupContent, 'name' | 'arn' | 'uniqueId'>>,
): Promise<Group> {
  const before = groupText(group)
  const next: Group = { ...group, ...change, version: group.version + 1 }
  const after = groupText(next)
  if (after === before) return group
  const { bytes, keyId } = index.codec.seal(account, after)
  await run.run(
    'update resource_group set version = ?, content = ?, key_id = ? where id = ?',
    next.version,
    bytes,
    keyId,
    group.id,
  )
  run.afterCommit(() => index.entities.forget(group.id))
  run.record({ kind: 'group', objectId: group.id, version: next.version, before, after })
  return next
}

/** Leaves a tombstone, and the name free. */
export async function deleteGroup(
  run: ChangeRun,
  index: InventoryIndex,
  scope: Scope,
  { group, resource }: GroupWithTags,
): Promise<void> {
  await run.run(
    'update resource_group set generation = ?, version = ? where id = ?',
    group.id,
    group.version + 1,
    group.id,
  )
  run.afterCommit(() => index.entities.forget(group.id))
  run.record({
    kind: 'group',
    objectId: group.id,
    version: group.version + 1,
    before: groupText(group),
    after: null,
  })
  // Going away changes no tag, so there is nobody to ask.
  const gone = { ...resource, state: 'gone' as const }
  await writeResources(run, index, [{ scope, before: resource, after: gone, retire: true }], () => undefined)
}

function readGroup(index: InventoryIndex, account: string, row: GroupRow): Group {
  const content = JSON.parse(index.codec.open(account, { bytes: row.content, keyId: row.key_id })) as GroupContent
  return { ...content, id: row.id, sid: row.sid, version: row.version }
}

/** Content members alone, in one order: equal states are equal texts. */
function groupText(group: GroupContent): string {
  const { name, arn, uniqueId, description, criticality, owner, displayName, query } = group
  const { configuration, proposedConfiguration, applicationId } = group
  return JSON.stringify({
    name,
    arn,
    uniqueId,
    description,
    criticality,
    owner,
    displayName,
    query,
    configuration,
    proposedConfiguration,
    applicationId,
  })
}
