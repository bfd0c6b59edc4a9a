/** Rows in WebAssembly whose exponentials are in float32, beside the same in float64: ordinary rows, and numbers at the ends. */
import { describe, expect, test } from "vitest";
import { FLOAT32, ulps } from "./helpers/accuracy.js";
import { generator } from "./helpers/inputs.js";
import { call, graphModule } from "./helpers/graph-modules.js";
import { rowActivations } from "./helpers/layer-cases.js";

/** ULP of float32. */
const BOUND = 2;
const LARGEST = 3.4028234663852886e38;
/** Rows of eight: where differences are tiny, huge or none, vanish in float32, or lose digits. */
const ROWS: readonly (readonly number[])[] = [
  [1, 2, 3, 1, 1, 1, 0, -0],
  [0, -86, -87.4, -90, -95, -100, -103, -104.5],
  [0, -Infinity, -1e9, -1e30, 5, -87.5, -200, 5],
  [1e30, 1e30, -1e30, 9.99e29, 0, -Infinity, LARGEST, 1],
  [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity, -Infinity, -Infinity, -Infinity],
  [-LARGEST, -LARGEST, -Infinity, -3.4028e38, -Infinity, -1e38, -LARGEST, -LARGEST],
  [Infinity, 1, 2, 3, -Infinity, 0, 1, 2],
  [NaN, 1, 2, 3, 4, 5, 6, 7],
  [1, 2, 3, 4, 5, 6, 7, NaN],
  [1e-40, -1e-40, 0, -0, 1e-45, 3, 1e-38, 2],
  [16777216, 16777215, 16777200, 16777100, 16777216, 0, 16777130, 16777120],
  [123.456, 122.1, 100.7, 50.3, 20.1, 19.9, 0.1, 123.4],
];

/** Rows longer than vectors, of numbers of several sizes. */
function drawn(): Float32Array {
  const next = generator("rows");
  return Float32Array.from({ length: 24 * 41 }, (_, i) => (next() - 0.5) * [0.5, 4, 20, 90][i % 4]!);
}

const definitionOf = (id: string) => rowActivations.find((each) => each.id === id)!;

describe.each(["softmax", "log_softmax"])("%s", (id) => {
  test.each([
    ["at the ends", 8, Float32Array.from(ROWS.flat())],
    ["of ordinary rows", 41, drawn()],
  ] as const)("%s", async (_, columns, x) => {
    const sizes = { rows: x.length / columns, columns, inner: 1 };
    const [fast, right] = await Promise.all(
      (["wasm", "js"] as const).map(async (target) => {
        const module = await graphModule(definitionOf(id), "auto", target);
        return (call(module, "forward", { x }, sizes) as Record<string, Float32Array>).y!;
      }),
    );
    const wrong = [...fast!].flatMap((got, i) =>
      ulps(got, right![i]!, 0, FLOAT32) <= BOUND ? [] : [{ i, x: x[i], got, right: right![i] }],
    );
    expect(wrong).toEqual([]);
  });
});
