/** How JavaScript writes operations, numbers and blocks of lines. */
import type { Naming } from "../names.js";
import { call, infix, prefix, printExpr, type Spelling } from "../print.js";
import type { Block } from "../schedule.js";
import type { Target } from "../target.js";
import { leafValue } from "../../ir/evaluate.js";
import type { Expr } from "../../ir/expr.js";

export const SELECT: Spelling = { precedence: 3, operands: [4, 4, 3], write: (c, a, b) => `${c} ? ${a} : ${b}` };

export const operations = {
  add: infix("+", 12),
  sub: infix("-", 12),
  mul: infix("*", 13),
  div: infix("/", 13),
  neg: prefix("-", 15),
  pow: call("Math.pow"),
  sqrt: call("Math.sqrt"),
  abs: call("Math.abs"),
  sign: call("Math.sign"),
  exp: call("Math.exp"),
  expm1: call("Math.expm1"),
  log: call("Math.log"),
  log1p: call("Math.log1p"),
  sin: call("Math.sin"),
  cos: call("Math.cos"),
  sinh: call("Math.sinh"),
  cosh: call("Math.cosh"),
  tanh: call("Math.tanh"),
  atan: call("Math.atan"),
  asinh: call("Math.asinh"),
  acosh: call("Math.acosh"),
  atanh: call("Math.atanh"),
  cbrt: call("Math.cbrt"),
  log2: call("Math.log2"),
  log10: call("Math.log10"),
  log1mexp: call("log1mexp"),
  sinc: call("sinc"),
  sphericalBessel1: call("sphericalBessel1"),
  sphericalBessel2: call("sphericalBessel2"),
  erf: call("erf"),
  erfc: call("erfc"),
  erfcx: call("erfcx"),
  ierfcx: call("ierfcx"),
  i2erfcx: call("i2erfcx"),
  productError: call("productError"),
  sumError: call("sumError"),
  expSingle: call("expSingle"),
  expm1Single: call("expm1Single"),
  lt: infix("<", 10),
  le: infix("<=", 10),
  eq: infix("===", 9),
  and: infix("&&", 5),
  or: infix("||", 4),
  not: prefix("!", 15),
  select: SELECT,
  round: { precedence: 12, operands: [12], write: (a) => `${a} + 6755399441055744 - 6755399441055744` },
  exp2Steps: { precedence: 13, operands: [11], write: (k) => `POWERS[(${k} >> 7) + 1075] * STEPS[${k} & 127]` },
} satisfies Target["operations"];

/** The shortest text that reads back as the number; far powers of two as powers. */
export function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (Math.abs(value) === Number.MAX_VALUE) return `${value < 0 ? "-" : ""}Number.MAX_VALUE`;
  const exponent = Math.log2(Math.abs(value));
  const far = Math.abs(exponent) >= 40 && Number.isInteger(exponent) && 2 ** exponent === Math.abs(value);
  return far ? (value < 0 ? `-(2 ** ${exponent})` : `2 ** ${exponent}`) : String(value);
}

/** How operations are written where nothing is said of loops. */
export const scalarSpelling = (expr: Expr): Spelling => operations[expr.op as keyof typeof operations];

/** Lines of code for a block; `sink` writes the results. */
export function writeBlock(
  block: Block,
  names: Naming,
  sink: (results: readonly string[]) => string,
  spelling: (expr: Expr) => Spelling = scalarSpelling,
): string[] {
  const text = (expr: Expr): string =>
    printExpr(
      expr,
      {
        spelling,
        leaf: (node) => {
          if (node.op === "variable") return { text: names.of(node)!, precedence: 100 };
          const value = leafValue(node);
          return {
            text: numberText(value),
            precedence: value < 0 || Object.is(value, -0) ? 15 : numberText(value).includes("**") ? 14 : 100,
          };
        },
      },
      (node) => names.of(node),
    );
  const lines: string[] = [];
  const last = block.statements[block.statements.length - 1];
  for (const statement of block.statements) {
    if (statement.kind === "assign") {
      const value = text(statement.value);
      lines.push(`const ${names.give(statement.target)} = ${value};`);
      continue;
    }
    const condition = text(statement.condition);
    const isResult = statement === last && block.results.length === 1 && block.results[0] === statement.target;
    const inner = names.nested();
    if (isResult) {
      lines.push(`if (${condition}) {`, ...writeBlock(statement.then, inner, sink, spelling), "}");
      const rest = writeBlock(statement.otherwise, names.nested(), sink, spelling);
      if (sink([""]).startsWith("return")) lines.push(...rest);
      else lines.push("else {", ...rest, "}");
      return lines;
    }
    const name = names.give(statement.target);
    const assign = ([result]: readonly string[]): string => `${name} = ${result};`;
    lines.push(`let ${name};`, `if (${condition}) {`, ...writeBlock(statement.then, inner, assign, spelling));
    lines.push("} else {", ...writeBlock(statement.otherwise, names.nested(), assign, spelling), "}");
  }
  // A result that has a name was computed above.
  lines.push(sink(block.results.map((result) => names.of(result) ?? text(result))));
  return lines;
}
