// AWS STS: who is calling. Temporary credentials come with identity.
import type { Service } from '../operation.ts'
import { getCallerIdentity } from './operations/get-caller-identity.ts'

export const sts: Service = {
  name: 'sts',
  protocol: 'aws-query',
  signingNames: ['sts'],
  apiVersion: '2011-06-15',
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  faultMessageKey: 'message',
  operations: [getCallerIdentity],
}
