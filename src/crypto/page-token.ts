// Opaque page tokens: where a walk goes on, authenticated, bound to what was asked and by whom, and good for a limited
// time. Any process that has the key accepts them.
import { createHmac, timingSafeEqual } from 'node:crypto'

const formatVersion = 1
const macBytes = 16
const headerBytes = 7
/** AWS's own limit for PaginationToken (GetResources), and for how long one is good. */
export const tokenLifeMs = 15 * 60_000

// Base64 with its own alphabet, not the URL's: Resource Groups' model lets no other characters through.

/** `binding` names operation, caller and query; `position` is whole numbers. */
export function writePageToken(key: Buffer, binding: string, position: readonly number[], nowMs: number): string {
  const header = Buffer.alloc(headerBytes)
  header[0] = formatVersion
  header.writeUIntBE(nowMs, 1, 6)
  const body = Buffer.concat([header, Buffer.from(position.join('.'))])
  return Buffer.concat([body, mac(key, binding, body)]).toString('base64')
}

export type TokenReading = { position: number[] } | { problem: 'invalid' | 'expired' }

export function readPageToken(key: Buffer, binding: string, token: string, nowMs: number): TokenReading {
  const bytes = Buffer.from(token, 'base64')
  if (bytes.length < headerBytes + macBytes || bytes.toString('base64') !== token) return { problem: 'invalid' }
  const body = bytes.subarray(0, -macBytes)
  if (!timingSafeEqual(mac(key, binding, body), bytes.subarray(-macBytes)) || body[0] !== formatVersion)
    return { problem: 'invalid' }
  if (nowMs - body.readUIntBE(1, 6) > tokenLifeMs) return { problem: 'expired' }
  return { position: body.subarray(headerBytes).toString().split('.').map(Number) }
}

function mac(key: Buffer, binding: string, body: Buffer): Buffer {
  return createHmac('sha256', key)
    .update(`${Buffer.byteLength(binding)}:${binding}`)
    .update(body)
    .digest()
    .subarray(0, macBytes)
}
