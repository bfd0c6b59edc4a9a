/** Random and pathological goals: the prover ends, never throws, and says nothing that MPFR contradicts. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { createOracle } from "../src/pipeline/activation.js";
import * as b from "../src/ir/build.js";
import { substitute, type Expr } from "../src/ir/expr.js";
import { formulaText } from "../src/ir/print.js";
import { derivative } from "../src/symbolic/derivative.js";
import { createProver, type Prover } from "../src/symbolic/prove/prove.js";
import type { Goal, Proof } from "../src/symbolic/prove/verdict.js";
import { normalForm } from "../src/symbolic/simplify.js";
import { mutants } from "./helpers/mutants.js";
import { createJudge, type Judge } from "./helpers/verdicts.js";
import { expressions } from "./random.js";

let prover: Prover;
let judge: Judge;
beforeAll(async () => {
  const oracle = await createOracle();
  prover = createProver(oracle);
  judge = createJudge(oracle);
});

const { x } = b;
const [p, q, r] = [b.parameter("p"), b.parameter("q", [Number.MIN_VALUE, Infinity]), b.parameter("r")];

const differentiated = (expr: Expr, order: number): Expr => {
  let result = expr;
  for (let i = 0; i < order; i++) result = derivative(result, x);
  return result;
};

/** Proves, and asks the judge; the answer. What is wrong with it is said in one line. */
async function check(goal: Goal): Promise<Proof> {
  const text = `${formulaText(goal.formula, 400)} | ${formulaText(goal.claim, 400)} | order ${goal.order}`;
  let proof: Proof;
  try {
    proof = prover.prove(goal);
  } catch (error) {
    throw new Error(`${text}: throws ${String(error)}`, { cause: error });
  }
  const right = { expr: differentiated(goal.formula, goal.order), atKinks: goal.order === 0 };
  const found = await judge.contradiction(goal, right, proof);
  if (found !== undefined) throw new Error(`${text}: ${JSON.stringify(found)} against ${JSON.stringify(proof)}`);
  return proof;
}

const repeated = (count: number, step: (u: Expr) => Expr): Expr => {
  let result = x;
  for (let i = 0; i < count; i++) result = step(result);
  return result;
};
const sum = (terms: readonly Expr[]): Expr => terms.reduce((left, right) => b.add(left, right));
const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

const PATHOLOGICAL: Readonly<Record<string, Expr>> = {
  "exponential tower": repeated(3, b.exp),
  "deep exponential tower": repeated(8, b.exp),
  "logarithm of logarithms": repeated(4, (u) => b.log(b.add(1, b.mul(u, u)))),
  "huge exponent": b.exp(b.mul(1e300, x)),
  "huge power": b.pow(b.add(1, b.exp(x)), b.constant(1e15)),
  "tiny exponent": b.pow(b.exp(x), b.constant(1e-300)),
  "pole of order 20": b.div(1, b.naturalPower(b.sub(x, 1), 20)),
  "binomial of order 50": b.naturalPower(b.add(1, x), 50),
  "trinomial of order 60": b.naturalPower(sum([x, p, q]), 60),
  "60 sines": sum(indices(60).map((k) => b.sin(b.mul(k, x)))),
  "60 sigmoids": sum(indices(60).map((k) => b.sigmoid(b.mul(b.fraction(k, 61), x)))),
  "silu of silu of silu": repeated(6, (u) => b.mul(u, b.sigmoid(u))),
  "absolute values": repeated(12, (u) => b.abs(b.sub(u, 1))),
  "clips of clips": repeated(10, (u) => b.min(b.max(b.mul(2, u), -1), 3)),
  "select tree": indices(40).reduceRight<Expr>((rest, k) => b.select(b.lt(x, k), b.mul(k, x), rest), b.exp(x)),
  "select on selects": repeated(9, (u) => b.select(b.lt(u, p), b.add(u, q), b.mul(r, u))),
  "thresholds in any order": sum(indices(7).map((k) => b.max(x, b.parameter(`t${k}`)))),
  "square roots": repeated(10, (u) => b.sqrt(b.add(1, b.mul(u, u)))),
  "nested radicals": repeated(12, (u) => b.sqrt(b.add(2, b.abs(u)))),
  "odd powers": b.pow(b.abs(x), b.fraction(17, 5)),
  "symbolic power": b.pow(b.add(1, b.mul(x, x)), p),
  "symbolic power of a symbol": b.pow(q, b.mul(p, x)),
  "product of many": indices(40)
    .map((k) => b.add(x, k))
    .reduce((left, right) => b.mul(left, right)),
  "quotients of quotients": repeated(14, (u) => b.div(1, b.add(u, 1))),
  "quotient by a parameter": b.div(b.tanh(b.div(x, p)), b.sub(p, r)),
  "sine of the square": b.sin(b.mul(x, x)),
  "sine of a reciprocal": b.sin(b.div(1, x)),
  "error functions": repeated(4, b.erf),
  "softplus of softplus": repeated(7, b.softplus),
  "hyperbolic tower": repeated(4, b.cosh),
  "always undefined": b.log(b.sub(-1, b.mul(x, x))),
  "undefined on one side": b.log(x),
  "0 divided by 0": b.div(b.sub(x, x), b.sub(x, x)),
  "huge constants": b.add(b.mul(1e300, x), b.mul(1e300, b.exp(b.mul(1e-300, x)))),
  "close constants": b.sub(b.mul(1 + Number.EPSILON, x), x),
  "a condition on a wave": b.select(b.lt(b.sin(x), 0), x, b.neg(x)),
  "a condition on a tower": b.select(b.lt(b.exp(b.exp(x)), p), x, q),
  "a cubic condition": b.select(b.lt(b.sub(b.naturalPower(x, 3), b.mul(2, x)), p), x, 0),
  "an equation as condition": b.select(b.eq(b.mul(x, x), p), 1, x),
};

