/**
 * Case distinctions as products. Where signs are at random a `where` of processors waits for each of them, sixteen times as
 * long as a product takes. A step is 1 above a number and 0 up to it, and NaN of NaN; a side that could be infinite where
 * it is not taken is held at the number, so that 0 times it is 0.
 */
import { abs, add, constant, le, lt, max, min, mul, neg, select, sub } from "../../ir/build.js";
import { evaluate, leafValue } from "../../ir/evaluate.js";
import { rebuild, substitute, topological, variableOf, type Expr } from "../../ir/expr.js";
import { isCondition, type OperationName } from "../../ir/ops.js";
import { interval } from "../../ir/interval.js";
import { createFacts, type Facts } from "../../symbolic/facts.js";
import { normalForm } from "../../symbolic/simplify.js";
import { isFinite } from "./branches.js";

/** A comparison of the input, or of its size, with a number. */
interface Comparison {
  readonly input: Expr;
  readonly tensor: Expr;
  readonly number: Expr;
  /** Whether it holds above the number, and at it. */
  readonly isAbove: boolean;
  readonly isAtIt: boolean;
}

/** Parameters that users may mean are smaller. */
const LARGEST = 2 ** 10;

/** The distinctions of the input `x`, by finite numbers, as products; the others as they are. */
export function withMasks(expr: Expr): Expr {
  const leaves = topological([expr]).filter(({ op }) => op === "variable");
  const known = leaves.map((leaf) => {
    const { name, range } = variableOf(leaf);
    const bound = name === "x" ? Infinity : LARGEST;
    return [leaf, interval(Math.max(range[0], -bound), Math.min(range[1], bound))] as const;
  });
  const facts = createFacts(new Map(known));
  return rebuild([expr], (node) => (node.op === "select" ? product(node, facts) : node)).get(expr)!;
}

/** x > -n ? (x < n ? a : b) : b as |x| < n ? a : b, one product instead of two. */
export const bySizes = (expr: Expr): Expr => rebuild([expr], (node) => bySize(node) ?? node).get(expr)!;

function bySize({ op, args }: Expr): Expr | undefined {
  if (op !== "select") return undefined;
  const [condition, yes, no] = args as [Expr, Expr, Expr];
  const isInside = yes.op === "select";
  const [inner, beyond] = isInside ? [yes, no] : [no, yes];
  if (inner.op !== "select") return undefined;
  const [first, second] = [comparison(condition), comparison(inner.args[0]!)];
  if (first === undefined || second === undefined || first.tensor !== second.tensor) return undefined;
  const { input, isAtIt } = first;
  if (first.tensor !== input || first.isAbove === second.isAbove || isAtIt !== second.isAtIt) return undefined;
  if (normalForm(add(first.number, second.number)) !== ZERO) return undefined;
  const number = (first.isAbove === isInside ? second : first).number;
  const size = abs(input);
  const [, other, last] = inner.args as [Expr, Expr, Expr];
  const side = withoutNaN(isInside ? beyond : last, isInside ? first : second);
  const twin = isInside ? withoutNaN(last, second) : other;
  if (side === undefined || (isInside ? side : beyond) !== twin) return undefined;
  const [compared, opposite] = isAtIt ? [le, lt] : [lt, le];
  const [within, without] = isInside ? [size, number] : [number, size];
  const whole = isInside ? beyond : last;
  // NaN, which is on no side, stays what it is.
  const rest = side === whole ? side : select(opposite(without, within), side, constant(NaN));
  return select(compared(within, without), isInside ? other : beyond, rest);
}

function product(node: Expr, facts: Facts): Expr {
  const [condition, yes, no] = node.args as [Expr, Expr, Expr];
  const found = comparison(condition);
  if (found === undefined || isNaNumber(yes) || isNaNumber(no)) return node;
  const other = withoutNaN(no, found);
  if (other === undefined) return node;
  const { input, tensor, number, isAbove, isAtIt } = found;
  const [above, below] = isAbove ? [yes, other] : [other, yes];
  const isOfSize = tensor !== input;
  const isStrict = isAbove !== isAtIt;
  const step = stepOf(isStrict ? difference(tensor, number) : difference(number, tensor));
  const [up, down] = isStrict ? [step, sub(1, step)] : [sub(1, step), step];
  const at = (side: Expr, place: Expr): Expr =>
    substitute(
      side,
      // Bounds that are there already stay.
      new Map([
        [place, place],
        [input, place],
      ]),
    );
  const isSafe = (side: Expr, ends: readonly Expr[]): boolean =>
    isFiniteThrough(side, facts) || (ends.length > 0 && ends.every((end) => isFiniteThrough(at(side, end), facts)));
  if (!isSafe(above, isOfSize ? [] : [number]) || !isSafe(below, isOfSize ? [number, neg(number)] : [number]))
    return node;
  const held = (side: Expr, bounded: Expr): Expr => (isFiniteThrough(side, facts) ? side : at(side, bounded));
  if (above === tensor && number === ZERO && isStrict) {
    const left = held(below, min(tensor, ZERO));
    // Nothing is added to what is positive.
    if (normalForm(at(below, ZERO)) === ZERO) return add(max(tensor, ZERO), left);
  }
  const lower = times(down, held(below, min(isOfSize ? max(input, neg(number)) : input, number)));
  return sum(times(up, held(above, max(tensor, number))), lower);
}

