/** The accuracy of the shader library, and its ends, on every driver. */
import { afterAll, describe, expect, it } from "vitest";
import { withHelpers } from "../src/targets/wgsl/functions.js";
import { DRIVERS, mapF32, openDevice, unavailable, type Driver, type OpenDevice } from "./helpers/gpu.js";
import {
  EXPONENTS,
  LARGEST,
  NORMAL,
  PAIRS,
  PARTNER,
  ROWS,
  SPECIAL,
  SWEEP,
  error,
  exactly,
  inputsOf,
  normal,
  partners,
  power,
  type Row,
} from "./helpers/wgsl-functions.js";

const { fround } = Math;

/** Devices and what they gave, by the driver: made once. */
const devices = new Map<string, Promise<OpenDevice>>();
const results = new Map<string, Promise<Float32Array>>();

async function run(driver: Driver, name: string, call: string, inputs: Float32Array, b = 0): Promise<Float32Array> {
  const device = devices.get(driver.name) ?? openDevice(driver);
  devices.set(driver.name, device);
  const functions = [...withHelpers([name]), PARTNER].join("\n\n");
  return mapF32(await device, { functions, call, inputs, parameters: { b } });
}
function sweep(driver: Driver, row: Row): Promise<Float32Array> {
  const key = `${driver.name} ${row.name}`;
  const outputs = results.get(key) ?? run(driver, row.name, `${row.name}(x)`, inputsOf(row));
  results.set(key, outputs);
  return outputs;
}
afterAll(async () => {
  for (const device of devices.values()) (await device).close();
});

describe.each(DRIVERS)("$name", (driver) => {
  const reason = unavailable(driver);
  if (reason !== undefined) {
    it.skipIf(process.env.CI === undefined)(`is not here: ${reason}`, () => expect(reason).toBeUndefined());
    return;
  }

  it.each(ROWS)("$name stays within $bound ULP", async (row) => {
    const inputs = inputsOf(row);
    const outputs = await sweep(driver, row);
    const wrongEnds = row.ends.filter(([, wanted], i) => !exactly(outputs[i]!, wanted));
    expect(
      wrongEnds.map(([x, wanted]) => ({ x, wanted, got: outputs[row.ends.findIndex((end) => end[0] === x)] })),
    ).toEqual([]);
    const atZero = fround(row.reference(0));
    const misses: { x: number; got: number; error: number }[] = [];
    inputs.forEach((x, i) => {
      const found = error(outputs[i]!, row.reference(x), Math.abs(x) < NORMAL ? atZero : NaN);
      if (found > row.bound) misses.push({ x, got: outputs[i]!, error: found });
    });
    expect(misses.slice(0, 8)).toEqual([]);
  });

  it.each(PAIRS)("$name stays within $bound ULP", async ({ name, bound, reference, applies }) => {
    const inputs = SWEEP.filter((x) => normal(x));
    const others = partners(inputs);
    const outputs = await run(driver, name, `${name}(x, partner(x))`, inputs);
    const misses: { a: number; b: number; got: number }[] = [];
    let tried = 0;
    inputs.forEach((a, i) => {
      const b = others[i]!;
      if (!applies(a, b)) return;
      tried += 1;
      if (error(outputs[i]!, reference(a, b), NaN) > bound) misses.push({ a, b, got: outputs[i]! });
    });
    expect(misses.slice(0, 8)).toEqual([]);
    expect(tried).toBeGreaterThan(100_000);
  });

  it.each(EXPONENTS)("precise_pow to the power %d stays within 1 ULP", async (b) => {
    const exponent = fround(b);
    const outputs = await run(driver, "precise_pow", "precise_pow(x, p.b)", SWEEP, exponent);
    const misses: { a: number; got: number }[] = [];
    SWEEP.forEach((a, i) => {
      if (Math.abs(a) < NORMAL && a !== 0) return;
      if (error(outputs[i]!, power(a, exponent), NaN) > 1) misses.push({ a, got: outputs[i]! });
    });
    expect(misses.slice(0, 8)).toEqual([]);
  });

  it.each([
    ["precise_divide", (a: number, b: number) => fround(a / b)],
    ["precise_pow", (a: number, b: number) => fround(power(a, b))],
  ] as const)("%s has the ends that it should have", async (name, reference) => {
    const inputs = Float32Array.from(SPECIAL);
    const misses: { a: number; b: number; got: number; wanted: number }[] = [];
    for (const b of inputs) {
      const outputs = await run(driver, name, `${name}(x, p.b)`, inputs, b);
      inputs.forEach((a, i) => {
        const wanted = reference(a, b);
        if (!exactly(outputs[i]!, wanted) && !(error(outputs[i]!, wanted, NaN) <= 1))
          misses.push({ a, b, got: outputs[i]!, wanted });
      });
    }
    expect(misses).toEqual([]);
  });

  it("has no error of a sum or a product that is not finite", async () => {
    const inputs = Float32Array.of(LARGEST, -LARGEST, Infinity, -Infinity, NaN);
    const calls = ["product_error(x, p.b)", "sum_error(x, p.b)", "product_error(x, x)", "sum_error(x, x)"];
    for (const call of calls) {
      const outputs = await run(driver, call.slice(0, call.indexOf("(")), call, inputs, Infinity);
      expect([...outputs], call).toEqual([0, 0, 0, 0, 0]);
    }
  });
});

it.skipIf(DRIVERS.some((driver) => unavailable(driver) !== undefined)).each(ROWS)(
  "$name gives the same bits on both drivers, but for subnormal numbers",
  async (row) => {
    const inputs = inputsOf(row);
    const [first, second] = await Promise.all(DRIVERS.map((driver) => sweep(driver, row)));
    const differing = inputs.filter((x, i) => {
      const [a, b] = [first![i]!, second![i]!];
      const flushed = Math.abs(x) < NORMAL || (Math.abs(a) < NORMAL && Math.abs(b) < NORMAL);
      return !Object.is(a, b) && !flushed;
    });
    expect([...differing.slice(0, 8)]).toEqual([]);
  },
);
