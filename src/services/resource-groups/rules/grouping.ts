// What becomes of a resource that shall enter or leave an application: its tag decides. Knows neither who may nor how
// many others there are.
import type { ResourceState, Tags } from '../../../inventory/resources.ts'
import { maxUserTags, userTagCount } from '../../tag-rules.ts'

export type GroupingAction = 'GROUP' | 'UNGROUP'

/** The tag by which a resource belongs to an application: its value is the application's ARN. */
export const applicationTagKey = 'awsApplication'

export interface GroupingFailure {
  code: string
  message: string
}

export type GroupingVerdict = { tags: Tags } | { skipped: true } | { failure: GroupingFailure }

// AWS publishes no codes but the one recorded for a resource of a wrong type; these are its services' usual ones.
export const notFound: GroupingFailure = {
  code: 'ResourceNotFoundException',
  message: 'The resource does not exist in this account and Region.',
}

/** `tags`: what the resource has to have from now on. Skipped: it is as it shall be already. */
export function groupingVerdict(
  action: GroupingAction,
  resource: { state: ResourceState; tags: Tags } | undefined,
  groupArn: string,
): GroupingVerdict {
  if (resource?.state !== 'live') return { failure: notFound }
  const application = resource.tags[applicationTagKey]
  if (action === 'UNGROUP') {
    if (application !== groupArn) return { skipped: true }
    return { tags: withoutApplication(resource.tags) }
  }
  if (application === groupArn) return { skipped: true }
  if (application !== undefined)
    return { failure: { code: 'ConflictException', message: `The resource belongs to ${application}.` } }
  const failure = tagLimitFailure(resource.tags)
  return failure ? { failure } : { tags: { ...resource.tags, [applicationTagKey]: groupArn } }
}

/** Why a resource cannot be given one more tag. */
export function tagLimitFailure(tags: Tags): GroupingFailure | undefined {
  if (userTagCount(Object.keys(tags)) < maxUserTags) return undefined
  return { code: 'LimitExceededException', message: `A resource can have no more than ${maxUserTags} tags.` }
}

export function withoutApplication(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => key !== applicationTagKey))
}
