// Looks into parsed JSON and YAML whose shape is not known yet. Only own properties count: a file may name anything,
// `__proto__` and `constructor` too. Knows no format.

export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function property(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** Property as text; undefined where it is absent, empty, no text, or text that no UTF-8 can carry. */
export function textProperty(value: unknown, name: string): string | undefined {
  const text = property(value, name)
  return typeof text === 'string' && text !== '' && text.isWellFormed() ? text : undefined
}

export function listProperty(value: unknown, name: string): readonly unknown[] {
  const list = property(value, name)
  return Array.isArray(list) ? list : []
}
