/**
 * erf, erfc and the scaled erfcx(u) = exp(u²)·erfc(u): their float64 meaning, and the same steps as expressions.
 *
 * erfcx falls from 1 to 1/(u√π) without ever losing relative size, so one polynomial serves all u >= 0; erfc is
 * erfcx·exp(-u²) with the rounding error of u² put back.
 */
import * as b from "./build.js";
import type { Expr } from "./expr.js";
import { ERFCX, ERF_NEAR_ZERO } from "./polynomials.js";
import { rationalFromNumber } from "./rational.js";

/** From here on u/(u + 3) rounds to 1; written so that infinity is no NaN. */
const FAR = 2 ** 60;

const horner = (coefficients: readonly number[], t: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * t + coefficient);

const SPLITTER = 134217729;

/** u² rounded, and what the rounding lost. */
function squareWithError(u: number): readonly [number, number] {
  const p = u * u;
  const h = SPLITTER * u - (SPLITTER * u - u);
  const l = u - h;
  return [p, l * l - (p - h * h - l * h - h * l)];
}

export function erfcxFloat(u: number): number {
  if (u !== u) return NaN;
  if (u < 0) return Math.exp(u * u) * erfcFloat(u);
  const s = u < FAR ? u / (u + 3) : 1;
  return (1 + s * horner(ERFCX, 2 * s - 1)) / (1 + 2 * u);
}

export function erfcFloat(u: number): number {
  if (u !== u) return NaN;
  if (u < 0) return 2 - erfcFloat(-u);
  if (u > 30) return 0;
  const [p, lost] = squareWithError(u);
  const gaussian = Math.exp(-p);
  return (gaussian - gaussian * lost) * erfcxFloat(u);
}

export function erfFloat(u: number): number {
  if (Math.abs(u) <= 1) return u * horner(ERF_NEAR_ZERO, u * u);
  return u < 0 ? erfcFloat(-u) - 1 : 1 - erfcFloat(u);
}

const coefficients = (values: readonly number[]): Expr[] =>
  values.map((value) => b.fromRational(rationalFromNumber(value)));

export function erfcxLowering(u: Expr): Expr {
  const s = b.select(b.lt(u, FAR), b.div(u, b.add(u, 3)), 1);
  const sum = b.polynomial(coefficients(ERFCX), b.sub(b.mul(2, s), 1));
  return b.div(b.add(b.mul(s, sum), 1), b.add(b.mul(2, u), 1));
}

export function erfcLowering(u: Expr): Expr {
  const a = b.min(b.abs(u), 30);
  const gaussian = b.exp(b.neg(b.mul(a, a)));
  const tail = b.mul(b.sub(gaussian, b.mul(gaussian, b.productError(a, a))), erfcxLowering(a));
  return b.select(b.lt(u, 0), b.sub(2, tail), tail);
}

export function erfLowering(u: Expr): Expr {
  const far = b.sub(1, erfcLowering(b.abs(u)));
  const near = b.mul(u, b.polynomial(coefficients(ERF_NEAR_ZERO), b.mul(u, u)));
  return b.select(b.le(b.abs(u), 1), near, b.select(b.lt(u, 0), b.neg(far), far));
}
