// `node bench/build.mjs [runs]`: whole commands, medians: Node itself, `list`, formulas from the shell, builds cold and with
// nothing changed; then formulas in a warm process, for one target and for the next of the same arithmetic.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, createOracle } from "../dist/pipeline/activation.js";
import { definitionFromFormula } from "../dist/frontends/definition.js";

const runs = Number(process.argv[2] ?? 5);
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const out = mkdtempSync(join(tmpdir(), "nonlin-bench-"));

const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => sorted(values)[Math.floor(values.length / 2)];
function time(...args) {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    execFileSync(process.execPath, args, { stdio: "ignore" });
    return performance.now() - start;
  });
  return median(times);
}

/** Formulas as people type them; the last three are among those that take longest. */
const FORMULAS = [
  "x*sigmoid(1.702*x)",
  "x*tanh(log(1+exp(x)))",
  "x > 0 ? x : a*(exp(x)-1)",
  "x/(1+abs(x))",
  "0.5*x*(1+tanh(0.7978845608*(x+0.044715*x^3)))",
  "log((1+exp(a*x))/(1+exp(a*(x-1))))/a",
  "x*erf(a*exp(b*x))",
  "(a0+a1*x+a2*x^2+a3*x^3)/(1+abs(b1*x+b2*x^2))",
];

/** Milliseconds for each formula in this process, after one that is not counted. */
async function warm(targets) {
  const oracle = await createOracle();
  const times = new Map(targets.map((target) => [target, []]));
  for (const [i, formula] of ["x*exp(-x^2)", ...FORMULAS].entries()) {
    const definition = await definitionFromFormula({ id: "own", formula });
    for (const target of targets) {
      const start = performance.now();
      await compile(definition, { target }, oracle);
      if (i > 0) times.get(target).push(performance.now() - start);
    }
  }
  return [...times].map(([target, all]) => [`warm, to ${target}, median`, median(all), "goal: 100 ms"]);
}

try {
  const bare = time("-e", "0");
  const exports = sorted(FORMULAS.map((formula) => time(main, "export", formula, "--target", "js")));
  const rows = [
    ["node alone", bare, ""],
    ["nonlin list", time(main, "list"), `goal: node alone + 100 ms = ${(bare + 100).toFixed(0)} ms`],
    ["nonlin export, median", median(exports), "goal: 700 ms"],
    ["nonlin export, slowest", exports.at(-1), "goal: 2000 ms"],
    ["nonlin build, cold", time(main, "build", "--force", "--out", out), "goal: 12000 ms"],
    ["nonlin build, unchanged", time(main, "build", "--out", out), "goal: 500 ms"],
    ...(await warm(["js", "pytorch", "keras3", "wgsl"])),
  ];
  for (const [name, value, goal] of rows)
    console.log(`${name.padEnd(26)} ${value.toFixed(0).padStart(6)} ms   ${goal}`);
} finally {
  rmSync(out, { recursive: true, force: true });
}
