// Writes the tables of docs/ from generated/accuracy.json, generated/proofs.json, bench/sweep.json,
// bench/rivals.json, bench/python-accuracy.md and nonlin compare; --check only compares.
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const accuracy = JSON.parse(read("generated/accuracy.json"));
const proofs = JSON.parse(read("generated/proofs.json"));
const sweep = JSON.parse(read("bench/sweep.json"));
const rivals = JSON.parse(read("bench/rivals.json"));

const shown = (value) =>
  typeof value === "string" ? value : value === 0 ? "0" : value < 10 ? value.toFixed(2) : value.toPrecision(3);
const row = (cells) => `| ${cells.join(" | ")} |`;
const table = (head, rows) => [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

function comparison(kind, loop) {
  const names = Object.keys(rivals.versions);
  const rows = Object.entries(rivals[kind]).map(([id, values]) => [
    `\`${id}\``,
    `**${shown(sweep.results[id][loop].ulp)}**`,
    ...values.map(shown),
  ]);
  return table([kind, "nonlin", ...names], rows);
}

function catalogue() {
  const rows = Object.entries(accuracy).map(([id, { js }]) => [
    `\`${id}\``,
    ...["value", "derivative", "secondDerivative", "forward", "backward"].map((name) => {
      const { ulp, nearZeros } = js[name];
      const text = ulp > 1e6 ? `lost, see below` : shown(ulp);
      return nearZeros === undefined ? text : `${text}, ${nearZeros.absolute.toExponential(0)} near zeros`;
    }),
    js.saves,
  ]);
  return table(["id", "value", "derivative", "second derivative", "forward", "backward", "backward keeps"], rows);
}

const isOfGraph = (name) => name.startsWith("gradient of ");

/** The layers and row-wise activations by the sizes at which all their gradients are proved. */
function gradientVerdicts() {
  const bySizes = new Map();
  for (const [id, { js }] of Object.entries(proofs)) {
    const gradients = Object.entries(js).filter(([name]) => isOfGraph(name));
    if (gradients.length === 0) continue;
    const sizes = Object.keys(gradients[0][1]);
    const isProved = (size) => gradients.every(([, verdicts]) => verdicts[size] === "proved");
    const proved = sizes.filter(isProved).join(", ") || "none";
    bySizes.set(proved, [...(bySizes.get(proved) ?? []), `\`${id}\``]);
  }
  return table(
    ["sizes at which all gradients are proved", "layers and row-wise activations"],
    [...bySizes].map(([sizes, ids]) => [sizes, ids.join(", ")]),
  );
}

/** How many forms of the catalogue got which verdict, and how many approximating steps are certified. */
function verdicts() {
  const kinds = {
    value: "value",
    derivative: "derivative",
    secondDerivative: "second derivative",
    forward: "loop `forward`",
    backward: "loop `backward`",
    by: "derivative by a parameter",
  };
  const names = ["proved", "equal-except", "refuted", "unknown"];
  const all = Object.values(proofs).flatMap(({ js }) => Object.entries(js).filter(([name]) => !isOfGraph(name)));
  const rows = Object.entries(kinds).map(([kind, title]) => {
    const found = all.filter(([name]) => name.split(" ")[0] === kind).map(([, proof]) => proof);
    const steps = found.flatMap(({ approximations }) => approximations);
    return [
      title,
      ...names.map((name) => found.filter(({ verdict }) => verdict === name).length),
      `${steps.filter(({ certified }) => certified).length} of ${steps.length}`,
    ];
  });
  return table(["form", ...names, "approximating steps certified"], rows);
}

/** PyTorch's columns of the Python tables, for activations of which something is off by more than this. */
function python(most = 4) {
  const cells = new Map();
  for (const line of read("bench/python-accuracy.md").split("\n")) {
    const [id, emitted, compiled, own] = line.split("|").slice(1);
    if (own !== undefined && /^\w+$/.test(id) && id !== "activation")
      cells.set(id, [...(cells.get(id) ?? []), [emitted, compiled, own]]);
  }
  const value = (text) => (text === "-" ? "-" : Number.parseFloat(text) > 1e6 || / N/.test(text) ? "lost" : text);
  const isFar = (text) => text === "lost" || Number.parseFloat(text) > most;
  // What is compiled has no double backward.
  const rows = [...cells]
    .map(([id, [forward, backward, [emitted, , own]]]) => [id, ...[...forward, ...backward, emitted, own].map(value)])
    .filter(([, ...texts]) => texts.some(isFar))
    .map(([id, ...texts]) => [`\`${id}\``, ...texts]);
  const three = (name) => [name, `${name}, compiled`, `${name}, PyTorch's own`];
  const heads = ["id", ...["forward", "backward"].flatMap(three), "double backward", "double backward, PyTorch's own"];
  return table(heads, rows);
}

const compare = () =>
  execFileSync(process.execPath, [fileURLToPath(new URL("dist/cli/main.js", root)), "compare", "--all", "--markdown"], {
    encoding: "utf8",
  }).trim();

/** The tables of each page, by the names that stand before them. */
const pages = {
  "docs/frameworks.md": { frameworks: compare() },
  "docs/python.md": { "python accuracy": python() },
  "docs/proving.md": { verdicts: verdicts(), "gradients of layers": gradientVerdicts() },
  "docs/accuracy.md": {
    "value comparison": comparison("value", "forward"),
    "derivative comparison": comparison("derivative", "backward"),
    catalogue: catalogue(),
  },
};

for (const [page, tables] of Object.entries(pages)) {
  const before = read(page);
  let after = before;
  for (const [name, text] of Object.entries(tables)) {
    const pattern = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!pattern.test(after)) throw new Error(`${page} has no place for the table "${name}"`);
    after = after.replace(pattern, (_, open, close) => `${open}${text}\n${close}`);
  }
  if (after === before) continue;
  if (process.argv.includes("--check")) {
    console.error(`${page} does not show the generated figures: run node scripts/document-tables.mjs`);
    process.exitCode = 1;
  } else {
    const temporary = new URL(`${page}.${process.pid}.tmp`, root);
    writeFileSync(temporary, after);
    renameSync(temporary, new URL(page, root));
  }
}
