/** Steps of kernels written by hand: draws, every reduction, and names that clash. */
import { describe, expect, it } from "vitest";
import { add, div, mul, parameter, sqrt, sub } from "../src/ir/build.js";
import { axis, input } from "../src/ir/graph/build.js";
import { scalarParameter } from "../src/ir/graph/definition.js";
import { element, modulo, plus, position, times } from "../src/ir/graph/integer.js";
import { uniform } from "../src/ir/graph/random.js";
import { REDUCTIONS, type ReductionName } from "../src/ir/graph/reductions.js";
import type { Block, ElementOf } from "../src/ir/kernel.js";
import { Accesses, at, buffer, close, emitted, functionOf, kernel, numbers, planOf } from "./helpers/hand-kernels.js";

const rows = axis("rows");
const columns = axis("columns");
const each = (...axes: Block["axis"][]): Block[] => axes.map((one) => ({ axis: one, elements: 1, along: [] }));
it("folds twice and normalises, with what does not vary before the loop", async () => {
  const x = buffer("input", "x", [rows, columns]);
  const y = buffer("output", "y", [rows, columns]);
  const [sum, squares] = [buffer("tile", "sum", []), buffer("tile", "squares", [])];
  const accesses = new Accesses();
  const [value, s, q] = [accesses.load(at(x)), accesses.load(at(sum)), accesses.load(at(squares))];
  const count = accesses.integer(columns.size);
  const epsilon = parameter("epsilon", [0, 1]);
  const mean = div(s, count);
  const one = kernel(
    [
      { kind: "fold", axes: [], over: [columns], folds: [{ how: "sum", value, to: at(sum), accumulate: false }] },
      {
        kind: "fold",
        axes: [],
        over: [columns],
        folds: [{ how: "sum", value: mul(sub(value, mean), sub(value, mean)), to: at(squares), accumulate: false }],
      },
      {
        kind: "store",
        axes: [columns],
        stores: [{ value: div(sub(value, mean), sqrt(add(div(q, count), epsilon))), to: at(y), accumulate: false }],
      },
    ],
    accesses,
    { blocks: each(rows), tiles: [sum, squares] },
  );
  const sizes = { rows: {}, columns: {} };
  const parameters = [scalarParameter(epsilon, 0.001)];
  const module = await emitted(planOf({ sizes, parameters }, [functionOf("forward", [x], [y], [one])]));
  const data = numbers(12);
  const wanted = [...data].map((v, i) => {
    const row = [...data.slice(4 * Math.floor(i / 4), 4 * Math.floor(i / 4) + 4)];
    const m = row.reduce((a, b) => a + b) / 4;
    return (v - m) / Math.sqrt(row.reduce((a, b) => a + (b - m) ** 2, 0) / 4 + 0.001);
  });
  close(module.forward(data, undefined, { rows: 3, columns: 4 }), wanted);
  expect(() => module.forward(data, undefined, { rows: 3, columns: 4, epsilon: 2 })).toThrow(
    "epsilon must be in [0, 1], got 2",
  );
  // One division and one root for each row.
  const inner = module.text.slice(module.text.lastIndexOf("for (let column"), module.text.indexOf("return y;"));
  expect(inner).not.toMatch(/Math\.sqrt|sum \/ columns/);
});

it("draws the numbers of the specification", async () => {
  const size = axis("size");
  const x = buffer("input", "x", [size]);
  const y = buffer("output", "y", [size]);
  const accesses = new Accesses();
  const value = add(accesses.load(at(x)), accesses.random(3, plus(times(2, position(size)), 1)));
  const one = kernel([{ kind: "store", axes: [size], stores: [{ value, to: at(y), accumulate: false }] }], accesses);
  const plan = planOf({ sizes: { size: {} } }, [functionOf("forward", [x], [y], [one])], { draws: true });
  const module = await emitted(plan);
  const call = (settings: object): Float32Array =>
    module.forward(new Float32Array(50), undefined, { size: 50, ...settings });
  for (const [seed, counter] of [
    [0, 0],
    [7, 2 ** 32 - 1],
    [2 ** 32 - 1, 5],
  ] as const)
    expect([...call({ seed, counter })]).toEqual(
      Array.from({ length: 50 }, (_, i) => uniform(seed, counter, 3, 2 * i + 1)),
    );
  expect(call({})).toEqual(call({ seed: 0, counter: 0 }));
  expect(() => call({ seed: -1 })).toThrow("seed must be a whole number in [0, 4294967295], got -1");
  expect(() => call({ counter: 0.5 })).toThrow("counter must be");
});

