/** Right claims with one thing changed: what the prover accepts is equal, what it refutes differs at its witness. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { createOracle, type Oracle } from "../src/pipeline/activation.js";
import { readBatchLine } from "../src/frontends/batch.js";
import { constant, x } from "../src/ir/build.js";
import { derivative } from "../src/symbolic/derivative.js";
import type { Goal, Verdict } from "../src/symbolic/prove/verdict.js";
import { runMutants } from "./helpers/mutation-run.js";
import { claimOf, createJudge, type Contradiction, type Right } from "./helpers/verdicts.js";

const linesOf = (name: string): string[] =>
  readFileSync(new URL(`fixtures/equalities/${name}.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n");

let oracle: Oracle;
beforeAll(async () => {
  oracle = await createOracle();
});

test("no verdict on a mutant is contradicted by an evaluation", async () => {
  const { count, verdicts, contradictions } = await runMutants(linesOf("true"), oracle);
  expect(contradictions).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(10_000);
  // Most mutants are wrong, and an open verdict is no verdict.
  expect(verdicts.refuted / count).toBeGreaterThan(0.9);
  expect(verdicts.unknown / count).toBeLessThan(0.01);
});

describe("the judge contradicts", () => {
  const kinds = async (
    name: string,
    verdict: Verdict,
    right: (goal: Goal) => Right,
  ): Promise<ReadonlyMap<string, Contradiction["kind"] | undefined>> => {
    const judge = createJudge(oracle);
    const found = new Map<string, Contradiction["kind"] | undefined>();
    for (const [i, line] of linesOf(name).entries()) {
      const item = await readBatchLine(line, i + 1);
      if (!("goal" in item) || line.includes('"order": 2') || line.includes("dy")) continue;
      found.set(item.id!, (await judge.contradiction(item.goal, right(item.goal), verdict))?.kind);
    }
    return found;
  };
  const differentiated = ({ formula, order }: Goal): Right => ({
    expr: order === 0 ? formula : derivative(formula, x),
    atKinks: order === 0,
  });
  const itself = (goal: Goal): Right => ({ expr: claimOf(goal), atKinks: true });

  test("proofs of wrong claims", async () => {
    const found = await kinds("wrong", { verdict: "proved" }, differentiated);
    expect(found.size).toBeGreaterThan(300);
    expect([...found].filter(([, kind]) => kind !== "false accept")).toEqual([]);
  });

  test("refutations of true claims", async () => {
    const parameters = Object.fromEntries([..."abc"].map((name) => [name, 0.75]));
    const witness = { x: 0.5, parameters, expected: 1, actual: 2 };
    const found = await kinds("true", { verdict: "refuted", witness }, itself);
    expect(new Set(found.values())).toEqual(new Set(["false refute", "incomplete witness"]));
  });

  test("exceptions that are none", async () => {
    const at = [{ at: "1/2", expected: "1", actual: "2" }];
    const found = await kinds("true", { verdict: "equal-except", at, places: [] }, () => ({
      expr: constant(1),
      atKinks: true,
    }));
    expect([...found.values()].filter((kind) => kind === undefined).length).toBeLessThan(0.1 * found.size);
    const idle = await kinds("true", { verdict: "equal-except", at, places: [] }, itself);
    expect(new Set(idle.values())).toEqual(new Set(["false exception"]));
  });
});
