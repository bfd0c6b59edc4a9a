/** Python that cannot be read is refused with its place and a way out; nothing crashes, hangs, is executed or guessed. */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Gradient } from "../src/frontends/python/gradients.js";
import { readPython } from "../src/frontends/python/pairs.js";
import type { Report } from "../src/frontends/report.js";
import type { SourceProblem } from "../src/frontends/problems.js";

const read = (text: string): Promise<Report<Gradient>> => readPython(text, "model.py");

async function oneProblem(text: string): Promise<SourceProblem & { readonly written: string }> {
  const { pairs, problems } = await read(text);
  expect(pairs).toEqual([]);
  expect(problems).toHaveLength(1);
  const [problem] = problems;
  expect(problem!.hint).not.toBe("");
  return { ...problem!, written: text.slice(problem!.place.start, problem!.place.end) };
}

const HEAD = `import math
import torch
import torch.nn.functional as F
import other
from .utils import swish
from torch.autograd import Function

twice = 1
twice = 2
counter = 0

def change():
    global counter
    counter = 1

def around(x):
    return around(x)

def loop(x):
    for i in range(3):
        x = x * 2
    return x

`;

const indented = (lines: string, margin: string): string =>
  lines
    .split("\n")
    .map((line) => margin + line)
    .join("\n");

/** A class with this forward, whose backward is the gradient from above. */
const withForward = (body: string, parameters = "ctx, x"): string =>
  `${HEAD}class A(Function):\n    @staticmethod\n    def forward(${parameters}):\n${indented(body, "        ")}\n
    @staticmethod\n    def backward(ctx, g):\n        return g\n`;
/** A class with this backward, whose forward is the input and saves it. */
const withBackward = (body: string): string =>
  `${HEAD}class A(Function):\n    @staticmethod\n    def forward(ctx, x):\n        ctx.save_for_backward(x)\n        return x * 1\n
    @staticmethod\n    def backward(ctx, g):\n        x, = ctx.saved_tensors\n${indented(body, "        ")}\n`;

