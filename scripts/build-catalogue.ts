// Writes src/catalogue/catalogue.json anew: run it after an update of the data packages or of scripts/catalogue/*.json,
// and read the diff. The result depends on nothing else, so a second run changes nothing.
import { writeFileSync } from 'node:fs'
import { buildCatalogue, formatCatalogue } from './catalogue/build.ts'
import { readHandData, readIamResourceTypes, readSpec } from './catalogue/sources.ts'

const file = buildCatalogue(readSpec(), readIamResourceTypes(), readHandData())
writeFileSync(new URL('../src/catalogue/catalogue.json', import.meta.url), formatCatalogue(file))
console.log(`${file.types.length} types, ${file.notTaggable.length} Terraform types that cannot carry tags`)
