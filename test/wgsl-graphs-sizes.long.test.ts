/** Graphs as WGSL at sizes that no tile divides, at 0 and 1, with few workgroups, and at extreme inputs. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ulps, FLOAT32 } from "./helpers/accuracy.js";
import { DRIVERS, openDevice, unavailable, type OpenDevice } from "./helpers/gpu.js";
import { randomNumbers } from "./helpers/graph-derivatives.js";
import { instanceOf, meaningOf, type Meaning } from "./helpers/graph-random.js";
import { completeParameters, completeSizes, type Numbers } from "./helpers/graph-run.js";
import { graphDefinition } from "./helpers/layer-cases.js";
import { SMALL_TILES, runShader, shadersOf, type ShaderCall } from "./helpers/wgsl-run.js";

const LARGEST = 3.4028234663852886e38;

interface Entry {
  readonly id: string;
  readonly activation?: string;
  readonly sizes: Numbers;
  readonly overrides?: Numbers;
  /** Workgroups that have to do all. */
  readonly most?: number;
}

const ATTENTION = { batch: 2, heads: 3, maskBatch: 1, maskHeads: 0 };
const CONV = { batch: 2, channels: 3, filters: 2, groups: 2, kernelHeight: 3, kernelWidth: 2, strideHeight: 2 };
const CONV_2D = { ...CONV, strideWidth: 3, paddingHeight: 2, paddingWidth: 1, dilationHeight: 2, dilationWidth: 1 };

/** Those of the first list on every driver. */
const FEW: readonly Entry[] = [
  { id: "dense", activation: "silu", sizes: { rows: 67, inputs: 19, outputs: 65 } },
  { id: "softmax", sizes: { rows: 3, columns: 1009, inner: 1 } },
  { id: "attention", sizes: { ...ATTENTION, queries: 9, keys: 33, features: 5, valueFeatures: 7 } },
];
const MANY: readonly Entry[] = [
  { id: "dense", activation: "silu", sizes: { rows: 67, inputs: 19, outputs: 65 }, most: 1 },
  { id: "dense", activation: "silu", sizes: { rows: 1, inputs: 1, outputs: 1 } },
  { id: "dense", activation: "silu", sizes: { rows: 3, inputs: 0, outputs: 5 } },
  { id: "dense", activation: "silu", sizes: { rows: 0, inputs: 2, outputs: 5 } },
  { id: "dense", activation: "silu", sizes: { rows: 3, inputs: 2, outputs: 0 } },
  { id: "dense", activation: "silu", sizes: { rows: 33, inputs: 70, outputs: 34 }, overrides: { product_tile: 8 } },
  { id: "gated_dense", activation: "silu", sizes: { rows: 66, inputs: 17, outputs: 5 } },
  { id: "conv2d", activation: "silu", sizes: { ...CONV_2D, height: 8, width: 9 } },
  {
    id: "conv2d",
    activation: "silu",
    sizes: { ...CONV_2D, height: 8, width: 9 },
    overrides: { product_tile: 4 },
    most: 2,
  },
  { id: "softmax", sizes: { rows: 5, columns: 13, inner: 3 }, overrides: { row_lanes: 8 }, most: 1 },
  { id: "softmax", sizes: { rows: 1, columns: 1, inner: 1 } },
  { id: "softmax", sizes: { rows: 3, columns: 0, inner: 1 } },
  { id: "softmax", sizes: { rows: 0, columns: 3, inner: 2 } },
  { id: "softmax", sizes: { rows: 300, columns: 2, inner: 1 }, overrides: { row_lanes: 1 }, most: 1 },
  { id: "sparsemax", sizes: { rows: 5, columns: 67, inner: 2 }, overrides: { row_lanes: 32 } },
  { id: "log_softmax", sizes: { rows: 2, columns: 300, inner: 2 } },
  { id: "swiglu", sizes: { rows: 3, columns: 35, inner: 5, gate: 1 }, most: 2 },
  { id: "layer_norm", activation: "silu", sizes: { rows: 5, columns: 300 } },
  { id: "layer_norm", activation: "silu", sizes: { rows: 1, columns: 1 } },
  { id: "rms_norm", activation: "linear", sizes: { rows: 70, columns: 3 }, most: 1 },
  { id: "batch_norm", activation: "linear", sizes: { batch: 3, channels: 5, inner: 67 } },
  { id: "cross_entropy", sizes: { rows: 5, classes: 129 } },
  { id: "attention", sizes: { ...ATTENTION, queries: 8, keys: 32, features: 3, valueFeatures: 1 }, most: 1 },
  { id: "attention", sizes: { ...ATTENTION, queries: 2, keys: 0, features: 3, valueFeatures: 2 } },
  { id: "attention", sizes: { ...ATTENTION, queries: 0, keys: 3, features: 3, valueFeatures: 2 } },
  { id: "attention", sizes: { ...ATTENTION, queries: 1, keys: 1, features: 1, valueFeatures: 1 } },
  { id: "attention", sizes: { ...ATTENTION, queries: 3, keys: 2, features: 2, valueFeatures: 0 } },
  // Fewer clusters than there may be, the default among them, and no keys but one that is learned: parts of the workspace are empty.
  { id: "adaptive_log_softmax", sizes: { rows: 3, inputs: 5, shortlist: 4, size_0: 3 } },
  { id: "adaptive_log_softmax", sizes: { rows: 3, inputs: 5, shortlist: 4, size_0: 3, size_1: 2 } },
  { id: "multihead_attention", sizes: { batch: 2, queries: 2, keys: 0, embed: 2, heads: 1, extra: 1 } },
  { id: "dropout", sizes: { size: 1009 } },
  { id: "rrelu_random", sizes: { size: 300 }, most: 1 },
  { id: "alpha_dropout", sizes: { size: 127 } },
];

