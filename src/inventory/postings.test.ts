import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  andNotWords,
  andWords,
  anyWord,
  applyOperations,
  countWords,
  firstOffsets,
  type Operation,
  orPosting,
  orWords,
  postingFormat,
} from './postings.ts'

const formats = [4, 6, 14].map(postingFormat)

const enter = (rid: number): Operation => rid * 2 + 1
const leave = (rid: number): Operation => rid * 2

const ascending = (ids: Iterable<number>): number[] => [...ids].sort((one, other) => one - other)

const idsOf = (chunkBits: number, bits: Uint8Array | undefined): number[] => {
  const format = postingFormat(chunkBits)
  const words = new Uint32Array(format.words * 3)
  if (bits) orPosting(format, words, format.words, bits)
  assert.equal(anyWord(words, 0, format.words) || anyWord(words, 2 * format.words, format.words), false)
  return firstOffsets(words, format.words, format.words, 0, Infinity)
}

void test('a posting holds what a set holds, in every form, whatever enters and leaves', () => {
  const runs = fc.record({
    format: fc.constantFrom(...formats),
    chunk: fc.constantFrom(0, 1, 77, 2 ** 18 - 1),
    batches: fc.array(
      fc.array(fc.record({ place: fc.double({ min: 0, max: 1, noNaN: true }), enters: fc.boolean() }), {
        maxLength: 60,
      }),
      { maxLength: 12 },
    ),
  })
  fc.assert(
    fc.property(runs, ({ format, chunk, batches }) => {
      const expected = new Set<number>()
      let bits: Uint8Array | undefined
      for (const batch of batches) {
        const sizeBefore = expected.size
        const before = ascending(expected)
        const operations = batch.map(({ place, enters }) => {
          const offset = Math.floor(place * (format.chunkSize - 1))
          if (enters) expected.add(offset)
          else expected.delete(offset)
          const rid = chunk * format.chunkSize + offset
          return enters ? enter(rid) : leave(rid)
        })
        const result = applyOperations(format, bits?.slice(), operations, 0, operations.length)
        assert.equal(result.delta, expected.size - sizeBefore)
        if (!result.changed) assert.deepEqual(ascending(expected), before)
        assert.equal(result.bits === undefined, expected.size === 0)
        bits = result.bits
        assert.deepEqual(idsOf(format.chunkBits, bits), ascending(expected))
      }
    }),
    { numRuns: 300 },
  )
})

for (const format of formats) {
  const { chunkSize, chunkBits, maxListed, bitmapBytes } = format

  void test(`chunks of ${chunkSize}: a list at its limit becomes a bitmap, and stays one down to the last resource`, () => {
    const operations = Array.from({ length: maxListed }, (_, place) => enter(chunkSize - 1 - place))
    const list = applyOperations(format, undefined, operations, 0, operations.length)
    assert.equal(list.bits?.length, maxListed * 2)
    assert.ok(maxListed * 2 < bitmapBytes)
    const bitmap = applyOperations(format, list.bits, [enter(0)], 0, 1)
    assert.deepEqual([bitmap.bits?.length, bitmap.delta, bitmap.changed], [bitmapBytes, 1, true])
    const thin = applyOperations(
      format,
      bitmap.bits,
      operations.map((operation) => operation - 1),
      0,
      maxListed,
    )
    assert.deepEqual([thin.bits?.length, thin.delta], [bitmapBytes, -maxListed])
    assert.deepEqual(idsOf(chunkBits, thin.bits?.slice()), [0])
    const empty = applyOperations(format, thin.bits, [leave(0)], 0, 1)
    assert.deepEqual(empty, { bits: undefined, delta: -1, changed: true })
  })

  void test(`chunks of ${chunkSize}: a list that outgrows its form and empties within one batch is gone`, () => {
    const all = Array.from({ length: chunkSize }, (_, rid) => rid)
    const operations = [...all.map(enter), ...all.map(leave)]
    const result = applyOperations(format, undefined, operations, 0, operations.length)
    assert.equal(result.bits === undefined || idsOf(chunkBits, result.bits).length === 0, true)
    assert.deepEqual([result.bits, result.delta], [undefined, 0])
  })
}

