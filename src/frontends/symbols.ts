/** A parameter for each name of the source, called so that formulas and generated code can have it. */
import { parameter } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { CONSTANTS, FUNCTIONS } from "./functions.js";
import { reasonAgainstName } from "./names.js";

export type Symbols = (written: string, role?: string) => Expr;

/** Short enough for a number to follow. */
const LONGEST_BASE = 50;

/** The same name in the same role is the same parameter. */
export function createSymbols(): Symbols {
  const symbols = new Map<string, Expr>();
  const taken = new Set(["x", "y", "dy"]);
  return (written, role = "") => {
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
}

const isReserved = (name: string): boolean =>
  reasonAgainstName(name) !== undefined || FUNCTIONS.has(name.toLowerCase()) || CONSTANTS.has(name);
