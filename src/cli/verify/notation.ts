/** An expression as a person would write it in a language, with names of their own. */
import { folded, lower, type LowerOptions } from "../../codegen/lower.js";
import { call, printExpr, type Printer, type Spelling } from "../../codegen/print.js";
import { add, div, exp, fromRational, log1p, mul, neg, sub } from "../../ir/build.js";
import { evaluate, leafValue } from "../../ir/evaluate.js";
import { rebuild, topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import type { OperationName } from "../../ir/ops.js";
import { negateRational, type Rational } from "../../ir/rational.js";
import { numberText, operations } from "../../targets/js/spelling.js";

const SPELLINGS: { readonly [K in OperationName]?: Spelling } = {
  ...operations,
  max: call("Math.max"),
  min: call("Math.min"),
};

/** How a language writes expressions. */
export interface Language {
  readonly spellings: { readonly [K in OperationName]?: Spelling };
  /** Operations that are written as others. */
  readonly overrides: NonNullable<LowerOptions["overrides"]>;
  readonly number: (value: number) => string;
  readonly define: (name: string, text: string) => string;
}

const JAVASCRIPT: Language = {
  spellings: SPELLINGS,
  // Right over the reals and in floats, and what people write.
  overrides: { sigmoid: (u) => div(1, add(1, exp(neg(u)))), log1mexp: (u) => log1p(neg(exp(u))) },
  number: numberText,
  define: (name, text) => `const ${name} = ${text};`,
};

/** `x > 0` rather than `0 < x`: what varies stands first. */
const MIRRORED: { readonly [K in OperationName]?: string } = { lt: ">", le: ">=" };

function spelling({ spellings }: Language, { op, args: [a, b] }: Expr): Spelling {
  const mirrored = MIRRORED[op];
  const plain = spellings[op]!;
  if (mirrored === undefined || !a!.closed || b!.closed) return plain;
  const [first, second] = plain.operands as [number, number];
  return { ...plain, operands: [second, first], write: (left, right) => `${right} ${mirrored} ${left}` };
}

/** Longer expressions have what occurs twice written first, as constants. */
const LONGEST_LINE = 160;

export const javascriptLines = (expr: Expr, names: ReadonlyMap<string, string>): readonly string[] =>
  linesIn(JAVASCRIPT, expr, names);

/** The expression as lines of code: constants, when it is long, and the expression itself. */
export function linesIn(language: Language, expr: Expr, names: ReadonlyMap<string, string>): readonly string[] {
  const { spellings, overrides } = language;
  const lowered = lower(expr, { native: (op) => spellings[op] !== undefined, overrides });
  const written = folded(lowered, (closed) => evaluate(closed, {}));
  return printLines(language, withMinus(written), (name) => names.get(name) ?? name);
}

/** a + -2 as a - 2. */
const withMinus = (expr: Expr): Expr =>
  rebuild([expr], (part) => {
    if (part.op !== "add") return part;
    const [a, b] = part.args as [Expr, Expr];
    const [p, q] = [opposite(a), opposite(b)];
    return q !== undefined ? sub(a, q) : p !== undefined ? sub(b, p) : part;
  }).get(expr)!;

/** -expr, where expr is a negative number or begins with one as a factor. */
function opposite(expr: Expr): Expr | undefined {
  if (expr.op === "mul") {
    const factor = opposite(expr.args[0]!);
    return factor === undefined ? undefined : mul(factor, expr.args[1]!);
  }
  return expr.op === "rational" && leafValue(expr) < 0
    ? fromRational(negateRational(expr.payload as Rational))
    : undefined;
}

function printLines(language: Language, expr: Expr, nameOf: (name: string) => string): readonly string[] {
  const printer: Printer = {
    spelling: (node) => spelling(language, node),
    leaf: (leaf) => {
      if (leaf.op === "variable") return { text: nameOf(variableOf(leaf).name), precedence: 100 };
      const text = language.number(leafValue(leaf));
      return { text, precedence: text.includes("**") || text.startsWith("-") ? 14 : 100 };
    },
  };
  const order = topological([expr]);
  const shared = lengthOf(order) > LONGEST_LINE ? usedTwice(order) : [];
  const taken = new Set(variables(expr).map((variable) => nameOf(variableOf(variable).name)));
  const names = new Map<Expr, string>();
  const lines = shared.map((part) => {
    const text = printExpr(part, printer, (inner) => names.get(inner));
    const name = freshName(taken);
    names.set(part, name);
    return language.define(name, text);
  });
  return [...lines, printExpr(expr, printer, (inner) => names.get(inner))];
}

/** About how long the text would be with everything written out. */
function lengthOf(order: readonly Expr[]): number {
  const lengths = new Map<Expr, number>();
  for (const expr of order)
    lengths.set(
      expr,
      expr.args.reduce((sum, arg) => sum + lengths.get(arg)!, 6),
    );
  return lengths.get(order.at(-1)!)!;
}

function usedTwice(order: readonly Expr[]): Expr[] {
  const uses = new Map<Expr, number>();
  for (const expr of order) for (const arg of expr.args) uses.set(arg, (uses.get(arg) ?? 0) + 1);
  return order.filter((expr) => expr.args.length > 0 && (uses.get(expr) ?? 0) > 1);
}

function freshName(taken: Set<string>): string {
  let count = 1;
  while (taken.has(`t${count}`)) count += 1;
  taken.add(`t${count}`);
  return `t${count}`;
}