describe("pathological formulas", () => {
  test.each(Object.entries(PATHOLOGICAL))("%s", async (_, formula) => {
    const first = derivative(formula, x);
    for (const claim of [first, normalForm(first), b.mul(first, b.constant(1.5)), b.constant(0), formula])
      await check({ formula, claim, order: 1 });
    await check({ formula, claim: substitute(formula, new Map([[x, b.neg(x)]])), order: 0 });
    await check({ formula, claim: normalForm(formula), order: 0 });
    await check({ formula, claim: first, order: 2 });
  });
});

const options = { seed: 20261124, numRuns: 250 } as const;

/** Parameters where constants or the input were. */
const withParameters: fc.Arbitrary<Expr> = fc
  .tuple(
    expressions,
    fc.constantFrom(x, b.constant(1), b.constant(2), b.pi),
    fc.constantFrom(p, q, b.mul(p, x), b.sub(x, r)),
  )
  .map(([expr, from, to]) => substitute(expr, new Map([[from, to]])));

describe("random formulas", () => {
  test.each([
    ["of the input", expressions],
    ["with parameters", withParameters],
  ] as const)("%s: their derivative in normal form", async (_, formulas) => {
    const verdicts: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(formulas, fc.constantFrom(1, 2), async (formula, order) => {
        const { verdict } = await check({ formula, claim: normalForm(differentiated(formula, order)), order });
        verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      }),
      options,
    );
    expect(verdicts["proved"] ?? 0).toBeGreaterThan(options.numRuns / 4);
  });

  test.each([
    ["of the input", expressions],
    ["with parameters", withParameters],
  ] as const)("%s: a derivative with one thing changed", async (_, formulas) => {
    await fc.assert(
      fc.asyncProperty(formulas, fc.nat(), async (formula, index) => {
        const first = normalForm(derivative(formula, x));
        const wrong = mutants(first, [x, p, q]);
        if (wrong.length === 0) return;
        await check({ formula, claim: wrong[index % wrong.length]!.claim, order: 1 });
      }),
      options,
    );
  });

  test("two of them are seldom equal", async () => {
    await fc.assert(
      fc.asyncProperty(withParameters, withParameters, async (formula, claim) => {
        await check({ formula, claim, order: 0 });
      }),
      options,
    );
  });

  test("each equals its normal form", async () => {
    await fc.assert(
      fc.asyncProperty(withParameters, async (formula) => {
        const { verdict } = await check({ formula, claim: normalForm(formula), order: 0 });
        expect(verdict).not.toBe("refuted");
      }),
      options,
    );
  });
});
