/**
 * Integer expressions: the sizes of axes, and the places at which a tensor is read.
 *
 * A size is an expression of named sizes; a place also mentions positions along axes and elements of index tensors.
 * Equal expressions are the same object, as with `Expr`.
 */
import type { Tensor } from "./tensor.js";

export type IntegerKind = "constant" | "size" | "position" | "element" | "add" | "mul" | "floorDiv" | "mod";

export interface Integer {
  readonly kind: IntegerKind;
  /** A constant's value. */
  readonly value: number;
  /** The name of a size or of the axis of a position. */
  readonly name: string;
  /** The index tensor of an element, read at the positions along its axes. */
  readonly tensor: Tensor | undefined;
  readonly args: readonly Integer[];
  /** As a reader would write it: also what makes it unique. */
  readonly text: string;
}

export type IntegerLike = Integer | number | string;

const known = new Map<string, Integer>();

function intern(integer: Integer): Integer {
  const found = known.get(integer.text);
  if (found !== undefined) return found;
  known.set(integer.text, Object.freeze(integer));
  return integer;
}

const leaf = (kind: IntegerKind, name: string, text: string): Integer => ({
  kind,
  value: NaN,
  name,
  tensor: undefined,
  args: [],
  text,
});

export const constantInteger = (value: number): Integer => intern({ ...leaf("constant", "", String(value)), value });

/** A named size, given when the code runs. */
export const size = (name: string): Integer => intern(leaf("size", name, name));

/** Where an element stands along an axis. */
export const position = (axis: { readonly name: string }): Integer =>
  intern(leaf("position", axis.name, `[${axis.name}]`));

/** The element of an index tensor at the positions along its axes. */
export const element = (tensor: Tensor): Integer => intern({ ...leaf("element", "", `tensor${tensor.id}`), tensor });

/** A number is itself, a word a named size. */
export const integer = (value: IntegerLike): Integer =>
  typeof value === "number" ? constantInteger(value) : typeof value === "string" ? size(value) : value;

/** The meaning of the operations on numbers; the remainder has the sign of the divisor. */
export const INTEGER_OPERATIONS = {
  add: { symbol: "+", precedence: 1, evaluate: (a: number, b: number) => a + b },
  mul: { symbol: "*", precedence: 2, evaluate: (a: number, b: number) => a * b },
  floorDiv: { symbol: "/", precedence: 2, evaluate: (a: number, b: number) => Math.floor(a / b) },
  mod: { symbol: "%", precedence: 2, evaluate: (a: number, b: number) => a - b * Math.floor(a / b) },
} as const;

type BinaryKind = keyof typeof INTEGER_OPERATIONS;

export const isBinary = (kind: IntegerKind): kind is BinaryKind => kind in INTEGER_OPERATIONS;

function binary(kind: BinaryKind, a: Integer, b: Integer): Integer {
  const { symbol, precedence, evaluate } = INTEGER_OPERATIONS[kind];
  if (a.kind === "constant" && b.kind === "constant") return constantInteger(evaluate(a.value, b.value));
  const operand = (of: Integer, least: number): string =>
    isBinary(of.kind) && INTEGER_OPERATIONS[of.kind].precedence < least ? `(${of.text})` : of.text;
  const right = kind === "add" && b.text.startsWith("-") ? ` - ${b.text.slice(1)}` : undefined;
  const plain = ` ${symbol} ${operand(b, kind === "add" ? 1 : 3)}`;
  const text = operand(a, precedence) + (right ?? plain);
  return intern({ ...leaf(kind, "", kind === "floorDiv" ? `floor(${text})` : text), args: [a, b] });
}

const isConstant = (value: Integer, wanted: number): boolean => value.kind === "constant" && value.value === wanted;