const meanings = new Map<string, ReturnType<typeof meaningOf>>();

const described = ({ id, activation, sizes, overrides, most }: Entry): string =>
  [
    activation === undefined ? id : `${id} with ${activation}`,
    ...Object.entries({ ...sizes, ...overrides }).map(([name, value]) => `${name} ${value}`),
    ...(most === undefined ? [] : [`at most ${most} workgroups`]),
  ].join(", ");

/**
 * Random tensors, some of which are absent: twice, so that both happen, on the driver that runs all; for other drivers, whose
 * kernels take longest to be compiled, one of the two will do.
 */
async function compare(
  device: OpenDevice,
  { id, activation, sizes, overrides = SMALL_TILES, most }: Entry,
  subgroups = false,
): Promise<void> {
  const definition = graphDefinition(id, activation);
  const module = await shadersOf(definition);
  const key = `${id} ${activation ?? ""}`;
  const meaning = meanings.get(key) ?? meaningOf(definition);
  meanings.set(key, meaning);
  for (const seed of device.driver === "swiftshader" ? [1, 2] : [1]) {
    const instance = instanceOf(definition, sizes, seed);
    const wanted: Meaning = meaning(instance);
    const { tensors, upstream, parameters } = instance;
    const shared = { sizes: instance.sizes, parameters, overrides, subgroups, ...(most === undefined ? {} : { most }) };
    const results = await runShader(device, module, "forward", { tensors, ...shared });
    const given = { ...results, ...tensors, ...upstream };
    const slopes = await runShader(device, module, "backward", { tensors: given, ...shared });
    for (const [name, values] of Object.entries({ ...wanted.outputs, ...wanted.gradients })) {
      const actual = results[name] ?? slopes[name]!;
      const scale = Math.max(1, ...values.filter(Number.isFinite).map(Math.abs));
      expect(actual.length, name).toBe(values.length);
      for (const [i, value] of values.entries())
        if (!Object.is(actual[i], Math.fround(value)) && !(Math.abs(actual[i]! - value) <= 3e-6 * scale))
          expect.fail(`${name}[${i}] is ${actual[i]} instead of ${value} (${JSON.stringify(instance.given)})`);
    }
  }
}

/** The shifted exponentials of a row and their sum, in float64: x - max is exact or as good as. */
function shifted(row: ArrayLike<number>) {
  const top = Array.from(row).reduce((largest, value) => Math.max(largest, value), -Infinity);
  const powers = Array.from(row, (value) => Math.exp(value - top));
  return { powers, total: powers.reduce((sum, power) => sum + power, 0), top };
}

const ROWS: readonly (readonly number[])[] = [
  [1e30, -1e30, 0],
  [1e9, 0, -1e9],
  [LARGEST, -LARGEST, LARGEST],
  [-LARGEST, -LARGEST, -1e30],
  [-Infinity, 0, 1],
  [-Infinity, -Infinity, -3],
  [-Infinity, -Infinity, -Infinity],
  [Infinity, 0, 1],
  [Infinity, -Infinity, Infinity],
  [NaN, 0, -Infinity],
  [0, 1, NaN],
  [5, 5, 5],
  [0, 200, 0],
  [-104, -103, 0],
  [88.7, 89, 1e4],
];
const DY = [0.5, -1, 0.25] as const;
const dot = (a: ArrayLike<number>): number => DY.reduce<number>((sum, slope, i) => sum + slope * a[i]!, 0);

