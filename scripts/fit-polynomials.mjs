/**
 * Fits the minimax polynomials of `src/ir/polynomials.ts` with MPFR and writes that file.
 * `--check` fits them again, compares with the file as it is, writes nothing and exits with 1 on a difference.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { init } from "gmp-wasm";
import prettier from "prettier";

const { binding: mpfr } = await init();
const PRECISION = 320;
const NEAREST = 0;
const target = fileURLToPath(new URL("../src/ir/polynomials.ts", import.meta.url));

/** Every MPFR variable lives until the fit that made it is over. */
const allocated = [];
const variable = () => {
  const pointer = mpfr.mpfr_t();
  mpfr.mpfr_init2(pointer, PRECISION);
  allocated.push(pointer);
  return pointer;
};
const release = (kept) => {
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
const add = binary("add");
const subtract = binary("sub");
const multiply = binary("mul");
const divide = binary("div");
const [absolute, negate, squareRoot] = ["abs", "neg", "sqrt"].map(unary);
const [exp, exp2, expm1, erf, erfc, atanh] = ["exp", "exp2", "expm1", "erf", "erfc", "atanh"].map(unary);
const precise = (value) => {
  const result = variable();
  mpfr.mpfr_set_d(result, value, NEAREST);
  return result;
};
const nearestDouble = (a) => mpfr.mpfr_get_d(a, NEAREST);
const isZero = (a) => mpfr.mpfr_zero_p(a) !== 0;

const zero = precise(0);
const one = precise(1);
const two = precise(2);
const ln2 = variable();
mpfr.mpfr_const_log2(ln2, NEAREST);
const rootOfPi = variable();
mpfr.mpfr_const_pi(rootOfPi, NEAREST);
squareRoot(rootOfPi, rootOfPi);

const horner = (coefficients, x) => {
  const sum = variable();
  mpfr.mpfr_set(sum, coefficients.at(-1), NEAREST);
  for (let i = coefficients.length - 2; i >= 0; i -= 1) add(multiply(sum, x, sum), coefficients[i], sum);
  return sum;
};

/** Solves a linear system by elimination with row pivoting; changes its arguments. */
function solve(matrix, right) {
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
const spread = (size, from, to) =>
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
function minimax(degree, from, to, sample) {
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

/**
 * P / Q that equals f at Chebyshev points of t = (u - centre) / (u + centre), within a factor of 2 of the least largest error;
 * Q has the constant term 1.
 */
function interpolateRational(numeratorDegree, denominatorDegree, centre, points, f) {
  const size = numeratorDegree + denominatorDegree + 1;
  const degree = Math.max(numeratorDegree, denominatorDegree);
  const values = points(size).map((t) => fromCentred(t, centre));
  const right = values.map((u) => f(u));
  const matrix = values.map((u, i) => {
    const powers = [precise(1)];
    for (let j = 1; j <= degree; j += 1) powers.push(multiply(powers[j - 1], u));
    const ofDenominator = powers.slice(1, denominatorDegree + 1).map((power) => negate(multiply(right[i], power)));
    return [...powers.slice(0, numeratorDegree + 1), ...ofDenominator];
  });
  const solution = solve(matrix, right).map(nearestDouble);
  return [solution.slice(0, numeratorDegree + 1), [1, ...solution.slice(numeratorDegree + 1)]];
}
const fromCentred = (t, centre) => divide(multiply(precise(centre), add(one, t)), subtract(one, t));

/** erfcx(u) = exp(u^2) erfc(u); from 16 on by its asymptotic series, whose least term is about exp(-256). */
function erfcx(u) {
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

const relative = (f) => (x) => {
  const value = f(x);
  return [value, divide(one, value)];
};
/** f(x) / x with its limit at 0. */
const overArgument = (f, limit) => (x) => (isZero(x) ? limit : divide(f(x), x));
const overRoot = (f) => (z) => {
  const root = squareRoot(z);
  return divide(f(root), root);
};

const log2Of = (value) => Math.log2(value).toFixed(2);
const ulp = (value) => {
  let exponent = Math.floor(Math.log2(value));
  if (2 ** exponent > value) exponent -= 1;
  return 2 ** Math.max(exponent - 52, -1074);
};

/** The largest distance in ULP of `compute`, in float64 arithmetic, from `exact` over the arguments. */
function largestUlp(values, compute, exact) {
  let worst = { error: 0, at: 0 };
  for (const value of values) {
    const kept = allocated.length;
    const computed = compute(value);
    const distance = subtract(exact(precise(value)), precise(computed));
    const error = Math.abs(nearestDouble(distance)) / ulp(Math.abs(computed));
    if (error > worst.error) worst = { error, at: value };
    release(kept);
  }
  return worst;
}
/** Arguments whose low bits vary, evenly and by binade: fractions of the golden ratio. */
const arguments64 = (count, largest, lowestExponent, highestExponent) =>
  Array.from({ length: count }, (_, i) => {
    const fraction = (i * 0.6180339887498949) % 1;
    return i % 2 === 0
      ? largest * fraction
      : 2 ** (lowestExponent + (highestExponent - lowestExponent) * ((i * 0.7548776662466927) % 1));
  });

const evaluate = (coefficients, x) => coefficients.reduceRight((sum, coefficient) => sum * x + coefficient);

const erfcxShift = 3;
/** 1 - u / (u + shift) = shift / (u + shift): the argument u at which u / (u + shift) = share. */
const fromShare = (share) => divide(multiply(precise(erfcxShift), share), subtract(one, share));
const shareOf = (t) => divide(add(t, one), two);
const erfcxNumerator = (u) => multiply(add(one, add(u, u)), erfcx(u));
const fromQuotient = (q) => subtract(divide(one, q), precise(erfcxShift));
const halfLn2 = divide(ln2, two);
/** (2^(f/parts) - 1) / f */
const exp2m1Part = (parts) => {
  const rate = divide(ln2, precise(parts));
  return relative(overArgument((f) => expm1(multiply(f, rate)), rate));
};

/**
 * sample(x) gives the value that the polynomial is fitted to and the factor that turns its error into the relative error of
 * the function as a whole.
 */
const wanted = [
  {
    name: "ERFCX",
    about: [
      "erfcx(u) = exp(u^2) erfc(u) for u >= 0 in float64: with s = u / (u + 3) (s = 1 from 2^60 on, so that Infinity is no NaN),",
      "t = 2 s - 1 in [-1, 1] and this P, erfcx(u) = (1 + s P(t)) / (1 + 2 u). Exact at 0, 0 at Infinity.",
    ],
    degree: 23,
    interval: () => [precise(-1), one],
    sample: (t) => {
      const share = shareOf(t);
      const value = erfcxNumerator(fromShare(share));
      return [divide(subtract(value, one), share), divide(share, value)];
    },
    arithmetic: (coefficients) => {
      const compute = (u) => {
        const share = u < 2 ** 60 ? u / (u + erfcxShift) : 1;
        return (1 + share * evaluate(coefficients, 2 * share - 1)) / (1 + 2 * u);
      };
      const values = [...arguments64(24000, 12, -40, 40), 1e17, 2 ** 60, 1e100, 1e300];
      return { ...largestUlp(values, compute, erfcx), range: "[0, 1e300]", count: values.length };
    },
  },
  {
    name: "ERF_NEAR_ZERO",
    about: ["erf(u) = u P(u^2) for |u| <= 1 in float64."],
    degree: 12,
    interval: () => [zero, one],
    sample: relative(overRoot(erf)),
    arithmetic: (coefficients) => {
      const compute = (u) => u * evaluate(coefficients, u * u);
      const values = [...arguments64(16000, 1, -30, 0), 1];
      return { ...largestUlp(values, compute, erf), range: "[0, 1]", count: values.length };
    },
  },
  {
    name: "EXP2M1_FLOAT32",
    about: ["2^f - 1 = f P(f) for |f| <= 1/2, beside a table of 2^i; for results in float32."],
    degree: 6,
    interval: () => [precise(-0.5), precise(0.5)],
    sample: exp2m1Part(1),
  },
  {
    name: "EXP2M1_128TH_FLOAT32",
    about: ["2^(f/128) - 1 = f P(f) for |f| <= 1/2, beside a table of 2^(i/128); for results in float32."],
    degree: 2,
    interval: () => [precise(-0.5), precise(0.5)],
    sample: exp2m1Part(128),
  },
  {
    name: "EXPM1_FLOAT32",
    about: ["expm1(r) = r P(r) for |r| <= ln(2)/2; for results in float32."],
    degree: 6,
    interval: () => [negate(halfLn2), halfLn2],
    sample: relative(overArgument(expm1, one)),
  },
  {
    name: "LOG1P_FLOAT32",
    about: ["log1p(u) = s P(s^2), s = u / (2 + u), for 0 <= u <= 1; for results in float32."],
    degree: 5,
    interval: () => [zero, divide(one, precise(9))],
    sample: relative(overRoot((s) => multiply(two, atanh(s)))),
  },
  {
    name: "ERFCX_FLOAT32",
    about: ["erfcx(u) = q P(q), q = 1 / (u + 3), for u >= 0 up to Infinity, where it is 0; for results in float32."],
    degree: 12,
    interval: () => [zero, divide(one, precise(erfcxShift))],
    sample: relative((q) => divide(erfcx(fromQuotient(q)), q)),
  },
  {
    name: "ERF_NEAR_ZERO_FLOAT32",
    about: ["erf(u) = u P(u^2) for |u| <= 1; for results in float32."],
    degree: 7,
    interval: () => [zero, one],
    sample: relative(overRoot(erf)),
  },
];

/** What is allocated up to here outlives the fits. */
let constants = 0;

const declaration = (lines, name, coefficients) =>
  `/**\n${lines.map((line) => ` * ${line}\n`).join("")} */\nexport const ${name}: readonly number[] = [${coefficients.join(", ")}];\n`;

/** The largest of `errorAt` over the points, which are not those of the fit. */
const largestError = (points, errorAt) =>
  points.reduce((largest, point) => {
    const kept = allocated.length;
    const error = nearestDouble(absolute(errorAt(point)));
    release(kept);
    return Math.max(largest, error);
  }, 0);

function fit({ name, about, degree, interval, sample, arithmetic }) {
  const [from, to] = interval();
  const coefficients = minimax(degree, from, to, sample);
  const rounded = coefficients.map(precise);
  const error = largestError(spread(1999, from, to), (point) => {
    const [value, weight] = sample(point);
    return multiply(subtract(horner(rounded, point), value), weight);
  });
  const measured = arithmetic?.(coefficients);
  const lines = [
    ...about,
    `Largest relative error of the formula with these coefficients: 2^${log2Of(error)} (MPFR, exact arithmetic)` +
      (measured ? "," : "."),
  ];
  if (measured) {
    lines.push(
      `and in float64 arithmetic by Horner's rule ${measured.error.toFixed(2)} ULP over ${measured.count} arguments of ${measured.range}` +
        ` (at ${measured.at}).`,
    );
  }
  release(constants);
  return declaration(lines, name, coefficients);
}

/** erfcx for float32 by one division: a bound of 10.25 is enough, as exp(-10.25^2) is below half the least float32. */
function fitErfcxFloat32() {
  const [largest, centre] = [10.25, 2.4];
  const last = precise((largest - centre) / (largest + centre));
  const [numerator, denominator] = interpolateRational(5, 6, centre, (size) => spread(size, precise(-1), last), erfcx);
  const [upper, lower] = [numerator.map(precise), denominator.map(precise)];
  const errorAt = (u) => subtract(divide(divide(horner(upper, u), horner(lower, u)), erfcx(u)), one);
  const inside = spread(1999, precise(-1), last).map((t) => fromCentred(t, centre));
  const error = largestError(inside, errorAt);
  const beyond = spread(499, last, one).map((t) => fromCentred(t, centre));
  const errorBeyond = largestError(beyond, errorAt);
  release(constants);
  const lines = [
    `erfcx(u) = P(u) / Q(u) for 0 <= u <= ${largest}; for results in float32, where erfcx has a factor exp(-u^2) that vanishes beyond.`,
    "P is this one and Q the next. No coefficient is negative; u up to 1e50 does not overflow, Infinity gives NaN.",
    `Largest relative error with these coefficients: 2^${log2Of(error)} on [0, ${largest}], 2^${log2Of(errorBeyond)} beyond (MPFR, exact arithmetic).`,
  ];
  return [
    declaration(lines, "ERFCX_FLOAT32_NUMERATOR", numerator),
    declaration(["Q of erfcx(u) = P(u) / Q(u)."], "ERFCX_FLOAT32_DENOMINATOR", denominator),
  ];
}

constants = allocated.length;
const source = [
  "// Written by `node scripts/fit-polynomials.mjs`. Coefficients with the lowest degree first.\n",
  ...wanted.map(fit),
  ...fitErfcxFloat32(),
].join("\n");
const text = await prettier.format(source, { ...(await prettier.resolveConfig(target)), filepath: target });

if (process.argv.includes("--check")) {
  let present = "";
  try {
    present = readFileSync(target, "utf8");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  if (present !== text) {
    console.error("src/ir/polynomials.ts differs from what `node scripts/fit-polynomials.mjs` writes");
    process.exitCode = 1;
  }
} else {
  const temporary = `${target}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, target);
}
