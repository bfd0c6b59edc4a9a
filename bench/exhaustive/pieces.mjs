/**
 * A function over neighbouring inputs as a polynomial, checked against the function itself: the reference of a sweep over
 * all float32 numbers, at a tenth of what the function costs.
 */

const DEGREE = 5;
const NODES = Array.from({ length: DEGREE + 1 }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * i) / DEGREE));
/** Between the nodes, where the polynomial is farthest from the function. */
const TESTS = Array.from({ length: DEGREE }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / DEGREE));

const SMALLEST_NORMAL = 2 ** -126;

/** The distance between float32 numbers of this size. */
export function spacing(value) {
  const magnitude = Math.abs(value);
  if (!(magnitude >= SMALLEST_NORMAL)) return 2 ** -149;
  const exponent = Math.min(Math.floor(Math.log2(magnitude)), 127);
  // log2 may round up to the next power of two.
  return 2 ** ((2 ** exponent > magnitude ? exponent - 1 : exponent) - 23);
}

const sameFloat = (values) => values.every((value) => Math.fround(value) === Math.fround(values[0]));

/**
 * A stand-in for `f` at inputs[from] to inputs[to - 1]: `{ constant }`, the float32 that it is everywhere; or
 * `{ middle, scale, coefficients, unit }`, a polynomial in (x - middle) * scale within `tolerance` units, where a unit is the
 * least distance of float32 results there. Undefined where neither does.
 */
export function pieceOf(f, inputs, from, to, tolerance) {
  const last = to - 1 - from;
  const at = (part) => inputs[from + Math.round(last * part)];
  const xs = NODES.map(at);
  const tests = TESTS.map(at);
  const values = xs.map((x) => f(x));
  const checks = tests.map((x) => f(x));
  const all = [...values, ...checks];
  if (all.every((value) => value === all[0]) || (sameFloat(all) && !Number.isFinite(Math.fround(all[0]))))
    return { constant: Math.fround(all[0]) };
  if (!all.every(Number.isFinite)) return undefined;
  const middle = xs[0] + (xs[DEGREE] - xs[0]) / 2;
  const scale = 2 / Math.abs(xs[DEGREE] - xs[0]);
  if (!Number.isFinite(scale)) return undefined;
  const coefficients = interpolate(
    xs.map((x) => (x - middle) * scale),
    values,
  );
  const unit = spacing(Math.min(...all.map(Math.abs)));
  const isNear = (x, i) => Math.abs(polynomial(coefficients, (x - middle) * scale) - checks[i]) <= tolerance * unit;
  return tests.every(isNear) ? { middle, scale, coefficients, unit } : undefined;
}

function polynomial(coefficients, t) {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * t + coefficients[i];
  return sum;
}

/** Coefficients, lowest degree first, of the polynomial through points: Newton's divided differences, multiplied out. */
function interpolate(ts, values) {
  const differences = [...values];
  for (let order = 1; order <= DEGREE; order++)
    for (let i = DEGREE; i >= order; i--)
      differences[i] = (differences[i] - differences[i - 1]) / (ts[i] - ts[i - order]);
  const coefficients = new Array(DEGREE + 1).fill(0);
  for (let i = DEGREE; i >= 0; i--) {
    for (let j = DEGREE; j > 0; j--) coefficients[j] = coefficients[j - 1] - ts[i] * coefficients[j];
    coefficients[0] = differences[i] - ts[i] * coefficients[0];
  }
  return coefficients;
}
