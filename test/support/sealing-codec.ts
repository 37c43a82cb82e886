// A codec that really seals: AES-256-GCM with a random nonce, the account as associated data, and lookups by an HMAC
// under a key of the account. Store suites run with it so that no store comes to rely on readable text. Keys are never
// rotated and live in memory only: for tests.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import type { ContentCodec } from '../../src/crypto/content-codec.ts'

const nonceBytes = 12
const tagBytes = 16
const sealingKeyId = 7

export function createSealingCodec(masterKey: Uint8Array = randomBytes(32)): ContentCodec {
  const derived = new Map<string, { seal: Buffer; lookup: Buffer }>()
  const keysOf = (account: string) => {
    let keys = derived.get(account)
    if (!keys) {
      const derive = (purpose: string) => createHmac('sha256', masterKey).update(`${purpose}\n${account}`).digest()
      derived.set(account, (keys = { seal: derive('seal'), lookup: derive('lookup') }))
    }
    return keys
  }
  return {
    lookup: (account, text) => createHmac('sha256', keysOf(account).lookup).update(text).digest(),
    seal(account, content) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', keysOf(account).seal, nonce)
      cipher.setAAD(Buffer.from(account))
      const text = Buffer.concat([cipher.update(content, 'utf8'), cipher.final()])
      return { bytes: Buffer.concat([nonce, text, cipher.getAuthTag()]), keyId: sealingKeyId }
    },
    open(account, { bytes, keyId }) {
      if (keyId !== sealingKeyId) throw new Error(`no key ${keyId}`)
      const textEnd = bytes.length - tagBytes
      const decipher = createDecipheriv('aes-256-gcm', keysOf(account).seal, bytes.subarray(0, nonceBytes))
      decipher.setAAD(Buffer.from(account))
      decipher.setAuthTag(bytes.subarray(textEnd))
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, textEnd)), decipher.final()]).toString()
    },
  }
}
