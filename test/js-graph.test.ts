/** Kernels written by hand, emitted as JavaScript and run against plain loops. */
import { describe, expect, it } from "vitest";
import { add, div, exp, mul, sub } from "../src/ir/build.js";
import { axis } from "../src/ir/graph/build.js";
import type { Kernel } from "../src/ir/kernel.js";
import { Accesses, at, buffer, emitted, functionOf, numbers, planOf } from "./helpers/hand-kernels.js";

const rows = axis("rows");
const columns = axis("columns");
const inner = axis("inner");
const inputs = axis("inputs");
const outputs = axis("outputs");

/** The largest difference of two arrays, relative to 1 + the size of the numbers. */
function difference(actual: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(actual.length).toBe(wanted.length);
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [actual[i]!, wanted[i]!];
    if (Object.is(a, b) || (a !== a && b !== b)) continue;
    worst = Math.max(worst, Math.abs(a - b) / (1 + Math.abs(b)) || Infinity);
  }
  return worst;
}

function softmaxPlan() {
  const x = buffer("input", "x", [rows, columns, inner]);
  const y = buffer("output", "y", [rows, columns, inner]);
  const [largest, total] = ["largest", "total"].map((name) => buffer("tile", name, [])) as [
    ReturnType<typeof buffer>,
    ReturnType<typeof buffer>,
  ];
  const accesses = new Accesses();
  const [element, m, s] = [accesses.load(at(x)), accesses.load(at(largest)), accesses.load(at(total))];
  const kernel: Kernel = {
    blocks: [rows, inner].map((one) => ({ axis: one, elements: 1, along: [] })),
    tiles: [largest, total],
    cleared: [],
    accesses,
    steps: [
      {
        kind: "fold",
        axes: [],
        over: [columns],
        folds: [{ how: "max", value: element, to: at(largest), accumulate: false }],
      },
      {
        kind: "fold",
        axes: [],
        over: [columns],
        folds: [{ how: "sum", value: exp(sub(element, m)), to: at(total), accumulate: false }],
      },
      {
        kind: "store",
        axes: [columns],
        stores: [{ value: mul(exp(sub(element, m)), div(1, s)), to: at(y), accumulate: false }],
      },
    ],
  };
  return planOf(
    {
      sizes: { rows: {}, columns: { least: 1 }, inner: { default: 1 } },
      shaped: { rows: "rows", along: "columns", inner: "inner", axis: -1, ranks: [1, 4], parts: 1 },
    },
    [functionOf("forward", [x], [y], [kernel])],
    { saves: ["y"] },
  );
}

function plainSoftmax(x: Float32Array, rowCount: number, columnCount: number, innerCount: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let row = 0; row < rowCount; row++)
    for (let i = 0; i < innerCount; i++) {
      const place = (column: number): number => (row * columnCount + column) * innerCount + i;
      let [m, s] = [-Infinity, 0];
      for (let c = 0; c < columnCount; c++) m = Math.max(m, x[place(c)]!);
      for (let c = 0; c < columnCount; c++) s += Math.exp(x[place(c)]! - m);
      for (let c = 0; c < columnCount; c++) y[place(c)] = Math.exp(x[place(c)]! - m) / s;
    }
  return y;
}

describe("softmax over rows", async () => {
  const module = await emitted(softmaxPlan());
  it.each([
    [1, 1, 1],
    [3, 5, 1],
    [2, 7, 3],
    [0, 4, 2],
  ])("is right for %i x %i x %i", (r, c, i) => {
    const x = numbers(r * c * i);
    const y: Float32Array = module.forward(x, undefined, { rows: r, columns: c, inner: i });
    expect(difference(y, plainSoftmax(x, r, c, i))).toBeLessThan(1e-7);
  });

  it("takes a shape and an axis, and writes where it is told", () => {
    const x = numbers(24);
    const y = new Float32Array(24);
    expect(module.forward(x, y, { shape: [2, 3, 4], axis: -2 })).toBe(y);
    expect(difference(y, plainSoftmax(x, 2, 3, 4))).toBeLessThan(1e-7);
  });

  it("keeps NaN in its row", () => {
    const y: Float32Array = module.forward(Float32Array.of(1, NaN, 2, 0, 0, 0), undefined, { rows: 2, columns: 3 });
    expect([...y.slice(0, 3)]).toEqual([NaN, NaN, NaN]);
    expect(y[3]).toBeCloseTo(1 / 3);
  });

  it("refuses what cannot be, and writes nothing", () => {
    const y = new Float32Array(6).fill(9);
    const x = numbers(6);
    const call =
      (sizes: object, a: unknown = x, b: unknown = y) =>
      () =>
        module.forward(a, b, sizes);
    expect(call({ columns: 3 })).toThrow("rows must be a whole number of at least 0, got undefined");
    expect(call({ rows: 2.5, columns: 3 })).toThrow("got 2.5");
    expect(call({ rows: 2, columns: 0 })).toThrow("columns must be a whole number of at least 1, got 0");
    expect(call({ rows: 2, columns: 4 })).toThrow('"x" has 6 elements; rows (2) x columns (4) x inner (1) are 8');
    expect(call({ shape: [2, 3], axis: 2 })).toThrow("there is no axis 2 in a shape of rank 2");
    expect(call({ shape: [] })).toThrow("the shape has rank 0");
    expect(call({ rows: 2, columns: 3 }, null)).toThrow('"x" is not given');
    expect(call({ rows: 2, columns: 3 }, [1, 2, 3, 4, 5, 6])).toThrow('"x" must be a Float32Array');
    expect(call({ rows: 2, columns: 3 }, x, new Float32Array(5))).toThrow('"y" has 5 elements');
    expect([...y]).toEqual([9, 9, 9, 9, 9, 9]);
  });
});

