/** People's own functions and derivatives: read from the text, they compute what the functions compute. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Report } from "../src/frontends/report.js";
import { readPairs, type SourceClaim, type SourcePair } from "../src/frontends/source/pairs.js";
import { evaluate } from "../src/ir/evaluate.js";
import { variableOf, variables, type Expr } from "../src/ir/expr.js";
import { formulaText } from "../src/ir/print.js";
import { generator } from "./helpers/inputs.js";

type Numeric = (...args: unknown[]) => number;
const FIXTURES = new URL("./fixtures/source/", import.meta.url);

/** What a function calls its arguments; the names of a destructured one in an array, by their keys. */
function argumentNames(callable: Numeric): readonly (string | readonly string[])[] {
  const text = String(callable);
  if (text.includes("[native code]")) return ["x"];
  const list = /^[^(]*?\(([^)]*)\)/.exec(text)?.[1] ?? "";
  const names: (string | readonly string[])[] = [];
  for (const [, fields, name] of list.matchAll(/\{([^}]+)\}(?:\s*=\s*\{\s*\})?|([\w$]+)(?:\s*=\s*[-\d.]+)?/g))
    names.push(name ?? fields!.split(",").map((field) => /\w+/.exec(field)![0]));
  return names;
}

const memberAt = (module: object, path: string): Numeric =>
  path.split(".").reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], module) as Numeric;

/** Calls with each argument by its name; "options" is an object of everything. */
function callByName(callable: Numeric, valueOf: (name: string) => number, everything: object): number {
  const args = argumentNames(callable).map((name) =>
    typeof name !== "string"
      ? Object.fromEntries(name.map((key) => [key, valueOf(key)]))
      : name === "options"
        ? everything
        : valueOf(name),
  );
  return Number(callable(...args));
}

const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-11 * Math.max(1, Math.abs(a), Math.abs(b));
/** Places where functions of the fixtures bend, and others. */
const KINKS = [0, 1, -1, 2.5, -2.5, -2, 0.5, -0.5];

describe.each(["toy-network.js", "members.js", "typed.ts"])("%s", (file) => {
  const text = readFileSync(new URL(file, FIXTURES), "utf8");

  it("reads as it computes", async () => {
    const module = (await import(new URL(file, FIXTURES).href)) as object;
    const { pairs, problems } = await readPairs(text, file);
    expect(problems).toEqual([]);
    const random = generator(file);
    for (const { name, derivativeName, formula, claim, names } of pairs) {
      const [f, g] = [memberAt(module, name), memberAt(module, derivativeName)];
      for (let i = 0; i < 60; i++) {
        const x = KINKS[i] ?? (random() - 0.5) * 12;
        const values: Record<string, number> = { x, dy: random() * 2 - 1 };
        for (const leaf of variables(formula, claim)) values[variableOf(leaf).name] ??= 0.2 + random();
        if (values["max_"] !== undefined) values["max_"] = values["min_"]! + 1;
        values["y"] = evaluate(formula, values);
        const input = names.get("x")!;
        const ofFunction = (their: string): number =>
          values[their] ?? values[`${their}_`] ?? (their === input ? x : NaN);
        const ours = new Map([...names].map(([our, their]) => [their, our]));
        const ofDerivative = (their: string): number => values[ours.get(their) ?? their] ?? x;
        expect(close(callByName(f, ofFunction, values), values["y"]), `${name} at ${JSON.stringify(values)}`).toBe(
          true,
        );
        const expected = callByName(
          g,
          (their) => (derivativeName.includes("elu") && their === "alpha" ? values["alpha"]! : ofDerivative(their)),
          values,
        );
        const actual = evaluate(claim, values);
        // cbrt(x)^-2 has no value at 0; neither has the claim.
        if (Number.isFinite(expected) || Number.isFinite(actual))
          expect(
            close(expected, actual),
            `${derivativeName} at ${JSON.stringify(values)}: ${expected}, ${actual}`,
          ).toBe(true);
      }
    }
  });

  it("has a pair for each function that is a derivative", async () => {
    const { pairs, definitions } = await readPairs(text, file);
    const expected = { "toy-network.js": [20, 38], "members.js": [7, 13], "typed.ts": [10, 19] }[file]!;
    expect([pairs.length, definitions]).toEqual(expected);
    for (const { place, derivativeName } of pairs) {
      const word = text.slice(place.start, place.end);
      expect(word).toBe(derivativeName.split(".").at(-1));
      expect(text.split("\n")[place.line - 1]!.slice(place.column - 1)).toMatch(new RegExp(`^${word}\\b`));
    }
  });
});

