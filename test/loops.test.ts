/** Loops: their rules, the vector lanes they are spread over, and their plain meaning against the high-precision reference. */
import { beforeAll, describe, expect, it, test } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { kernelsOf } from "../src/codegen/loops/activation.js";
import { elementwiseLoop } from "../src/codegen/loops/elementwise.js";
import { inLanes } from "../src/codegen/loops/lanes.js";
import { UNIFORM } from "../src/codegen/loops/uniform.js";
import { createOracle, differentiate, planActivation, type Oracle } from "../src/pipeline/activation.js";
import { defaults } from "../src/index.js";
import { mul, variable, x } from "../src/ir/build.js";
import { uniform } from "../src/ir/graph/random.js";
import { interpret } from "../src/ir/loops/interpret.js";
import {
  apply,
  assign,
  constantOf,
  letBe,
  load,
  local,
  store,
  whole,
  type LoopFunction,
} from "../src/ir/loops/loops.js";
import { printLoops } from "../src/ir/loops/print.js";
import { faultsOf } from "../src/ir/loops/verify.js";
import { targets } from "../src/registry.js";
import { moduleBytes, moduleText } from "../src/targets/wasm/text.js";
import { FLOAT32, ulps } from "./helpers/accuracy.js";
import { loadModule, slopes } from "./helpers/modules.js";
import { instantiate } from "./helpers/wasm.js";

const i = local("i32", "i");
const length = local("i32", "length");
const doubled = (body: LoopFunction["body"], results: LoopFunction["results"] = []): LoopFunction => ({
  name: "doubled",
  arrays: ["x", "y"].map((name) => ({ name, element: "f32" })),
  numbers: [length],
  results,
  body,
});
const v = local("f64", "v");
const over = (...body: LoopFunction["body"]): LoopFunction["body"][number] => ({
  kind: "for",
  index: i,
  from: whole(0),
  to: length,
  step: 1,
  body,
});
const read = letBe(v, apply("widen", load("f32", "x", i)));
const write = store("y", i, apply("narrow", apply("add", v, v)));

