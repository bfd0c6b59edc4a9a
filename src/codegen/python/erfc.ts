/** erfc in float32 of an argument in float64, for frameworks whose own is slow, or sees a rounded argument. */
import {
  abs,
  add,
  div,
  double,
  exp,
  fromRational,
  lt,
  max,
  min,
  mul,
  neg,
  polynomial,
  select,
  single,
  sub,
  variable,
} from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { ERFCX_IN_FLOAT32 } from "../../ir/polynomials.js";
import { rationalFromNumber } from "../../ir/rational.js";
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
  const sum = polynomial(
    ERFCX_IN_FLOAT32.map((value) => fromRational(rationalFromNumber(value))),
    sub(mul(2, share), 1),
  );
  const tail = mul(sub(power, mul(power, lost)), div(add(mul(share, sum), 1), add(mul(2, size), 1)));
  return select(lt(near, 0), sub(2, tail), tail);
}

const U = variable("wildcard", "u");
const OF_U: ReadonlySet<string> = new Set(["u"]);

/** erfc(u) in the type of another tensor. */
export const COMPLEMENTARY: Expr = inPython(complementary(U), OF_U);