type Both = readonly [y: readonly number[], dx: readonly number[]];
function softmaxOf(values: readonly number[]): Both {
  const { powers, total } = shifted(values);
  const y = powers.map((power) => power / total);
  return [y, y.map((share, i) => share * (DY[i]! - dot(y)))];
}
const DEFINED: Readonly<Record<string, (values: readonly number[]) => Both>> = {
  softmax: softmaxOf,
  masked_softmax: (values) =>
    values.every((value) => value === -Infinity)
      ? [
          [0, 0, 0],
          [0, 0, 0],
        ]
      : softmaxOf(values),
  log_softmax: (values) => {
    const { powers, total, top } = shifted(values);
    return [
      values.map((value) => value - top - Math.log(total)),
      powers.map((power, i) => DY[i]! - (power / total) * dot([1, 1, 1])),
    ];
  },
};

describe.each(DRIVERS)("on $name", (driver) => {
  const reason = unavailable(driver);
  if (reason !== undefined) {
    it.skipIf(process.env["CI"] === undefined)("is there", () => expect.fail(reason));
    return;
  }
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(driver);
  });
  afterAll(() => device.close());

  const entries = driver.name === "swiftshader" ? [...FEW, ...MANY] : FEW;
  it.each(entries.map((entry) => [described(entry), entry] as const))(
    "%s",
    (_, entry) => compare(device, entry),
    120_000,
  );

  describe("with subgroups", () => {
    const LANES = [256, 32] as const;
    const rows = [
      { id: "softmax", sizes: { rows: 3, columns: 1009, inner: 1 } },
      { id: "layer_norm", activation: "linear", sizes: { rows: 5, columns: 300 } },
      { id: "sparsemax", sizes: { rows: 5, columns: 67, inner: 2 } },
    ];
    const variants = rows.flatMap((entry) => LANES.map((row_lanes) => ({ ...entry, overrides: { row_lanes } })));
    let grouped: OpenDevice;
    beforeAll(async () => {
      grouped = await openDevice(driver, { features: ["subgroups"] });
    });
    afterAll(() => grouped.close());
    it.each(variants.map((entry) => [described(entry), entry] as const))(
      "%s",
      (_, entry) => compare(grouped, entry, true),
      120_000,
    );

    it("softmax of extreme rows", async () => {
      const module = await shadersOf(graphDefinition("softmax"));
      const sizes = { rows: ROWS.length, columns: 3, inner: 1 };
      const given = { tensors: { x: ROWS.flat() }, sizes };
      const plain = await runShader(grouped, module, "forward", given);
      expect(await runShader(grouped, module, "forward", { ...given, subgroups: true })).toEqual(plain);
    });
  });

  const call = async (id: string, name: string, given: Pick<ShaderCall, "tensors" | "sizes"> & Partial<ShaderCall>) => {
    const definition = graphDefinition(id);
    return runShader(device, await shadersOf(definition), name, {
      parameters: completeParameters(definition, given.parameters),
      overrides: SMALL_TILES,
      ...given,
      sizes: completeSizes(definition, given.sizes),
    });
  };

  it.each(Object.entries(DEFINED))("%s of extreme rows", async (id, defined) => {
    const sizes = { rows: ROWS.length, columns: 3 };
    const x = ROWS.flat();
    const dy = ROWS.flatMap(() => DY);
    const { y } = await call(id, "forward", { tensors: { x }, sizes });
    const { dx } = await call(id, "backward", { tensors: { x, y: y!, dy }, sizes });
    for (const [row, values] of ROWS.entries())
      for (const [what, actual, wanted] of [
        ["y", y!, defined(values.map(Math.fround))[0]],
        ["dx", dx!, defined(values.map(Math.fround))[1]],
      ] as const)
        for (const [i, value] of wanted.entries()) {
          const found = actual[3 * row + i]!;
          const right = Math.fround(value);
          const isRight = Object.is(found, right) || Math.abs(found - right) <= 2e-6 * Math.abs(right) + 2e-7;
          if (!isRight) expect.fail(`${what}[${i}] of [${values.join()}] is ${found} instead of ${right}`);
        }
  });

  it("sums of a hundred thousand elements keep their digits", async () => {
    const random = randomNumbers(5);
    const x = Float32Array.from({ length: 1e5 }, () => 4 * random());
    const { y } = await call("softmax", "forward", {
      tensors: { x },
      sizes: { rows: 1, columns: x.length },
      overrides: { row_lanes: 256 },
    });
    const { powers, total } = shifted(x);
    const worst = powers.reduce((most, power, i) => Math.max(most, ulps(y![i]!, power / total, 0, FLOAT32)), 0);
    // Elements are up to 8 below the largest: as much is lost when that is subtracted.
    expect(worst).toBeLessThan(8);
  });

  it("layer_norm of a constant row is the bias, and far from 0 it has the digits of differences", async () => {
    const columns = 300;
    const random = randomNumbers(4);
    const values = [0.1, 1e4, -12345.678];
    const bias = Float32Array.from({ length: columns }, random);
    const x = Float32Array.from([
      ...values.flatMap((value) => new Array<number>(columns).fill(value)),
      ...Array.from({ length: columns }, () => 1e4 + random()),
    ]);
    const { y } = await call("layer_norm", "forward", { tensors: { x, bias }, sizes: { rows: 4, columns } });
    for (let i = 0; i < values.length * columns; i++)
      expect(Math.abs(y![i]! - bias[i % columns]!), `y[${i}]`).toBeLessThan(1e-6);
    const far = Float64Array.from(x.subarray(-columns));
    const mean = far.reduce((sum, value) => sum + value, 0) / columns;
    const variance = far.reduce((sum, value) => sum + (value - mean) ** 2, 0) / columns;
    for (const [i, value] of far.entries()) {
      const wanted = (value - mean) / Math.sqrt(variance + 1e-5) + bias[i]!;
      expect(Math.abs(y![3 * columns + i]! - wanted), `y[${3 * columns + i}]`).toBeLessThan(1e-6);
    }
  });

  it("cross_entropy of extreme logits, and of classes that are ignored or none", async () => {
    const x = [0, 200, 0, 200, 1e30, -1e30, -Infinity, 0, -Infinity, 0, -LARGEST, -LARGEST, 3, 4];
    const target = [0, 1, 1, 1, 0, 0, -100];
    const sizes = { rows: 7, classes: 2 };
    const { loss } = await call("cross_entropy", "forward", { tensors: { x, target }, sizes });
    const half = Math.fround(Math.LN2);
    expect([...loss!]).toEqual([200, 0, Math.fround(2e30), 0, Infinity, half, 0]);
    const dloss = new Array<number>(7).fill(1);
    const { dx } = await call("cross_entropy", "backward", { tensors: { x, target, dloss }, sizes });
    const wanted = [-1, 1, 0, 0, 1, -1, 0, 0, -1, 1, -0.5, 0.5, 0, 0];
    for (const [i, value] of wanted.entries()) expect(dx![i], `dx[${i}]`).toBeCloseTo(value, 6);
  });

  it("attention with extreme scores picks the largest; a query of nothing gives NaN, or 0 if it may be masked", async () => {
    const sizes = { batch: 1, heads: 1, queries: 2, keys: 200, features: 2, valueFeatures: 1 };
    const value = Array.from({ length: 200 }, (_, i) => i);
    const scored = (size: number): Record<string, readonly number[]> => ({
      query: [1, 0, 0, 1],
      key: Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (i >> 1) * size),
      value,
    });
    const y = async (tensors: Record<string, readonly number[]>, parameters: Numbers = {}): Promise<number[]> => {
      const given = {
        tensors,
        sizes,
        parameters: completeParameters(graphDefinition("attention"), { scale: 1, ...parameters }),
      };
      return [...(await call("attention", "forward", given))["y"]!];
    };
    for (const size of [1e3, 1e6, 1e36]) expect(await y(scored(size))).toEqual([199, 0]);
    for (const mean of await y(scored(1e-30))) expect(mean).toBeCloseTo(99.5, 3);
    const half = Array.from({ length: 400 }, (_, i) => (i < 200 === i % 200 >= 100 ? -Infinity : 0));
    expect(await y({ ...scored(1e3), mask: half })).toEqual([99, 100]);
    const none = new Array<number>(400).fill(-Infinity);
    expect(await y({ ...scored(1e3), mask: none })).toEqual([NaN, NaN]);
    expect(await y({ ...scored(1e3), mask: none }, { masked: 1 })).toEqual([0, 0]);
  });
});
