// How customer text (tag keys and values, ARNs, names, descriptions) is stored: found by lookup bytes, kept as content
// beside them. No SQL ever orders, ranges or prefixes it, so a codec that seals content and keys its lookups can take
// this one's place without rebuilding a store.
import { hash } from 'node:crypto'

export interface Sealed {
  bytes: Uint8Array
  /** Which key sealed it; 0 = none. Stored in the column beside the content. */
  keyId: number
}

export interface ContentCodec {
  /** Equal for equal texts of one account, and at most 32 bytes, so that it can be a key on every engine. */
  lookup(account: string, text: string): Uint8Array
  seal(account: string, content: string): Sealed
  /** Throws if the bytes were not sealed by this codec for this account. */
  open(account: string, sealed: Sealed): string
}

const maxPlainLookupBytes = 31

/** Keeps text as it is. Longer texts are looked up by their hash, which no short text equals, since its length differs. */
export const identityCodec: ContentCodec = {
  lookup(_account, text) {
    const bytes = Buffer.from(text)
    return bytes.length <= maxPlainLookupBytes ? bytes : hash('sha256', bytes, 'buffer')
  },
  seal: (_account, content) => ({ bytes: Buffer.from(content), keyId: 0 }),
  open: (_account, { bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
}
