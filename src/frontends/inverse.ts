/** Inverses of sine and cosine by that of the tangent, which has a value everywhere. */
import * as b from "../ir/build.js";
import type { Expr } from "../ir/expr.js";

/** 2·atan(u/(1 + sqrt(1 − u²))), the angle by its half; without a value beyond 1, as the sine has none there. */
export const asin = (u: Expr): Expr => b.mul(2, b.atan(b.div(u, b.add(1, b.sqrt(b.sub(1, b.naturalPower(u, 2)))))));
export const acos = (u: Expr): Expr => b.sub(b.div(b.pi, 2), asin(u));
