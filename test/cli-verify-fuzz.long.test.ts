/** `nonlin verify` with arguments and files from anyone: it ends in order. */
import fc from "fast-check";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeFolder, nonlin, removeFolder, type Outcome } from "./cli-process.js";

let folder = "";
beforeAll(() => void (folder = makeFolder()));
afterAll(() => removeFolder(folder));
const run = (...words: string[]): Promise<Outcome> => nonlin(["verify", ...words], { folder });
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

test("any arguments end in order", async () => {
  const option = fc.constantFrom(
    "--formula",
    "--derivative",
    "--order",
    "--positive",
    "--explain",
    "--json",
    "--batch",
  );
  const value = fc.constantFrom(
    "x",
    "a*x^2",
    "y",
    "dy*x",
    "1/x",
    "relu",
    "nn.ELU",
    "../relu",
    "2",
    "0",
    "x,a",
    ",",
    "-",
    "",
  );
  const text = fc.string({ unit: "binary", maxLength: 12 }).map((word) => word.replaceAll("\0", ""));
  const words = fc.array(fc.oneof(option, value, value, text), { maxLength: 6 });
  const check = fc.asyncProperty(fc.array(words, { minLength: 6, maxLength: 6 }), async (vectors) => {
    await Promise.all(
      // Without an argument it is the catalogue, which has a test of its own.
      vectors.map(async (vector) => {
        const { code, out, err } = await run(...vector, "tanh");
        const told = `${JSON.stringify(vector)}\n${out}\n${err}`;
        expect([0, 1, 2], told).toContain(code);
        expect(err + out, told).not.toMatch(/internal error|^\s+at .*:\d+/m);
      }),
    );
  });
  await fc.assert(check, { numRuns: 12, endOnFailure: true });
});

test("any file ends in order", async () => {
  const pieces = fc.constantFrom(
    "function f(x) {",
    "function fPrime(x) {",
    "return x;",
    "return Math.tanh(x);",
    "}",
    "const g = (x) => x * x;",
    "const gPrime = (x) => 2 * x;",
    "const gPrime = (x, y) => y;",
    "/** @derivativeOf g */",
    "for (;;) {}",
    "x",
    "=>",
    "${",
    "`",
    "\u001b[31m",
    "if (x > 0) return 1;",
  );
  const source = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("\n")),
    fc.string({ unit: "binary" }),
  );
  const check = fc.asyncProperty(fc.array(source, { minLength: 6, maxLength: 6 }), async (sources) => {
    sources.forEach((text, i) => write(`any${i}.ts`, text));
    const { code, out, err } = await run(...sources.map((_, i) => `any${i}.ts`));
    const told = `${JSON.stringify(sources)}\n${out}\n${err}`;
    expect([0, 1, 2], told).toContain(code);
    expect(out + err, told).not.toContain("internal error");
    expect(out + err, told).not.toMatch(/^\s+at .*:\d+|\u001b/m);
  });
  await fc.assert(check, { numRuns: 20, endOnFailure: true });
});
