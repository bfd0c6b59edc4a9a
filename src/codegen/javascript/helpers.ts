/** The parts of modules beside their functions: operations written as functions, and text of the user's in comments. */
import type { FunctionText } from "../module.js";
import type { Names } from "../names.js";
import { schedule } from "../schedule.js";
import { variable } from "../../ir/build.js";
import { topological, variableOf, type Expr } from "../../ir/expr.js";
import { OPERATIONS, type OperationName } from "../../ir/ops.js";
import { HELPERS, functionNames } from "./parameters.js";
import { writeBlock } from "./spelling.js";

const HELPER_DOCUMENTATION: { readonly [K in OperationName]?: string } = {
  erf: "erf(u), within 4 ULP.",
  erfc: "erfc(u) = 1 - erf(u) with its own digits in the tail, within 6 ULP.",
  erfcx: "exp(u^2) * erfc(u) for u >= 0, within 3 ULP.",
  ierfcx: "1 / sqrt(pi) - u * erfcx(u) for u >= 0, within 4 ULP.",
  i2erfcx: "erfcx(u) / 4 - u * (1 / sqrt(pi) - u * erfcx(u)) / 2 for u >= 0, within 7 ULP.",
  log1mexp: "log(1 - exp(u)) for u < 0, within 2 ULP.",
  sinc: "sin(u) / u, and 1 at 0, within 2 ULP.",
  sphericalBessel1: "(sin(u) / u - cos(u)) / u, and 0 at 0: near 0 by its series.",
  sphericalBessel2: "(3 * (sin(u) / u - cos(u)) / u - sin(u)) / u, and 0 at 0: near 0 by its series.",
  productError: "a * b - fl(a * b), exactly: the rounding error of a product (Dekker 1971).",
  expSingle: "exp(u) with the digits of a float32: a power of two from two tables, and a polynomial.",
  expm1Single: "exp(u) - 1 with the digits of a float32, near 0 too.",
  sumError: "a + b - fl(a + b), exactly: the rounding error of a sum (Knuth 1969).",
};

/** Branches cheaper than this are written as conditional expressions. */
export const BRANCH_COST = 8;

/** The functions of the operations that are used, and of those that these need. */
export function helperFunctions(used: Set<OperationName>, expand: (expr: Expr) => Expr): FunctionText[] {
  const helpers: FunctionText[] = [];
  const written = new Set<OperationName>();
  // Helpers may need helpers: go on until nothing new is used.
  for (let found = true; found;) {
    found = false;
    for (const op of HELPERS) {
      if (!used.has(op) || written.has(op)) continue;
      written.add(op);
      found = true;
      const places = ["u", "v"].slice(0, OPERATIONS[op].arity).map((name) => variable("wildcard", name));
      const body = expand(OPERATIONS[op].lowering!(...places));
      for (const node of topological([body])) used.add(node.op);
      helpers.push({
        name: op,
        exported: false,
        parameters: places.map((place) => ({ name: variableOf(place).name, type: "number" })),
        returns: "number",
        documentation: HELPER_DOCUMENTATION[op] ?? "",
        body: writeBlock(
          schedule([body], { branchCost: BRANCH_COST }),
          helperNames(places),
          ([result]) => `return ${result};`,
        ),
      });
    }
  }
  return helpers.reverse();
}

/** The arguments of a helper are called as its declaration says. */
function helperNames(places: readonly Expr[]): Names {
  const names = functionNames([]);
  for (const place of places) names.bind(variableOf(place).name, variableOf(place).name);
  return names;
}

/** Text of the user's in a comment: one line that ends where it should. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replaceAll("*/", "* /")
    .slice(0, 400);
