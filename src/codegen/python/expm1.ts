/** expm1 in operations that compilers keep: some compute exp(u) - 1, which has lost every digit near 0. */
import {
  abs,
  add,
  exp,
  fraction,
  fromRational,
  lt,
  max,
  min,
  mul,
  polynomial,
  select,
  sinh,
  sub,
  variable,
} from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { rationalFromNumber } from "../../ir/rational.js";
import { EXP_TAIL } from "../../math/coefficients.js";
import { inPython } from "./numbers.js";

const U = variable("wildcard", "u");
/** Below it expm1 is -1 in float64, too, and sinh overflows further down. */
const LEAST = -40;
/** As far as the series goes. */
const NEAR = 11 / 32;

/** 2·exp(u/2)·sinh(u/2). */
function byHalves(u: Expr): Expr {
  const half = mul(fraction(1, 2), max(u, LEAST));
  return mul(2, mul(exp(half), sinh(half)));
}

/** r·(1 + r·(1/2 + r·P(r))) near 0, which keeps -0, and exp(u) - 1 further out, where no more than two bits cancel. */
function bySeries(u: Expr): Expr {
  const r = min(max(u, -NEAR), NEAR);
  const tail = polynomial([fraction(1, 2), ...EXP_TAIL.map((value) => fromRational(rationalFromNumber(value)))], r);
  return select(lt(abs(u), NEAR), mul(r, add(mul(r, tail), 1)), sub(exp(u), 1));
}

/** expm1(u) in float64, and in float32 in half of the time. */
export const [IN_FLOAT64, IN_FLOAT32] = [byHalves(U), bySeries(U)].map((way) => inPython(way, new Set(["u"]))) as [
  Expr,
  Expr,
];
