// `node bench/soundness.mjs [--formulas 8400] [--shard 1/1] [--write]`: the derivatives of random formulas, each with one thing
// changed in up to 12 ways and written in 3 other ways; every verdict is checked by bench/soundness.py ($PYTHON, mpmath).
// With --write it keeps blocks of 100 formulas in bench/soundness.json, and leaves out those that are there.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    formulas: { type: "string", default: "8400" },
    shard: { type: "string", default: "1/1" },
    write: { type: "boolean", default: false },
  },
});
const [shard, shards] = values.shard.split("/").map(Number);
const BLOCK = 100;
const MUTANTS = 12;
const RECORD = new URL("soundness.json", import.meta.url);
const dist = process.env.NONLIN_DIST ?? new URL("../dist/", import.meta.url).href;
const load = (name) => import(`${dist}${name}.js`);

/** The helpers of the tests as plain JavaScript, in a folder that goes away afterwards. */
async function helpers(names) {
  const { default: typescript } = await import("typescript");
  const folder = mkdtempSync(join(tmpdir(), "nonlin-soundness-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const name of names) {
    const text = readFileSync(new URL(`../test/helpers/${name}.ts`, import.meta.url), "utf8");
    const { outputText } = typescript.transpileModule(text, {
      compilerOptions: { module: "ESNext", target: "ES2022" },
    });
    writeFileSync(join(folder, `${name}.js`), outputText.replaceAll("../../src/", dist));
  }
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return Object.assign(
    {},
    ...(await Promise.all(names.map((name) => import(pathToFileURL(join(folder, `${name}.js`)).href)))),
  );
}

const [
  { randomFormula, mutants, randomFrom },
  { createOracle },
  { parseFormula },
  { derivative },
  { normalForm },
  b,
  expr,
] = await Promise.all([
  helpers(["claims", "mutants", "random-formulas"]),
  load("pipeline/activation"),
  load("frontends/formula"),
  load("symbolic/derivative"),
  load("symbolic/simplify"),
  load("ir/build"),
  load("ir/expr"),
]);
const [{ createProver }, { formulaText }] = await Promise.all([load("symbolic/prove/prove"), load("ir/print")]);
const prover = createProver(await createOracle(), () => {
  const end = performance.now() + 4000;
  return () => performance.now() > end;
});

/** Functions in terms of others. */
const OTHERWISE = {
  tanh: (u) => b.sub(b.mul(2, b.sigmoid(b.mul(2, u))), 1),
  sigmoid: (u) => b.div(1, b.add(1, b.exp(b.neg(u)))),
  softplus: (u) => b.log(b.add(1, b.exp(u))),
  expm1: (u) => b.sub(b.exp(u), 1),
  log1p: (u) => b.log(b.add(1, u)),
  cosh: (u) => b.div(b.add(b.exp(u), b.exp(b.neg(u))), 2),
  sinh: (u) => b.div(b.sub(b.exp(u), b.exp(b.neg(u))), 2),
  erf: (u) => b.sub(1, b.erfc(u)),
};
const otherwise = (formula) =>
  expr.rebuild([formula], (node) => OTHERWISE[node.op]?.(node.args[0]) ?? node).get(formula);

/** The claims about a formula, those with something changed and those that are right. */
function* claimsAbout(formula, random) {
  const raw = derivative(formula, b.x);
  const right = normalForm(raw);
  const drawn = mutants(right, [b.x]).map(({ claim }) => ({ claim, order: random() }));
  for (const { claim } of drawn.sort((p, q) => p.order - q.order).slice(0, MUTANTS)) yield ["mutants", claim];
  for (const claim of [raw, derivative(otherwise(formula), b.x), otherwise(right)]) yield ["right claims", claim];
}

const checker = spawn(process.env.PYTHON ?? "python3", [new URL("soundness.py", import.meta.url).pathname], {
  stdio: ["pipe", "pipe", "inherit"],
});
const answers = createInterface({ input: checker.stdout })[Symbol.asyncIterator]();

async function block(number) {
  const kinds = { mutants: {}, "right claims": {} };
  const faults = [];
  let [longest, unchecked] = [0, 0];
  const asked = [];
  for (let index = number * BLOCK; index < (number + 1) * BLOCK; index++) {
    const written = randomFormula(index);
    const { expr: formula } = await parseFormula(written);
    for (const [kind, claim] of claimsAbout(formula, randomFrom(index))) {
      const start = performance.now();
      const proof = prover.prove({ formula, claim, order: 1 });
      longest = Math.max(longest, performance.now() - start);
      kinds[kind][proof.verdict] = (kinds[kind][proof.verdict] ?? 0) + 1;
      if (proof.verdict === "unknown") continue;
      const line = {
        formula: formulaText(formula, Infinity),
        claim: formulaText(claim, Infinity),
        verdict: proof.verdict,
      };
      asked.push({ written, ...line });
      checker.stdin.write(`${JSON.stringify({ ...line, ...(proof.witness && { witness: proof.witness.x }) })}\n`);
    }
  }
  for (const each of asked) {
    const { value: fault, done } = await answers.next();
    if (done) throw new Error("the checker has ended");
    if (fault === "?") unchecked += 1;
    else if (fault !== "") faults.push({ ...each, fault });
  }
  return { ...kinds, longest: Math.round(longest), unchecked, faults };
}

const record = () => (existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, "utf8")) : {});
const done = values.write ? record() : {};
for (let number = shard - 1; number < Number(values.formulas) / BLOCK; number += shards) {
  if (done[number] !== undefined) continue;
  done[number] = await block(number);
  for (const fault of done[number].faults) console.log(JSON.stringify(fault));
  // Other shards may have written theirs.
  if (values.write) writeFileSync(RECORD, `${JSON.stringify({ ...record(), [number]: done[number] })}\n`);
}
checker.stdin.end();

const blocks = Object.values(values.write ? record() : done);
console.log(`${blocks.length * BLOCK} formulas`);
for (const kind of ["mutants", "right claims"]) {
  const counts = {};
  for (const { [kind]: each } of blocks)
    for (const [verdict, count] of Object.entries(each)) counts[verdict] = (counts[verdict] ?? 0) + count;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  console.log(kind, total, counts, `unknown ${((100 * (counts.unknown ?? 0)) / total).toFixed(2)} %`);
}
console.log(`not checked ${blocks.reduce((sum, { unchecked = 0 }) => sum + unchecked, 0)}`);
console.log(
  `faults ${blocks.flatMap(({ faults }) => faults).length}, longest ${Math.max(...blocks.map(({ longest }) => longest))} ms`,
);
