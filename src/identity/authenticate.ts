// From a signed request to the caller it proves. Keys and derived signing keys are cached in the process; a verdict
// never is: each request's signature is computed anew.
import { Fault, type FrameworkFaultName } from '../model/fault.ts'
import type { Caller } from '../model/caller.ts'
import { partitionOf } from '../model/arn.ts'
import type { KeyProvider } from '../crypto/key-provider.ts'
import type { Database } from '../storage/database.ts'
import { type AccessKey, findAccessKey } from './credentials.ts'
import {
  mismatchMessage,
  provesKnowledgeOf,
  readClaim,
  type SignatureClaim,
  type SignedRequest,
  type SigningKey,
  signingKeyOf,
} from './sigv4.ts'

const maxCachedKeys = 10_000

export interface Authenticator {
  /** Throws a Fault in the words of AWS's front end. `services`: names that the signature's scope may give. */
  authenticate(request: SignedRequest, services: readonly string[], nowMs: number): Promise<Caller>
}

export function createAuthenticator(database: Database, keys: KeyProvider): Authenticator {
  const accessKeys = new Map<string, AccessKey>()
  const signingKeys = new Map<string, SigningKey>()

  async function accessKey(id: string): Promise<AccessKey | undefined> {
    const known = accessKeys.get(id)
    if (known) return known
    const found = await database.read((run) => findAccessKey(run, keys, id))
    if (found) remember(accessKeys, id, found)
    return found
  }

  function signingKey(key: AccessKey, claim: SignatureClaim): SigningKey {
    const name = `${key.id}/${claim.date}/${claim.region}/${claim.service}`
    const known = signingKeys.get(name)
    if (known) return known
    const derived = signingKeyOf(key.secret, claim)
    remember(signingKeys, name, derived)
    return derived
  }

  return {
    async authenticate(request, services, nowMs) {
      const read = readClaim(request, { services, nowMs })
      if ('refusal' in read) throw new Fault(read.refusal.code, read.refusal.message)
      const { claim } = read
      // No temporary credentials are issued yet, so no token can be one of ours.
      if (claim.sessionToken !== undefined)
        throw refused('InvalidClientTokenId', 'The security token included in the request is invalid')
      const key = await accessKey(claim.accessKeyId)
      if (!key) throw refused('InvalidClientTokenId', 'The security token included in the request is invalid.')
      if (!provesKnowledgeOf(signingKey(key, claim), claim, request))
        throw refused('SignatureDoesNotMatch', mismatchMessage)
      const partition = partitionOf(claim.region)
      return {
        account: key.account,
        arn: `arn:${partition}:iam::${key.account}:root`,
        userId: key.account,
        type: 'Root',
        accessKeyId: key.id,
        region: claim.region,
        partition,
      }
    },
  }
}

const refused = (shape: FrameworkFaultName, message: string) => new Fault(shape, message)

/** Forgets everything when full: cheaper than keeping an order, and no entry is dear to make again. */
function remember<Value>(cache: Map<string, Value>, name: string, value: Value): void {
  if (cache.size >= maxCachedKeys) cache.clear()
  cache.set(name, value)
}
