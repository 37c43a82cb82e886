// Documentation says what the code does: the list of operations is the generated one, settings and flags that are named
// exist, and links lead somewhere. Whether the sentences are true, no test can tell.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { environmentOf, settings } from '../../src/config.ts'

const root = path.join(import.meta.dirname, '..', '..')
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).sort()
const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8')
const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })

/** Of the `aws` command, which the documents show in use. */
const flagsOfAws = new Set(['--query', '--name', '--group', '--resource-query', '--resource-arn-list', '--tags'])

const withoutCode = (text: string) => text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '')

interface Link {
  file: string
  target: string
}

const links: Link[] = documents.flatMap((file) =>
  [...withoutCode(textOf(file)).matchAll(/\]\(([^()\s]+)\)/g)].map((match) => ({ file, target: match[1] ?? '' })),
)

/** As GitHub makes them of headings. */
const anchorsOf = (text: string) =>
  [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#{1,6} (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  )

test('docs/operations.md is what the code says', () => {
  const { status, stderr } = node('--disable-warning=ExperimentalWarning', 'scripts/operations-doc.ts', '--check')
  assert.equal(status, 0, stderr)
})

test('every relative link leads to a file, and to a heading in it', () => {
  assert.ok(documents.includes('README.md') && links.length > 50, `${links.length} links`)
  const broken = links.filter(({ file, target }) => {
    if (/^(?:https?|mailto):/.test(target)) return false
    const [name = '', anchor] = target.split('#', 2)
    const leadsTo = name === '' ? file : path.join(path.dirname(file), name)
    if (!existsSync(path.join(root, leadsTo))) return true
    return anchor !== undefined && !anchorsOf(textOf(leadsTo)).includes(anchor)
  })
  assert.deepEqual(broken, [])
})

test('settings that a document names exist', () => {
  const known = new Set([...settings.map(environmentOf), 'CORRAL_CONFIG'])
  const named = documents.flatMap((file) => [...textOf(file).matchAll(/\bCORRAL_[A-Z_]+\b/g)].map(([name]) => name))
  assert.ok(named.length > 3)
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  )
})

test('flags that a document names exist', () => {
  const help = ['serve', 'config', 'import', 'export'].map((command) => node('src/main.ts', command, '--help').stdout)
  const known = new Set(help.flatMap((text) => text.match(/--[a-z][a-z-]+/g) ?? []))
  assert.ok(known.has('--dry-run') && known.has('--tls-cert'))
  const named = documents.flatMap((file) =>
    [...textOf(file).matchAll(/(?<![\w-])--[a-z]{2}[a-z-]*/g)].map(([flag]) => ({ file, flag })),
  )
  assert.ok(named.length > 10)
  assert.deepEqual(
    named.filter(({ flag }) => !known.has(flag) && !flagsOfAws.has(flag)),
    [],
  )
})

test('every test that the list of differences names is there', () => {
  const text = textOf('docs/differences-from-aws.md')
  const named = [...text.matchAll(/\]\(\.\.\/((?:test|src)\/[^)]+\.test\.ts)\)/g)].map((match) => match[1] ?? '')
  assert.ok(named.length > 30, `${named.length}`)
  assert.deepEqual(
    named.filter((file) => !existsSync(path.join(root, file))),
    [],
  )
})
