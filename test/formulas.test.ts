/** Formulas that once came out wrong, each at inputs that showed it. */
import { describe, expect, it } from "vitest";
import { FLOAT32, FLOAT64, emitted, formulaOf, isRight } from "./helpers/formulas.js";
import { graphModule } from "./helpers/graph-modules.js";
import { invoke } from "./helpers/graph-random.js";
import { graphDefinition } from "./helpers/layer-cases.js";
import { slopes, type EmittedModule } from "./helpers/modules.js";

interface Row {
  readonly id: string;
  readonly of: "value" | "derivative" | "secondDerivative" | "loops";
  readonly at: number;
  /** Of loops what forward gives, and the slope of backward. */
  readonly right: readonly number[];
}
const row = (id: string, of: Row["of"], at: number, ...right: readonly number[]): Row => ({ id, of, at, right });

const CASES: Readonly<Record<string, readonly Row[]>> = {
  "overflow on the way to a finite result": [
    row("telu", "derivative", 20000, 1),
    row("tanh_quotient", "value", -1e30, -1),
    row("mish_quotient", "derivative", 300, 1),
    row("logcosh", "value", 1e30, 1e30),
    row("eanaf", "value", 710, 710),
    row("cloglog", "derivative", 710, 0),
    row("sech", "value", 1e30, 0),
    row("sech", "derivative", 1e30, 0),
    row("gumbel", "value", -1e30, 0),
    row("gumbel", "derivative", -1e30, 0),
    row("self_quotient", "value", -1e30, 0),
    row("self_quotient", "derivative", 710, 1),
    row("rectified_power", "secondDerivative", -1, 0),
    row("golu", "loops", -20000, 0, 0),
  ],
  "a finite value that was another": [
    row("ssp", "value", 1000, 1000 - Math.LN2),
    row("ssp", "loops", 1000, 1000 - Math.LN2, 1),
    row("tanh_e2x", "loops", 700, 1, 0),
    row("tanh_half", "loops", -710, -1, 0),
  ],
  "digits lost by cancellation": [
    row("log1mexp", "value", -40, -4.248354255291589e-18),
    row("isru", "derivative", 1e8, 1e-24),
    row("arcsinh", "value", 1e-30, 1e-30),
    row("bent", "value", 1e-30, 1e-30),
    row("pasu", "value", -20.5, -3.203908488136727e-17),
    row("pasu", "loops", -20.5, -3.203908488136727e-17, -6.251528757339957e-17),
    row("softclip", "value", -40.5, 1.6288211438045054e-18),
  ],
  "the derivative where pieces join smoothly": [
    row("symlog", "derivative", 0, 1),
    row("symexp", "derivative", 0, 1),
    row("celu", "derivative", 0, 1),
    row("relu_pair", "derivative", 0, 1),
    row("symasinh", "derivative", 0, 1),
    row("symasinh", "loops", 0, 0, 1),
    row("sinc", "secondDerivative", 1e-8, -1 / 3),
  ],
  "what was not emitted": [
    row("quick_gelu", "derivative", 0, 0.5),
    row("silu_0_3", "derivative", 0, 0.5),
    row("silu_0_7", "derivative", 0, 0.5),
    row("silu_1_1", "derivative", 0, 0.5),
    row("silu_1_4", "derivative", 0, 0.5),
    row("mish_fraction", "value", 1e30, 1e30),
    row("mish_fraction", "derivative", -1e30, 0),
  ],
};

const modules = new Map<string, Promise<EmittedModule>>();
function moduleOf(id: string): Promise<EmittedModule> {
  const module = modules.get(id) ?? emitted(formulaOf(id)).then((found) => found.module);
  modules.set(id, module);
  return module;
}

describe.each(Object.entries(CASES))("%s", (_, rows) => {
  for (const { id, of, at, right } of rows) {
    const name = `${id}: ${of}(${at})`;
    it(name, async () => {
      const module = await moduleOf(id);
      const x = Float32Array.of(at);
      const got = of === "loops" ? [module.forward(x)[0]!, slopes(module, x)[0]!] : [module[of](at)];
      const bound = of === "loops" ? FLOAT32 : FLOAT64;
      right.forEach((want, i) => expect(isRight(got[i]!, want, bound), `${got[i]} instead of ${want}`).toBe(true));
    });
  }
});

describe("sparsemax", () => {
  const third = Math.fround(1 / 3);
  it.each([
    [
      [-3.4e38, -3.4e38, -3.4e38],
      [third, third, third],
    ],
    [
      [3e38, 0, 0],
      [1, 0, 0],
    ],
    [
      [-1e15, -1e15, -1e15],
      [third, third, third],
    ],
  ])("of %j", async (elements, right) => {
    const module = await graphModule(graphDefinition("sparsemax"));
    const { y } = invoke(module, "forward", { x: Float32Array.from(elements) }, { rows: 1, columns: elements.length });
    expect([...y!]).toEqual(right);
  });
});
