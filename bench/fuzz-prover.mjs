// `node bench/fuzz-prover.mjs [--seconds 60] [--seed n] [--claims n]`: generated claims, each verdict against the letter of
// docs/semantics.md at adversarial points; prints counts by family and verdict, and everything that is wrong.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const option = (name, fallback) => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? fallback : Number(process.argv[index + 1]);
};
const claims = option("claims", Infinity);
const seconds = option("seconds", Number.isFinite(claims) ? Infinity : 60);
const seed = option("seed", Math.floor(Math.random() * 2 ** 31));
const dist = process.env.NONLIN_DIST ?? new URL("../dist/", import.meta.url).href;

/** The helpers of the tests as plain JavaScript, in a folder that goes away afterwards. */
async function helpers() {
  const { default: typescript } = await import("typescript");
  const folder = mkdtempSync(join(tmpdir(), "nonlin-fuzz-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["mutants", "claims", "claim-check", "claim-run"]) {
    const text = readFileSync(new URL(`../test/helpers/${name}.ts`, import.meta.url), "utf8");
    const { outputText } = typescript.transpileModule(text, {
      compilerOptions: { module: "ESNext", target: "ES2022" },
    });
    writeFileSync(join(folder, `${name}.js`), outputText.replaceAll("../../src/", dist));
  }
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return import(pathToFileURL(join(folder, "claim-run.js")).href);
}

const { createOracle } = await import(`${dist}pipeline/activation.js`);
const { runClaims, reportText } = await helpers();
const started = performance.now();
const isOver = (count) => count >= claims || performance.now() - started > seconds * 1000;
const report = await runClaims(seed, isOver, await createOracle(), (line) => console.log(line));
console.log(reportText(report));
process.exitCode = report.faults.length > 0 ? 1 : 0;
