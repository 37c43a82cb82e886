// The transport: sockets, TLS, and every limit on what a client may send before anyone knows who it is. Hands whole
// requests to the pipeline and writes its answers.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Answer } from '../protocols/protocol.ts'
import type { Pipeline } from './pipeline.ts'

export interface TransportLimits {
  /** Largest body that any operation takes. */
  maxBodyBytes: number
  maxHeaderBytes: number
  maxUrlBytes: number
  maxConnections: number
  /** For a request's headers, from its first byte or the connection's start. */
  headersTimeoutMs: number
  /** For a whole request, headers and body. */
  requestTimeoutMs: number
  keepAliveTimeoutMs: number
}

export interface Transport {
  address: AddressInfo
  /** Takes no new requests, lets those under way finish, then closes; cuts what is left after `graceMs`. */
  stop(graceMs: number): Promise<void>
}

export interface TransportOptions {
  host: string
  port: number
  tls: { cert: Buffer; key: Buffer } | undefined
  limits: TransportLimits
  newRequestId(): string
}

// Forward secrecy only. TLS 1.3 suites all have it and are Node's defaults.
const tls12Suites = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')
const tls13Suites = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256'

/** What is read and thrown away of a body that is too large, so that its sender gets to read the answer. */
const maxDiscardedBytes = 64 * 1024 * 1024

/** Calls of one connection under way at once. */
const maxUnanswered = 16
/** Of all requests that are not answered yet. */
const maxHeldBytes = 256 * 1024 * 1024

export function listen(pipeline: Pipeline, options: TransportOptions): Promise<Transport> {
  const { limits, tls } = options
  const settings = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, limits.requestTimeoutMs),
    noDelay: true,
    // Node would refuse in words of its own; without a Host no signature can hold, and the pipeline says so.
    requireHostHeader: false,
  }
  const server: Server = tls ? createSecureServer(settings, tls) : createHttpServer(settings)
  let stopping = false
  /** Told that they get nothing more: whatever else they send is not to become a call. */
  const refused = new WeakSet<Socket>()
  /** Answers that each connection still waits for, its calls already in the pipeline. */
  const owed = new WeakMap<Socket, number>()
  /** Requests of each connection that have begun and have no answer yet. */
  const unanswered = new WeakMap<Socket, number>()
  const held = { bytes: 0 }

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    if (refused.has(socket) || socket.destroyed) return
    // Clients of AWS wait for each answer; whoever sends on and on without reading would have it all kept for them.
    const count = (unanswered.get(socket) ?? 0) + 1
    unanswered.set(socket, count)
    response.on('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1))
    if (count > maxUnanswered) socket.destroy()
    else void serve(request, response)
  })
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
    refuse(request, response, 417, 'ExpectationFailed', 'The server meets no expectation but 100-continue.'),
  )

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if ((request.url ?? '').length > limits.maxUrlBytes)
      return refuse(request, response, 414, 'RequestUriTooLargeException', 'The request URL is too long.')
    const body = await readBody(request, limits.maxBodyBytes, held)
    if (body === 'aborted') return
    if (body === 'too large')
      return refuse(request, response, 413, 'RequestEntityTooLargeException', 'The request body is too large.')
    if (body === 'no room')
      return refuse(request, response, 503, 'ServiceUnavailable', 'The server has no room to spare. Try again.')
    const { socket } = request
    try {
      if (refused.has(socket)) return
      owed.set(socket, (owed.get(socket) ?? 0) + 1)
      const answer = await pipeline({
        method: request.method ?? '',
        target: request.url ?? '',
        rawHeaders: request.rawHeaders,
        body,
        sourceAddress: socket.remoteAddress ?? '',
      })
      owed.set(socket, (owed.get(socket) ?? 1) - 1)
      send(response, answer)
      if (refused.has(socket) && owed.get(socket) === 0) socket.destroySoon()
    } finally {
      held.bytes -= body.length
    }
  }

  function send(response: ServerResponse, answer: Answer): void {
    if (stopping) response.setHeader('connection', 'close')
    // One flat list: Node copies an object of headers twice.
    const headers = ['content-length', String(Buffer.byteLength(answer.body))]
    for (const [name, value] of Object.entries(answer.headers)) headers.push(name, value)
    response.writeHead(answer.status, headers)
    response.end(answer.body)
  }

  /** For requests that never become a call: too large to be read whole. */
  function refuse(request: IncomingMessage, response: ServerResponse, status: number, code: string, message: string) {
    response.setHeader('connection', 'close')
    send(response, refusal(options.newRequestId(), status, code, message))
    request.resume()
  }

  // What Node's parser refuses: malformed, oversized headers, or too slow. Node answers these in plain words of its own.
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy()
    const [status, code, message] = clientErrors[error.code ?? ''] ?? malformed
    return refuseRest(socket, status, code, message)
  })

  // Node would hang up without a word.
  server.on('connect', (_request: IncomingMessage, socket: Socket) =>
    refuseRest(socket, 405, 'MethodNotAllowedException', 'The server is no proxy.'),
  )

  /** Nothing more that comes over the connection becomes a call. Those before it keep their place in line. */
  function refuseRest(socket: Socket, status: number, code: string, message: string): void {
    refused.add(socket)
    // An answer of ours now would be taken for that of a call which is under way and may well succeed.
    if ((owed.get(socket) ?? 0) === 0) writeRaw(socket, refusal(options.newRequestId(), status, code, message))
  }

  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    socket.on('error', () => socket.destroy())
    connections++
    socket.on('close', () => connections--)
    if (connections > limits.maxConnections)
      refuseRest(socket, 503, 'ServiceUnavailable', 'The server has no connection to spare. Try again.')
  })
  // A connection on which nothing moves: its client does not read what it asked for.
  server.timeout = 2 * Math.max(limits.requestTimeoutMs, limits.keepAliveTimeoutMs)
  let connections = 0
  // Beyond that, connections are closed without a word: even a refusal costs memory.
  server.maxConnections = limits.maxConnections * 2

  async function stop(graceMs: number): Promise<void> {
    stopping = true
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    // Idle keep-alive connections would hold the server open for as long as their clients please.
    server.closeIdleConnections()
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    await closed
    clearTimeout(cut)
  }

  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve({ address: server.address() as AddressInfo, stop })
    })
  })
}

