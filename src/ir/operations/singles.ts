/** exp and expm1 with the digits of a float32, in float64: what loops over float32 arrays take for them. */
import * as b from "../build.js";
import type { Expr } from "../expr.js";
import { increasing, interval, type Interval } from "../interval.js";
import { EXP2M1_128TH_FLOAT32 } from "../polynomials.js";
import { rationalFromNumber } from "../rational.js";
import { lowered, primitive } from "./row.js";

/** Where float64 has no fraction bits left: adding and subtracting it rounds. */
const ROUNDER = 6755399441055744;
const STEPS = 128;
/** 128/ln 2: from here on u is t/128 powers of two. */
const PER_UNIT = STEPS * Math.LOG2E;
/** Powers of two that stand for 0 and for Infinity; where expm1 is -1, and infinite to float32. */
const [LEAST, MOST] = [-1075 * STEPS, 1024 * STEPS];
const [MINUS_ONE, INFINITE] = [-745, 709];
/** Largest relative error, of polynomial and roundings. */
const ERROR = 2 ** -30;

const roundFloat = (a: number): number => a + ROUNDER - ROUNDER;
const exp2StepsFloat = (k: number): number =>
  k !== k ? NaN : 2 ** Math.floor(k / STEPS) * 2 ** ((k - STEPS * Math.floor(k / STEPS)) / STEPS);

/** 2^(k/128) for t = k + f, and 2^(f/128) - 1. */
function partsOf(t: number): readonly [scale: number, rest: number] {
  const k = roundFloat(t);
  const f = t - k;
  return [exp2StepsFloat(k), f * EXP2M1_128TH_FLOAT32.reduceRight((sum, coefficient) => sum * f + coefficient)];
}

const held = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

function expSingleFloat(u: number): number {
  const [scale, rest] = partsOf(held(PER_UNIT * u, LEAST, MOST));
  return scale * (1 + rest);
}

/** In this order -0 stays. */
function expm1SingleFloat(u: number): number {
  const [scale, rest] = partsOf(PER_UNIT * held(u, MINUS_ONE, INFINITE));
  return scale * rest - (1 - scale);
}

const float = (value: number): Expr => b.fromRational(rationalFromNumber(value));
const hold = (u: Expr, low: number, high: number): Expr => b.min(b.max(u, low), high);

/** `partsOf` as expressions. */
function parts(t: Expr): readonly [scale: Expr, rest: Expr] {
  const k = b.round(t);
  const f = b.sub(t, k);
  return [b.exp2Steps(k), b.mul(f, b.polynomial(EXP2M1_128TH_FLOAT32.map(float), f))];
}

const near =
  (exact: (a: Interval) => Interval) =>
  (a: Interval): Interval => {
    const { low, high, defined } = exact(a);
    return interval(low - ERROR * Math.abs(low), high + ERROR * Math.abs(high), defined);
  };

export const SINGLES = {
  round: primitive({
    arity: 1,
    evaluate: roundFloat,
    interval: (a) => interval(Math.floor(a.low), Math.ceil(a.high), a.defined),
    derivative: () => [null],
    laws: ["odd"],
    cost: 2,
  }),
  /** 2^(k/128) for an integer k, held between what float64 can hold: the table behind the fast exponentials. */
  exp2Steps: primitive({
    arity: 1,
    evaluate: exp2StepsFloat,
    interval: (a) => interval(0, Infinity, a.defined),
    cost: 2,
  }),
  expSingle: lowered({
    arity: 1,
    evaluate: expSingleFloat,
    interval: near(increasing(Math.exp)),
    lowering: (u) => {
      const [scale, rest] = parts(hold(b.mul(float(PER_UNIT), u), LEAST, MOST));
      return b.mul(scale, b.add(1, rest));
    },
    cost: 5,
  }),
  expm1Single: lowered({
    arity: 1,
    evaluate: expm1SingleFloat,
    interval: near(({ low, high, defined }) =>
      increasing(Math.expm1)(interval(held(low, -Infinity, INFINITE), held(high, -Infinity, INFINITE), defined)),
    ),
    lowering: (u) => {
      const [scale, rest] = parts(b.mul(float(PER_UNIT), hold(u, MINUS_ONE, INFINITE)));
      return b.sub(b.mul(scale, rest), b.sub(1, scale));
    },
    cost: 6,
  }),
};
