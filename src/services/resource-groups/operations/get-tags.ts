// Answers a group's tags.
import { label, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { groupCheck, loadGroup, theGroup } from '../group-target.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { groupArnV2, tags } from '../shapes.ts'

export const getTags = operationsOf<ResourceGroupsPorts>().read({
  name: 'GetTags',
  http: { method: 'GET', uri: '/resources/{Arn}/tags', code: 200 },
  input: structure('GetTagsInput', {
    Arn: label(groupArnV2),
  }),
  output: structure('GetTagsOutput', {
    Arn: groupArnV2,
    Tags: tags,
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
    level: 'Read',
    actions: ['resource-groups:GetTags'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}'],
    checks: ({ target }) => groupCheck('resource-groups:GetTags', target),
  },
  async handle({ target, fail }) {
    const { group, resource } = theGroup(target, fail)
    return { Arn: group.arn, Tags: { ...resource.tags } }
  },
})
