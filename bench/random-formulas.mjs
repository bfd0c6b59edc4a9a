// `node bench/random-formulas.mjs [--count 2000] [--shard 1/1] [--write]`: random formulas of the shapes that people use, each
// compiled for JavaScript and judged at 400 points; prints what is not right, and counts. With --write it writes
// bench/random-formulas.md. A formula that takes more than a minute is slow, and is given up.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

const LIMIT = 60_000;
const HELPERS = ["claims", "mutants", "formula-verdict", "random-formulas"];
const dist = process.env.NONLIN_DIST ?? new URL("../dist/", import.meta.url).href;

/** The helpers of the tests as plain JavaScript, in a folder that goes away afterwards. */
async function compiledHelpers() {
  const { default: typescript } = await import("typescript");
  const folder = mkdtempSync(join(tmpdir(), "nonlin-random-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const name of HELPERS) {
    const text = readFileSync(new URL(`../test/helpers/${name}.ts`, import.meta.url), "utf8");
    const { outputText } = typescript.transpileModule(text, {
      compilerOptions: { module: "ESNext", target: "ES2022" },
    });
    writeFileSync(join(folder, `${name}.js`), outputText.replaceAll("../../src/", dist));
  }
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return pathToFileURL(`${folder}/`).href;
}

async function work({ helpers, formulas }) {
  const [{ judgeFormula }, { createOracle }] = await Promise.all([
    import(`${helpers}formula-verdict.js`),
    import(`${dist}pipeline/activation.js`),
  ]);
  const oracle = await createOracle();
  parentPort.postMessage("ready");
  for (const formula of formulas) parentPort.postMessage(await judgeFormula(formula, oracle));
}

/** The verdicts on formulas in order; a worker that is stuck is replaced by one that goes on after the formula. */
async function judgeAll(helpers, formulas, onVerdict) {
  let next = 0;
  while (next < formulas.length) {
    await new Promise((settle, fail) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { helpers, formulas: formulas.slice(next) } });
      let timer;
      const watch = () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          onVerdict({ formula: formulas[next], outcome: "slow", detail: "", milliseconds: LIMIT });
          next += 1;
          void worker.terminate();
        }, LIMIT);
      };
      worker.on("message", (verdict) => {
        watch();
        if (verdict === "ready") return;
        onVerdict(verdict);
        next += 1;
      });
      worker.on("error", fail);
      worker.on("exit", () => {
        clearTimeout(timer);
        settle();
      });
    });
  }
}

const OUTCOMES = {
  right: "right at every point",
  reported: "wrong somewhere, said so with exit code 1",
  noted: "wrong where no float32 is, with a note",
  wrong: "wrong somewhere without a word",
  refused: "refused with a diagnostic",
  crashed: "failed with an internal error",
  slow: `took more than ${LIMIT / 1000} s`,
};

function report(verdicts) {
  const times = verdicts.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const at = (part) => (times[Math.min(times.length - 1, Math.floor(part * times.length))] / 1000).toFixed(2);
  const of = (outcome) => verdicts.filter((verdict) => verdict.outcome === outcome);
  const cell = (text) => text.slice(0, 200).replaceAll("|", "\\|").replaceAll("\n", " ");
  return [
    "# Random formulas",
    "",
    `${verdicts.length} different formulas of the shapes that people use (\`test/helpers/random-formulas.ts\`), compiled for JavaScript. Value, first`,
    "and second derivative, and the float32 loops are compared with the oracle at 400 points: where parts of the formula",
    "overflow, vanish or cancel, and a spread over all magnitudes. Wrong is what loses half of the digits, and is no more",
    "than what 64 last places of the input make of it. Written by `node bench/random-formulas.mjs --write`.",
    "",
    "| outcome | formulas |",
    "| --- | --- |",
    ...Object.entries(OUTCOMES).map(([outcome, text]) => `| ${text} | ${of(outcome).length} |`),
    "",
    `Seconds for one, on two busy cores: median ${at(0.5)}, nine of ten within ${at(0.9)}, slowest ${at(1)}.`,
    ...Object.keys(OUTCOMES)
      .filter((outcome) => outcome !== "right" && of(outcome).length > 0)
      .flatMap((outcome) => [
        "",
        `## ${OUTCOMES[outcome][0].toUpperCase()}${OUTCOMES[outcome].slice(1)}`,
        "",
        "| formula | what is wrong |",
        "| --- | --- |",
        ...of(outcome).map(({ formula, detail }) => `| \`${cell(formula)}\` | ${cell(detail)} |`),
      ]),
    "",
  ].join("\n");
}

async function main() {
  const option = (name, fallback) => {
    const index = process.argv.indexOf(`--${name}`);
    return index < 0 ? fallback : process.argv[index + 1];
  };
  const count = Number(option("count", "2000"));
  const [shard, shards] = option("shard", "1/1").split("/").map(Number);
  const helpers = await compiledHelpers();
  const { randomFormula } = await import(`${helpers}random-formulas.js`);
  const all = [...new Set(Array.from({ length: count }, (_, i) => randomFormula(i)))];
  const verdicts = [];
  await judgeAll(
    helpers,
    all.filter((_, i) => i % shards === shard - 1),
    (verdict) => {
      verdicts.push(verdict);
      const { outcome, formula, detail, milliseconds } = verdict;
      if (outcome !== "right") console.log(`${outcome}: ${formula}: ${detail} (${(milliseconds / 1000).toFixed(1)} s)`);
    },
  );
  const text = report(verdicts);
  console.log(text);
  if (process.argv.includes("--write")) writeFileSync(new URL("random-formulas.md", import.meta.url), text);
  process.exitCode = verdicts.every(({ outcome }) => ["right", "reported", "noted"].includes(outcome)) ? 0 : 1;
}

await (isMainThread ? main() : work(workerData));
