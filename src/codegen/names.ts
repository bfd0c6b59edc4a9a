/** Names for intermediate values: words that say what they are, distinct from everything else in scope. */
import { variableOf, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";

/** The first letters of what an operation computes; others are plain `t`. */
export const STEMS: { readonly [K in OperationName]?: string } = {
  exp: "e",
  expm1: "m",
  expSingle: "e",
  expm1Single: "m",
  log: "l",
  log1p: "l",
  sqrt: "r",
  abs: "a",
  tanh: "h",
  sin: "s",
  cos: "c",
  select: "p",
  div: "q",
  round: "k",
  exp2Steps: "w",
  lt: "below",
  le: "below",
};

/** Names for the lines of expressions: look-up, new names, and inner scopes. */
export interface Naming {
  readonly of: (expr: Expr) => string | undefined;
  readonly give: (expr: Expr) => string;
  /** A scope inside this one: it sees these names, and what it adds stays inside. */
  readonly nested: () => Naming;
}

export interface Names extends Naming {
  /** Says what a variable is called in the code. */
  readonly bind: (variable: string, name: string) => void;
  readonly nested: () => Names;
}

/** `taken` may not be given; `variables` print as themselves. */
export function createNames(taken: Iterable<string>, variables: readonly string[]): Names {
  const used = new Set([...taken, "v", "g"]);
  const bound = new Map<string, string>([...variables.map((name) => [name, name] as const), ["x", "x"], ["y", "y"]]);

  const scope = (outer: ReadonlyMap<Expr, string>): Names => {
    const names = new Map(outer);
    return {
      of: (expr) => (expr.op === "variable" ? bound.get(variableOf(expr).name) : names.get(expr)),
      give: (expr) => {
        const stem = STEMS[expr.op] ?? "t";
        let name = stem;
        for (let i = 1; used.has(name); i++) name = `${stem}${i}`;
        used.add(name);
        names.set(expr, name);
        return name;
      },
      bind: (variable, name) => void bound.set(variable, name),
      nested: () => scope(names),
    };
  };
  return scope(new Map());
}

/** A word for one of what an axis's name says many of: rows, classes, queries. */
export function singular(name: string): string | undefined {
  if (/ies$/.test(name)) return name.replace(/ies$/, "y");
  if (/(ss|x|ch|sh)es$/.test(name)) return name.replace(/es$/, "");
  return /[^s]s$/.test(name) ? name.replace(/s$/, "") : undefined;
}
