/** Checks of data that anyone wrote: each returns a clean copy, or says which key is wrong and how. */
import { Diagnostic } from "../../diagnostic.js";
import { unknownName } from "./arguments.js";
import { quote } from "./text.js";

/** Reads a value found at `place`, such as "activations[2].id". */
export type Check<Value> = (value: unknown, place: string) => Value;
export type Checks = Readonly<Record<string, Check<unknown>>>;

type Required<Table extends Checks> = { [Key in keyof Table]: ReturnType<Table[Key]> };
type Optional<Table extends Checks> = { [Key in keyof Table]?: ReturnType<Table[Key]> };

export const text: Check<string> = (value, place) => {
  if (typeof value !== "string") throw wrongType(place, "a string", value);
  if (value.trim() === "") throw new Diagnostic(`${place} is empty`);
  return value;
};

/** Text that stands in a comment of emitted code, so that a second line would be code. */
export const line: Check<string> = (value, place) => {
  const read = text(value, place);
  if (/[\p{Cc}\u2028\u2029]/u.test(read))
    throw new Diagnostic(`${place} has to be a single line without control characters`);
  return read;
};

export const flag: Check<boolean> = (value, place) => {
  if (typeof value !== "boolean") throw wrongType(place, "true or false", value);
  return value;
};

export const number: Check<number> = (value, place) => {
  if (typeof value !== "number" || Number.isNaN(value)) throw wrongType(place, "a number", value);
  return value;
};

export const range: Check<readonly [number, number]> = (value, place) => {
  const ends = list(number)(value, place);
  const [low, high] = ends;
  if (low === undefined || high === undefined || ends.length !== 2)
    throw new Diagnostic(`${place} needs two numbers, [low, high], not ${ends.length}`);
  if (low > high) throw new Diagnostic(`${place} is empty: ${low} is above ${high}`);
  return [low, high];
};

export const oneOf =
  <Choice extends string>(choices: readonly Choice[], what: string): Check<Choice> =>
  (value, place) => {
    const name = text(value, place);
    const found = choices.find((choice) => choice === name);
    if (found === undefined) throw unknownName(`${what} in ${place}:`, name, choices);
    return found;
  };

export const list =
  <Value>(check: Check<Value>): Check<readonly Value[]> =>
  (value, place) => {
    if (!Array.isArray(value)) throw wrongType(place, "a list", value);
    return Array.from(value as readonly unknown[], (item, i) => check(item, `${place}[${i}]`));
  };

/** An object whose keys are names that the user chose. */
export const mapOf =
  <Value>(check: Check<Value>): Check<Readonly<Record<string, Value>>> =>
  (value, place) =>
    Object.fromEntries(fields(value, place).map(([key, field]) => [key, check(field, below(place, key))]));

/** An object with these keys and no others; a key whose value is undefined counts as absent. */
export const shape =
  <Must extends Checks, May extends Checks>(must: Must, may: May): Check<Required<Must> & Optional<May>> =>
  (value, place) => {
    const known: Checks = { ...must, ...may };
    const given = fields(value, place).filter(([, field]) => field !== undefined);
    for (const [key] of given)
      if (!Object.hasOwn(known, key)) throw unknownName(`key in ${named(place)}:`, key, Object.keys(known));
    const missing = Object.keys(must).find((key) => !given.some(([name]) => name === key));
    if (missing !== undefined) throw new Diagnostic(`${named(place)} needs the key ${missing}`);
    const copy = given.map(([key, field]) => [key, known[key]!(field, below(place, key))] as const);
    return Object.fromEntries(copy) as Required<Must> & Optional<May>;
  };

function fields(value: unknown, place: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongType(place, "an object", value);
  return Object.entries(value);
}

/** The place of a key; the whole is the place "". */
const below = (place: string, key: string): string => (place === "" ? key : `${place}.${key}`);
const named = (place: string): string => (place === "" ? "the configuration" : place);

function wrongType(place: string, wanted: string, value: unknown): Diagnostic {
  return new Diagnostic(`${named(place)} has to be ${wanted}, not ${kind(value)}`);
}

function kind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return `the string ${quote(value)}`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
