// `node bench/verify.mjs [--mutants] [--sympy [seconds]]`: the prover on the corpora of test/fixtures/equalities, counts by
// verdict and milliseconds in one process; on every mutant of the true lines; SymPy's simplify on the same lines.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createOracle } from "../dist/pipeline/activation.js";
import { readBatchLine } from "../dist/frontends/batch.js";
import { createProver } from "../dist/symbolic/prove/prove.js";

const VERDICTS = ["proved", "equal-except", "refuted", "unknown"];
const path = (name) => fileURLToPath(new URL(`../test/fixtures/equalities/${name}.jsonl`, import.meta.url));
const linesOf = (name) => readFileSync(path(name), "utf8").trim().split("\n");
const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

/** One row of the table. */
function print(name, counts, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const total = sorted.reduce((sum, time) => sum + time, 0);
  const figures = [quantile(sorted, 0.5), quantile(sorted, 0.9), quantile(sorted, 1), total];
  console.log(
    [name.padEnd(16), sorted.length, ...counts, ...figures.map((figure) => figure.toFixed(2))]
      .map((cell) => String(cell).padStart(14))
      .join(""),
  );
}

const head = (names) =>
  console.log(
    ["", "lines", ...names, "median ms", "p90 ms", "max ms", "total ms"].map((cell) => cell.padStart(14)).join(""),
  );

async function corpora(oracle) {
  const prover = createProver(oracle);
  head(VERDICTS);
  // The first goals pay for V8's compiler: one corpus is run before, and not counted.
  for (const [turn, name] of ["except", "true", "wrong", "except", "pytorch"].entries()) {
    const [counts, times] = [Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])), []];
    for (const [i, line] of linesOf(name).entries()) {
      const { goal, mistake } = await readBatchLine(line, i + 1);
      if (mistake !== undefined) throw mistake;
      const start = performance.now();
      counts[prover.prove(goal).verdict] += 1;
      times.push(performance.now() - start);
    }
    if (turn > 0) print(name, Object.values(counts), times);
  }
}

/** The helpers of the tests as plain JavaScript, in a folder that goes away afterwards. */
async function withHelpers(use) {
  const { default: typescript } = await import("typescript");
  const folder = mkdtempSync(join(tmpdir(), "nonlin-verify-"));
  try {
    for (const name of ["mutants", "verdicts", "mutation-run"]) {
      const text = readFileSync(new URL(`../test/helpers/${name}.ts`, import.meta.url), "utf8");
      const { outputText } = typescript.transpileModule(text, {
        compilerOptions: { module: "ESNext", target: "ES2022" },
      });
      const dist = new URL("../dist/", import.meta.url).href;
      writeFileSync(join(folder, `${name}.js`), outputText.replaceAll("../../src/", dist));
    }
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    return await use(await import(pathToFileURL(join(folder, "mutation-run.js")).href));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const mutants = (oracle) =>
  withHelpers(async ({ runMutants }) => {
    const { verdicts, times, contradictions } = await runMutants(linesOf("true"), oracle);
    print("mutants", Object.values(verdicts), times);
    console.log(`contradicted by MPFR: ${contradictions.length}`);
    for (const { kind, id, change, at } of contradictions)
      console.log(`  ${kind}  ${id}  ${change}  ${JSON.stringify(at)}`);
  });

function sympy(seconds) {
  const script = fileURLToPath(new URL("sympy-verify.py", import.meta.url));
  if (spawnSync("python3", ["-c", "import sympy, mpmath"]).status !== 0)
    return console.log("SymPy: no Python with sympy and mpmath is there");
  const names = ["equal", "not shown", "out of time", "error"];
  head(names);
  for (const name of ["true", "wrong"]) {
    const { stdout, status, stderr } = spawnSync("python3", [script, seconds, path(name)], {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(stderr);
    const results = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const counts = names.map((verdict) => results.filter((result) => result.verdict === verdict).length);
    print(
      `${name}, SymPy`,
      counts,
      results.map(({ ms }) => ms),
    );
  }
}

const options = process.argv.slice(2);
const oracle = await createOracle();
await corpora(oracle);
if (options.includes("--mutants")) await mutants(oracle);
if (options.includes("--sympy")) sympy(options[options.indexOf("--sympy") + 1] ?? "2");
