/** Gradients of graphs at small sizes: unrolled they are what the evaluator computes, and the prover proves them. */
import { beforeAll, describe, expect, it } from "vitest";
import { graphs } from "../src/catalogue.js";
import { answer, createTimedProver, type TimedProver } from "../src/cli/verify/claim.js";
import { claimsOfGraph } from "../src/cli/verify/graph.js";
import { createOracle } from "../src/pipeline/activation.js";
import { constant, mul, parameter } from "../src/ir/build.js";
import { evaluate } from "../src/ir/evaluate.js";
import { axis, each, input, reduce } from "../src/ir/graph/build.js";
import { graph } from "../src/ir/graph/definition.js";
import { evaluateGraph } from "../src/ir/graph/evaluate.js";
import { unrollGraph } from "../src/ir/graph/unroll.js";
import { unrolledClaims } from "../src/symbolic/unrolled.js";

let prover: TimedProver;
beforeAll(async () => {
  prover = createTimedProver(await createOracle());
});

/** What is not proved at some size up to 3, and why. */
const OPEN: Readonly<Record<string, string>> = {
  swiglu_step: "cases of the minimum of silu stay open",
  poly_norm: "the normal form has too many terms",
};
/** What has no expressions of few elements. */
const NONE = new Set(["sparsemax", "entmax15", "gumbel_softmax"]);

describe.each(graphs.map((definition) => [definition.id, definition] as const))("%s", (id, definition) => {
  it.each([1, 2, 3])("has gradients that are proved with sizes of %d", (n) => {
    const claims = unrolledClaims(definition, n);
    if (NONE.has(id)) {
      expect(claims).toBeUndefined();
      return;
    }
    if (n === 1) expect(claims).toBeDefined();
    for (const claim of claims === undefined ? [] : claimsOfGraph(definition)[n - 1]!.claims) {
      prover.begin();
      const { verdict } = answer(claim, prover).proof;
      if (OPEN[id] === undefined) expect([claim.short, verdict]).toEqual([claim.short, "proved"]);
      else expect(["proved", "unknown"]).toContain(verdict);
    }
  });
});

describe("an unrolled graph", () => {
  it("has the values of the graph", () => {
    const [rows, columns] = [axis("rows"), axis("columns")];
    const x = input("x", [rows, columns]);
    const total = reduce("logsumexp", x, [columns]);
    const roots = [each((a, b) => mul(a, b), x, total), reduce("max", x, [rows])];
    const numbers = [0.5, -1, 2, 0.25, 3, -0.75];
    const sizes = { rows: 2, columns: 3 };
    const elements = numbers.map((_, i) => parameter(`x_${i}`));
    const point = Object.fromEntries(numbers.map((value, i) => [`x_${i}`, value]));
    const unrolled = unrollGraph(
      roots.map((root) => [root, root.axes] as const),
      { tensors: { x: elements }, sizes },
    )!;
    const values = evaluateGraph(roots, { tensors: { x: numbers }, sizes });
    unrolled.forEach((each, k) =>
      each.forEach((element, i) => expect(evaluate(element, point)).toBeCloseTo(values[k]![i]!, 12)),
    );
  });

  it("is refuted where a gradient is wrong", () => {
    const columns = axis("columns");
    const x = input("x", [columns]);
    const definition = graph({
      id: "square",
      title: "Square",
      formula: "x * x",
      sizes: { columns: {} },
      outputs: { y: { tensor: each((a) => mul(a, a), x), axes: [columns] } },
      reference: "none",
    });
    const [claim] = unrolledClaims(definition, 2)!;
    const [goal] = claim!.goals;
    const verdictOf = (factor: number) => prover.prove({ ...goal!, claim: mul(constant(factor), goal!.claim) }).verdict;
    expect([verdictOf(1), verdictOf(1.5)]).toEqual(["proved", "refuted"]);
  });
});
