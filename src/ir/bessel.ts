/**
 * The spherical Bessel functions j0(u) = sin(u)/u, j1(u) = (j0(u) - cos(u))/u and j2(u) = 3·j1(u)/u - j0(u): sinc and what its
 * derivatives are sums of. Near 0, where the quotients cancel, they are their series u^n·Σ c_k·u^(2k).
 */
import * as b from "./build.js";
import type { Expr } from "./expr.js";
import { multiplyRational, rational, rationalToNumber, type Rational } from "./rational.js";

export type Order = 0 | 1 | 2;

/** The series is taken below these; nothing cancels beyond. */
export const NEAR = [0, 2, 3] as const;

/** c_k = (-1/2)^k / (k!·(2n + 2k + 1)!!), as many as matter up to there. */
export function sphericalBesselSeries(order: 1 | 2, negligible: number): readonly Rational[] {
  const square = NEAR[order] ** 2;
  const result = [rational(1n, order === 1 ? 3n : 15n)];
  for (let k = 1, size = 1; size > negligible; k++) {
    const divisor = 2 * k * (2 * order + 2 * k + 1);
    result.push(multiplyRational(result[k - 1]!, rational(-1n, BigInt(divisor))));
    size *= square / divisor;
  }
  return result;
}

const SERIES = { 1: sphericalBesselSeries(1, 2 ** -57), 2: sphericalBesselSeries(2, 2 ** -57) } as const;
const FLOATS = { 1: SERIES[1].map(rationalToNumber), 2: SERIES[2].map(rationalToNumber) } as const;
const EXPRESSIONS = { 1: SERIES[1].map(b.fromRational), 2: SERIES[2].map(b.fromRational) } as const;

/** By the recurrence, away from 0. */
function farFloat(order: Order, u: number): number {
  const zeroth = Math.sin(u) / u;
  if (order === 0) return zeroth;
  const first = (zeroth - Math.cos(u)) / u;
  return order === 1 ? first : (3 * first) / u - zeroth;
}

export const sphericalBesselFloat =
  (order: Order) =>
  (u: number): number => {
    if (order === 0 ? u === 0 : Math.abs(u) < NEAR[order]) {
      if (order === 0) return 1;
      const sum = FLOATS[order].reduceRight((rest, c) => rest * (u * u) + c);
      return order === 1 ? u * sum : u * u * sum;
    }
    return Math.abs(u) === Infinity ? 0 : farFloat(order, u);
  };

function far(order: Order, u: Expr): Expr {
  const zeroth = b.div(b.sin(u), u);
  if (order === 0) return zeroth;
  const first = b.div(b.sub(zeroth, b.cos(u)), u);
  return order === 1 ? first : b.sub(b.div(b.mul(3, first), u), zeroth);
}

export const sphericalBesselLowering =
  (order: Order) =>
  (u: Expr): Expr => {
    const size = b.abs(u);
    const elsewhere = b.select(b.le(b.constant(Infinity), size), 0, far(order, u));
    if (order === 0) return b.select(b.eq(u, 0), 1, elsewhere);
    const square = b.mul(u, u);
    const sum = b.polynomial(EXPRESSIONS[order], square);
    return b.select(b.lt(size, NEAR[order]), b.mul(order === 1 ? u : square, sum), elsewhere);
  };
