/** Claims as text: `{"id", "formula", "derivative", "order", "positive"}`, one JSON object per line. */
import { Diagnostic } from "../diagnostic.js";
import type { Expr } from "../ir/expr.js";
import { parseFormula, type FormulaOptions } from "./formula.js";
import { quote } from "./place.js";

/** Is `claim` the derivative of `formula`, taken `order` times? With order 0: are the two equal? */
export interface ReadGoal {
  readonly formula: Expr;
  readonly claim: Expr;
  readonly order: number;
}

/** A claim as people write it. */
export interface WrittenClaim {
  readonly formula: string;
  readonly derivative: string;
  readonly order?: number;
  /** The input or parameters that are promised to be above 0. */
  readonly positive?: readonly string[];
}

/** The goal that a line states, or the mistake in it; its id in either case, when that can be read. */
export type BatchItem = { readonly id?: string } & ({ readonly goal: ReadGoal } | { readonly mistake: Diagnostic });

const HIGHEST_ORDER = 9;

const POSITIVE = [Number.MIN_VALUE, Infinity] as const;

/** The goal of a claim, and the names that its two sides use. */
export async function readClaim({ formula, derivative, order = 1, positive = [] }: WrittenClaim): Promise<{
  readonly goal: ReadGoal;
  readonly names: readonly string[];
}> {
  const ranges = Object.fromEntries(positive.map((name) => [name, POSITIVE]));
  // Two functions that are only compared have no output and no gradient from above.
  const inDerivative = order === 0 ? {} : { output: true, gradient: true };
  const value = await parsePart("formula", formula, { ranges });
  const claim = await parsePart("derivative", derivative, { ranges, ...inDerivative });
  if (order > 0)
    for (const [name, meaning] of [
      ["y", "the output"],
      ["dy", "the gradient from above"],
    ] as const)
      if (value.parameters.includes(name))
        throw new Diagnostic(`in the formula: "${name}" cannot be a parameter, it is ${meaning} in a derivative`, {
          source: formula,
          ...spanOf(name, formula),
          hint: "choose another name for the parameter, in both",
        });
  return {
    goal: { formula: value.expr, claim: claim.expr, order },
    names: ["x", ...new Set([...value.parameters, ...claim.parameters])],
  };
}

async function parsePart(part: string, text: string, options: FormulaOptions): ReturnType<typeof parseFormula> {
  try {
    return await parseFormula(text, options);
  } catch (error) {
    throw error instanceof Diagnostic ? inPlace(`in the ${part}`, error) : error;
  }
}

/** The mistake with the words in front that say where it is. */
function inPlace(where: string, { message, source, start, end, hint }: Diagnostic): Diagnostic {
  const place = source === undefined || start === undefined ? {} : { source, start, end: end ?? start + 1 };
  return new Diagnostic(`${where}: ${message}`, { ...place, ...(hint === undefined ? {} : { hint }) });
}

function spanOf(name: string, text: string): { start: number; end: number } {
  const start = text.search(new RegExp(`\\b${name}\\b`));
  return { start, end: start + name.length };
}

/** Reads one line; `line` is its number. */
export async function readBatchLine(text: string, line: number): Promise<BatchItem> {
  let id: string | undefined;
  try {
    const fields = objectIn(text);
    id = optional(fields, "id", isString, "a string");
    const formula = required(fields, "formula", '"x*sigmoid(x)"');
    const derivative = required(fields, "derivative", '"sigmoid(x)"');
    const order = optional(fields, "order", isOrder, `a whole number from 0 to ${HIGHEST_ORDER}`) ?? 1;
    const positive = optional(fields, "positive", isNames, "a list of names") ?? [];
    const { goal } = await readClaim({ formula, derivative, order, positive });
    return { ...(id === undefined ? {} : { id }), goal };
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    return { ...(id === undefined ? {} : { id }), mistake: inPlace(`line ${line}`, error) };
  }
}

type Fields = Readonly<Record<string, unknown>>;

const EXAMPLE = 'a line is an object such as {"formula": "tanh(x)", "derivative": "1 - y^2"}';

function objectIn(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notJson(text, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Diagnostic(`this is ${shown(value)}, not an object`, { hint: EXAMPLE });
  return value as Fields;
}

/** Of what V8 says about broken JSON, only the place or the character is worth keeping: it quotes the rest. */
function notJson(text: string, error: unknown): Diagnostic {
  const said = error instanceof Error ? error.message : "";
  const position =
    /at position (\d+)/.exec(said)?.[1] ?? (/end of JSON/.test(said) ? text.trimEnd().length : undefined);
  const place = position === undefined ? {} : { source: text, start: Number(position), end: Number(position) + 1 };
  const token = /^Unexpected token '(.+?)'/u.exec(said)?.[1];
  const message = `this is no JSON${token === undefined ? "" : `: ${quote(token)} is not expected`}`;
  return new Diagnostic(message, { ...place, hint: EXAMPLE });
}

const isString = (value: unknown): value is string => typeof value === "string";
const isOrder = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= HIGHEST_ORDER;
const isNames = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isString);

const fieldOf = (fields: Fields, key: string): unknown => (Object.hasOwn(fields, key) ? fields[key] : undefined);

function optional<Value>(
  fields: Fields,
  key: string,
  fits: (value: unknown) => value is Value,
  wanted: string,
): Value | undefined {
  const value = fieldOf(fields, key);
  if (value === undefined || value === null) return undefined;
  if (!fits(value)) throw new Diagnostic(`"${key}" has to be ${wanted}, not ${shown(value)}`);
  return value;
}

function required(fields: Fields, key: string, example: string): string {
  const value = optional(fields, key, isString, "a string");
  if (value === undefined) throw new Diagnostic(`"${key}" is missing`, { hint: `add "${key}": ${example}` });
  return value;
}

const LONGEST_SHOWN = 40;

/** A value as a message shows it. */
function shown(value: unknown): string {
  if (typeof value === "string") return quote(value);
  const text = JSON.stringify(value);
  return text.length <= LONGEST_SHOWN ? text : Array.isArray(value) ? "a list" : "an object";
}
