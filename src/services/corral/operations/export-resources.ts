// Gives back what the account has, live and declared, in every Region or in some, in the form in which ImportResources
// takes it. Corral's own groups are left out: they are not imported either. Not an AWS operation.
import { findAssertions, importSourceNames } from '../../../inventory/import-sources.ts'
import { pageResources, type Resource, scopeOf } from '../../../inventory/resources.ts'
import { scopesOf } from '../../../inventory/scope.ts'
import { findStacksByIds, stackType } from '../../../inventory/stacks.ts'
import { termKinds } from '../../../inventory/terms.ts'
import { parseArn } from '../../../model/arn.ts'
import { integer, list, required, string, structure } from '../../../model/shape.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { operationsOf } from '../../operation.ts'
import { issueToken, readToken } from '../../paging.ts'
import { validationException } from '../faults.ts'
import { exportedResource } from '../shapes.ts'

const defaultPageSize = 500

export const exportResources = operationsOf<InventoryPorts>().read({
  name: 'ExportResources',
  input: structure('ExportResourcesRequest', {
    /** All unless given. */
    Regions: list(string({ min: 1, max: 64 }), { max: 128 }),
    MaxResults: integer({ min: 1, max: 1000 }),
    NextToken: string({ max: 1024 }),
  }),
  output: structure('ExportResourcesResponse', {
    Resources: required(list(exportedResource)),
    /** Absent at the end. A page may be short, even empty, and still have one. */
    NextToken: string(),
  }),
  faults: [validationException],
  authorize: {
    level: 'Read',
    actions: ['corral:ExportResources'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'corral:ExportResources', resource: '*' }],
  },
  async handle(context) {
    const { input, caller, run, ports, fail } = context
    const { index } = ports
    const query = input.Regions ?? null
    const read = input.NextToken ? readToken(context, 'ExportResources', query, input.NextToken) : undefined
    if (read && 'problem' in read) return fail(validationException, 'NextToken is not valid, or not any more.')
    const [sid, rid] = read?.position ?? []
    const all = await scopesOf(run, caller.account)
    const scopes = all.filter(({ region }) => input.Regions?.includes(region) ?? true)
    const { resources, next } = await pageResources(run, index, {
      scopes,
      expression: {
        or: [{ has: { kind: termKinds.all, key: '' } }, { has: { kind: termKinds.declared, key: '' } }],
      },
      limit: input.MaxResults ?? defaultPageSize,
      ...(sid !== undefined && rid !== undefined && { after: { sid, rid } }),
      visible: ({ arn }) => !isOwnObject(arn, caller.account),
    })
    const ids = resources.map(({ id }) => id)
    const assertions = await findAssertions(run, index, caller.account, ids)
    const sourceIds = [...assertions.values()].flatMap((bySource) => [...bySource.keys()])
    const names = await importSourceNames(run, index, caller.account, sourceIds)
    const stackIds = resources.filter(({ type }) => type === stackType).map(({ id }) => id)
    const stacks = await findStacksByIds(run, index, caller.account, stackIds)
    return {
      Resources: resources.map((resource) => {
        const stack = stacks.get(resource.id)
        return {
          ...exported(resource),
          Region: scopeOf(scopes, resource).region,
          ...(stack && { StackName: stack.name, StackStatus: stack.status }),
          Sources: [
            ...[...(assertions.get(resource.id)?.keys() ?? [])].flatMap((id) => names.get(id) ?? []),
            ...Object.keys(resource.sources ?? {}),
          ],
        }
      }),
      ...(next && { NextToken: issueToken(context, 'ExportResources', query, [next.sid, next.rid]) }),
    }
  },
})

function isOwnObject(text: string, account: string): boolean {
  const arn = parseArn(text)
  return arn?.service === 'resource-groups' && arn.account === account
}

function exported(resource: Resource) {
  const [stack] = Object.entries(resource.stacks ?? {})
  return {
    ...(resource.state === 'declared' ? { Declared: true } : { ResourceArn: resource.arn }),
    ResourceType: resource.type,
    Tags: { ...resource.tags },
    ...(resource.physicalId !== undefined && { PhysicalId: resource.physicalId }),
    ...(stack && { Stack: { StackId: stack[0], LogicalId: stack[1] } }),
  }
}
