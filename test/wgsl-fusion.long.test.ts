/** The table of what fusion saves is what the planner does today. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createOracle } from "../src/pipeline/activation.js";
import { comparisons, fusionTable } from "./helpers/wgsl-fusion.js";

const file = fileURLToPath(new URL("../bench/wgsl-fusion.md", import.meta.url));

it("fused layers dispatch less and move less", async () => {
  const rows = comparisons(await createOracle());
  const text = fusionTable(rows);
  if (process.env["UPDATE"] !== undefined) {
    writeFileSync(`${file}.tmp`, text);
    renameSync(`${file}.tmp`, file);
  }
  expect(readFileSync(file, "utf8")).toBe(text);
  for (const { fused, unfused, of, layer } of rows) {
    const [moved, apart] = [fused.read + fused.written, unfused.read + unfused.written];
    // Each product of backward reads the gradient and what the derivative is of, in place of one pass that writes their product.
    if (of === "forward") expect(moved, layer).toBeLessThan(apart);
    else expect(moved, layer).toBeLessThanOrEqual(apart);
    expect(fused.dispatches).toBeLessThanOrEqual(unfused.dispatches);
  }
});
