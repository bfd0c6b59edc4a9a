/**
 * erf, erfc and the scaled erfcx(u) = exp(u²)·erfc(u): their float64 meaning, and the same steps as expressions. With erfcx come
 * the scaled integrals that its derivatives are: ierfcx(u) = exp(u²)·ierfc(u) = 1/√π - u·erfcx(u), and i2erfcx(u) =
 * exp(u²)·i2erfc(u) = erfcx(u)/4 - u·ierfcx(u)/2; written so, both would cancel.
 *
 * erfcx falls from 1 to 1/(u√π) without ever losing relative size, so one polynomial serves all u >= 0; erfc is
 * erfcx·exp(-u²) with the rounding error of u² put back.
 */
import * as b from "./build.js";
import type { Expr } from "./expr.js";
import { ERFCX, ERF_NEAR_ZERO, I2ERFCX, IERFCX } from "./polynomials.js";
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

const ROOT_OF_PI = Math.sqrt(Math.PI);

/** Of u < 0 by the recurrence, where nothing cancels. */
export function ierfcxFloat(u: number): number {
  if (u < 0) return 1 / ROOT_OF_PI - u * erfcxFloat(u);
  return horner(IERFCX, 2 * integralShare(u) - 1) / (1 + u) ** 2;
}

export function i2erfcxFloat(u: number): number {
  if (u < 0) return erfcxFloat(u) / 4 - (u * ierfcxFloat(u)) / 2;
  return horner(I2ERFCX, 2 * integralShare(u) - 1) / (1 + u) ** 3;
}

const integralShare = (u: number): number => (u < FAR ? u / (u + 4) : u > 0 ? 1 : NaN);

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

const integralLowering =
  (values: readonly number[], power: number) =>
  (u: Expr): Expr => {
    const s = b.select(b.lt(u, FAR), b.div(u, b.add(u, 4)), 1);
    const sum = b.polynomial(coefficients(values), b.sub(b.mul(2, s), 1));
    return b.div(sum, b.naturalPower(b.add(u, 1), power));
  };
export const ierfcxLowering = integralLowering(IERFCX, 2);
export const i2erfcxLowering = integralLowering(I2ERFCX, 3);

/** The operations, which are for u >= 0, continued to all u: what is added below 0 grows as exp(u²). */
const continued = (ofPositive: (u: Expr) => Expr, sign: 1 | -1, growth: (u: Expr) => Expr) => {
  return (u: Expr): Expr => {
    const grown = b.mul(growth(u), b.exp(b.mul(u, u)));
    const mirrored = ofPositive(b.neg(u));
    return b.select(b.lt(u, 0), sign > 0 ? b.add(grown, mirrored) : b.sub(grown, mirrored), ofPositive(u));
  };
};
export const CONTINUED = {
  erfcx: continued(b.erfcx, -1, () => b.constant(2)),
  ierfcx: continued(b.ierfcx, 1, (u) => b.mul(-2, u)),
  i2erfcx: continued(b.i2erfcx, -1, (u) => b.add(b.mul(u, u), b.fraction(1, 2))),
};

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
