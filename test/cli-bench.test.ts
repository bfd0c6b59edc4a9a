/** `nonlin bench`: its figures and refusals; how fast anything is says nothing here. */
import { afterAll, describe, expect, it } from "vitest";
import { makeFolder, nonlin as run, removeFolder, type Outcome } from "./cli-process.js";

interface Row {
  readonly forward: number;
  readonly backward: number;
  readonly ulp: number;
  readonly at: number;
}
type Output = Readonly<Record<"plain" | "js" | "wasm", Row | undefined>> & { readonly id: string };

const folder = makeFolder();
afterAll(() => removeFolder(folder));
const nonlin = (words: readonly string[]): Promise<Outcome> => run(words, { folder });

const benched = async (...words: string[]): Promise<Output> => {
  const { code, out, err } = await nonlin(["bench", ...words, "--length", "1000", "--json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Output;
};

describe("nonlin bench", () => {
  it.each([
    ["an id", ["silu"]],
    ["a formula with a parameter", ["a*x*tanh(x)", "--param", "a=0.5"]],
  ])("times and measures %s in each of its forms", async (_, words) => {
    const { plain, js, wasm } = await benched(...words);
    for (const row of [plain, js, wasm]) {
      expect(row!.forward).toBeGreaterThan(0);
      expect(row!.backward).toBeGreaterThan(0);
    }
    expect(js!.ulp).toBeLessThanOrEqual(1);
    expect(wasm!.ulp).toBeLessThanOrEqual(2);
  });

  it("finds what a formula loses as it is typed", async () => {
    const { plain, js, wasm } = await benched("log(1 + exp(x)) - 0.5*x");
    expect(plain === undefined || plain.ulp > 1e6).toBe(true);
    expect(Math.max(js!.ulp, wasm!.ulp)).toBeLessThanOrEqual(2);
  });

  it("prints a table", async () => {
    const { code, out } = await nonlin(["bench", "relu", "--length", "1000"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^relu: .*\n1000 numbers in \[-8, 8\), medians of 15 rounds in turn, Node \d+/);
    expect(out).toMatch(/^plain +[\d.]+ +[\d.]+ +1\.0 \/ 1\.0 +0\.00 at 0$/m);
    expect(out).toMatch(/^wasm +[\d.]+ +[\d.]+ +[\d.]+ \/ [\d.]+ +0\.00 at 0$/m);
  });

  it.each([
    [["softmax"], /bench times elementwise activations, not softmax/],
    [["silu", "--length", "0"], /--length is a whole number from 1 to 50000000, not "0"/],
    [["silu", "--length", "1e3.5"], /--length is a whole number/],
    [["x*(x"], /this "\(" is never closed/],
  ])("refuses %j", async (words, message) => {
    const { code, err } = await nonlin(["bench", ...words]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});
