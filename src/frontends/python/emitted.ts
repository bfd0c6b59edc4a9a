/**
 * Emitted modules of Python back to expressions: the functions of tensors that nonlin writes, operation by operation, with
 * floats as they are. Everything else is unreadable, so that a module with more in it is not taken for what was planned.
 */
import * as b from "../../ir/build.js";
import { node, type Expr } from "../../ir/expr.js";
import { isCondition, type OperationName } from "../../ir/ops.js";
import { floatOf, negative, power } from "../floats.js";
import { refusal, type Reason, type Span } from "../place.js";
import { pythonParser } from "./parse.js";
import type { Argument, Expression, ExpressionOf, FunctionNode, Statement } from "./syntax.js";

type Build = (...args: Expr[]) => Expr | undefined;

const NOT_EMITTED: Reason = {
  message: "this is not what a generated module has here",
  hint: "build the module again, and do not edit it",
};

const unary =
  (op: OperationName): Build =>
  (u) =>
    node(op, u!);
const named = (names: string): readonly (readonly [string, Build])[] =>
  names.split(" ").map((each) => {
    const [name, op = name] = each.split(":") as [string, OperationName?];
    return [name, unary(op as OperationName)] as const;
  });

/** 1 of what is positive: the ceiling of what is held between 0 and 1. */
const ceiling: Build = (held) => {
  const [u] = held!.args[0]?.args ?? [];
  return u !== undefined && held === b.min(b.max(u, 0), 1) ? b.select(b.lt(0, u), 1, 0) : undefined;
};
const isNaNumber: Build = (u) => b.not(b.eq(u!, u!));
const number: Build = (condition) => (isCondition(condition!) ? b.select(condition!, 1, 0) : undefined);
const choice: Build = (condition, yes, no) => (isCondition(condition!) ? b.select(condition!, yes!, no!) : undefined);
const held: Build = (u, low, high) => b.min(b.max(u!, low!), high!);

/** Of what is in float64, in the type of another tensor. */
const complementary: Build = (u, ...like) => (like.length === 0 ? b.erfc(u!) : b.single(b.erfc(u!)));

const COMMON = named("exp expm1 log log1p sin cos sinh cosh tanh log2 log10");
const OF_TENSORS: readonly (readonly [string, Build])[] = [
  ...COMMON,
  ...named("abs sigmoid erf round sqrt"),
  ["where", choice],
  ["maximum", b.max],
  ["minimum", b.min],
  ["zeros_like", (like) => like && b.constant(0)],
  ["ones_like", (like) => like && b.constant(1)],
  ["full_like", (like, value) => like && value],
];
const ARC = named("arctan:atan arcsinh:asinh arccosh:acosh arctanh:atanh");
const PLAIN = named("atan asinh acosh atanh erf erfc");
const under = (path: string, rows: readonly (readonly [string, Build])[]) =>
  rows.map(([name, build]) => [`${path}.${name}`, build] as const);

/** Calls by what stands in front of their arguments. */
const CALLS: ReadonlyMap<string, Build> = new Map([
  ...under("math", [...COMMON, ...PLAIN, ...named("sqrt")]),
  ...named("abs round"),
  ["min", b.min],
  ["max", b.max],
  ...under("torch", [...OF_TENSORS, ...PLAIN, ["ceil", ceiling], ["relu", (u) => b.max(u!, 0)]]),
  ...under("torch", [
    ["isnan", isNaNumber],
    ["clamp", held],
  ]),
  ...under("torch.special", named("erfcx")),
  ...under("ops", [...OF_TENSORS, ...ARC, ["isnan", isNaNumber], ["clip", held], ["copy", (u) => u]]),
  ...under("ops", [["cast", number]]),
  ...under("tf.math", [...OF_TENSORS, ...PLAIN, ["is_nan", isNaNumber]]),
  ...under("tf.math", [["pow", (u, exponent) => (exponent === b.fraction(1, 2) ? b.sqrt(u!) : undefined)]]),
  ...under("tf", [...OF_TENSORS, ["clip_by_value", held], ["identity", (u) => u], ["cast", number]]),
  // Functions of the module itself.
  ...named("_erfcx:erfcx _ierfcx:ierfcx _i2erfcx:i2erfcx _sigmoid:sigmoid _sinc:sinc _double:double _expm1:expm1"),
  ...named("_spherical_bessel1:sphericalBessel1 _spherical_bessel2:sphericalBessel2"),
  ["_erfc", complementary],
  ["_normal", (u) => b.single(b.erfc(b.mul(floatOf(-Math.SQRT1_2), b.double(u!))))],
  ["_square_error", (u) => b.productError(u!, u!)],
]);

