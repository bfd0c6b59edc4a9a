/**
 * Loops: statements over typed values, between a kernel and the text of a target. Values are trees; what is used twice is a
 * local. Arrays are addressed by whole numbers; a vector reads and writes places side by side.
 */
import { LOOP_OPERATIONS, type LoopOperationName } from "./operations.js";
import { elementOf, lanesOf, typeOf, type Element, type Type } from "./types.js";

export interface Local {
  readonly kind: "local";
  readonly type: Type;
  readonly name: string;
}

export type Value =
  | Local
  | { readonly kind: "constant"; readonly type: Type; readonly value: number }
  | { readonly kind: "apply"; readonly type: Type; readonly op: LoopOperationName; readonly args: readonly Value[] }
  /** A number in every lane. */
  | { readonly kind: "splat"; readonly type: Type; readonly value: Value }
  /** A function of the host's of one or more numbers, called for every lane. */
  | { readonly kind: "call"; readonly type: Type; readonly name: string; readonly args: readonly Value[] }
  /** 0, 1, 2, ... in the lanes. */
  | { readonly kind: "numbered"; readonly type: Type }
  /** The first `count` lanes from the places at `index`; in the others the last of them again. */
  | Place<"load">;

interface Place<Kind> {
  readonly kind: Kind;
  readonly type: Type;
  readonly array: string;
  readonly index: Value;
  readonly count: number;
}

export type Statement =
  | { readonly kind: "let" | "assign"; readonly local: Local; readonly value: Value }
  | (Place<"store"> & { readonly value: Value })
  | {
      readonly kind: "for";
      readonly index: Local;
      readonly from: Value;
      readonly to: Value;
      readonly step: number;
      readonly body: readonly Statement[];
    }
  | { readonly kind: "while"; readonly condition: Value; readonly body: readonly Statement[] }
  | {
      readonly kind: "if";
      readonly condition: Value;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  /** Another function, on arrays from these places on and on numbers; it gives no results. */
  | {
      readonly kind: "run";
      readonly of: LoopFunction;
      readonly arrays: readonly Beginning[];
      readonly numbers: readonly Value[];
    }
  | { readonly kind: "return"; readonly values: readonly Value[] };

export interface Beginning {
  readonly array: string;
  readonly index: Value;
}

export interface ArrayParameter {
  readonly name: string;
  readonly element: Element;
}

export interface LoopFunction {
  readonly name: string;
  readonly arrays: readonly ArrayParameter[];
  /** Numbers that callers give behind the arrays. */
  readonly numbers: readonly Local[];
  readonly results: readonly Type[];
  readonly body: readonly Statement[];
}

export const local = (type: Type, name: string): Local => ({ kind: "local", type, name });
export const constantOf = (type: Type, value: number): Value => ({ kind: "constant", type, value });
export const whole = (value: number): Value => constantOf("i32", value);
export const splat = (value: Value, lanes: number): Value =>
  lanes === 1 ? value : { kind: "splat", type: typeOf(elementOf(value.type), lanes), value };
export const load = (type: Type, array: string, index: Value, count = lanesOf(type)): Value => ({
  kind: "load",
  type,
  array,
  index,
  count,
});
export const call = (name: string, ...args: Value[]): Value => ({ kind: "call", type: args[0]!.type, name, args });

/** An operation on operands of types that it is made for. */
export function apply(op: LoopOperationName, ...args: Value[]): Value {
  const types = args.map(({ type }) => type);
  const type = LOOP_OPERATIONS[op].type(...types);
  if (type === undefined) throw new TypeError(`${op} is not made for ${types.join(", ")}`);
  return { kind: "apply", type, op, args };
}

export const letBe = (to: Local, value: Value): Statement => ({ kind: "let", local: to, value });
export const assign = (to: Local, value: Value): Statement => ({ kind: "assign", local: to, value });
export const store = (array: string, index: Value, value: Value, count = lanesOf(value.type)): Statement => ({
  kind: "store",
  type: value.type,
  array,
  index,
  count,
  value,
});

/** The values that a value is made of. */
export function operandsOf(value: Value): readonly Value[] {
  switch (value.kind) {
    case "apply":
    case "call":
      return value.args;
    case "splat":
      return [value.value];
    case "load":
      return [value.index];
    default:
      return [];
  }
}

/** The value with others in the places of those that it is made of. */
export function withOperands(value: Value, change: (operand: Value) => Value): Value {
  switch (value.kind) {
    case "apply":
    case "call":
      return { ...value, args: value.args.map(change) };
    case "splat":
      return { ...value, value: change(value.value) };
    case "load":
      return { ...value, index: change(value.index) };
    default:
      return value;
  }
}

/** The statement with other values in it, without those of statements in it. */
export function withValues(statement: Statement, change: (value: Value) => Value): Statement {
  switch (statement.kind) {
    case "let":
    case "assign":
      return { ...statement, value: change(statement.value) };
    case "store":
      return { ...statement, index: change(statement.index), value: change(statement.value) };
    case "for":
      return { ...statement, from: change(statement.from), to: change(statement.to) };
    case "if":
    case "while":
      return { ...statement, condition: change(statement.condition) };
    case "run":
      return {
        ...statement,
        arrays: statement.arrays.map(({ array, index }) => ({ array, index: change(index) })),
        numbers: statement.numbers.map(change),
      };
    case "return":
      return { ...statement, values: statement.values.map(change) };
  }
}

/** The values of a statement itself, without those of statements in it. */
export function valuesOf(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case "let":
    case "assign":
      return [statement.value];
    case "store":
      return [statement.index, statement.value];
    case "for":
      return [statement.from, statement.to];
    case "if":
    case "while":
      return [statement.condition];
    case "run":
      return [...statement.arrays.map(({ index }) => index), ...statement.numbers];
    case "return":
      return statement.values;
  }
}