function densePlan() {
  const x = buffer("input", "x", [rows, inputs]);
  const weight = buffer("input", "weight", [outputs, inputs]);
  const bias = buffer("input", "bias", [outputs], { absent: 0 });
  const y = buffer("output", "y", [rows, outputs]);
  const product = buffer("tile", "product", [rows, outputs], { tiled: [rows] });
  const forwardAccesses = new Accesses();
  const sum = add(forwardAccesses.load(at(product)), forwardAccesses.load(at(bias)));
  const block = { axis: rows, elements: 16, along: [outputs] };
  const forward: Kernel = {
    blocks: [block],
    tiles: [product],
    cleared: [],
    accesses: forwardAccesses,
    steps: [
      {
        kind: "contract",
        outer: [],
        rows: [rows],
        columns: [outputs],
        inner: [inputs],
        to: at(product),
        left: at(x),
        right: at(weight),
        accumulate: false,
      },
      { kind: "store", axes: [rows, outputs], stores: [{ value: mul(sum, sum), to: at(y), accumulate: false }] },
    ],
  };

  // y = (x · weightᵀ)² without a bias: g = 2 · dy · (x · weightᵀ), computed again.
  const dy = buffer("input", "dy", [rows, outputs]);
  const dx = buffer("output", "dx", [rows, inputs]);
  const dweight = buffer("output", "dweight", [outputs, inputs]);
  const dbias = buffer("output", "dbias", [outputs], { optional: true });
  const g = buffer("tile", "g", [rows, outputs], { tiled: [rows] });
  const again = buffer("tile", "again", [rows, outputs], { tiled: [rows] });
  const accesses = new Accesses();
  const [dyHere, productHere, gHere] = [accesses.load(at(dy)), accesses.load(at(again)), accesses.load(at(g))];
  const backward: Kernel = {
    blocks: [block],
    tiles: [again, g],
    cleared: [dweight, dbias],
    accesses,
    steps: [
      { ...(forward.steps[0] as Extract<Kernel["steps"][number], { kind: "contract" }>), to: at(again) },
      {
        kind: "store",
        axes: [rows, outputs],
        stores: [{ value: mul(mul(2, dyHere), productHere), to: at(g), accumulate: false }],
      },
      {
        kind: "contract",
        outer: [],
        rows: [outputs],
        columns: [inputs],
        inner: [rows],
        to: at(dweight),
        left: at(g),
        right: at(x),
        accumulate: true,
      },
      {
        kind: "contract",
        outer: [],
        rows: [rows],
        columns: [inputs],
        inner: [outputs],
        to: at(dx),
        left: at(g),
        right: at(weight),
        accumulate: false,
      },
      {
        kind: "fold",
        axes: [outputs],
        over: [rows],
        folds: [{ how: "sum", value: gHere, to: at(dbias), accumulate: true }],
      },
    ],
  };
  return planOf(
    { sizes: { rows: {}, inputs: {}, outputs: {} } },
    [
      functionOf("forward", [x, weight, bias], [y], [forward]),
      functionOf("backward", [dy, x, weight], [dx, dweight, dbias], [backward]),
    ],
    { saves: ["x", "weight"] },
  );
}

