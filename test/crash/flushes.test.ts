// The reader of traces on traces made by hand, one for each thing that it must tell apart.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFlushes } from './flushes.ts'

const id = 'd0b40165-9cf0-4da0-8dff-2e2a85230344'
const log = '24</data/corral.db-wal>'
const header = (commit: boolean) =>
  `1 pwrite64(${log}, "\\0\\0\\0E\\0\\0\\0${commit ? 'F' : '\\0'}\\210\\306\\356\\271\\336\\201$\\360\\350\\207\\356\\340\\253O\\371\\r", 24, 32) = 24`
const page = (text: string) => `1 pwrite64(${log}, "\\r\\0\\n${text}\\"\\\\", 4096, 56) = 4096`
const flush = `1 fdatasync(${log}) = 0`
const answer = `1 write(40<socket:[1]>, "HTTP/1.1 200 OK\\r\\nx-amzn-RequestId: ${id}\\r\\n"..., 300) = 300`
const change = [header(false), page(id), header(true), page('rest')]

const cases: Record<string, [lines: string[], problem: string | undefined]> = {
  'written, flushed, answered': [[...change, flush, answer], undefined],
  'flushed by another thread, seen in two parts': [
    [
      ...change,
      `2 fdatasync(${log} <unfinished ...>`,
      '3 write(9<anon_inode:[eventfd]>, "\\1", 8) = 8',
      '2 <... fdatasync resumed>)          = 0',
      answer,
    ],
    undefined,
  ],
  'answered in many pieces at once': [
    [
      ...change,
      flush,
      `1 writev(40<socket:[1]>, [{iov_base="HTTP/1.1 200 OK\\r\\nx-amzn-RequestId: ${id}", iov_len=9}], 1) = 9`,
    ],
    undefined,
  ],
  'not flushed': [[...change, answer], 'answered before it was flushed'],
  'flushed too late': [[...change, answer, flush], 'answered before it was flushed'],
  'flushed before the commit was written': [
    [header(false), page(id), flush, header(true), page('rest'), answer],
    'answered before it was flushed',
  ],
  'a flush that began before the last write': [
    [`2 fdatasync(${log} <unfinished ...>`, ...change, '2 <... fdatasync resumed>)          = 0', answer],
    'answered before it was flushed',
  ],
  'a flush that had not returned': [
    [...change, `2 fdatasync(${log} <unfinished ...>`, answer, '2 <... fdatasync resumed>)  = 0'],
    'answered before it was flushed',
  ],
  'a flush that failed': [
    [...change, `1 fdatasync(${log}) = -1 EIO (Input/output error)`, answer],
    'answered before it was flushed',
  ],
  'a flush of another file': [
    [...change, '1 fdatasync(23</data/corral.db>) = 0', answer],
    'answered before it was flushed',
  ],
  'no commit': [[header(false), page(id), flush, answer], 'never written to the log'],
  'another file written': [
    [...change.map((line) => line.replace('corral.db-wal', 'corral.db')), flush, answer],
    'never written to the log',
  ],
  'no answer': [[...change, flush], 'no answer seen'],
}

void test('what a trace shows', async (t) => {
  for (const [name, [lines, problem]] of Object.entries(cases))
    await t.test(name, () => {
      const { safe, problems } = readFlushes(lines.join('\n'), [id])
      assert.equal(problems.get(id), problem)
      assert.deepEqual(safe, problem === undefined ? [id] : [])
    })
})
