import { it } from "vitest";
import { writeFileSync, mkdirSync } from "node:fs";
import { compileGraph } from "../src/compile-graph.js";
import { createOracle } from "../src/symbolic/oracle.js";
import { layers } from "../src/layers/layers.js";
import { rowwise } from "../src/activations/rowwise.js";
import * as channel from "../src/activations/channelwise.js";
import * as gated from "../src/activations/gated.js";
import * as stochastic from "../src/activations/stochastic.js";
import { smooth } from "../src/activations/smooth.js";
import type { GraphDefinition } from "../src/ir/graph/definition.js";

it("smoke", async () => {
  const oracle = await createOracle();
  const silu = (Object.values(smooth) as { id: string }[]).find((d) => d.id === "silu") as never;
  const many = [...rowwise, ...[channel, gated, stochastic].flatMap((m) => Object.values(m).flat())].filter((d) => typeof d === "object" && d !== null && "outputs" in d) as GraphDefinition[];
  const all = [...many, ...layers.map((l) => l.define(silu))];
  mkdirSync("/tmp/work/out", { recursive: true });
  for (const d of all) {
    try {
      const start = performance.now();
      const { artifacts } = await compileGraph(d, { target: "js" }, oracle);
      for (const a of artifacts) writeFileSync("/tmp/work/out/" + a.path.replace("js/", ""), a.text);
      await import("/tmp/work/out/" + d.id + ".js");
      console.log(d.id, "ok", artifacts[0]!.text.split("\n").length, Math.round(performance.now() - start));
    } catch (e) {
      console.log(d.id, "FAILED", (e as Error).stack?.split("\n").slice(0, 5).join("\n"));
    }
  }
}, 600000);
