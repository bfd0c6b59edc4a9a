// `node --max-old-space-size=8000 bench/linear.mjs [depths...]`: x·sigmoid(x) composed with itself; nodes and microseconds per
// node of each step. The counts per level are what test/linear.long.test.ts asserts.
import { schedule } from "../dist/codegen/schedule.js";
import * as build from "../dist/ir/build.js";
import { topological } from "../dist/ir/expr.js";
import { derivative } from "../dist/symbolic/derivative.js";
import { normalForm } from "../dist/symbolic/simplify.js";

const depths = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1000, 10_000, 100_000];
for (const depth of depths) {
  console.log(`silu composed with itself ${depth} times`);
  const step = (name, run) => {
    const start = performance.now();
    const result = run();
    const nodes = topological([result]).length;
    const time = ((performance.now() - start) * 1000) / nodes;
    console.log(
      `  ${name.padEnd(24)} ${String(nodes).padStart(8)} nodes  ${(nodes / depth).toFixed(1).padStart(5)} per level  ${time.toFixed(1)} us per node`,
    );
    return result;
  };
  const value = step("build", () => {
    let expr = build.x;
    for (let i = 0; i < depth; i++) expr = build.mul(expr, build.sigmoid(expr));
    return expr;
  });
  const first = step("derivative", () => derivative(value, build.x));
  const firstNormal = step("  simplified", () => normalForm(first));
  const second = step("second derivative", () => derivative(firstNormal, build.x));
  const secondNormal = step("  simplified", () => normalForm(second));
  step("  scheduled", () => (schedule([secondNormal], { branchCost: 8 }), secondNormal));
}
