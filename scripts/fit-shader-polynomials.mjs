/**
 * Fits the polynomials of functions in float32 arithmetic with MPFR and writes `src/math/coefficients.ts`.
 * `--check` compares with the file as it is, writes nothing and exits with 1 on a difference.
 */
import { fileURLToPath } from "node:url";
import {
  absolute,
  add,
  atan,
  atanh,
  cos,
  cosh,
  declaration,
  divide,
  erf,
  erfc,
  erfcx,
  exp,
  expm1,
  horner,
  i2erfcx,
  ierfcx,
  largestError,
  log,
  log1p,
  log2Of,
  mark,
  minimax,
  multiply,
  nearestDouble,
  negate,
  one,
  precise,
  release,
  sin,
  sinh,
  spread,
  squareRoot,
  subtract,
  two,
  writeSource,
} from "./minimax.mjs";

const target = fileURLToPath(new URL("../src/math/coefficients.ts", import.meta.url));

const power = (x, exponent) => (exponent === 1 ? x : multiply(x, power(x, exponent - 1)));
/** (f(x) - first terms) / x^exponent as a function of x, with the weight that makes its error one relative to `size`. */
const remainder = (f, exponent, size) => (x) => {
  const factor = power(x, exponent);
  return [divide(f(x), factor), absolute(divide(factor, size(x)))];
};
/** The same as a function of z = x². */
const remainderOfSquare = (f, exponent, size) => (z) => remainder(f, exponent, size)(squareRoot(z));

const half = precise(0.5);
/** ln(2)/2 and a little more: the nearest multiple is chosen in rounded arithmetic. */
const REDUCED = 0.3468;
const REDUCED_QUARTER = 0.7856;
const ERFCX_SHIFT = 3;

/** exp(x²) iⁿerfc(x) = (c + u P(5/8 - u)) / (1 + x)^exponent, u = x / (x + 4), for x >= 0, c being what it is at 0. */
const scaledIntegral = (name, notation, f, exponent) => ({
  name,
  about: [
    `exp(x²) ${notation}(x) = (${notation}(0) + u P(0.625 - u)) / (1 + x)^${exponent}, u = x / (x + 4), for x >= 0.`,
  ],
  degree: 13,
  interval: [-0.375 + 1e-9, 0.625 - 1e-9],
  sample: (t) => {
    const u = subtract(precise(0.625), t);
    const x = divide(multiply(precise(4), u), subtract(one, u));
    const value = multiply(power(add(one, x), exponent), f(x));
    return [divide(subtract(value, f(precise(0))), u), divide(u, value)];
  },
});

