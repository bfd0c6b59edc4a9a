/** Case distinctions of tensors as products: the same values, and one product for what is compared on two sides. */
import { expect, it } from "vitest";
import { bySizes, steppedBy, withMasks } from "../src/codegen/python/masks.js";
import { constant, ge, gt, le, lt, mul, select, variable, type Operand } from "../src/ir/build.js";
import { evaluate } from "../src/ir/evaluate.js";
import { topological, type Expr } from "../src/ir/expr.js";

const x = variable("input", "x");
const NOT_A_NUMBER = constant(NaN);
const square = mul(x, x);

const inside = (low: Operand, high: Operand, side: Operand): Expr =>
  select(gt(x, low), select(lt(x, high), side, 0), select(le(x, low), 0, NOT_A_NUMBER));

/** Expressions, with the products and the choices that they become. */
const ROWS: readonly (readonly [name: string, expr: Expr, products: number, choices: number])[] = [
  ["between -3 and 3, a constant", inside(-3, 3, 2), 1, 0],
  ["between -3 and 3, the input", inside(-3, 3, x), 1, 0],
  ["not outside of -3 and 3", select(le(x, -3), 0, select(ge(x, 3), 0, x)), 1, 0],
  ["outside of -2.5 and 2.5", select(lt(x, -2.5), 0, select(gt(x, 2.5), 0, 0.2)), 1, 0],
  ["up to 3 on both sides", select(ge(x, -3), select(le(x, 3), 1, 0), 0), 1, 0],
  ["between -1 and 3", inside(-1, 3, 2), 2, 0],
  ["two values outside", select(gt(x, -3), select(lt(x, 3), x, 6), 0), 2, 0],
  ["above 1", select(gt(x, 1), square, 0), 1, 0],
  ["far out", select(gt(x, 2 ** 20), square, x), 0, 1],
];

it.each(ROWS)("%s", (_, expr, products, choices) => {
  const masked = withMasks(bySizes(expr));
  const nodes = topological([masked]);
  const steps = nodes.filter((node) => steppedBy(node) !== undefined);
  expect(steps).toHaveLength(products);
  expect(nodes.filter((node) => node.op === "select" && steppedBy(node) === undefined)).toHaveLength(choices);
  const edges = [-3, -2.5, -1, 0, 1, 2.5, 3, 2 ** 20].flatMap((at) => [at - 2 ** -20, at, at + 2 ** -20]);
  for (const at of [...edges, -1e30, 1e30]) {
    const wanted = evaluate(expr, { x: at });
    expect(Math.abs(evaluate(masked, { x: at }) - wanted), `at ${at}`).toBeLessThanOrEqual(1e-12 * Math.abs(wanted));
  }
});
