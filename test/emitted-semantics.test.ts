/**
 * What the emitted functions do at corners and at special inputs, against what frameworks were seen to do there. Where
 * the two differ on purpose, a row of helpers/differences.ts says why.
 */
import { readFileSync } from "node:fs";
import { evaluate } from "mathjs";
import { describe, expect, test } from "vitest";
import { defaults, type ParameterValues } from "../src/index.js";
import { differences, interfaceDifferences, type Difference } from "./helpers/differences.js";
import { definitionOf, loadModule, slopes, type EmittedModule } from "./helpers/modules.js";

const SPECIAL = { nan: NaN, "+inf": Infinity, "-inf": -Infinity, "-0.0": -0 } as const;
type Special = keyof typeof SPECIAL;

interface Recorded {
  readonly id: string;
  readonly kinks: readonly {
    readonly at: string;
    readonly framework: string;
    readonly gradient: number | string;
    readonly status: string;
  }[];
  readonly special?: {
    readonly framework: string;
    readonly value: Readonly<Record<Special, string>>;
    readonly gradient: Readonly<Record<Special, string>>;
  };
}

const { activations } = JSON.parse(readFileSync(new URL("fixtures/semantics.json", import.meta.url), "utf8")) as {
  readonly activations: readonly Recorded[];
};

/** The parameters of the recorded runs, where they were not the defaults: by id, and by corner where that matters. */
const PARAMETERS: Readonly<Record<string, ParameterValues>> = {
  keras_relu: { negative_slope: 0.1, threshold: 1 },
  "keras_relu 0 (s=.1 only)": { negative_slope: 0.1 },
  "keras_relu 0 (s=.1, max_value=2)": { negative_slope: 0.1, max_value: 2 },
  "keras_relu 0 (max_value only)": { max_value: 2 },
  "keras_relu max_value (!=6), th=0": { max_value: 2 },
  "keras_relu max_value == 6, th=0": { max_value: 6 },
  threshold: { threshold: 0.1, value: 20 },
  softplus: { threshold: 20 },
};

const parametersOf = (id: string, at: string): ParameterValues => ({
  ...defaults(definitionOf(id)),
  ...(PARAMETERS[`${id} ${at}`] ?? PARAMETERS[id]),
});

/** A recorded number or formula, such as "-l" or "scale*alpha = 1.7580993", without its remarks. */
function numberFrom(text: number | string, parameters: ParameterValues): number {
  if (typeof text === "number") return text;
  const formula = text.split(/ \(|,| =| eval| train/)[0]!;
  const { negative_slope: s, slope, lambd: l, threshold: th, beta = 1 } = parameters;
  const selu = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };
  const z = Math.exp(20 / beta);
  return Number(evaluate(formula, { ...selu, ...parameters, s, a: slope, r: slope, l, th, z }));
}

/** The recorded values: one, or one for each of the framework's loops. */
function numbersFrom(text: string): number[] {
  const parts = text.match(/nan|-?inf|-?\d[\d.e+-]*(?=[,}| ]|$)/g) ?? [];
  return parts.map((part) => (part.endsWith("inf") ? Number(`${part}inity`.replace("inf", "Inf")) : Number(part)));
}

/** The same number to float32; zeros with the same sign where `signed`. */
function same(a: number, b: number, signed: boolean): boolean {
  if (Object.is(a, b)) return true;
  if (a === 0 && b === 0) return !signed;
  return Math.abs(a - b) <= Math.abs(b) * 2 ** -23;
}

const rowFor = (id: string, of: Difference["of"], at: string): Difference | undefined =>
  differences.find((row) => row.ids.includes(id) && row.of === of && row.at === at);

interface Check {
  readonly module: EmittedModule;
  readonly id: string;
  readonly of: Difference["of"];
  readonly at: string;
  readonly x: number;
  readonly parameters: ParameterValues;
  readonly recorded: readonly number[];
}

/** Both precisions give the recorded value, or the one that a row says they give instead. */
function check({ module, id, of, at, x, parameters, recorded }: Check): void {
  const input = Float32Array.of(x);
  const found = [of === "value" ? module.value(x, parameters) : module.derivative(x, parameters)];
  // A corner that float32 cannot hold is no input of the loops.
  if (Object.is(input[0], x))
    found.push((of === "value" ? module.forward(input, undefined, parameters) : slopes(module, input, parameters))[0]!);
  const row = rowFor(id, of, at);
  const expected = row === undefined ? recorded : [row.ours];
  if (row !== undefined && recorded.some((value) => same(row.ours, value, of === "value")))
    throw new Error(`${id} does not differ at ${at} (${of}): ${row.reason}`);
  const right = (got: number): boolean => expected.some((value) => same(got, value, of === "value"));
  expect
    .soft(
      found.filter((got) => !right(got)),
      `${id} ${of} at ${at}, expected ${expected.join(" or ")}`,
    )
    .toEqual([]);
}

describe("corners: the slope is the framework's", () => {
  const rows = activations.flatMap(({ id, kinks }) =>
    // The drawn slope of RReLU is a parameter of its own definition.
    kinks.map((kink) => ({ ...kink, id: kink.at === "0 train" ? "rrelu_training" : id })),
  );
  test.each(rows)("$id at $at", async ({ id, at, gradient, status }) => {
    expect(status).toMatch(/^(confirmed|read)/);
    const parameters = parametersOf(id, at);
    const x = numberFrom(at, parameters);
    const recorded = [numberFrom(gradient, parameters)];
    check({ module: await loadModule(id), id, of: "gradient", at, x, parameters, recorded });
  });
});

describe("special inputs: value and slope are the framework's", () => {
  const rows = activations.flatMap(({ id, special }) => (special === undefined ? [] : [{ id, special }]));
  test.each(rows)("$id ($special.framework)", async ({ id, special }) => {
    const module = await loadModule(id);
    for (const at of Object.keys(SPECIAL) as Special[]) {
      const shared = { module, id, at, x: SPECIAL[at], parameters: parametersOf(id, "special") };
      check({ ...shared, of: "value", recorded: numbersFrom(special.value[at]) });
      check({ ...shared, of: "gradient", recorded: numbersFrom(special.gradient[at]) });
    }
  });
});

test("every difference names activations and places that were recorded", () => {
  const places = new Set(
    activations.flatMap(({ id, kinks, special }) => [
      ...kinks.map(({ at }) => `${at === "0 train" ? "rrelu_training" : id} gradient ${at}`),
      ...(special === undefined
        ? []
        : Object.keys(SPECIAL).flatMap((at) => [`${id} value ${at}`, `${id} gradient ${at}`])),
    ]),
  );
  const named = differences.flatMap(({ ids, of, at }) => ids.map((id) => `${id} ${of} ${at}`));
  expect(named.filter((place) => !places.has(place))).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
});

describe("defaults and ranges that differ", () => {
  test.each(interfaceDifferences)("$id: $ours, not $theirs", async ({ id, holds }) => {
    expect(holds(await loadModule(id))).toBe(true);
  });
});
