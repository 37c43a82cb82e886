// Writes docs/operations.md from the code: every operation with what it asks of authorization and the tests that call
// it. `--check` compares instead, for the rule that documentation matches code.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as configClient from '@aws-sdk/client-config-service'
import * as resourceGroupsClient from '@aws-sdk/client-resource-groups'
import * as taggingClient from '@aws-sdk/client-resource-groups-tagging-api'
import * as stsClient from '@aws-sdk/client-sts'
import { format } from 'prettier'
import { services } from '../src/services/services.ts'

const root = path.dirname(import.meta.dirname)
const file = path.join(root, 'docs', 'operations.md')

const titles: Record<string, { title: string; client?: object }> = {
  'resource-groups': { title: 'AWS Resource Groups', client: resourceGroupsClient },
  tagging: { title: 'AWS Resource Groups Tagging API', client: taggingClient },
  config: { title: 'AWS Config', client: configClient },
  sts: { title: 'AWS Security Token Service', client: stsClient },
  corral: { title: 'Corral' },
}

const tests = globSync('test/{wire,raw,cli,contract}/**/*.test.ts', { cwd: root })
  .sort()
  .map((name) => ({ name, text: readFileSync(path.join(root, name), 'utf8') }))

/** Test files that call the operation: by SDK command, by target, or by paginator. */
function testsOf(operation: string): string[] {
  const called = new RegExp(`\\b(?:${operation}Command\\(|paginate${operation}\\b)|\\.${operation}['"\`]`)
  return tests.filter(({ text }) => called.test(text)).map(({ name }) => name)
}

const operationsOfAws = (client: object) => Object.keys(client).filter((name) => /^[A-Z]\w+Command$/.test(name)).length

function document(): string {
  const lines = [
    '# Operations',
    '',
    'Generated from the code by `npm run docs`. Level, actions, resource types and condition keys are those of AWS’s service authorization reference (a test holds them to it); tests are the files that call the operation over the wire.',
    '',
  ]
  for (const service of services) {
    const { title, client } = titles[service.name] ?? { title: service.name }
    const count = client ? ` — ${service.operations.length} of ${operationsOfAws(client)}` : ''
    lines.push(`## ${title}${count}`, '')
    lines.push('| operation | level | actions | resource types | condition keys | tests |')
    lines.push('| --- | --- | --- | --- | --- | --- |')
    const sorted = [...service.operations].sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const { name, authorize } of sorted) {
      const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ') || '–'
      const links = testsOf(name).map((test) => `[${path.basename(test, '.test.ts')}](../${test})`)
      if (links.length === 0) throw new Error(`no test calls ${service.name}:${name}`)
      lines.push(
        `| ${name} | ${authorize.level} | ${code(authorize.actions)} | ${code(authorize.resourceTypes)} | ${code(authorize.conditionKeys)} | ${links.join(', ')} |`,
      )
    }
    lines.push('')
  }
  return lines.join('\n')
}

const text = await format(document(), { parser: 'markdown' })
if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) {
  console.error('docs/operations.md is not what the code says; run: npm run docs')
  process.exitCode = 1
}