export function plus(left: IntegerLike, right: IntegerLike): Integer {
  const [a, b] = [integer(left), integer(right)];
  if (isConstant(a, 0)) return b;
  if (isConstant(b, 0)) return a;
  if (a.kind === "constant" && b.kind === "constant") return constantInteger(a.value + b.value);
  // A constant stands last, and two of them are one.
  if (a.kind === "constant") return plus(b, a);
  if (b.kind === "constant" && a.kind === "add" && a.args[1]!.kind === "constant")
    return plus(a.args[0]!, a.args[1]!.value + b.value);
  return binary("add", a, b);
}

export function times(left: IntegerLike, right: IntegerLike): Integer {
  const [a, b] = [integer(left), integer(right)];
  if (isConstant(a, 0) || isConstant(b, 1)) return a;
  if (isConstant(b, 0) || isConstant(a, 1)) return b;
  if (a.kind === "constant" && b.kind === "constant") return constantInteger(a.value * b.value);
  if (b.kind === "constant") return times(b, a);
  if (a.kind === "constant" && b.kind === "mul" && b.args[0]!.kind === "constant")
    return times(a.value * b.args[0]!.value, b.args[1]!);
  return binary("mul", a, b);
}

export const minus = (left: IntegerLike, right: IntegerLike): Integer => {
  const b = integer(right);
  return plus(left, b.kind === "constant" ? -b.value : times(-1, b));
};

export function floorDiv(left: IntegerLike, right: IntegerLike): Integer {
  const [a, b] = [integer(left), integer(right)];
  return isConstant(b, 1) ? a : binary("floorDiv", a, b);
}

export function modulo(left: IntegerLike, right: IntegerLike): Integer {
  const [a, b] = [integer(left), integer(right)];
  return isConstant(b, 1) ? constantInteger(0) : binary("mod", a, b);
}

/** Which element along axes it is, in row-major order. */
export const rowMajorNumber = (axes: readonly { readonly name: string; readonly size: Integer }[]): Integer =>
  axes.reduce<Integer>((number, axis) => plus(times(number, axis.size), position(axis)), constantInteger(0));

/** Every part of an integer, arguments first. Places are small: they are trees of a few levels. */
export function integerParts(root: Integer): readonly Integer[] {
  const order: Integer[] = [];
  const seen = new Set<Integer>();
  const stack = [root];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const waiting = seen.has(top) ? [] : top.args.filter((arg) => !seen.has(arg));
    if (waiting.length > 0) stack.push(...waiting);
    else {
      stack.pop();
      if (!seen.has(top)) order.push(top);
      seen.add(top);
    }
  }
  return order;
}

/** The integer with some parts replaced by others. */
export function substituteInteger(root: Integer, replacement: (part: Integer) => Integer | undefined): Integer {
  const results = new Map<Integer, Integer>();
  for (const part of integerParts(root)) {
    const replaced = replacement(part);
    if (replaced !== undefined) results.set(part, replaced);
    else if (part.args.length === 0) results.set(part, part);
    else {
      const [a, b] = part.args.map((arg) => results.get(arg)!) as [Integer, Integer];
      const build = { add: plus, mul: times, floorDiv, mod: modulo }[part.kind as BinaryKind];
      results.set(part, build(a, b));
    }
  }
  return results.get(root)!;
}

/** The value of an integer; `leafValue` gives that of sizes, positions and elements. */
export function evaluateInteger(root: Integer, leafValue: (leaf: Integer) => number): number {
  const values = new Map<Integer, number>();
  for (const part of integerParts(root)) {
    const [a, b] = part.args;
    if (part.kind === "constant") values.set(part, part.value);
    else if (isBinary(part.kind))
      values.set(part, INTEGER_OPERATIONS[part.kind].evaluate(values.get(a!)!, values.get(b!)!));
    else values.set(part, leafValue(part));
  }
  return values.get(root)!;
}

const LEAVES: ReadonlySet<IntegerKind> = new Set(["size", "position"]);

/** Whether it cannot be negative. */
export function isNatural(integer: Integer): boolean {
  if (integer.kind === "constant") return integer.value >= 0;
  return integer.args.length === 0 ? LEAVES.has(integer.kind) : integer.args.every(isNatural);
}