const plainProduct = (a: Float32Array, b: Float32Array, m: number, n: number, k: number): Float64Array =>
  Float64Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let l = 0; l < k; l++) sum += a[i * k + l]! * b[j * k + l]!;
    return sum;
  });

describe("a dense layer", async () => {
  const module = await emitted(densePlan());
  it.each([
    [1, 1, 1],
    [5, 3, 4],
    [33, 7, 2],
    [4, 0, 3],
    [0, 3, 2],
    [7, 2, 40],
  ])("is right for %i rows of %i -> %i", (r, i, o) => {
    const [x, weight, bias, dy] = [numbers(r * i), numbers(o * i, 2), numbers(o, 3), numbers(r * o, 4)];
    const sizes = { rows: r, inputs: i, outputs: o };
    const product = plainProduct(x, weight, r, o, i);
    const { y }: { y: Float32Array } = module.forward({ x, weight, bias }, {}, sizes);
    expect(
      difference(
        y,
        product.map((value, at) => (value + bias[at % o]!) ** 2),
      ),
    ).toBeLessThan(1e-6);
    const without: { y: Float32Array } = module.forward({ x, weight }, undefined, sizes);
    expect(
      difference(
        without.y,
        product.map((value) => value ** 2),
      ),
    ).toBeLessThan(1e-6);

    const g = product.map((value, at) => 2 * value * dy[at]!);
    const [dx, dweight, dbias] = [new Float64Array(r * i), new Float64Array(o * i), new Float64Array(o)];
    for (let row = 0; row < r; row++)
      for (let output = 0; output < o; output++) {
        dbias[output]! += g[row * o + output]!;
        for (let k = 0; k < i; k++) {
          dx[row * i + k]! += g[row * o + output]! * weight[output * i + k]!;
          dweight[output * i + k]! += g[row * o + output]! * x[row * i + k]!;
        }
      }
    const given = { dbias: new Float32Array(o).fill(5) };
    const result: Record<string, Float32Array> = module.backward({ dy, x, weight }, given, sizes);
    expect(result["dbias"]).toBe(given.dbias);
    expect(difference(result["dx"]!, dx)).toBeLessThan(1e-5);
    expect(difference(result["dweight"]!, dweight)).toBeLessThan(1e-5);
    expect(difference(given.dbias, dbias)).toBeLessThan(1e-5);
  });

  it("leaves out what is not wanted", () => {
    const [x, weight, dy] = [numbers(6), numbers(8, 2), numbers(12, 4)];
    const sizes = { rows: 3, inputs: 2, outputs: 4 };
    const whole: Record<string, Float32Array> = module.backward({ dy, x, weight }, {}, sizes);
    expect(whole["dbias"]).toBe(undefined);
    const part: Record<string, Float32Array | null> = module.backward({ dy, x, weight }, { dweight: null }, sizes);
    expect(part["dweight"]).toBe(null);
    expect(part["dx"]).toEqual(whole["dx"]);
  });

  it("works in a workspace that it is given", () => {
    const sizes = { rows: 30, inputs: 2, outputs: 3 };
    expect(module.workspaceLength("forward", sizes)).toBe(15);
    expect(module.workspaceLength("backward", sizes)).toBe(30);
    const [x, weight] = [numbers(60), numbers(6, 2)];
    const fresh: object = module.forward({ x, weight }, {}, sizes);
    expect(module.forward({ x, weight }, {}, sizes, new Float64Array(15).fill(7))).toEqual(fresh);
    expect(() => module.forward({ x, weight }, {}, sizes, new Float64Array(14))).toThrow('"workspace" has 14 elements');
    expect(() => module.forward({ x, weight }, {}, sizes, new Float32Array(15))).toThrow("must be a Float64Array");
    expect(() => module.workspaceLength("sideways", sizes)).toThrow("there is no function called sideways");
  });

  it("names the tensor and its axes in what it refuses", () => {
    const y = new Float32Array(6).fill(9);
    const call = (tensors: object) => () =>
      module.forward({ x: numbers(8), weight: numbers(12), ...tensors }, { y }, { rows: 2, inputs: 4, outputs: 3 });
    expect(call({ weight: numbers(10) })).toThrow('"weight" has 10 elements; outputs (3) x inputs (4) are 12');
    expect(call({ weight: undefined })).toThrow('"weight" is not given');
    expect(call({ bias: numbers(4) })).toThrow('"bias" has 4 elements; outputs (3) is 3');
    expect([...y]).toEqual([9, 9, 9, 9, 9, 9]);
    expect(call({})).not.toThrow();
    expect(call({ bias: null })).not.toThrow();
  });
});
