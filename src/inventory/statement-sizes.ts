// Statements over many values come in a few fixed sizes, so that they are prepared once: a read is padded to the next
// size by repeating its last values, a multi-row write is cut into sizes exactly.

const sizes = [64, 8, 1] as const
export type Size = (typeof sizes)[number]

/** The statement's text in each size; `row` stands where the values go, e.g. `?` or `(?, ?)`. */
export const inSizes = (row: string, text: (rows: string) => string): Record<Size, string> =>
  sized((size) => text(Array.from({ length: size }, () => row).join(', ')))

/**
 * One statement of many equal selects. Where an IN list would do, SQLite may think it cheaper to read all rows of the
 * columns before it; a select of its own for each value leaves it no choice.
 */
export const unionInSizes = (select: (place: number) => string): Record<Size, string> =>
  sized((size) => Array.from({ length: size }, (_, place) => select(place)).join(' union all '))

const sized = (text: (size: Size) => string): Record<Size, string> => ({ 64: text(64), 8: text(8), 1: text(1) })

export const largestSize: Size = 64

/** The smallest size that holds so many values, at most `largestSize`. */
export const paddedSize = (count: number): Size => (count <= 1 ? 1 : count <= 8 ? 8 : 64)

/** Lengthens a list that is not empty to so many values by repeating its last `columns`. */
export function padTo<T>(values: T[], length: number, columns = 1): T[] {
  while (values.length < length) values.push(values[values.length - columns] as T)
  return values
}

/** The largest size that so many rows fill, for a multi-row write. */
export const filledSize = (count: number): Size => (count >= 64 ? 64 : count >= 8 ? 8 : 1)
