/** Reads a command's arguments by its table of options. */
import { parseArgs } from "node:util";
import { Diagnostic, nearest } from "../../diagnostic.js";
import { quote } from "./text.js";

export interface OptionRow {
  /** The word for the value in the help, as in `--param name=value`; an option without one is a switch. */
  readonly value?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  readonly summary: string;
}

export type OptionTable = Readonly<Record<string, OptionRow>>;

/** A command's arguments, checked: only options of its table, each with a value exactly when it takes one. */
export class Arguments {
  constructor(
    readonly positionals: readonly string[],
    private readonly switches: ReadonlySet<string>,
    private readonly values: ReadonlyMap<string, readonly string[]>,
  ) {}

  /** Was the switch given? */
  has(name: string): boolean {
    return this.switches.has(name);
  }

  /** The option's value; the last one when it was given again. */
  value(name: string): string | undefined {
    return this.values.get(name)?.at(-1);
  }

  /** The values of an option that may be given more than once. */
  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  /** The names in a value such as "relu,gelu"; of all values when the option was given more than once. */
  names(name: string): readonly string[] | undefined {
    const values = this.values.get(name);
    if (values === undefined) return undefined;
    const names = values.flatMap((value) => value.split(",")).map((part) => part.trim());
    if (names.includes("")) throw new Diagnostic(`--${name} has an empty name in ${quote(values.join(","))}`);
    return [...new Set(names)];
  }

  /** The value, which has to be one of these. */
  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw unknownName(`value of --${name}:`, value, choices);
    return found;
  }
}

/** The complaint about a name that is none of these. */
export function unknownName(what: string, name: string, known: Iterable<string>, help?: string): Diagnostic {
  const all = [...known];
  const meant = nearest(name, all);
  const hint = meant !== undefined ? `did you mean ${meant}?` : (help ?? `one of ${all.join(", ")}`);
  return new Diagnostic(`unknown ${what} ${quote(name)}`, { hint });
}

/** Parses what stands behind the command's name. */
export function readArguments(
  words: readonly string[],
  options: OptionTable,
  positionals: readonly [least: number, most: number],
  usage: string,
): Arguments {
  const types = Object.fromEntries(
    Object.entries(options).map(([name, row]) => [
      name,
      { type: row.value === undefined ? "boolean" : "string", multiple: true } as const,
    ]),
  );
  const { tokens } = parseArgs({
    args: [...words],
    options: types,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const found: string[] = [];
  const switches = new Set<string>();
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") found.push(token.value);
    if (token.kind !== "option") continue;
    const row = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (row === undefined || !token.rawName.startsWith("--")) throw unknownOption(words[token.index]!, token, options);
    if (row.value === undefined) {
      if (token.value !== undefined) throw new Diagnostic(`--${token.name} takes no value`);
      switches.add(token.name);
    } else {
      if (token.value === undefined)
        throw new Diagnostic(`--${token.name} needs a value: --${token.name} ${row.value}`, { hint: usage });
      values.set(token.name, [...(values.get(token.name) ?? []), token.value]);
    }
  }
  checkCount(found, positionals, usage);
  return new Arguments(found, switches, values);
}

function unknownOption(word: string, token: { name: string; rawName: string }, options: OptionTable): Diagnostic {
  if (token.rawName.startsWith("--"))
    return unknownName(
      "option",
      token.rawName,
      Object.keys(options).map((name) => `--${name}`),
    );
  return new Diagnostic(`unknown option ${quote(word)}`, {
    hint: `write -- in front of a formula that begins with a minus: -- ${quote(word)}`,
  });
}

function checkCount(found: readonly string[], [least, most]: readonly [number, number], usage: string): void {
  if (found.length < least) throw new Diagnostic("an argument is missing", { hint: usage });
  if (found.length > most)
    throw new Diagnostic(`one argument too many: ${quote(found[most]!)}`, {
      hint: found.length > 1 && most === 1 ? `put quotes around a formula with spaces; ${usage}` : usage,
    });
}
