// Takes tags off a group. Keys that it does not have are no error.
import { label, required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { groupCheck, loadGroup, theGroup } from '../group-target.ts'
import { writeResources } from '../../../inventory/resources.ts'
import { mayChangeTags } from '../../tag-authorization.ts'
import { isReservedKey } from '../../tag-rules.ts'
import { reservedKeyMessage } from '../rules/group-tags.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { groupArnV2, tagKeyList } from '../shapes.ts'

export const untag = operationsOf<ResourceGroupsPorts>().write({
  name: 'Untag',
  http: { method: 'PATCH', uri: '/resources/{Arn}/tags', code: 200 },
  input: structure('UntagInput', {
    Arn: label(groupArnV2),
    Keys: required(tagKeyList),
  }),
  output: structure('UntagOutput', {
    Arn: groupArnV2,
    Keys: tagKeyList,
  }),
  faults: [
    badRequestException,
    forbiddenException,
    notFoundException,
    methodNotAllowedException,
    tooManyRequestsException,
    internalServerErrorException,
  ],
  load: (context) => loadGroup(context, context.input.Arn),
  authorize: {
    level: 'Tagging',
    actions: ['resource-groups:Untag'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}', 'aws:TagKeys'],
    checks: ({ input, target }) => groupCheck('resource-groups:Untag', target, () => ({ 'aws:TagKeys': input.Keys })),
  },
  async handle({ input, run, ports, target, may, fail }) {
    const { group, resource, scope } = theGroup(target, fail)
    if (input.Keys.some(isReservedKey)) return fail(badRequestException, reservedKeyMessage)
    const tags = Object.fromEntries(Object.entries(resource.tags).filter(([key]) => !input.Keys.includes(key)))
    const write = { scope, before: resource, after: { ...resource, tags } }
    const [outcome] = await writeResources(run, ports.index, [write], mayChangeTags(may))
    if (outcome && 'denied' in outcome) return fail(forbiddenException, outcome.denied)
    return { Arn: group.arn, Keys: input.Keys }
  },
})
