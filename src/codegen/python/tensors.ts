/**
 * Expressions as lines of Python on tensors. What depends on no tensor is a Python number and is computed as one; a case
 * distinction between tensors is a `where`, for both sides of which the work is done.
 */
import type { Naming } from "../names.js";
import { ATOM, call, infix, prefix, printExpr, type Spelling } from "../print.js";
import { schedule } from "../schedule.js";
import type { Target } from "../target.js";
import { constant } from "../../ir/build.js";
import { leafValue } from "../../ir/evaluate.js";
import { topological, variableOf, type Expr } from "../../ir/expr.js";
import type { OperationName } from "../../ir/ops.js";
import { steppedBy } from "./masks.js";
import { numberText } from "./text.js";

/** How a framework writes what Python has no sign for. */
export interface Dialect {
  /** Operations on tensors; `select`, `min` and `max` are written as the functions below. */
  readonly operations: Target["operations"];
  readonly where: (condition: string, yes: string, no: string) => string;
  /** Does `where` take a number for one of its sides? */
  readonly whereTakesNumbers: boolean;
  readonly clamp: (tensor: string, low: string | undefined, high: string | undefined) => string;
  /** A tensor of one number, in the shape and type of another. */
  readonly filled: (like: string, value: string) => string;
  /** Where a tensor is not NaN. */
  readonly isNumber: (tensor: string) => string;
  /** A condition as the numbers 1 and 0. */
  readonly asNumbers: (condition: string, like: string) => string;
  /** 1 of what is positive, else 0, and NaN of NaN, where that is faster than case distinctions. */
  readonly step?: (tensor: string) => string;
  /** The same values, not the same tensor. */
  readonly copy: (tensor: string) => string;
  /** The values in the type of another tensor, where operations can be in another. */
  readonly typed?: (tensor: string, like: string) => string;
  /** Functions of the module that operations are calls of. */
  readonly helpers?: { readonly [K in OperationName]?: FixedFunction };
  /** Those for results that are rounded at once; the first that takes an operation stands for it. */
  readonly rounded?: readonly RoundedFunction[];
}

/** A function that is the same in every module that has it. */
export interface FixedFunction {
  readonly name: string;
  readonly text: string;
  /** The results, by what it finds out while it runs: in variables with the names of its arguments. */
  readonly ways: readonly Expr[];
}

/** A function of what may be in float64, in the type of a tensor: more than its digits need. */
export interface RoundedFunction extends FixedFunction {
  /** Its argument, for an operation that it stands for. */
  readonly argument: (of: Expr) => Expr | undefined;
  /** Whether the tensor of that type is a second argument. */
  readonly takesLike: boolean;
}

/** The function of the module that an operation whose result is rounded at once is a call of, and its argument. */
export function roundedBy(
  { op, args: [inner] }: Expr,
  { rounded = [] }: Dialect,
): { readonly by: RoundedFunction; readonly argument: Expr } | undefined {
  if (op !== "single") return undefined;
  for (const by of rounded) {
    const argument = by.argument(inner!);
    if (argument !== undefined) return { by, argument };
  }
  return undefined;
}

/** Tensors of zeros and of ones have functions of their own. */
export const filledBy =
  (zeros: string, ones: string, full: Dialect["filled"]): Dialect["filled"] =>
  (like, value) =>
    value === "0" ? `${zeros}(${like})` : value === "1" ? `${ones}(${like})` : full(like, value);

/** Precedences of Python. */
const [CONDITIONAL, OR, AND, NOT, COMPARISON, BIT_OR, BIT_AND, SUM, PRODUCT, SIGN, POWER] = [
  1, 2, 3, 4, 5, 6, 8, 10, 11, 12, 13,
];
const comparison = (symbol: string): Spelling => ({ ...infix(symbol, COMPARISON), operands: [BIT_OR, BIT_OR] });

