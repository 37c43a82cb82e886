// Where the master key comes from. It seals every other secret of a store, and may lie outside the data folder: a key
// beside the data protects only copies that leave it behind.
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { open, seal } from './envelope.ts'

export interface KeyProvider {
  /** `context` names what is sealed and where, and must be given again to open it. */
  seal(plaintext: Buffer, context: string): Buffer
  open(sealed: Uint8Array, context: string): Buffer
}

const keyBytes = 32

/**
 * Throws an error whose message is for the operator. `mayCreate`: nothing is stored yet that another key sealed. Not for
 * two processes at once on one file: whoever may create holds the store's lock.
 */
export function fileKeyProvider(file: string, mayCreate: boolean): KeyProvider {
  const key = readKey(file, mayCreate) ?? (mayCreate ? createKey(file) : undefined)
  if (!key) throw new Error(`the master key ${file} is missing; without it this store's secrets cannot be opened`)
  return {
    seal: (plaintext, context) => seal(key, plaintext, context),
    open(sealed, context) {
      try {
        return open(key, sealed, context)
      } catch (error) {
        throw new Error(`the master key ${file} does not open this store's secrets; it may be another store's`, {
          cause: error,
        })
      }
    },
  }
}

function readKey(file: string, mayCreate: boolean): Buffer | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new Error(`the master key ${file} can be read by others than its owner; run: chmod 600 ${file}`)
  // A first start that was cut short may have got no further than making the file.
  if (text === '' && mayCreate) return undefined
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== keyBytes) throw new Error(`the master key ${file} is not ${keyBytes} bytes in base64`)
  return key
}

function createKey(file: string): Buffer {
  const key = randomBytes(keyBytes)
  const descriptor = openSync(file, 'w', 0o600)
  writeSync(descriptor, `${key.toString('base64')}\n`)
  fsyncSync(descriptor)
  closeSync(descriptor)
  return key
}
