// Parses YAML: several documents, CloudFormation's short forms (`!Ref a` becomes `{ Ref: a }`), aliases and merge keys.
// Every scalar but null stays the text that was written, so a version such as 2010-09-09 is no date and a tag value
// `1.10` no number. Bounds what aliases may expand to. Error messages give code and line, never the file's text.
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml'
import type { DocumentsOrReason } from './json-documents.ts'
import { isObject, type JsonObject } from './json-value.ts'

const maxDepth = 200
/** Nodes of one file after its aliases are written out. */
const maxNodes = 2_000_000

class Refused extends Error {}

interface Converted {
  value: unknown
  nodes: number
}

/** The long form of a value that carries a local tag; the tag `!GetAtt` has its own text form. */
function longForm(tag: string, value: unknown): unknown {
  const name = tag.slice(1)
  if (name === 'Ref' || name === 'Condition') return { [name]: value }
  if (name !== 'GetAtt' || typeof value !== 'string') return { [`Fn::${name}`]: value }
  const dot = value.indexOf('.')
  return { 'Fn::GetAtt': dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)] }
}

function convertDocument(root: Node | null, lines: LineCounter, budget: { nodes: number }): unknown {
  const anchors = new Map<string, Converted>()

  function refuse(node: Node, reason: string): never {
    throw new Refused(`${reason} (line ${lines.linePos(node.range?.[0] ?? 0).line})`)
  }
  function spend(node: Node, nodes: number): void {
    budget.nodes -= nodes
    if (budget.nodes < 0) refuse(node, `YAML that expands to more than ${maxNodes} nodes`)
  }
  function define(object: JsonObject, key: string, value: unknown): void {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  }
  function mergeInto(object: JsonObject, node: Node, value: unknown): void {
    for (const source of Array.isArray(value) ? value : [value]) {
      if (!isObject(source)) refuse(node, 'YAML merge of something that is no map')
      const keys = Object.keys(source)
      spend(node, keys.length)
      for (const key of keys) if (!Object.hasOwn(object, key)) define(object, key, source[key])
    }
  }
  function convertMap(node: Node & { items: { key: unknown; value: unknown }[] }, depth: number): JsonObject {
    const object: JsonObject = {}
    const merges: unknown[] = []
    for (const pair of node.items) {
      const keyNode = pair.key as Node | null
      const key = keyNode ? convert(keyNode, depth + 1) : null
      const value = pair.value ? convert(pair.value as Node, depth + 1) : null
      if (key === '<<' && isScalar(keyNode) && keyNode.type === 'PLAIN') merges.push(value)
      else if (typeof key !== 'string') refuse(node, 'YAML map with a key that is not text')
      else if (Object.hasOwn(object, key)) refuse(keyNode ?? node, 'YAML map with one key twice')
      else define(object, key, value)
    }
    for (const merge of merges) mergeInto(object, node, merge)
    return object
  }
  function convertPlain(node: Node, depth: number): unknown {
    if (isScalar(node)) return node.value
    if (isMap(node)) return convertMap(node, depth)
    if (isSeq(node)) return node.items.map((item) => (item === null ? null : convert(item as Node, depth + 1)))
    return refuse(node, 'YAML node of an unknown kind')
  }
  function convert(node: Node, depth: number): unknown {
    if (depth > maxDepth) refuse(node, `YAML nested more than ${maxDepth} deep`)
    if (isAlias(node)) {
      // The library's own look-up walks the document for each alias.
      const target = anchors.get(node.source) ?? refuse(node, 'YAML alias without an anchor before it')
      spend(node, target.nodes)
      return target.value
    }
    const before = budget.nodes
    spend(node, 1)
    const plain = convertPlain(node, depth)
    const value = node.tag?.startsWith('!') && node.tag.length > 1 ? longForm(node.tag, plain) : plain
    if ('anchor' in node && node.anchor) anchors.set(node.anchor, { value, nodes: before - budget.nodes })
    return value
  }
  return root === null ? null : convert(root, 0)
}

export function parseYamlDocuments(text: string): DocumentsOrReason {
  const lines = new LineCounter()
  try {
    const parsed = parseAllDocuments(text, {
      schema: 'failsafe',
      customTags: ['null'],
      // Compares every key of a map with all before it, which is quadratic; ours does not.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter: lines,
    })
    const budget = { nodes: maxNodes }
    const documents: unknown[] = []
    for (const document of parsed) {
      const error = document.errors[0]
      if (error) return { reason: `not valid YAML: ${error.code} (line ${lines.linePos(error.pos[0]).line})` }
      const value = convertDocument(document.contents, lines, budget)
      if (value !== null) documents.push(value)
    }
    return { documents }
  } catch (error) {
    if (error instanceof Refused) return { reason: error.message }
    // The parser recurses; nothing but nesting makes it run out of stack.
    if (error instanceof RangeError) return { reason: `YAML nested more than ${maxDepth} deep` }
    throw error
  }
}