describe("functions inside programs", () => {
  it.each([
    ["network.js", ["leakyReluPrime", "activations.sigmoid.df", "activations.tanh.df", "activations.swish.df"]],
    ["registry.txt", ["eluGrad", "hardSigmoidDerivative", "Softplus.backward"]],
  ])("of %s are read", async (file, derivatives) => {
    const { pairs, problems } = await readPairs(
      readFileSync(new URL(file, FIXTURES), "utf8"),
      file.replace("txt", "ts"),
    );
    expect(problems).toEqual([]);
    expect(pairs.map(({ derivativeName }) => derivativeName)).toEqual(derivatives);
  });
});

const read = (text: string, file = "file.ts"): Promise<Report<SourceClaim>> => readPairs(text, file);
async function onePair(text: string): Promise<SourcePair> {
  const { pairs, problems } = await read(text);
  expect(problems).toEqual([]);
  expect(pairs).toHaveLength(1);
  return pairs[0]!;
}
const shown = (expr: Expr): string => formulaText(expr);

describe("pairs", () => {
  it.each([
    ["relu", "reluPrime", 1],
    ["relu", "reluDerivative", 1],
    ["relu", "relu_derivative", 1],
    ["relu", "dRelu", 1],
    ["relu", "drelu", 1],
    ["relu", "d_relu", 1],
    ["relu", "reluGrad", 1],
    ["relu", "reluGradient", 1],
    ["relu", "reluBackward", 1],
    ["relu", "relu_prime", 1],
    ["relu", "relu_grad", 1],
    ["relu", "relu_backward", 1],
    ["relu", "reluprime", 1],
    ["relu", "derivativeOfRelu", 1],
    ["relu", "derivative_of_relu", 1],
    ["relu", "reluDeriv", 1],
    ["relu", "gradRelu", 1],
    ["ReLU", "dReLU", 1],
    ["ReLU", "ReLUPrime", 1],
    ["leakyRelu", "leaky_relu_prime", 1],
    ["reluForward", "reluBackward", 1],
    ["relu_forward", "relu_backward", 1],
    ["reluFunction", "reluPrime", 1],
    ["f", "df", 1],
    ["f", "fPrime", 1],
    ["activate", "derivative", 1],
    ["forward", "backward", 1],
    ["value", "derivative", 1],
    ["relu", "reluSecondDerivative", 2],
    ["relu", "reluPrimePrime", 2],
    ["relu", "d2Relu", 2],
    ["relu", "d2relu", 2],
    ["relu", "reluSecond", 2],
    ["relu", "relu_second_derivative", 2],
    ["relu", "secondDerivativeOfRelu", 2],
    ["value", "secondDerivative", 2],
  ])("%s has the derivative %s of order %i", async (name, derivative, order) => {
    const pair = await onePair(`function ${name}(x) { return x * x }\nconst ${derivative} = (x) => 2 * x;`);
    expect(pair).toMatchObject({ name, derivativeName: derivative, order, input: "x" });
    expect(pair.place).toMatchObject({ line: 2, column: 7 });
  });

  it.each([
    "const f = (x) => x; const g = (x) => 1;",
    "const dense = (x) => x; const d = (x) => x;",
    "const reluPrime = (x) => 1;",
    "import { relu } from './relu'; export const reluPrime = (x) => 1;",
    "",
    "// nothing",
    "interface A { f: number }",
    "for (;;) {}",
  ])("are not made up: %s", async (text) => {
    expect(await read(text)).toMatchObject({ pairs: [], problems: [] });
  });

  it("of both orders stand beside each other", async () => {
    const { pairs } = await read("const f = (x) => x; const fPrime = (x) => 1; const fPrimePrime = (x) => 0;");
    expect(pairs.map(({ name, derivativeName, order }) => [name, derivativeName, order])).toEqual([
      ["f", "fPrime", 1],
      ["f", "fPrimePrime", 2],
    ]);
  });

  it("come from tags before names", async () => {
    const { pairs } = await read(`
      const f = (x) => x; const g = (x) => x + 1;
      /** @derivativeOf g */
      const fPrime = (x) => 1;
      /** Bends. @derivativeOf f 2 */
      function bend(x) { return 0 }`);
    expect(pairs.map(({ name, derivativeName, order }) => [name, derivativeName, order])).toEqual([
      ["g", "fPrime", 1],
      ["f", "bend", 2],
    ]);
  });

  it("are found in CommonJS", async () => {
    const { pairs, problems } = await read(
      `function f(x) { return x }
       exports.f = f;
       module.exports.fPrime = (x) => exports.one(x);
       exports.one = function (x) { return x / x };
       module.exports = { f, g: (x) => x, dg: (x) => 1 };
       module.exports.h = (x) => x; exports.dh = () => 1;`,
      "file.cjs",
    );
    expect(problems).toEqual([]);
    expect(pairs.map(({ name, derivativeName }) => [name, derivativeName])).toEqual([
      ["f", "fPrime"],
      ["module.exports.g", "module.exports.dg"],
      ["h", "dh"],
    ]);
  });

  it("are found in lists of objects", async () => {
    const { pairs } = await read(
      "export const CURVES = [{ f: (x) => x, df: (x) => 1 }, { label: 'b', fn: (x) => 2, derivative: (x) => 0 }];",
    );
    expect(pairs.map(({ name, derivativeName }) => [name, derivativeName])).toEqual([
      ["CURVES[0].f", "CURVES[0].df"],
      ["CURVES[1].fn", "CURVES[1].derivative"],
    ]);
  });

  it("take the last of two functions of one name", async () => {
    const pair = await onePair("function f(x) { return 1 } function f(x) { return 2 } const df = (x) => 0;");
    expect(shown(pair.formula)).toBe("2");
  });
});

