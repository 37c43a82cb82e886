// Who may import whom. The table is the architecture; a new arrow is a decision, made here.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

const source = path.join(import.meta.dirname, '..', '..', 'src')

const allowed: Record<string, readonly string[]> = {
  model: [],
  storage: [],
  crypto: [],
  catalogue: ['model'],
  protocols: ['model'],
  policy: ['model'],
  changes: ['model', 'storage', 'crypto'],
  audit: ['model', 'storage', 'crypto', 'changes'],
  identity: ['model', 'storage', 'crypto', 'policy', 'changes'],
  inventory: ['model', 'storage', 'crypto', 'changes', 'catalogue'],
  services: ['model', 'storage', 'crypto', 'changes', 'inventory', 'catalogue'],
  server: [
    'model',
    'storage',
    'crypto',
    'catalogue',
    'protocols',
    'policy',
    'changes',
    'audit',
    'identity',
    'inventory',
    'services',
  ],
}
/** May import anything. */
const free = new Set(['cli', 'compose.ts', 'config.ts', 'main.ts'])

interface Import {
  from: string
  to: string
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(source, file), 'utf8')
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map((match) => match[1] ?? '')
  return specifiers.map((specifier) => ({ from: file, to: path.join(path.dirname(file), specifier) }))
}

const files = globSync('**/*.ts', { cwd: source })
const imports = files.filter((file) => !file.endsWith('.test.ts')).flatMap(importsOf)
const top = (file: string) => file.split(path.sep)[0] ?? ''

test('the rule sees the code', () => {
  assert.ok(files.length > 50)
  assert.ok(imports.length > 100)
})

test('every folder has a row in the table', () => {
  const unknown = new Set(files.map(top).filter((name) => !(name in allowed) && !free.has(name)))
  assert.deepEqual([...unknown], [])
})

test('folders import only what the table allows', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [importer, imported] = [top(from), top(to)]
    return !free.has(importer) && imported !== importer && !allowed[importer]?.includes(imported)
  })
  assert.deepEqual(wrong, [])
})

test('no service imports another', () => {
  const service = (file: string) => /^services[/\\]([^/\\]+)[/\\]/.exec(file)?.[1]
  const wrong = imports.filter(({ from, to }) => service(from) && service(to) && service(from) !== service(to))
  assert.deepEqual(wrong, [])
})

test('only the pipeline calls a handler', () => {
  const callers = files.filter((file) => /\.handle\(/.test(readFileSync(path.join(source, file), 'utf8')))
  assert.deepEqual(callers, [path.join('server', 'pipeline.ts')])
})
