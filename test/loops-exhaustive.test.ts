/**
 * bench/loops-exhaustive*.json, the results of every loop for every float32 number, are of the code that is emitted now. A loop
 * that was not run yet is skipped by its name; one whose code has changed since fails until it is run again.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { RECORDS, isCurrent, readRows, subjects, tableText } from "../bench/exhaustive/rows.mjs";
import { BLOCK, subjectOf, sweep, type Found } from "../bench/exhaustive/sweep.mjs";
import { catalogue } from "../src/catalogue.js";
import { loadModule } from "./helpers/modules.js";

/** ULP that loops may be off by at their worst. */
const BOUNDS = { js: 1, wasm: 2 } as const;

describe.each(["js", "wasm"] as const)("over all float32 numbers, %s", (target) => {
  const record = RECORDS[target];
  const rows = readRows(record.results);
  const loops = subjects(record);
  for (const loop of loops) {
    const row = rows[loop.id]?.[loop.direction];
    test.skipIf(row === undefined)(`${loop.id} ${loop.direction}`, () => {
      expect(isCurrent(rows, loop), `other code was measured: node bench/loops-exhaustive.mjs --target ${target}`).toBe(
        true,
      );
      expect(row).toMatchObject({ nan: 0, infinities: 0, numbersForNaN: 0 });
      expect(row!.ulp, `ULP at ${row!.at}`).toBeLessThanOrEqual(BOUNDS[target]);
      expect(row!.absolute ?? 0).toBeLessThanOrEqual(2 ** -22);
    });
  }

  test("both loops of every activation are looked for", () => {
    expect(loops.map(({ id }) => id).sort()).toEqual(catalogue.flatMap(({ id }) => [id, id]).sort());
  });

  test("the table says the same", () => {
    expect(readFileSync(record.table, "utf8")).toBe(tableText(rows, record));
  });
});

/** The first patterns of blocks: near 0, where functions bend, at a kink, with zeros of a derivative, where results vanish. */
const BLOCKS = [0, 0x3f000000, 0x40200000, 0x80000000, 0xbf800000, 0xbf99c000, 0xc0a00000, 0xc2b00000, 0xff7fc000];

describe("polynomials in place of the function find what the function finds", () => {
  test.each(["relu", "silu", "gelu_erf", "exponential", "relu_squared", "snake"])("%s", async (id) => {
    const module = await loadModule(id);
    for (const direction of ["forward", "backward"] as const) {
      const { loop, exact } = subjectOf(module, direction);
      for (const first of BLOCKS) {
        const counts = ({ ulp, at, ...rest }: Found): object => (ulp > 0.499 ? { ...rest, ulp, at } : rest);
        const [quick, direct] = [false, true].map((asks) => counts(sweep(loop, exact, first, BLOCK, asks)));
        expect(quick, `${direction} from ${first}`).toEqual(direct);
      }
    }
  });

  test("and wrong results are found", () => {
    const spoilt = (wrong: number) => (x: Float32Array, y: Float32Array) => {
      x.forEach((value, i) => (y[i] = value > 1.25 && value < 1.2500005 ? wrong : 1 / value));
    };
    const of = (wrong: number): Found => sweep(spoilt(wrong), (x) => 1 / x, 0x3fa00000 - BLOCK, 2 * BLOCK);
    expect(of(NaN)).toMatchObject({ nan: 4, infinities: 0 });
    expect(of(-Infinity)).toMatchObject({ nan: 0, infinities: 4 });
    expect(of(0.8)).toMatchObject({ nan: 0, infinities: 0, misrounded: 4 });
  });
});
