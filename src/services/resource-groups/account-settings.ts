// Whether an account wants group lifecycle events in a Region. Kept and told as AWS tells it, by a setting that is on its
// way until a task has put it in place; sending the events is not this file's business.
import type { ChangeRun } from '../../changes/change-log.ts'
import type { ContentCodec } from '../../crypto/content-codec.ts'
import type { Scope } from '../../inventory/scope.ts'
import type { Run } from '../../storage/database.ts'
import type { ResourceGroupsPorts } from './ports.ts'
import { servicePrincipal, type TaskParts } from './task-parts.ts'
import { enqueueTask, finishTask, type Task } from './task-queue.ts'

export interface AccountSettings {
  desired: 'ACTIVE' | 'INACTIVE'
  status: 'ACTIVE' | 'INACTIVE' | 'IN_PROGRESS'
}

interface StoredSettings extends AccountSettings {
  sid: number
  version: number
}

const unset: AccountSettings = { desired: 'INACTIVE', status: 'INACTIVE' }

export function settingsAnswer({ desired, status }: AccountSettings) {
  return { GroupLifecycleEventsDesiredStatus: desired, GroupLifecycleEventsStatus: status }
}

/** Those that hold where nothing was ever set: INACTIVE. */
export async function readSettings(
  run: Run,
  codec: ContentCodec,
  account: string,
  sid: number | undefined,
): Promise<StoredSettings> {
  const row =
    sid === undefined
      ? undefined
      : await run.get<{ version: number; content: Uint8Array; key_id: number }>(
          'select version, content, key_id from account_setting where sid = ?',
          sid,
        )
  if (!row) return { ...unset, sid: sid ?? 0, version: 0 }
  const content = JSON.parse(codec.open(account, { bytes: row.content, keyId: row.key_id })) as AccountSettings
  return { ...content, sid: sid ?? 0, version: row.version }
}

/** Turning off is done at once, turning on by a task. */
export async function changeSettings(
  run: ChangeRun,
  ports: ResourceGroupsPorts,
  scope: Scope,
  desired: AccountSettings['desired'],
): Promise<AccountSettings> {
  const { codec } = ports.index
  const before = await readSettings(run, codec, scope.account, scope.sid)
  if (before.desired === desired) return before
  if (desired === 'INACTIVE') return writeSettings(run, codec, before, { desired, status: 'INACTIVE' })
  const after = await writeSettings(run, codec, before, { desired, status: 'IN_PROGRESS' })
  const task = { account: scope.account, kind: 'account-settings' as const, objectId: scope.sid, content: {} }
  await enqueueTask(run, codec, task)
  ports.wakeTasks()
  return after
}

export async function stepAccountSettings({ index, perform }: TaskParts, task: Task): Promise<void> {
  const { account, objectId: sid } = task
  const act = { account, principal: servicePrincipal, action: 'resource-groups:ApplyAccountSettings' }
  await perform(act, async (run) => {
    await finishTask(run, task)
    const before = await readSettings(run, index.codec, account, sid)
    if (before.status !== 'IN_PROGRESS') return { value: undefined, resources: [] }
    await writeSettings(run, index.codec, before, { desired: 'ACTIVE', status: 'ACTIVE' })
    return { value: undefined, resources: ['*'] }
  })
}

const putSql = `insert into account_setting (sid, version, content, key_id) values (?, ?, ?, ?)
  on conflict (sid) do update set version = excluded.version, content = excluded.content, key_id = excluded.key_id`

async function writeSettings(
  run: ChangeRun,
  codec: ContentCodec,
  before: StoredSettings,
  after: AccountSettings,
): Promise<AccountSettings> {
  const text = settingsText(after)
  const version = before.version + 1
  const { bytes, keyId } = codec.seal(run.origin.account, text)
  await run.run(putSql, before.sid, version, bytes, keyId)
  run.record({
    kind: 'account-settings',
    objectId: before.sid,
    version,
    before: before.version === 0 ? null : settingsText(before),
    after: text,
  })
  return after
}

const settingsText = ({ desired, status }: AccountSettings) => JSON.stringify({ desired, status })
