// A connection over which a test sends bytes of its own choosing, and reads the answers as they come: for what no HTTP
// client would send.
import { connect, type Socket } from 'node:net'
import type { RawAnswer } from './running-server.ts'

export interface RawSocket {
  socket: Socket
  send(bytes: string | Buffer): void
  /** The next whole answer; rejects if the server closes or says nothing in time. */
  answer(timeoutMs?: number): Promise<RawAnswer>
  /** Resolves once the server has closed the connection; what came besides whole answers. */
  closed(timeoutMs?: number): Promise<string>
  destroy(): void
}

/** `connected`: a socket that is connected already, e.g. by TLS. */
export async function openRawSocket(url: string, connected?: Socket): Promise<RawSocket> {
  const { hostname, port } = new URL(url)
  const socket = connected ?? connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  if (!connected)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
  let received = Buffer.alloc(0)
  let isClosed = false
  let notify = () => {}
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    notify()
  })
  const close = () => {
    isClosed = true
    notify()
  }
  socket.on('end', close)
  socket.on('close', close)
  // A reset is one way to be closed.
  socket.on('error', close)

  async function until<T>(look: () => T | undefined, timeoutMs: number): Promise<T> {
    const end = Date.now() + timeoutMs
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      const left = end - Date.now()
      if (left <= 0) throw new Error(`nothing in ${timeoutMs} ms; so far: ${received.toString('latin1').slice(0, 500)}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        notify = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    answer: (timeoutMs = 5_000) =>
      until(() => {
        const read = readAnswer(received)
        if (read) {
          received = received.subarray(read.length)
          return read.answer
        }
        if (isClosed) throw new Error(`closed without an answer; ${received.toString('latin1').slice(0, 500)}`)
        return undefined
      }, timeoutMs),
    closed: (timeoutMs = 5_000) => until(() => (isClosed ? received.toString('latin1') : undefined), timeoutMs),
    destroy: () => socket.destroy(),
  }
}

function readAnswer(bytes: Buffer): { answer: RawAnswer; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]
  if (status === undefined) throw new Error(`no HTTP answer: ${statusLine}`)
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  const bodyStart = headEnd + 4
  if (status === '100') return { answer: { status: 100, headers, body: '' }, length: bodyStart }
  const length = bodyStart + Number(headers['content-length'])
  if (Number.isNaN(length)) throw new Error(`an answer without a length: ${bytes.toString('latin1')}`)
  if (bytes.length < length) return undefined
  return { answer: { status: Number(status), headers, body: bytes.subarray(bodyStart, length).toString() }, length }
}

/** A request's bytes. Names and values as given, nothing added but the length of a body. */
export function requestBytes(
  line: string,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer = '',
): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const hasLength = Object.keys(headers).some((name) => /^(?:content-length|transfer-encoding)$/i.test(name))
  if (!hasLength && body.length > 0) lines.push(`content-length: ${Buffer.byteLength(body)}\r\n`)
  return Buffer.concat([Buffer.from(`${line}\r\n${lines.join('')}\r\n`, 'latin1'), Buffer.from(body)])
}
