/** Bounds of the growth of functions along short intervals, rounded up: cheaper than a second value. */
import { DOWN, UP, type Binding, type Pointer } from "./mpfr-binding.js";

/**
 * At least the growth of a function along `width`, less than 1, from a number on where it has a regular value, which is at
 * most `value`.
 */
export type Growth = (out: Pointer, width: Pointer, from: Pointer, value: Pointer) => unknown;

/** `scratch` is a number that they may use. */
export function growths(m: Binding, scratch: Pointer) {
  /** Of what grows no faster than itself: exp(w) - 1 < 2·w. */
  const asItself: Growth = (out, width, _, value) => {
    m.mpfr_mul(out, width, value, UP);
    m.mpfr_mul_2ui(out, out, 1, UP);
  };
  return {
    asItself,
    /** Of what grows no faster than its argument. */
    slowly: (out, width) => m.mpfr_set(out, width, UP),
    asLog: (out, width, from) => m.mpfr_div(out, width, from, UP),
    asLog1p: (out, width, from) => {
      m.mpfr_add_ui(out, from, 1, DOWN);
      m.mpfr_div(out, width, out, UP);
    },
    asExpm1: (out, width, from, value) => {
      m.mpfr_add_ui(scratch, value, 1, UP);
      asItself(out, width, from, scratch);
    },
  } as const satisfies Readonly<Record<string, Growth>>;
}
