/** Formulas as people type them, in JavaScript: value, two derivatives and loops at 69 inputs of all magnitudes. */
import { it } from "vitest";
import { FORMULAS, columnsOf, emitted, expectRight, type Shortcoming } from "./helpers/formulas.js";

const FALLS_SHORT: Readonly<Record<string, Shortcoming>> = {
  clipped_gelu: {
    of: ["derivative", "secondDerivative", "backward"],
    said: false,
    why: "gelu(10) is 10 - 8e-23, which no float tells from the bound",
  },
};

it.each(FORMULAS)("$id: $formula", async (formula) => {
  await expectRight(
    formula,
    async () => {
      const { module, said } = await emitted(formula);
      return { columns: columnsOf(module), said };
    },
    FALLS_SHORT[formula.id],
  );
});
