// The oracle of the query engine: every resource in a Map, every question answered by looking at each of them. As slow
// and as obvious as can be; shares no code with what it judges, types aside.
import type { Expression } from '../../src/inventory/expression.ts'
import type { Entry, TermKind } from '../../src/inventory/terms.ts'

export class NaiveInventory {
  readonly resources = new Map<number, readonly Entry[]>()

  entriesOf(id: number): readonly Entry[] {
    return this.resources.get(id) ?? []
  }

  put(id: number, entries: readonly Entry[]): void {
    if (entries.length === 0) this.resources.delete(id)
    else this.resources.set(id, entries)
  }

  isMatch(id: number, expression: Expression): boolean {
    const entries = this.entriesOf(id)
    const live = entries.some((entry) => entry.kind === 4)
    if ('and' in expression) {
      let every = expression.and.length > 0 || live
      for (const child of expression.and) every = this.isMatch(id, child) && every
      return every
    }
    if ('or' in expression) {
      let some = false
      for (const child of expression.or) some = this.isMatch(id, child) || some
      return some
    }
    if ('not' in expression) return live && !this.isMatch(id, expression.not)
    if ('has' in expression)
      return entries.some((entry) => entry.kind === expression.has.kind && entry.key === expression.has.key)
    return entries.some(
      (entry) => entry.kind === 1 && entry.key === expression.is.key && entry.value === expression.is.value,
    )
  }

  /** All matching ids of the scopes, ascending. */
  query(sids: readonly number[], expression: Expression): number[] {
    return [...this.resources.keys()]
      .filter((id) => sids.includes(Math.floor(id / 2 ** 32)) && this.isMatch(id, expression))
      .sort((one, other) => one - other)
  }

  /** How many resources of the scope have each key of the kind. */
  keys(sid: number, kind: TermKind): Map<string, number> {
    return this.tally(sid, (entry) => (entry.kind === kind ? entry.key : undefined))
  }

  values(sid: number, key: string): Map<string, number> {
    return this.tally(sid, (entry) => (entry.kind === 1 && entry.key === key ? entry.value : undefined))
  }

  private tally(sid: number, textOf: (entry: Entry) => string | undefined): Map<string, number> {
    const counts = new Map<string, number>()
    for (const [id, entries] of this.resources) {
      if (Math.floor(id / 2 ** 32) !== sid) continue
      for (const text of new Set(entries.map(textOf)))
        if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1)
    }
    return counts
  }
}
