/** Formulas as people type them, as WGSL: value, derivative and loops of both drivers. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createOracle, planActivation } from "../src/pipeline/activation.js";
import { defaults } from "../src/ir/definition.js";
import { wgsl } from "../src/targets/wgsl.js";
import { activationModule } from "../src/targets/wgsl/activation.js";
import {
  FORMULAS,
  INPUTS,
  definitionOf,
  expectRight,
  isSaid,
  single,
  type Column,
  type Formula,
  type Shortcoming,
} from "./helpers/formulas.js";
import { DRIVERS, openDevice, unavailable, type OpenDevice } from "./helpers/gpu.js";
import { runElementwise } from "./helpers/wgsl-elementwise.js";

/** Every operation rounds to float32, and drivers have exponentials of a few ULP. */
const BOUND = single(2 ** -16);

const FALLS_SHORT: Readonly<Record<string, Shortcoming>> = {
  phish: { of: [], said: true, why: "its second derivative has no number at the largest float32" },
  snake: { of: ["backward"], said: true, why: "2 * a * x is beyond the largest float32" },
  clipped_gelu: { of: ["backward"], said: true, why: "gelu(10) is 10 - 8e-23, which no float tells from the bound" },
  erfact: { of: [], said: true, why: "its second derivative has no number at the largest float32" },
  "erfact on lavapipe": { of: ["backward"], said: true, why: "the driver multiplies large factors first" },
  laplace: { of: [], said: true, why: "at other parameters the square of its argument overflows" },
  self_quotient: { of: [], said: true, why: "its second derivative has no number at the largest float32" },
};

const columnsOf = (results: { readonly value: Float32Array; readonly derivative: Float32Array }): readonly Column[] => [
  { name: "forward", order: "value", got: results.value, bound: BOUND },
  { name: "backward", order: "derivative", got: results.derivative, bound: BOUND },
];

const oracle = createOracle();
async function plannedOf(formula: Formula) {
  const definition = await definitionOf(formula);
  const { plan } = planActivation(definition, wgsl, await oracle);
  return { module: activationModule(plan), values: defaults(definition), said: isSaid("wgsl", plan.accuracy) };
}

const opened: OpenDevice[] = [];
beforeAll(async () => {
  for (const driver of DRIVERS) if (unavailable(driver) === undefined) opened.push(await openDevice(driver));
});
afterAll(() => opened.forEach((device) => device.close()));

it("runs on both drivers", () => {
  if (process.env["CI"] !== undefined) expect(opened).toHaveLength(DRIVERS.length);
});

it.each(FORMULAS)("$id: $formula", async (formula) => {
  if (opened.length === 0) return;
  const planned = plannedOf(formula);
  for (const device of opened)
    await expectRight(
      formula,
      async () => {
        const { module, values, said } = await planned;
        const results = await runElementwise(device, module, Float32Array.from(INPUTS), values);
        return { columns: columnsOf(results), said };
      },
      FALLS_SHORT[`${formula.id} on ${device.driver}`] ?? FALLS_SHORT[formula.id],
    );
});