describe("a forward that cannot be read", () => {
  it.each([
    ["if x > 0:\n    return x\nreturn -x", "x > 0", /different for each element/],
    ["return x if (x > 0) else -x", "x > 0", /different for each element/],
    ["return x and -x", "x", /different for each element/],
    ["return x if not x > 0 else -x", "x > 0", /different for each element/],
    ["if x.item() > 0:\n    return x\nreturn -x", "x.item()", /different for each element/],
    ["return max(x, 0)", "x", /different for each element/],
    ["return x * float(x)", "x", /different for each element/],
    ["while True:\n    x = x / 2\nreturn x", "while True:", /loops/],
    ["return loop(x)", "for i in range(3):", /loops/],
    ["return x @ x", "x @ x", /matrix product/],
    ["return torch.matmul(x, x)", "torch.matmul(x, x)", /matrix product/],
    ["return x.mm(x)", "x.mm(x)", /matrix product/],
    ["return F.linear(x, x)", "F.linear(x, x)", /matrix product/],
    ["return x.sum()", "x.sum()", /mixes elements/],
    ["return x - x.mean()", "x.mean()", /mixes elements/],
    ["return x * x.sum().view_as(x)", "x.sum()", /mixes elements/],
    ["return torch.where(x > 0, x, x.sum())", "x.sum()", /mixes elements/],
    ["y = x * 1\ny[x > 0] = x.sum()\nreturn y", "y[x > 0]", /no number/],
    ["return torch.softmax(x, -1)", "torch.softmax(x, -1)", /mixes elements/],
    ["return x / torch.max(x)", "x", /mixes elements/],
    ["return x.max(1)", "x.max(1)", /mixes elements/],
    ["y, _ = x.max(dim=1)\nreturn y", "dim=1", /mixes elements/],
    ["return x.cumsum(0)", "x.cumsum(0)", /mixes elements/],
    ["return x.t()", "x.t()", /moves elements/],
    ["return x.view(-1)", "forward", /moves elements/],
    ["return x.view(-1) * x", "x.view(-1) * x", /moves elements/],
    ["return x.view(-1).sum() * x", "x.view(-1).sum", /moves elements/],
    ["return torch.cat([x, -x])", "torch.cat([x, -x])", /moves elements/],
    ["return x[0]", "x[0]", /chosen by a mask/],
    ["return x[:, 1:]", "1:", /chosen by a mask/],
    ["return x[x > 0]", "forward", /chosen by a mask/],
    ["return x[x > 0] + x", "x[x > 0] + x", /different masks/],
    ["return x[x > 0] + x[x < 1]", "x[x > 0] + x[x < 1]", /different masks/],
    ["return torch.frac(x)", "torch.frac(x)", /jumps/],
    ["return x // 2", "x // 2", /jumps/],
    ["return x % 2", "x % 2", /jumps/],
    ["return x.int()", "x.int()", /cuts off/],
    ["return x.to(torch.int64)", "x.to(torch.int64)", /cuts off/],
    ["return x * torch.rand_like(x)", "torch.rand_like(x)", /random/],
    ["return F.dropout(x)", "F.dropout(x)", /random/],
    ["return torch.atan2(x, x)", "torch.atan2(x, x)", /angle/],
    ["return torch.lgamma(x)", "torch.lgamma(x)", /no formula/],
    ["return torch.fft.fft(x)", "torch.fft.fft(x)", /"fft" of torch.fft is not read/],
    ["return x.frobnicate()", "x.frobnicate()", /"frobnicate" of a tensor is not read/],
    ["return swish(x)", "swish(x)", /imports are not followed/],
    ["return other.swish(x)", "other.swish(x)", /imports are not followed/],
    ["return unknown(x)", "unknown", /not defined in this file/],
    ["return around(x)", "around(x)", /calls itself/],
    ["return A.apply(x)", "A.apply(x)", /calls itself/],
    ["return x * twice", "twice", /more than once/],
    ["return x * counter", "counter", /more than once/],
    ["global counter\nreturn x", "global counter", /outside the function/],
    ["return getattr(torch, 'exp')(x)", "getattr(torch, 'exp')", /known when it runs/],
    ["setattr(ctx, 'x', x)\nreturn x", "setattr(ctx, 'x', x)", /known when it runs/],
    ["exec('y = x')\nreturn x", "exec('y = x')", /known when it runs/],
    ["return eval('x')", "eval('x')", /known when it runs/],
    ["return x.numpy()", "x.numpy()", /known when it runs/],
    ["return torch.exp(*args)", "args", /not defined/],
    ["return torch.exp(*x)", "*x", /list of arguments/],
    ["return torch.exp(**x)", "**x", /by \*\*/],
    ["a, *b = x, x, x\nreturn a", "*b", /starred/],
    ["return [y for y in x]", "[y for y in x]", /comprehensions/],
    ["return {'a': x}", "forward", /returns no tensor/],
    ["return x * {1: 1}[1]", "{1: 1}", /dictionaries/],
    ["return (y := x)", "y := x", /assignment inside/],
    ["return f'{x}'", "f'{x}'", /formatted text/],
    ["return x * 'text'", "x * 'text'", /text/],
    ["try:\n    return x\nexcept Exception:\n    return -x", "try:", /"try"/],
    ["match x:\n    case 1:\n        return x\nreturn x", "match x:", /"match"/],
    ["with open('f') as f:\n    return x", "open('f')", /"with"/],
    ["with torch.random.fork_rng():\n    return x", "torch.random.fork_rng()", /"with"/],
    ["yield x", "forward", /generators/],
    ["y = yield\nreturn x", "yield", /generators/],
    ["return y\ny = x", "y", /no value yet/],
    ["return x * x.shape[0]", "forward", /type, a device or a shape/],
    ["return x * 2 if x.is_cuda else x * 3", "x.is_cuda", /type, a device or a shape/],
    ["return x + torch.finfo(x.dtype).eps", "forward", /type, a device or a shape/],
    ["return 3", "forward", /no tensor/],
    ["return x > 0", "forward", /no tensor/],
    ["pass", "forward", /no tensor/],
    ["raise NotImplementedError", "forward", /always raises/],
    ["return x.mul_(2)", "x.mul_(2)", /without ctx.mark_dirty/],
    ["y = x\ny += 1\nreturn y", "y += 1", /without ctx.mark_dirty/],
    ["x[x < 0] = 0\nreturn x", "x[x < 0]", /without ctx.mark_dirty/],
    ["y = (x * 2).contiguous()\ny.add_(1)\nreturn y", "y.add_(1)", /may or may not share/],
    ["x.data = x * 2\nreturn x", "x.data", /no tensor that can be changed/],
    ["torch.exp = torch.sin\nreturn torch.exp(x)", "torch.exp", /no tensor that can be changed/],
    ["return torch.exp(x, x)", "x", /does not take as many/],
    ["return torch.exp(y=x)", "y=x", /does not take an argument "y"/],
    ["return torch.where(x > 0, x)", "torch.where(x > 0, x)", /needs an argument "other"/],
    ["return F.gelu(x, approximate='other')", "approximate='other'", /text/],
    ["return x * math.inf", "x * math.inf", /infinity/],
    ["return x / 0", "x / 0", /divides by 0/],
    ["return x * 1e999", "1e999", /outside what a float64 can hold/],
    ["return x * 2j", "2j", /imaginary numbers are not read/],
    ["return x & 1", "x & 1", /bit operations/],
    ["return ~x", "~x", /bit operations/],
    ["return x * ((x > 0) - (x < 0))", "(x > 0) - (x < 0)", /does not subtract truths/],
    ["m = (x > 0).long()\nm[x < 0] = 0.5\nreturn x * m", "m[x < 0]", /whole numbers in place/],
    ["assert (x > 0).all()\nreturn torch.log(x)", "(x > 0).all()", /mixes elements/],
    ["return torch.nn.Bilinear()(x)", "torch.nn.Bilinear()", /"Bilinear" of torch.nn is not read/],
  ])("%s", async (body, written, message) => {
    const problem = await oneProblem(withForward(body));
    expect(problem.message).toMatch(message);
    expect(problem.written.slice(0, written.length)).toBe(written);
    expect(problem.function).toBe("A");
  });

  it.each([
    ["ctx, *args", "args", /list of arguments/],
    ["ctx, x, **options", "options", /list of arguments/],
    ["ctx", "forward", /takes no input/],
    ["ctx, x, mode: str", "mode", /text/],
  ])("(%s)", async (parameters, written, message) => {
    const problem = await oneProblem(withForward("return args", parameters));
    expect([problem.written, problem.message]).toEqual([written, expect.stringMatching(message)]);
  });
});

