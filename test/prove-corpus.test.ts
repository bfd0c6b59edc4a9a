/** The corpora that fixtures/equalities/check.py has verified with mpmath, put to the prover. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { createOracle } from "../src/pipeline/activation.js";
import { readBatchLine } from "../src/frontends/batch.js";
import { derivative } from "../src/symbolic/derivative.js";
import type { Expr } from "../src/ir/expr.js";
import { variables } from "../src/ir/expr.js";
import { dy, mul, x } from "../src/ir/build.js";
import { createProver } from "../src/symbolic/prove/prove.js";
import type { Goal, Proof } from "../src/symbolic/prove/verdict.js";
import { claimOf, createJudge, type Judge } from "./helpers/verdicts.js";

interface Line {
  readonly id: string;
  readonly except?: readonly string[];
  readonly verdict?: Proof["verdict"];
}

interface Result {
  readonly line: Line;
  readonly goal: Goal;
  readonly proof: Proof;
}

const results = new Map<string, readonly Result[]>();
let judge: Judge;

beforeAll(async () => {
  const oracle = await createOracle();
  judge = createJudge(oracle);
  const prover = createProver(oracle);
  for (const name of ["true", "wrong", "except", "pytorch"]) {
    const text = readFileSync(new URL(`fixtures/equalities/${name}.jsonl`, import.meta.url), "utf8");
    results.set(
      name,
      await Promise.all(
        text
          .trim()
          .split("\n")
          .map(async (json, i): Promise<Result> => {
            const item = await readBatchLine(json, i + 1);
            if (!("goal" in item)) throw item.mistake;
            return { line: JSON.parse(json) as Line, goal: item.goal, proof: prover.prove(item.goal) };
          }),
      ),
    );
  }
});

/** The formula's derivative as it is expected of a claim that may contain the gradient from above. */
function expectedOf({ formula, claim, order }: Goal): Expr {
  let result = formula;
  for (let i = 0; i < order; i++) result = derivative(result, x);
  return variables(claim).includes(dy) ? mul(dy, result) : result;
}

/** The ids whose verdict is another, with it. */
const others = (name: string, wanted: (line: Line) => Proof["verdict"]): string[] =>
  results
    .get(name)!
    .flatMap(({ line, proof }) => (proof.verdict === wanted(line) ? [] : [`${line.id}: ${proof.verdict}`]));

describe("true claims", () => {
  test("are many, and every one is proved", () => {
    expect(results.get("true")!.length).toBeGreaterThanOrEqual(260);
    expect(others("true", () => "proved")).toEqual([]);
  });
});

describe("wrong claims", () => {
  test("are many, and every one is refuted", () => {
    expect(results.get("wrong")!.length).toBeGreaterThanOrEqual(260);
    expect(others("wrong", () => "refuted")).toEqual([]);
  });

  test("differ at their witness, in values that the witness states", async () => {
    for (const { line, goal, proof } of results.get("wrong")!) {
      if (proof.verdict !== "refuted") continue;
      const { x: input, parameters, expected, actual } = proof.witness;
      const right = expectedOf(goal);
      const stated = judge.at([right, claimOf(goal)], { ...parameters, x: input }).map(({ high }) => high);
      expect([line.id, ...stated]).toEqual([line.id, expected, actual]);
      expect([line.id, await judge.contradiction(goal, { expr: right, atKinks: false }, proof)]).toEqual([
        line.id,
        undefined,
      ]);
    }
  });
});

describe("claims that differ at single inputs", () => {
  test("are equal except there", () => {
    expect(others("except", () => "equal-except")).toEqual([]);
  });

  test.each(["except", "pytorch"])("name exactly these inputs: %s", (name) => {
    for (const { line, proof } of results.get(name)!)
      if (proof.verdict === "equal-except")
        expect([line.id, proof.at.map(({ at }) => at).sort()]).toEqual([line.id, [...(line.except ?? [])].sort()]);
  });
});

describe("PyTorch's backward formulas", () => {
  test("get the verdicts on record", () => {
    expect(others("pytorch", (line) => line.verdict!)).toEqual([]);
  });

  test("are all but a few right", () => {
    // By the result of an in-place operation, which decides only for the usual parameters; a logarithm rounded to float64.
    const wrong = results
      .get("pytorch")!
      .filter(({ proof }) => proof.verdict === "refuted")
      .map(({ line }) => line.id);
    expect(wrong).toMatchInlineSnapshot(`
      [
        "threshold_/threshold_backward-result",
        "leaky_relu_/leaky_relu_backward-result",
        "elu/elu_backward-result",
        "log2/log2",
        "log10/log10",
      ]
    `);
  });
});
