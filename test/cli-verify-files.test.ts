import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFolder, nonlin, removeFolder, type Outcome } from "./cli-process.js";

let folder = "";
beforeAll(() => void (folder = makeFolder()));
afterAll(() => removeFolder(folder));

const run = (...words: string[]): Promise<Outcome> => nonlin(["verify", ...words], { folder });
const write = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content);

const RIGHT = `
export function tanhPrime(x: number): number {
  const t = Math.tanh(x);
  return 1 - t * t;
}
export const tanh = (x: number) => Math.tanh(x);
`;

const WRONG = `
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const swish = (z, slope = 1) => z * sigmoid(slope * z);
const swishPrime = (z, slope = 1) => sigmoid(slope * z);

function relu(x) { return x > 0 ? x : 0; }
function reluPrime(x) { return x >= 0 ? 1 : 0; }
`;

/** The derivative is in `second`, and its function in `first`, of which `second` imports it. */
const TWO_FILES: readonly (readonly [first: string, second: string, text: string, derivative: string])[] = [
  [
    "act.ts",
    "der.js",
    "export const leaky = (x: number, alpha = 0.1) => (x > 0 ? x : alpha * x);",
    'import { leaky as slope } from "./act.js";\nexport const slopePrime = (x, alpha) => (x > 0 ? 1 : alpha);',
  ],
  [
    "act.cjs",
    "der.cjs",
    "const tanh = (x) => Math.tanh(x);\nmodule.exports = { tanh };",
    'const { tanh } = require("./act.cjs");\nconst tanhPrime = (x) => 1 - tanh(x) ** 2;',
  ],
  [
    "act.py",
    "der.py",
    "import numpy as np\n\ndef logistic(x):\n    return 1 / (1 + np.exp(-x))\n",
    "from .act import logistic\n\ndef logistic_gradient(z):\n    return logistic(z) * (1 - logistic(z))\n",
  ],
  [
    "all.py",
    "star.py",
    "import numpy as np\n\ndef step(x):\n    return np.where(x > 0, x, 0.0)\n",
    "from .all import *\n\ndef step2(x):\n    return 2 * step(x)\n\ndef step2_prime(x):\n    return np.where(x > 0, 2.0, 0.0)\n",
  ],
];

