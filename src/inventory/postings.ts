// A posting: which of one chunk's resources a list holds, as bytes. Few are kept as sorted 16-bit offsets, many as a
// bitmap; a bitmap stays one when it thins out, so that an entry that comes and goes does not rewrite the form each
// time. Pure bytes and words: knows no database, and nothing of what the lists mean.

/** A chunk is 2^chunkBits consecutive resource ids of a scope. */
export interface PostingFormat {
  chunkBits: number
  chunkSize: number
  /** Of an accumulator: one chunk, one bit per resource. */
  words: number
  bitmapBytes: number
  /** One more makes it a bitmap. Below half the bitmap's bytes, so that its length tells the form. */
  maxListed: number
}

/** Offsets are 16 bits wide, so a chunk can be no larger. */
const maxChunkBits = 16

export function postingFormat(chunkBits: number): PostingFormat {
  if (!Number.isInteger(chunkBits) || chunkBits < 4 || chunkBits > maxChunkBits)
    throw new RangeError(`chunkBits must be from 4 to ${maxChunkBits}`)
  const chunkSize = 2 ** chunkBits
  const words = Math.max(1, chunkSize / 32)
  return { chunkBits, chunkSize, words, bitmapBytes: words * 4, maxListed: words * 2 - 1 }
}

export interface PostingResult {
  /** Undefined when the list has become empty: it is then to be deleted. */
  bits: Uint8Array | undefined
  /** How many resources it holds more than before. */
  delta: number
  /** False when every operation found its resource as it wanted it. */
  changed: boolean
}

/** One resource enters or leaves a list: `rid * 2 + 1` enters, `rid * 2` leaves. */
export type Operation = number

const scratch = new Uint16Array(2 ** maxChunkBits / 16)

/**
 * Applies `operations[from..to)`, all of one chunk, in their order. May write into `bits` and return it, so the caller
 * gives up its array.
 */
export function applyOperations(
  format: PostingFormat,
  bits: Uint8Array | undefined,
  operations: readonly Operation[],
  from: number,
  to: number,
): PostingResult {
  if (bits && bits.length === format.bitmapBytes) return applyToBitmap(format, bits, operations, from, to, 0)
  const mask = format.chunkSize - 1
  let count = 0
  if (bits) {
    const listed = offsetsOf(bits)
    scratch.set(listed)
    count = listed.length
  }
  const before = count
  let changed = false
  for (let index = from; index < to; index++) {
    const operation = operations[index] as number
    const offset = Math.floor(operation / 2) & mask
    const enters = operation % 2 === 1
    const at = count > 0 && offset > (scratch[count - 1] as number) ? count : lowerBound(count, offset)
    const present = at < count && scratch[at] === offset
    if (enters === present) continue
    if (enters && count === format.maxListed) {
      const bitmap = new Uint8Array(format.bitmapBytes)
      for (let listed = 0; listed < count; listed++) setBit(bitmap, scratch[listed] as number)
      return applyToBitmap(format, bitmap, operations, index, to, count - before)
    }
    changed = true
    if (enters) {
      scratch.copyWithin(at + 1, at, count)
      scratch[at] = offset
      count++
    } else {
      scratch.copyWithin(at, at + 1, count)
      count--
    }
  }
  const delta = count - before
  if (!changed) return { bits, delta, changed }
  if (count === 0) return { bits: undefined, delta, changed }
  return { bits: new Uint8Array(scratch.slice(0, count).buffer), delta, changed }
}

function applyToBitmap(
  format: PostingFormat,
  bits: Uint8Array,
  operations: readonly Operation[],
  from: number,
  to: number,
  deltaBefore: number,
): PostingResult {
  const mask = format.chunkSize - 1
  let delta = 0
  let changed = deltaBefore !== 0
  for (let index = from; index < to; index++) {
    const operation = operations[index] as number
    const offset = Math.floor(operation / 2) & mask
    const enters = operation % 2 === 1
    const present = ((bits[offset >> 3] as number) & (1 << (offset & 7))) !== 0
    if (enters === present) continue
    changed = true
    bits[offset >> 3] = (bits[offset >> 3] as number) ^ (1 << (offset & 7))
    delta += enters ? 1 : -1
  }
  // Only a list that lost something can have become empty, so the usual write need not look.
  const empty = delta < 0 && !wordsOf(bits).some((word) => word !== 0)
  return { bits: empty ? undefined : bits, delta: delta + deltaBefore, changed }
}