describe("a backward that cannot be read", () => {
  it.each([
    ["g.mul_(2)\nreturn g", "g.mul_(2)", /gradient from above in place/],
    ["g[x < 0] = 0\nreturn g", "g[x < 0]", /gradient from above in place/],
    ["g *= 2\nreturn g", "g *= 2", /gradient from above in place/],
    ["x.mul_(2)\nreturn g * x", "x.mul_(2)", /second backward/],
    ["return g * ctx.alpha", "ctx.alpha", /forward does not set/],
    ["x, y = ctx.saved_tensors\nreturn g", "x, y", /2 names are given 1 values/],
    ["return g * ctx.saved_tensors[1]", "ctx.saved_tensors[1]", /no element 1 of 1/],
    ["with torch.enable_grad():\n    return torch.autograd.grad(x, x, g)", "torch.autograd.grad(x, x, g)", /autograd/],
    ["x.sum().backward()\nreturn g", "x.sum()", /mixes elements/],
    ["return (g * x).sum()", "(g * x).sum()", /mixes elements/],
    ["return g / g.sum()", "g.sum()", /mixes elements/],
    ["return g * g.sum().item()", "g.sum()", /mixes elements/],
    ["return g if g.abs().max() < 1 else g / 2", "g.abs().max()", /mixes elements/],
    ["return None", "backward", /no gradient for "x"/],
    ["return", "backward", /no gradient for "x"/],
    ["pass", "backward", /no gradient for "x"/],
    ["return ()", "backward", /0 gradients, and forward takes 1 inputs/],
    ["return 'g'", "backward", /no gradient for "x"/],
  ])("%s", async (body, written, message) => {
    const problem = await oneProblem(withBackward(body));
    expect(problem.message).toMatch(message);
    expect(problem.written.slice(0, written.length)).toBe(written);
  });
});

