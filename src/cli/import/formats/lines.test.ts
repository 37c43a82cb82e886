import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Line, readLines } from './lines.ts'

async function linesOf(bytes: Uint8Array, chunkLength: number, maxBytes = 100): Promise<Line[]> {
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += chunkLength) yield bytes.subarray(start, start + chunkLength)
  }
  const lines: Line[] = []
  for await (const some of readLines(chunks(), maxBytes)) lines.push(...some)
  return lines
}

void test('chunks cut anywhere give the same lines', async () => {
  const bytes = Buffer.from('ä\r\n\n😀x\nlast')
  const expected = [
    { number: 1, text: 'ä' },
    { number: 2, text: '' },
    { number: 3, text: '😀x' },
    { number: 4, text: 'last' },
  ]
  for (let length = 1; length <= bytes.length; length++) assert.deepEqual(await linesOf(bytes, length), expected)
})

void test('a line that is too long costs one line', async () => {
  for (const length of [1, 7, 1_000]) {
    const lines = await linesOf(Buffer.from(`a\n${'x'.repeat(500)}\nb\n${'y'.repeat(500)}`), length)
    assert.deepEqual(
      lines.map((line) => ('text' in line ? line.text : [line.reason, line.beginning.length <= 200])),
      ['a', ['line too long', true], 'b', ['line too long', true]],
    )
  }
})

void test('the limit itself is allowed', async () => {
  const lines = await linesOf(Buffer.from(`${'x'.repeat(100)}\n${'x'.repeat(101)}\n`), 10)
  assert.deepEqual(
    lines.map((line) => 'text' in line),
    [true, false],
  )
})

void test('bytes that are no UTF-8 cost one line', async () => {
  const lines = await linesOf(Buffer.from([0x61, 0x0a, 0xff, 0xfe, 0x0a, 0x62, 0x0a, 0xc3]), 3)
  assert.deepEqual(
    lines.map((line) => ('text' in line ? line.text : line.reason)),
    ['a', 'not UTF-8', 'b', 'not UTF-8'],
  )
})

void test('a long line is not kept', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let most = 0
  async function* chunks() {
    for (let count = 0; count < 2_000; count++) {
      if (count % 500 === 499) {
        collect()
        most = Math.max(most, process.memoryUsage().arrayBuffers)
      }
      yield Buffer.alloc(64 * 1024, 0x78)
    }
  }
  collect()
  const before = process.memoryUsage().arrayBuffers
  const lines: Line[] = []
  for await (const some of readLines(chunks(), 1024 * 1024)) lines.push(...some)
  assert.equal(lines.length, 1)
  // 128 MiB went through; memory is given back some time after it is collected.
  assert.ok(most - before < 64 * 1024 * 1024, `${most - before} bytes`)
})
