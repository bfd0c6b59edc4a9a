/** erfc in float32 with the digits of its tail, for frameworks whose own is slow, or sees a rounded argument. */
import {
  abs,
  add,
  div,
  double,
  erfc,
  exp,
  fraction,
  lt,
  max,
  min,
  mul,
  neg,
  polynomial,
  productError,
  select,
  single,
  sub,
  variable,
} from "../../ir/build.js";
import { evaluate } from "../../ir/evaluate.js";
import type { Expr } from "../../ir/expr.js";
import { ERFCX_IN_FLOAT32 } from "../../ir/polynomials.js";
import { float, floats } from "../../math/float32.js";
import { normalTail } from "../../math/singles.js";
import { inPython } from "./numbers.js";

/** Beyond it exp(-u²) is 0 in float32. */
const WIDEST = 12;

/**
 * exp(-u²)·erfcx(|u|), and 2 less that below 0. With n the nearest float32 to u: exp(-u²) = exp(-n²)·(1 - (u² - n²)), of
 * which float64 has the digits.
 */
function complementary(u: Expr): Expr {
  const t = min(max(u, -WIDEST), WIDEST);
  const near = single(t);
  const square = mul(near, near);
  const power = exp(neg(square));
  const lost = single(sub(mul(t, t), double(square)));
  const size = abs(near);
  const share = div(size, add(size, 3));
  const sum = polynomial(floats(ERFCX_IN_FLOAT32), sub(mul(2, share), 1));
  const tail = mul(sub(power, mul(power, lost)), div(add(mul(share, sum), 1), add(mul(2, size), 1)));
  return select(lt(near, 0), sub(2, tail), tail);
}

/** Beyond it exp(-u²/2) is 0 in float32; up to the other squares are numbers. */
const [FAR, FURTHEST] = [14.5, 2 ** 40];

/** erfc(-u/√2), twice the share of a normal distribution below u: exp(-u²/2)·erfcx(|u|/√2), and 2 less that above 0. */
function normalShare(u: Expr): Expr {
  const held = min(max(u, -FURTHEST), FURTHEST);
  const size = min(abs(held), FAR);
  const power = exp(mul(fraction(-1n, 2n), mul(held, held)));
  const lost = mul(fraction(1n, 2n), productError(held, held));
  const tail = mul(sub(power, mul(power, lost)), normalTail(size));
  return select(lt(held, 0), tail, sub(2, tail));
}

/** v of erfc(-v/√2), in floats of before. */
export function normalArgument({ op, args: [u] }: Expr): Expr | undefined {
  if (op !== "erfc" || u!.op !== "mul") return undefined;
  const [scale, input] = u!.args as [Expr, Expr];
  const isNormal = scale.closed && evaluate(scale, {}) === -Math.SQRT1_2 && input.op === "double";
  return isNormal ? input.args[0] : undefined;
}

const U = variable("wildcard", "u");
const OF_U: ReadonlySet<string> = new Set(["u"]);

/** erfc(u) in the type of another tensor, u in float64. */
export const COMPLEMENTARY: Expr = inPython(complementary(U), OF_U);
/** erfc(-u/√2), and the same by erfc of float64. */
export const NORMAL: Expr = inPython(normalShare(U), OF_U);
export const NORMAL_BY_ERFC: Expr = inPython(single(erfc(mul(float(-Math.SQRT1_2), double(U)))), OF_U);
