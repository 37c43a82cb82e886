// Ids of rows that are no resources: consecutive, and never reused however many rows are deleted.
import type { WriteRun } from '../../storage/database.ts'

const nextSql = `insert into counter (name, next) values (?, 2)
  on conflict (name) do update set next = counter.next + 1 returning next`

export async function newRowId(run: WriteRun, table: 'task' | 'tag_sync_task'): Promise<number> {
  const row = await run.get<{ next: number }>(nextSql, table)
  if (!row) throw new Error(`the counter of ${table} gave no number`)
  return row.next - 1
}
