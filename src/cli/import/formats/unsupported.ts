// Names files that are known and not read, so that the refusal says what the file is and what to export instead.
// Not a format: nothing here yields resources.
import { isObject } from './json-value.ts'

const config = 'AWS Config history is not read yet'
const describe = 'describe and list output of single services is not read: export with get-resources instead'
const tagList = 'tag lists of single services are not read: export with get-resources instead'
const explorer = 'Resource Explorer output is not read yet'
const groups = 'Resource Groups output is not read: it states no tags'
const policy = 'policies are not imported here'

/** A top-level key that only one kind of file has, and the refusal. The first that matches counts. */
const refusals: readonly (readonly [key: string, reason: string])[] = [
  ['encrypted_data', 'encrypted OpenTofu state: write it out with `tofu show -json`'],
  ['configurationItems', config],
  ['configurationItem', config],
  ['configurationItemStatus', config],
  ['configurationStateId', config],
  ['QueryInfo', config],
  ['TopicArn', 'SNS notifications are not read'],
  ['GeneratedTemplateId', 'describe-generated-template is not read: import the template or the stack resources'],
  ['StackInstance', 'stack sets are not read: import each stack of it'],
  ['UserDetailList', policy],
  ['Statement', policy],
  ['Records', 'CloudTrail logs are not read'],
  ['detail-type', 'events are not read'],
  ['Findings', 'Security Hub findings are not read'],
  ['Accounts', 'Organizations output is not read: it states no tags'],
  ['GroupIdentifiers', groups],
  ['ResourceIdentifiers', groups],
  ['ResourceQuery', groups],
  ['Group', groups],
  ['Configuration', groups],
  ['ResourceTypeFilters', groups],
  ['Query', groups],
  ['TagKeys', groups],
  ['Views', explorer],
  ['View', explorer],
  ['ResourceTypes', explorer],
  ['applications', 'AppRegistry output is not read yet'],
  ['associatedResourceCount', 'AppRegistry output is not read yet'],
  ['Reservations', describe],
  ['Vpcs', describe],
  ['LoadBalancers', describe],
  ['Functions', describe],
  ['DBInstances', describe],
  ['Clusters', describe],
  ['SecretList', describe],
  ['AutoScalingGroups', describe],
  ['NatGateways', describe],
  ['Environment', describe],
  ['analyzers', describe],
  ['Tags', tagList],
  ['tags', tagList],
  ['TagList', tagList],
  ['TagSet', tagList],
  ['ResourceTags', tagList],
  ['resourceTags', tagList],
  ['ResourceTagSets', tagList],
  ['TaggedResources', tagList],
]

export const unknownFormat = 'format not recognised'

/** Why a file that no format reads is refused. */
export function unsupportedReason(documents: readonly unknown[]): string {
  if (documents.length === 0) return 'the file is empty'
  const document = documents[0]
  if (!isObject(document)) return unknownFormat
  const summaries = document['Summaries']
  if (Array.isArray(summaries) && isObject(summaries[0]) && Object.hasOwn(summaries[0], 'StackSetId')) {
    return 'stack sets are not read: import each stack of it'
  }
  return refusals.find(([key]) => Object.hasOwn(document, key))?.[1] ?? unknownFormat
}
