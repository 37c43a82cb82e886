// What an AWS service's inputs and outputs look like, as data: one description from which codecs, validation, types and
// documentation are derived. Describes only; reading, checking and writing live in their own files.

export interface StringShape<Values extends string = string> {
  kind: 'string'
  min?: number
  max?: number
  /** As AWS's model spells it; the whole value must match. */
  pattern?: string
  enum?: readonly Values[]
  /** Never shown in an audit record, an error or a log. */
  sensitive?: boolean
}
export interface NumberShape {
  kind: 'integer' | 'long' | 'double'
  min?: number
  max?: number
}
export interface BooleanShape {
  kind: 'boolean'
}
/** Milliseconds since 1970; how it travels is the protocol's business. */
export interface TimestampShape {
  kind: 'timestamp'
}
export interface ListShape<Member extends Shape = Shape> {
  kind: 'list'
  member: Member
  min?: number
  max?: number
}
export interface MapShape<Item extends Shape = Shape> {
  kind: 'map'
  key: StringShape
  value: Item
  min?: number
  max?: number
}
export interface StructureShape<Members extends MemberMap = MemberMap> {
  kind: 'structure'
  name: string
  members: Members
  /** The members with their names, in order: walked with every call. */
  entries: readonly (readonly [string, Member])[]
}
export type Shape = StringShape | NumberShape | BooleanShape | TimestampShape | ListShape | MapShape | StructureShape

export interface Member<S extends Shape = Shape, Required extends boolean = boolean> {
  shape: S
  required: Required
  /** Where a REST request carries it; the body unless said. */
  location?: 'uri' | 'querystring'
  /** Its name there, where it differs from the member's. */
  locationName?: string
}
export type MemberMap = Readonly<Record<string, Member>>

/** The TypeScript type of a shape's values; of the widest shape, which would describe itself without end, unknown. */
export type ValueOf<S> = Shape extends S
  ? unknown
  : S extends StringShape<infer Values>
    ? Values
    : S extends NumberShape | TimestampShape
      ? number
      : S extends BooleanShape
        ? boolean
        : S extends ListShape<infer Item>
          ? ValueOf<Item>[]
          : S extends MapShape<infer Item>
            ? Record<string, ValueOf<Item>>
            : S extends StructureShape<infer Members>
              ? StructureValue<Members>
              : never

type StructureValue<Members extends MemberMap> = {
  [Name in keyof Members as Members[Name]['required'] extends true ? Name : never]: ValueOf<Members[Name]['shape']>
} & {
  [Name in keyof Members as Members[Name]['required'] extends true ? never : Name]?:
    ValueOf<Members[Name]['shape']> | undefined
}

type Limits = { min?: number; max?: number }

export const string = (limits: Limits & { pattern?: string; sensitive?: boolean } = {}): StringShape => ({
  kind: 'string',
  ...limits,
})
export const enumeration = <const Values extends readonly string[]>(
  ...values: Values
): StringShape<Values[number]> => ({
  kind: 'string',
  enum: values,
})
export const integer = (limits: Limits = {}): NumberShape => ({ kind: 'integer', ...limits })
export const long = (limits: Limits = {}): NumberShape => ({ kind: 'long', ...limits })
export const boolean: BooleanShape = { kind: 'boolean' }
export const timestamp: TimestampShape = { kind: 'timestamp' }
export const list = <Item extends Shape>(member: Item, limits: Limits = {}): ListShape<Item> => ({
  kind: 'list',
  member,
  ...limits,
})
export const map = <Item extends Shape>(key: StringShape, value: Item, limits: Limits = {}): MapShape<Item> => ({
  kind: 'map',
  key,
  value,
  ...limits,
})

/** Members are optional unless wrapped by `required`, and travel in the body unless by `label` or `query`. */
export function structure<const Members extends Record<string, Shape | Member>>(
  name: string,
  members: Members,
): StructureShape<{
  [Name in keyof Members]: Members[Name] extends Member
    ? Members[Name]
    : Members[Name] extends Shape
      ? Member<Members[Name], false>
      : never
}> {
  const entries = Object.entries(members).map(([member, given]): [string, Member] => [
    member,
    'kind' in given ? { shape: given, required: false } : given,
  ])
  return { kind: 'structure', name, members: Object.fromEntries(entries) as never, entries }
}

export const required = <S extends Shape>(shape: S): Member<S, true> => ({ shape, required: true })
/** A required part of a REST path. */
export const label = <S extends Shape>(shape: S): Member<S, true> => ({ shape, required: true, location: 'uri' })
export const query = <S extends Shape>(locationName: string, shape: S): Member<S, false> => ({
  shape,
  required: false,
  location: 'querystring',
  locationName,
})
