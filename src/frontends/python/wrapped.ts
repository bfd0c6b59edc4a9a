/** Whole numbers of small types, each of which follows from conditions: beyond one end they come out at the other. */
import { fromRational, select } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { rational, type Rational } from "../../ir/rational.js";
import type { ElementType } from "./values.js";

/** Conditions are asked one inside the other, so there are not to be many of them. */
const MOST_LEAVES = 64;

type Operation = (p: bigint, q: bigint) => bigint;
const OPERATIONS: Readonly<Record<string, Operation | undefined>> = {
  add: (p, q) => p + q,
  sub: (p, q) => p - q,
  mul: (p, q) => p * q,
};

const wholeOf = (expr: Expr): bigint | undefined => {
  if (expr.op !== "rational") return undefined;
  const { numerator, denominator } = expr.payload as Rational;
  return denominator === 1n ? numerator : undefined;
};

/** The elements as the type holds them; undefined where they are not a few numbers, decided by conditions. */
export function wrapped(expr: Expr, { low, high }: ElementType): Expr | undefined {
  const [least, size] = [BigInt(low), BigInt(high) - BigInt(low) + 1n];
  let leaves = 0;
  const leaf = (value: bigint): Expr | undefined => {
    leaves += 1;
    const rest = (value - least) % size;
    return leaves > MOST_LEAVES ? undefined : fromRational(rational((rest < 0n ? rest + size : rest) + least));
  };
  const decided = (condition: Expr, yes: Expr | undefined, no: Expr | undefined): Expr | undefined =>
    yes === undefined || no === undefined ? undefined : yes === no ? yes : select(condition, yes, no);
  const combined = (u: Expr, v: Expr, operation: Operation): Expr | undefined => {
    if (u.op === "select")
      return decided(u.args[0]!, combined(u.args[1]!, v, operation), combined(u.args[2]!, v, operation));
    if (v.op === "select")
      return decided(v.args[0]!, combined(u, v.args[1]!, operation), combined(u, v.args[2]!, operation));
    const [p, q] = [wholeOf(u), wholeOf(v)];
    return p === undefined || q === undefined ? undefined : leaf(operation(p, q));
  };
  const read = (part: Expr, depth: number): Expr | undefined => {
    if (depth === 0) return undefined;
    const value = wholeOf(part);
    if (value !== undefined) return leaf(value);
    const [a, b, c] = part.args;
    if (part.op === "select") return decided(a!, read(b!, depth - 1), read(c!, depth - 1));
    const operation = OPERATIONS[part.op];
    const [u, v] = operation === undefined ? [] : [read(a!, depth - 1), read(b!, depth - 1)];
    return u === undefined || v === undefined ? undefined : combined(u, v, operation!);
  };
  return read(expr, DEEPEST);
}

const DEEPEST = 8;
