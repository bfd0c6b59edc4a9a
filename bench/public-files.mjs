// `node bench/public-files.mjs --checkouts DIR [--execute] [--write]`: what `nonlin verify` says of the public files in
// bench/public-files.json, of which DIR holds checkouts as DIR/owner/name. With --execute what is decided is also run, by
// bench/public-files.py ($PYTHON: NumPy, PyTorch, JAX) and in Node; with --write the verdicts are kept.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createContext, runInContext } from "node:vm";

const { values } = parseArgs({
  options: { checkouts: { type: "string" }, execute: { type: "boolean" }, write: { type: "boolean" } },
});
const RECORD = new URL("public-files.json", import.meta.url);
const rows = JSON.parse(readFileSync(RECORD, "utf8"));
const pathOf = ({ repository, path }) => join(values.checkouts, repository, path);
const present = rows.filter((row) => existsSync(pathOf(row)));

/** Subjects that are no elementwise functions, by why they are refused, and names that say what is elementwise. */
const OTHERS =
  /mixes elements|matrix product|moves elements|is random|decides by the values|no class and no function|known when it runs: nothing|several values/;
const ELEMENTWISE =
  /sigm|tanh|relu|elu\b|elu_|elu[A-Z.]|gelu|silu|swish|mish|softplus|softsign|trunc_?exp|spik|surrogate|heavi|sign\b|ste\b|straight|binar|glu|logistic|activ|square|gauss|atan|\bexp|sin\b|cos\b|clip|clamp/i;
const NAMED_OTHERWISE = /softmax|attention|norm|loss|layer_|pool|conv|lora|quantizer|dense|linear|dropout|topk|fft/i;

/** What is said of files, whatever the exit code is. */
const verdictsOn = (files) => {
  const program = fileURLToPath(new URL("../bin/nonlin.mjs", import.meta.url));
  const args = [program, "verify", "--json", "--allow-unknown", ...files];
  return JSON.parse(spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 1 << 28 }).stdout);
};
const { claims, problems } = verdictsOn(present.map(pathOf));

const countOf = (list) => {
  const counts = {};
  for (const each of list) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
};
for (const row of present) {
  const file = pathOf(row);
  row.verdicts = countOf(claims.filter((claim) => claim.file === file).map(({ verdict }) => verdict));
  const refused = problems.filter((problem) => problem.file === file);
  const isElementwise = ({ function: name, message }) =>
    ELEMENTWISE.test(name ?? "") && !NAMED_OTHERWISE.test(name) && !OTHERS.test(message);
  const said = (list) => countOf(list.map(({ function: name, message }) => `${name}: ${message}`));
  row.unread = said(refused.filter(isElementwise));
  row.others = Object.keys(said(refused.filter((each) => !isElementwise(each)))).length;
  if (claims.every((claim) => claim.file !== file) && refused.length === 0) row.unread = { "": "no pair is found" };
}

const read = claims.length;
const unread = present.reduce((sum, row) => sum + Object.keys(row.unread).length, 0);
console.log(`${present.length} files of ${new Set(present.map(({ repository }) => repository)).size} repositories`);
console.log("decided", read, countOf(claims.map(({ verdict }) => verdict)));
console.log(`elementwise and not read ${unread}, so that ${((100 * read) / (read + unread)).toFixed(1)} % are read`);
console.log(`not elementwise, and refused ${present.reduce((sum, { others }) => sum + others, 0)}`);

