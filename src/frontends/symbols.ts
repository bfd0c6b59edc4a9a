/** A parameter for each name of the source, called so that formulas and generated code can have it. */
import { neg, parameter } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { CONSTANTS, FUNCTIONS } from "./functions.js";
import { literalFrom } from "./literals.js";
import { reasonAgainstName } from "./names.js";

/** The value of a parameter where callers leave it out. */
export interface Usual {
  readonly value: Expr;
  /** As the source writes it. */
  readonly written: string;
}

export interface Symbols {
  /** `initial`: what stands in the source for an argument that is left out. */
  (written: string, role?: string, initial?: Initial): Expr;
  readonly usual: Map<Expr, Usual>;
}

/** Syntax of any language: of numbers and signs something is known. */
interface Initial {
  readonly kind: string;
  readonly text?: string;
  readonly operator?: string;
  readonly operand?: Initial;
}

function usualOf(initial: Initial | undefined): Usual | undefined {
  const { kind, text, operator, operand } = initial ?? {};
  if (kind === "unary" && operator === "-") {
    const inner = usualOf(operand);
    return inner && { value: neg(inner.value), written: `-${inner.written}` };
  }
  const value = kind === "number" && text !== undefined && !/j$/i.test(text) ? literalFrom(text) : undefined;
  return value === undefined || "message" in value ? undefined : { value, written: text! };
}

/** Short enough for a number to follow. */
const LONGEST_BASE = 50;

/** The same name in the same role is the same parameter. */
export function createSymbols(): Symbols {
  const symbols = new Map<string, Expr>();
  const taken = new Set(["x", "y", "dy"]);
  const usual = new Map<Expr, Usual>();
  const symbolOf = (written: string, role: string): Expr => {
    const key = `${role} ${written}`;
    const known = symbols.get(key);
    if (known !== undefined) return known;
    const plain = written.replace(/[^A-Za-z0-9_]/g, "").replace(/^[^A-Za-z]+/, "");
    const base = plain.slice(0, LONGEST_BASE) || "p";
    let name = base;
    for (let n = 1; taken.has(name) || isReserved(name); n++) name = `${base}_${n === 1 ? "" : n}`;
    taken.add(name);
    const created = parameter(name);
    symbols.set(key, created);
    return created;
  };
  const make = (written: string, role = "", initial?: Initial): Expr => {
    const symbol = symbolOf(written, role);
    const found = usualOf(initial);
    if (found !== undefined) usual.set(symbol, found);
    return symbol;
  };
  return Object.assign(make, { usual });
}

const isReserved = (name: string): boolean =>
  reasonAgainstName(name) !== undefined || FUNCTIONS.has(name.toLowerCase()) || CONSTANTS.has(name);
