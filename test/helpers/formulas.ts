/** Formulas as people type them, with exact values: test/fixtures/formulas.json, and what emitted code makes of them. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { isWrong, missesOf } from "../../src/cli/shell/inaccurate.js";
import { compile, createOracle, type Compilation } from "../../src/pipeline/activation.js";
import { Diagnostic } from "../../src/diagnostic.js";
import { definitionFromFormula } from "../../src/frontends/definition.js";
import type { Definition } from "../../src/index.js";
import type { TargetName } from "../../src/registry.js";
import { slopes, type EmittedModule } from "./modules.js";

export const ORDERS = ["value", "derivative", "secondDerivative"] as const;
export type Order = (typeof ORDERS)[number];

/** A formula with what it is at each of the inputs; null where it has no value, or another on either side. */
export interface Formula {
  readonly id: string;
  readonly formula: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly exact: Readonly<Record<Order, readonly (number | null)[]>>;
}

type Stored = Omit<Formula, "exact"> & Readonly<Record<Order, readonly (number | "inf" | "-inf" | null)[]>>;
const stored = JSON.parse(readFileSync(new URL("../fixtures/formulas.json", import.meta.url), "utf8")) as {
  readonly inputs: readonly number[];
  readonly formulas: readonly Stored[];
};

const numberOf = (text: number | "inf" | "-inf" | null): number | null =>
  typeof text === "string" ? (text === "inf" ? Infinity : -Infinity) : text;

/** Numbers that a float32 holds. */
export const INPUTS = stored.inputs;
export const FORMULAS: readonly Formula[] = stored.formulas.map(({ id, formula, parameters, ...columns }) => ({
  id,
  formula,
  parameters,
  exact: {
    value: columns.value.map(numberOf),
    derivative: columns.derivative.map(numberOf),
    secondDerivative: columns.secondDerivative.map(numberOf),
  },
}));

export function formulaOf(id: string): Formula {
  const found = FORMULAS.find((formula) => formula.id === id);
  if (found === undefined) throw new Error(`there is no formula ${id}`);
  return found;
}

export const definitionOf = ({ id, formula, parameters }: Formula): Promise<Definition> =>
  definitionFromFormula({
    id,
    formula,
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { default: value }])),
  });

const oracle = createOracle();

export const compiledFor = async (formula: Formula, target: TargetName): Promise<Compilation> =>
  compile(await definitionOf(formula), { target }, await oracle);

const folder = mkdtempSync(join(tmpdir(), "formulas-"));

/** The module that is emitted for a formula, as a program imports it. */
export async function emitted(formula: Formula): Promise<{ readonly module: EmittedModule; readonly said: boolean }> {
  const { artifacts, accuracy } = await compiledFor(formula, "js");
  const file = join(folder, `${formula.id}.mjs`);
  writeFileSync(file, artifacts.find(({ path }) => path.endsWith(".js"))!.text);
  const module = (await import(pathToFileURL(file).href)) as EmittedModule;
  return { module, said: isSaid("js", accuracy) };
}

/** What results may be off by: a part of the right one, what stands for 0, and a part of the terms that cancel. */
export interface Bound {
  readonly relative: number;
  readonly tiny: number;
  readonly ofTerms: number;
  readonly largest: number;
  /** The smallest input, but for 0, that is more than 0. */
  readonly smallest: number;
}

/** A subnormal exponential has few digits, and is multiplied by its input. */
const SUBNORMAL = 2 ** 10;
export const FLOAT64: Bound = {
  relative: 2 ** -39,
  tiny: SUBNORMAL * 2 ** -1074,
  ofTerms: 2 ** -52,
  largest: Number.MAX_VALUE,
  smallest: 2 ** -149,
};
export const FLOAT32: Bound = {
  relative: 2 ** -20,
  tiny: SUBNORMAL * 2 ** -149,
  ofTerms: 2 ** -24,
  largest: 2 ** 128 - 2 ** 104,
  smallest: 2 ** -149,
};

/** The bound of code in which every operation rounds to float32, and that may count what is subnormal as 0. */
export const single = (relative: number): Bound => ({
  ...FLOAT32,
  relative,
  tiny: 2 ** -124,
  ofTerms: relative,
  smallest: 2 ** -126,
});

/** What crosses 0 at or near an input of the fixture: terms of about this size are all that is left to compare with there. */
const CROSSINGS: Readonly<Record<string, Readonly<Partial<Record<Order, number>>>>> = {
  // Its constant is -log(1 + 1/e) to nine digits.
  swooshr: { value: 0.5 },
  // Odd about 0.5.
  softclip: { secondDerivative: 0.5 },
  // Slopes of waves beside a line.
  snake: { derivative: 1, secondDerivative: 1 },
  cosid: { derivative: 1, secondDerivative: 1 },
};

export function isRight(got: number, want: number, { relative, tiny, largest }: Bound, absolute = 0): boolean {
  if (Math.abs(want) > largest) return Math.abs(got) >= largest && Math.sign(got) === Math.sign(want);
  return Math.abs(got - want) <= relative * Math.abs(want) + tiny + absolute;
}

/** A function of an emitted module at all inputs, and how near it must be. */
export interface Column {
  readonly name: string;
  readonly order: Order;
  readonly got: ArrayLike<number>;
  readonly bound: Bound;
}

const misses = ({ id, exact }: Formula, columns: readonly Column[]): string[] =>
  columns.flatMap(({ name, order, got, bound }) => {
    const absolute = (CROSSINGS[id]?.[order] ?? 0) * bound.ofTerms;
    return INPUTS.flatMap((at, i) => {
      const want = exact[order][i]!;
      const isSeen = at === 0 || Math.abs(at) >= bound.smallest;
      if (want === null || !isSeen || isRight(got[i]!, want, bound, absolute)) return [];
      return [`${name}(${at}) = ${got[i]}, not ${want}`];
    });
  });

/** What is emitted for a formula, run at all inputs; whether nonlin says that some of it is wrong, and emits nothing. */
export interface Run {
  readonly columns: readonly Column[];
  readonly said: boolean;
}

/** What is not right yet: the calls that are wrong at some inputs, or "refused"; and whether nonlin says so. */
export interface Shortcoming {
  readonly of: readonly string[];
  readonly said: boolean;
  readonly why: string;
}

/** Expects that all is right, or exactly what is known to fall short. */
export async function expectRight(formula: Formula, run: () => Promise<Run>, known?: Shortcoming): Promise<void> {
  let found: { readonly of: readonly string[]; readonly said: boolean };
  let details = "";
  try {
    const { columns, said } = await run();
    const wrong = misses(formula, columns);
    details = wrong.join("\n");
    found = { of: [...new Set(wrong.map((text) => text.split("(")[0]!))], said };
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    details = error.message;
    found = { of: ["refused"], said: true };
  }
  expect(found, details).toEqual({ of: known?.of ?? [], said: known?.said ?? false });
}

/** Whether the command line says that a function is wrong. */
export const isSaid = (target: TargetName, accuracy: Compilation["accuracy"]): boolean =>
  missesOf("", target, accuracy).some(isWrong);

/** All functions of a JavaScript module. */
export function columnsOf(module: EmittedModule): readonly Column[] {
  const x = Float32Array.from(INPUTS);
  return [
    ...ORDERS.map((order) => ({
      name: order,
      order,
      got: INPUTS.map((at) => module[order](at)),
      bound: FLOAT64,
    })),
    { name: "forward", order: "value", got: module.forward(x), bound: FLOAT32 },
    { name: "backward", order: "derivative", got: slopes(module, x), bound: FLOAT32 },
  ];
}