describe("two files", () => {
  test.each(TWO_FILES)("%s and %s are read together", async (first, second, text, derivative) => {
    write(first, text);
    write(second, derivative);
    const { code, out } = await run(second);
    expect(out).toMatch(/: proved\n$/);
    expect(code).toBe(0);
  });

  test.each(TWO_FILES)("%s, whose function is another one, and %s", async (first, second, text, derivative) => {
    write(
      first,
      text.replace(/x > 0 \? x|Math\.tanh\(x\)|1 \/ \(1|x > 0, x/, (found) => `${found} + x`),
    );
    write(second, derivative);
    const { code, out } = await run(second);
    expect(out).toContain(" is not the derivative of ");
    expect(code).toBe(1);
  });
});

describe("a file", () => {
  test("whose derivatives are right is proved", async () => {
    write("right.ts", RIGHT);
    const { code, out, err } = await run("right.ts");
    expect(out).toBe("right.ts:2:17: tanhPrime is the derivative of tanh: proved\n");
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  test("whose derivatives are wrong is told where, and what is right, in its own names", async () => {
    write("wrong.js", WRONG);
    const { code, out, err } = await run("wrong.js");
    expect({ code, err }).toEqual({ code: 1, err: "" });
    const lines = out.split("\n");
    expect(lines[0]).toBe("wrong.js:4:7: swishPrime is not the derivative of swish");
    expect(lines[1]).toMatch(/^ {2}at z = \S+, slope = \S+: it gives \S+, right is \S+$/);
    expect(lines[2]).toMatch(/^ {2}largest gap/);
    expect(lines[3]).toBe("  for the default slope = 1 it is wrong, too");
    expect(lines[4]).toMatch(/^ {2}right derivative:/);
    expect(out).toMatch(/Math\.exp\(.*slope \* z/);
    const kink = out.slice(out.indexOf("wrong.js:7:10"));
    expect(kink).toMatch(
      /^wrong\.js:7:10: reluPrime is not the derivative of relu\n {2}differs only at x = 0: it gives 1, right is 0\n {2}right derivative: x > 0 \? 1 : 0\n/,
    );
    expect(out).toMatch(/\n2 claims: 0 proved, 1 equal-except, 1 refuted, \d+\.\d s\n$/);
  });

  test("gives the same as JSON", async () => {
    write("wrong.js", WRONG);
    const { code, out } = await run("wrong.js", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      claims: [
        { file: "wrong.js", line: 4, column: 7, function: "swish", derivative: "swishPrime", verdict: "refuted" },
        { file: "wrong.js", line: 7, column: 10, function: "relu", derivative: "reluPrime", verdict: "equal-except" },
      ],
      problems: [],
      tally: { refuted: 1, "equal-except": 1 },
    });
  });

  test.each([
    [
      "elu.py",
      "import numpy as np\n\ndef elu(x, alpha=1.0):\n    return np.where(x > 0, x, alpha * (np.exp(x) - 1))\n\n" +
        "def elu_derivative(x, alpha=1.0):\n    return np.where(x > 0, 1, elu(x, alpha) + 1)\n",
      "for the default alpha = 1.0 it is right",
      { given: ["alpha = 1.0"], verdict: "proved" },
    ],
    [
      "leaky.js",
      "export const leaky = (x, a = 0.01) => Math.max(a * x, x);\n" +
        "export const leakyDerivative = (x, a = 0.01) => (x > 0 ? 1 : a);\n",
      "for the default a = 0.01 it is right, with the slope of the other operand where two are equal",
      { given: ["a = 0.01"], verdict: "proved", ties: "other slope" },
    ],
    [
      "minus.js",
      "class Elu {\n  constructor(alpha = -1) { this.alpha = alpha; }\n  f(x) { return this.alpha * x * x; }\n" +
        "  df(x) { return this.alpha * x; }\n}\n",
      "for the default this.alpha = -1 it is wrong, too",
      { given: ["this.alpha = -1"], verdict: "refuted" },
    ],
  ])("that is wrong for arguments says what it is at their defaults: %s", async (file, text, line, defaults) => {
    write(file, text);
    const { code, out } = await run(file);
    expect(code).toBe(1);
    expect(out).toContain(`  ${line}\n`);
    const { claims } = JSON.parse((await run(file, "--json")).out) as { claims: readonly object[] };
    expect(claims[0]).toMatchObject({ verdict: "refuted", defaults });
  });

  test("with a function that cannot be read says where; the others get their verdict", async () => {
    write(
      "mixed.ts",
      `${RIGHT}\nfunction fact(x) { return x < 1 ? 1 : x * fact(x - 1); }\nfunction factPrime(x) { return 1; }\n`,
    );
    const { code, out, err } = await run("mixed.ts");
    expect(code).toBe(2);
    expect(out).toContain("tanhPrime is the derivative of tanh: proved\n");
    expect(err).toMatch(/^mixed\.ts:8:\d+: .*\n {2}.*\n {2} *\^+\nhint: .*\n$/);
  });

  test.each([
    ["none.ts", undefined, "none.ts: cannot read none.ts: no such file or folder\n"],
    ["plain.ts", "export const a = 1;", "plain.ts: there is no function in it\nhint: "],
    ["alone.ts", "export const f = (x) => x;", "alone.ts: there is no derivative among its only function\nhint: "],
    ["empty.js", "", "empty.js: there is no function in it\n"],
    ["binary.js", new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe]), "binary.js: it is no text in UTF-8\n"],
    ["zeros.js", "a\0b", "zeros.js: it is no text: it contains the character 0\n"],
    ["large.js", "/".repeat(1_000_001), "large.js: it has 1000001 bytes"],
  ])("%s is a mistake", async (name, content, message) => {
    if (content !== undefined) write(name, content);
    const { code, out, err } = await run(name);
    expect(err.slice(0, message.length)).toBe(message);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    const asJson = await run(name, "--json");
    expect(asJson).toMatchObject({ code: 2, err: "" });
    expect(JSON.parse(asJson.out)).toMatchObject({ problems: [{ file: name }], tally: { unreadable: 1 } });
  });

  test("may not be a link that leads nowhere", async () => {
    symlinkSync("nowhere", join(folder, "link.ts"));
    expect(await run("link.ts")).toMatchObject({
      code: 2,
      err: "link.ts: cannot read link.ts: no such file or folder\n",
    });
  });

  test("that is missing does not keep the others from being verified", async () => {
    write("right.ts", RIGHT);
    const { code, out } = await run("nowhere.ts", "./right.ts", "relu");
    expect(code).toBe(2);
    expect(out).toMatch(/\.\/right\.ts:2:17: .* proved\nrelu: f', f'' proved\n4 claims: 3 proved, 1 unreadable, /);
  });
});

test("--explain speaks of the user's names", async () => {
  write("named.js", "const f = (z, k) => z > k ? z : 0;\nconst fPrime = (z, k) => z > k ? 1 : 0;\n");
  const { code, out } = await run("named.js", "--explain");
  expect(code).toBe(0);
  expect(out).toMatch(/^f\(z\) = z > k \? z : 0\nclaim: f'\(z\) = z > k \? 1 : 0\n/);
});
