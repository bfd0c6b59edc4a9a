/** A loop over float32 patterns against a function of float64: NaN, infinities, misrounded results, the largest error. */
import { pieceOf, spacing } from "./pieces.mjs";

export const BLOCK = 2 ** 14;
/** Fewer inputs than this are not worth a polynomial. */
const FEWEST = 32;
/** How far from a tie, in units of the result, the polynomial decides alone how a number is rounded. */
const DOUBT = 2 ** -8;
const LARGEST = 2 ** 128 - 2 ** 104;
/** Where a function is this small and has another sign a tenth away, ULP mean nothing: its errors count absolutely. */
const SMALL = 0.1;
const AWAY = 0.1;

export const nothingFound = () => ({
  inputs: 0,
  nan: 0,
  infinities: 0,
  numbersForNaN: 0,
  misrounded: 0,
  ulp: 0,
  at: 0,
  nearZeros: 0,
  absolute: 0,
});

/** Counts of two sweeps together. */
export function together(a, b) {
  const worse = b.ulp > a.ulp ? b : a;
  return {
    inputs: a.inputs + b.inputs,
    nan: a.nan + b.nan,
    infinities: a.infinities + b.infinities,
    numbersForNaN: a.numbersForNaN + b.numbersForNaN,
    misrounded: a.misrounded + b.misrounded,
    ulp: worse.ulp,
    at: worse.at,
    nearZeros: a.nearZeros + b.nearZeros,
    absolute: Math.max(a.absolute, b.absolute),
  };
}

/**
 * Counts for the patterns from `first` on, `count` of them: `loop(x, y)` fills y with what is measured, `exact(x)` is what it
 * should be. With `direct` the function is asked at every input, which takes ten times as long and finds the same.
 */
export function sweep(loop, exact, first, count, direct = false) {
  const found = nothingFound();
  const x = new Float32Array(BLOCK);
  const patterns = new Int32Array(x.buffer);
  const y = new Float32Array(BLOCK);

  const judge = (i) => {
    const wanted = exact(x[i]);
    const nearest = Math.fround(wanted);
    const got = y[i];
    if (Number.isNaN(got)) {
      if (!Number.isNaN(wanted)) found.nan += 1;
      return;
    }
    const isOneStep = Math.abs(got) === LARGEST && nearest === got * Infinity;
    if (!Number.isFinite(got) || (!Number.isFinite(nearest) && !isOneStep)) {
      if (got !== nearest) found.infinities += 1;
      return;
    }
    const error = isOneStep ? 1 : Math.abs(got - wanted) / spacing(wanted);
    if (got === nearest ? error <= found.ulp : false) return;
    if (got !== nearest && isNearZero(exact, x[i], wanted)) {
      found.nearZeros += 1;
      found.absolute = Math.max(found.absolute, Math.abs(got - wanted));
      return;
    }
    if (got !== nearest) found.misrounded += 1;
    if (error > found.ulp) [found.ulp, found.at] = [error, x[i]];
  };

  /** Places in the block at which the function itself has to be asked. */
  const doubts = new Int32Array(BLOCK);
  const judgeDoubts = (count) => {
    for (let i = 0; i < count; i++) judge(doubts[i]);
  };
  const compare = () => {
    const open = [[0, BLOCK]];
    while (open.length > 0) {
      const [from, to] = open.pop();
      const piece = direct || to - from <= FEWEST ? undefined : pieceOf(exact, x, from, to, DOUBT / 4);
      if (piece?.constant !== undefined) judgeDoubts(unlike(y, from, to, piece.constant, doubts));
      else if (piece !== undefined) judgeDoubts(farFrom(x, y, from, to, piece, doubts));
      else if (direct || to - from <= FEWEST) for (let i = from; i < to; i++) judge(i);
      else open.push([(from + to) / 2, to], [from, (from + to) / 2]);
    }
  };

  for (let base = first; base < first + count; base += BLOCK) {
    fill(patterns, base | 0);
    loop(x, y);
    found.inputs += BLOCK;
    // All patterns of a block are NaN, or none but the infinity that it begins with is.
    if (Number.isNaN(x[1])) {
      if (!Number.isNaN(x[0])) judge(0);
      for (let i = 0; i < BLOCK; i++) if (x[i] !== x[i] && y[i] === y[i]) found.numbersForNaN += 1;
    } else compare();
  }
  return found;
}

const isNearZero = (exact, x, value) =>
  Math.abs(value) < SMALL && Math.abs(x) > AWAY && exact(x - AWAY) * exact(x + AWAY) < 0;

/** Both sides of a sweep: a loop of a module over a block, and its function in float64 that says what is right. */
export function subjectOf({ forward, backward, saves, value, derivative }, direction) {
  if (direction === "forward") return { loop: (x, y) => forward(x, y), exact: (x) => value(x) };
  const ones = new Float32Array(BLOCK).fill(1);
  const outputs = new Float32Array(BLOCK);
  return {
    loop: (x, dx) => backward(ones, saves === "input" ? x : forward(x, outputs), dx),
    exact: (x) => derivative(x),
  };
}

function fill(patterns, base) {
  for (let i = 0; i < patterns.length; i++) patterns[i] = base + i;
}

/** The places of numbers other than a constant, written to `found`, and how many there are. */
function unlike(y, from, to, constant, found) {
  let count = 0;
  for (let i = from; i < to; i++) if (y[i] !== constant) found[count++] = i;
  return count;
}

/** The places of numbers so far from a polynomial that they may be misrounded; NaN is. */
function farFrom(x, y, from, to, { middle, scale, coefficients, unit }, found) {
  const [c0, c1, c2, c3, c4, c5] = coefficients;
  const limit = (0.5 - DOUBT) * unit;
  let count = 0;
  for (let i = from; i < to; i++) {
    const t = (x[i] - middle) * scale;
    const u = t * t;
    const value = c0 + c1 * t + (c2 + c3 * t) * u + (c4 + c5 * t) * (u * u);
    if (!(Math.abs(y[i] - value) <= limit)) found[count++] = i;
  }
  return count;
}
