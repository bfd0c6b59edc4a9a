/** Emitted row-wise functions where numbers are extreme: long rows, infinities, far apart logits, almost constant rows. */
import { describe, expect, it } from "vitest";
import { columns, rows } from "../src/activations/rowwise.js";
import { input, logSumExp } from "../src/ir/graph/build.js";
import { graph } from "../src/ir/graph/definition.js";
import { FLOAT32, ulps } from "./helpers/accuracy.js";
import { randomNumbers, type Random } from "./helpers/graph-derivatives.js";
import { MODULE_TARGETS, graphModule } from "./helpers/graph-modules.js";
import { invoke, meaningOf } from "./helpers/graph-random.js";
import { graphDefinition } from "./helpers/layer-cases.js";

const LARGEST = 3.4028234663852886e38;
/** ULP of float32 that a softmax may be off by: vectors of WebAssembly have its exponentials in float32. */
const SHARE_BOUND = { js: 1, wasm: 2 } as const;
const x = input("x", [rows, columns]);
const logSumExpOfRows = graph({
  id: "logsumexp",
  title: "log-sum-exp",
  formula: "log(sum exp x)",
  sizes: { rows: {}, columns: {} },
  outputs: { y: { tensor: logSumExp(x, columns), axes: [rows] } },
  reference: "",
});

/** The shifted exponentials of a row and their sum, in float64: x - max is exact or as good as. */
function shifted(row: ArrayLike<number>): {
  readonly powers: Float64Array;
  readonly total: number;
  readonly top: number;
} {
  let top = -Infinity;
  for (let i = 0; i < row.length; i++) top = Math.max(top, row[i]!);
  const powers = Float64Array.from(row, (value) => Math.exp(value - top));
  let [total, lost] = [0, 0];
  for (const power of powers) {
    const term = power - lost;
    const next = total + term;
    lost = next - total - term;
    total = next;
  }
  return { powers, total, top };
}

/** Sharp and flat rows, near 0 and far from it. */
function randomRow(random: Random): Float32Array {
  const length = 1 + Math.floor((random() + 1) * 20);
  const spread = 0.1 * 800 ** ((random() + 1) / 2);
  const shift = random() * 10 ** (random() * 2 + 2);
  return Float32Array.from({ length }, () => shift + spread * random());
}

