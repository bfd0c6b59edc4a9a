/** MPFR for the scripts that fit polynomials: its arithmetic, Remez exchange, and the text of a table of coefficients. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { init } from "gmp-wasm";
import prettier from "prettier";

const { binding: mpfr } = await init();
const PRECISION = 320;
const NEAREST = 0;

/** Every MPFR variable lives until the fit that made it is over. */
const allocated = [];
/** How many variables there are: what `release` is given afterwards to drop those made since. */
export const mark = () => allocated.length;
export const variable = () => {
  const pointer = mpfr.mpfr_t();
  mpfr.mpfr_init2(pointer, PRECISION);
  allocated.push(pointer);
  return pointer;
};
export const release = (kept) => {
  for (const pointer of allocated.splice(kept)) {
    mpfr.mpfr_clear(pointer);
    mpfr.mpfr_t_free(pointer);
  }
};
const unary = (name) => {
  const operation = mpfr[`mpfr_${name}`];
  return (a, result = variable()) => (operation(result, a, NEAREST), result);
};
const binary = (name) => {
  const operation = mpfr[`mpfr_${name}`];
  return (a, b, result = variable()) => (operation(result, a, b, NEAREST), result);
};
export const add = binary("add");
export const subtract = binary("sub");
export const multiply = binary("mul");
export const divide = binary("div");
export const [absolute, negate, squareRoot] = ["abs", "neg", "sqrt"].map(unary);
export const [exp, exp2, expm1, erf, erfc] = ["exp", "exp2", "expm1", "erf", "erfc"].map(unary);
export const [atan, atanh] = ["atan", "atanh"].map(unary);
export const [log, log1p, sinh, cosh, sin, cos] = ["log", "log1p", "sinh", "cosh", "sin", "cos"].map(unary);
export const precise = (value) => {
  const result = variable();
  mpfr.mpfr_set_d(result, value, NEAREST);
  return result;
};
export const nearestDouble = (a) => mpfr.mpfr_get_d(a, NEAREST);
export const isZero = (a) => mpfr.mpfr_zero_p(a) !== 0;

export const zero = precise(0);
export const one = precise(1);
export const two = precise(2);
export const ln2 = variable();
mpfr.mpfr_const_log2(ln2, NEAREST);
export const rootOfPi = variable();
mpfr.mpfr_const_pi(rootOfPi, NEAREST);
squareRoot(rootOfPi, rootOfPi);

export const horner = (coefficients, x) => {
  const sum = variable();
  mpfr.mpfr_set(sum, coefficients.at(-1), NEAREST);
  for (let i = coefficients.length - 2; i >= 0; i -= 1) add(multiply(sum, x, sum), coefficients[i], sum);
  return sum;
};

/** Solves a linear system by elimination with row pivoting; changes its arguments. */
export function solve(matrix, right) {
  const size = right.length;
  const product = variable();
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) {
      if (mpfr.mpfr_cmpabs(matrix[row][column], matrix[pivot][column]) > 0) pivot = row;
    }
    [matrix[column], matrix[pivot]] = [matrix[pivot], matrix[column]];
    [right[column], right[pivot]] = [right[pivot], right[column]];
    for (let row = column + 1; row < size; row += 1) {
      const factor = divide(matrix[row][column], matrix[column][column]);
      const eliminate = (entry, above) => subtract(entry, multiply(factor, above, product), entry);
      for (let j = column; j < size; j += 1) eliminate(matrix[row][j], matrix[column][j]);
      eliminate(right[row], right[column]);
    }
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    for (let j = row + 1; j < size; j += 1) {
      subtract(right[row], multiply(matrix[row][j], right[j], product), right[row]);
    }
    divide(right[row], matrix[row][row], right[row]);
  }
  return right;
}

/** `size` points of [from, to], dense towards both ends as the extrema of a minimax error are. */
export const spread = (size, from, to) =>
  Array.from({ length: size }, (_, i) => {
    const share = (1 - Math.cos((Math.PI * (i + 0.5)) / size)) / 2;
    return add(from, multiply(subtract(to, from), precise(share)));
  });

/** The position of the largest |error| of each run of one sign, reduced to `count` positions of alternating sign. */
function alternation(errors, count) {
  const size = (position) => Math.abs(errors[position]);
  const peaks = [];
  errors.forEach((error, position) => {
    const last = peaks.at(-1);
    if (last === undefined || Math.sign(errors[last]) !== Math.sign(error)) peaks.push(position);
    else if (Math.abs(error) > size(last)) peaks[peaks.length - 1] = position;
  });
  while (peaks.length > count) {
    if (peaks.length === count + 1) {
      if (size(peaks[0]) < size(peaks.at(-1))) peaks.shift();
      else peaks.pop();
    } else {
      // Two neighbours go at once, so that the signs still alternate.
      let least = 0;
      const pair = (i) => Math.max(size(peaks[i]), size(peaks[i + 1]));
      for (let i = 1; i + 1 < peaks.length; i += 1) if (pair(i) < pair(least)) least = i;
      peaks.splice(least, 2);
    }
  }
  return peaks;
}