const setBit = (bitmap: Uint8Array, offset: number): void => {
  bitmap[offset >> 3] = (bitmap[offset >> 3] as number) | (1 << (offset & 7))
}

/** The first place in the sorted scratch list whose offset is not below `offset`. */
function lowerBound(count: number, offset: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if ((scratch[middle] as number) < offset) low = middle + 1
    else high = middle
  }
  return low
}

// A driver may hand out a view into a larger buffer at an odd place; typed arrays of wider elements need even ones.
const aligned = (bits: Uint8Array, width: number): Uint8Array =>
  bits.byteOffset % width === 0 ? bits : new Uint8Array(bits)

function offsetsOf(bits: Uint8Array): Uint16Array {
  const { buffer, byteOffset, byteLength } = aligned(bits, 2)
  return new Uint16Array(buffer, byteOffset, byteLength / 2)
}

function wordsOf(bits: Uint8Array): Uint32Array {
  const { buffer, byteOffset, byteLength } = aligned(bits, 4)
  return new Uint32Array(buffer, byteOffset, byteLength / 4)
}

/** Adds a posting to the accumulator that begins at word `base`. */
export function orPosting(format: PostingFormat, accumulators: Uint32Array, base: number, bits: Uint8Array): void {
  if (bits.length === format.bitmapBytes) {
    const words = wordsOf(bits)
    for (let word = 0; word < words.length; word++)
      accumulators[base + word] = (accumulators[base + word] as number) | (words[word] as number)
    return
  }
  const offsets = offsetsOf(bits)
  for (let index = 0; index < offsets.length; index++) {
    const offset = offsets[index] as number
    accumulators[base + (offset >> 5)] = (accumulators[base + (offset >> 5)] as number) | (1 << (offset & 31))
  }
}

/** Keeps only what `other` has too; false when nothing is left. */
export function andWords(accumulators: Uint32Array, other: Uint32Array, base: number, words: number): boolean {
  let left = 0
  for (let word = base; word < base + words; word++)
    left |= accumulators[word] = (accumulators[word] as number) & (other[word] as number)
  return left !== 0
}

/** Keeps only what `other` has not; false when nothing is left. */
export function andNotWords(accumulators: Uint32Array, other: Uint32Array, base: number, words: number): boolean {
  let left = 0
  for (let word = base; word < base + words; word++)
    left |= accumulators[word] = (accumulators[word] as number) & ~(other[word] as number)
  return left !== 0
}

export function orWords(accumulators: Uint32Array, other: Uint32Array, base: number, words: number): void {
  for (let word = base; word < base + words; word++)
    accumulators[word] = (accumulators[word] as number) | (other[word] as number)
}

export function anyWord(accumulators: Uint32Array, base: number, words: number): boolean {
  for (let word = base; word < base + words; word++) if (accumulators[word] !== 0) return true
  return false
}

export function countWords(accumulators: Uint32Array, base: number, words: number): number {
  let count = 0
  for (let word = base; word < base + words; word++) {
    let pairs = accumulators[word] as number
    pairs -= (pairs >>> 1) & 0x55555555
    pairs = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
    count += Math.imul((pairs + (pairs >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return count
}

/** The first `count` offsets in the chunk, ascending from `fromOffset`. */
export function firstOffsets(
  accumulators: Uint32Array,
  base: number,
  words: number,
  fromOffset: number,
  count: number,
): number[] {
  const offsets: number[] = []
  for (let word = fromOffset >> 5; word < words; word++) {
    let rest = accumulators[base + word] as number
    if (word === fromOffset >> 5) rest &= -1 << (fromOffset & 31)
    for (; rest !== 0; rest &= rest - 1) {
      if (offsets.length === count) return offsets
      offsets.push(word * 32 + 31 - Math.clz32(rest & -rest))
    }
  }
  return offsets
}
