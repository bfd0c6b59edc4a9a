/** The committed rows: what was found of which code, as JSON and as a table. */
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { codeHash, DIRECTIONS } from "./code-hash.mjs";

const recordOf = (target, name) => ({
  target,
  modules: new URL(`../../generated/${target}/`, import.meta.url),
  results: new URL(`../${name}.json`, import.meta.url),
  table: new URL(`../${name}.md`, import.meta.url),
});
/** Where the modules of each target are, and what was found of them. */
export const RECORDS = { js: recordOf("js", "loops-exhaustive"), wasm: recordOf("wasm", "loops-exhaustive-wasm") };

/** Every loop over numbers: each module with a derivative of a number, forward and backward, and the hash of its code. */
export function subjects({ modules }) {
  const names = readdirSync(modules).filter((name) => name.endsWith(".js"));
  return names.flatMap((name) => {
    const text = readFileSync(new URL(name, modules), "utf8");
    if (!text.includes("export function derivative(")) return [];
    return DIRECTIONS.map((direction) => ({ id: name.slice(0, -3), direction, code: codeHash(text, direction) }));
  });
}

export const readRows = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {});

export const isCurrent = (rows, { id, direction, code }) => rows[id]?.[direction]?.code === code;

/** The row of a sweep over all patterns. */
export function rowOf(code, { nan, infinities, numbersForNaN, misrounded, ulp, at, nearZeros, absolute }) {
  const isNearest = misrounded + nearZeros === 0;
  return {
    code,
    nan,
    infinities,
    numbersForNaN,
    misrounded,
    // Where nothing is misrounded the sweep looks no closer.
    ...(isNearest ? { ulp: 0.5 } : { ulp: Math.max(0.5, Number(ulp.toFixed(6))), at }),
    ...(nearZeros > 0 && { nearZeros, absolute: Number(absolute.toPrecision(3)) }),
  };
}

export function writeRows(rows, record, file = record.results) {
  replace(file, `${JSON.stringify(rows, undefined, 1)}\n`);
  if (file === record.results) replace(record.table, tableText(rows, record));
}

function replace(file, text) {
  const temporary = new URL(`${file.href}.${process.pid}.tmp`);
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

export function tableText(rows, record) {
  const cells = ({ id, direction }) => {
    const row = rows[id]?.[direction];
    if (row === undefined) return [id, direction, "not run", "", "", "", ""];
    const { nan, infinities, misrounded, ulp, at, nearZeros, absolute } = row;
    const near = nearZeros === undefined ? "" : `${nearZeros}, within ${absolute.toExponential(1)}`;
    return [
      id,
      direction,
      nan + row.numbersForNaN,
      infinities,
      misrounded,
      at === undefined ? ulp : `${ulp} at ${at}`,
      near,
    ];
  };
  const lines = [
    ["id", "loop", "wrong NaN", "wrong infinities", "misrounded", "largest error, ULP", "misrounded near zeros"],
    ["---", "---", "--:", "--:", "--:", "---", "---"],
    ...subjects(record).map(cells),
  ];
  return [
    "# Every loop over every float32 number",
    "",
    `\`node bench/loops-exhaustive.mjs${record.target === "js" ? "" : ` --target ${record.target}`}\` runs \`forward\` and \`backward\` of each activation in \`generated/${record.target}\`, at the default`,
    "parameters, over all 2^32 patterns of float32 and compares them with the module's own `value` and `derivative` in",
    "float64, which are within a few ULP of float64. *Misrounded* are results that are not the float32 nearest to these.",
    "Near a zero of a function (below 0.1, with another sign a tenth away) ULP mean nothing: there the error is absolute.",
    "",
    ...lines.map((line) => `| ${line.join(" | ")} |`),
    "",
  ].join("\n");
}