describe("well-formed loops", () => {
  it("have no faults", () => {
    expect(faultsOf(doubled([over(read, write)]))).toEqual([]);
  });

  const wrong: readonly (readonly [string, LoopFunction, RegExp])[] = [
    ["a local before its definition", doubled([over(write, read)]), /v is no f64 here/],
    ["a local outside of its scope", doubled([over(read), assign(v, constantOf("f64", 1))]), /v is assigned before/],
    ["a name twice", doubled([over(read, read)]), /v is defined twice/],
    ["an array that is not there", doubled([over(letBe(local("f32", "a"), load("f32", "z", i)))]), /no array z/],
    ["a store of float64", doubled([over(read, store("y", i, v))]), /y holds f32, not f64/],
    ["a place that is no whole number", doubled([over(read, store("y", v, apply("narrow", v)))]), /place in y is f64/],
    ["more places than lanes", doubled([over(store("y", i, load("v2f32", "x", i), 4))]), /4 of the lanes of v2f32/],
    ["a value of another type", doubled([letBe(v, whole(1))]), /v: f64 = i32/],
    ["an operation on other types", doubled([letBe(v, { ...apply("add", whole(1), whole(1)), type: "f64" })]), /add\(/],
    ["a return in a loop", doubled([over({ kind: "return", values: [] })]), /return is not the last/],
    ["no return", doubled([over(read, write)], ["f64"]), /nothing is returned/],
    ["other results", doubled([{ kind: "return", values: [whole(1)] }], ["f64"]), /returns i32 instead of f64/],
    ["a step of 0", doubled([{ ...over(read), step: 0 } as LoopFunction["body"][number]]), /by 0/],
  ];
  it.each(wrong)("refuse %s", (_, loop, fault) => {
    expect(faultsOf(loop).join("\n")).toMatch(fault);
  });

  it("take operands of the types that an operation is made for", () => {
    expect(() => apply("add", v, whole(1))).toThrow("add is not made for f64, i32");
    expect(() => apply("select", v, v, v)).toThrow(TypeError);
  });
});

test("a choice between statements, its plain meaning and its instructions", async () => {
  const result = local("f64", "result");
  const chooses: LoopFunction = {
    name: "chooses",
    arrays: [],
    numbers: [length],
    results: ["f64"],
    body: [
      letBe(result, constantOf("f64", 1)),
      {
        kind: "if",
        condition: apply("and", apply("lt", length, whole(3)), apply("not", apply("eq", length, whole(-1)))),
        then: [assign(result, apply("add", result, result))],
        otherwise: [assign(result, apply("select", apply("le", length, whole(5)), result, apply("neg", result)))],
      },
      { kind: "return", values: [result] },
    ],
  };
  expect(faultsOf(chooses)).toEqual([]);
  const { chooses: run } = instantiate<{ chooses: (length: number) => number }>(
    await moduleBytes(moduleText([chooses], ";; A choice.")),
  );
  const lengths = [-2, -1, 2, 3, 5, 6];
  expect(lengths.map((given) => interpret(chooses, { arrays: {}, numbers: { length: given } }))).toEqual(
    [2, 1, 2, 1, 1, -1].map((value) => [value]),
  );
  expect(lengths.map((given) => [run(given)])).toEqual([2, 1, 2, 1, 1, -1].map((value) => [value]));
});

test("random numbers are those of the definition", async () => {
  const { uniform: run } = instantiate<{ uniform: (...words: number[]) => number }>(
    await moduleBytes(moduleText([UNIFORM], ";; Draws.")),
  );
  const words = [0, 1, -1, 255, 2 ** 31 - 1, -(2 ** 31), 123456789];
  for (const seed of words)
    for (const index of words) {
      const given = [seed, index ^ 77, 3, index] as const;
      const numbers = Object.fromEntries(UNIFORM.numbers.map(({ name }, i) => [name, given[i]!]));
      expect(run(...given)).toBe(uniform(...given));
      expect(interpret(UNIFORM, { arrays: {}, numbers })).toEqual([uniform(...given)]);
    }
});

test("a function runs another on parts of its arrays", async () => {
  const at = local("i32", "at");
  const doubles: LoopFunction = {
    name: "doubles",
    arrays: [{ name: "values", element: "f32" }],
    numbers: [length],
    results: [],
    body: [
      {
        kind: "for",
        index: at,
        from: whole(0),
        to: length,
        step: 1,
        body: [store("values", at, apply("add", load("f32", "values", at), load("f32", "values", at)))],
      },
    ],
  };
  const caller: LoopFunction = {
    name: "caller",
    arrays: [{ name: "all", element: "f32" }],
    numbers: [],
    results: [],
    body: [{ kind: "run", of: doubles, arrays: [{ array: "all", index: whole(2) }], numbers: [whole(3)] }],
  };
  expect(faultsOf(caller)).toEqual([]);
  expect(faultsOf({ ...caller, arrays: [{ name: "all", element: "f64" }] })).toEqual([
    "doubles is not made for what it is given",
  ]);
  expect(printLoops(caller)).toBe("caller(all: f32[])\n  doubles(all[2], 3)");
  const all = Float32Array.of(1, 2, 3, 4, 5, 6);
  interpret(caller, { arrays: { all }, numbers: {} });
  expect([...all]).toEqual([1, 2, 6, 8, 10, 6]);
  const text = moduleText([inLanes(caller, { unroll: 1, operations: 0 })], ";; A call.");
  expect(text).toContain(
    "(call $doubles (i32.add (local.get $all) (i32.shl (i32.const 2) (i32.const 2))) (i32.const 3))",
  );
  expect(instantiate<object>(await moduleBytes(text))).toHaveProperty("caller");
});

test("what no element changes is computed once, before the loop", () => {
  const scale = variable("parameter", "scale");
  const loop = elementwiseLoop({
    name: "scaled",
    reads: new Map([[x, "x"]]),
    writes: { array: "y", value: mul(x, mul(scale, scale)) },
    sums: new Map(),
    parameters: ["scale"],
    computed: "f64",
  });
  expect(printLoops(loop)).toBe(
    [
      "scaled(x: f32[], y: f32[], length: i32, scale: f64)",
      "  let same: f64 = mul(scale, scale)",
      "  for i from 0 to length by 1",
      "    let v: f64 = widen(x[i])",
      "    y[i] = narrow(mul(v, same))",
    ].join("\n"),
  );
});

/** Inputs of every size and kind, in an order that mixes them. */
const INPUTS = Float32Array.from(
  [
    0, -0, 1e-45, -1e-45, 1e-38, -3e-5, 0.3, -0.3, 0.5, -1, 1, 1.5, -2.5, 3, -3, 6, -7.3, 17, -20, 60, -88, 104, 1e9,
    -1e9,
  ]
    .concat([3.4e38, -3.4e38, Infinity, -Infinity, NaN])
    .map((_, at, all) => all[(at * 7) % all.length]!),
);

describe("loops of activations", () => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await createOracle();
  });

  test.each(catalogue.map((definition) => [definition.id, definition] as const))("%s", async (_, definition) => {
    const { plan } = planActivation(definition, targets.wasm, oracle);
    const numbers = defaults(definition);
    const functions = Math as unknown as Readonly<Record<string, (...args: number[]) => number>>;
    const exact = differentiate(definition);
    const points = [...INPUTS].map((point) => ({ ...numbers, x: point }));
    const [value, slope] = oracle.evaluate([exact.value, exact.derivative], points);
    const found = new Map<string, Float32Array>();
    for (const kernel of kernelsOf(plan)) {
      const loop = elementwiseLoop(kernel);
      const run = (given: LoopFunction, count: number): { out: Float32Array; sums: readonly number[] } => {
        const out = new Float32Array(count + 2).fill(-77);
        const saved = plan.saves === "input" ? INPUTS : found.get("forward")!;
        const arrays = { x: INPUTS, y: saved, dy: Float32Array.from(INPUTS, () => 1), [kernel.writes.array]: out };
        const sums = interpret(given, { arrays, numbers: { length: count, ...numbers }, functions });
        expect([...out.subarray(count)]).toEqual([-77, -77]);
        return { out: out.subarray(0, count), sums };
      };
      expect(faultsOf(loop)).toEqual([]);
      const whole = run(loop, INPUTS.length).out;
      found.set(kernel.name, whole);
      for (const schedule of [1, 2, 4].map((unroll) => ({ unroll, operations: Infinity }))) {
        const vectors = inLanes(loop, schedule);
        expect(faultsOf(vectors)).toEqual([]);
        for (const count of [0, 1, 2, 3, 4, 7, 8, 17, INPUTS.length]) {
          const { out, sums } = run(vectors, count);
          expect([...out]).toEqual([...whole.subarray(0, count)]);
          const plain = run(loop, count).sums;
          sums.forEach((sum, k) => expect(sum).toSatisfy((got: number) => isNear(got, plain[k]!)));
        }
      }
    }
    const [forward, backward] = [found.get("forward")!, found.get("backward")!];
    const emitted = await loadModule(definition.id);
    const [y, dx] = [emitted.forward(INPUTS), slopes(emitted, INPUTS)];
    const misses = [...INPUTS].flatMap((point, at): readonly object[] => {
      // Far out the reference knows limits only; there it is what JavaScript gives.
      if (!(Math.abs(point) < 1e3))
        return Object.is(forward[at], y[at]) && Object.is(backward[at], dx[at]) ? [] : [{ point, at }];
      const errors = [
        ulps(forward[at]!, value!.high[at]!, value!.low[at]!, FLOAT32),
        ulps(backward[at]!, slope!.high[at]!, slope!.low[at]!, FLOAT32),
      ];
      return errors.every((error) => error <= 2) ? [] : [{ point, errors }];
    });
    expect(misses).toEqual([]);
  });
});

/** The order of a sum is another in lanes. */
const isNear = (a: number, b: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
