// Cuts a stream of bytes into lines, each checked for length and UTF-8 on its own, so that one bad line costs one line.
// Lines end with LF or CRLF. Constant memory: of a line that is too long only its beginning is kept.
import { isUtf8 } from 'node:buffer'

export type Line = { number: number; text: string } | { number: number; reason: string; beginning: string }

const lineFeed = 10
const carriageReturn = 13
const beginningLength = 200

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function readLine(number: number, bytes: Uint8Array): Line {
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length
  const line = bytes.subarray(0, end)
  if (isUtf8(line)) return { number, text: asText(line) }
  return { number, reason: 'not UTF-8', beginning: asText(line.subarray(0, beginningLength)) }
}

/** `maxBytes`: the longest line that is given whole. Several lines at once, as one chunk holds them. */
export async function* readLines(input: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line[]> {
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let number = 0

  function keep(part: Uint8Array): void {
    // Past the limit the rest need not be kept, only known to be there.
    if (pendingBytes <= maxBytes && part.length > 0) pending.push(part)
    pendingBytes += part.length
  }
  function take(): Line {
    const bytes = pending.length === 1 && pending[0] ? pending[0] : Buffer.concat(pending)
    const tooLong = pendingBytes > maxBytes
    pending = []
    pendingBytes = 0
    number++
    if (!tooLong) return readLine(number, bytes)
    return { number, reason: 'line too long', beginning: asText(bytes.subarray(0, beginningLength)) }
  }

  for await (const chunk of input) {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      keep(chunk.subarray(start, end))
      lines.push(take())
      start = end + 1
    }
    keep(chunk.subarray(start))
    if (lines.length > 0) yield lines
  }
  if (pendingBytes > 0) yield [take()]
}
