// Lists the values that a tag key has in the Region; none for a key that nothing has. AWS documents no page size and no
// order; here 500, in order of first use.
import { findScope } from '../../../inventory/scope.ts'
import { valuesPage } from '../../../inventory/terms.ts'
import { required, structure } from '../../../model/shape.ts'
import type { InventoryPorts } from '../../inventory-ports.ts'
import { operationsOf } from '../../operation.ts'
import {
  internalServiceException,
  invalidParameterException,
  paginationTokenExpiredException,
  throttledException,
} from '../faults.ts'
import { nextToken, pagePosition } from '../page-position.ts'
import { paginationToken, tagKey, tagValuesOutputList } from '../shapes.ts'

const name = 'GetTagValues'
const pageSize = 500

export const getTagValues = operationsOf<InventoryPorts>().read({
  name,
  input: structure('GetTagValuesInput', {
    Key: required(tagKey),
    PaginationToken: paginationToken,
  }),
  output: structure('GetTagValuesOutput', {
    PaginationToken: paginationToken,
    TagValues: tagValuesOutputList,
  }),
  faults: [invalidParameterException, throttledException, internalServiceException, paginationTokenExpiredException],
  authorize: {
    level: 'Read',
    actions: ['tag:GetTagValues'],
    resourceTypes: [],
    conditionKeys: [],
    checks: () => [{ action: 'tag:GetTagValues', resource: '*' }],
  },
  async handle(context) {
    const { input, caller, run, ports } = context
    const query = { key: input.Key }
    const [afterTid] = pagePosition(context, name, query) ?? []
    const scope = await findScope(run, ports.index, caller.account, caller.region)
    if (!scope) return { PaginationToken: '', TagValues: [] }
    const { items, next } = await valuesPage(run, ports.index, { scope, key: input.Key, afterTid, limit: pageSize })
    return {
      PaginationToken: nextToken(context, name, query, next === undefined ? undefined : [next]),
      TagValues: items.map(({ value }) => value),
    }
  },
})
