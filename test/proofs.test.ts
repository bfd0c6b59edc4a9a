/** What a build proves: the catalogue's forms, the code as it reads, and that a wrong form does not get out. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { differencesOf } from "../src/codegen/read-back.js";
import type { Computations } from "../src/codegen/target.js";
import {
  checkProofs,
  compile,
  createOracle,
  createProver,
  planActivation,
  type Oracle,
  type ProofReport,
  type Prover,
} from "../src/pipeline/activation.js";
import { definitionFromFormula } from "../src/frontends/definition.js";
import { computedBy, readModule } from "../src/frontends/source/module.js";
import * as b from "../src/ir/build.js";
import { axis, each, input } from "../src/ir/graph/build.js";
import { graph } from "../src/ir/graph/definition.js";
import type { Tensor } from "../src/ir/graph/tensor.js";
import { formulaText } from "../src/ir/print.js";
import { js } from "../src/targets/js.js";
import { proveChain } from "../src/symbolic/prove/chain.js";
import { proveGradients } from "../src/pipeline/layer-proofs.js";
import { normalForm } from "../src/symbolic/simplify.js";
import { GENERATED, definitionOf } from "./helpers/modules.js";

const proofs = JSON.parse(readFileSync(new URL("../proofs.json", GENERATED), "utf8")) as Readonly<
  Record<string, { readonly js: ProofReport }>
>;

let oracle: Oracle;
let prover: Prover;
beforeAll(async () => {
  oracle = await createOracle();
  prover = createProver(oracle);
});

describe("generated/proofs.json", () => {
  it.each(catalogue.map((definition) => [definition.id, definition] as const))(
    "%s: every form is proved, kinks apart, and every approximating step certified",
    (id, { kinks, parameters }) => {
      const report = proofs[id]!.js;
      const names = ["value", "derivative", "secondDerivative", "forward", "backward"];
      expect(Object.keys(report).sort()).toEqual([...names, ...parameters.map(({ name }) => `by ${name}`)].sort());
      const places = new Set(kinks.map((kink) => formulaText(normalForm(kink))));
      for (const { verdict, at = [], approximations } of Object.values(report)) {
        expect(["proved", "equal-except"]).toContain(verdict);
        for (const point of at) expect(places).toContain(point.at);
        expect(approximations.filter(({ certified }) => !certified)).toEqual([]);
      }
    },
  );

  it("is what the documents count", () => {
    const script = fileURLToPath(new URL("../scripts/document-tables.mjs", import.meta.url));
    expect(spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" })).toMatchObject({ status: 0 });
  });

  it("says in the emitted code what was proved of it", () => {
    const text = readFileSync(new URL("silu.js", GENERATED), "utf8");
    expect(text).toMatch(/Proved to be its second derivative over the reals/);
  });
});

describe("a chain of rewrites", () => {
  const origin = { formula: b.mul(b.x, b.sigmoid(b.x)), order: 0 };
  const right = b.div(b.x, b.add(1, b.exp(b.neg(b.x))));
  const wrong = b.div(b.x, b.add(1, b.exp(b.neg(b.mul(1.0001, b.x)))));
  const step = (expr: typeof right) => ({ name: "rewrite", expr, exact: true });

  it("is proved from its beginning to its end", () => {
    const chain = proveChain(prover, origin, b.x, origin.formula, [step(right), step(b.add(right, 0))]);
    expect(chain).toEqual({ verdict: "proved", approximations: [] });
  });

  it("is refuted by one wrong step", () => {
    expect(proveChain(prover, origin, b.x, origin.formula, [step(wrong)])).toMatchObject({
      verdict: "refuted",
      witness: { x: expect.any(Number) as number },
    });
  });

  it("never takes its beginning for granted, however near the end is to it", () => {
    // The beginning is wrong where nobody finds it: beyond every input that is tried, and unknown to the prover.
    const open = b.log(b.neg(b.add(1, b.mul(b.x, b.x))));
    const near = b.mul(open, b.select(b.lt(b.x, 0), 1, 1));
    const chain = proveChain(prover, { formula: open, order: 1 }, b.x, open, [step(near)]);
    expect(chain.verdict).toBe("unknown");
  });

  it("is not proved when one of its approximating steps is not certified", () => {
    const early = b.select(b.lt(b.x, -3), b.mul(b.x, b.exp(b.x)), origin.formula);
    const tail = { name: "exponential-tail", expr: early, exact: false };
    const chain = proveChain(prover, origin, b.x, origin.formula, [tail]);
    expect(chain).toMatchObject({
      verdict: "unknown",
      approximations: [{ step: "exponential-tail", certified: false }],
    });
    expect(chain.reason).toMatch(/the step exponential-tail is not certified where x < -3/);
  });

  it("that is refuted stops the build", () => {
    const report = { derivative: proveChain(prover, origin, b.x, wrong, []) };
    expect(() => checkProofs(definitionOf("silu"), report)).toThrow(/the derivative of silu is refuted at x = /);
    const fine = { derivative: proveChain(prover, origin, b.x, right, []) };
    expect(() => checkProofs(definitionOf("silu"), fine)).not.toThrow();
  });
});

describe("the code as it reads", () => {
  async function planned(id: string): Promise<{ readonly computed: Computations; readonly text: string }> {
    const { plan, forms } = planActivation(definitionOf(id), js, oracle);
    const expand = forms.expand(false);
    const artifacts = await js.emit(plan, expand, { planFor: () => plan });
    const { text } = artifacts.find(({ path }) => path.endsWith(".js"))!;
    return { computed: js.computations!(plan, expand), text };
  }

  it.each(["softsign", "prelu", "gelu_erf", "softshrink"])("%s: every single change of it is seen", async (id) => {
    const { computed, text } = await planned(id);
    const { parameters } = definitionOf(id);
    expect(differencesOf(computed, computedBy(await readModule(text, parameters)), prover)).toEqual([]);
    const code = text.replace(/\/\*[\s\S]*?\*\//g, "");
    const start = code.indexOf("export function value");
    const body = code.slice(start);
    const changes: readonly (readonly [RegExp, string])[] = [
      [/ \+ /, " - "],
      [/ \* /, " / "],
      [/ < /, " > "],
      [/0\.5(?! \})(?=\D)/, "0.25"],
      [/ - /, " + "],
      [/(?<=return )([^;]+);/, "-($1);"],
    ];
    const altered = changes.map(([from, to]) => body.replace(from, to)).filter((changed) => changed !== body);
    expect(altered.length).toBeGreaterThan(1);
    for (const changed of altered) {
      const read = await readModule(code.slice(0, start) + changed, parameters).catch(() => undefined);
      if (read !== undefined) expect(differencesOf(computed, computedBy(read), prover)).not.toEqual([]);
    }
  });
});

describe("a user's formula", () => {
  it("gets its proofs", async () => {
    const definition = await definitionFromFormula({ id: "bump", formula: "x * exp(-x^2)" });
    const { proofs: report } = await compile(definition, { target: "js" }, oracle);
    for (const { verdict } of Object.values(report)) expect(verdict).toBe("proved");
  });

  it("is not called proved where what is emitted departs from it", async () => {
    // The argument of a wave is held without a certificate, and the code says so.
    const definition = await definitionFromFormula({ id: "wave", formula: "x + sin(a*x)^2/a" });
    const { proofs: report, artifacts } = await compile(definition, { target: "js" }, oracle);
    expect(report["value"]).toMatchObject({ verdict: "unknown" });
    expect(artifacts[0]!.text).toMatch(/Not proved to be the definition: the step hold-inside is not certified/);
  });
});

describe("the gradients of a graph", () => {
  const columns = axis("columns");
  const values = input("x", [columns]);
  const graphOf = (tensor: Tensor) =>
    graph({
      id: "own",
      title: "Own",
      formula: "x * x",
      sizes: { columns: {} },
      outputs: { y: { tensor, axes: [columns] } },
      reference: "none",
    });

  it("are proved for each size", () => {
    const squares = graphOf(each((u) => b.mul(u, u), values));
    expect(proveGradients(squares, prover)).toEqual({
      "gradient of x": { 1: "proved", 2: "proved", 3: "proved", 4: "proved" },
    });
  });

  it("are not tried at larger sizes where one stays open", () => {
    const unknown: Prover = { ...prover, prove: () => ({ verdict: "unknown", reason: "too hard", cells: [] }) };
    const squares = graphOf(each((u) => b.mul(u, u), values));
    expect(proveGradients(squares, unknown)).toEqual({ "gradient of x": { 1: "unknown: too hard" } });
  });

  it("stop the build where they are wrong", () => {
    const witness = { x: 1, parameters: {}, expected: 1, actual: 2 };
    const refuting: Prover = { ...prover, prove: () => ({ verdict: "refuted", witness, cells: [] }) };
    const squares = graphOf(each((u) => b.mul(u, u), values));
    expect(() => proveGradients(squares, refuting)).toThrow(/the gradient of x of own is refuted/);
  });
});