/** Node's own answer: the derivative by differences of the function, at a few hundred points. */
async function executed(claim) {
  const { default: typescript } = await import("typescript");
  const { outputText } = typescript.transpileModule(
    readFileSync(claim.file, "utf8").replace(/^export default /gm, "exports.default = "),
    {
      compilerOptions: { module: typescript.ModuleKind.CommonJS, target: "ES2022" },
    },
  );
  const anything = new Proxy(function () {}, {
    get: (_, name) => (name === Symbol.toPrimitive ? () => 0 : anything),
    apply: () => anything,
    construct: () => anything,
  });
  const module = { exports: {} };
  const context = createContext({
    module,
    exports: module.exports,
    require: () => anything,
    console: { log() {} },
    Math,
    window: {},
    Float32Array,
    Array,
  });
  const names = claim.function.split(".");
  try {
    runInContext(`${outputText}\n;globalThis.__of = (text) => eval(text);`, context, { timeout: 5000 });
  } catch (error) {
    return `not run: ${error.message}`;
  }
  const valueOf = (path) => {
    for (const text of [
      path,
      `module.exports.${path}`,
      `new ${path.replace(/\.(\w+)$/, "().$1")}`,
      `exports.default.${path}`,
    ])
      try {
        const found = context.__of(`((o) => typeof o === "function" ? o : undefined)(${text})`);
        const self = text.includes(".") ? context.__of(text.replace(/\.\w+$/, "")) : undefined;
        if (found !== undefined) return found.bind(self);
      } catch {
        // Another way to name it.
      }
    return undefined;
  };
  const f = valueOf(names.join("."));
  const [derivative, flag] = claim.derivative.split(" with ");
  const df = valueOf(derivative);
  if (f === undefined || df === undefined || f.length > 2 || (claim.with ?? []).length > 0)
    return "not run: its names or arguments";
  const isOfTwo = flag === undefined && f.length === 2;
  const rest = isOfTwo ? [0.75] : flag === undefined ? [] : [false];
  const at = (x) => f(x, ...rest);
  const slope = (x) => (at(x + 1e-6) - at(x - 1e-6)) / 2e-6;
  const points = Array.from({ length: 400 }, (_, i) => -3 + (i * 6.01) / 400 + 0.00123);
  if (claim.witness !== undefined) points.push(claim.witness.x);
  /** At how many points the derivative is wrong, as one of the input or of the output. */
  const wrong = [(x) => x, at].map((argument) =>
    points.filter((x) => {
      const given = df(argument(x), ...(flag === undefined ? rest : [true]), ...(df.length > f.length ? [1] : []));
      return !(Math.abs(slope(x) - given) < 1e-4 * (1 + Math.abs(slope(x))));
    }).length,
  );
  const isRight = Math.min(...wrong) < points.length / 50;
  if (claim.verdict === "refuted") return wrong.every((count) => count > 0) ? "agrees" : "contradicts";
  return isRight ? "agrees" : `contradicts at ${wrong[0]} points`;
}

if (values.execute) {
  const [python, node] = [
    claims.filter(({ file }) => file.endsWith(".py")),
    claims.filter(({ file }) => !file.endsWith(".py")),
  ];
  const answers = execFileSync(
    process.env.PYTHON ?? "python3",
    [fileURLToPath(new URL("public-files.py", import.meta.url))],
    {
      input: python.map((claim) => `${JSON.stringify(claim)}\n`).join(""),
      encoding: "utf8",
      maxBuffer: 1 << 26,
      stdio: ["pipe", "pipe", "ignore"],
    },
  );
  const lines = answers.split("\n").filter((line) => /^(?:agrees|contradicts|not run)/.test(line));
  const results = [...python.map((claim, i) => [claim, lines[i]])];
  for (const claim of node)
    try {
      results.push([claim, await executed(claim)]);
    } catch (error) {
      results.push([claim, `not run: ${error.message}`]);
    }
  console.log("executed", countOf(results.map(([, answer]) => answer.split(/[: ]/)[0])));
  for (const [claim, answer] of results)
    if (answer.startsWith("contradicts"))
      console.log(claim.file.slice(values.checkouts.length), claim.function, claim.verdict, answer);
  for (const row of present)
    row.executed = results.filter(([{ file }, answer]) => file === pathOf(row) && answer === "agrees").length;
}
if (values.write) writeFileSync(RECORD, `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`);
