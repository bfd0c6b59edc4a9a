/** Claims of which each once got a wrong verdict: the right one now, or an honest "unknown". */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { createOracle } from "../src/pipeline/activation.js";
import { readBatchLine, type ReadGoal } from "../src/frontends/batch.js";
import { add, eq, fraction, max, mul, parameter, pow, abs, select, x } from "../src/ir/build.js";
import { createProver, type Goal, type Proof, type Prover } from "../src/symbolic/prove/prove.js";

interface Line {
  readonly id: string;
  readonly right: readonly Proof["verdict"][];
  /** The places at which the sides differ. */
  readonly at?: readonly string[];
}

const MOST_MILLISECONDS = 5000;
const lines = readFileSync(new URL("fixtures/soundness-formulas.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n");

let prover: Prover;
const proofs = new Map<string, { readonly proof: Proof; readonly milliseconds: number }>();
beforeAll(async () => {
  prover = createProver(await createOracle());
  for (const [i, line] of lines.entries()) {
    const item = await readBatchLine(line, i + 1);
    const { goal } = item as { readonly goal: ReadGoal };
    const start = process.cpuUsage();
    const proof = prover.prove(goal);
    proofs.set(item.id!, { proof, milliseconds: process.cpuUsage(start).user / 1000 });
  }
});

describe("claims that once misled", () => {
  test.each(lines.map((line) => JSON.parse(line) as Line))("$id", ({ id, right, at }) => {
    const { proof, milliseconds } = proofs.get(id)!;
    expect([...right, "unknown"]).toContain(proof.verdict);
    if (at !== undefined && proof.verdict === "equal-except") expect(proof.at.map((place) => place.at)).toEqual(at);
    expect(milliseconds).toBeLessThan(MOST_MILLISECONDS);
  });

  test("are answered, two of three at least", () => {
    const open = [...proofs.values()].filter(({ proof }) => proof.verdict === "unknown");
    expect(open.length).toBeLessThanOrEqual(lines.length / 3);
  });
});

describe("by a parameter", () => {
  const a = parameter("a");
  const verdict = (goal: Omit<Goal, "order" | "variable">): Proof => prover.prove({ ...goal, order: 1, variable: a });

  test("a value at one parameter that fills the function in changes no derivative", () => {
    const formula = select(eq(a, 0), mul(0, x), mul(a, x));
    expect(verdict({ formula, claim: x })).toMatchObject({ verdict: "proved" });
    expect(verdict({ formula, claim: select(eq(a, 0), 0, x) }).verdict).not.toBe("proved");
  });

  test("a value that does not is a jump, where the branch is differentiated", () => {
    const formula = select(eq(a, 0), add(mul(2, a), 5), mul(a, x));
    expect(verdict({ formula, claim: select(eq(a, 0), 2, x) })).toMatchObject({ verdict: "proved" });
  });

  test("a tie is a kink", () => {
    expect(verdict({ formula: max(mul(a, x), 0), claim: x }).verdict).not.toBe("proved");
    const cubed = pow(abs(a), fraction(3));
    expect(verdict({ formula: mul(cubed, x), claim: mul(mul(3, mul(a, abs(a))), x) })).toMatchObject({
      verdict: "proved",
    });
  });
});

describe("what stays the same on both sides", () => {
  test.each([
    ["abs(sin(x))", "abs(sin(x))", 0],
    ["abs(sin(x))", "sign(sin(x))*cos(x)", 1],
    ["max(sin(x), 0)", "sin(x) > 0 ? cos(x) : 0", 1],
    ["sin(x)/cos(x)", "1/cos(x)^2", 1],
    ["sqrt(sin(x))", "cos(x)/(2*sqrt(sin(x)))", 1],
    ["min(x*sigmoid(x), 2)", "x*sigmoid(x) < 2 ? sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x)) : 0", 1],
  ])("%s | %s", async (formula, derivative, order) => {
    const item = await readBatchLine(JSON.stringify({ formula, derivative, order }), 1);
    expect(prover.prove((item as { readonly goal: ReadGoal }).goal)).toMatchObject({ verdict: "proved" });
  });
});
