// Reads Terraform and OpenTofu state files, versions 4 and 3, into rows. Outputs are not looked at.
import type { DocumentFormat } from './format.ts'
import { refusal } from './format.ts'
import { isObject, type JsonObject, listProperty, property, textProperty } from './json-value.ts'
import { terraformItems } from './terraform-items.ts'
import { neededAttributes, type TerraformRow } from './terraform-row.ts'

function mode(value: unknown): TerraformRow['mode'] {
  return value === 'data' ? 'data' : 'managed'
}

/** What `sensitive_attributes` says of one attribute: paths, each a list of steps into the attributes. */
function sensitiveByPath(paths: readonly unknown[]): (name: string) => 'all' | ReadonlySet<string> | undefined {
  const marked = new Map<string, 'all' | Set<string>>()
  for (const path of paths) {
    const steps: readonly unknown[] = Array.isArray(path) ? path : [path]
    const name = textProperty(steps[0], 'value')
    if (name === undefined) continue
    const index = property(steps[1], 'value')
    const key = textProperty(index, 'value') ?? (typeof index === 'string' ? index : undefined)
    const keys = marked.get(name)
    if (steps.length !== 2 || key === undefined || keys === 'all') marked.set(name, 'all')
    else if (keys) keys.add(key)
    else marked.set(name, new Set([key]))
  }
  return (name) => marked.get(name)
}

function* version4Rows(state: unknown): Generator<TerraformRow> {
  for (const resource of listProperty(state, 'resources')) {
    const type = textProperty(resource, 'type')
    if (type === undefined) continue
    const module = textProperty(resource, 'module')
    const name = textProperty(resource, 'name') ?? ''
    const isData = mode(property(resource, 'mode')) === 'data'
    const base = `${module === undefined ? '' : `${module}.`}${isData ? 'data.' : ''}${type}.${name}`
    for (const instance of listProperty(resource, 'instances')) {
      const key = property(instance, 'index_key')
      const index = typeof key === 'number' || typeof key === 'string' ? `[${JSON.stringify(key)}]` : ''
      yield {
        address: `${base}${index}`,
        mode: isData ? 'data' : 'managed',
        type,
        provider: textProperty(resource, 'provider') ?? '',
        providers: 'by instance',
        omitsUnset: false,
        deposed: property(instance, 'deposed') !== undefined,
        ...neededAttributes(
          property(instance, 'attributes') ?? unflattened(property(instance, 'attributes_flat')),
          sensitiveByPath(listProperty(instance, 'sensitive_attributes')),
        ),
      }
    }
  }
}

/** Version 3 keeps nested values under flat keys: `tags.%` counts a map, `tag.#` a list whose elements have hashes. */
function unflattened(flat: unknown): JsonObject {
  const attributes: JsonObject = {}
  const maps = new Map<string, JsonObject>()
  const lists = new Map<string, Map<string, JsonObject>>()
  for (const [key, value] of Object.entries(isObject(flat) ? flat : {})) {
    const dot = key.indexOf('.')
    if (dot < 0) {
      attributes[key] = value
      continue
    }
    const name = key.slice(0, dot)
    if (name !== 'tags' && name !== 'tags_all' && name !== 'tag') continue
    const rest = key.slice(dot + 1)
    if (rest === '%') maps.set(name, maps.get(name) ?? (Object.create(null) as JsonObject))
    else if (rest === '#') lists.set(name, lists.get(name) ?? new Map())
    else if (property(flat, `${name}.#`) === undefined) {
      const map = maps.get(name) ?? (Object.create(null) as JsonObject)
      map[rest] = value
      maps.set(name, map)
    } else {
      const end = rest.indexOf('.')
      const elements = lists.get(name) ?? new Map<string, JsonObject>()
      const hash = end < 0 ? rest : rest.slice(0, end)
      const element = elements.get(hash) ?? (Object.create(null) as JsonObject)
      if (end >= 0) element[rest.slice(end + 1)] = value
      elements.set(hash, element)
      lists.set(name, elements)
    }
  }
  for (const [name, map] of maps) attributes[name] = map
  for (const [name, elements] of lists) attributes[name] = [...elements.values()]
  return attributes
}

function* version3Rows(state: unknown): Generator<TerraformRow> {
  for (const module of listProperty(state, 'modules')) {
    const path = listProperty(module, 'path').slice(1)
    const prefix = path.map((name) => `module.${String(name)}.`).join('')
    const resources = property(module, 'resources')
    for (const [key, resource] of Object.entries(isObject(resources) ? resources : {})) {
      const type = textProperty(resource, 'type')
      if (type === undefined) continue
      const objects = [
        ...[property(resource, 'primary')].filter(isObject).map((object) => ({ object, deposed: false })),
        ...listProperty(resource, 'deposed').map((object) => ({ object, deposed: true })),
      ]
      for (const { object, deposed } of objects) {
        yield {
          address: `${prefix}${key}`,
          mode: key.startsWith('data.') ? 'data' : 'managed',
          type,
          provider: textProperty(resource, 'provider') ?? '',
          providers: 'by instance',
          omitsUnset: true,
          deposed,
          ...neededAttributes(
            { id: property(object, 'id'), ...unflattened(property(object, 'attributes')) },
            () => undefined,
          ),
        }
      }
    }
  }
}

function isState(document: unknown): boolean {
  return (
    typeof property(document, 'version') === 'number' &&
    (Array.isArray(property(document, 'resources')) ||
      Array.isArray(property(document, 'modules')) ||
      (property(document, 'terraform_version') !== undefined && property(document, 'lineage') !== undefined))
  )
}

export const terraformState: DocumentFormat = {
  kind: 'document',
  name: 'terraform-state',
  description: 'Terraform or OpenTofu state file, version 4 or 3',
  detect: (documents) => documents.some(isState),
  read(documents, context) {
    const rows: TerraformRow[] = []
    for (const document of documents) {
      const version = property(document, 'version')
      if (version !== 3 && version !== 4) return [refusal('Terraform state of a version other than 3 and 4')]
      for (const row of version === 4 ? version4Rows(document) : version3Rows(document)) rows.push(row)
    }
    return terraformItems(rows, context)
  },
}