const wanted = [
  {
    name: "EXP_TAIL",
    about: ["e^r = 1 + r + r²/2 + r³ P(r) for |r| <= 0.3468; the error is relative to e^r - 1."],
    degree: 4,
    interval: [-REDUCED, REDUCED],
    sample: remainder((r) => subtract(subtract(expm1(r), r), multiply(half, power(r, 2))), 3, expm1),
  },
  {
    name: "SINH_TAIL",
    about: ["sinh(r) = r + r³ P(r²) for |r| <= 0.3468."],
    degree: 2,
    interval: [1e-9, REDUCED ** 2],
    sample: remainderOfSquare((r) => subtract(sinh(r), r), 3, sinh),
  },
  {
    name: "SINH_NEAR",
    about: ["sinh(x) = x + x³ P(x²) for |x| <= 1.04."],
    degree: 4,
    interval: [1e-9, 1.04 ** 2],
    sample: remainderOfSquare((r) => subtract(sinh(r), r), 3, sinh),
  },
  {
    name: "COSH_TAIL",
    about: ["cosh(r) = 1 + r² P(r²) for |r| <= 0.3468."],
    degree: 2,
    interval: [1e-9, REDUCED ** 2],
    sample: remainderOfSquare((r) => subtract(cosh(r), one), 2, cosh),
  },
  {
    name: "LOG1P_TAIL",
    about: ["log(1 + f) = f - f²/2 + f³ P(f) for -1/4 <= f <= 1/2."],
    degree: 8,
    interval: [-0.25, 0.5],
    sample: remainder((f) => add(subtract(log1p(f), f), multiply(half, multiply(f, f))), 3, log1p),
  },
  {
    name: "LOG1P_CURVE",
    about: ["log(1 + e) = e - e² P(e - 1/2) for 0 <= e <= 1."],
    degree: 8,
    interval: [-0.5 + 1e-7, 0.5],
    sample: (t) => {
      const e = add(t, half);
      const square = multiply(e, e);
      return [divide(subtract(e, log1p(e)), square), divide(square, log1p(e))];
    },
  },
  {
    name: "ATANH_TAIL",
    about: ["2 atanh(s) = 2 s + 2/3 s³ + s⁵ P(s²) for |s| <= 0.2."],
    degree: 3,
    interval: [1e-7, 0.2001 ** 2],
    sample: remainderOfSquare(
      (s) => multiply(two, subtract(subtract(atanh(s), s), divide(power(s, 3), precise(3)))),
      5,
      (s) => multiply(two, atanh(s)),
    ),
  },
  {
    name: "SIN_TAIL",
    about: ["sin(r) = r + r³ P(r²) for |r| <= 0.7856, which is more than π/4."],
    degree: 3,
    interval: [1e-9, REDUCED_QUARTER ** 2],
    sample: remainderOfSquare((r) => subtract(sin(r), r), 3, sin),
  },
  {
    name: "COS_TAIL",
    about: ["cos(r) = 1 - r²/2 + r⁴ P(r²) for |r| <= 0.7856, which is more than π/4."],
    degree: 2,
    interval: [1e-9, REDUCED_QUARTER ** 2],
    sample: remainderOfSquare((r) => add(subtract(cos(r), one), multiply(half, multiply(r, r))), 4, cos),
  },
  {
    name: "ATAN_TAIL",
    about: ["atan(q) = q + q³ P(q²) for |q| <= 1/2."],
    degree: 5,
    interval: [1e-9, 0.25],
    sample: remainderOfSquare((q) => subtract(atan(q), q), 3, atan),
  },
  {
    name: "RECIPROCAL_START",
    about: ["1/m = P(m) nearly, for 1 <= m <= 2: where Newton's iteration starts."],
    degree: 2,
    interval: [1, 2],
    sample: (m) => [divide(one, m), m],
  },
  {
    name: "ERF_NEAR",
    about: ["erf(x) = x + x P(x²) for |x| <= 25/32."],
    degree: 6,
    interval: [1e-9, 0.78125 ** 2],
    sample: remainderOfSquare((x) => subtract(erf(x), x), 1, erf),
  },
  {
    name: "ERFC_EXPONENT",
    about: [
      "erfc(25/32 + t) = erfc(25/32) exp(-t P(t)) for 0 <= t <= 3.21875; the error is relative to erf(25/32 + t).",
    ],
    degree: 7,
    interval: [1e-9, 3.21875],
    sample: (t) => {
      const x = add(precise(0.78125), t);
      return [divide(log(divide(erfc(precise(0.78125)), erfc(x))), t), divide(multiply(t, erfc(x)), erf(x))];
    },
  },
  {
    name: "ERFCX_NUMERATOR",
    about: [
      `erfcx(x) = exp(x²) erfc(x) = (1/2 + u P(0.625 - u)) / (1/2 + x), u = x / (x + ${ERFCX_SHIFT}), for x >= 0.`,
    ],
    degree: 10,
    interval: [-0.375 + 1e-9, 0.625 - 1e-9],
    sample: (t) => {
      const u = subtract(precise(0.625), t);
      const x = divide(multiply(precise(ERFCX_SHIFT), u), subtract(one, u));
      const value = multiply(add(half, x), erfcx(x));
      return [divide(subtract(value, half), u), divide(u, value)];
    },
  },
  scaledIntegral("IERFCX_NUMERATOR", "ierfc", ierfcx, 2),
  scaledIntegral("I2ERFCX_NUMERATOR", "i2erfc", i2erfcx, 3),
];