describe.each(MODULE_TARGETS)("%s", (target) => {
  const row = (id: string, values: ArrayLike<number>): Promise<Float32Array> =>
    graphModule(graphDefinition(id), "auto", target).then(
      (module) =>
        invoke(module, "forward", { x: Float32Array.from(values) }, { rows: 1, columns: values.length })[
          "y"
        ] as Float32Array,
    );

  describe("rows of a million", () => {
    const random = randomNumbers(5);
    const long = Float32Array.from({ length: 1e6 }, () => 20 * random());

    it("softmax sums to 1, and each element is right", async () => {
      const y = await row("softmax", long);
      const { powers, total } = shifted(long);
      expect(Math.abs(y.reduce((sum, value) => sum + value, 0) - 1)).toBeLessThan(1e-6);
      let worst = 0;
      for (let i = 0; i < long.length; i++) worst = Math.max(worst, ulps(y[i]!, powers[i]! / total, 0, FLOAT32));
      expect(worst).toBeLessThan(SHARE_BOUND[target]);
    });

    it("log_softmax is right in each element", async () => {
      const y = await row("log_softmax", long);
      const { total, top } = shifted(long);
      let worst = 0;
      for (let i = 0; i < long.length; i++)
        worst = Math.max(worst, ulps(y[i]!, long[i]! - top - Math.log(total), 0, FLOAT32));
      expect(worst).toBeLessThan(1);
    });

    it("softmax of equal elements is their share", async () => {
      expect(new Set(await row("softmax", new Float32Array(1e6).fill(-7)))).toEqual(new Set([Math.fround(1e-6)]));
    });

    it("sparsemax sums to 1, with the threshold that sorting finds", async () => {
      const some = long.subarray(0, 1e5).map((value) => value / 1000);
      const y = await row("sparsemax", some);
      const sorted = Float64Array.from(some).sort().reverse();
      let [sum, threshold] = [0, 0];
      for (const [i, value] of sorted.entries()) {
        sum += value;
        if (value * (i + 1) > sum - 1) threshold = (sum - 1) / (i + 1);
      }
      expect(y.filter((value) => value > 0).length).toBeGreaterThan(100);
      expect(Math.abs(y.reduce((all, value) => all + value, 0) - 1)).toBeLessThan(1e-6);
      for (let i = 0; i < some.length; i++)
        expect(Math.abs(y[i]! - Math.max(some[i]! - threshold, 0))).toBeLessThan(1e-9);
    });
  });

  describe("rows of extreme elements", () => {
    const ROWS: readonly (readonly number[])[] = [
      [1e30, -1e30, 0],
      [1e30, 1e30, -1e30],
      [LARGEST, -LARGEST, LARGEST],
      [-LARGEST, -LARGEST, -1e30],
      [-Infinity, 0, 1],
      [-Infinity, -Infinity, -3],
      [-Infinity, -Infinity, -Infinity],
      [Infinity, 0, 1],
      [Infinity, -Infinity, Infinity],
      [NaN, 0, -Infinity],
      [5, 5, 5],
      [1e-45, -1e-45, 0],
      [-104, -103, 0],
      [88.7, 89, 1e4],
    ];
    const dy = Float32Array.of(0.5, -1, 0.25);
    const dot = (a: ArrayLike<number>): number => dy.reduce((sum, slope, i) => sum + slope * a[i]!, 0);
    type Both = readonly [y: ArrayLike<number>, dx: ArrayLike<number>];

    /** As they are defined, from the largest element on: the logarithm of a sum may be no different from it. */
    const softmaxOf = (values: ArrayLike<number>): Both => {
      const { powers, total } = shifted(values);
      const y = powers.map((power) => power / total);
      return [y, y.map((share, i) => share * (dy[i]! - dot(y)))];
    };
    const DEFINED: Readonly<Record<string, (values: Float32Array) => Both>> = {
      softmax: softmaxOf,
      softmin: (values) => {
        const [y, dx] = softmaxOf(values.map((value) => -value));
        return [y, Float64Array.from(dx, (slope) => -slope)];
      },
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
          Float64Array.from(values, (value) => value - top - Math.log(total)),
          powers.map((power, i) => dy[i]! - (power / total) * dot([1, 1, 1])),
        ];
      },
      sparsemax: (values) => {
        const definition = graphDefinition("sparsemax");
        const sizes = { rows: 1, columns: 3, inner: 1 };
        const top = Math.max(...values);
        const x = Number.isFinite(top) ? values.map((value) => value - top) : values;
        const given = { definition, given: sizes, sizes, parameters: {}, tensors: { x }, upstream: { dy } };
        const { outputs, gradients } = meaningOf(definition)(given);
        return [outputs["y"]!, gradients["dx"]!];
      },
    };

    it.each(Object.entries(DEFINED))("%s is as it is defined, forward and backward", async (id, defined) => {
      const module = await graphModule(graphDefinition(id), "auto", target);
      const sizes = { rows: 1, columns: 3, inner: 1 };
      for (const values of ROWS) {
        const x = Float32Array.from(values);
        const [wantedY, wantedDx] = defined(x);
        const results = invoke(module, "forward", { x }, sizes);
        const { dx } = invoke(module, "backward", { x, ...results, dy }, sizes);
        for (const [what, actual, wanted] of [
          ["y", results["y"]!, wantedY],
          ["dx", dx!, wantedDx],
        ] as const)
          for (const [i, found] of actual.entries()) {
            const right = Math.fround(wanted[i]!);
            const isRight = Object.is(found, right) || Math.abs(found - right) <= 1e-6 * Math.abs(right) + 1e-7;
            if (!isRight) expect.fail(`${what}[${i}] of [${values.join()}] is ${found} instead of ${right}`);
          }
      }
    });

    it("log_softmax of [0, 200] is [-200, 0]", async () => {
      expect([...(await row("log_softmax", [0, 200]))]).toEqual([-200, 0]);
    });
  });

  describe("the gradient of log-sum-exp", () => {
    const EXTREME = [
      [0, 200],
      [0, 87, -87],
      [1e4, 1e4 + 1, 1e4 - 100],
      [-1e4, -1e4, -1e4],
      [1e30, 1e30],
      [-LARGEST, LARGEST, 0],
      [-Infinity, 2, 3],
      [1e-45, 0],
    ];
    const random = randomNumbers(1);
    const all = [
      ...EXTREME.map((values) => Float32Array.from(values)),
      ...Array.from({ length: 5000 }, () => randomRow(random)),
    ];

    it("is right to 2 ULP", async () => {
      const module = await graphModule(logSumExpOfRows, "auto", target);
      let worst = 0;
      for (const values of all) {
        const sizes = { rows: 1, columns: values.length };
        const { powers, total } = shifted(values);
        const { y } = invoke(module, "forward", { x: values }, sizes);
        const { dx } = invoke(module, "backward", { x: values, y, dy: Float32Array.of(1) }, sizes);
        for (const [i, power] of powers.entries()) worst = Math.max(worst, ulps(dx![i]!, power / total, 0, FLOAT32));
      }
      expect(worst).toBeLessThanOrEqual(2);
    });

    it("is right to 2 ULP in cross_entropy", async () => {
      const module = await graphModule(graphDefinition("cross_entropy"), "auto", target);
      let worst = 0;
      for (const values of all) {
        const sizes = { rows: 1, classes: values.length };
        const { powers, total } = shifted(values);
        const target = Int32Array.of(values.length - 1);
        const { dx } = invoke(module, "backward", { x: values, target, dloss: Float32Array.of(1) }, sizes);
        // At the target it is minus the share of the others: 1 - (1 - ...) would cancel.
        for (const [i, power] of powers.entries()) {
          if (i < values.length - 1) worst = Math.max(worst, ulps(dx![i]!, power / total, 0, FLOAT32));
          else expect(Math.abs(dx![i]! - (power / total - 1))).toBeLessThan(2 ** -23);
        }
      }
      expect(worst).toBeLessThanOrEqual(2);
    });
  });

  describe("cross_entropy of extreme logits", () => {
    it.each<readonly [logits: readonly number[], target: number, loss: number, slopes: readonly number[]]>([
      [[0, 200], 0, 200, [-1, 1]],
      [[0, 200], 1, 0, [Math.fround(Math.exp(-200)), 0]],
      [[1e30, -1e30], 1, Math.fround(2e30), [1, -1]],
      [[-Infinity, 0], 1, 0, [0, 0]],
      [[-Infinity, 0], 0, Infinity, [-1, 1]],
      [[1e4, 1e4], 0, Math.fround(Math.LN2), [-0.5, 0.5]],
      [[-LARGEST, -LARGEST], 0, Math.fround(Math.LN2), [-0.5, 0.5]],
    ])("%o at %i", async (logits, right, loss, slopes) => {
      const module = await graphModule(graphDefinition("cross_entropy"), "auto", target);
      const tensors = { x: Float32Array.from(logits), target: Int32Array.of(right), dloss: Float32Array.of(1) };
      const sizes = { rows: 1, classes: 2 };
      expect([...invoke(module, "forward", tensors, sizes)["loss"]!]).toEqual([loss]);
      const found = invoke(module, "backward", tensors, sizes)["dx"]!;
      for (const [i, slope] of slopes.entries()) expect(found[i]).toBeCloseTo(slope, 7);
    });
  });

  describe("layer_norm", () => {
    const length = 1000;
    const sizes = { rows: 1, columns: length };
    const upstream = { dy: Float32Array.from({ length }, randomNumbers(2)) };

    it("of a constant row is the bias, and has the gradient of the scale that epsilon leaves", async () => {
      const module = await graphModule(graphDefinition("layer_norm"), "auto", target);
      for (const value of [0, 0.1, 1e4, -12345.678, 1e30]) {
        const x = new Float32Array(length).fill(value);
        const bias = Float32Array.from({ length }, randomNumbers(3));
        expect(invoke(module, "forward", { x, bias }, sizes)["y"]).toEqual(bias);
        const dx = invoke(module, "backward", { x, bias, ...upstream }, sizes)["dx"]!;
        const mean = upstream.dy.reduce((sum, slope) => sum + slope, 0) / length;
        for (let i = 0; i < length; i++)
          expect(Math.abs(dx[i]! - (upstream.dy[i]! - mean) / Math.sqrt(1e-5))).toBeLessThan(1e-4);
      }
    });

    it("of elements close to 10000 has the digits of their differences", async () => {
      const module = await graphModule(graphDefinition("layer_norm"), "auto", target);
      const random = randomNumbers(4);
      const x = Float32Array.from({ length }, () => 1e4 + random());
      const mean = Float64Array.from(x).reduce((sum, value) => sum + value, 0) / length;
      const variance = Float64Array.from(x).reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
      const y = invoke(module, "forward", { x }, sizes)["y"]!;
      for (let i = 0; i < length; i++)
        expect(ulps(y[i]!, (x[i]! - mean) / Math.sqrt(variance + 1e-5), 0, FLOAT32)).toBeLessThan(1);
    });
  });

  describe("attention with extreme scores", () => {
    const sizes = { batch: 1, heads: 1, queries: 2, keys: 200, features: 2, valueFeatures: 1 };
    const value = Float32Array.from({ length: 200 }, (_, i) => i);
    /** Scores of the first query grow along the keys, those of the second fall. */
    const scored = (size: number) => ({
      query: Float32Array.of(1, 0, 0, 1),
      key: Float32Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (i >> 1) * size),
      value,
    });
    const run = async (tensors: object, scalars: object = {}): Promise<number[]> => {
      const module = await graphModule(graphDefinition("attention"), "auto", target);
      return [...invoke(module, "forward", { ...tensors }, { ...sizes, scale: 1, ...scalars })["y"]!];
    };

    it.each([1e3, 1e6, 1e36])("of neighbours %d apart picks the largest", async (size) => {
      expect(await run(scored(size))).toEqual([199, 0]);
    });

    it("of almost equal scores is the mean", async () => {
      const [first, second] = await run(scored(1e-40));
      expect(first).toBeCloseTo(99.5, 4);
      expect(second).toBeCloseTo(99.5, 4);
    });

    it("ignores what is masked, at either end, and is NaN or zero without anything else", async () => {
      const mask = new Float32Array(400);
      for (let j = 100; j < 200; j++) mask[j] = mask[200 + j - 100] = -Infinity;
      expect(await run({ ...scored(1e3), mask })).toEqual([99, 100]);
      expect(await run({ ...scored(1e3), mask: mask.fill(-Infinity) })).toEqual([NaN, NaN]);
      expect(await run({ ...scored(1e3), mask }, { masked: 1 })).toEqual([0, 0]);
    });
  });
});
