// One operation, whole: what it takes and gives, what can go wrong, who may call it and what it does. Routes, codecs,
// validation, documentation and the drift tests derive from it.
import type { ChangeRun } from '../changes/change-log.ts'
import { Fault, type FaultShape } from '../model/fault.ts'
import type { Caller } from '../model/caller.ts'
import type { StructureShape, ValueOf } from '../model/shape.ts'
import type { WireOperation, WireService } from '../model/operation.ts'
import type { Run } from '../storage/database.ts'

/** Request and resource tags, and other condition keys, as AWS names them: `aws:RequestTag/Stage`. */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>

/** One question to the policy engine. */
export interface Check<Action extends string = string> {
  action: Action
  /** ARN, or `*` for actions that know no resource. */
  resource: string
  /** Condition keys that the call brings; made only if a decision depends on any. */
  context?: () => ConditionContext
}

export interface Decision {
  allowed: boolean
  /** AWS's sentence for a denial. */
  message: string
}

export interface Authorization<Input, Ports, Action extends string, Keys extends string, Target> {
  level: 'Read' | 'List' | 'Write' | 'Tagging'
  /** Every action that the operation may check, as AWS's service authorization reference names them. */
  actions: readonly Action[]
  /** Resource types of the reference; none = `*`. */
  resourceTypes: readonly string[]
  conditionKeys: readonly Keys[]
  /** What must be allowed before the handler runs, in the handler's own transaction. */
  checks(context: HandlerContext<Input, Run, Ports, Target>): Check<Action>[] | Promise<Check<Action>[]>
}

export interface HandlerContext<Input, R, Ports, Target = unknown> {
  input: Input
  /** What the operation's `load` found. */
  target: Target
  caller: Caller
  run: R
  ports: Ports
  requestId: string
  nowMs: number
  /** For operations that answer item by item: one more question, whose denial the handler reports itself. */
  may: (check: Check) => Decision
}

type Handler<Input, Output, R, Ports, Faults extends FaultShape, Target> = (
  context: HandlerContext<Input, R, Ports, Target> & {
    /** Throws one of the faults that the operation declares. */
    fail: (fault: Faults, message: string) => never
  },
) => Promise<Output>

interface Definition<
  I extends StructureShape,
  O extends StructureShape | undefined,
  Faults extends FaultShape,
  Ports,
  Action extends string,
  Keys extends string,
  Target,
> extends WireOperation {
  input: I
  output: O
  faults: readonly Faults[]
  /**
   * Reads what the call is about, once, in the call's own transaction: authorization asks about it and the handler works
   * on it. Reveals nothing: what does not exist is a value, told as a fault only after authorization.
   */
  load?(context: Omit<HandlerContext<ValueOf<I>, Run, Ports>, 'target'>): Promise<Target>
  authorize: Authorization<ValueOf<I>, Ports, Action, Keys, NoInfer<Target>>
}

type OutputOf<O> = O extends StructureShape ? ValueOf<O> : Record<string, never>

/** An operation as the pipeline sees it, its types no longer told apart. */
export interface Operation<Ports = unknown> extends WireOperation {
  access: 'read' | 'write'
  faults: readonly FaultShape[]
  load?(context: Omit<HandlerContext<Record<string, unknown>, Run, Ports>, 'target'>): Promise<unknown>
  authorize: Omit<Authorization<unknown, Ports, string, string, unknown>, 'checks'> & {
    checks(context: HandlerContext<Record<string, unknown>, Run, Ports>): Check[] | Promise<Check[]>
  }
  /** Largest body, where it differs from the server's own limit. */
  maxBodyBytes?: number
  /** Writes so much that it has a transaction to itself. */
  bulk?: boolean
  /** Reads so much that it gives way to others meanwhile. */
  long?: boolean
  handle(context: HandlerContext<Record<string, unknown>, Run | ChangeRun, Ports>): Promise<Record<string, unknown>>
}

export interface Service<Ports = unknown> extends WireService {
  protocol: 'rest-json-1' | 'aws-json-1-1' | 'aws-query'
  /** Names that a signature's scope may give. */
  signingNames: readonly string[]
  /** `Version` of the query protocol. */
  apiVersion: string
  operations: readonly Operation<Ports>[]
}

/** A service with what its handlers need, ready to be called. */
export interface MountedService extends Service {
  ports: unknown
}

/**
 * Makes the two forms of operation for a service: a read's handler gets a snapshot, a write's the writer's transaction.
 * The compiler refuses an undeclared fault or action and a missing member of the output.
 */
export function operationsOf<Ports>() {
  function define<
    I extends StructureShape,
    O extends StructureShape | undefined,
    Faults extends FaultShape,
    Action extends string,
    Keys extends string,
    Target,
    R,
  >(
    access: 'read' | 'write',
    definition: Definition<I, O, Faults, Ports, Action, Keys, Target> & {
      maxBodyBytes?: number
      bulk?: boolean
      handle: Handler<ValueOf<I>, OutputOf<O>, R, Ports, Faults, Target>
    },
  ): Operation<Ports> {
    const fail = (fault: FaultShape, message: string): never => {
      throw new Fault(fault, message)
    }
    const { handle, ...rest } = definition
    // Input has been read and validated by the shape that the handler's types come from.
    return { ...rest, access, handle: (context: never) => handle({ ...(context as object), fail } as never) } as never
  }
  return {
    read: <
      I extends StructureShape,
      O extends StructureShape | undefined,
      const Faults extends readonly FaultShape[],
      const Action extends string,
      const Keys extends string,
      Target = undefined,
    >(
      definition: Definition<I, O, Faults[number], Ports, Action, Keys, Target> & {
        faults: Faults
        long?: boolean
        handle: Handler<ValueOf<I>, OutputOf<O>, Run, Ports, Faults[number], NoInfer<Target>>
      },
    ) => define<I, O, Faults[number], Action, Keys, Target, Run>('read', definition),
    write: <
      I extends StructureShape,
      O extends StructureShape | undefined,
      const Faults extends readonly FaultShape[],
      const Action extends string,
      const Keys extends string,
      Target = undefined,
    >(
      definition: Definition<I, O, Faults[number], Ports, Action, Keys, Target> & {
        faults: Faults
        maxBodyBytes?: number
        bulk?: boolean
        handle: Handler<ValueOf<I>, OutputOf<O>, ChangeRun, Ports, Faults[number], NoInfer<Target>>
      },
    ) => define<I, O, Faults[number], Action, Keys, Target, ChangeRun>('write', definition),
  }
}
