// Lists the tag keys in use in the Region, AWS's own among them. AWS documents no page size and no order; here 500, in
// order of first use, which stays what it is while a walk is under way.
import { findScope } from '../../../inventory/scope.ts'
import { keysPage, termKinds } from '../../../inventory/terms.ts'
import { structure } from '../../../model/shape.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { operationsOf } from '../../operation.ts'
import {
  internalServiceException,
  invalidParameterException,
  paginationTokenExpiredException,
  throttledException,
} from '../faults.ts'
import { nextToken, pagePosition } from '../page-position.ts'
import { paginationToken, tagKeyList } from '../shapes.ts'

const name = 'GetTagKeys'
const pageSize = 500

export const getTagKeys = operationsOf<InventoryPorts>().read({
  name,
  input: structure('GetTagKeysInput', {
    PaginationToken: paginationToken,
  }),
  output: structure('GetTagKeysOutput', {
    PaginationToken: paginationToken,
    TagKeys: tagKeyList,
  }),
  faults: [invalidParameterException, throttledException, internalServiceException, paginationTokenExpiredException],
  authorize: {
    level: 'Read',
    actions: ['tag:GetTagKeys'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'tag:GetTagKeys', resource: '*' }],
  },
  async handle(context) {
    const { caller, run, ports } = context
    const [afterKid] = pagePosition(context, name, null) ?? []
    const scope = await findScope(run, ports.index, caller.account, caller.region)
    if (!scope) return { PaginationToken: '', TagKeys: [] }
    const { items, next } = await keysPage(run, ports.index, { scope, kind: termKinds.tag, afterKid, limit: pageSize })
    return {
      PaginationToken: nextToken(context, name, null, next === undefined ? undefined : [next]),
      TagKeys: items.map(({ key }) => key),
    }
  },
})