function createSecureServer(settings: ServerOptions, tls: { cert: Buffer; key: Buffer }): Server {
  try {
    // OpenSSL keeps a key of each kind, and would find only at the first handshake that this one is another's.
    if (!new X509Certificate(tls.cert).checkPrivateKey(createPrivateKey(tls.key)))
      throw new Error('the key is not that of the certificate')
    return createHttpsServer({
      ...settings,
      ...tls,
      minVersion: 'TLSv1.2',
      ciphers: `${tls13Suites}:${tls12Suites}`,
      honorCipherOrder: true,
      handshakeTimeout: settings.headersTimeout,
    })
  } catch (error) {
    throw new Error(`the TLS certificate or key cannot be used: ${(error as Error).message}`, { cause: error })
  }
}

const malformed = [400, 'MalformedHttpRequestException', 'The request is not valid HTTP.'] as const
const clientErrors: Record<string, readonly [number, string, string]> = {
  HPE_HEADER_OVERFLOW: [431, 'RequestHeaderSectionTooLarge', 'The request headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'RequestTimeoutException', 'The request was not received in time.'],
}

function refusal(requestId: string, status: number, code: string, message: string): Answer {
  return {
    status,
    headers: { 'x-amzn-RequestId': requestId, 'x-amzn-ErrorType': code, 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  }
}

function writeRaw(socket: Socket, { status, headers, body }: Answer): void {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' })
  socket.end(`HTTP/1.1 ${status} \r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`)
  // The other side may never read or close; it has had its answer.
  setTimeout(() => socket.destroy(), 1_000).unref()
}

/** What is read counts as held until the caller lets go of it; what is given up is let go of here. */
function readBody(
  request: IncomingMessage,
  maxBytes: number,
  held: { bytes: number },
): Promise<Buffer | 'too large' | 'no room' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    let kept = 0
    let ended: 'too large' | 'no room' | 'aborted' | undefined
    const giveUp = (reason: 'too large' | 'no room' | 'aborted') => {
      ended ??= reason
      held.bytes -= kept
      kept = 0
      chunks.length = 0
    }
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (ended === undefined && bytes > maxBytes) giveUp('too large')
      if (ended === undefined && held.bytes + chunk.length > maxHeldBytes) giveUp('no room')
      if (ended === undefined) {
        chunks.push(chunk)
        kept += chunk.length
        held.bytes += chunk.length
      } else if (bytes > maxDiscardedBytes || ended === 'no room') resolve(ended)
    })
    request.on('end', () => {
      const body = ended ?? (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes))
      kept = 0
      resolve(body)
    })
    const abort = () => {
      giveUp('aborted')
      resolve('aborted')
    }
    request.on('error', abort)
    request.on('close', () => {
      if (!request.complete) abort()
    })
  })
}
