/** The promises of a function about its parameters, as it raises otherwise: a range for each. */
import { fromRational, parameter } from "../../ir/build.js";
import { variableOf, type Expr } from "../../ir/expr.js";
import { rationalToNumber, type Rational } from "../../ir/rational.js";
import { negation } from "../interpreter/truth.js";

type Range = readonly [low: number, high: number];

/** The next float64: what is above 0 is at least the smallest of them, which the prover takes for "positive". */
const above = (value: number): number =>
  value === 0 ? Number.MIN_VALUE : value + Math.abs(value) * (Number.EPSILON / 2) * (1 + 2 ** -20);
const below = (value: number): number => -above(-value);

/** Replacements for parameters that make the conditions true; undefined where a condition says something else. */
export function narrowed(conditions: readonly Expr[]): ReadonlyMap<Expr, Expr> | undefined {
  const ranges = new Map<Expr, Range>();
  const fixed = new Map<Expr, Expr>();
  const waiting = [...conditions];
  while (waiting.length > 0) {
    const condition = waiting.pop()!;
    const parts = partsOf(condition);
    if (parts !== undefined) {
      waiting.push(...parts);
      continue;
    }
    const said = boundOf(condition);
    if (said === undefined) return undefined;
    const [low, high] = ranges.get(said.parameter) ?? variableOf(said.parameter).range;
    if (said.exactly !== undefined) fixed.set(said.parameter, fromRational(said.exactly));
    ranges.set(said.parameter, [Math.max(low, said.range[0]), Math.min(high, said.range[1])]);
  }
  return new Map([
    ...[...ranges].map(([old, range]) => [old, parameter(variableOf(old).name, range)] as const),
    ...fixed,
  ]);
}

/** "not (a or b)" and "a and b" are two conditions. */
function partsOf({ op, args: [a, c] }: Expr): readonly Expr[] | undefined {
  if (op === "and") return [a!, c!];
  if (op !== "not") return undefined;
  if (a!.op === "not") return [a!.args[0]!];
  return a!.op === "or" ? a!.args.map((part) => negation(part)) : undefined;
}

/** `p != 1`: no range says so. */
export function isHole({ op, args: [inner] }: Expr): boolean {
  if (op !== "not" || inner!.op !== "eq") return false;
  const [a, b] = inner!.args as [Expr, Expr];
  const [side, number] = a.op === "variable" ? [a, b] : [b, a];
  return side.op === "variable" && variableOf(side).role === "parameter" && number.op === "rational";
}

function boundOf(
  condition: Expr,
): { readonly parameter: Expr; readonly range: Range; readonly exactly?: Rational } | undefined {
  const isNegated = condition.op === "not";
  const { op, args } = isNegated ? condition.args[0]! : condition;
  const [a, b] = args;
  const parameterSide = [a, b].find((side) => side?.op === "variable");
  const literal = [a, b].find((side) => side?.op === "rational");
  if (parameterSide === undefined || literal === undefined || variableOf(parameterSide).role !== "parameter")
    return undefined;
  const exact = literal.payload as Rational;
  const value = rationalToNumber(exact);
  if (op === "eq") return isNegated ? undefined : { parameter: parameterSide, range: [value, value], exactly: exact };
  if (op !== "lt" && op !== "le") return undefined;
  // p < c, c < p, and not (c < p), which is p <= c.
  const isBelow = (parameterSide === a) !== isNegated;
  const isStrict = (op === "lt") !== isNegated;
  if (isBelow) return { parameter: parameterSide, range: [-Infinity, isStrict ? below(value) : value] };
  return { parameter: parameterSide, range: [isStrict ? above(value) : value, Infinity] };
}
