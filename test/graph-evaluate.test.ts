/** What graphs mean: shapes and their errors, integers, places and draws. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mul } from "../src/ir/build.js";
import * as b from "../src/ir/graph/build.js";
import { evaluateGraph } from "../src/ir/graph/evaluate.js";
import { element, evaluateInteger, floorDiv, minus, modulo, plus, position, times } from "../src/ir/graph/integer.js";
import { threefry, uniform } from "../src/ir/graph/random.js";
import type { Tensor } from "../src/ir/graph/tensor.js";
import type { Numbers } from "./helpers/graph-run.js";

const [a, c, d] = [b.axis("a"), b.axis("c"), b.axis("d")];
const x = b.input("x", [a, c]);

describe("shapes are checked when a graph is built", () => {
  const other = b.axis("c", "d");
  it.each<readonly [string, () => unknown, string]>([
    ["operands", () => b.each(mul, x, b.input("y", [other])), 'axis "c" has size c in "x" and d in "y"'],
    ["contraction", () => b.contract(x, b.input("w", [b.axis("a", 3)]), a), 'axis "a" has size a in "x" and 3 in "w"'],
    ["expand", () => b.expand(x, [other, d]), 'axis "c" has size c in "x" and d in the result'],
    ["reduce of another size", () => b.sum(x, other), 'axis "c" has size c in "x" and d in the sum'],
    ["reduce of no axis", () => b.sum(x, d), 'sum over "d": "x" has the axes a (a), c (c)'],
    ["read", () => b.read(x, { d: 0 }), 'no axis "d" in "x", which has the axes a (a), c (c)'],
    ["rename", () => b.rename(x, "c", d), 'axis "c" has size c, "d" has d'],
    ["concatenate", () => b.concatenate([[x, "d"]], d), 'no axis "d" in "x", which has the axes a (a), c (c)'],
    ["an axis twice", () => b.input("y", [a, a]), 'axis "a" stands twice in "y"'],
    [
      "a place",
      () => b.read(x, { c: position(d) }),
      'the place [d] mentions the axis "d", which the result does not have',
    ],
    ["a place of scatter", () => b.scatter(x, [position(d)], [a]), "the place [d] mentions the axis"],
    ["an integer", () => b.whole(position(a)), "the place [a] mentions the axis"],
  ])("%s", (_, build, message) => expect(build).toThrow(message));

  it("and when it is evaluated", () => {
    const run = (given: Readonly<Record<string, readonly number[]>>, sizes: Numbers) => () =>
      evaluateGraph([x], { tensors: given, sizes });
    expect(run({ x: [1, 2, 3] }, { a: 2, c: 2 })).toThrow('"x" has 3 elements instead of 4');
    expect(run({}, { a: 2, c: 2 })).toThrow('"x" is not given');
    expect(run({ x: [1] }, { a: 1 })).toThrow("the size c is not given");
  });
});

describe("integers", () => {
  it("fold constants, and their remainder has the sign of the divisor", () => {
    const at = (value: number) => (leaf: { readonly name: string }) => (leaf.name === "a" ? value : NaN);
    expect(evaluateInteger(modulo(position(a), 3), at(-1))).toBe(2);
    expect(evaluateInteger(floorDiv(position(a), 3), at(-1))).toBe(-1);
    expect(evaluateInteger(minus(times(2, position(a)), plus(position(a), 1)), at(5))).toBe(4);
    expect(plus(plus(position(a), 2), -2)).toBe(position(a));
    expect(times(3, times(2, "a")).text).toBe("6 * a");
  });
});

describe("places", () => {
  const sizes = { a: 4, c: 3, d: 5, one: 1 };
  const index = b.input("index", [d], { type: "int32" });
  const step = fc.integer({ min: -2, max: 2 });
  const place = fc.oneof(
    fc.tuple(step, step, step).map(([k, l, o]) => plus(plus(times(k, position(d)), times(l, position(c))), o)),
    fc.integer({ min: 1, max: 4 }).map((by) => modulo(position(d), by)),
    fc.integer({ min: 1, max: 4 }).map((by) => floorDiv(position(d), by)),
    fc.constant(element(index)),
  );
  const numbers = (length: number) =>
    fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: length, maxLength: length });
  const dot = (p: Float64Array, q: Float64Array): number => p.reduce((sum, value, i) => sum + value * q[i]!, 0);

  it("of read and scatter make them adjoint: <read x, y> = <x, scatter y>", () => {
    let nonzero = 0;
    fc.assert(
      fc.property(
        place,
        numbers(12),
        numbers(15),
        fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 5, maxLength: 5 }),
        (at, xs, ys, at5) => {
          const seen = b.read(x, { a: at }, [c, d]);
          const y = b.input("y", [c, d]);
          const back = b.scatter(y, [at, position(c)], [a, c]);
          const tensors = { x: xs, y: ys, index: at5 };
          const [read, given, scattered, source] = evaluateGraph([b.expand(seen, [c, d]), y, back, x], {
            tensors,
            sizes,
          }) as [Float64Array, Float64Array, Float64Array, Float64Array];
          const left = dot(read, given);
          if (left !== 0) nonzero++;
          expect(left).toBeCloseTo(dot(source, scattered), 9);
        },
      ),
      { numRuns: 200, seed: 3 },
    );
    expect(nonzero).toBeGreaterThan(100);
  });

  const row = b.input("row", [d]);
  const values = { row: [10, 11, 12, 13, 14], index: [4, 0, -1, 5, 2] };
  const on = (tensor: Tensor) => [...evaluateGraph([tensor], { tensors: values, sizes: { ...sizes, e: 8 } })[0]!];

  it("outside read 0", () => {
    expect(on(b.read(row, { d: element(index) }))).toEqual([14, 10, 0, 0, 12]);
    expect(on(b.read(row, { d: minus(position(d), 2) }, [d]))).toEqual([0, 0, 10, 11, 12]);
  });
  it("make windows, slices and joined tensors", () => {
    const [out, kernel] = [b.axis("out", 3), b.axis("kernel", 2)];
    expect(on(b.windows(row, "d", out, kernel, { stride: 2, padding: 1 }))).toEqual([0, 10, 11, 12, 13, 14]);
    expect(on(b.slice(row, "d", b.axis("part", 2), 3))).toEqual([13, 14]);
    expect(
      on(
        b.concatenate(
          [
            [b.slice(row, "d", b.axis("part", 3), 2), "part"],
            [row, "d"],
          ],
          b.axis("e"),
        ),
      ),
    ).toEqual([12, 13, 14, 10, 11, 12, 13, 14]);
    const pairs = b.split(b.slice(row, "d", b.axis("d", 4)), "d", b.axis("outer", 2), b.axis("inner", 2));
    expect(pairs.axes.map(({ name }) => name)).toEqual(["outer", "inner"]);
    expect(on(b.merge(pairs, "outer", "inner", b.axis("d", 4)))).toEqual([10, 11, 12, 13]);
  });
  it("follow the layout of an input", () => {
    const columns = b.input("columns", [a, c], { strides: [1, "a"] });
    const [seen] = evaluateGraph([columns], { tensors: { columns: [1, 2, 3, 4, 5, 6] }, sizes: { a: 2, c: 3 } });
    expect([...seen!]).toEqual([1, 3, 5, 2, 4, 6]);
  });
});

describe("draws", () => {
  it("are those of Threefry-2x32 with 20 rounds", () => {
    expect(threefry([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe]);
    expect(threefry([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])).toEqual([0x1cb996fc, 0xbb002be7]);
    expect(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([0xc4923a9c, 0x483df7a0]);
  });

  const draws = (seed: number, counter: number, stream: number) =>
    Array.from({ length: 20_000 }, (_, i) => uniform(seed, counter, stream, i));

  it("are uniform", () => {
    const values = draws(1, 0, 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / values.length;
    // Four standard errors.
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / values.length));
    expect(Math.abs(square - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / values.length));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.every((value) => Math.fround(value) === value)).toBe(true);
  });

  it("differ by seed, counter and stream, and repeat", () => {
    const reference = draws(1, 0, 0);
    expect(draws(1, 0, 0)).toEqual(reference);
    for (const other of [draws(2, 0, 0), draws(1, 1, 0), draws(1, 0, 1)]) {
      const correlation =
        other.reduce((sum, value, i) => sum + (value - 0.5) * (reference[i]! - 0.5), 0) * (12 / 20_000);
      expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(20_000));
    }
  });
});