const METHODS: ReadonlyMap<string, Build> = new Map<string, Build>([
  ["clone", (u) => u],
  ["double", (u) => b.double(u!)],
  ["to", (u) => number(u!) ?? b.single(u!)],
]);

const CONSTANTS: ReadonlyMap<string, Expr> = new Map([
  ["math.nan", b.constant(NaN)],
  ["math.inf", b.constant(Infinity)],
]);

const isTruth =
  (build: (p: Expr, q: Expr) => Expr): Build =>
  (p, q) =>
    isCondition(p!) && isCondition(q!) ? build(p!, q!) : undefined;
const BINARY: ReadonlyMap<string, Build> = new Map<string, Build>([
  ["+", b.add],
  ["-", b.sub],
  ["*", b.mul],
  ["/", b.div],
  ["**", power],
  ["<", b.lt],
  ["<=", b.le],
  [">", b.gt],
  [">=", b.ge],
  ["==", b.eq],
  ["&", isTruth(b.and)],
  ["and", isTruth(b.and)],
  ["|", isTruth(b.or)],
  ["or", isTruth(b.or)],
]);

/** Not what is not is itself. */
const opposite: Build = (p) => (p!.op === "not" ? p!.args[0]! : isCondition(p!) ? b.not(p!) : undefined);
const UNARY: ReadonlyMap<string, Build> = new Map<string, Build>([
  ["-", negative],
  ["~", opposite],
  ["not", opposite],
]);

/** A reader of texts: of each, what a function computes in each of its ways; nothing where there is no such function. */
export async function pythonReader(): Promise<(text: string) => (name: string) => readonly Expr[] | undefined> {
  const parse = await pythonParser();
  return (text) => {
    const functions = new Map(
      parse(text).statements.flatMap((each) =>
        each.kind === "function" ? [[each.node.name, each.node] as const] : [],
      ),
    );
    return (name) => {
      const found = functions.get(name);
      return found && waysOf(found, text);
    };
  };
}

const MOST_WAYS = 16;

/** The results of a function for all answers to its questions, first where all are affirmed. */
function waysOf(of: FunctionNode, text: string): readonly Expr[] {
  const results = new Set<Expr>();
  const waiting: (readonly boolean[])[] = [[]];
  for (let known = waiting.pop(), count = 1; known !== undefined; known = waiting.pop(), count++) {
    if (count > MOST_WAYS) throw refusal(text, of.place, NOT_EMITTED);
    const before = known;
    const answers: boolean[] = [];
    const answer = (): boolean => {
      answers.push(before[answers.length] ?? true);
      return answers[answers.length - 1]!;
    };
    results.add(resultOf(of, answer, text));
    for (let at = answers.length - 1; at >= before.length; at--) waiting.push([...answers.slice(0, at), false]);
  }
  return [...results];
}

