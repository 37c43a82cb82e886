// Reads what strace saw of a server and tells which answers left before their change was safe: before fdatasync on the
// write-ahead log, begun after the change's last write to it, had returned 0.
// The trace: strace -f -y -s 4200 -e trace=pwrite64,write,writev,sendto,sendmsg,fdatasync,fsync

export interface FlushReport {
  /** Changes whose writes, flush and answer were all seen, in this order. */
  safe: string[]
  /** Request id and what is wrong. */
  problems: Map<string, string>
}

interface Flush {
  begin: number
  end: number
}

interface Seen {
  /** Line of the trace at which the commit frame of the change's transaction had been written. */
  committed: Map<string, number>
  /** Line at which the answer's first byte was about to be written. */
  answered: Map<string, number>
  flushes: Flush[]
}

const uuidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g
const frameHeaderBytes = 24

export function readFlushes(trace: string, requestIds: readonly string[]): FlushReport {
  const { committed, answered, flushes } = readTrace(trace, new Set(requestIds))
  const report: FlushReport = { safe: [], problems: new Map() }
  for (const id of requestIds) {
    const [written, left] = [committed.get(id), answered.get(id)]
    if (written === undefined) report.problems.set(id, 'never written to the log')
    else if (left === undefined) report.problems.set(id, 'no answer seen')
    else if (flushes.some(({ begin, end }) => begin > written && end < left)) report.safe.push(id)
    else report.problems.set(id, 'answered before it was flushed')
  }
  return report
}

function readTrace(trace: string, wanted: ReadonlySet<string>): Seen {
  const seen: Seen = { committed: new Map(), answered: new Map(), flushes: [] }
  /** System calls that other threads' lines interrupt: what to do with line and result once they return. */
  const unfinished = new Map<string, (line: number, result: string) => void>()
  /** Changes of the transaction whose frames are being written. */
  let open = new Set<string>()
  let nextPageCommits = false

  const begin = (line: number, text: string): ((end: number, result: string) => void) | undefined => {
    const call = /^(\w+)\((\d+)<([^>]*)>(.*)$/s.exec(text)
    if (!call) return undefined
    const [, name = '', , file = '', rest = ''] = call
    if (file.startsWith('socket:') || file.startsWith('TCP')) {
      for (const [, id = ''] of rest.matchAll(/x-amzn-RequestId: ([0-9a-f-]{36})/gi))
        if (wanted.has(id) && !seen.answered.has(id)) seen.answered.set(id, line)
      return undefined
    }
    if (!file.endsWith('corral.db-wal')) return undefined
    if (name === 'fdatasync' || name === 'fsync')
      return (end, result) => {
        if (result === '0') seen.flushes.push({ begin: line, end })
      }
    if (name !== 'pwrite64') return undefined
    const data = /^, "(.*)"(?:\.\.\.)?, (\d+), \d+/s.exec(rest)
    if (!data) return undefined
    const [, text64 = '', length] = data
    if (Number(length) === frameHeaderBytes) {
      // The size of the database after the commit; 0 in frames that commit nothing.
      nextPageCommits = unescaped(text64)
        .subarray(4, 8)
        .some((byte) => byte !== 0)
      return undefined
    }
    for (const [id] of text64.matchAll(uuidPattern)) if (wanted.has(id) && !seen.committed.has(id)) open.add(id)
    if (!nextPageCommits) return undefined
    nextPageCommits = false
    const settled = open
    open = new Set()
    return (end) => {
      for (const id of settled) seen.committed.set(id, end)
    }
  }

  for (const [line, text] of trace.split('\n').entries()) {
    const parts = /^(\d+) +(.*)$/s.exec(text)
    if (!parts) continue
    const [, thread = '', rest = ''] = parts
    const resumed = /^<\.\.\. \w+ resumed>.*\) += (\S+)/s.exec(rest)
    if (resumed) {
      unfinished.get(thread)?.(line, resumed[1] ?? '')
      unfinished.delete(thread)
      continue
    }
    const finish = begin(line, rest)
    if (!finish) continue
    if (rest.endsWith('<unfinished ...>')) unfinished.set(thread, finish)
    else finish(line, /\) += (\S+)[^)]*$/.exec(rest)?.[1] ?? '')
  }
  return seen
}

const named: Record<string, number> = { n: 10, t: 9, r: 13, v: 11, f: 12, '"': 34, '\\': 92 }

/** Bytes of a string as strace prints it. */
function unescaped(text: string): Buffer {
  const bytes: number[] = []
  for (const [, octal, letter, plain] of text.matchAll(/\\([0-7]{1,3})|\\(.)|([^\\])/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8))
    else bytes.push(letter === undefined ? (plain ?? '').charCodeAt(0) : (named[letter] ?? 0))
  }
  return Buffer.from(bytes)
}
