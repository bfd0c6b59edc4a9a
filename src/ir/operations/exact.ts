/** Error-free transformations, and changes of format: operations that only a compiler writes. */
import * as b from "../build.js";
import type { Expr } from "../expr.js";
import { interval } from "../interval.js";
import { lowered } from "./row.js";

/** Veltkamp's splitting constant 2^27 + 1: the upper half of a float64 keeps 26 bits. */
const SPLITTER = 134217729;
/** Beyond this the splitting would overflow: such operands are scaled by a power of two first. */
const SPLITS_UP_TO = 2 ** 996;
const DOWNSCALE = 2 ** -60;

function productErrorFloat(a: number, c: number): number {
  const p = Math.abs(a) > SPLITS_UP_TO ? DOWNSCALE : 1;
  const q = Math.abs(c) > SPLITS_UP_TO ? DOWNSCALE : 1;
  const [u, v] = [a * p, c * q];
  const uh = SPLITTER * u - (SPLITTER * u - u);
  const vh = SPLITTER * v - (SPLITTER * v - v);
  const [ul, vl] = [u - uh, v - vh];
  return (ul * vl - (u * v - uh * vh - ul * vh - uh * vl)) / p / q;
}

/** In floats of at most 26 digits, of which float64 holds every product. */
const productErrorIn =
  (round: (value: number) => number) =>
  (a: number, c: number): number => {
    const product = round(a * c);
    return Number.isFinite(product) ? round(a * c - product) : 0;
  };

const sumErrorIn =
  (round: (value: number) => number) =>
  (a: number, c: number): number => {
    const s = round(a + c);
    if (!Number.isFinite(s)) return 0;
    const v = round(s - a);
    return round(round(a - round(s - v)) + round(c - v));
  };

const sumErrorFloat = (a: number, c: number): number => {
  const s = a + c;
  const v = s - a;
  return a - (s - v) + (c - v);
};

export const EXACT = {
  productError: lowered({
    arity: 2,
    evaluate: productErrorFloat,
    inFloats: productErrorIn,
    interval: (a, c) => interval(0, 0, a.defined && c.defined),
    derivative: () => [null, null],
    lowering: (a, c) => {
      const scale = (operand: Expr): Expr => b.select(b.lt(SPLITS_UP_TO, b.abs(operand)), DOWNSCALE, 1);
      const upper = (operand: Expr): Expr => {
        const product = b.mul(SPLITTER, operand);
        return b.sub(product, b.sub(product, operand));
      };
      const [p, q] = [scale(a), scale(c)];
      const [u, v] = [b.mul(a, p), b.mul(c, q)];
      const [uh, vh] = [upper(u), upper(v)];
      const [ul, vl] = [b.sub(u, uh), b.sub(v, vh)];
      const rest = b.sub(b.sub(b.sub(b.mul(u, v), b.mul(uh, vh)), b.mul(ul, vh)), b.mul(uh, vl));
      return b.div(b.div(b.sub(b.mul(ul, vl), rest), p), q);
    },
    laws: ["commutative", "vanishing"],
    cost: 16,
  }),
  sumError: lowered({
    arity: 2,
    evaluate: sumErrorFloat,
    inFloats: sumErrorIn,
    interval: (a, c) => interval(0, 0, a.defined && c.defined),
    derivative: () => [null, null],
    lowering: (u, v) => {
      const s = b.add(u, v);
      const rounded = b.sub(s, u);
      return b.add(b.sub(u, b.sub(s, rounded)), b.sub(v, rounded));
    },
    laws: ["commutative", "vanishing"],
    cost: 6,
  }),
  /** c - fl(c), the rounding error of a constant in float64, which a compiler puts in as a number. */
  constantError: lowered({
    arity: 1,
    evaluate: (c) => (c !== c ? NaN : 0),
    interval: (c) => interval(0, 0, c.defined),
    derivative: () => [null],
    lowering: () => b.constant(0),
    laws: ["vanishing"],
    cost: 0,
  }),
  /** The same number, from which on results are rounded to float64: what floats of other formats are computed in for a while. */
  double: lowered({
    arity: 1,
    evaluate: (a) => a,
    interval: (a) => a,
    derivative: () => [b.constant(1)],
    lowering: (a) => a,
    laws: ["odd", "increasing"],
    cost: 1,
  }),
  /** The same number, rounded to the format of before. */
  single: lowered({
    arity: 1,
    evaluate: (a) => a,
    interval: (a) => a,
    derivative: () => [b.constant(1)],
    lowering: (a) => a,
    laws: ["odd", "increasing"],
    cost: 1,
  }),
};
