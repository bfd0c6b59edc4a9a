/** Functions of one tensor that PyTorch and TensorFlow have under one name. */
import * as b from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { acos, asin } from "../inverse.js";
import { square, tan } from "./activations.js";
import { divide } from "./arithmetic.js";

export const UNARY_OF_BOTH = {
  abs: b.abs,
  acos,
  acosh: b.acosh,
  asin,
  asinh: b.asinh,
  atan: b.atan,
  atanh: b.atanh,
  cos: b.cos,
  cosh: b.cosh,
  erf: b.erf,
  erfc: b.erfc,
  exp: b.exp,
  expm1: b.expm1,
  log: b.log,
  log1p: b.log1p,
  reciprocal: (u: Expr) => divide(b.constant(1), u),
  rsqrt: (u: Expr) => divide(b.constant(1), b.sqrt(u)),
  sigmoid: b.sigmoid,
  sign: b.sign,
  sin: b.sin,
  sinh: b.sinh,
  sqrt: b.sqrt,
  square,
  tan,
  tanh: b.tanh,
};
