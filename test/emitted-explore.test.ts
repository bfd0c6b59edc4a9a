import { test } from "vitest";
import { writeFileSync } from "node:fs";
import { catalogue } from "../src/catalogue.js";
import { createOracle, differentiate } from "../src/compile.js";
import { parameterSets, doubleInputs, singleInputs } from "./helpers/inputs.js";
import { loadModule, slopes } from "./helpers/modules.js";
import { FLOAT32, FLOAT64, nearZero, ulps } from "./helpers/accuracy.js";
test("explore", async () => {
  const oracle = await createOracle();
  const out: string[] = [];
  for (const d of catalogue) {
    if (process.env["ONLY"] && !process.env["ONLY"].split(",").includes(d.id)) continue;
    const exact = differentiate(d);
    const exprs = [exact.value, exact.derivative, exact.secondDerivative];
    const m = await loadModule(d.id);
    for (const p of parameterSets(d)) {
      const xs = doubleInputs(d, p);
      const refs = oracle.evaluate(exprs, xs.map((x) => ({ ...p, x })));
      (["value", "derivative", "secondDerivative"] as const).forEach((name, k) => {
        const f = (x: number) => m[name](x, p);
        let misses: [number, string][] = []; let worst = 0;
        xs.forEach((x, i) => {
          const [h, l] = [refs[k]!.high[i]!, refs[k]!.low[i]!];
          const got = f(x);
          let e = ulps(got, h, l, FLOAT64);
          if (e > 4 && nearZero(f, x, h)) e = Math.abs(got - h - l) / FLOAT64.nearZero;
          else worst = Math.max(worst, e);
          if (e > [8, 8, 64][k]!) misses.push([e, `x=${x} got=${got} exact=${h} err=${e}`]);
        });
        misses.sort((a, b) => b[0] - a[0]);
        out.push(`${misses.length ? "MISS" : "ok"} ${d.id}.${name} ${JSON.stringify(p)} worst ${worst.toFixed(2)} misses ${misses.length}/${xs.length}`, ...misses.slice(0, 6).map((q) => "      " + q[1]));
      });
      const fs = singleInputs(d, p, Number(process.env["PATTERNS"] ?? 4096));
      const frefs = oracle.evaluate(exprs.slice(0, 2), [...fs].map((x) => ({ ...p, x })));
      const results = { forward: m.forward(fs, new Float32Array(fs.length), p), backward: slopes(m, fs, p) };
      (["forward", "backward"] as const).forEach((name, k) => {
        const f = (x: number) => k ? slopes(m, Float32Array.of(x), p)[0]! : m.forward(Float32Array.of(x), new Float32Array(1), p)[0]!;
        let misses: [number, string][] = []; let worst = 0;
        fs.forEach((x, i) => {
          const [h, l] = [frefs[k]!.high[i]!, frefs[k]!.low[i]!];
          const got = results[name][i]!;
          let e = ulps(got, h, l, FLOAT32);
          if (e > 0.9 && nearZero(f, x, h)) e = Math.abs(got - h - l) / FLOAT32.nearZero;
          else worst = Math.max(worst, e);
          if (e > 1) misses.push([e, `x=${x} got=${got} exact=${h} err=${e}`]);
        });
        misses.sort((a, b) => b[0] - a[0]);
        out.push(`${misses.length ? "MISS" : "ok"} ${d.id}.${name} (${m.saves}) ${JSON.stringify(p)} worst ${worst.toFixed(2)} misses ${misses.length}/${fs.length}`, ...misses.slice(0, 6).map((q) => "      " + q[1]));
      });
    }
  }
  writeFileSync("/tmp/explore.txt", out.join("\n"));
}, 600000);
