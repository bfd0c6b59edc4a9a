/** Functions of libraries as rows: how they are called, as Python would write it, and what they compute. */
import { constant, decimal } from "../../ir/build.js";
import { leafValue } from "../../ir/evaluate.js";
import type { Expr } from "../../ir/expr.js";
import { quote, reason, type Reason } from "../place.js";
import { truthOf } from "./arithmetic.js";
import { Unfit } from "./unfit.js";
import { INFINITE, PLUMBING, REDUCTION } from "./unreadable.js";
import { FALSE, NONE, TRUE, asNumber, type Value } from "./values.js";

export interface Row {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly initial?: Value }[];
  readonly build: (given: Given) => Expr;
  /** It makes a tensor of its own, whatever it is given, of the type of these arguments where no type is given. */
  readonly makes?: { readonly like?: string; readonly source?: string };
  /** How it was called once, with all arguments by position. */
  readonly old?: Row;
  /** Whether it jumps for what it is given, and is read for some of that alone. */
  readonly isJump?: (operand: Expr) => boolean;
  /** The arguments that decide the type of the result, where these are not all. */
  readonly typed?: readonly string[];
}

/** The arguments of a call by their names; what an argument is not is refused. */
export interface Given {
  readonly value: (name: string) => Value;
  readonly number: (name: string) => Expr;
  /** A number, or a condition as it is. */
  readonly content: (name: string) => Expr;
  /** Nothing for None. */
  readonly optional: (name: string) => Expr | undefined;
  /** Nothing for None, and for an infinite bound, which bounds nothing. */
  readonly bound: (name: string) => Expr | undefined;
  readonly condition: (name: string) => Expr;
  readonly text: (name: string) => string | undefined;
  readonly refuse: (name: string, reason: Reason) => never;
}

const LITERALS: Readonly<Record<string, Value>> = { None: NONE, True: TRUE, False: FALSE };

const initialOf = (text: string): Value => {
  const known = LITERALS[text];
  if (known !== undefined) return known;
  return text.startsWith("'")
    ? { kind: "text", text: text.slice(1, -1) }
    : { kind: "number", expr: text === "inf" ? constant(Infinity) : decimal(text), isFloat: text.includes(".") };
};

/** `row("add(input, other, alpha=1)", ...)`. */
export function row(signature: string, build: Row["build"]): Row {
  const [, name = "", list = ""] = /^(\w+)\((.*)\)$/.exec(signature)!;
  const parameters = list.split(/,\s*/).map((part) => {
    const [parameter = "", initial] = part.split("=");
    return initial === undefined ? { name: parameter } : { name: parameter, initial: initialOf(initial) };
  });
  return { name, parameters, build };
}

/** Rows of functions of the same arguments. */
export const alike = <Count extends 1 | 2>(
  list: string,
  builds: Readonly<Record<string, (...operands: Count extends 1 ? [Expr] : [Expr, Expr]) => Expr>>,
): readonly Row[] => {
  const names = list.split(", ");
  return Object.entries(builds).map(([name, build]) =>
    row(`${name}(${list})`, ({ number }) =>
      build(...(names.map((parameter) => number(parameter)) as Count extends 1 ? [Expr] : [Expr, Expr])),
    ),
  );
};

/** A row under further names. */
export const named = (rows: readonly Row[], aliases: Readonly<Record<string, string>>): readonly Row[] => [
  ...rows,
  ...Object.entries(aliases).flatMap(([original, others]) =>
    others.split(" ").map((name): Row => ({ ...rows.find((each) => each.name === original)!, name })),
  ),
];

/** Rows by their full names, in each of the modules that have them. */
export const under = (modules: string, rows: readonly Row[]): readonly (readonly [string, Row])[] =>
  modules.split(" ").flatMap((module) => rows.map((each) => [`${module}.${each.name}`, each] as const));

export const isInfinite = (expr: Expr): boolean =>
  expr.op === "float" || (expr.op === "neg" && expr.args[0]!.op === "float" && !Number.isNaN(leafValue(expr.args[0]!)));

export function given(values: ReadonlyMap<string, Value>): Given {
  const refuse = (name: string, why: Reason): never => {
    throw new Unfit(why, name);
  };
  const value = (name: string): Value => values.get(name) ?? NONE;
  const number = (name: string): Expr => {
    const found = value(name);
    const expr = asNumber(found);
    if (expr === undefined) {
      if (found.kind === "sum") return refuse(name, REDUCTION);
      if (found.kind === "plumbing") return refuse(name, PLUMBING);
      if (found.kind === "refused") return refuse(name, found.reason);
      const hint = found.kind === "none" ? "give it" : "give a tensor or a number";
      return refuse(name, reason(`${quote(name)} has to be a number or a tensor here`, hint));
    }
    return isInfinite(expr) ? refuse(name, INFINITE) : expr;
  };
  const optional = (name: string): Expr | undefined => (value(name).kind === "none" ? undefined : number(name));
  const content = (name: string): Expr => {
    const found = value(name);
    if (found.kind === "condition") return found.expr;
    return found.kind === "tensor" ? found.memory.content : number(name);
  };
  return {
    value,
    content,
    number,
    optional,
    bound: (name) => {
      const expr = asNumber(value(name));
      return expr === undefined || isInfinite(expr) ? undefined : expr;
    },
    condition: (name) => {
      const found = value(name);
      if (found.kind === "tensor") return truthOf(found.memory.content);
      if (found.kind === "condition") return found.expr;
      return truthOf(number(name));
    },
    text: (name) => {
      const found = value(name);
      return found.kind === "text" ? found.text : undefined;
    },
    refuse,
  };
}