/**
 * Remez exchange on a fixed grid: the polynomial P of the given degree with the least maximum of |P(x) - value| * weight,
 * where [value, weight] = sample(x).
 */
export function minimax(degree, from, to, sample) {
  const count = degree + 2;
  const points = spread(24 * count, from, to);
  const samples = points.map(sample);
  let reference = Array.from({ length: count }, (_, i) => 24 * i + 12);
  for (let round = 0; round < 40; round += 1) {
    const matrix = reference.map((position, i) => {
      const row = [precise(1)];
      for (let j = 1; j <= degree; j += 1) row.push(multiply(row[j - 1], points[position]));
      return [...row, divide(i % 2 === 0 ? one : negate(one), samples[position][1])];
    });
    const right = reference.map((position) => add(samples[position][0], zero));
    const solution = solve(matrix, right);
    const coefficients = solution.slice(0, -1);
    const errors = points.map((point, i) => {
      const error = horner(coefficients, point);
      return nearestDouble(multiply(subtract(error, samples[i][0], error), samples[i][1], error));
    });
    const largest = Math.max(...errors.map(Math.abs));
    if (largest <= 1.001 * Math.abs(nearestDouble(solution.at(-1)))) return coefficients.map(nearestDouble);
    const next = alternation(errors, count);
    if (next.length < count) throw new Error(`the error of degree ${degree} alternates ${next.length} times only`);
    reference = next;
  }
  throw new Error(`no convergence at degree ${degree}`);
}

/** erfcx(u) = exp(u^2) erfc(u); from 16 on by its asymptotic series, whose least term is about exp(-256). */
export function erfcx(u) {
  if (nearestDouble(u) < 16) return multiply(exp(multiply(u, u)), erfc(u));
  const twice = multiply(two, multiply(u, u));
  let [term, sum] = [one, one];
  for (let n = 1; n < 240; n += 1) {
    term = negate(divide(multiply(term, precise(2 * n - 1)), twice));
    const next = add(sum, term);
    if (mpfr.mpfr_equal_p(next, sum)) break;
    sum = next;
  }
  return divide(sum, multiply(u, rootOfPi));
}

/** exp(u^2) ierfc(u) = 1 / sqrt(pi) - u erfcx(u). */
export const ierfcx = (u) => subtract(divide(one, rootOfPi), multiply(u, erfcx(u)));
/** exp(u^2) i2erfc(u) = erfcx(u) / 4 - u ierfcx(u) / 2. */
export const i2erfcx = (u) => divide(subtract(divide(erfcx(u), two), multiply(u, ierfcx(u))), two);

export const relative = (f) => (x) => {
  const value = f(x);
  return [value, divide(one, value)];
};
/** f(x) / x with its limit at 0. */
export const overArgument = (f, limit) => (x) => (isZero(x) ? limit : divide(f(x), x));
export const overRoot = (f) => (z) => {
  const root = squareRoot(z);
  return divide(f(root), root);
};

export const log2Of = (value) => Math.log2(value).toFixed(2);

export const declaration = (lines, name, coefficients) =>
  `/**\n${lines.map((line) => ` * ${line}\n`).join("")} */\nexport const ${name}: readonly number[] = [${coefficients.join(", ")}];\n`;

/** The largest of `errorAt` over the points, which are not those of the fit. */
export const largestError = (points, errorAt) =>
  points.reduce((largest, point) => {
    const kept = mark();
    const error = nearestDouble(absolute(errorAt(point)));
    release(kept);
    return Math.max(largest, error);
  }, 0);

/**
 * Formats the source and writes it to the file; with `--check` compares it with the file, writes nothing and sets the exit
 * code 1 on a difference.
 */
export async function writeSource(source, target, command) {
  const text = await prettier.format(source, { ...(await prettier.resolveConfig(target)), filepath: target });
  if (process.argv.includes("--check")) {
    let present = "";
    try {
      present = readFileSync(target, "utf8");
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
    if (present !== text) {
      console.error(`${target} differs from what \`${command}\` writes`);
      process.exitCode = 1;
    }
  } else {
    const temporary = `${target}.${process.pid}.tmp`;
    writeFileSync(temporary, text);
    renameSync(temporary, target);
  }
}
