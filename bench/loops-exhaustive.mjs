/**
 * `node bench/loops-exhaustive.mjs [--target js|wasm] [--shard i/n] [--threads n] [--out file] [--merge file,...] [ids...]`: the emitted float32
 * loops over all 2^32 patterns. Rows whose code was measured already are kept, so that a run that was stopped goes on. A
 * shard is every n-th loop; `--out` writes elsewhere than to the target's file in bench, and `--merge` takes rows over.
 */
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { RECORDS, isCurrent, readRows, rowOf, subjects, writeRows } from "./exhaustive/rows.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: "string", default: "js" },
    shard: { type: "string", default: "1/1" },
    threads: { type: "string", default: String(availableParallelism()) },
    out: { type: "string" },
    merge: { type: "string", default: "" },
  },
});
const record = RECORDS[options.target];
if (record === undefined) throw new RangeError(`--target is one of ${Object.keys(RECORDS).join(", ")}`);
const [shard, shards] = options.shard.split("/").map(Number);
if (!(Number.isInteger(shard) && shard >= 1 && shard <= shards))
  throw new RangeError("--shard is i/n with i from 1 to n");
const out = options.out === undefined ? record.results : pathToFileURL(options.out);

const all = subjects(record);
const known = [out, ...options.merge.split(",").filter(Boolean).map(pathToFileURL)].map((file) => readRows(file));
const found = new Map();
const keyOf = ({ id, direction }) => `${id} ${direction}`;
for (const subject of all) {
  const rows = known.find((candidate) => isCurrent(candidate, subject));
  if (rows !== undefined) found.set(keyOf(subject), rows[subject.id][subject.direction]);
}

/** Rows in the order of the modules, whatever order they were found in. */
function save() {
  const rows = {};
  for (const { id, direction } of all) {
    const row = found.get(keyOf({ id, direction }));
    if (row !== undefined) rows[id] = { ...rows[id], [direction]: row };
  }
  writeRows(rows, record, out);
}

const isCurrentCode = ({ id, direction, code }) =>
  subjects(record).some((one) => one.id === id && one.direction === direction && one.code === code);

function measure({ id, direction }) {
  return new Promise((resolve, reject) => {
    const module = new URL(`${id}.js`, record.modules).href;
    const worker = new Worker(new URL("exhaustive/worker.mjs", import.meta.url), { workerData: { module, direction } });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const left = all
  .filter(({ id }) => positionals.length === 0 || positionals.includes(id))
  .filter((_, i) => i % shards === shard - 1)
  .filter((subject) => !found.has(keyOf(subject)));
save();
console.log(`${found.size} of ${all.length} loops were measured before, ${left.length} are to be`);

async function work() {
  for (let subject = left.shift(); subject !== undefined; subject = left.shift()) {
    const started = performance.now();
    const before = isCurrentCode(subject);
    const row = rowOf(subject.code, await measure(subject));
    if (!before || !isCurrentCode(subject)) throw new Error(`${subject.id} was generated anew while it was measured`);
    found.set(keyOf(subject), row);
    save();
    const { code, ...counts } = row;
    console.log(
      keyOf(subject).padEnd(30),
      JSON.stringify(counts),
      `${((performance.now() - started) / 1000).toFixed(0)} s`,
    );
  }
}
await Promise.all(Array.from({ length: Number(options.threads) }, work));
