// Repeatable chance: the same seed and case number give the same draws on every machine, so that a failing case can be
// named in one line and run alone. Not for secrets.

export interface Random {
  /** A whole number from 0 to limit - 1. */
  below(limit: number): number
  /** From low to high, both included. */
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly [T, ...T[]]): T
  /** A member, or undefined of an empty list. */
  member<T>(list: readonly T[]): T | undefined
  /** The same members in another order. */
  shuffled<T>(list: readonly T[]): T[]
}

function mix(value: number): number {
  let bits = value >>> 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad)
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97)
  return (bits ^ (bits >>> 15)) >>> 0
}

/** Each case has a stream of its own, so that ranges of cases can run apart and in any order. */
export function randomFrom(seed: number, caseNumber: number): Random {
  let state = mix(mix(seed) + caseNumber)
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0
    return mix(state)
  }
  const below = (limit: number) => next() % limit
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => next() < probability * 0x1_0000_0000,
    pick: (list) => list[below(list.length)] ?? list[0],
    member: (list) => (list.length === 0 ? undefined : list[below(list.length)]),
    shuffled: (list) => {
      const rest = [...list]
      const order: typeof rest = []
      while (rest.length > 0) order.push(...rest.splice(below(rest.length), 1))
      return order
    },
  }
}
