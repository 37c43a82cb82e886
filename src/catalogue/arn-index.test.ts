import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addTemplate, findAllByArn, findByArn, hasBareNames, newArnIndex, readTemplate } from './arn-index.ts'

function indexOf(...templates: string[]) {
  const index = newArnIndex<string>()
  for (const template of templates) addTemplate(index, readTemplate(`arn:\${Partition}:${template}`), template)
  return index
}

const arn = (resource: string, place: { region?: string; account?: string } = {}) => ({
  partition: 'aws',
  service: 's',
  region: 'us-east-1',
  account: '123456789012',
  ...place,
  resource,
})

const where = 's:${Region}:${Account}:'

void test('a literal wins over a variable, the longer template over the shorter, and the rest goes to the last variable', () => {
  const index = indexOf(
    `${where}lb/\${Name}`,
    `${where}lb/app/\${Name}/\${Id}`,
    `${where}rule/\${Rule}`,
    `${where}rule/\${Bus}/\${Rule}`,
    `${where}group:\${Group}`,
    `${where}group:\${Group}:stream:\${Stream}`,
    `${where}/apis/\${Id}`,
    `${where}/apis/\${Id}/stages/\${Stage}`,
    `${where}/account`,
  )
  const cases: [resource: string, template: string | undefined][] = [
    ['lb/x', 'lb/${Name}'],
    ['lb/app', 'lb/${Name}'],
    ['lb/app/x/1', 'lb/app/${Name}/${Id}'],
    ['lb/net/x/1', 'lb/${Name}'],
    ['rule/x', 'rule/${Rule}'],
    ['rule/b/x', 'rule/${Bus}/${Rule}'],
    ['rule/b/x/y:z', 'rule/${Bus}/${Rule}'],
    ['rule/b//', 'rule/${Bus}/${Rule}'],
    ['group:/a/b', 'group:${Group}'],
    ['group:/a/b:*', 'group:${Group}'],
    ['group:a:stream:b', 'group:${Group}:stream:${Stream}'],
    ['group:/a/b:stream:c/d', 'group:${Group}:stream:${Stream}'],
    ['/apis/1', '/apis/${Id}'],
    ['/apis/1/stages/x', '/apis/${Id}/stages/${Stage}'],
    ['/account', '/account'],
    ['account', undefined],
    ['/account/x', undefined],
    ['lb/', undefined],
    ['lb', undefined],
    ['lb:x', undefined],
    ['LB/x', undefined],
    ['constructor/x', undefined],
    ['__proto__', undefined],
    ['/', undefined],
    [':', undefined],
  ]
  for (const [resource, template] of cases) {
    assert.equal(findByArn(index, arn(resource)), template && where + template, resource)
  }
  assert.equal(findByArn(index, { ...arn('lb/x'), service: 'other' }), undefined)
})

void test('a template that is one bare variable takes a bare name only', () => {
  const index = indexOf(`${where}\${Queue}`, `${where}kept/\${Name}`)
  assert.equal(findByArn(index, arn('jobs')), `${where}\${Queue}`)
  assert.equal(findByArn(index, arn('jobs/x')), undefined)
  assert.equal(findByArn(index, arn('kept/x')), `${where}kept/\${Name}`)
  assert.equal(hasBareNames(index, 's'), true)
  assert.equal(hasBareNames(index, 'other'), false)
})

void test('empty Region and account decide between templates of one shape, and nothing else', () => {
  const index = indexOf(`${where}point/\${Name}`, 's::${Account}:point/${Alias}', 's:${Region}::image/${Id}')
  assert.equal(findByArn(index, arn('point/x')), `${where}point/\${Name}`)
  assert.equal(findByArn(index, arn('point/x', { region: '' })), 's::${Account}:point/${Alias}')
  assert.equal(findByArn(index, arn('point/x', { account: '' })), `${where}point/\${Name}`)
  assert.equal(findByArn(index, arn('image/x')), 's:${Region}::image/${Id}')
  assert.equal(findAllByArn(index, arn('point/x')).length, 2)
  assert.deepEqual(findAllByArn(index, arn('nothing/x')), [])
})

void test('hostile resources cost no more than their length', () => {
  const index = indexOf(
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((_, count) => where + '${V}:'.repeat(count + 1) + 'end:${W}'),
    `${where}x/\${A}/\${B}/\${C}/\${D}/\${E}`,
  )
  const cost = (resource: string) => {
    const start = performance.now()
    for (let round = 0; round < 20; round++) findByArn(index, arn(resource))
    return performance.now() - start
  }
  for (const unit of ['a:', 'a/', '/:', ':::', 'x/', 'end:']) {
    cost(unit.repeat(1000))
    assert.ok(cost(unit.repeat(100_000)) < 2000, unit)
  }
})
