/** Ways in which people write derivatives, executed: a verdict is what the code does at a few hundred points. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer, createTimedProver, type TimedProver } from "../src/cli/verify/claim.js";
import { claimsOfFile } from "../src/cli/verify/source.js";
import { createOracle } from "../src/pipeline/activation.js";
import { makeFolder, removeFolder } from "./cli-process.js";
import { runChecks, type Outcomes } from "./helpers/python.js";

interface Way {
  readonly way: string;
  readonly [key: string]: unknown;
}

const halves = (f: string): Way => ({ way: "class", f, shape: [20, 20] });
const pair = (f: string, df: string, above = false): Way => ({ way: "pair", f, df, above });
const unary = (f: string, df: string, backward: readonly string[]): Way => ({
  ...{ way: "kernels", inputs: 1, forward: ["x0", "y"], gradients: ["dx0"] },
  ...{ f, df, backward },
});

/** How cases of the fixtures are executed. */
const PYTHON: Readonly<Record<string, Way>> = {
  "halves by glu": halves("GLU"),
  "halves whose gradients are in each other's place": halves("Swapped"),
  "thirds, each kept": { way: "class", f: "Thirds", shape: [10, 30] },
  "results put together": halves("Both"),
  "results put together that have a kink": halves("Crelu"),
  "halves in JAX": { way: "jax", f: "geglu", shape: [10, 20] },
  "halves in TensorFlow": { way: "tensorflow", f: "gate", shape: [10, 20] },
  "a kernel of two inputs that calls a function, and stores over what it has loaded": {
    ...{ way: "kernels", f: "_swiglu_forward_kernel", df: "_swiglu_backward_kernel", inputs: 2, strides: true },
    ...{ forward: ["x0", "x1", "y"], backward: ["dy", "x0", "x1"], gradients: ["x0", "x1"] },
  },
  "a kernel whose backward loads the output": unary("tanh_forward", "tanh_backward", ["y", "dy", "dx0"]),
  "a kernel with a wrong derivative": unary("tanh_forward", "tanh_backward", ["y", "dy", "dx0"]),
  "a list of what is computed from each element": pair("sigmoid", "sigmoid_derivative"),
  "an array of such a list, and a choice": pair("relu", "relu_backward", true),
  "a loop by numbers": pair("elu", "elu_prime"),
  "a loop by numbers, and a wrong derivative": pair("sq", "sq_prime"),
  "a loop that changes what is there": pair("relu", "relu_grad"),
  "functions without a name": pair("sigmoid", "sigmoid_prime"),
  "a list of numbers, indexed and counted": pair("f", "f_prime"),
  "a rule for tangents": { way: "tangents", f: "log1pexp", inputs: 1 },
  "a rule for tangents of two inputs, one of them wrong": { way: "tangents", f: "f", inputs: 2 },
};

const JAVASCRIPT: Readonly<Record<string, readonly [f: string, df: string, above?: boolean]>> = {
  "a loop with var, and push": ["sigmoid", "sigmoidPrime"],
  "a loop that fills some elements, and one that replaces some": ["relu", "reluBackward", true],
  "loops, and a wrong derivative": ["sq", "sqPrime"],
  "a loop after another, and a map": ["f", "fPrime"],
};

const textOf = (file: string, name: string): string => {
  const all = readFileSync(new URL(`./fixtures/habits/${file}`, import.meta.url), "utf8");
  const section = all.split(/^=== /m).find((each) => each.startsWith(`${name} | `))!;
  return section.slice(section.indexOf("\n") + 1);
};

let prover: TimedProver;
let folder = "";
beforeAll(async () => {
  prover = createTimedProver(await createOracle());
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

/** "right" where everything is proved, "wrong" where something is refuted. */
async function verdictOf(text: string, extension: string): Promise<string> {
  const file = join(folder, `executed.${extension}`);
  writeFileSync(file, text);
  const { claims, problems } = await claimsOfFile(file);
  expect(problems).toEqual([]);
  expect(claims).not.toHaveLength(0);
  const verdicts = claims.map((claim) => answer(claim, prover).proof.verdict);
  if (verdicts.includes("refuted")) return "wrong";
  return verdicts.every((verdict) => verdict === "proved") ? "right" : verdicts.join(", ");
}

describe("in Node", () => {
  it.each(Object.entries(JAVASCRIPT))("%s", async (name, [f, df, above = false]) => {
    const text = textOf("javascript.txt", name);
    const step = 1e-4;
    const xs = Array.from({ length: 401 }, (_, i) => (i - 200) / 60 + 0.0123);
    const dys = xs.map((_, i) => 0.5 + (i % 7) / 5);
    type Loop = (xs: readonly number[], dys?: readonly number[]) => ArrayLike<number>;
    const uri = `data:text/javascript,${encodeURIComponent(`${text.replaceAll("Float32Array", "Float64Array")}\nexport { ${f}, ${df} };`)}`;
    const loops = (await import(/* @vite-ignore */ uri)) as Readonly<Record<string, Loop>>;
    const [high, low] = [step, -step].map((by) => loops[f]!(xs.map((x) => x + by)));
    const given = above ? loops[df]!(xs, dys) : loops[df]!(xs);
    const isRight = xs.every((_, i) => {
      const right = ((high![i]! - low![i]!) / (2 * step)) * (above ? dys[i]! : 1);
      return Math.abs(right - given[i]!) <= 1e-5 * (1 + Math.abs(right));
    });
    expect(await verdictOf(text, "js")).toBe(isRight ? "right" : "wrong");
  });
});

const python = process.env["NONLIN_PYTHON"];
describe.skipIf(python === undefined)("in Python", () => {
  let outcomes: Outcomes;
  beforeAll(async () => {
    const cases = Object.entries(PYTHON).map(([id, way]) => ({ id, text: textOf("python.txt", id), ...way }));
    outcomes = await runChecks(python!, "run_habits.py", [JSON.stringify(cases)]);
  });

  it("everything was run", () => expect(outcomes.errors).toBe(""));

  it.each(Object.keys(PYTHON))("%s", async (name) => {
    const outcome = outcomes.of("executed", name);
    expect(outcome).toMatchObject({ ok: true });
    expect(await verdictOf(textOf("python.txt", name), "py")).toBe(outcome!.detail);
  });
});
