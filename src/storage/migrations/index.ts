// The list, in order. A released migration is never edited; a new one is appended.
import type { Migration } from '../migrate.ts'
import { start } from './0001-start.ts'

export const migrations: readonly Migration[] = [start]
