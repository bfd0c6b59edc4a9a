/** Activations whose Python modules lose more at some inputs than they promise, and why: their digits are not compared yet. */

const TAILS = "subnormal exponentials in the tails, and the rounding of an argument of exp";

export const PYTHON_SHORTFALLS: ReadonlyMap<string, string> = new Map([
  ["softcap", "x / cap is subnormal, or the square of a tanh that is nearly 1"],
  [
    "sqrtsoftplus",
    "the reference has no value far out; where frameworks differentiate |x| themselves, the slope at 0 is 0",
  ],
  ["xielu", "two terms cancel where a parameter is at the end of its range"],
  ["golu", TAILS],
  ["telu", TAILS],
  ["bsilu", TAILS],
  ["laplace", TAILS],
  ["poly_relu", "terms cancel in half precision"],
]);
