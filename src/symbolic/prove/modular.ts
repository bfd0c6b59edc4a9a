/** A placeholder until the modular test stands. */
import type { Expr } from "../../ir/expr.js";
export const isProbable = (_a: Expr, _b: Expr, _input: Expr): boolean => false;
