/** The float64 meaning of expressions: scalar by scalar, and column by column over many points at once. */
import { topological, variableOf, type Expr } from "./expr.js";
import { OPERATIONS, isFunction, type OperationName } from "./ops.js";
import { rationalToNumber, type Rational } from "./rational.js";

/** The float64 that a leaf without variables stands for. */
export function leafValue(expr: Expr): number {
  if (expr.op === "rational") return rationalToNumber(expr.payload as Rational);
  if (expr.op === "float") return expr.payload as number;
  return OPERATIONS[expr.op].evaluate();
}

type Bindings = Readonly<Record<string, number>>;

/** An expression as a function of its variables, for many of their values. */
export function evaluator(expr: Expr): (bindings: Bindings) => number {
  const order = topological([expr]);
  const places = new Map(order.map((node, i) => [node, i]));
  const args = order.map((node) => node.args.map((arg) => places.get(arg)!));
  const fixed = order.map((node) => (node.op === "variable" || node.args.length > 0 ? NaN : leafValue(node)));
  const values = new Float64Array(order.length);
  return (bindings) => {
    for (let i = 0; i < order.length; i++) {
      const { op } = order[i]!;
      const [a, b, c] = args[i]!;
      if (op === "variable") {
        const { name } = variableOf(order[i]!);
        if (!Object.hasOwn(bindings, name)) throw new RangeError(`no value is bound to "${name}"`);
        values[i] = bindings[name]!;
      } else if (a === undefined) values[i] = fixed[i]!;
      else if (b === undefined) values[i] = OPERATIONS[op].evaluate(values[a]!);
      else if (c === undefined) values[i] = OPERATIONS[op].evaluate(values[a]!, values[b]!);
      else values[i] = OPERATIONS[op].evaluate(values[a]!, values[b]!, values[c]!);
    }
    return values[order.length - 1]!;
  };
}

/** The value of an expression with its variables bound by name. */
export const evaluate = (expr: Expr, bindings: Bindings): number => evaluator(expr)(bindings);

/** Loops of their own for the operations of which there are most: one loop for all of them is several times slower. */
const LOOPS: { readonly [K in OperationName]?: (out: Column, a: Column, b: Column) => void } = {
  add: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i]! + b[i]!;
  },
  sub: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i]! - b[i]!;
  },
  mul: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i]! * b[i]!;
  },
  div: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i]! / b[i]!;
  },
};

/** In which floats it is evaluated, if not in exact operations on float64. */
export interface FloatModel {
  /** The rounding of every operation's result. */
  readonly round?: ((value: number) => number) | undefined;
  /** The result of a function such as exp where it is not the nearest float, before `round` is applied to it. */
  readonly approximate?: (exact: number) => number;
  /** Functions that are computed in steps, of which one may overflow. */
  readonly functions?: { readonly [K in OperationName]?: (value: number) => number };
}

/** Values of one expression at every point. */
export type Column = Float64Array;

/**
 * Evaluates expressions at a fixed set of points. Columns are kept per node, so that candidates that share most of
 * their nodes cost little more than what they do not share.
 */
export function columnEvaluator(
  length: number,
  column: (variable: string) => Column | undefined,
  closed: (expr: Expr) => number | undefined = () => undefined,
  floats: FloatModel = {},
): (expr: Expr) => Column {
  const columns = new Map<Expr, Column>();
  const { round: rounding, approximate, functions } = floats;
  const plain = rounding ?? ((value: number): number => value);
  const approximated = approximate && ((exact: number): number => plain(approximate(exact)));
  const fill = (value: number): Column => new Float64Array(length).fill(value);
  /** Those that are computed in float64 whatever the format is. */
  const doubles = new Set<Expr>();
  const isDouble = ({ op, args }: Expr): boolean =>
    rounding !== undefined && (op === "double" || (op !== "single" && args.some((arg) => doubles.has(arg))));
  const number = (expr: Expr): number | undefined =>
    closed(expr) ?? (expr.args.length === 0 && expr.op !== "variable" ? leafValue(expr) : undefined);

  const compute = (expr: Expr): Column => {
    const known = number(expr);
    if (known !== undefined) return fill(plain(known));
    if (expr.op === "variable") {
      const bound = column(variableOf(expr).name);
      if (bound === undefined) throw new RangeError(`no value is bound to "${variableOf(expr).name}"`);
      return bound;
    }
    const { evaluate: inDouble, inFloats } = OPERATIONS[expr.op];
    if (isDouble(expr)) doubles.add(expr);
    const isExact = doubles.has(expr);
    const evaluate = (rounding && !isExact && (functions?.[expr.op] ?? inFloats?.(rounding))) || inDouble;
    const rounded = (isFunction(expr.op) ? approximated : undefined) ?? plain;
    const round = isExact ? (value: number): number => value : rounded;
    const [a, b, c] = expr.args.map((arg) => {
      const exact = isExact ? number(arg) : undefined;
      return exact === undefined ? columns.get(arg)! : fill(exact);
    });
    const result = new Float64Array(length);
    const loop = LOOPS[expr.op];
    if (loop !== undefined) {
      loop(result, a!, b!);
      if (rounding && !isExact) for (let i = 0; i < length; i++) result[i] = round(result[i]!);
    } else if (c !== undefined) for (let i = 0; i < length; i++) result[i] = round(evaluate(a![i]!, b![i]!, c[i]!));
    else if (b !== undefined) for (let i = 0; i < length; i++) result[i] = round(evaluate(a![i]!, b[i]!));
    else for (let i = 0; i < length; i++) result[i] = round(evaluate(a![i]!));
    return result;
  };

  return (expr) => {
    const done = columns.get(expr);
    if (done !== undefined) return done;
    for (const node of topological([expr], columns)) columns.set(node, compute(node));
    return columns.get(expr)!;
  };
}
