/**
 * Fits the polynomials of WGSL's functions in float32 with MPFR and writes `src/targets/wgsl/coefficients.ts`.
 * `--check` compares with the file as it is, writes nothing and exits with 1 on a difference.
 */
import { fileURLToPath } from "node:url";
import {
  absolute,
  add,
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
  largestError,
  log,
  log1p,
  log2Of,
  mark,
  minimax,
  multiply,
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

const target = fileURLToPath(new URL("../src/targets/wgsl/coefficients.ts", import.meta.url));

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
      `erfcx(u) = exp(u²) erfc(u) = (1/2 + (1 - s) P(s)) / (1/2 + u), s = ${ERFCX_SHIFT} / (u + ${ERFCX_SHIFT}), for u >= 0.`,
    ],
    degree: 10,
    interval: [1e-9, 1 - 1e-9],
    sample: (share) => {
      const shift = precise(ERFCX_SHIFT);
      const u = subtract(divide(shift, share), shift);
      const [value, rest] = [multiply(add(half, u), erfcx(u)), subtract(one, share)];
      return [divide(subtract(value, half), rest), divide(rest, value)];
    },
  },
];

const constants = mark();
const text = (value) => {
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
};

function fit({ name, about, degree, interval: [from, to], sample }) {
  const ends = [precise(from), precise(to)];
  const coefficients = minimax(degree, ...ends, sample).map(Math.fround);
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
