/** What runs in the page: every library, asked the same and timed in turns. */
import { uniform } from "../../measure.mjs";
import * as jax from "./jax.mjs";
import * as nonlin from "./nonlin.mjs";
import * as ort from "./ort.mjs";
import * as tfjs from "./tfjs.mjs";

const LIBRARIES = { nonlin, tfjs, "jax-js": jax, "ORT-web": ort };
const opened = new Map();

async function libraryOf(name) {
  if (!opened.has(name)) opened.set(name, await LIBRARIES[name].open());
  return opened.get(name);
}

/** Each answer as numbers, or the reason why there is none. */
export async function answer({ library, kind, id, numbers }) {
  try {
    const found = await libraryOf(library);
    if (found[kind] === undefined) return { reason: "it has no gradients" };
    return { numbers: [...(await found[kind](id, Float32Array.from(numbers)))] };
  } catch (error) {
    return { reason: String(error?.message ?? error).split("\n")[0] };
  }
}

/** Milliseconds of each round of each task and library, with reading back; the first result of each is compared. */
export async function times({ size, rows, columns, dense, rounds }) {
  const data = {
    gelu: uniform(size, 4, 1),
    softmax: { data: uniform(rows * columns, 4, 2), rows, columns },
    dense: {
      ...dense,
      x: uniform(dense.rows * dense.inputs, 1, 3),
      weight: uniform(dense.outputs * dense.inputs, 1 / 32, 4),
      bias: uniform(dense.outputs, 1, 5),
    },
  };
  const results = { gelu: {}, softmax: {}, dense: {} };
  const tasks = {};
  for (const name of Object.keys(LIBRARIES)) {
    try {
      tasks[name] = await (await libraryOf(name)).timed(data);
    } catch (error) {
      for (const task of Object.values(results))
        task[name] = { reason: String(error?.message ?? error).split("\n")[0] };
    }
  }
  for (const [task, result] of Object.entries(results)) {
    let first;
    for (const name of Object.keys(tasks)) {
      const values = await tasks[name][task]();
      first ??= values;
      const distance = values.reduce((most, value, i) => Math.max(most, Math.abs(value - first[i])), 0);
      if (!(distance < 1e-3) || values.length !== first.length) result[name] = { reason: `off by ${distance}` };
      else result[name] = { times: [], distance };
    }
    for (let round = 0; round < rounds; round++)
      for (const name of Object.keys(tasks)) {
        if (result[name].times === undefined) continue;
        const start = performance.now();
        await tasks[name][task]();
        result[name].times.push(performance.now() - start);
      }
  }
  return results;
}
