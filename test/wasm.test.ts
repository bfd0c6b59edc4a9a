/** The emitted WebAssembly, run: every activation at inputs of every kind, at every place and length, and its memory. */
import { readFileSync } from "node:fs";
import { compile as assemble } from "watr";
import { describe, expect, it, test } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { defaults, type Definition, type ParameterValues } from "../src/index.js";
import { FLOAT32, nearZero, ulps } from "./helpers/accuracy.js";
import { generator, parameterSets, singleInputs } from "./helpers/inputs.js";
import { loadModule, slopes } from "./helpers/modules.js";
import { WASM, importsOf, loadWasm, type WasmModule } from "./helpers/wasm.js";

/** ULP of float32, and what an error near a zero of a function may come to. */
const BOUND = 2;
/** Bit patterns of float32 at a fixed stride. */
const PATTERNS = { defaults: 1 << 14, others: 1 << 11 };

const modules = await Promise.all(
  catalogue.map(async (definition) => [definition, await loadWasm(definition.id)] as const),
);
const each = modules.map(([definition, module]) => [definition.id, definition, module] as const);

/** The gradient that backward gives for dy = 1, with what the module saves. */
const slopesOf = (module: WasmModule, x: Float32Array, parameters?: ParameterValues): Float32Array =>
  slopes(module, x, parameters);

/** Inputs where a loop is further from the float64 function than it may be. */
function misses(
  inputs: Float32Array,
  got: Float32Array,
  exact: (x: number) => number,
): { readonly x: number; readonly got: number; readonly right: number }[] {
  return [...inputs].flatMap((x, i) => {
    const right = exact(x);
    if (ulps(got[i]!, right, 0, FLOAT32) <= BOUND) return [];
    if (Math.abs(got[i]! - right) <= FLOAT32.nearZero && nearZero(exact, x, right)) return [];
    return [{ x, got: got[i]!, right }];
  });
}

const patternsFor = (definition: Definition, parameters: ParameterValues): number =>
  parameters === parameterSets(definition)[0] ? PATTERNS.defaults : PATTERNS.others;

describe.each(each)("%s", (id, definition, module) => {
  test("is within the bound of the function in float64", async () => {
    const js = await loadModule(id);
    for (const parameters of parameterSets(definition)) {
      const inputs = singleInputs(definition, parameters, patternsFor(definition, parameters));
      const loops = { y: js.forward(inputs, undefined, parameters), dx: slopes(js, inputs, parameters) };
      // Where JavaScript's loops miss, which has its own table of reasons, the same is allowed.
      const known = {
        y: misses(inputs, loops.y, (x) => js.value(x, parameters)),
        dx: misses(inputs, loops.dx, (x) => js.derivative(x, parameters)),
      };
      const found = {
        y: misses(inputs, module.forward(inputs, undefined, parameters), (x) => js.value(x, parameters)),
        dx: misses(inputs, slopesOf(module, inputs, parameters), (x) => js.derivative(x, parameters)),
      };
      for (const of of ["y", "dx"] as const)
        expect(found[of].filter(({ x }) => !known[of].some((miss) => Object.is(miss.x, x)))).toEqual([]);
    }
  });

  test("has the limits, zeros and subnormals of the loops in JavaScript", async () => {
    const js = await loadModule(id);
    const inputs = Float32Array.of(0, -0, Infinity, -Infinity, NaN, 1e-45, -1e-45, 1e-39, -1e-39, 3.4e38, -3.4e38);
    for (const parameters of parameterSets(definition)) {
      const bits = (of: { forward: WasmModule["forward"] }): number[] => [...of.forward(inputs, undefined, parameters)];
      expect(bits(module)).toEqual(bits(js));
      expect([...slopesOf(module, inputs, parameters)]).toEqual([...slopes(js, inputs, parameters)]);
    }
  });

  test("gives the same bits in lanes, behind them, at any place, copied or not, and writes nowhere else", () => {
    const random = generator(id);
    const values = Float32Array.from({ length: 40 }, () => (random() - 0.5) * 2 ** (random() * 12 - 2));
    const saved = module.saves === "input" ? values : module.forward(values);
    const dy = Float32Array.from(values, () => random() - 0.5);
    const expected = { y: words(module.forward(values)), dx: words(module.backward(dy, saved)) };
    const inside = [values, saved, dy, values].map((list) => {
      const array = module.allocate(list.length + 16);
      array.subarray(8).set(list);
      return array;
    });
    for (let length = 0; length < 10; length++)
      for (const offset of [8, 9, 10, 11]) {
        const part = (list: Float32Array): Float32Array => list.subarray(offset - 8, offset - 8 + length);
        const [x, s, d, out] = inside.map((array) => array.subarray(offset, offset + length));
        const run = (name: "y" | "dx", call: () => void): void => {
          inside[3]!.fill(-77);
          call();
          expect(words(out!)).toEqual(expected[name].slice(offset - 8, offset - 8 + length));
          expect([...inside[3]!].every((word, at) => (at >= offset && at < offset + length) || word === -77)).toBe(
            true,
          );
        };
        run("y", () => module.forward(x!, out));
        run("dx", () => module.backward(d!, s!, out));
        expect(words(module.forward(part(values)))).toEqual(words(module.forward(x!)));
        // In place, and from one kind of array to the other.
        const copy = Float32Array.from(part(dy));
        expect(words(module.backward(copy, s!, copy))).toEqual(words(module.backward(d!, part(saved))));
      }
    inside.forEach((array) => module.free(array));
  });

  const learnable = definition.parameters.filter((parameter) => parameter.learnable).map(({ name }) => name);
  test.runIf(learnable.length > 0)("adds up the gradients of parameters", async () => {
    const js = await loadModule(id);
    const random = generator(`${id} gradients`);
    for (const length of [0, 1, 2, 5, 1001, 20_000]) {
      const x = Float32Array.from({ length }, () => (random() - 0.5) * 8);
      const dy = Float32Array.from({ length }, () => random() - 0.5);
      const zeros = (): Record<string, number> => Object.fromEntries(learnable.map((name) => [name, 3]));
      const [ours, theirs] = [zeros(), zeros()];
      module.backward(dy, x, undefined, defaults(definition), ours);
      js.backward(dy, x, undefined, defaults(definition), theirs);
      for (const name of learnable) expect(ours[name]!).toBeCloseTo(theirs[name]!, 8);
    }
  });

  test("is the text beside it, and asks for nothing but a memory and functions of Math", () => {
    const text = readFileSync(new URL(`${id}.wat`, WASM), "utf8");
    const code = /"(AGFzb[^"]*)"/.exec(readFileSync(new URL(`${id}.js`, WASM), "utf8"))![1]!;
    expect(Buffer.from(assemble(text)).toString("base64")).toBe(code);
    for (const { module: from, name } of importsOf(Buffer.from(code, "base64")))
      expect(from === "host" ? name : Object.hasOwn(Math, name)).toBe(from === "host" ? "memory" : true);
  });
});

