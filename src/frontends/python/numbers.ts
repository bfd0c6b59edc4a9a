/** Numbers of Python's own modules, and their functions on numbers. */
import * as b from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { divide, power } from "./arithmetic.js";
import { alike, row, under, type Row } from "./rows.js";
import * as a from "./activations.js";

const UNARY = alike<1>("x", {
  acosh: b.acosh,
  asinh: b.asinh,
  atan: b.atan,
  atanh: b.atanh,
  cbrt: b.cbrt,
  cos: b.cos,
  cosh: b.cosh,
  exp: b.exp,
  exp2: (u) => power(b.constant(2), u),
  expm1: b.expm1,
  fabs: b.abs,
  log10: b.log10,
  log1p: b.log1p,
  log2: b.log2,
  sin: b.sin,
  sinh: b.sinh,
  sqrt: b.sqrt,
  tan: a.tan,
  tanh: b.tanh,
});

const MATH = [
  ...UNARY,
  ...alike<1>("x", { erf: b.erf, erfc: b.erfc }),
  ...alike<2>("x, y", { pow: power, hypot: a.hypot }),
  row("log(x, base=None)", ({ number, optional }) => {
    const base = optional("base");
    return base === undefined ? b.log(number("x")) : divide(b.log(number("x")), b.log(base));
  }),
];

const BUILTINS = [
  row("abs(x)", ({ number }) => b.abs(number("x"))),
  row("pow(x, y)", ({ number }) => power(number("x"), number("y"))),
];

export const NUMBERS: readonly (readonly [string, Row])[] = [...under("math", MATH), ...under("builtins", BUILTINS)];

const E = b.exp(1);
const INFINITY = b.constant(Infinity);
/** Formulas have no value where programs have NaN. */
const NO_VALUE = b.sqrt(b.constant(-1));

export const CONSTANTS: ReadonlyMap<string, Expr> = new Map([
  ...["math", "numpy", "torch"].flatMap((module) => [
    [`${module}.pi`, b.pi] as const,
    [`${module}.e`, E] as const,
    [`${module}.inf`, INFINITY] as const,
    [`${module}.nan`, NO_VALUE] as const,
  ]),
  ["math.tau", b.mul(2, b.pi)],
]);
