// Lists resources of the Region that have tags or once had some, by filters or by ARN. As AWS documents it: a page never
// splits a resource's tags, one without tags counts as one tag, unknown ARNs are left out. Where both page limits are
// given, both hold; without any a page has 50 resources. No tag policies exist, so every resource complies.
import { findByArns, pageResources, type Resource } from '../../../inventory/resources.ts'
import { findScope, ridOf, sidOf } from '../../../inventory/scope.ts'
import { boolean, integer, structure } from '../../../model/shape.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { operationsOf } from '../../operation.ts'
import {
  internalServiceException,
  invalidParameterException,
  paginationTokenExpiredException,
  throttledException,
} from '../faults.ts'
import { nextToken, pagePosition } from '../page-position.ts'
import { resourceFilter } from '../resource-filter.ts'
import { sentArns } from '../sent-arns.ts'
import {
  paginationToken,
  resourceARNListForGet,
  resourceTagMappingList,
  resourceTypeFilterList,
  tagFilterList,
} from '../shapes.ts'

const name = 'GetResources'
const defaultResourcesPerPage = 50
const maxResourcesPerPage = 100
const minTagsPerPage = 100
const maxTagsPerPage = 500

export const getResources = operationsOf<InventoryPorts>().read({
  name,
  input: structure('GetResourcesInput', {
    ExcludeCompliantResources: boolean,
    IncludeComplianceDetails: boolean,
    PaginationToken: paginationToken,
    ResourceARNList: resourceARNListForGet,
    ResourceTypeFilters: resourceTypeFilterList,
    ResourcesPerPage: integer(),
    TagFilters: tagFilterList,
    TagsPerPage: integer(),
  }),
  output: structure('GetResourcesOutput', {
    PaginationToken: paginationToken,
    ResourceTagMappingList: resourceTagMappingList,
  }),
  faults: [invalidParameterException, throttledException, internalServiceException, paginationTokenExpiredException],
  authorize: {
    level: 'Read',
    actions: ['tag:GetResources'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'tag:GetResources', resource: '*' }],
  },
  async handle(context) {
    const { input, caller, run, ports, fail } = context
    const invalid = (problem: string) => fail(invalidParameterException, problem)
    const { TagFilters = [], ResourceTypeFilters = [], ResourceARNList, ResourcesPerPage, TagsPerPage } = input
    const { IncludeComplianceDetails: compliance = false, ExcludeCompliantResources: noncompliantOnly = false } = input
    if (noncompliantOnly && !compliance)
      invalid('ExcludeCompliantResources can be true only if IncludeComplianceDetails is.')
    if (ResourcesPerPage !== undefined && (ResourcesPerPage < 1 || ResourcesPerPage > maxResourcesPerPage))
      invalid(`ResourcesPerPage must be from 1 to ${maxResourcesPerPage}.`)
    if (TagsPerPage !== undefined && (TagsPerPage < minTagsPerPage || TagsPerPage > maxTagsPerPage))
      invalid(`TagsPerPage must be from ${minTagsPerPage} to ${maxTagsPerPage}.`)
    const mapping = (resource: Resource) => ({
      ResourceARN: resource.arn,
      Tags: Object.entries(resource.tags).map(([Key, Value]) => ({ Key, Value })),
      ...(compliance ? { ComplianceDetails: complies } : {}),
    })
    const scope = await findScope(run, ports.index, caller.account, caller.region)

    if (ResourceARNList) {
      const filtered = TagFilters.length > 0 || ResourceTypeFilters.length > 0
      const paged = ResourcesPerPage !== undefined || TagsPerPage !== undefined || (input.PaginationToken ?? '') !== ''
      if (filtered || paged)
        invalid('ResourceARNList cannot be used together with filters, page limits or a PaginationToken.')
      const arns = [...sentArns(ResourceARNList, fail).keys()]
      const found = noncompliantOnly ? [] : await findByArns(run, ports.index, caller.account, arns)
      const here = found.filter(
        ({ id, state, everTagged }) => sidOf(id) === scope?.sid && state === 'live' && everTagged,
      )
      return { PaginationToken: '', ResourceTagMappingList: here.map(mapping) }
    }

    const filter = resourceFilter(TagFilters, ResourceTypeFilters)
    if ('problem' in filter) return invalid(filter.problem)
    const query = { TagFilters, ResourceTypeFilters }
    const [sid, rid] = pagePosition(context, name, query) ?? []
    if (!scope || noncompliantOnly) return { PaginationToken: '', ResourceTagMappingList: [] }
    const page = await pageResources(run, ports.index, {
      scopes: [scope],
      expression: filter.expression,
      limit: ResourcesPerPage ?? TagsPerPage ?? defaultResourcesPerPage,
      ...(sid === undefined || rid === undefined ? {} : { after: { sid, rid } }),
    })
    const resources = TagsPerPage === undefined ? page.resources : withinTags(page.resources, TagsPerPage)
    const last = resources.at(-1)
    const next =
      last && resources.length < page.resources.length ? { sid: sidOf(last.id), rid: ridOf(last.id) } : page.next
    return {
      PaginationToken: nextToken(context, name, query, next && [next.sid, next.rid]),
      ResourceTagMappingList: resources.map(mapping),
    }
  },
})

const complies = { ComplianceStatus: true, KeysWithNoncompliantValues: [], MissingTagKeys: [], NoncompliantKeys: [] }

/** As many as have no more tags together; at least one, so that every walk gets on. */
function withinTags(resources: readonly Resource[], limit: number): readonly Resource[] {
  let tags = 0
  const end = resources.findIndex((resource, place) => {
    tags += Math.max(1, Object.keys(resource.tags).length)
    return tags > limit && place > 0
  })
  return end < 0 ? resources : resources.slice(0, end)
}