describe("reductions", async () => {
  const names = ["sum", "max", "argmax", "threshold"] as const satisfies readonly ReductionName[];
  const x = buffer("input", "x", [rows, columns]);
  const outputs = names.map((name) =>
    buffer("output", name, [rows], name === "argmax" ? { type: "int32" } : { type: "float32" }),
  );
  const accesses = new Accesses();
  const value = accesses.load(at(x));
  const one = kernel(
    [
      {
        kind: "fold",
        axes: [rows],
        over: [columns],
        folds: names.map((how, i) => ({ how, value, to: at(outputs[i]!), accumulate: false })),
      },
    ],
    accesses,
  );
  const module = await emitted(
    planOf({ sizes: { rows: {}, columns: {} } }, [functionOf("forward", [x], outputs, [one])]),
  );

  it.each([
    ["numbers", [3, 1, 3, -2, 0.5]],
    ["close numbers", [0.3, 0.2, 0.25, 0.31, 0.3]],
    ["NaN first", [NaN, 1, 2, 0, 0]],
    ["NaN later", [1, 5, NaN, 9, NaN]],
    ["nothing but -Infinity", Array<number>(5).fill(-Infinity)],
    ["an infinity", [1, Infinity, 0, Infinity, 2]],
  ])("of %s", (_, row) => {
    const result: Record<string, ArrayLike<number>> = module.forward(
      { x: Float32Array.from([...row, ...row]) },
      {},
      {
        rows: 2,
        columns: 5,
      },
    );
    for (const name of names) {
      const wanted = REDUCTIONS[name].evaluate(Float64Array.from(Float32Array.from(row)));
      for (const got of Array.from(result[name]!)) expect(got, name).toBe(Math.fround(wanted));
    }
  });

  it("can be left out one by one", () => {
    const given = { sum: null, argmax: null };
    const result: Record<string, unknown> = module.forward({ x: numbers(6) }, given, { rows: 2, columns: 3 });
    expect(result["sum"]).toBe(null);
    expect(result["max"]).toBeInstanceOf(Float32Array);
  });
});

it("checks places, and gathers at them", async () => {
  const classes = axis("classes");
  const target = input("target", [rows], { type: "int32" });
  const index = buffer("input", "target", [rows], { type: "int32" });
  const x = buffer("input", "x", [rows, classes]);
  const y = buffer("output", "y", [rows]);
  const accesses = new Accesses();
  const place = element(target);
  const load: ElementOf = { ...at(x, [position(rows), place]), guards: [{ place, size: classes.size }] };
  const one = kernel(
    [{ kind: "store", axes: [rows], stores: [{ value: accesses.load(load), to: at(y), accumulate: false }] }],
    accesses,
  );
  const ignore = parameter("ignore");
  const module = await emitted(
    planOf(
      {
        sizes: { rows: {}, classes: {} },
        parameters: [scalarParameter(ignore, -100)],
        indices: [{ tensor: "target", size: classes.size, except: "ignore" }],
      },
      [functionOf("forward", [x, index], [y], [one])],
    ),
  );
  const call = (...places: number[]): { y: Float32Array } =>
    module.forward(
      { x: Float32Array.of(1, 2, 3, 4, 5, 6), target: Int32Array.from(places) },
      {},
      { rows: 2, classes: 3 },
    );
  expect([...call(2, 0).y]).toEqual([3, 4]);
  expect([...call(-100, 1).y]).toEqual([0, 5]);
  expect(() => call(1, 3)).toThrow('"target" has 3 at 1; it must be in [0, 2] or -100');
  expect(() => call(-1, 0)).toThrow('"target" has -1 at 0');
});

it("multiplies along axes that are not one dimension, and without terms", async () => {
  // y[rows, columns] = sum over outer and inner of a[inner, rows, outer] · b[columns, outer, inner].
  const [outer, inner] = [axis("outer"), axis("inner")];
  const a = buffer("input", "a", [inner, rows, outer]);
  const b = buffer("input", "b", [columns, outer, inner]);
  const y = buffer("output", "y", [rows, columns]);
  const one = kernel(
    [
      {
        kind: "contract",
        outer: [],
        rows: [rows],
        columns: [columns],
        inner: [outer, inner],
        to: at(y),
        left: at(a),
        right: at(b),
        accumulate: false,
      },
    ],
    new Accesses(),
  );
  const sizes = { rows: {}, columns: {}, outer: {}, inner: {} };
  const module = await emitted(planOf({ sizes }, [functionOf("forward", [a, b], [y], [one])]));
  for (const [r, c, o, n] of [
    [4, 3, 2, 5],
    [1, 1, 1, 1],
    [2, 2, 0, 3],
  ] as const) {
    const [left, right] = [numbers(n * r * o), numbers(c * o * n, 2)];
    const wanted = new Float64Array(r * c);
    for (let i = 0; i < r; i++)
      for (let j = 0; j < c; j++)
        for (let k = 0; k < o; k++)
          for (let l = 0; l < n; l++) wanted[i * c + j]! += left[(l * r + i) * o + k]! * right[(j * o + k) * n + l]!;
    const given = { y: new Float32Array(r * c).fill(7) };
    module.forward({ a: left, b: right }, given, { rows: r, columns: c, outer: o, inner: n });
    close(given.y, wanted);
  }
});

it("keeps names of users apart from its own", async () => {
  // A tensor called as a helper, sizes called as keywords, locals and globals, and a parameter called as a loop variable.
  const [words, places] = [axis("class"), axis("row")];
  const x = buffer("input", "contract", [words, places]);
  const y = buffer("output", "t", [places, words]);
  const accesses = new Accesses();
  const scale = parameter("classIndex");
  const value = mul(mul(accesses.load(at(x)), scale), accesses.integer(modulo(position(places), "Math")));
  const one = kernel(
    [{ kind: "store", axes: [words, places], stores: [{ value, to: at(y), accumulate: false }] }],
    accesses,
  );
  const plan = planOf(
    { sizes: { class: {}, row: {}, Math: { default: 2, least: 1 } }, parameters: [scalarParameter(scale, 3)] },
    [functionOf("forward", [x], [y], [one])],
  );
  const module = await emitted(plan);
  const { t }: { t: Float32Array } = module.forward(
    { contract: Float32Array.of(1, 2, 3, 4) },
    {},
    { class: 2, row: 2 },
  );
  expect([...t]).toEqual([0, 0, 6, 12]);
});
