/** Reads with guards and scatters, written by hand: the windows of a convolution along one axis and their adjoint. */
import { describe, expect, it } from "vitest";
import { mul } from "../src/ir/build.js";
import { axis } from "../src/ir/graph/build.js";
import { floorDiv, minus, plus, position, times } from "../src/ir/graph/integer.js";
import type { ElementOf } from "../src/ir/kernel.js";
import { Accesses, at, buffer, close, emitted, functionOf, kernel, numbers, planOf } from "./helpers/hand-kernels.js";

describe("windows", async () => {
  // taps[kernel, out] = x[out · stride + kernel - padding], y = sum over kernel of weight · taps; and the adjoint.
  const [length, window] = [axis("length"), axis("window")];
  const out = axis("out", plus(floorDiv(minus(plus("length", times(2, "padding")), "window"), "stride"), 1));
  const x = buffer("input", "x", [length]);
  const weight = buffer("input", "weight", [window]);
  const y = buffer("output", "y", [out]);
  const taps = buffer("workspace", "taps", [window, out]);
  const place = minus(plus(times(position(out), "stride"), position(window)), "padding");
  const inside = (of: typeof x): ElementOf => ({ ...at(of, [place]), guards: [{ place, size: length.size }] });
  const reading = new Accesses();
  const summing = new Accesses();
  const forward = [
    kernel(
      [
        {
          kind: "store",
          axes: [window, out],
          stores: [{ value: reading.load(inside(x)), to: at(taps), accumulate: false }],
        },
      ],
      reading,
    ),
    kernel(
      [
        {
          kind: "fold",
          axes: [out],
          over: [window],
          folds: [
            {
              how: "sum",
              value: mul(summing.load(at(taps)), summing.load(at(weight))),
              to: at(y),
              accumulate: false,
            },
          ],
        },
      ],
      summing,
    ),
  ];
  const dy = buffer("input", "dy", [out]);
  const dx = buffer("output", "dx", [length]);
  const accesses = new Accesses();
  const backward = kernel(
    [
      {
        kind: "store",
        axes: [out, window],
        stores: [{ value: mul(accesses.load(at(dy)), accesses.load(at(weight))), to: inside(dx), accumulate: true }],
      },
    ],
    accesses,
    { cleared: [dx] },
  );
  const sizes = { length: {}, window: { least: 1 }, stride: { default: 1, least: 1 }, padding: { default: 0 } };
  const requirements = [
    {
      left: "window" as const,
      relation: "<=" as const,
      right: plus("length", times(2, "padding")),
      message: "the window ({window}) must fit into `length` ({length}) with ${other} {padding}",
    },
  ];
  const module = await emitted(
    planOf({ sizes, requirements }, [
      functionOf("forward", [x, weight], [y], forward, [taps]),
      functionOf("backward", [dy, weight], [dx], [backward]),
    ]),
  );

  it.each([
    [7, 3, 1, 0],
    [7, 3, 2, 1],
    [5, 4, 3, 4],
    [1, 1, 1, 0],
  ])("read and scatter, length %i, window %i, stride %i, padding %i", (n, k, stride, padding) => {
    const count = Math.floor((n + 2 * padding - k) / stride) + 1;
    const [data, w, g] = [numbers(n), numbers(k, 2), numbers(count, 3)];
    const [value, gradient] = [new Float64Array(count), new Float64Array(n)];
    for (let o = 0; o < count; o++)
      for (let t = 0; t < k; t++) {
        const p = o * stride + t - padding;
        if (p < 0 || p >= n) continue;
        value[o]! += data[p]! * w[t]!;
        gradient[p]! += g[o]! * w[t]!;
      }
    const given = { length: n, window: k, stride, padding };
    expect(module.workspaceLength("forward", given)).toBe(count * k);
    close((module.forward({ x: data, weight: w }, {}, given) as { y: Float32Array }).y, value);
    const before = { dx: new Float32Array(n).fill(9) };
    module.backward({ dy: g, weight: w }, before, given);
    close(before.dx, gradient);
  });

  it("say what a requirement says, with the user's own words as they are", () => {
    const y = new Float32Array(1);
    expect(() => module.forward({ x: numbers(2), weight: numbers(5) }, { y }, { length: 2, window: 5 })).toThrow(
      "the window (5) must fit into `length` (2) with ${other} 0",
    );
  });
});