/** Spellings that numbers and tensors share. */
export const ARITHMETIC = {
  add: infix("+", SUM),
  sub: infix("-", SUM),
  mul: infix("*", PRODUCT),
  div: infix("/", PRODUCT),
  neg: prefix("-", SIGN),
  pow: { precedence: POWER, operands: [POWER + 1, SIGN], write: (a, b) => `${a}**${b}` },
  lt: comparison("<"),
  le: comparison("<="),
  eq: comparison("=="),
} satisfies { [K in OperationName]?: Spelling };

/** Tensors stand on the left, as people write them. */
const MIRRORED = {
  lt: { ...comparison(">"), write: (number: string, tensor: string) => `${tensor} > ${number}` },
  le: { ...comparison(">="), write: (number: string, tensor: string) => `${tensor} >= ${number}` },
};

/** Logic of tensors. */
export const LOGIC = {
  and: infix("&", BIT_AND),
  or: infix("|", BIT_OR),
  not: prefix("~", SIGN),
} satisfies { [K in OperationName]?: Spelling };

const NUMBERS: { readonly [K in OperationName]?: Spelling } = {
  ...ARITHMETIC,
  and: infix("and", AND),
  or: infix("or", OR),
  not: prefix("not ", NOT),
  select: {
    precedence: CONDITIONAL,
    operands: [OR, OR, CONDITIONAL],
    write: (condition, yes, no) => `${yes} if ${condition} else ${no}`,
  },
  abs: call("abs"),
  min: call("min"),
  max: call("max"),
  round: call("round"),
  ...Object.fromEntries(
    (
      [
        "log",
        "log1p",
        "sqrt",
        "sin",
        "cos",
        "tanh",
        "erf",
        "erfc",
        "atan",
        "asinh",
        "acosh",
        "atanh",
        "log2",
        "log10",
        "exp",
        "expm1",
        "sinh",
        "cosh",
      ] as const
    ).map((name) => [name, call(`math.${name}`)]),
  ),
};

function numberSpelling({ op }: Expr): Spelling {
  const known = NUMBERS[op];
  if (known === undefined) throw new Error(`Python writes no ${op} of numbers`);
  return known;
}

const leafText = (names: Naming) => (leaf: Expr) => {
  if (leaf.op === "variable") return { text: names.of(leaf)!, precedence: ATOM };
  const written = numberText(leafValue(leaf));
  return { text: written, precedence: written.startsWith("-") ? SIGN : written.includes("**") ? POWER : ATOM };
};

/** The text of an expression in which nothing is a tensor. */
export const numberLine = (expr: Expr, names: Naming): string =>
  printExpr(expr, { spelling: numberSpelling, operands: ({ args }) => args, leaf: leafText(names) }, (node) =>
    names.of(node),
  );

export interface TensorLines {
  readonly dialect: Dialect;
  readonly names: Naming;
  /** The variables that are tensors. */
  readonly tensors: ReadonlySet<string>;
  /** A tensor of the shape and type of the result. */
  readonly like: string;
}