/** a - b, of which one may be a constant. */
function difference(a: Expr, b: Expr): Expr {
  if (a === ZERO) return neg(b);
  if (b === ZERO) return a;
  return b.closed && evaluate(b, {}) < 0 ? add(a, constant(-evaluate(b, {}))) : sub(a, b);
}

const ZERO = constant(0);
const sum = (a: Expr, b: Expr): Expr => (a === ZERO ? b : b === ZERO ? a : add(a, b));

/** 1 of what is positive, else 0. */
const stepOf = (u: Expr): Expr => select(lt(ZERO, u), 1, 0);

/** Whether a node is that, of this tensor. */
export const steppedBy = ({ op, args: [condition, yes, no] }: Expr): Expr | undefined =>
  op === "select" && yes === constant(1) && no === ZERO && condition!.op === "lt" && condition!.args[0] === ZERO
    ? condition!.args[1]
    : undefined;

const times = (mask: Expr, side: Expr): Expr => (side === ZERO ? side : side === constant(1) ? mask : mul(mask, side));

function comparison({ op, args: [a, b] }: Expr): Comparison | undefined {
  if (op !== "lt" && op !== "le") return undefined;
  const isAbove = inputOf(b!) !== undefined;
  const [tensor, number] = isAbove ? [b!, a!] : [a!, b!];
  const input = inputOf(tensor);
  if (input === undefined || dependsOnInput(number) || !isNear(number, createFacts())) return undefined;
  return { input, tensor, number, isAbove, isAtIt: op === "le" };
}

/** The side where the comparison does not hold, without the NaN that is there for what is neither; a step gives that. */
function withoutNaN(side: Expr, { tensor, isAbove }: Comparison): Expr | undefined {
  const [condition, yes, no] = side.args as [Expr, Expr, Expr];
  if (side.op !== "select" || !isNaNumber(no)) return side;
  const inner = comparison(condition);
  return inner?.tensor === tensor && inner.isAbove !== isAbove ? yes : undefined;
}

const isNaNumber = (node: Expr): boolean => node.op === "float" && Number.isNaN(leafValue(node));
const isInput = (node: Expr): boolean =>
  node.op === "double" ? isInput(node.args[0]!) : node.op === "variable" && variableOf(node).name === "x";
/** The input, of itself and of its size. */
const inputOf = (node: Expr): Expr | undefined =>
  isInput(node) ? node : node.op === "abs" && isInput(node.args[0]!) ? node.args[0] : undefined;
const dependsOnInput = (node: Expr): boolean => topological([node]).some(isInput);

/** Whether floats have numbers for a side and for all that it is made of, so that 0 times it is 0. */
function isFiniteThrough(side: Expr, facts: Facts): boolean {
  const ordered = new Set<Expr>();
  return topological([side]).every((node) => {
    if (isInput(node) || keepsOrder(node, ordered)) ordered.add(node);
    if (isCondition(node)) return true;
    return facts(node).defined && (isFinite(node, facts) || (node !== side && ordered.has(node)));
  });
}

/** Of an infinite input it is infinite, and not NaN. */
const keepsOrder = ({ op, args }: Expr, ordered: ReadonlySet<Expr>): boolean =>
  (ORDERS.has(op) || (SHIFTS.has(op) && args.some(({ closed }) => closed))) &&
  args.every((arg) => arg.closed || ordered.has(arg));
const ORDERS: ReadonlySet<OperationName> = new Set(["neg", "abs", "min", "max"]);
const SHIFTS: ReadonlySet<OperationName> = new Set(["add", "sub"]);

/** Distinctions far out seldom change from one element to the next. */
const isNear = (node: Expr, facts: Facts): boolean => {
  const { low, high } = facts(node);
  return low >= -LARGEST && high <= LARGEST;
};
