// Reads an ARN out of a file: checked, in its one spelling, with the type that it shows.
import { normalizeArn, typeOfArn } from '../../../catalogue/catalogue.ts'
import { type Arn, parseArn } from '../../../model/arn.ts'

export interface ResourceArn {
  text: string
  parts: Arn
}

/** Undefined if it is none. White space around it is no part of any ARN, and AWS's own samples have it. */
export function readArn(value: unknown): ResourceArn | undefined {
  if (typeof value !== 'string') return undefined
  const trimmed = value.trim()
  const text = trimmed.startsWith('arn:') ? normalizeArn(trimmed) : trimmed
  const parts = text.isWellFormed() ? parseArn(text) : undefined
  return parts && { text, parts }
}

export function arnType(arn: ResourceArn): string {
  return typeOfArn(arn.parts)
}

/** The Region that a source states, where the ARN has none: what an ARN says, nothing beside it can change. */
export function regionBeyond(arn: ResourceArn | undefined, stated: string | undefined): { region?: string } {
  return stated === undefined || (arn && arn.parts.region !== '') ? {} : { region: stated }
}
