/** An expression as a person would write it in JavaScript, with names of their own. */
import { lower } from "../codegen/lower.js";
import { call, printExpr, type Printer, type Spelling } from "../codegen/print.js";
import { add, div, exp, fromRational, mul, neg, sub } from "../ir/build.js";
import { evaluate, leafValue } from "../ir/evaluate.js";
import { rebuild, topological, variableOf, variables, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import { negateRational, type Rational } from "../ir/rational.js";
import { numberText, operations } from "../targets/js/spelling.js";

const SPELLINGS: { readonly [K in OperationName]?: Spelling } = {
  ...operations,
  max: call("Math.max"),
  min: call("Math.min"),
};

/** `x > 0` rather than `0 < x`: what varies stands first. */
const MIRRORED: { readonly [K in OperationName]?: string } = { lt: ">", le: ">=" };

function spelling({ op, args: [a, b] }: Expr): Spelling {
  const mirrored = MIRRORED[op];
  if (mirrored === undefined || !a!.closed || b!.closed) return SPELLINGS[op]!;
  return { precedence: 10, operands: [11, 10], write: (left, right) => `${right} ${mirrored} ${left}` };
}

/** Longer expressions have what occurs twice written first, as constants. */
const LONGEST_LINE = 160;

/** The expression as lines of code: constants, when it is long, and the expression itself. */
export function javascriptLines(expr: Expr, names: ReadonlyMap<string, string>): readonly string[] {
  const [written] = lower([expr], {
    native: (op) => SPELLINGS[op] !== undefined,
    // Right over the reals and in floats, and what people write.
    overrides: { sigmoid: (u) => div(1, add(1, exp(neg(u)))) },
    fold: (closed) => evaluate(closed, {}),
  });
  return printLines(withMinus(written!), (name) => names.get(name) ?? name);
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

function printLines(expr: Expr, nameOf: (name: string) => string): readonly string[] {
  const printer: Printer = {
    spelling,
    leaf: (leaf) => {
      if (leaf.op === "variable") return { text: nameOf(variableOf(leaf).name), precedence: 100 };
      const text = numberText(leafValue(leaf));
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
    return `const ${name} = ${text};`;
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
