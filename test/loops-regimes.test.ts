/**
 * The float32 loops at every input near which they change their ways: where a bound begins to hold, a condition turns, the
 * table of powers ends or its powers become subnormal, and where a result over- or underflows.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { BLOCK, nothingFound, subjectOf, sweep, together } from "../bench/exhaustive/sweep.mjs";
import { createOracle, planActivation, type Oracle } from "../src/pipeline/activation.js";
import { catalogue } from "../src/catalogue.js";
import { lower } from "../src/codegen/lower.js";
import type { ActivationPlan } from "../src/codegen/target.js";
import { defaults } from "../src/index.js";
import { constant, sub } from "../src/ir/build.js";
import { columnEvaluator } from "../src/ir/evaluate.js";
import { topological, type Expr } from "../src/ir/expr.js";
import { js } from "../src/targets/js.js";
import { FIRST_STEP, LAST_STEP, floatAt, inputsOfNaN } from "./helpers/float-ranges.js";
import { loadModule, type EmittedModule } from "./helpers/modules.js";

/** Powers 2^(k/128) in the table, at which something begins: 0, subnormal numbers, 1, the largest exponent, Infinity. */
const STEPS = [FIRST_STEP, -128 * 1022, 0, 128 * 1023, LAST_STEP];
/** Results in float32: what rounds to 0, the smallest normal number, what rounds to Infinity. */
const RESULTS = [2 ** -150, 2 ** -126, 2 ** 128 - 2 ** 103];

/** Differences whose sign says on which side of a change an input is. */
function changes(loop: Expr): Expr[] {
  return [
    ...topological([loop]).flatMap(({ op, args: [a, b] }) => {
      if (op === "lt" || op === "le" || op === "eq") return [sub(a!, b!)];
      return op === "exp2Steps" ? STEPS.map((step) => sub(a!, constant(step))) : [];
    }),
    ...RESULTS.flatMap((size) => [sub(loop, constant(size)), sub(loop, constant(-size))]),
  ];
}

const TOP = 0x7f800000;
const STRIDE = 2 ** 17;
const PLACES = Array.from(
  { length: 2 * Math.floor(TOP / STRIDE) + 1 },
  (_, i) => i * STRIDE - Math.floor(TOP / STRIDE) * STRIDE,
);

/** A loop with its exponentials as what they are made of. */
const inPowers = (loop: Expr): Expr =>
  lower(loop, { native: (op) => op in js.operations && op !== "expSingle" && op !== "expm1Single" });

const signsAt = (loop: Expr, variable: string, parameters: Readonly<Record<string, number>>) => {
  const of = changes(loop);
  return (places: readonly number[]): number[][] => {
    const inputs = Float64Array.from(places, floatAt);
    const column = columnEvaluator(places.length, (name) =>
      name === variable ? inputs : new Float64Array(places.length).fill(parameters[name]!),
    );
    return of.map((difference) => Array.from(column(difference), Math.sign));
  };
};

/** The places in the order of floats before which a sign changes, found between neighbours of a grid by halving. */
function turningPlaces(loop: Expr, variable: string, parameters: Readonly<Record<string, number>>): number[] {
  const signs = signsAt(loop, variable, parameters);
  const found = new Set<number>();
  signs(PLACES).forEach((row, which) => {
    for (let i = 1; i < row.length; i++) {
      if (Object.is(row[i], row[i - 1])) continue;
      let [low, high] = [PLACES[i - 1]!, PLACES[i]!];
      while (high - low > BLOCK) {
        const middle = Math.floor((low + high) / 2);
        if (Object.is(signs([middle])[which]![0], row[i - 1])) low = middle;
        else high = middle;
      }
      found.add(high);
    }
  });
  return [...found];
}

const patternOf = (place: number): number => (place < 0 ? 2 ** 31 - place : place);

/** The first patterns of the blocks around places, and of those around 0 and the infinities. */
function blocksAround(places: readonly number[]): number[] {
  const ends = [0, -1, TOP - 1, 1 - TOP, TOP, -TOP];
  const patterns = [...places.flatMap((place) => [place - BLOCK, place, place + BLOCK]), ...ends].map(patternOf);
  return [...new Set(patterns.map((pattern) => Math.floor(pattern / BLOCK) * BLOCK))];
}

describe.each(catalogue.map((definition) => [definition.id, definition] as const))("%s", (id, definition) => {
  let [plan, module]: [ActivationPlan?, EmittedModule?] = [];
  const parameters = defaults(definition);
  beforeAll(async () => {
    plan = planActivation(definition, js, await oracle).plan;
    module = await loadModule(id);
  });

  test.each(["forward", "backward"] as const)("%s", (direction) => {
    const loop = inPowers(plan!.loops[direction]);
    const variable = direction === "backward" && plan!.saves === "output" ? "y" : "x";
    const { loop: run, exact } = subjectOf(module!, direction);
    // sin and cos have no limit.
    const wrong = inputsOfNaN(loop, variable, parameters).filter((x) => !Number.isNaN(exact(x)));
    expect(wrong, "inputs that give NaN").toEqual([]);

    const blocks = blocksAround(turningPlaces(loop, variable, parameters));
    const found = blocks.map((first) => sweep(run, exact, first, BLOCK)).reduce(together, nothingFound());
    expect(found).toMatchObject({ nan: 0, infinities: 0, numbersForNaN: 0 });
    expect(found.ulp, `ULP at ${found.at}`).toBeLessThanOrEqual(1);
    expect(found.absolute).toBeLessThanOrEqual(2 ** -22);
  });
});

const oracle: Promise<Oracle> = createOracle();
