/** How WGSL writes operations, numbers and blocks of lines. */
import type { Naming } from "../../codegen/names.js";
import { ATOM, call, infix, prefix, printExpr, type Spelling } from "../../codegen/print.js";
import { schedule, type Block } from "../../codegen/schedule.js";
import type { Target } from "../../codegen/target.js";
import { leafValue } from "../../ir/evaluate.js";
import type { Expr } from "../../ir/expr.js";

/**
 * Conditions are joined without jumps: their operands may always be evaluated, and a jump in a loop costs compilers dearly. WGSL
 * wants parentheses around them.
 */
const LOGICAL = 3;
const UNARY = 15;
const COMPARISON = 10;

const precise = (name: string): Spelling => call(`precise_${name}`);

export const operations = {
  add: infix("+", 12),
  sub: infix("-", 12),
  mul: infix("*", 13),
  div: precise("divide"),
  neg: prefix("-", UNARY),
  pow: precise("pow"),
  sqrt: precise("sqrt"),
  abs: call("abs"),
  exp: precise("exp"),
  expm1: precise("expm1"),
  log: precise("log"),
  log1p: precise("log1p"),
  sin: precise("sin"),
  cos: precise("cos"),
  sinh: precise("sinh"),
  cosh: precise("cosh"),
  tanh: precise("tanh"),
  atan: precise("atan"),
  cbrt: precise("cbrt"),
  sigmoid: precise("sigmoid"),
  erf: precise("erf"),
  erfc: precise("erfc"),
  erfcx: precise("erfcx"),
  ierfcx: precise("ierfcx"),
  i2erfcx: precise("i2erfcx"),
  sinc: precise("sinc"),
  sphericalBessel1: precise("spherical_bessel1"),
  sphericalBessel2: precise("spherical_bessel2"),
  productError: call("product_error"),
  sumError: call("sum_error"),
  lt: { precedence: COMPARISON, operands: [11, 11], write: (a, b) => `${a} < ${b}` },
  le: { precedence: COMPARISON, operands: [11, 11], write: (a, b) => `${a} <= ${b}` },
  eq: { precedence: COMPARISON, operands: [11, 11], write: (a, b) => `${a} == ${b}` },
  and: { precedence: LOGICAL, operands: [UNARY, UNARY], write: (a, b) => `${a} & ${b}` },
  or: { precedence: LOGICAL, operands: [UNARY, UNARY], write: (a, b) => `${a} | ${b}` },
  not: prefix("!", UNARY),
  select: { precedence: ATOM, operands: [0, 0, 0], write: (c, a, b) => `select(${b}, ${a}, ${c})` },
  round: precise("round"),
  exp2Steps: {
    precedence: ATOM,
    operands: [0],
    write: () => {
      throw new Error("tables of powers are for loops in float64");
    },
  },
} satisfies Target["operations"];

/** The type that a function computes in: f32, or `Stored`, the type of elements in buffers. */
export type FloatType = "f32" | "Stored";

/** u = u is false for NaN alone, which is found by its bits. */
const isNumberTest = ({ op, args }: Expr): boolean => op === "eq" && args[0] === args[1];
const IS_NUMBER: Spelling = { precedence: 15, operands: [0, 0], write: (a) => `!is_nan(${a})` };
const IS_STORED_NUMBER: Spelling = { ...IS_NUMBER, write: (a) => `!is_nan(f32(${a}))` };
const IS_NAN: Spelling = { precedence: ATOM, operands: [0], write: (a) => a.slice(1) };
const INFINITY = call("infinity");

const spelling = (expr: Expr): Spelling => {
  if (isNumberTest(expr)) return IS_NUMBER;
  if (expr.op === "not" && isNumberTest(expr.args[0]!)) return IS_NAN;
  return operations[expr.op as keyof typeof operations];
};

/** WGSL refuses literals beyond it, even if they round to it. */
const LARGEST = 3.4028234663852886e38;

