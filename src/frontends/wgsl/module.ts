/**
 * Emitted shaders back to expressions: functions of numbers as nonlin writes them, with floats as they are. Everything else
 * is unreadable, so that a module with more in it is not taken for what was planned.
 */
import * as b from "../../ir/build.js";
import { node, type Expr } from "../../ir/expr.js";
import { isCondition, type OperationName } from "../../ir/ops.js";
import { floatOf, negative } from "../floats.js";
import { createNesting } from "../nesting.js";
import { refusal } from "../place.js";
import { tokensOf, type Token } from "./tokens.js";

type Build = (...args: Expr[]) => Expr | undefined;

/** Functions of the shader library: they are in the module too. */
const LIBRARY: ReadonlyMap<string, Build> = new Map<string, Build>([
  ...(
    "divide:div pow sqrt exp expm1 log log1p sin cos sinh cosh tanh atan cbrt sigmoid erf erfc erfcx ierfcx i2erfcx sinc " +
    "spherical_bessel1:sphericalBessel1 spherical_bessel2:sphericalBessel2 round"
  )
    .split(" ")
    .map((each) => {
      const [name, op = name] = each.split(":") as [string, OperationName?];
      return [`precise_${name}`, operation(op as OperationName)] as const;
    }),
  ["product_error", b.productError],
  ["sum_error", b.sumError],
  ["is_nan", (u) => b.not(b.eq(u!, u!))],
  ["not_a_number", () => b.constant(NaN)],
  ["infinity", () => b.constant(Infinity)],
]);

/** Functions of the language, and types that convert a number to itself. */
const LANGUAGE: ReadonlyMap<string, Build> = new Map<string, Build>([
  ["abs", (u) => b.abs(u!)],
  ["select", (no, yes, condition) => (isCondition(condition!) ? b.select(condition!, yes!, no!) : undefined)],
  ["f32", (u) => u],
  ["Stored", (u) => u],
]);
const TYPES: ReadonlySet<string> = new Set(["f32", "Stored"]);

function operation(op: OperationName): Build {
  return op === "div" || op === "pow" ? (u, v) => node(op, u!, v!) : (u) => node(op, u!);
}

const ofTruths =
  (build: (p: Expr, q: Expr) => Expr): Build =>
  (p, q) =>
    isCondition(p!) && isCondition(q!) ? build(p!, q!) : undefined;
/** By how tightly they bind. */
const BINARY: readonly ReadonlyMap<string, Build>[] = [
  new Map([["|", ofTruths(b.or)]]),
  new Map([["&", ofTruths(b.and)]]),
  new Map([
    ["<", b.lt],
    ["<=", b.le],
    [">", b.gt],
    [">=", b.ge],
    ["==", b.eq],
  ]),
  new Map([
    ["+", b.add],
    ["-", b.sub],
  ]),
  new Map([["*", b.mul]]),
];

/** The results of functions of a shader; nothing for one that is not there. */
export function readShader(text: string): (name: string) => readonly Expr[] | undefined {
  const tokens = tokensOf(text);
  const starts = new Map<string, number>();
  for (const [at, token] of tokens.entries())
    if (token.kind === "name" && token.text === "fn") starts.set(tokens[at + 1]!.text, at + 2);
  return (name) => {
    const start = starts.get(name);
    return start === undefined ? undefined : [readFunction(text, tokens, start, starts)];
  };
}

/** The function whose parameters begin here. */
function readFunction(text: string, tokens: readonly Token[], start: number, known: ReadonlyMap<string, number>): Expr {
  let at = start;
  const nested = createNesting();
  const refuse = (token = tokens[at]!): never => {
    throw refusal(text, token, {
      message: "this is not what a generated shader has here",
      hint: "build the module again, and do not edit it",
    });
  };
  const take = (wanted?: string | Token["kind"]): string => {
    const token = tokens[at]!;
    if (wanted !== undefined && token.text !== wanted && token.kind !== wanted) refuse(token);
    at += 1;
    return token.text;
  };
  const takes = (wanted: string): boolean => tokens[at]!.text === wanted && take() === wanted;
  const type = (): void => void (TYPES.has(take("name")) || refuse(tokens[at - 1]));

  /** Values by name; a variable without one yet has none. */
  type Names = Map<string, Expr | undefined>;

  const block = (names: Names, variables: ReadonlySet<string>): Expr | undefined => {
    const own = new Set(variables);
    take("{");
    while (!takes("}")) {
      const word = take("name");
      if (word === "return") {
        const result = expression(names);
        take(";");
        take("}");
        return result;
      }
      if (word === "if") choose(names, own);
      else {
        if (word === "let") names.set(take("name"), value(names));
        else if (word === "var") declare(names, own);
        else if (own.has(word)) names.set(word, value(names));
        else refuse(tokens[at - 1]);
        take(";");
      }
    }
    return undefined;
  };
  const value = (names: Names): Expr => {
    take("=");
    return expression(names);
  };
  const declare = (names: Names, own: Set<string>): void => {
    const name = take("name");
    take(":");
    type();
    own.add(name);
    names.set(name, undefined);
  };
  const choose = (names: Names, own: ReadonlySet<string>): void => {
    const place = tokens[at]!;
    take("(");
    const condition = expression(names);
    take(")");
    if (!isCondition(condition)) refuse(place);
    const [yes, no] = [new Map(names), new Map(names)];
    if (block(yes, own) !== undefined) refuse(place);
    take("else");
    if (block(no, own) !== undefined) refuse(place);
    for (const name of own) {
      const [u, v] = [yes.get(name), no.get(name)];
      if (u === v) names.set(name, u);
      else names.set(name, u === undefined || v === undefined ? refuse(place) : b.select(condition, u, v));
    }
  };

  const expression = (names: Names, level = 0): Expr => {
    const row = BINARY[level];
    if (row === undefined) return unary(names);
    let left = expression(names, level + 1);
    for (let build = row.get(tokens[at]!.text); build !== undefined; build = row.get(tokens[at]!.text)) {
      const sign = tokens[at]!;
      take();
      left = build(left, expression(names, level + 1)) ?? refuse(sign);
    }
    return left;
  };
  const unary = (names: Names): Expr => {
    if (takes("-")) return negative(unary(names));
    if (!takes("!"))
      return nested(
        () => refuse(),
        () => primary(names),
      );
    const operand = unary(names);
    // Not what is not is itself.
    return operand.op === "not" ? operand.args[0]! : isCondition(operand) ? b.not(operand) : refuse();
  };
  const primary = (names: Names): Expr => {
    const token = tokens[at]!;
    if (takes("(")) {
      const inner = expression(names);
      take(")");
      return inner;
    }
    if (token.kind === "number") return floatOf(Math.fround(Number(take())));
    const name = take("name");
    if (!takes("(")) return names.get(name) ?? refuse(token);
    const args: Expr[] = [];
    while (!takes(")")) {
      args.push(expression(names));
      if (tokens[at]!.text !== ")") take(",");
    }
    const build = LANGUAGE.get(name) ?? (known.has(name) ? LIBRARY.get(name) : undefined);
    return (build?.length === args.length ? build(...args) : undefined) ?? refuse(token);
  };

  const names: Names = new Map();
  take("(");
  while (!takes(")")) {
    const name = take("name");
    take(":");
    type();
    names.set(name, b.variable("wildcard", name));
    if (tokens[at]!.text !== ")") take(",");
  }
  take("->");
  type();
  return block(names, new Set()) ?? refuse();
}
