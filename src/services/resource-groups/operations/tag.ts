// Adds tags to a group, or gives those it has other values. Answers what was sent, as AWS does.
import { label, required, structure } from '../../../model/shape.ts'
import { operationsOf } from '../../operation.ts'
import type { ResourceGroupsPorts } from '../ports.ts'
import { groupCheck, loadGroup, theGroup } from '../group-target.ts'
import { writeResources } from '../../../inventory/resources.ts'
import { mayChangeTags, prefixed } from '../../tag-authorization.ts'
import { tagsProblem } from '../rules/group-tags.ts'
import {
  badRequestException,
  forbiddenException,
  notFoundException,
  methodNotAllowedException,
  tooManyRequestsException,
  internalServerErrorException,
} from '../faults.ts'
import { groupArnV2, tags } from '../shapes.ts'

export const tag = operationsOf<ResourceGroupsPorts>().write({
  name: 'Tag',
  http: { method: 'PUT', uri: '/resources/{Arn}/tags', code: 200 },
  input: structure('TagInput', {
    Arn: label(groupArnV2),
    Tags: required(tags),
  }),
  output: structure('TagOutput', {
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
    level: 'Tagging',
    actions: ['resource-groups:Tag'],
    resourceTypes: ['group'],
    conditionKeys: ['aws:ResourceTag/${TagKey}', 'aws:RequestTag/${TagKey}', 'aws:TagKeys'],
    checks: ({ input, target }) =>
      groupCheck('resource-groups:Tag', target, () => ({
        ...prefixed('aws:RequestTag/', input.Tags),
        'aws:TagKeys': Object.keys(input.Tags),
      })),
  },
  async handle({ input, run, ports, target, may, fail }) {
    const { group, resource, scope } = theGroup(target, fail)
    const tags = { ...resource.tags, ...input.Tags }
    const problem = tagsProblem(input.Tags) ?? tagsProblem(tags)
    if (problem !== undefined) return fail(badRequestException, problem)
    const write = { scope, before: resource, after: { ...resource, tags } }
    const [outcome] = await writeResources(run, ports.index, [write], mayChangeTags(may))
    if (outcome && 'denied' in outcome) return fail(forbiddenException, outcome.denied)
    return { Arn: group.arn, Tags: input.Tags }
  },
})