describe("a class", () => {
  const A = "class A(Function):\n";
  const PATCH = "def patch(c):\n    return c\n";
  const forward = "    @staticmethod\n    def forward(ctx, x, a=1.0):\n        return x * 1\n";
  const backward = "    @staticmethod\n    def backward(ctx, g):\n        return g, None\n";
  it.each([
    ["without backward", A + forward, "A", /has no backward/],
    ["without forward", A + backward, "A", /has no forward/],
    ["with a method replaced", `${A}${forward}${backward}A.backward = None\n`, "A", /assigns to a method/],
    ["with a decorator", `${PATCH}@patch\n${A}${forward}${backward}`, "patch", /decorator/],
    [
      "with a decorated backward",
      PATCH + A + forward + backward.replace("@staticmethod", "@patch"),
      "patch",
      /decorator/,
    ],
    ["with an async forward", A + forward.replace("def", "async def") + backward, "forward", /async/],
    [
      "with too few gradients",
      A + forward + backward.replace(", None", ""),
      "backward",
      /one gradient, and.* 2 inputs/,
    ],
    [
      "that raises for some parameters in a way that is not read",
      A + forward.replace("return", "if a * a > 2:\n            raise ValueError\n        return") + backward,
      "a * a > 2",
      /raises for some values/,
    ],
    [
      "inside a function, with its variables",
      `def make(n):\n    k = n * 2\n${indented(A + forward.replace("* 1", "* k") + backward, "    ")}`,
      "k",
      /function around/,
    ],
  ])("%s", async (_, text, written, message) => {
    const problem = await oneProblem(HEAD + text);
    expect([problem.written, problem.message]).toEqual([written, expect.stringMatching(message)]);
  });

  it("that cannot be read leaves the others their claims", async () => {
    const good = withForward("return x * 1")
      .replace(/class A/, "class B")
      .slice(HEAD.length);
    const { pairs, problems } = await read(withForward("return x.sum()") + "\n\n" + good);
    expect([pairs.map(({ name }) => name), problems.map(({ function: name }) => name)]).toEqual([["B.forward"], ["A"]]);
  });

  it("of nothing that concerns gradients is left alone", async () => {
    const text = "import torch\nclass A(torch.nn.Module):\n    def forward(self, x):\n        return x.sum()\n";
    expect(await read(text)).toEqual({ pairs: [], problems: [], definitions: 2 });
  });

  it("is none of torch's where the name is another's: its methods are read by their names", async () => {
    const notesIn = async (head: string): Promise<readonly string[]> => {
      const { pairs, problems } = await read(`${head}\n${A}${forward}${backward}`);
      expect(problems).toEqual([]);
      expect(pairs.map(({ name, derivativeName }) => [name, derivativeName])).toEqual([["A.forward", "A.backward"]]);
      return pairs[0]!.notes;
    };
    expect(await notesIn("class Function:\n    pass")).not.toContain("Function taken to change nothing");
    expect(await notesIn("from elsewhere import Function")).toContain("Function taken to change nothing");
  });
});

describe("TensorFlow", () => {
  const text = (body: string): string => `import tensorflow as tf\n@tf.custom_gradient\ndef f(x):\n${body}`;
  it.each([
    ["    return x\n", "f", /value and a gradient function/],
    ["    return x, 1\n", "f", /value and a gradient function/],
    ["    return tf.reduce_sum(x), lambda dy: dy\n", "tf.reduce_sum(x)", /mixes elements/],
    ["    return tf.matmul(x, x), lambda dy: dy\n", "tf.matmul(x, x)", /matrix product/],
    ["    if x > 0:\n        return x, lambda dy: dy\n    return x, lambda dy: dy\n", "x > 0", /each element/],
    ["    return tf.cast(x, tf.int32), lambda dy: dy\n", "tf.cast(x, tf.int32)", /cuts off/],
    ["    y = x * 1\n    y.assign(x)\n    return y, lambda dy: dy\n", "y.assign(x)", /not read/],
    ["    return x * 1, lambda dy: None\n", "lambda dy: None", /no gradient/],
    ["    return x * 1, lambda: 1\n", "lambda: 1", /takes 0 arguments/],
  ])("%s", async (body, written, message) => {
    const problem = await oneProblem(text(body));
    expect(problem.message).toMatch(message);
    expect(problem.written.slice(0, written.length) || written).toBe(written);
  });
});

