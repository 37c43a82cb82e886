// Who makes a call, once that is proven, and from where: what handlers, authorization and audit may know of it.

export interface Caller {
  /** 12 digits. */
  account: string
  /** The principal's ARN: `arn:aws:iam::123456789012:root`. */
  arn: string
  /** What GetCallerIdentity answers as UserId; the account's id for its root. */
  userId: string
  type: 'Root'
  accessKeyId: string
  /** Of the signature's scope: the Region in which the call is made. */
  region: string
  partition: string
}
