/** Lists of two functions: a guess, which is told where another one beside it is surely right. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeFolder, nonlin, removeFolder } from "./cli-process.js";

let folder = "";
beforeAll(() => void (folder = makeFolder()));
afterAll(() => removeFolder(folder));

const RIGHT = "tanh: [(x) => Math.tanh(x), (x) => 1 - Math.tanh(x) ** 2]";
const WRONG = "softsign: [(x) => x / (1 + Math.abs(x)), (x) => 1 / (1 + x * x)]";
const OTHER = "[(x) => x * x, (x) => Math.sin(x)]";

it.each([
  [`const table = { ${RIGHT}, ${WRONG} };`, 1, /tanh\[1\] is the derivative of .*proved\n.*softsign\[1\] is not/],
  [`const table = { ${WRONG} };`, 2, /^$/],
  [`const others = ${OTHER};`, 2, /^$/],
  [`const others = ${OTHER};\nconst table = { ${RIGHT} };`, 0, /^[^\n]*tanh\[1\][^\n]*proved\n$/],
  ["const three = [(x) => x * x, (x) => 2 * x, (x) => 2];", 2, /^$/],
  ['on("open", (x) => x + 1, (x) => x + 2);\non("close", (x) => x * x, (x) => x ** 3);', 2, /^$/],
  [
    'add("sq", (x) => x * x, (x) => 2 * x);\nadd("cube", (x) => x ** 3, (x) => 3 * x);',
    1,
    /sq\[1\] .*proved\n.*cube\[1\] is not/,
  ],
  ["const sq = [(x) => x * x, (x) => 2 * x];", 0, /sq\[1\] is the derivative of sq\[0\]: proved/],
])("%s", async (text, code, words) => {
  writeFileSync(join(folder, "table.js"), text);
  const outcome = await nonlin(["verify", "table.js"], { folder });
  expect(outcome.out).toMatch(words);
  expect(outcome.code).toBe(code);
  if (code === 2) expect(outcome.err).toMatch(/there is no derivative/);
});

const PYTHON = `import numpy as np
def sq(x):
    return x * x
`;

it.each([
  [
    'table = {"sq": (sq, lambda x: 2 * x), "cube": (lambda x: x ** 3, lambda x: 3 * x)}',
    1,
    /sq\.1 .*proved\n.*cube\.1 is not/,
  ],
  ['table = {"cube": (lambda x: x ** 3, lambda x: 3 * x)}', 2, /^$/],
  ['table = {"many": (sq, lambda x: 2 * x, lambda x: 2)}', 2, /^$/],
  ['table = {"sq": {"f": sq, "df": lambda x: x}}', 1, /table\.sq\.df is not the derivative of table\.sq\.f/],
  ['table = {"sq": sq}\ntable_derivatives = {"sq": lambda x: 2 * x}', 0, /table_derivatives\.sq .*proved\n$/],
  [
    'def sq_prime(x):\n    return 2 * x\ntable = {"sq": sq, "sq_prime": sq_prime}',
    0,
    /^[^\n]*sq_prime is the derivative of sq: proved\n$/,
  ],
  ['on("open", sq, lambda x: x)\non("close", lambda x: x + 1, lambda x: x + 2)', 2, /^$/],
  [
    'add("sq", sq, lambda x: 2 * x)\nadd("cube", lambda x: x ** 3, lambda x: 3 * x)',
    1,
    /sq\.1 .*proved\n.*cube\.1 is not/,
  ],
  ['table = {"rate": 0.1, "sizes": [1, 2], **others, sq: sq}', 2, /^$/],
])("%s, in Python", async (text, code, words) => {
  writeFileSync(join(folder, "table.py"), `${PYTHON}${text}\n`);
  const outcome = await nonlin(["verify", "table.py"], { folder });
  expect(outcome.out).toMatch(words);
  expect(outcome.code).toBe(code);
});

it("is skipped in a folder", async () => {
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src", "others.js"), `const others = ${OTHER};`);
  writeFileSync(join(folder, "src", "sq.js"), "const sq = (x) => x * x;\nconst sqPrime = (x) => 2 * x;\n");
  const { code, out } = await nonlin(["verify", "src"], { folder });
  expect(code).toBe(0);
  expect(out).toMatch(/proved\nskipped: 1 file without a derivative\n$/);
});