/** The shortest decimal that reads back as the float32. */
export function numberText(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return "not_a_number()";
  if (!Number.isFinite(single)) return single < 0 ? `-${INFINITY.write()}` : INFINITY.write();
  if (Object.is(single, -0)) return "-0.0";
  for (let digits = 1; digits <= 9; digits++) {
    const text = Number(single.toPrecision(digits));
    if (Math.fround(text) === single && Math.abs(text) <= LARGEST) return decimalText(text);
  }
  return decimalText(single);
}

/** With a point or an exponent: what has neither is an integer in WGSL. */
const decimalText = (value: number): string => {
  const text = String(value);
  return /[.e]/.test(text) ? text.replace("e+", "e") : `${text}.0`;
};

/** Lines of code for a block; `sink` writes the results. */
export function writeBlock(
  block: Block,
  names: Naming,
  sink: (results: readonly string[]) => string,
  type: FloatType = "f32",
): string[] {
  const text = (expr: Expr): string =>
    printExpr(
      expr,
      {
        spelling: (node) => (type === "Stored" && isNumberTest(node) ? IS_STORED_NUMBER : spelling(node)),
        leaf: (node) => {
          const name = node.op === "variable" ? names.of(node) : undefined;
          if (name !== undefined) return { text: name, precedence: ATOM };
          const value = leafValue(node);
          if (type === "Stored") return { text: `Stored(${numberText(value)})`, precedence: ATOM };
          return { text: numberText(value), precedence: value < 0 || Object.is(value, -0) ? 15 : ATOM };
        },
      },
      (node) => names.of(node),
    );
  const lines: string[] = [];
  const last = block.statements[block.statements.length - 1];
  for (const statement of block.statements) {
    if (statement.kind === "assign") {
      const value = text(statement.value);
      lines.push(`let ${names.give(statement.target)} = ${value};`);
      continue;
    }
    const condition = text(statement.condition);
    const isResult = statement === last && block.results.length === 1 && block.results[0] === statement.target;
    const branches = (assign: (results: readonly string[]) => string): readonly [string[], string[]] => [
      writeBlock(statement.then, names.nested(), assign, type),
      writeBlock(statement.otherwise, names.nested(), assign, type),
    ];
    if (isResult) {
      const [then, otherwise] = branches(sink);
      const returns = sink([""]).startsWith("return");
      lines.push(`if (${condition}) {`, ...then, ...(returns ? ["}", ...otherwise] : ["} else {", ...otherwise, "}"]));
      return lines;
    }
    const name = names.give(statement.target);
    const [then, otherwise] = branches(([result]) => `${name} = ${result};`);
    lines.push(`var ${name}: ${type};`, `if (${condition}) {`, ...then, "} else {", ...otherwise, "}");
  }
  // A result that has a name was computed above.
  lines.push(sink(block.results.map((result) => names.of(result) ?? text(result))));
  return lines;
}

/** All of some conditions, as one. */
export const allOf = (conditions: readonly string[]): string =>
  conditions.length === 1 ? conditions[0]! : conditions.map((one) => (isOperand(one) ? one : `(${one})`)).join(" & ");

/** A word, a call, or what is in parentheses already. */
function isOperand(text: string): boolean {
  const start = /^!?\w*/.exec(text)![0].length;
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === "(") depth += 1;
    if (text[i] === ")") depth -= 1;
    if (depth === 0) return i === text.length - 1;
  }
  return start === text.length;
}

/** A branch whose work costs at least this much is only entered when it is taken: neighbours often go the same way. */
const BRANCH_COST = 30;

/**
 * The body of a function of one result. It is returned at the end alone: a return within a branch of a function that is
 * called in a loop has made a driver's compiler run on without end.
 */
export function functionBody(expr: Expr, names: Naming, type: FloatType = "f32"): string[] {
  const block = schedule([expr], { branchCost: BRANCH_COST });
  if (block.statements.every(({ kind }) => kind === "assign"))
    return writeBlock(block, names, ([result]) => `return ${result!};`, type);
  const lines = writeBlock(block, names, ([result]) => `result = ${result!};`, type);
  return [`var result: ${type};`, ...lines, "return result;"];
}
