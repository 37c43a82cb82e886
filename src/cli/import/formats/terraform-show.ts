// Reads what `terraform show -json` or `tofu show -json` prints of a state or a plan, into rows. Only what exists is
// imported: of a plan that is its prior state, whatever the plan is going to do; what it would create is told as
// skipped. Output values and variables are not looked at.
import type { ImportItem } from '../item.ts'
import { type DocumentFormat, refusal } from './format.ts'
import { isObject, listProperty, property, textProperty } from './json-value.ts'
import { terraformItems } from './terraform-items.ts'
import { neededAttributes, type TerraformRow } from './terraform-row.ts'

/** What the tree `sensitive_values`, shaped like the values with true at its leaves, says of one attribute. */
function sensitiveByTree(tree: unknown): (name: string) => 'all' | ReadonlySet<string> | undefined {
  return (name) => {
    if (tree === true) return 'all'
    const marked = property(tree, name)
    if (marked === true) return 'all'
    if (Array.isArray(marked)) return marked.some(marksAny) ? 'all' : undefined
    if (!isObject(marked)) return undefined
    const keys = Object.keys(marked).filter((key) => marksAny(marked[key]))
    return keys.length > 0 ? new Set(keys) : undefined
  }
}

function marksAny(tree: unknown): boolean {
  if (Array.isArray(tree)) return tree.some(marksAny)
  return isObject(tree) ? Object.values(tree).some(marksAny) : tree === true
}

function* moduleRows(module: unknown): Generator<TerraformRow> {
  for (const resource of listProperty(module, 'resources')) {
    const type = textProperty(resource, 'type')
    if (type === undefined) continue
    yield {
      address: textProperty(resource, 'address') ?? type,
      mode: property(resource, 'mode') === 'data' ? 'data' : 'managed',
      type,
      provider: textProperty(resource, 'provider_name') ?? '',
      providers: 'by source',
      omitsUnset: false,
      deposed: property(resource, 'deposed_key') !== undefined,
      ...neededAttributes(property(resource, 'values'), sensitiveByTree(property(resource, 'sensitive_values'))),
    }
  }
  for (const child of listProperty(module, 'child_modules')) yield* moduleRows(child)
}

function* plannedItems(plan: unknown): Generator<ImportItem> {
  for (const change of listProperty(plan, 'resource_changes')) {
    const actions = listProperty(property(change, 'change'), 'actions')
    if (property(change, 'mode') === 'data' || actions.length !== 1 || actions[0] !== 'create') continue
    yield { kind: 'skipped', where: textProperty(change, 'address') ?? '', reason: 'planned, does not exist yet' }
  }
}

function isPlan(document: unknown): boolean {
  return property(document, 'planned_values') !== undefined || property(document, 'resource_changes') !== undefined
}

export const terraformShow: DocumentFormat = {
  kind: 'document',
  name: 'terraform-show',
  description: '`terraform show -json` or `tofu show -json` of a state or a plan',
  detect: (documents) =>
    documents.some(
      (document) =>
        textProperty(document, 'format_version') !== undefined &&
        ['values', 'planned_values', 'prior_state', 'terraform_version'].some(
          (name) => property(document, name) !== undefined,
        ),
    ),
  read(documents, context) {
    const rows: TerraformRow[] = []
    const planned: ImportItem[] = []
    for (const document of documents) {
      if (isPlan(document) && property(document, 'prior_state') === undefined) {
        return [refusal('plan without a prior state: nothing of what it plans exists yet')]
      }
      const state = isPlan(document) ? property(document, 'prior_state') : document
      for (const row of moduleRows(property(property(state, 'values'), 'root_module'))) rows.push(row)
      for (const item of plannedItems(document)) planned.push(item)
    }
    return [...terraformItems(rows, context), ...planned]
  },
}
