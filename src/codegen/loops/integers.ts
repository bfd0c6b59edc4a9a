/** Whole numbers of kernels as values of loops: sizes that callers give, positions along loops, elements of index tensors. */
import { integerParts, isNatural, plus, position, times, type Integer } from "../../ir/graph/integer.js";
import type { Axis } from "../../ir/graph/tensor.js";
import type { Buffer } from "../../ir/kernel.js";
import { apply, load, local, whole, type ArrayParameter, type Local, type Value } from "../../ir/loops/loops.js";
import { freshNames } from "./expressions.js";
import { ZERO } from "./places.js";

/**
 * A number that callers of a function give: a size or the extent of a block, a parameter, a word of the key of random numbers,
 * or whether an output is wanted.
 */
export type Given =
  | { readonly kind: "size"; readonly size: Integer }
  | { readonly kind: "key"; readonly name: "seed" | "counter" }
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "wanted"; readonly output: Buffer };

const ELEMENTS = { float32: "f32", float64: "f64", int32: "i32", uint8: "u8" } as const;

/** The names of a function: arrays, and numbers as they are first needed. */
export class FunctionNames {
  readonly fresh = freshNames([]);
  readonly arrays = new Map<Buffer, ArrayParameter>();
  readonly numbers: { readonly local: Local; readonly given: Given }[] = [];

  constructor(buffers: readonly Buffer[]) {
    for (const buffer of buffers) this.array(buffer);
  }

  array(buffer: Buffer): ArrayParameter {
    let array = this.arrays.get(buffer);
    if (array === undefined) {
      array = { name: this.fresh(buffer.name), element: ELEMENTS[buffer.type] };
      this.arrays.set(buffer, array);
    }
    return array;
  }

  number(given: Given): Local {
    const known = this.numbers.find(
      (one) => one.given.kind === given.kind && subjectOf(one.given) === subjectOf(given),
    );
    if (known !== undefined) return known.local;
    const subject = subjectOf(given);
    const stem =
      typeof subject === "string"
        ? subject
        : given.kind === "wanted"
          ? `wants_${subject.name}`
          : subject.name || "extent";
    const made = local(given.kind === "parameter" ? "f64" : "i32", this.fresh(stem));
    this.numbers.push({ local: made, given });
    return made;
  }
}

/** The thing that a number is the size of, the name of, or about. */
function subjectOf(given: Given): Integer | Buffer | string {
  switch (given.kind) {
    case "size":
      return given.size;
    case "wanted":
      return given.output;
    default:
      return given.name;
  }
}

interface Bound {
  readonly value: Value;
  /** How many loops are around it. */
  readonly level: number;
}

export class Integers {
  private readonly bound = new Map<Integer, Bound>();
  private level = 0;

  constructor(
    private readonly names: FunctionNames,
    /** The buffers of index tensors, by name. */
    private readonly inputs: ReadonlyMap<string, Buffer>,
  ) {}

  /** The result of `make` where some integers have these values, one loop further inside. */
  within<Made>(values: readonly (readonly [Integer, Value])[], make: () => Made): Made {
    this.level++;
    for (const [integer, value] of values) this.bound.set(integer, { value, level: this.level });
    const made = make();
    for (const [integer] of values) this.bound.delete(integer);
    this.level--;
    return made;
  }

  isBound = (integer: Integer): boolean => this.bound.has(integer);

  private levelOf(integer: Integer): number {
    const axes = integerParts(integer).flatMap((part) => part.tensor?.axes ?? []);
    return [...integerParts(integer), ...axes.map(position)].reduce(
      (most, part) => Math.max(most, this.bound.get(part)?.level ?? 0),
      0,
    );
  }

  /**
   * A sum begins with what changes least, so that it can be computed before the loops inside. A quotient of sizes is given as
   * they are: loops cannot compute it before they run, since it may trap.
   */
  value(integer: Integer): Value {
    if (hasQuotient(integer) && this.isOfSizes(integer)) return this.names.number({ kind: "size", size: integer });
    const terms = termsOf(integer).map((term) => ({ term, level: this.levelOf(term) }));
    return terms
      .sort((a, b) => a.level - b.level)
      .map(({ term }) => this.term(term))
      .reduce((sum, term) => apply("add", sum, term));
  }

  private isOfSizes = (integer: Integer): boolean =>
    integerParts(integer).every((part) => !this.bound.has(part) && part.kind !== "position" && part.kind !== "element");

  private term(integer: Integer): Value {
    const known = this.bound.get(integer);
    if (known !== undefined) return known.value;
    const operands = (): [Value, Value] => integer.args.map((arg) => this.value(arg)) as [Value, Value];
    switch (integer.kind) {
      case "constant":
        return whole(integer.value);
      case "size":
        return this.names.number({ kind: "size", size: integer });
      case "position":
        throw new RangeError(`no loop runs along ${integer.name}`);
      case "element":
        return this.element(integer);
      case "add":
      case "mul":
        return apply(integer.kind, ...operands());
      case "floorDiv":
      case "mod": {
        const [a, b] = operands();
        const rest = apply("remainder", a, b);
        // The remainder has the sign of the divisor; that of machines has that of the dividend.
        const positive = isNatural(integer) ? rest : apply("remainder", apply("add", rest, b), b);
        if (integer.kind === "mod") return positive;
        return apply("quotient", isNatural(integer) ? a : apply("sub", a, positive), b);
      }
    }
  }

  private element({ tensor }: Integer): Value {
    const buffer = tensor!.kind === "input" ? this.inputs.get(tensor!.name) : undefined;
    if (buffer === undefined) throw new RangeError("only inputs can be used as places");
    const at = buffer.axes.map((axis: Axis, i) => times(position(axis), buffer.strides[i]!));
    const place = at.reduce((sum, term) => plus(sum, term), ZERO);
    return load("i32", this.names.array(buffer).name, this.value(place));
  }
}

const hasQuotient = (integer: Integer): boolean =>
  integerParts(integer).some(({ kind }) => kind === "floorDiv" || kind === "mod");

/** The terms of a sum; a product of sums is multiplied out. */
function termsOf(integer: Integer): Integer[] {
  const [a, b] = integer.args;
  if (integer.kind === "add") return [...termsOf(a!), ...termsOf(b!)];
  if (integer.kind !== "mul") return [integer];
  const [left, right] = [termsOf(a!), termsOf(b!)];
  if (left.length === 1 && right.length === 1) return [integer];
  return left.flatMap((one) => right.map((other) => times(one, other)));
}
