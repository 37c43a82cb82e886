// What a run has not seen of its source's resources is known to that source no more; what no source is left to know is
// gone. A source that only declares does not keep a resource, and AWS Config's intake keeps what it was given.
import type { ChangeRun } from '../../changes/change-log.ts'
import {
  findAssertions,
  noteDropped,
  removeAssertion,
  removeAssertions,
  type SourceAssertion,
  type SweepPosition,
  unseenPage,
} from '../../inventory/import-sources.ts'
import { findByIds, type Resource, scopeOf, writeResources } from '../../inventory/resources.ts'
import { type Scope, sidOf } from '../../inventory/scope.ts'
import { removeStack, stackType } from '../../inventory/stacks.ts'
import type { InventoryIndex } from '../../inventory/terms.ts'
import type { Run } from '../../storage/database.ts'

/** So that a call stays short for those who wait behind it. */
const maxRows = 200
const maxPages = 4

export interface Sweep {
  index: InventoryIndex
  account: string
  scopes: readonly Scope[]
  source: { id: number; name: string }
  from: SweepPosition
}

interface SweepPage {
  resources: Resource[]
  /** Which of them no other source keeps. */
  gone: Set<number>
  next?: SweepPosition
}

/** Takes the source away from some of what its run has not seen. `next` is absent once that is done. */
export async function sweepUnseen(run: ChangeRun, sweep: Sweep): Promise<{ gone: number; next?: SweepPosition }> {
  const { index, scopes, source } = sweep
  const { resources, gone, next } = await readPages(run, sweep, false)
  const lost = resources.filter(({ id }) => gone.has(id))
  await writeResources(
    run,
    index,
    lost.map((before) => ({ scope: scopeOf(scopes, before), before, after: { ...before, state: 'gone' } })),
    () => undefined,
  )
  for (const { id, type } of resources) {
    if (!gone.has(id)) await removeAssertion(run, id, source.id)
    else {
      await removeAssertions(run, id)
      if (type === stackType)
        for (const scope of scopes) if (scopeHas(scope, id)) await removeStack(run, index, scope, id)
    }
  }
  for (const scope of scopes) {
    const ids = resources.filter(({ id }) => scopeHas(scope, id)).map(({ id }) => id)
    if (ids.length > 0) await noteDropped(run, index, scope, source.name, ids)
  }
  return { gone: gone.size, ...(next && { next }) }
}

/** What would be gone if a run saw nothing; nothing is changed. */
export async function findSoleHeld(run: Run, sweep: Sweep): Promise<{ ids: number[]; next?: SweepPosition }> {
  const { gone, next } = await readPages(run, sweep, true)
  return { ids: [...gone], ...(next && { next }) }
}

const scopeHas = (scope: Scope, id: number): boolean => sidOf(id) === scope.sid

async function readPages(run: Run, sweep: Sweep, everything: boolean): Promise<SweepPage> {
  const { index, account, scopes, source } = sweep
  const resources: Resource[] = []
  const gone = new Set<number>()
  let next: SweepPosition | undefined = sweep.from
  for (let page = 0; next && page < maxPages && resources.length < maxRows; page++) {
    const limit = maxRows - resources.length
    const found = await unseenPage(run, index, { scopes, source: source.name, from: next, limit, everything })
    const assertions = await findAssertions(run, index, account, found.ids)
    for (const resource of await findByIds(run, index, found.ids)) {
      resources.push(resource)
      if (isLost(resource, assertions.get(resource.id), source.id)) gone.add(resource.id)
    }
    next = found.next
  }
  return { resources, gone, ...(next && { next }) }
}

function isLost(
  resource: Resource,
  assertions: ReadonlyMap<number, SourceAssertion> | undefined,
  sourceId: number,
): boolean {
  // A list may still name a source that was forgotten when the resource was gone for a while.
  if (!assertions?.has(sourceId) || Object.keys(resource.sources ?? {}).length > 0) return false
  const others = [...assertions].filter(([id]) => id !== sourceId)
  return others.every(([, { declared }]) => resource.state === 'live' && declared === true)
}