const words = (array: Float32Array): number[] => [...new Uint32Array(Float32Array.from(array).buffer)];

describe("the memory", () => {
  const silu = modules.find(([{ id }]) => id === "silu")![1];
  const relu = modules.find(([{ id }]) => id === "relu")![1];

  it("is one for all modules", () => {
    const x = relu.allocate(100);
    const y = silu.allocate(100);
    expect(x.buffer).toBe(y.buffer);
    expect(x.buffer.byteLength).toBe(2 ** 26);
    x.set(Float32Array.from({ length: 100 }, (_, i) => i / 8 - 6));
    expect([...silu.forward(relu.forward(x, y), y)]).toEqual([...silu.forward(relu.forward(Float32Array.from(x)))]);
    silu.free(x);
    relu.free(y);
  });

  it("is stable over many calls with arrays of random sizes", () => {
    const random = generator("sizes");
    const size = (): number => Math.floor(2 ** (random() * 14));
    const held: Float32Array[] = [];
    const { byteLength } = relu.allocate(1).buffer;
    for (let i = 0; i < 20_000; i++) {
      if (held.length > 12) relu.free(held.splice(Math.floor(random() * held.length), 1)[0]!);
      const x = relu.allocate(size());
      expect(x.every((value) => value === 0)).toBe(true);
      x.fill(i);
      held.push(x);
      if (i % 16 === 0) relu.forward(new Float32Array(size()));
    }
    for (const array of held) expect(array.every((value) => value === array[0])).toBe(true);
    held.forEach((array) => relu.free(array));
    expect(relu.allocate(1).buffer.byteLength).toBe(byteLength);
  });

  it("tells arrays that it outgrew, and gives them back", () => {
    const x = silu.allocate(3);
    x.set([1, 2, 3]);
    const { byteLength } = x.buffer;
    const large = silu.allocate(byteLength / 4);
    expect(x).toHaveLength(0);
    expect(() => silu.forward(x)).toThrow(/"x" lost its memory when that grew.*renew\(x\)/);
    expect(() => silu.backward(large, large, x)).toThrow(/"dx" lost its memory/);
    const again = silu.renew(x);
    expect([...again]).toEqual([1, 2, 3]);
    expect(silu.renew(again)).toBe(again);
    expect(() => silu.renew(x)).toThrow(/not from allocate, or it is free or renewed already/);
    silu.free(again);
    silu.free(large);
    // What was freed is used again.
    const { buffer } = silu.allocate(byteLength / 4);
    expect(buffer).toBe(large.buffer);
  });

  it("refuses what it did not give, what was given back, and lengths that cannot be", () => {
    const x = silu.allocate(4);
    silu.free(x);
    expect(() => silu.free(x)).toThrow(TypeError);
    expect(() => silu.free(new Float32Array(1))).toThrow(TypeError);
    for (const length of [-1, 1.5, NaN, 2 ** 30]) expect(() => silu.allocate(length)).toThrow(RangeError);
    expect(() => silu.allocate(2 ** 30 - 1)).toThrow(RangeError);
    expect([...silu.forward(Float32Array.of(1))]).toEqual([...silu.forward(Float32Array.of(1))]);
  });

  it("takes arrays of any size through its windows", () => {
    const random = generator("windows");
    const x = Float32Array.from({ length: 50_001 }, () => (random() - 0.5) * 20);
    const inside = silu.allocate(x.length);
    inside.set(x);
    const expected = words(silu.forward(inside, inside));
    expect(words(silu.forward(x))).toEqual(expected);
    expect(words(silu.forward(x, x))).toEqual(expected);
    silu.free(inside);
  });

  it("refuses lengths that differ and parameters out of range, as JavaScript does", () => {
    expect(() => silu.forward(new Float32Array(2), new Float32Array(3))).toThrow("y has 3 elements, x 2");
    expect(() => silu.backward(new Float32Array(2), new Float32Array(3))).toThrow("x has 3 elements, dy 2");
    expect(() => silu.forward(new Float32Array(2), undefined, { beta: -1 })).toThrow(/beta must be in/);
  });
});
