/**
 * Fits the minimax polynomials of `src/ir/polynomials.ts` with MPFR and writes that file.
 * `--check` fits them again, compares with the file as it is, writes nothing and exits with 1 on a difference.
 */
import { fileURLToPath } from "node:url";
import {
  add,
  atanh,
  declaration,
  divide,
  erf,
  erfcx,
  expm1,
  horner,
  i2erfcx,
  ierfcx,
  largestError,
  ln2,
  log2Of,
  mark,
  minimax,
  multiply,
  nearestDouble,
  negate,
  one,
  overArgument,
  overRoot,
  precise,
  relative,
  release,
  solve,
  spread,
  squareRoot,
  subtract,
  two,
  writeSource,
  zero,
} from "./minimax.mjs";

const target = fileURLToPath(new URL("../src/ir/polynomials.ts", import.meta.url));

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

const ulp = (value) => {
  let exponent = Math.floor(Math.log2(value));
  if (2 ** exponent > value) exponent -= 1;
  return 2 ** Math.max(exponent - 52, -1074);
};

/** The largest distance in ULP of `compute`, in float64 arithmetic, from `exact` over the arguments. */
function largestUlp(values, compute, exact) {
  let worst = { error: 0, at: 0 };
  for (const value of values) {
    const kept = mark();
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
const integralShift = 4;
/** P(t) / (1 + u)^power, t = 2 s - 1, s = u / (u + 4). */
const scaledIntegral = (name, notation, f, power, degree) => {
  const scale = (u) => Array.from({ length: power }, () => add(one, u)).reduce((a, b) => multiply(a, b));
  return {
    name,
    about: [
      `exp(u^2) ${notation} = P(2 s - 1) / (1 + u)^${power} for u >= 0 in float64, s = u / (u + 4) (s = 1 from 2^60 on).`,
    ],
    degree,
    interval: () => [precise(-1), precise(1 - 2 ** -40)],
    sample: relative((t) => {
      const share = shareOf(t);
      const u = divide(multiply(precise(integralShift), share), subtract(one, share));
      return multiply(scale(u), f(u));
    }),
    arithmetic: (coefficients) => {
      const compute = (u) => {
        const share = u < 2 ** 60 ? u / (u + integralShift) : 1;
        return evaluate(coefficients, 2 * share - 1) / (1 + u) ** power;
      };
      const values = arguments64(24000, 12, -40, 30);
      return { ...largestUlp(values, compute, f), range: "[0, 2^30]", count: values.length };
    },
  };
};
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
  scaledIntegral("IERFCX", "ierfc(u)", ierfcx, 2, 25),
  scaledIntegral("I2ERFCX", "i2erfc(u)", i2erfcx, 3, 26),
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
    name: "ERFCX_IN_FLOAT32",
    about: ["The same in float32 arithmetic: erfcx(u) = (1 + s P(t)) / (1 + 2 u) with s = u / (u + 3), t = 2 s - 1."],
    degree: 11,
    interval: () => [precise(-1), one],
    sample: (t) => {
      const share = shareOf(t);
      const value = erfcxNumerator(fromShare(share));
      return [divide(subtract(value, one), share), divide(share, value)];
    },
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

/**
 * A function that falls like 1/u for results in float32, by one division. No coefficient is negative; u up to 1e50 does not
 * overflow in float64.
 */
function fitQuotient({ name, about, degrees, largest, centre, of, first, isDivided = false }) {
  const last = precise((largest - centre) / (largest + centre));
  const [numerator, denominator] = interpolateRational(
    ...degrees,
    centre,
    (size) => spread(size, precise(-1), last),
    of,
  );
  if (first !== undefined) numerator[0] = first;
  const [upper, lower] = [numerator.map(precise), denominator.map(precise)];
  const errorAt = (u) => subtract(divide(divide(horner(upper, u), horner(lower, u)), of(u)), one);
  const inside = spread(1999, precise(-1), last).map((t) => fromCentred(t, centre));
  const error = largestError(inside, errorAt);
  const beyond = spread(499, last, one).map((t) => fromCentred(t, centre));
  const errorBeyond = largestError(beyond, errorAt);
  release(constants);
  const lines = [
    ...about,
    `Largest relative error with these coefficients: 2^${log2Of(error)} on [0, ${largest}], 2^${log2Of(errorBeyond)} beyond (MPFR, exact arithmetic).`,
  ];
  const formula = about[0].replace(/ for .*/, "");
  if (!isDivided)
    return [
      declaration(lines, `${name}_NUMERATOR`, numerator),
      declaration([`Q of ${formula}.`], `${name}_DENOMINATOR`, denominator),
    ];
  const [factor, rest] = divided(denominator, numerator);
  return [
    declaration(lines, `${name}_NUMERATOR`, numerator),
    declaration([`F of ${formula}.`], `${name}_FACTOR`, factor),
    declaration([`R of ${formula}.`], `${name}_REST`, rest),
  ];
}

/** A polynomial as F·P + R, F of degree 1 and R of a lower degree than P. */
function divided(polynomial, by) {
  const rest = [...polynomial];
  const factor = [1, 0].map((degree) => {
    const share = rest.pop() / by.at(-1);
    by.slice(0, -1).forEach((coefficient, i) => (rest[i + degree] -= share * coefficient));
    return share;
  });
  return [factor.reverse(), rest];
}

const quotients = [
  // exp(-10.25^2) is below half the least float32.
  {
    name: "ERFCX_FLOAT32",
    about: [
      "erfcx(u) = P(u) / Q(u) for 0 <= u <= 10.25; for results in float32, where erfcx has a factor exp(-u^2) that vanishes beyond.",
      "P is this one and Q the next. No coefficient is negative; u up to 1e50 does not overflow, Infinity gives NaN.",
    ],
    degrees: [5, 6],
    largest: 10.25,
    centre: 2.4,
    of: erfcx,
  },
  {
    name: "NORMAL_TAIL",
    about: [
      "erfcx(u / sqrt(2)) = P(u) / (F(u) P(u) + R(u)) for 0 <= u <= 14.5; in float32 arithmetic, where exp(-u^2 / 2) vanishes beyond.",
      "A rounding error of P is above and below, and R is small beside it: 4.1 units of 2^-24 by Horner's rule.",
      "P is this one, F and R the next two.",
    ],
    // At 0 it is just below 1, as it is right beside 0: that decides how half of the smallest number is rounded.
    first: 1 - 2 ** -40,
    isDivided: true,
    degrees: [4, 5],
    largest: 14.5,
    centre: 3,
    of: (u) => erfcx(divide(u, squareRoot(two))),
  },
];

constants = mark();
const source = [
  "// Written by `node scripts/fit-polynomials.mjs`. Coefficients with the lowest degree first.\n",
  ...wanted.map(fit),
  ...quotients.flatMap(fitQuotient),
].join("\n");
await writeSource(source, target, "node scripts/fit-polynomials.mjs");
