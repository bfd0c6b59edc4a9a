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
  ["const sq = [(x) => x * x, (x) => 2 * x];", 0, /sq\[1\] is the derivative of sq\[0\]: proved/],
])("%s", async (text, code, words) => {
  writeFileSync(join(folder, "table.js"), text);
  const outcome = await nonlin(["verify", "table.js"], { folder });
  expect(outcome.out).toMatch(words);
  expect(outcome.code).toBe(code);
  if (code === 2) expect(outcome.err).toMatch(/there is no derivative/);
});

it("is skipped in a folder", async () => {
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src", "others.js"), `const others = ${OTHER};`);
  writeFileSync(join(folder, "src", "sq.js"), "const sq = (x) => x * x;\nconst sqPrime = (x) => 2 * x;\n");
  const { code, out } = await nonlin(["verify", "src"], { folder });
  expect(code).toBe(0);
  expect(out).toMatch(/proved\nskipped: 1 file without a derivative\n$/);
});
