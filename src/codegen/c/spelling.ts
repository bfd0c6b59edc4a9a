/** Loops as C: one function each, whose lines a compiler makes vectors of. */
import {
  allStatements,
  allValues,
  apply,
  constantOf,
  valuesOf,
  type Local,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import type { LoopOperationName } from "../../ir/loops/operations.js";
import { TYPES, type Element, type Type } from "../../ir/loops/types.js";
import { ATOM, call, infix, prefix, type Spelling } from "../print.js";

/** The functions of `math.h`. */
const LIBRARY: ReadonlySet<string> = new Set(
  "exp expm1 log log1p log2 log10 pow cbrt fabs sqrt sin cos sinh cosh tanh atan asinh acosh atanh".split(" "),
);

/** Whole numbers count elements. */
const ELEMENTS: Readonly<Record<Element, string>> = {
  f64: "double",
  f32: "float",
  i32: "int64_t",
  u8: "uint8_t",
  bool: "int",
};
const typeText = (type: Type): string => ELEMENTS[TYPES[type].element];

const cast = (type: string): Spelling => ({ precedence: 15, operands: [15], write: (a) => `(${type})${a}` });
type Applied = Extract<Value, { kind: "apply" }>;

const multiplyAdds = (name: string) => ({ multiplyAdd: name, subtractProduct: name });

/** Operations that are functions of the file, by the type of their first operand. */
const OWN: { readonly [T in Type]?: { readonly [K in LoopOperationName]?: string } } = {
  f64: { least: "least", greatest: "greatest", powerOfTwo: "power_of_two", ...multiplyAdds("multiply_add") },
  f32: { least: "leastf", greatest: "greatestf", powerOfTwo: "power_of_twof", ...multiplyAdds("multiply_addf") },
};
const helperOf = ({ op, args }: Applied): string | undefined => OWN[args[0]!.type]?.[op];

/** The others; those on floats differ in what is a function of the library. */
const SPELLINGS: { readonly [K in LoopOperationName]?: Spelling } = {
  add: infix("+", 12),
  sub: infix("-", 12),
  mul: infix("*", 13),
  div: infix("/", 13),
  neg: prefix("-", 15),
  abs: call("fabs"),
  sqrt: call("sqrt"),
  bitAnd: infix("&", 8),
  lt: infix("<", 10),
  le: infix("<=", 10),
  eq: infix("==", 9),
  and: infix("&", 8),
  or: infix("|", 6),
  not: prefix("!", 15),
  select: { precedence: 3, operands: [4, 3, 3], write: (c, a, b) => `${c} ? ${a} : ${b}` },
  widen: cast("double"),
  narrow: cast("float"),
};
const OF_FLOATS: { readonly [K in LoopOperationName]?: Spelling } = {
  abs: call("fabsf"),
  sqrt: call("sqrtf"),
};

/** c - a·b is -a·b + c. */
function operandsOf({ op, args }: Applied): readonly Value[] {
  if (op !== "subtractProduct") return args;
  const [a, ...others] = args;
  return [negated(a!), ...others];
}

function negated(value: Value): Value {
  if (value.kind === "constant") return constantOf(value.type, -value.value);
  return value.kind === "apply" && value.op === "neg" ? value.args[0]! : apply("neg", value);
}

function spellingOf(value: Applied): Spelling {
  const helper = helperOf(value);
  if (helper !== undefined) return call(helper);
  const found = (value.args[0]!.type === "f32" ? OF_FLOATS[value.op] : undefined) ?? SPELLINGS[value.op];
  if (found === undefined) throw new RangeError(`${value.op} is of vectors, which a compiler of C makes`);
  return found;
}

const bound = (name: string, type: string, comparison: string): string =>
  `static inline ${type} ${name}(${type} a, ${type} b) { return ${comparison} ? b : a; }`;

/** How many bits are behind those of a number's exponent. */
const SHIFTS = { f64: 52, f32: 23 } as const;

function powerOfTwo(name: string, type: keyof typeof SHIFTS, bits: string): string {
  const number = ELEMENTS[type];
  return [
    "/* A power of two, whose exponent's bits are the last ones of the sum. */",
    `static inline ${number} ${name}(${number} sum) {`,
    `    ${number} power;`,
    `    ${bits} bits;`,
    "    memcpy(&bits, &sum, sizeof bits);",
    `    bits <<= ${SHIFTS[type]};`,
    "    memcpy(&power, &bits, sizeof power);",
    "    return power;",
    "}",
  ].join("\n");
}

/** One operation where the processor has it; elsewhere a function of the library would be slow. */
const fused = (name: string, type: string, ofLibrary: string): string =>
  [
    "/* a*b + c, rounded once where the processor can. */",
    "#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)",
    `static inline ${type} ${name}(${type} a, ${type} b, ${type} c) { return ${ofLibrary}(a, b, c); }`,
    "#else",
    `static inline ${type} ${name}(${type} a, ${type} b, ${type} c) { return a * b + c; }`,
    "#endif",
  ].join("\n");

/** The functions that operations are calls of; compilers know bounds by this form. */
const HELPERS: Readonly<Record<string, string>> = {
  least: bound("least", "double", "b < a"),
  greatest: bound("greatest", "double", "a < b"),
  leastf: bound("leastf", "float", "b < a"),
  greatestf: bound("greatestf", "float", "a < b"),
  multiply_add: fused("multiply_add", "double", "fma"),
  multiply_addf: fused("multiply_addf", "float", "fmaf"),
  power_of_two: powerOfTwo("power_of_two", "f64", "uint64_t"),
  power_of_twof: powerOfTwo("power_of_twof", "f32", "uint32_t"),
};

/** Words that locals and parameters may not be: those of C, and the functions that are called. */
const TAKEN: ReadonlySet<string> = new Set([
  ..."auto break case char const continue default do double else enum extern float for goto if inline int long".split(
    " ",
  ),
  ..."register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while".split(
    " ",
  ),
  ...LIBRARY,
  ...Object.keys(HELPERS),
]);
const nameText = (name: string): string => (TAKEN.has(name) ? `${name}_` : name);

/** A number as a literal of its type; far powers of two as such. */
function numberText(value: number, type: Type): string {
  if (type === "i32" || type === "bool") return String(value);
  const end = type === "f32" ? "f" : "";
  if (Number.isNaN(value)) return "NAN";
  if (!Number.isFinite(value)) return value > 0 ? "INFINITY" : "-INFINITY";
  const exponent = Math.log2(Math.abs(value));
  if (Math.abs(exponent) >= 40 && 2 ** exponent === Math.abs(value) && value !== 0)
    return `${value < 0 ? "-" : ""}0x1p${exponent}${end}`;
  const text = Object.is(value, -0) ? "-0" : String(value);
  return (Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text) + end;
}

interface Text {
  readonly text: string;
  readonly precedence: number;
}

const atom = (text: string): Text => ({ text, precedence: text.startsWith("-") ? SPELLINGS.neg!.precedence : ATOM });

function spelled({ precedence, operands, write }: Spelling, args: readonly Value[]): Text {
  const texts = args.map(valueText).map((arg, i) => (arg.precedence < operands[i]! ? `(${arg.text})` : arg.text));
  return { precedence, text: write(...texts) };
}

function valueText(value: Value): Text {
  switch (value.kind) {
    case "local":
      return atom(nameText(value.name));
    case "constant":
      return atom(numberText(value.value, value.type));
    case "load":
      return atom(`${value.array}[${valueText(value.index).text}]`);
    case "call":
      if (!LIBRARY.has(value.name)) throw new RangeError(`math.h has no ${value.name}`);
      return spelled(call(value.name), value.args);
    case "apply":
      return spelled(spellingOf(value), operandsOf(value));
    case "splat":
    case "numbered":
      throw new RangeError("a compiler of C makes the vectors");
  }
}

const local = ({ name, type }: Local): string => `${typeText(type)} ${nameText(name)}`;
const indented = (lines: readonly string[]): string[] => lines.map((line) => `    ${line}`);

/** `assigned`: the locals that change. */
function statementLines(statement: Statement, assigned: ReadonlySet<string>): string[] {
  const linesOf = (body: readonly Statement[]): string[] =>
    indented(body.flatMap((inner) => statementLines(inner, assigned)));
  switch (statement.kind) {
    case "let": {
      const constant = assigned.has(statement.local.name) ? "" : "const ";
      return [`${constant}${local(statement.local)} = ${valueText(statement.value).text};`];
    }
    case "assign":
      return [`${nameText(statement.local.name)} = ${valueText(statement.value).text};`];
    case "if": {
      const { condition, then, otherwise } = statement;
      return [`if (${valueText(condition).text}) {`, ...linesOf(then), "} else {", ...linesOf(otherwise), "}"];
    }
    case "store":
      return [`${statement.array}[${valueText(statement.index).text}] = ${valueText(statement.value).text};`];
    case "for": {
      const { index, from, to, step, body } = statement;
      const [name, start, end] = [nameText(index.name), valueText(from).text, valueText(to).text];
      const next = step === 1 ? `${name}++` : `${name} += ${step}`;
      const head = `for (${local(index)} = ${start}; ${name} < ${end}; ${next}) {`;
      return [head, ...linesOf(body), "}"];
    }
    default:
      throw new RangeError(`${statement.kind} is not in loops that write each element`);
  }
}

function functionLines({ name, arrays, numbers, body }: LoopFunction): string[] {
  const all = allStatements(body);
  const written = new Set(all.flatMap((one) => (one.kind === "store" ? [one.array] : [])));
  const assigned = new Set(all.flatMap((one) => (one.kind === "assign" ? [one.local.name] : [])));
  const given = [
    ...arrays.map(
      (array) => `${written.has(array.name) ? "" : "const "}${ELEMENTS[array.element]} *restrict ${array.name}`,
    ),
    ...numbers.map(local),
  ];
  return [
    `void ${name}(${given.join(", ")}) {`,
    ...indented(body.flatMap((one) => statementLines(one, assigned))),
    "}",
  ];
}

/** The functions as one file of C. */
export function cText(functions: readonly LoopFunction[]): string {
  const values = functions.flatMap(({ body }) => allStatements(body).flatMap(valuesOf).flatMap(allValues));
  const called = new Set(values.flatMap((one) => (one.kind === "apply" ? [helperOf(one)] : [])));
  const helpers = Object.entries(HELPERS).filter(([name]) => called.has(name));
  return [
    ["#include <math.h>", "#include <stdint.h>", "#include <string.h>"].join("\n"),
    ...(helpers.length === 0 ? [] : [helpers.map(([, text]) => text).join("\n")]),
    ...functions.map((one) => functionLines(one).join("\n")),
  ].join("\n\n");
}
