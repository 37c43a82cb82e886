import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseYamlDocuments } from './yaml-documents.ts'

function one(text: string): unknown {
  const parsed = parseYamlDocuments(text)
  assert.ok('documents' in parsed, 'reason' in parsed ? parsed.reason : '')
  assert.equal(parsed.documents.length, 1)
  return parsed.documents[0]
}

void test('scalars stay as written', () => {
  assert.deepEqual(one('v: 2010-09-09\nn: 1.10\no: 010\nb: yes\nt: true\ns: "1"\ne: ""\nz: ~\nu:\nm: |\n  a\n  b\n'), {
    v: '2010-09-09',
    n: '1.10',
    o: '010',
    b: 'yes',
    t: 'true',
    s: '1',
    e: '',
    z: null,
    u: null,
    m: 'a\nb\n',
  })
})

const shortForms: [text: string, value: unknown][] = [
  ['!Ref a', { Ref: 'a' }],
  ['!Condition a', { Condition: 'a' }],
  ['!GetAtt a.b.c', { 'Fn::GetAtt': ['a', 'b.c'] }],
  ['!GetAtt [a, b]', { 'Fn::GetAtt': ['a', 'b'] }],
  ['!Sub "${a}-x"', { 'Fn::Sub': '${a}-x' }],
  ['!Sub ["${a}", {a: !Ref b}]', { 'Fn::Sub': ['${a}', { a: { Ref: 'b' } }] }],
  ['!If [c, !Ref a, !Ref "AWS::NoValue"]', { 'Fn::If': ['c', { Ref: 'a' }, { Ref: 'AWS::NoValue' }] }],
  [
    '!Join ["-", [a, !Select [0, !GetAZs ""]]]',
    { 'Fn::Join': ['-', ['a', { 'Fn::Select': ['0', { 'Fn::GetAZs': '' }] }]] },
  ],
  ['!Transform {Name: AWS::Include}', { 'Fn::Transform': { Name: 'AWS::Include' } }],
  ['!!str 1', '1'],
  ['! x', 'x'],
]

for (const [text, value] of shortForms) {
  void test(`reads ${text}`, () => {
    assert.deepEqual(one(`v: ${text}`), { v: value })
  })
}

void test('reads documents, and skips the empty ones', () => {
  assert.deepEqual(parseYamlDocuments('---\n# nothing\n---\na: b\n---\n---\nc: d\n...\n'), {
    documents: [{ a: 'b' }, { c: 'd' }],
  })
  assert.deepEqual(parseYamlDocuments('# nothing'), { documents: [] })
})

void test('aliases and merge keys', () => {
  assert.deepEqual(one('a: &x {k: v, l: w}\nb: *x\nc:\n  <<: *x\n  l: own\nd:\n  <<: [*x, {m: n}]\n'), {
    a: { k: 'v', l: 'w' },
    b: { k: 'v', l: 'w' },
    c: { l: 'own', k: 'v' },
    d: { k: 'v', l: 'w', m: 'n' },
  })
})

void test('a key named __proto__ is a key', () => {
  const value = one('labels:\n  __proto__: {polluted: yes}\n  constructor: c\n') as { labels: object }
  assert.deepEqual(Object.keys(value.labels), ['__proto__', 'constructor'])
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  const merged = one('a: &x\n  __proto__: p\nb:\n  <<: *x\n') as { b: object }
  assert.deepEqual(Object.entries(merged.b), [['__proto__', 'p']])
})

const refused: [name: string, text: string, reason: RegExp][] = [
  ['one key twice', 'a: 1\nb: 2\na: 3\n', /^YAML map with one key twice \(line 3\)$/],
  ['an alias before its anchor', 'a: *x\nb: &x 1\n', /alias/i],
  ['an alias to itself', 'a: &x [*x]\n', /alias/i],
  ['a merge of text', 'a:\n  <<: text\n', /merge of something that is no map/],
  ['a map as key', '? {a: b}\n: c\n', /key that is not text/],
  ['what does not parse', 'a: [1, 2\nb: "\n', /^not valid YAML: [A-Z_]+ \(line \d\)$/],
  ['a Helm template', 'metadata:\n  name: {{ .Release.Name }}\n', /not text|not valid YAML/],
  ['deep nesting', `a: ${'['.repeat(300)}${']'.repeat(300)}`, /nested more than 200 deep/],
  ['very deep nesting', `a: ${'['.repeat(50_000)}`, /RESOURCE_EXHAUSTION|nested/],
  ['very deep nesting of lists', `${'- '.repeat(20_000)}a`, /RESOURCE_EXHAUSTION|nested/],
]

for (const [name, text, reason] of refused) {
  void test(`refuses ${name}`, () => {
    const parsed = parseYamlDocuments(text)
    assert.ok('reason' in parsed)
    assert.match(parsed.reason, reason)
  })
}

void test('an error shows nothing of the text', () => {
  for (const text of ['password: "hunter2\n', 'a: b\n"hunter2": [', 'a: @hunter2', '*hunter2', '- a\nhunter2: x']) {
    const parsed = parseYamlDocuments(text)
    assert.ok('reason' in parsed)
    assert.doesNotMatch(parsed.reason, /hunter2/)
  }
})

void test('aliases cannot multiply', () => {
  const levels = Array.from({ length: 40 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`)
  const parsed = parseYamlDocuments(`a0: &a0 x\n${levels.join('\n')}`)
  assert.ok('reason' in parsed)
  assert.match(parsed.reason, /expands to more than 2000000 nodes/)
  const merges = Array.from({ length: 3000 }, () => '- <<: *big').join('\n')
  const big = Array.from({ length: 3000 }, (_, key) => `  k${key}: v`).join('\n')
  const merged = parseYamlDocuments(`a: &big\n${big}\nb:\n${merges}\n`)
  assert.ok('reason' in merged)
  assert.match(merged.reason, /expands to more than 2000000 nodes/)
})

void test('many aliases and many keys take time in proportion', () => {
  const start = performance.now()
  assert.ok('documents' in parseYamlDocuments(`a: &a 1\nb:\n${' - *a\n'.repeat(30_000)}`))
  assert.ok('documents' in parseYamlDocuments(Array.from({ length: 30_000 }, (_, key) => `k${key}: v\n`).join('')))
  assert.ok(performance.now() - start < 10_000)
})
