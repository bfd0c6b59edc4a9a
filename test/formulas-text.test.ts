/** What is emitted for formulas of papers, beside them: what a good engineer would write by hand. */
import { expect, it } from "vitest";
import { compiledFor, formulaOf } from "./helpers/formulas.js";

/** Some functions of the JavaScript module of a formula, without what is documented. */
async function functionsOf(id: string, names: readonly string[]): Promise<string> {
  const { artifacts } = await compiledFor(formulaOf(id), "js");
  const { text } = artifacts.find(({ path }) => path.endsWith(".js"))!;
  const found = names.map((name) => new RegExp(`^export function ${name}\\(.*?^}$`, "ms").exec(text)![0]);
  return [`// ${formulaOf(id).formula}`, ...found].join("\n");
}

it("the shifted softplus of SchNet", async () => {
  expect(await functionsOf("ssp", ["value", "derivative"])).toMatchInlineSnapshot(`
    "// log(0.5*exp(x)+0.5)
    export function value(x) {
      if (x < 1.0948486328125) {
        return Math.log1p(0.5 * Math.expm1(x));
      }

      return Math.log1p(Math.exp(-Math.abs(x))) + (x < 0 ? 0 : x) - 0.6931471805599453;
    }
    export function derivative(x) {
      const e = Math.exp(-Math.abs(x));
      const t = e + 1;
      return x < 0 ? e / t : 1 / t;
    }"
  `);
});

it("the symmetric logarithm of DreamerV3", async () => {
  expect(await functionsOf("symlog", ["value", "derivative"])).toMatchInlineSnapshot(`
    "// sign(x)*log(1+abs(x))
    export function value(x) {
      return Math.sign(x) * Math.log1p(Math.abs(x));
    }
    export function derivative(x) {
      return x <= 0 ? 1 / (1 - x) : 1 / (x + 1);
    }"
  `);
});

it("the logarithm of what is left of 1", async () => {
  expect(await functionsOf("log1mexp", ["value"])).toMatchInlineSnapshot(`
    "// log(1-exp(x))
    export function value(x) {
      if (x < -1.015625) {
        return Math.log1p(-Math.exp(x));
      }

      return Math.log(-Math.expm1(x));
    }"
  `);
});