void test('what is already as wanted counts as no change', () => {
  const format = postingFormat(14)
  const { bits } = applyOperations(format, undefined, [enter(5)], 0, 1)
  for (const operations of [[enter(5)], [leave(6)], []]) {
    const { delta, changed } = applyOperations(format, bits, operations, 0, operations.length)
    assert.deepEqual([delta, changed], [0, false])
  }
  assert.deepEqual(applyOperations(format, undefined, [leave(3)], 0, 1), { bits: undefined, delta: 0, changed: false })
})

void test('only the operations of the given range are applied', () => {
  const operations = [enter(1), enter(2), enter(3), enter(4)]
  assert.deepEqual(idsOf(6, applyOperations(postingFormat(6), undefined, operations, 1, 3).bits), [2, 3])
})

void test('ids that need all 32 bits keep their place', () => {
  const format = postingFormat(14)
  const rids = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 16_384, 2 ** 32 - 1]
  const offsets = rids.map((rid) => idsOf(14, applyOperations(format, undefined, [enter(rid)], 0, 1).bits)[0])
  assert.deepEqual(offsets, [16_383, 0, 0, 16_383])
})

void test('a posting at an odd place of a larger buffer is read rightly', () => {
  for (const format of formats) {
    const count = format.chunkSize / 2
    for (const size of [1, count]) {
      const operations = Array.from({ length: size }, (_, place) => enter(place * 2))
      const { bits } = applyOperations(format, undefined, operations, 0, size)
      assert.ok(bits)
      const odd = new Uint8Array(bits.length + 1)
      odd.set(bits, 1)
      assert.equal(idsOf(format.chunkBits, odd.subarray(1)).length, size)
      const more = applyOperations(format, odd.subarray(1), [enter(1), leave(0)], 0, 2)
      assert.equal(more.delta, 0)
      assert.equal(idsOf(format.chunkBits, more.bits).length, size)
    }
  }
})

void test('words are joined, kept, taken away and counted as sets are', () => {
  const words = fc.array(fc.nat({ max: 2 ** 32 - 1 }), { minLength: 8, maxLength: 8 })
  const bitsOf = (list: Uint32Array) =>
    [...list].flatMap((word, place) =>
      Array.from({ length: 32 }, (_, bit) => place * 32 + bit).filter((bit) => ((word >>> (bit % 32)) & 1) === 1),
    )
  fc.assert(
    fc.property(words, words, fc.nat({ max: 255 }), (one, other, from) => {
      const [ones, others] = [bitsOf(Uint32Array.from(one)), bitsOf(Uint32Array.from(other))]
      const joined = Uint32Array.from(one)
      orWords(joined, Uint32Array.from(other), 0, 8)
      assert.deepEqual(bitsOf(joined), ascending(new Set([...ones, ...others])))
      const both = ones.filter((bit) => others.includes(bit))
      const kept = Uint32Array.from(one)
      assert.equal(andWords(kept, Uint32Array.from(other), 0, 8), both.length > 0)
      assert.deepEqual(bitsOf(kept), both)
      const rest = ones.filter((bit) => !others.includes(bit))
      const taken = Uint32Array.from(one)
      assert.equal(andNotWords(taken, Uint32Array.from(other), 0, 8), rest.length > 0)
      assert.deepEqual(bitsOf(taken), rest)
      assert.equal(countWords(taken, 0, 8), rest.length)
      const after = rest.filter((bit) => bit >= from)
      assert.deepEqual(firstOffsets(taken, 0, 8, from, 3), after.slice(0, 3))
    }),
  )
})

void test('a chunk size that offsets cannot name is refused', () => {
  for (const chunkBits of [0, 3, 17, 4.5, NaN]) assert.throws(() => postingFormat(chunkBits), RangeError)
})
