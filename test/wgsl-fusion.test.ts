/** The table of what fusion saves is what the planner does today. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createOracle } from "../src/compile.js";
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
    expect(fused.read + fused.written, `${layer} ${of}`).toBeLessThan(unfused.read + unfused.written);
    expect(fused.dispatches).toBeLessThanOrEqual(unfused.dispatches);
  }
}, 120_000);
