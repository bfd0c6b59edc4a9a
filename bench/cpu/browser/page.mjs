/** What runs in the page: every library, asked the same and timed in turns. */
import * as jax from "./jax.mjs";
import * as litert from "./litert.mjs";
import * as nonlin from "./nonlin.mjs";
import * as ort from "./ort.mjs";
import * as plain from "./plain.mjs";
import { subjectOf } from "./subjects.mjs";
import * as tfjs from "./tfjs.mjs";

const LIBRARIES = {
  wasm: nonlin.open("wasm", "relaxed"),
  "wasm, plain SIMD": nonlin.open("wasm", "plain"),
  js: nonlin.open("js", ""),
  LiteRT: litert.open,
  ORT: ort.open,
  tfjs: tfjs.open,
  "jax-js": jax.open,
  loop: plain.open,
};
const opened = new Map();

async function libraryOf(name) {
  if (!opened.has(name)) opened.set(name, await LIBRARIES[name]());
  return opened.get(name);
}

/** Calls of a measurement take about so many milliseconds together. */
const MOMENT = 10;
/** Measurements before the first that counts: V8 compiles again what is called often. */
const WARM_UPS = 3;

/** What each library gives for a subject, and why one gives nothing. */
async function prepared(subject) {
  const found = {};
  for (const name of Object.keys(LIBRARIES))
    try {
      found[name] = await (await libraryOf(name)).prepare(subject);
    } catch (error) {
      console.error(`${name}, ${subject.id}: ${error?.stack ?? error}`);
      found[name] = { reason: String(error?.message ?? error).split("\n")[0] };
    }
  return found;
}

const dispose = (found) => Promise.all(Object.values(found).map((each) => each.dispose?.()));

/** Results of a subject, of each library that has them: values, and gradients at slopes of 1. */
export async function answers(question) {
  const found = await prepared(subjectOf(question));
  const results = {};
  for (const [name, each] of Object.entries(found))
    for (const kind of ["copied", "gradient"])
      try {
        const values = await each[kind]?.();
        if (values !== undefined) (results[name] ??= {})[kind] = [...values];
      } catch (error) {
        console.error(`${name}, ${question.id}, ${kind}: ${error}`);
      }
  await dispose(found);
  return results;
}

async function timeOf(run, calls) {
  const start = performance.now();
  for (let i = 0; i < calls; i++) await run();
  return performance.now() - start;
}

/** How often a candidate is called in a round; it is warm then. Undefined where it fails. */
async function callsOf(name, run) {
  try {
    let calls = 1;
    for (let round = 0; round <= WARM_UPS; round++) {
      const time = await timeOf(run, calls);
      calls = Math.max(1, Math.round((calls * MOMENT) / Math.max(time, 0.05)));
    }
    return calls;
  } catch (error) {
    console.error(`${name}: ${error}`);
    return undefined;
  }
}

/** Milliseconds of a call, of each round and library, for each way to call them. */
export async function times({ question, ways, rounds }) {
  const subject = subjectOf(question);
  const found = await prepared(subject);
  const results = {};
  for (const way of ways) {
    const candidates = [];
    for (const [name, each] of Object.entries(found)) {
      const run = each[way];
      const calls = run === undefined ? undefined : await callsOf(name, run);
      if (calls !== undefined) candidates.push({ name, run, calls, list: [] });
    }
    const copy = new Float32Array(subject.data.x.length);
    candidates.push({ name: "copy", run: () => copy.set(subject.data.x), calls: MOMENT * 4, list: [] });
    for (let round = 0; round < rounds; round++)
      for (const { run, calls, list } of candidates) list.push((await timeOf(run, calls)) / calls);
    results[way] = Object.fromEntries(candidates.map(({ name, list }) => [name, list]));
  }
  await dispose(found);
  return results;
}
