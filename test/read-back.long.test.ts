/** Every elementwise module as it reads: the very expressions that were planned, of the catalogue and of formulas of one's own. */
import { beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { definitionFromFormula, type FormulaDefinition } from "../src/frontends/definition.js";
import { createOracle, type Oracle } from "../src/pipeline/activation.js";
import { READ, others, written } from "./helpers/read-back.js";

let oracle: Oracle;
beforeAll(async () => {
  oracle = await createOracle();
});

const number = (value: number, range?: readonly [number, number]) => ({ default: value, ...(range && { range }) });

const OWN: readonly Omit<FormulaDefinition, "id">[] = [
  { formula: "x * erf(softplus(x))" },
  { formula: "a*x*sigmoid(b*x) + c", parameters: { a: number(1), b: number(2, [0.1, 10]), c: number(0) } },
  { formula: "x > threshold ? x : value", parameters: { threshold: number(0.1), value: number(20) } },
  { formula: "x*exp(p)/(1 + exp(p)) + sinh(p)*tanh(x) + erfcx(p)*x", parameters: { p: number(0.3) } },
  { formula: "log(cosh(x)) + sinc(x)" },
  { formula: "min(max(x, -cap), 6) * abs(x - 0.1)", parameters: { cap: number(1, [0, 100]) } },
  { formula: "x*erfc(-x/sqrt(2))/2 + w*asinh(x)", parameters: { w: { default: 1, learnable: true } } },
  { formula: "x*sigmoid(beta*x)", parameters: { beta: { default: 1, learnable: "channel" } } },
  { formula: "x*gate/(1 + exp(-gate))", parameters: { gate: { default: 1, learnable: "element" } } },
  { formula: "sqrt(x^2 + eps) - sqrt(eps)", parameters: { eps: number(0.01, [1e-6, 10]) } },
  { formula: "(x^2)^(p/2) + sphericalBessel1(x)", parameters: { p: number(1.5, [1, 3]) } },
  { formula: "exp(-(x - mu)^2/(2*s^2))", parameters: { mu: number(0), s: number(1, [0.1, 10]) } },
  { formula: "x + sin(a*x)^2/a", parameters: { a: number(1, [0.1, 10]) } },
  { formula: "cbrt(x)*log(1 + exp(x))" },
  { formula: "a", parameters: { a: number(3) } },
];

describe.each(READ.filter((name) => name !== "js"))("as %s", (name) => {
  it.each(catalogue.map((definition) => [definition.id, definition] as const))("%s", async (_, definition) => {
    const { files, found } = await others(await written(definition, name, oracle));
    expect(files).toBeGreaterThan(0);
    expect(found).toEqual([]);
  });

  it.each(OWN)("$formula", async (own) => {
    const definition = await definitionFromFormula({ id: "own", ...own });
    expect((await others(await written(definition, name, oracle))).found).toEqual([]);
  });
});