/** Lines that compute an expression in Python's words, and its text after them. */
export function tensorLines(
  expr: Expr,
  { dialect, names, tensors, like }: TensorLines,
): { readonly lines: readonly string[]; readonly result: string } {
  const isTensor = new Map<Expr, boolean>();
  for (const node of topological([expr]))
    isTensor.set(
      node,
      node.op === "variable" ? tensors.has(variableOf(node).name) : node.args.some((arg) => isTensor.get(arg)!),
    );
  const named = (node: Expr): string | undefined => names.of(node);
  /** min(max(u, low), high) with numbers is one operation. */
  const clamped = (node: Expr): readonly Expr[] | undefined => {
    const [inner, high] = node.args;
    if (node.op !== "min" || inner?.op !== "max" || named(inner) !== undefined) return undefined;
    const [u, low] = inner.args as [Expr, Expr];
    return isTensor.get(u)! && !isTensor.get(low)! && !isTensor.get(high!)! ? [u, low, high!] : undefined;
  };
  const stepped = (node: Expr): readonly Expr[] | undefined => {
    const of = dialect.step === undefined ? undefined : steppedBy(node);
    return of !== undefined && isTensor.get(of)! ? [of] : undefined;
  };
  const asRounded = (node: Expr): ReturnType<typeof roundedBy> =>
    node.args[0] === undefined || named(node.args[0]) !== undefined ? undefined : roundedBy(node, dialect);
  const spelling = (node: Expr): Spelling => {
    if (!isTensor.get(node)!) return numberSpelling(node);
    if (stepped(node)) return { ...call(""), write: (u) => dialect.step!(u!) };
    if (clamped(node)) return { ...call(""), write: (u, low, high) => dialect.clamp(u!, low, high) };
    if (node.op === "select") return selection(node);
    const rounding = asRounded(node);
    if (rounding !== undefined) {
      const { name, takesLike } = rounding.by;
      return { ...call(""), write: (u) => `${name}(${u}${takesLike ? `, ${like}` : ""})` };
    }
    if (node.op === "single") return { precedence: ATOM, operands: [ATOM], write: (u) => dialect.typed!(u!, like) };
    const [a, b] = node.args;
    if (node.op === "eq" && a === b)
      return { precedence: SIGN, operands: [0, 0], write: (tensor) => dialect.isNumber(tensor!) };
    if (node.op === "max" && !isTensor.get(b!)!)
      return { ...call(""), write: (tensor, low) => dialect.clamp(tensor!, low, undefined) };
    if (node.op === "min" && !isTensor.get(b!)!)
      return { ...call(""), write: (tensor, high) => dialect.clamp(tensor!, undefined, high) };
    if ((node.op === "lt" || node.op === "le") && !isTensor.get(a!)! && isTensor.get(b!)!) return MIRRORED[node.op];
    const helper = dialect.helpers?.[node.op];
    if (helper !== undefined) return { ...call(helper.name), write: (u) => `${helper.name}(${u})` };
    return dialect.operations[node.op as keyof typeof dialect.operations]!;
  };
  const selection = (node: Expr): Spelling => {
    const [condition, yes, no] = node.args as [Expr, Expr, Expr];
    const [first, second] = [isTensor.get(yes)!, isTensor.get(no)!];
    const fill = (text: string): string => dialect.filled(like, text);
    if (!isTensor.get(condition)!) {
      const { write, ...rest } = NUMBERS.select!;
      return { ...rest, write: (c, a, b) => write(c!, first ? a! : fill(a!), second ? b! : fill(b!)) };
    }
    if (yes === constant(1) && no === constant(0))
      return { precedence: ATOM, operands: [0, 0, 0], write: (c) => dialect.asNumbers(c!, like) };
    const write = (c: string, a: string, b: string): string => {
      const fillsFirst = !first && (!second || !dialect.whereTakesNumbers);
      return dialect.where(c, fillsFirst ? fill(a) : a, !second && !dialect.whereTakesNumbers ? fill(b) : b);
    };
    return { ...call(""), write: (c, a, b) => write(c!, a!, b!) };
  };
  const asArguments = (argument: Expr | undefined): readonly Expr[] | undefined => argument && [argument];
  const text = (node: Expr): string =>
    printExpr(
      node,
      {
        spelling,
        operands: (inner) => asArguments(asRounded(inner)?.argument) ?? stepped(inner) ?? clamped(inner) ?? inner.args,
        leaf: leafText(names),
      },
      named,
    );
  const lines: string[] = [];
  for (const statement of schedule([expr], { branchCost: Infinity }).statements) {
    if (statement.kind !== "assign") throw new Error("tensors have no branches");
    const { target } = statement;
    const value = text(target);
    lines.push(`${names.give(target)} = ${value}`);
  }
  const result = names.of(expr) ?? text(expr);
  if (!isTensor.get(expr)!) return { lines, result: dialect.filled(like, result) };
  return { lines, result: expr.op === "variable" ? dialect.copy(result) : result };
}