/** The statements that stand in a statement. */
export function bodiesOf(statement: Statement): readonly (readonly Statement[])[] {
  if (statement.kind === "for" || statement.kind === "while") return [statement.body];
  return statement.kind === "if" ? [statement.then, statement.otherwise] : [];
}

/** The statement with other ones in it. */
export function withBodies(
  statement: Statement,
  change: (body: readonly Statement[]) => readonly Statement[],
): Statement {
  if (statement.kind === "for" || statement.kind === "while") return { ...statement, body: change(statement.body) };
  if (statement.kind !== "if") return statement;
  return { ...statement, then: change(statement.then), otherwise: change(statement.otherwise) };
}

/** Every statement of a list and of what is in it, in the order of the text. */
export const allStatements = (statements: readonly Statement[]): Statement[] =>
  statements.flatMap((statement) => [statement, ...bodiesOf(statement).flatMap(allStatements)]);

/** The arrays that a function sees, by the statements of it: those that it reads from, and those that it may write to. */
export const arraysRead = (statements: readonly Statement[]): string[] =>
  allStatements(statements).flatMap((one) => [
    ...valuesOf(one)
      .flatMap(allValues)
      .flatMap((value) => (value.kind === "load" ? [value.array] : [])),
    ...(one.kind === "run" ? one.arrays.map(({ array }) => array) : []),
  ]);
export const arraysWritten = (statements: readonly Statement[]): string[] =>
  allStatements(statements).flatMap((one) =>
    one.kind === "store" ? [one.array] : one.kind === "run" ? one.arrays.map(({ array }) => array) : [],
  );

/** The functions that a function runs, each once, those that others need first. */
export function functionsIn(loop: LoopFunction): readonly LoopFunction[] {
  const found = new Map<string, LoopFunction>();
  for (const one of allStatements(loop.body))
    if (one.kind === "run") for (const inner of [...functionsIn(one.of), one.of]) found.set(inner.name, inner);
  return [...found.values()];
}

/** A value and all that it is made of. */
export const allValues = (value: Value): Value[] => [value, ...operandsOf(value).flatMap(allValues)];