const constants = mark();
const text = (value) => {
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
};

const ulp = (value) => 2 ** (Math.floor(Math.log2(Math.abs(value))) - 23);

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/**
 * Whole numbers m for which error + sum of m[i] steps[i] is short: Babai's nearest plane, the longest step first, so that the
 * shorter ones make up for what its rounding leaves.
 */
function nearestPlane(steps, error) {
  const order = steps.map((_, i) => i).sort((i, j) => dot(steps[i], steps[i]) - dot(steps[j], steps[j]));
  const orthogonal = [];
  for (const i of order) {
    const rest = orthogonal.reduce(
      (vector, other) => {
        const share = dot(vector, other) / dot(other, other);
        return vector.map((value, at) => value - share * other[at]);
      },
      [...steps[i]],
    );
    orthogonal.push(rest);
  }
  const moves = steps.map(() => 0);
  let left = [...error];
  for (let k = order.length - 1; k >= 0; k -= 1) {
    const move = -Math.round(dot(left, orthogonal[k]) / dot(orthogonal[k], orthogonal[k]));
    moves[order[k]] = move;
    left = left.map((value, at) => value + move * steps[order[k]][at]);
  }
  return { moves, left };
}

/**
 * The coefficients in float32: near the nearest ones those whose errors of rounding make up for each other, then one or two of
 * them at a time moved to a neighbour as long as that makes the largest error smaller.
 */
function roundTogether(exact, ends, sample) {
  const nearest = exact.map(Math.fround);
  const units = nearest.map(ulp);
  const points = spread(160, ...ends);
  const samples = points.map(sample);
  const polynomial = nearest.map(precise);
  const steps = units.map((unit, i) =>
    points.map((point, at) => unit * nearestDouble(point) ** i * nearestDouble(samples[at][1])),
  );
  const start = points.map((point, at) => {
    const [value, weight] = samples[at];
    return nearestDouble(multiply(subtract(horner(polynomial, point), value), weight));
  });
  let { moves, left } = nearestPlane(steps, start);
  const singles = steps.flatMap((step, i) =>
    [1, -1].map((way) => ({ changes: [[i, way]], step: step.map((x) => x * way) })),
  );
  const candidates = singles.flatMap((first, k) => [
    first,
    ...singles.slice(k).map(({ changes, step }) => ({
      changes: [...first.changes, ...changes],
      step: step.map((x, at) => x + first.step[at]),
    })),
  ]);
  const size = (step) => {
    let most = 0;
    for (let at = 0; at < left.length; at += 1) most = Math.max(most, Math.abs(left[at] + step[at]));
    return most;
  };
  for (let best = size(left.map(() => 0)); ;) {
    const sizes = candidates.map(({ step }) => size(step));
    const least = Math.min(...sizes);
    if (least >= best) return nearest.map((value, i) => Math.fround(value + moves[i] * units[i]));
    best = least;
    const { changes, step } = candidates[sizes.indexOf(least)];
    left = left.map((value, at) => value + step[at]);
    for (const [i, way] of changes) moves[i] += way;
  }
}

function fit({ name, about, degree, interval: [from, to], sample }) {
  const ends = [precise(from), precise(to)];
  const coefficients = roundTogether(minimax(degree, ...ends, sample), ends, sample);
  const rounded = coefficients.map(precise);
  const error = largestError(spread(1999, ...ends), (point) => {
    const [value, weight] = sample(point);
    return multiply(subtract(horner(rounded, point), value), weight);
  });
  release(constants);
  const lines = [...about, `Largest error with these coefficients, in exact arithmetic: 2^${log2Of(error)}.`];
  return declaration(lines, name, coefficients.map(text));
}

const source = [
  "// Written by `node scripts/fit-shader-polynomials.mjs`. Coefficients in float32 with the lowest degree first.\n",
  ...wanted.map(fit),
].join("\n");
await writeSource(source, target, "node scripts/fit-shader-polynomials.mjs");
