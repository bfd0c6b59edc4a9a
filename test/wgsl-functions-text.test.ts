/** The texts of the shader library: that front ends accept them and that their comments say what is so. */
import { describe, expect, it } from "vitest";
import { FUNCTIONS, withHelpers } from "../src/targets/wgsl/functions.js";
import { nagaProblems, operationCounts, validate } from "./helpers/gpu.js";

const text = (values: Iterable<string>): string => [...values].join("\n\n");
const kernel = (functions: string, call: string): string =>
  [
    functions,
    "@group(0) @binding(0) var<storage, read_write> values: array<f32>;",
    "@compute @workgroup_size(64)",
    "fn main(@builtin(global_invocation_id) id: vec3<u32>) {",
    "  let x = values[id.x];",
    `  values[id.x] = ${call};`,
    "}",
  ].join("\n");
const signature = (name: string): string[] => {
  const found = new RegExp(`fn ${name}\\(([^)]*)\\) -> ([\\w<>]+)`).exec(FUNCTIONS.find((f) => f.name === name)!.text)!;
  return [...found[1]!.split(", ").filter(Boolean), found[2]!];
};

describe("the texts", () => {
  const everything = text(FUNCTIONS.map((helper) => helper.text));

  it("are accepted by both front ends, all together and each with no more than it needs", async () => {
    const modules = [
      kernel(everything, "precise_exp(x)"),
      ...FUNCTIONS.map(({ name }) => kernel(text(withHelpers([name])), "x")),
    ];
    for (const code of modules) {
      expect(await validate(code)).toEqual([]);
      expect(nagaProblems(code)).toEqual([]);
    }
  });

  it("come once, in order, and with nothing that is not called", () => {
    for (const { name, uses, text: body } of FUNCTIONS) {
      const called = FUNCTIONS.filter((other) => other.name !== name && new RegExp(`\\b${other.name}\\(`).test(body));
      expect([...uses].sort(), name).toEqual(called.map((other) => other.name).sort());
      const before = FUNCTIONS.slice(
        0,
        FUNCTIONS.findIndex((other) => other.name === name),
      ).map((other) => other.name);
      expect(before, name).toEqual(expect.arrayContaining([...uses]));
    }
    const twice = withHelpers(["precise_tanh", "precise_exp", "precise_tanh"]);
    expect(new Set(twice).size).toBe(twice.length);
    expect(() => withHelpers(["precise_gamma"])).toThrow("precise_gamma");
  });

  it("use none of the functions that a driver may do badly", () => {
    expect(everything.replace(/\/\/.*/g, "")).not.toMatch(
      /\b(exp|exp2|log|log2|tanh|sinh|cosh|sin|cos|sqrt|inverseSqrt|pow|fma|clamp|sign|round|trunc|fract)\(|[^/]\/[^/]/,
    );
  });

  it("say how many float operations there are", () => {
    const counted = FUNCTIONS.filter((helper) => helper.text.includes("float operations"));
    expect(counted.length).toBeGreaterThan(20);
    for (const { name, text: body } of counted) {
      const parameters = signature(name).slice(0, -1);
      const call = `${name}(${parameters.map((parameter) => (parameter.endsWith("f32") ? "x" : parameter.endsWith("u32") ? "1u" : "1")).join(", ")})`;
      const result = signature(name).at(-1)!.startsWith("vec") ? `${call}.x` : call;
      const counts = operationCounts(kernel(text(withHelpers([name])), result), "main");
      const operations = ["FAdd", "FSub", "FMul"].map((kind) => counts[kind] ?? 0);
      expect(body, `${name}: ${operations.join(" ")}`).toContain(
        `${operations.reduce((a, b) => a + b)} float operations`,
      );
    }
  });
});