describe("arguments", () => {
  it.each([
    ["(x)", "(x)", "x", { x: "x" }],
    ["(z)", "(z)", "x", { x: "z" }],
    ["(x)", "(v)", "x", { x: "v" }],
    ["(x)", "(y)", "y", { y: "y" }],
    ["(x)", "(out)", "y", { y: "out" }],
    ["(x)", "(a)", "x", { x: "a" }],
    ["(x)", "(delta)", "x", { x: "delta" }],
    ["(x)", "(fx)", "y", { y: "fx" }],
    ["(y)", "(y)", "x", { x: "y" }],
    ["(x, a = 2)", "(x, a)", "x", { x: "x" }],
    ["(x)", "(dy, x)", "dy * x", { dy: "dy", x: "x" }],
    ["(x)", "(x, grad)", "x * dy", { dy: "grad" }],
    ["(x)", "(gradOutput, y)", "dy * y", { dy: "gradOutput", y: "y" }],
    ["(x)", "(output, upstream)", "y * dy", { dy: "upstream", y: "output" }],
    ["(x)", "(dout)", "dy", { dy: "dout" }],
    ["(x, alpha)", "(x, slope)", "x * alpha", { alpha: "slope" }],
    ["(x, alpha)", "(dy, x, alpha)", "dy * x * alpha", { alpha: "alpha" }],
    ["(alpha, x)", "(alpha, x)", "alpha * x", { x: "x" }],
    ["(z, x0)", "(z, x0)", "x * x0", { x: "z" }],
    ["(x, { alpha = 1 } = {})", "(x, { alpha: b = 1 } = {})", "x * alpha", { alpha: "b" }],
    ["(x)", "(x, eps = 1e-7)", "x * eps", { eps: "eps" }],
    ["(z, y)", "(z, y)", "x * y_", { y_: "y" }],
    ["(x, tanh)", "(x, tanh)", "x * tanh_", { tanh_: "tanh" }],
    ["(x, λ, $)", "(x, λ, $)", "x * p * p_", { p: "λ", p_: "$" }],
    ["(x: number, alpha: number = 1)", "(x: number, alpha?: number)", "x * alpha", { alpha: "alpha" }],
  ])("%s with %s", async (ofFunction, ofDerivative, product, names) => {
    const theirs = [...ofDerivative.matchAll(/[\p{L}$]\w*/gu)]
      .map(([name]) => name)
      .filter((name) => !["number", "e"].includes(name));
    const used = ofDerivative.includes("{") ? ["x", "b"] : theirs.filter((name) => !["", "7"].includes(name));
    const body = product.split(" * ").length === 1 ? used[0] : product === "x" ? "x" : used.join(" * ");
    const pair = await onePair(`const f = ${ofFunction} => 1; const fPrime = ${ofDerivative} => ${body};`);
    const leaves = new Set(variables(pair.claim).map((leaf) => variableOf(leaf).name));
    for (const name of product.split(" * ")) expect(leaves).toContain(name);
    expect(Object.fromEntries(pair.names)).toMatchObject(names);
  });

  it("have names of their own, however alike", async () => {
    const long = Array.from({ length: 20 }, (_, i) => `${"a".repeat(70)}${i}`);
    const list = ["x", ...long, "é", "ø", "_", "exp", "exp_", "constructor", "lambda"].join(", ");
    const pair = await onePair(`const f = (${list}) => ${list.replaceAll(", ", " + ")}; const df = (${list}) => 1;`);
    const names = variables(pair.formula).map((leaf) => variableOf(leaf).name);
    expect(new Set(names).size).toBe(28);
    for (const name of names) expect(name).toMatch(/^[A-Za-z]\w{0,63}$/);
  });

  it("are told by @input", async () => {
    const pair = await onePair("const f = (x) => x * x;\n/** @input s */ const fBackward = (dy, s) => 2 * s * dy;");
    expect(shown(pair.claim)).toBe("2 * x * dy");
    const last = await onePair(
      "const f = (x) => x * x;\n/** @gradient k @output s\n * @derivativeOf f */ const slope = (s, k) => 2 * s * k;",
    );
    expect(shown(last.claim)).toBe("2 * y * dy");
    const other = await onePair(
      "/** @input b */ const f = (a, b) => a * b;\n/** @input b */ const fPrime = (a, b) => a;",
    );
    expect(other.input).toBe("b");
    expect([shown(other.formula), shown(other.claim)]).toEqual(["a * x", "a"]);
  });
});

