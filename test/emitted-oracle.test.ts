/** The high-precision reference against a second one: textbook formulas in mpmath (fixtures/make-mpmath.py). */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { createOracle, differentiate, type Oracle } from "../src/pipeline/activation.js";
import { definitionOf } from "./helpers/modules.js";

interface Fixture {
  readonly points: readonly number[];
  readonly functions: readonly {
    readonly id: string;
    readonly parameters: Readonly<Record<string, number | string>>;
    /** Per order and point the nearest float64 and what it leaves out. */
    readonly values: readonly (readonly (readonly [high: number, low: number])[])[];
  }[];
}

const fixture = JSON.parse(readFileSync(new URL("fixtures/mpmath.json", import.meta.url), "utf8")) as Fixture;

describe("the reference agrees with mpmath to 30 digits", () => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await createOracle();
  });

  test.each(fixture.functions.map((row) => [row.id, row] as const))("%s", (id, { parameters, values }) => {
    const exact = differentiate(definitionOf(id));
    const bound = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, Number(value)]));
    const found = oracle.evaluate(
      [exact.value, exact.derivative, exact.secondDerivative],
      fixture.points.map((x) => ({ ...bound, x })),
    );
    const wrong = values.flatMap((column, order) =>
      column.flatMap(([high, low], i) => {
        const got = [found[order]!.high[i]!, found[order]!.low[i]!] as const;
        // The second words stop at the smallest float64, so near underflow fewer digits are there to compare.
        const tolerance = Math.abs(high) * 1e-30 + 2 * Number.MIN_VALUE;
        const difference = got[0] - high + (got[1] - low);
        return Math.abs(difference) <= tolerance ? [] : [{ order, x: fixture.points[i], got, expected: [high, low] }];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("the fixture covers a dozen functions at forty points", () => {
    expect(fixture.functions.length).toBeGreaterThanOrEqual(12);
    expect(fixture.points).toHaveLength(40);
  });
});
