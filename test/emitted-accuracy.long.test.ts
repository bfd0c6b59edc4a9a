/**
 * The emitted modules against the high-precision reference, at more inputs than the compiler looks at and at parameters
 * that it does not know of. In float64 `value` and `derivative` keep 8 ULP and `secondDerivative` 64; the float32 loops
 * keep 1. Near a zero of a function (other than 0) no relative bound can hold: there 2^-50 and 2^-22 are the bounds,
 * absolutely.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { createOracle, differentiate, type Oracle } from "../src/pipeline/activation.js";
import type { ParameterValues } from "../src/index.js";
import { x as variable } from "../src/ir/build.js";
import { valuesFarOut } from "../src/symbolic/far-values.js";
import type { Reference } from "../src/symbolic/oracle.js";
import { FLOAT32, FLOAT64, nearZero, ulps, type Format } from "./helpers/accuracy.js";
import { doubleInputs, parameterSets, singleInputs } from "./helpers/inputs.js";
import { knownMisses, type KnownMiss } from "./helpers/known-misses.js";
import { loadModule, slopes } from "./helpers/modules.js";

const BOUNDS = { value: 8, derivative: 8, secondDerivative: 64, forward: 1, backward: 1 } as const;
type Measured = keyof typeof BOUNDS;

/** How many float32 bit patterns at the defaults, and at other parameters. */
const PATTERNS = { defaults: 8192, others: 4096 };
/** Float64 inputs: this many times 600. */
const DENSITY = 3;

interface Column {
  readonly id: string;
  readonly of: Measured;
  readonly parameters: ParameterValues;
  readonly inputs: ArrayLike<number>;
  readonly got: ArrayLike<number>;
  readonly reference: Reference;
  readonly format: Format;
  /** The function on one input, for the signs around it. */
  readonly at: (x: number) => number;
}

const show = (parameters: ParameterValues): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

/** Misses that no row knows, as text; the rows that a miss has shown to be needed are added to `seen`. */
function unknownMisses(column: Column, seen: Set<KnownMiss>): string[] {
  const { id, of, parameters, inputs, got, reference, format, at } = column;
  const rows = knownMisses.filter((row) => row.id === id && row.functions.includes(of));
  const found: string[] = [];
  for (let i = 0; i < inputs.length; i++) {
    const [x, high, low] = [inputs[i]!, reference.high[i]!, reference.low[i]!];
    const error = ulps(got[i]!, high, low, format);
    if (error <= BOUNDS[of]) continue;
    const absolute = Math.abs(got[i]! - high - low);
    if (absolute <= format.nearZero && nearZero(at, x, high)) continue;
    const row = rows.find(
      ({ when, ...allowed }) =>
        when(x, parameters) &&
        !(error > (allowed.ulps ?? Infinity)) &&
        !(absolute > (allowed.absolute ?? Infinity)) &&
        !(allowed.absolute !== undefined && Number.isNaN(absolute)),
    );
    if (row === undefined)
      found.push(`${id}.${of}(${x}, ${show(parameters)}) = ${got[i]}, exact ${high}: ${error} ULP`);
    else seen.add(row);
  }
  return found;
}

describe.each(catalogue.map((definition) => [definition.id, definition] as const))("%s", (id, definition) => {
  let oracle: Oracle;
  const exact = differentiate(definition);
  const seen = new Set<KnownMiss>();
  const sets = parameterSets(definition);
  beforeAll(async () => {
    oracle = await createOracle();
  });

  test("float64", async () => {
    const module = await loadModule(id);
    const functions = ["value", "derivative", "secondDerivative"] as const;
    const found = sets.flatMap((parameters) => {
      const inputs = doubleInputs(definition, parameters, DENSITY);
      expect(inputs.length).toBeGreaterThanOrEqual(600 * DENSITY);
      const references = valuesFarOut(
        oracle,
        functions.map((of) => exact[of]),
        variable,
        inputs.map((x) => ({ ...parameters, x })),
      );
      return functions.flatMap((of, i) => {
        const at = (x: number): number => module[of](x, parameters);
        const [got, reference] = [inputs.map(at), references[i]!];
        return unknownMisses({ id, of, parameters, inputs, got, reference, format: FLOAT64, at }, seen);
      });
    });
    expect(found.slice(0, 20)).toEqual([]);
  });

  test("float32", async () => {
    const module = await loadModule(id);
    const found = sets.flatMap((parameters, which) => {
      const inputs = singleInputs(definition, parameters, which === 0 ? PATTERNS.defaults : PATTERNS.others);
      expect(inputs.length).toBeGreaterThanOrEqual(2000);
      const references = valuesFarOut(
        oracle,
        [exact.value, exact.derivative],
        variable,
        Array.from(inputs, (x) => ({ ...parameters, x })),
      );
      const loops = {
        forward: (x: Float32Array) => module.forward(x, new Float32Array(x.length), parameters),
        backward: (x: Float32Array) => slopes(module, x, parameters),
      };
      return (["forward", "backward"] as const).flatMap((of, i) => {
        const at = (x: number): number => loops[of](Float32Array.of(x))[0]!;
        const [got, reference] = [loops[of](inputs), references[i]!];
        return unknownMisses({ id, of, parameters, inputs, got, reference, format: FLOAT32, at }, seen);
      });
    });
    expect(found.slice(0, 20)).toEqual([]);
  });

  test("what is listed as a known miss still misses", () => {
    const gone = knownMisses.filter((row) => row.id === id && !seen.has(row));
    expect(gone.map(({ functions, reason }) => `${functions.join(", ")}: ${reason}`)).toEqual([]);
  });
});

test("every known miss is of an activation of the catalogue", () => {
  const ids = new Set(catalogue.map(({ id }) => id));
  expect(knownMisses.filter(({ id }) => !ids.has(id))).toEqual([]);
});
