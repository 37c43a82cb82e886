// A load of prepared requests: raw sockets that each send one request at a time and wait for its whole answer, so that
// the client costs as little as it can and never resends. Signing happens before the clock starts.
import { createHmac, hash } from 'node:crypto'
import net from 'node:net'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

export interface LoadResult {
  requestsPerSecond: number
  p50Ms: number
  p99Ms: number
  maxMs: number
  /** Answers by status. */
  statuses: Record<string, number>
}

/** Sends each request once, over `connections` sockets, as fast as answers come. */
export async function load(port: number, requests: readonly Buffer[], connections: number): Promise<LoadResult> {
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  let next = 0
  const started = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
      await new Promise<void>((resolve, reject) => {
        let pending: Buffer = Buffer.alloc(0)
        let sentAt = 0
        const send = () => {
          const request = requests[next++]
          if (!request) {
            socket.end()
            resolve()
            return
          }
          sentAt = performance.now()
          socket.write(request)
        }
        socket.on('data', (chunk: Buffer) => {
          pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
          const headerEnd = pending.indexOf('\r\n\r\n')
          if (headerEnd < 0) return
          const head = pending.toString('latin1', 0, headerEnd)
          const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
          if (pending.length < headerEnd + 4 + length) return
          const status = head.slice(9, 12)
          statuses[status] = (statuses[status] ?? 0) + 1
          latencies.push(performance.now() - sentAt)
          pending = pending.subarray(headerEnd + 4 + length)
          send()
        })
        socket.on('error', reject)
        socket.on('close', () => resolve())
        send()
      })
    }),
  )
  return summary(latencies, statuses, (performance.now() - started) / 1000)
}

/**
 * Calls at a steady pace until told to stop, each on time whether or not earlier ones were answered, so that a stall shows
 * in every call that it delays.
 */
export async function pace(
  port: number,
  next: () => Buffer,
  callsPerSecond: number,
  signal: AbortSignal,
): Promise<LoadResult> {
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  const started = performance.now()
  const calls: Promise<void>[] = []
  const call = async (sentAt: number) => {
    const result = await load(port, [next()], 1)
    latencies.push(performance.now() - sentAt)
    for (const [status, count] of Object.entries(result.statuses)) statuses[status] = (statuses[status] ?? 0) + count
  }
  for (let due = started; !signal.aborted; due += 1000 / callsPerSecond) {
    const wait = due - performance.now()
    if (wait > 0) await sleep(wait)
    const sentAt = Math.min(due, performance.now())
    calls.push(call(sentAt))
  }
  await Promise.all(calls)
  return summary(latencies, statuses, (performance.now() - started) / 1000)
}

function summary(latencies: number[], statuses: Record<string, number>, seconds: number): LoadResult {
  latencies.sort((a, b) => a - b)
  const quantile = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return {
    requestsPerSecond: latencies.length / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: quantile(1),
    statuses,
  }
}

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
}

/** Signs one POST each time it is called; `path` needs no normalizing and has no query. */
export function requestSigner(credentials: Credentials, service: string, region: string, port: number) {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = `${timestamp.slice(0, 8)}/${region}/${service}/aws4_request`
  const step = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const key = scope.split('/').reduce<string | Buffer>(step, `AWS4${credentials.secretAccessKey}`)
  return (path: string, body: string, headers: Record<string, string>): Buffer => {
    const all: Record<string, string> = { ...headers, host: `127.0.0.1:${port}`, 'x-amz-date': timestamp }
    const names = Object.keys(all).sort()
    const lines = names.map((name) => `${name}:${all[name]}\n`).join('')
    const canonical = `POST\n${path}\n\n${lines}\n${names.join(';')}\n${hash('sha256', body)}`
    const toSign = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${hash('sha256', canonical)}`
    const signature = createHmac('sha256', key).update(toSign).digest('hex')
    const head = names.map((name) => `${name}: ${all[name]}\r\n`).join('')
    const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
    return Buffer.from(
      `POST ${path} HTTP/1.1\r\n${head}authorization: ${authorization}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }
}
