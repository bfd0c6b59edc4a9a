// `node bench/fuzz-sources.mjs [--files 2000] [--seed n] [--language NAME] [--show]`: devious files of JavaScript
// (also of arrays, registries and tensors: `arrays`), TypeScript, PyTorch and numbers of Python that keep their gradients
// (`numbers`), each a function and a derivative that may be wrong: verdicts against running them, in Node and in
// PyTorch (the Python of NONLIN_PYTHON). The last line is JSON; it ends with 1 where a verdict is wrong.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { answer } from "../dist/cli/verify/claim.js";
import { claimsOfFile } from "../dist/cli/verify/source.js";
import { createOracle } from "../dist/pipeline/activation.js";
import { createProver } from "../dist/symbolic/prove/prove.js";
import { arraysFile } from "./sources/arrays.mjs";
import { javascriptFile } from "./sources/javascript.mjs";
import { POINTS, mistake } from "./sources/judge.mjs";
import { numbersFile } from "./sources/numbers.mjs";
import { createRandom } from "./sources/random.mjs";
import { torchFile } from "./sources/torch.mjs";

const { values: options } = parseArgs({
  options: {
    files: { type: "string", default: "2000" },
    seed: { type: "string" },
    language: { type: "string" },
    show: { type: "boolean", default: false },
  },
});
const seed = options.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(options.seed);
const path = (name) => fileURLToPath(new URL(`./sources/${name}`, import.meta.url));
const python = process.env.NONLIN_PYTHON;

const LANGUAGES = {
  javascript: { write: javascriptFile, command: [process.execPath, path("run-javascript.mjs")] },
  arrays: { write: arraysFile, command: [process.execPath, path("run-javascript.mjs")] },
  ...(python !== undefined && {
    torch: { write: torchFile, command: [python, path("run_torch.py")] },
    numbers: { write: numbersFile, command: [python, path("run_numbers.py")] },
  }),
};

/** A process that answers each line with a line; it is started again where it dies or does not answer. */
function runnerOf([command, ...args]) {
  let child;
  let lines;
  const start = () => {
    child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
    child.stdin.on("error", () => undefined);
    lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  };
  const ask = async (question) => {
    if (child === undefined) start();
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const late = new Promise((resolve) => setTimeout(() => resolve({ done: true }), 60_000).unref());
    const { value, done } = await Promise.race([lines.next(), late]);
    if (done !== true) return JSON.parse(value);
    child.kill("SIGKILL");
    child = undefined;
    return { error: "no answer" };
  };
  return { ask, stop: () => child?.kill() };
}

/** The input of a witness, with the value of its parameter where that can be given; nothing where it cannot. */
function witnessOf({ x, parameters: { k, dy } }, calls) {
  if (dy !== undefined) return { x, dy };
  if (k === undefined) return x;
  return calls?.every((call) => call.includes("k")) ? { x, k } : undefined;
}

const SLOW = 5000;
const folder = mkdtempSync(join(tmpdir(), "nonlin-sources-"));
const prover = createProver(await createOracle());

async function run(name, { write, command }, count) {
  const random = createRandom(seed + name.length);
  const runner = runnerOf(command);
  const tally = { files: 0, broken: 0, proved: 0, "equal-except": 0, refuted: 0, unknown: 0, unreadable: 0, hangs: 0 };
  const mistakes = [];
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const { name: file, text, calls } = write(random);
    const target = join(folder, file);
    writeFileSync(target, text);
    const begun = performance.now();
    const { claims, problems } = await claimsOfFile(target);
    const claim = claims.find(({ label }) => label.by === undefined || label.by === "x");
    const said = claim === undefined ? undefined : await answer(claim, prover);
    const verdict = said?.proof;
    // A derivative that is right as one of the output is given that.
    const ofOutput = said?.claim.label.of === "output";
    const time = performance.now() - begun;
    longest = Math.max(longest, time);
    if (time > SLOW) tally.hangs += 1;
    tally.files += 1;
    tally[verdict?.verdict ?? "unreadable"] += 1;
    if (options.show) for (const { diagnostic } of problems) console.log(`  ${diagnostic.message}`);
    const isDecided = verdict !== undefined && verdict.verdict !== "unknown";
    if (!isDecided) continue;
    const witness = verdict.verdict === "refuted" ? witnessOf(verdict.witness, calls) : undefined;
    const points = witness === undefined ? POINTS : [...POINTS, witness];
    const answered = await runner.ask({ name: file, text, points, calls, ofOutput });
    if (answered.error !== undefined) {
      tally.broken += 1;
      if (options.show) console.log(`  broken: ${answered.error}`);
      continue;
    }
    const found = mistake(verdict, answered.points.slice(0, POINTS.length), answered.points[POINTS.length]);
    if (found !== undefined) mistakes.push({ language: name, ...found, verdict, text });
  }
  runner.stop();
  return { tally, mistakes, longest };
}

const counts = Number(options.files);
const names = Object.keys(LANGUAGES).filter((name) => options.language === undefined || options.language === name);
const report = { seed };
let isWrong = false;
for (const name of names) {
  const { tally, mistakes, longest } = await run(name, LANGUAGES[name], Math.ceil(counts / names.length));
  const kinds = Object.fromEntries(
    ["false proof", "false refutation", "wrong points"].map((kind) => [
      kind,
      mistakes.filter((each) => each.kind === kind).length,
    ]),
  );
  report[name] = { ...tally, ...kinds, longest: Math.round(longest) };
  isWrong ||= mistakes.length > 0 || tally.hangs > 0;
  for (const { kind, at, verdict, text } of mistakes.slice(0, 10))
    console.log(`${kind}: ${JSON.stringify(verdict).slice(0, 300)} at ${JSON.stringify(at)}\n${text}`);
  console.log(
    `${name}: ${Object.entries(report[name])
      .map(([key, value]) => `${value} ${key}`)
      .join(", ")}`,
  );
}
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify(report));
process.exitCode = isWrong ? 1 : 0;