describe("a file", () => {
  it.each([
    ["def f(:\n    pass\n", 1],
    ["x = 1\ny = = 2\n", 2],
    ["class A(\n", 1],
    ["if True:\npass\n", 2],
    ["print 'x'\nreturn )\n", 2],
    ["'''\nopen\n", 2],
    ["x = (\n1,\n", 2],
    ["\u0000", 1],
  ])("%j that is no Python is one mistake, with its place", async (text, line) => {
    const { pairs, problems } = await read(text);
    expect(pairs).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.message).toMatch(/parsed as Python/);
    expect(problems[0]!.place.line).toBe(line);
  });

  const MILLION = 1_000_000;
  it.each(
    Object.entries({
      brackets: "(".repeat(MILLION),
      "pairs of brackets": `x = ${"(".repeat(300_000)}1${")".repeat(300_000)}\n`,
      signs: `x = ${"-".repeat(900_000)}1\n`,
      sums: `x = 1${"+1".repeat(400_000)}\n`,
      members: `x${".a".repeat(400_000)}\n`,
      calls: "f(x)\n".repeat(200_000),
      blocks: Array.from({ length: 1200 }, (_, i) => `${" ".repeat(i)}if x:`).join("\n"),
      elifs: `if x: pass\n${"elif x: pass\n".repeat(50_000)}`,
      functions: "def f(x): return x\n".repeat(50_000),
      classes: "class A(F): pass\n".repeat(55_000),
      assignments: Array.from({ length: 60_000 }, (_, i) => `v${i} = ${i}\n`).join(""),
      quotes: "'".repeat(999_999),
      decorators: "@".repeat(MILLION),
      noise: Array.from({ length: MILLION }, (_, i) => String.fromCharCode(32 + ((i * 7919 + (i >> 3)) % 95))).join(""),
      "too much": "#".repeat(MILLION + 1),
    }),
  )("of %s is answered", async (_, text) => {
    const { problems } = await read(text);
    expect(problems.length).toBeLessThan(3);
  });

  it("that expands without end is refused in time", async () => {
    const functions = Array.from({ length: 30 }, (_, i) => `def f${i + 1}(x):\n    return f${i}(x) + f${i}(-x)\n`).join(
      "\n",
    );
    const text = `${HEAD}def f0(x):\n    return x\n\n${functions}\n${withForward("return f30(x)").slice(HEAD.length)}`;
    expect((await oneProblem(text)).message).toMatch(/too large|too deeply/);
  });

  it("with every piece of the corpus removed somewhere ends in order", async () => {
    const corpus = ["right_torch.py", "wrong_torch.py", "tensorflow_gradients.py"].map((name) =>
      readFileSync(new URL(`./fixtures/python/${name}`, import.meta.url), "utf8"),
    );
    const damage = fc.record({
      text: fc.constantFrom(...corpus),
      start: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 0, max: 60 }),
      other: fc.constantFrom("", "x", "(", ")", ":", "\n", "    ", "None", "ctx", "= 1", "'", "**", "@", "\t", "\r"),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ text, start, length, other }) => {
        const at = Math.floor(start * text.length);
        const { pairs, problems } = await read(text.slice(0, at) + other + text.slice(at + length));
        // Without its imports, which stand at the head, a file has nothing that is known.
        if (at >= text.search(/^(?:class|def|@)/m)) expect(pairs.length + problems.length).toBeGreaterThan(0);
        for (const { message, hint, place } of problems) {
          expect([message, hint]).not.toContain("");
          expect(place.line).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
