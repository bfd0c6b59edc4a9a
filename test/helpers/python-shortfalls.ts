/** Activations whose Python modules lose more digits at some inputs than they promise: in which checks, and why. */
import type { Outcome } from "./python.js";

interface Shortfall {
  readonly checks: readonly string[];
  readonly why: string;
}

const SHORTFALLS: Readonly<Record<string, Shortfall>> = {
  telu: { checks: ["float32", "gradients"], why: "in Keras a factor of f'' is subnormal where f'' is not" },
  xielu: { checks: ["gradients", "autograd"], why: "frameworks differentiate expm1(x) as expm1(x) + 1" },
  poly_relu: { checks: ["gradients", "autograd"], why: "a gradient by a parameter overflows before f'' does" },
};

/** Details of outcomes that are about digits alone: no crash, no other type or shape is excused. */
const DIGITS = /\d+ misses: | ULP$|gradients are not second|compiled (?:grad of grad|code) gives tensor/;

export const fallsShort = ({ id, check, detail }: Outcome): boolean =>
  SHORTFALLS[id]?.checks.includes(check) === true && DIGITS.test(detail);
