/** How WebAssembly writes values and statements of loops. Vectors, and what becomes one, are in 128 bits. */
import {
  allStatements,
  allValues,
  valuesOf,
  type Local,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import type { LoopOperationName } from "../../ir/loops/operations.js";
import { elementOf, lanesOf, type Element, type Type } from "../../ir/loops/types.js";
import { constantsBefore } from "./constants.js";

/** A parenthesised list, or a word. */
export type Term = string | readonly Term[];

/** The first word of instructions for vectors of an element. */
const VECTORS: Readonly<Record<Element, string>> = {
  f64: "f64x2",
  f32: "f32x4",
  i32: "i32x4",
  u8: "i8x16",
  bool: "v128",
};

const isVector = (type: Type): boolean => lanesOf(type) > 1;
const family = (type: Type): string => (isVector(type) ? VECTORS[elementOf(type)] : type);

/** The type of a local or parameter. */
const storage = (type: Type): string => (isVector(type) ? "v128" : type === "bool" || type === "u8" ? "i32" : type);

type Write = (type: Type, ...operands: Term[]) => Term;

/** An instruction of the operands' type with a name of its own. */
const named =
  (name: string): Write =>
  (type, ...operands) => [`${family(type)}.${name}`, ...operands];
/** One instruction for vectors and another for single numbers. */
const either =
  (vector: string, single: string): Write =>
  (type, ...operands) => [isVector(type) ? vector : single, ...operands];
/** Whole numbers are compared with their signs. */
const comparison =
  (name: string): Write =>
  (type, ...operands) => [`${family(type)}.${name}${elementOf(type) === "i32" ? "_s" : ""}`, ...operands];
/** Single numbers have no such instruction, and loops in lanes need none. */
const ofVectors =
  (write: Write): Write =>
  (type, ...operands) => {
    if (!isVector(type)) throw new RangeError(`WebAssembly has no such operation on ${type}`);
    return write(type, ...operands);
  };

/** By how far the bits of an exponent are shifted, which are the last ones of a sum. */
const SHIFTS = { f64: ["i64x2.shl", "52"], f32: ["i32x4.shl", "23"] } as const;
/** The bytes of the first half of one vector and of another, and of the second half of one, twice. */
const [HALVES, SECOND_HALF] = [
  [0, 16],
  [8, 8],
].map((starts) => starts.flatMap((start) => Array.from({ length: 8 }, (_, i) => String(start + i)))) as [
  string[],
  string[],
];
const lane = (type: Type, which: number, of: Term): Term => [
  `${VECTORS[elementOf(type)]}.extract_lane`,
  String(which),
  of,
];

/** Operations by the type of their first operand. */
const INSTRUCTIONS: { readonly [K in LoopOperationName]: Write } = {
  add: named("add"),
  sub: named("sub"),
  mul: named("mul"),
  div: named("div"),
  neg: named("neg"),
  abs: named("abs"),
  sqrt: named("sqrt"),
  multiplyAdd: ofVectors(named("relaxed_madd")),
  subtractProduct: ofVectors(named("relaxed_nmadd")),
  least: ofVectors(named("pmin")),
  greatest: ofVectors(named("pmax")),
  powerOfTwo: ofVectors((type, sum) => {
    const [instruction, shift] = SHIFTS[elementOf(type) === "f32" ? "f32" : "f64"];
    return [instruction, sum!, ["i32.const", shift]];
  }),
  // As numbers, all bits set is a NaN: two instructions more than `pmax`, where engines take seven more for `max`.
  max: (type, a, b) =>
    isVector(type) && b![0] === "local.get"
      ? ["v128.or", [`${family(type)}.pmax`, a!, b], [`${family(type)}.ne`, b, b]]
      : [`${family(type)}.max`, a!, b!],
  quotient: named("div_s"),
  remainder: named("rem_s"),
  bitAnd: named("and"),
  bitXor: named("xor"),
  rotateLeft: named("rotl"),
  shiftRight: named("shr_u"),
  lt: comparison("lt"),
  le: comparison("le"),
  eq: named("eq"),
  and: either("v128.and", "i32.and"),
  or: either("v128.or", "i32.or"),
  not: either("v128.not", "i32.eqz"),
  select: (type, condition, a, b) => [isVector(type) ? "v128.bitselect" : "select", a!, b!, condition!],
  widen: either("f64x2.promote_low_f32x4", "f64.promote_f32"),
  narrow: either("f32x4.demote_f64x2_zero", "f32.demote_f64"),
  fromWhole: (_, a) => ["f64.convert_i32_s", a!],
  toWhole: (_, a) => ["i32.trunc_sat_f64_s", a!],
  first: (type, of) => lane(type, 0, of!),
  last: (type, of) => lane(type, lanesOf(type) - 1, of!),
  // Two numbers of float32 stand in the first half of a vector, whatever is in the second.
  low: (_, of) => of!,
  high: (_, of) => ["i8x16.shuffle", ...SECOND_HALF, of!, of!],
  joined: (_, low, high) => ["i8x16.shuffle", ...HALVES, low!, high!],
  any: (_, of) => ["v128.any_true", of!],
  // One instruction fewer than `all_true`, which looks for zeros.
  all: (_, of) => ["i32.eq", ["i32x4.bitmask", of!], ["i32.const", "15"]],
};

/** Loads and stores by how many numbers side by side, of how many bytes. */
const LOADS: Readonly<Record<string, string>> = {
  "1 of 4": "v128.load32_splat",
  "2 of 4": "v128.load64_zero",
  "4 of 4": "v128.load",
  "1 of 8": "v128.load64_splat",
  "2 of 8": "v128.load",
};
const STORES: Readonly<Record<string, readonly string[]>> = {
  "1 of 4": ["v128.store32_lane", "0"],
  "2 of 4": ["v128.store64_lane", "0"],
  "4 of 4": ["v128.store"],
  "1 of 8": ["v128.store64_lane", "0"],
  "2 of 8": ["v128.store"],
};

const BYTES: { readonly [E in Element]?: number } = { f64: 8, u8: 1 };
const bytesOf = (type: Type): number => BYTES[elementOf(type)] ?? 4;

/** Where a place of an array is. */
function addressTerm(array: string, index: Value, bytes: number): Term {
  const start: Term = ["local.get", `$${array}`];
  if (index.kind === "constant" && index.value === 0) return start;
  const distance = valueTerm(index);
  return ["i32.add", start, bytes === 1 ? distance : ["i32.shl", distance, ["i32.const", String(Math.log2(bytes))]]];
}

/** The same with the offset that stands in an instruction. */
function address({ array, index, type }: Placed): { readonly offset: readonly string[]; readonly at: Term } {
  const [base, further] = index.kind === "apply" && index.op === "add" ? index.args : [index, undefined];
  const steps = further?.kind === "constant" ? further.value : 0;
  const from = further !== undefined && steps === 0 ? index : base!;
  const bytes = bytesOf(type);
  return { offset: steps === 0 ? [] : [`offset=${bytes * steps}`], at: addressTerm(array, from, bytes) };
}

type Placed = Pick<Extract<Value, { kind: "load" }>, "array" | "index" | "type">;
type PlaceOf = Placed & Pick<Extract<Value, { kind: "load" }>, "count">;

function loadTerm(place: PlaceOf): Term {
  const { offset, at } = address(place);
  const { type, count } = place;
  const single = `${storage(type)}.load${type === "u8" ? "8_u" : ""}`;
  const instruction = isVector(type) ? LOADS[`${count} of ${bytesOf(type)}`]! : single;
  return [instruction, ...offset, at];
}

function storeTerm(place: PlaceOf, value: Value): Term {
  const { offset, at } = address(place);
  const { type, count } = place;
  const words = isVector(type) ? STORES[`${count} of ${bytesOf(type)}`]! : [`${storage(type)}.store`];
  return [words[0]!, ...offset, ...words.slice(1), at, valueTerm(value)];
}

/** The name of a function of the host's on vectors. */
export const lanewise = (name: string): string => `$${name}.lanes`;

function valueTerm(value: Value): Term {
  switch (value.kind) {
    case "local":
      return ["local.get", `$${value.name}`];
    case "constant":
      return constantTerm(value.type, value.value);
    case "splat":
      return [`${family(value.type)}.splat`, valueTerm(value.value)];
    case "call":
      return ["call", lanewise(value.name), ...value.args.map(valueTerm)];
    case "numbered":
      return ["v128.const", family(value.type), ...Array.from({ length: lanesOf(value.type) }, (_, i) => String(i))];
    case "load":
      return loadTerm(value);
    case "apply":
      return INSTRUCTIONS[value.op](value.args[0]!.type, ...value.args.map(valueTerm));
  }
}

function constantTerm(type: Type, value: number): Term {
  const text = numberText(value);
  if (!isVector(type)) return [`${type}.const`, text];
  // Two float32 numbers stand in the first half of a vector.
  const lanes = elementOf(type) === "f32" ? 4 : lanesOf(type);
  return ["v128.const", family(type), ...Array.from({ length: lanes }, () => text)];
}

const numberText = (value: number): string =>
  Object.is(value, -0) ? "-0" : String(value).replace("NaN", "nan").replace("Infinity", "inf").replace("e+", "e");

function statementTerms(statement: Statement): readonly Term[] {
  switch (statement.kind) {
    case "let":
    case "assign":
      return [["local.set", `$${statement.local.name}`, valueTerm(statement.value)]];
    case "store":
      return [storeTerm(statement, statement.value)];
    case "for": {
      const { index, from, to, step, body } = statement;
      const [name, label, end] = [`$${index.name}`, `$next.${index.name}`, valueTerm(to)];
      const next: Term = ["local.tee", name, ["i32.add", ["local.get", name], ["i32.const", String(step)]]];
      const loop: Term = ["loop", label, ...body.flatMap(statementTerms), ["br_if", label, ["i32.lt_u", next, end]]];
      return [
        ["local.set", name, valueTerm(from)],
        ["if", ["i32.lt_u", ["local.get", name], end], ["then", loop]],
      ];
    }
    case "while": {
      const again: Term = ["br", "$again"];
      const { condition, body } = statement;
      return [["loop", "$again", ["if", valueTerm(condition), ["then", ...body.flatMap(statementTerms), again]]]];
    }
    case "if": {
      const { condition, then, otherwise } = statement;
      const rest: Term[] = otherwise.length === 0 ? [] : [["else", ...otherwise.flatMap(statementTerms)]];
      return [["if", valueTerm(condition), ["then", ...then.flatMap(statementTerms)], ...rest]];
    }
    case "run": {
      const { of, arrays, numbers } = statement;
      const places = arrays.map(({ array, index }, i) => addressTerm(array, index, bytesOf(of.arrays[i]!.element)));
      return [["call", `$${of.name}`, ...places, ...numbers.map(valueTerm)]];
    }
    case "return":
      return statement.values.map(valueTerm);
  }
}

/** The locals of a function, each once. */
function localsOf(statements: readonly Statement[]): Local[] {
  const found = new Map<string, Local>();
  for (const statement of allStatements(statements)) {
    if (statement.kind === "let") found.set(statement.local.name, statement.local);
    if (statement.kind === "for") found.set(statement.index.name, statement.index);
  }
  return [...found.values()];
}

/** A function that the module exports under its name, or has for itself. */
export function functionTerm({ name, arrays, numbers, results, body }: LoopFunction, isExported = true): Term {
  const constants = constantsBefore(body.flatMap(statementTerms));
  return [
    "func",
    isExported ? ["export", `"${name}"`] : `$${name}`,
    ...arrays.map((array): Term => ["param", `$${array.name}`, "i32"]),
    ...numbers.map(({ name: number, type }): Term => ["param", `$${number}`, storage(type)]),
    ...(results.length === 0 ? [] : [["result", ...results.map(storage)]]),
    ...localsOf(body).map(({ name: own, type }): Term => ["local", `$${own}`, storage(type)]),
    ...constants.locals.map((own): Term => ["local", own, "v128"]),
    ...constants.body,
  ];
}

/** The functions that functions call, and how many numbers each takes. */
export const calledFunctions = (functions: readonly LoopFunction[]): ReadonlyMap<string, number> =>
  new Map(
    functions
      .flatMap(({ body }) => allStatements(body).flatMap(valuesOf).flatMap(allValues))
      .flatMap((value) => (value.kind === "call" ? [[value.name, value.args.length] as const] : [])),
  );

const PLACES = ["$a", "$b", "$c", "$d"];

/** A function of the host's on numbers. */
export const importTerm = (name: string, count: number): Term => [
  "import",
  '"math"',
  `"${name}"`,
  ["func", `$${name}`, ["param", ...PLACES.slice(0, count).map(() => "f64")], ["result", "f64"]],
];

/** A function on vectors of two, by the one on numbers. */
export function lanewiseTerm(name: string, count: number): Term {
  const places = PLACES.slice(0, count);
  const inLane = (which: string): Term => [
    "call",
    `$${name}`,
    ...places.map((place): Term => ["f64x2.extract_lane", which, ["local.get", place]]),
  ];
  return [
    "func",
    lanewise(name),
    ...places.map((place): Term => ["param", place, "v128"]),
    ["result", "v128"],
    ["f64x2.replace_lane", "1", ["f64x2.splat", inLane("0")], inLane("1")],
  ];
}