describe("what can be written", () => {
  it.each([
    ["x => -x", "-x"],
    ["x => +x", "x"],
    ["x => 2 ** 3 * x ** 2", "2^3 * x^2"],
    ["x => 1 / 3", "1 / 3"],
    ["x => 0x1f + 0b11 + 0o17 + 1_000 + 1.5e-3 + .5 + 5.", "31 + 3 + 15 + 1000 + 0.0015 + 0.5 + 5"],
    ["x => 0.1000000000000000055 * x", "0.1000000000000000055 * x"],
    ["x => Math.PI + Math.E + Math.SQRT2 + Math.LN2", "pi + exp(1) + sqrt(2) + log(2)"],
    ["x => Math.max(x) + Math.min(1, x, 3)", "x + min(min(1, x), 3)"],
    ["x => x > 0 && x < 1 ? 1 : 0", "x > 0 and x < 1 ? 1 : 0"],
    ["x => x < 0 || x >= 1 ? 1 : 0", "x < 0 or x >= 1 ? 1 : 0"],
    ["x => !(x < 0) ? 1 : 0", "not (x < 0) ? 1 : 0"],
    ["x => x != 0 ? x : 1", "x != 0 ? x : 1"],
    ["x => x === 0 ? 1 : x", "x == 0 ? 1 : x"],
    ["x => x ? 1 : 2", "x != 0 ? 1 : 2"],
    ["x => !x ? 1 : 2", "x == 0 ? 1 : 2"],
    ["x => (x > 0) * x", "(x > 0 ? 1 : 0) * x"],
    ["x => +(x > 0)", "x > 0 ? 1 : 0"],
    ["x => Number(x > 0)", "x > 0 ? 1 : 0"],
    ["x => Number.isNaN(x) ? 7 : isNaN(x) ? 8 : x", "x"],
    ["x => x !== x ? 7 : x", "x"],
    ["x => Number.isFinite(x) ? x : 7", "x"],
    ["x => true ? x : 1", "x"],
    ["x => ((x > 0) === 1 ? 7 : (x > 0) == 1 ? 8 : x)", "(x > 0 ? 1 : 0) == 1 ? 8 : x"],
    ["x => ((x > 0) === true ? 8 : x)", "(x > 0 ? 1 : 0) == 1 ? 8 : x"],
    ["x => { let a; if (x > 0) a = 1; else a = 2; return a ?? 3 }", "x > 0 ? 1 : 2"],
    ["x => (x as number)! satisfies number", "x"],
    ["(x, a) => x * (a || 0.01)", "x * (a != 0 ? a : 0.01)"],
    ["(x, a) => x * (a ?? 0.01)", "x * a"],
    ["(x, a) => a === undefined ? x : a * x", "a * x"],
    ["(x, a) => { if (a == null) a = 1; return a * x }", "a * x"],
    ["x => { 'use strict'; console.log(x); return x }", "x"],
    [
      "x => { let s = x; s *= 2; s += 1; s -= 3; s /= 4; s **= 2; s++; --s; return s }",
      "((x * 2 + 1 - 3) / 4)^2 + 1 - 1",
    ],
    ["x => { var r; if (x > 0) { var q = 1; r = q } else { r = 2 } return r + 1 }", "(x > 0 ? 1 : 2) + 1"],
    ["x => { if (x > 2) return 1; if (x > 1) { return 2 } return 3 }", "x > 2 ? 1 : x > 1 ? 2 : 3"],
    ["x => { if (x > 0) { if (x > 1) return 1; else return 2 } else { return 3 } }", "x > 0 ? (x > 1 ? 1 : 2) : 3"],
    ["x => { let a = 0; if (x > 0) { a = 1; if (x > 1) a = 2 } return a }", "x > 0 ? (x > 1 ? 2 : 1) : 0"],
    ["x => { let a = 1; { let a = 2; a += 1 } return a * x }", "1 * x"],
    ["x => { let a = 1; if (x > 0) { a = 5; return a } return a }", "x > 0 ? 5 : 1"],
    ["x => { if (x > 0) return x; else throw new Error('no') }", "x"],
    ["x => { if (x > 0) return x; throw new Error('no') }", "x"],
    ["x => { if (x > 3) return 1; if (x > 0) return x; throw new Error('no') }", "x > 3 ? 1 : x"],
    ["x => { let a = 1; if (x > 0) { a = 2; throw 1 } else a += 2; return a }", "1 + 2"],
    ["x => { if (!(x > 0)) { throw 1 } return Math.log(x) }", "log(x)"],
    ["x => { const g = (u) => u * x; return g(2) + g(3) }", "2 * x + 3 * x"],
    ["x => { function g(u, k = 3) { return u * k } return g(x) + g(x, 4) }", "x * 3 + x * 4"],
    ["x => { const { exp: e } = Math; return e(x) }", "exp(x)"],
    [
      "x => { const o = { a: 2, g(u) { return u * this_ } }; const this_ = 3; return o.a * x + o['g'](x) }",
      "2 * x + x * 3",
    ],
    ["x => { return x\n}", "x"],
    ["function (x) { return x }", "x"],
    ["x => Object.freeze({ k: 2 }).k * x", "2 * x"],
    ["x => Math.fround(x)", "x"],
    ["x => x > 0 && 3", "x > 0 ? 3 : 0"],
    ["x => x && 3", "x != 0 ? 3 : 0"],
    ["x => x > 0 || 3", "x > 0 ? 1 : 3"],
    ["x => (x > 0 && x > 1 || x < -1) ? 1 : 0", "x > 0 and x > 1 or x < -1 ? 1 : 0"],
  ])("%s", async (text, formula) => {
    const pair = await onePair(`const f = ${text};\nconst fPrime = (x) => 0;`);
    expect(shown(pair.formula)).toBe(formula);
  });

  it("keeps JavaScript's order of looking: the right side of && only where the left is true", async () => {
    const { formula } = await onePair("const f = (x) => (x > 0 && Math.log(x) > 1 ? 1 : 2); const fPrime = (x) => 0;");
    expect([-1, 1, 4].map((x) => evaluate(formula, { x }))).toEqual([2, 2, 1]);
    const other = await onePair(
      "const f = (x) => { if (x > 0) { if (Math.log(x) > 1) return 1; } return 2 }; const fPrime = (x) => 0;",
    );
    expect([-1, 1, 4].map((x) => evaluate(other.formula, { x }))).toEqual([2, 2, 1]);
  });

  it("follows constants and functions of the file, in any order", async () => {
    const { formula } = await onePair(`
      const f = (x) => outer(x) + K * TWICE;
      const fPrime = (x) => 0;
      const K = 1.5, TWICE = 2 * K;
      let fixed = 4;
      function outer(u, k = fixed) { return inner(u) * k }
      const inner = (u) => u + 1;`);
    expect(shown(formula)).toBe("(x + 1) * 4 + 1.5 * (2 * 1.5)");
  });

  it("shares what is inlined", async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `const f${i + 1} = (x) => f${i}(x) * f${i}(x);`);
    const { formula } = await onePair(`const f0 = (x) => x + 1;\n${lines.join("\n")}\nconst f30Prime = (x) => 0;`);
    expect(formula.height).toBe(31);
  });
});
