/** Formulas as people type them, as WGSL: value, derivative and loops of both drivers. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOracle, planActivation } from "../src/compile.js";
import { defaults } from "../src/ir/definition.js";
import { wgsl } from "../src/targets/wgsl.js";
import { activationModule } from "../src/targets/wgsl/activation.js";
import { FORMULAS, INPUTS, definitionOf, misses, single, type Column } from "./helpers/formulas.js";
import { DRIVERS, openDevice, unavailable, type OpenDevice } from "./helpers/gpu.js";
import { runElementwise } from "./helpers/wgsl-elementwise.js";

/** Every operation rounds to float32, and drivers have exponentials of a few ULP. */
const BOUND = single(2 ** -17);

/** What is not right yet, and why. */
const FALLS_SHORT: Readonly<Record<string, readonly string[]>> = {};

const oracle = createOracle();
const opened: OpenDevice[] = [];
beforeAll(async () => {
  for (const driver of DRIVERS) if (unavailable(driver) === undefined) opened.push(await openDevice(driver));
});
afterAll(() => opened.forEach((device) => device.close()));

it("runs on both drivers", () => {
  if (process.env["CI"] !== undefined) expect(opened).toHaveLength(DRIVERS.length);
});

describe.each(FORMULAS)("$id: $formula", (formula) => {
  it("is right at every input", async () => {
    const definition = await definitionOf(formula);
    const module = activationModule(planActivation(definition, wgsl, await oracle).plan);
    const x = Float32Array.from(INPUTS);
    for (const device of opened) {
      const { value, derivative } = await runElementwise(device, module, x, defaults(definition));
      const columns: readonly Column[] = [
        { name: "forward", order: "value", got: value, bound: BOUND },
        { name: "backward", order: "derivative", got: derivative, bound: BOUND },
      ];
      expect(misses(formula, columns), device.driver).toEqual(FALLS_SHORT[formula.id] ?? []);
    }
  });
});
