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

/** The value of an expression with its variables bound by name. */
export function evaluate(expr: Expr, bindings: Readonly<Record<string, number>>): number {
  const values = new Map<Expr, number>();
  for (const node of topological([expr])) {
    let value: number;
    if (node.op === "variable") {
      const name = variableOf(node).name;
      if (!Object.hasOwn(bindings, name)) throw new RangeError(`no value is bound to "${name}"`);
      value = bindings[name]!;
    } else if (node.args.length === 0) value = leafValue(node);
    else value = OPERATIONS[node.op].evaluate(...node.args.map((arg) => values.get(arg)!));
    values.set(node, value);
  }
  return values.get(expr)!;
}

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
    if (c !== undefined) for (let i = 0; i < length; i++) result[i] = round(evaluate(a![i]!, b![i]!, c[i]!));
    else if (b !== undefined) for (let i = 0; i < length; i++) result[i] = round(evaluate(a![i]!, b[i]!));
    else for (let i = 0; i < length; i++) result[i] = round(evaluate(a![i]!));
    return result;
  };

  return (expr) => {
    const done = columns.get(expr);
    if (done !== undefined) return done;
    for (const node of topologicalUnknown(expr, columns)) columns.set(node, compute(node));
    return columns.get(expr)!;
  };
}

/** The nodes below an expression that have no column yet, arguments first. */
function topologicalUnknown(root: Expr, known: ReadonlyMap<Expr, Column>): Expr[] {
  const order: Expr[] = [];
  const seen = new Set<Expr>();
  const stack = [root];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    if (seen.has(top) || known.has(top)) {
      stack.pop();
      continue;
    }
    const waiting = top.args.filter((arg) => !seen.has(arg) && !known.has(arg));
    if (waiting.length === 0) {
      stack.pop();
      seen.add(top);
      order.push(top);
    } else stack.push(...waiting.reverse());
  }
  return order;
}
