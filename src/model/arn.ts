// Amazon Resource Names: taking apart and putting together. Knows the grammar only; which ARN belongs to which type is
// the catalogue's business.

export interface Arn {
  partition: string
  service: string
  /** Empty for global resources. */
  region: string
  /** Empty where the service leaves it out (S3, Route 53). */
  account: string
  /** All after the account: `instance/i-0abc`, `function:name`, `bucket`. Never empty. */
  resource: string
}

/** AWS's own limit on an ARN, in characters (ResourceARN in the tagging API's model). */
export const maxArnLength = 1011

const partitionPattern = /^[a-z][a-z0-9-]{0,62}$/
const servicePattern = /^[a-z0-9][a-z0-9-.]{0,62}$/
const regionPattern = /^(?:[a-z][a-z0-9-]{0,62})?$/
const accountPattern = /^(?:\d{12}|aws|cloudfront)?$/
// oxlint-disable-next-line no-control-regex -- control characters are what it refuses
const controlCharacters = /[\u0000-\u001f\u007f]/

/** The ARN's parts, or undefined if the text is not an ARN. */
export function parseArn(text: string): Arn | undefined {
  if (text.length > maxArnLength || !text.startsWith('arn:')) return undefined
  const ends: number[] = [3]
  for (let count = 0; count < 4; count++) {
    const end = text.indexOf(':', (ends.at(-1) ?? 0) + 1)
    if (end < 0) return undefined
    ends.push(end)
  }
  const part = (index: number) => text.slice((ends[index] ?? 0) + 1, ends[index + 1])
  const arn = {
    partition: part(0),
    service: part(1),
    region: part(2),
    account: part(3),
    resource: text.slice((ends[4] ?? 0) + 1),
  }
  const wellFormed =
    partitionPattern.test(arn.partition) &&
    servicePattern.test(arn.service) &&
    regionPattern.test(arn.region) &&
    accountPattern.test(arn.account) &&
    arn.resource !== '' &&
    !controlCharacters.test(arn.resource)
  return wellFormed ? arn : undefined
}

export function formatArn(arn: Arn): string {
  return `arn:${arn.partition}:${arn.service}:${arn.region}:${arn.account}:${arn.resource}`
}

/** The Region in which a partition keeps its global resources (IAM, Route 53, CloudFront). */
export function globalRegion(partition: string): string {
  switch (partition) {
    case 'aws-cn':
      return 'cn-north-1'
    case 'aws-us-gov':
      return 'us-gov-west-1'
    default:
      return 'us-east-1'
  }
}

/** The partition that a Region belongs to. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  if (region.startsWith('us-iso-')) return 'aws-iso'
  if (region.startsWith('us-isob-')) return 'aws-iso-b'
  return 'aws'
}

/** A Region as signatures and endpoints may name one: `us-east-1`, `us-gov-west-1`. */
export const isRegionName = (text: string): boolean => /^[a-z]{2}(?:-[a-z]{1,20}){1,3}-\d{1,2}$/.test(text)