/** The result of a function; `answer`: to its next question about types, devices and tracers. */
function resultOf({ parameters, body, decorators, place }: FunctionNode, answer: () => boolean, text: string): Expr {
  const refuse = (at: Span): never => {
    throw refusal(text, at, NOT_EMITTED);
  };
  const names = new Map(parameters.map(({ name }) => [name, b.variable("wildcard", name)]));

  const run = (statement: Statement): Expr | undefined => {
    switch (statement.kind) {
      case "block":
        return runAll(statement.body);
      case "assign": {
        const [target, ...others] = statement.targets;
        if (target?.kind !== "name" || others.length > 0) return refuse(statement);
        names.set(target.name, read(statement.value));
        return undefined;
      }
      case "if":
        if (!isQuestion(statement.condition)) return refuse(statement);
        return answer() ? run(statement.yes) : statement.no && run(statement.no);
      case "return":
        return statement.value === undefined ? refuse(statement) : read(statement.value);
      default:
        return refuse(statement);
    }
  };

  /** Statements one after the other: what follows one that returns for certain numbers is for all others. */
  const runAll = ([first, ...others]: readonly Statement[]): Expr | undefined => {
    if (first === undefined) return undefined;
    if (first.kind !== "if" || isQuestion(first.condition)) return run(first) ?? runAll(others);
    if (first.no !== undefined) return refuse(first);
    const condition = read(first.condition);
    const before = new Map(names);
    const yes = run(first.yes);
    names.clear();
    before.forEach((value, name) => names.set(name, value));
    const no = runAll(others);
    return yes && no && (choice(condition, yes, no) ?? refuse(first.condition));
  };

  const read = (part: Expression): Expr => {
    switch (part.kind) {
      case "number":
        return floatOf(Number(part.text));
      case "name":
        return names.get(part.name) ?? refuse(part);
      case "member":
        return CONSTANTS.get(pathOf(part) ?? "") ?? refuse(part);
      case "unary":
        return UNARY.get(part.operator)?.(read(part.operand)) ?? refuse(part);
      case "binary":
        return product(part) ?? BINARY.get(part.operator)?.(read(part.left), read(part.right)) ?? refuse(part);
      case "conditional":
        if (isQuestion(part.condition)) return read(answer() ? part.yes : part.no);
        return choice(read(part.condition), read(part.yes), read(part.no)) ?? refuse(part);
      case "call":
        return called(part);
      default:
        return refuse(part);
    }
  };

  /** `0.5 * tf.ones_like(x)` is a tensor of that number. */
  const product = ({ operator, left, right }: ExpressionOf<"binary">): Expr | undefined =>
    operator === "*" && right.kind === "call" && pathOf(right.callee) === "tf.ones_like" ? read(left) : undefined;

  const called = (part: ExpressionOf<"call">): Expr => {
    const { callee, args } = part;
    const path = pathOf(callee);
    if (path === "torch.clamp" && args.some(({ name }) => name !== undefined)) return bounded(args) ?? refuse(part);
    const given = args.filter(({ value }) => !isType(value));
    if (given.some(({ name, spread }) => name !== undefined || spread)) return refuse(part);
    const values = given.map(({ value }) => read(value));
    if (path !== undefined && !isLocal(path)) {
      const build = CALLS.get(path);
      const isWhole = build?.length === values.length || build === complementary;
      return (isWhole ? build?.(...values) : undefined) ?? refuse(part);
    }
    if (values.length > 0) return refuse(part);
    return (callee.kind === "member" ? METHODS.get(callee.name)?.(read(callee.object)) : undefined) ?? refuse(part);
  };

  /** `torch.clamp(x, min=low)`. */
  const bounded = ([tensor, bound, ...others]: readonly Argument[]): Expr | undefined => {
    if (bound === undefined || others.length > 0) return undefined;
    const [u, limit] = [read(tensor!.value), read(bound.value)];
    return bound.name === "min" ? b.max(u, limit) : bound.name === "max" ? b.min(u, limit) : undefined;
  };

  const isLocal = (path: string): boolean => names.has(path.split(".")[0]!);

  if (decorators.length > 0) return refuse(place);
  return run(body) ?? refuse(place);
}

/** `torch.special.erfcx` */
function pathOf(part: Expression): string | undefined {
  if (part.kind === "name") return part.name;
  const object = part.kind === "member" ? pathOf(part.object) : undefined;
  return part.kind === "member" && object !== undefined ? `${object}.${part.name}` : undefined;
}

const isType = (part: Expression): boolean => part.kind === "member" && part.name === "dtype";

/** Whether it asks for a type, a device or a compiler, of which no value may depend. */
function isQuestion(part: Expression): boolean {
  switch (part.kind) {
    case "unary":
      return part.operator === "not" && isQuestion(part.operand);
    case "binary":
      if (part.operator === "or") return isQuestion(part.left) && isQuestion(part.right);
      return part.operator === "==" && (isType(part.left) || pathOf(part.left)?.endsWith(".device.type") === true);
    case "call":
      return pathOf(part.callee) === "torch.compiler.is_compiling";
    default:
      return false;
  }
}
