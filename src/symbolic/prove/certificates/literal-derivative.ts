/**
 * The value that a derivative has to have at one point, by the letter of docs/semantics.md: the derivative that the
 * function has there, else the one that its comparisons select. Where nothing beside the point changes its branch,
 * it is read off the formula; elsewhere it is a limit of difference quotients, at two steps far below what floats see.
 */
import { add, div, fraction, mul, parameter, sub } from "../../../ir/build.js";
import { substitute, topological, variables, type Expr } from "../../../ir/expr.js";
import { addRational, rational, rationalToNumber, type Rational } from "../../../ir/rational.js";
import { derivative } from "../../derivative.js";
import type { Oracle } from "../../oracle.js";
import type { Task } from "../task.js";
import { Site, Unclear, bound, type Place, type Reading } from "./literal.js";

export type Literal =
  /** Nothing is claimed: the function has no value, or no derivative and nothing is selected. */
  | { readonly kind: "nothing" }
  /** The value of each of these is right; there are two where kinks meet. */
  | { readonly kind: "exact"; readonly exprs: readonly Expr[] }
  | { readonly kind: "limit"; readonly limit: number; readonly selected: Expr | undefined };

const NOTHING: Literal = { kind: "nothing" };

/** Exponents of the two steps, and how near the quotients have to be to count as convergent. */
const STEPS = [100, 160] as const;
const NEAR = 2 ** -20;
const SMALL = 2 ** -30;

const STEP = parameter("step");

/** A task as far as it is read here. */
type Question = Pick<Task, "formula" | "variable" | "order" | "differentiate">;

export function literalDerivative(task: Question, site: Site, oracle: Oracle): Literal {
  const { formula: f, variable, order, differentiate } = task;
  const reading = site.read(f);
  if (reading === undefined) return NOTHING;
  if (order === 0) return { kind: "exact", exprs: [reading.expr] };
  if (isSmooth(reading, variable)) {
    const found = site.read(differentiate(reading.expr, order));
    // Without a tie or an edge beside it the formula can be differentiated.
    if (found === undefined) throw new Unclear();
    return { kind: "exact", exprs: [found.expr] };
  }
  const select = (): Expr | undefined => site.read(differentiate(f, order))?.expr;
  const joined = byBranches(task, reading, site, oracle);
  const limit = joined === "open" ? limitAt(task, reading, site, oracle) : undefined;
  if (joined === undefined || (joined === "open" && limit === undefined)) {
    const selected = select();
    return selected === undefined ? NOTHING : { kind: "exact", exprs: [selected] };
  }
  const selected = kinksMeet(f, reading, variable, site) ? select() : undefined;
  if (limit !== undefined) return { kind: "limit", limit, selected };
  return { kind: "exact", exprs: [joined as Expr, ...(selected === undefined ? [] : [selected])] };
}

/**
 * The derivative where the branches on both sides have values and derivatives at the point itself; undefined where these are
 * not the same, "open" where a branch has none there.
 */
function byBranches(
  { formula, variable, order, differentiate }: Question,
  here: Reading,
  site: Site,
  oracle: Oracle,
): Expr | undefined | "open" {
  const branches: Expr[] = [];
  for (const sign of [-1n, 1n]) {
    const beside = new Site(shifted(site, variable, ratio(sign, STEPS[0])), oracle).read(formula);
    if (beside === undefined) return undefined;
    if (!isSmooth(beside, variable)) return "open";
    branches.push(beside.expr);
  }
  let found: Expr | undefined;
  for (let times = 0; times <= order; times++) {
    const readings = branches.map((branch) => site.read(differentiate(branch, times)));
    const [left, right] = readings;
    if (left === undefined || right === undefined || [left, right].some((one) => !isSmooth(one, variable)))
      return "open";
    if (!site.isSame(left.expr, right.expr) || (times === 0 && !site.isSame(left.expr, here.expr))) return undefined;
    found = right.expr;
  }
  return found;
}

/** Where the variable moves a little, every choice stays. */
const isSmooth = ({ ties, edges }: Reading, variable: Expr): boolean =>
  !topological([...ties.flat(), ...edges]).includes(variable);

const shifted = (site: Site, variable: Expr, step: Rational): Place =>
  new Map(site.place).set(variable, addRational(site.place.get(variable)!, step));

const ratio = (sign: bigint, exponent: number): Rational => rational(sign, 1n << BigInt(exponent));

/** The derivative as the limit of quotients from both sides; undefined where there is none. */
function limitAt(task: Question, here: Reading, site: Site, oracle: Oracle): number | undefined {
  const found: number[] = [];
  for (const exponent of STEPS)
    for (const quotient of quotientsAt(task, here, site, oracle, exponent)) {
      if (quotient === undefined) return undefined;
      found.push(quotient);
    }
  const size = Math.max(1, ...found.map(Math.abs));
  const last = found[found.length - 1]!;
  return found.every((value) => Math.abs(value - last) <= NEAR * size) ? last : undefined;
}

/** Of the first derivative (f(p ± h) - f(p))/(±h); of higher ones the slopes of the derivative before between p ± h and p ± 2h. */
function quotientsAt(
  { formula, variable, order, differentiate }: Question,
  here: Reading,
  site: Site,
  oracle: Oracle,
  exponent: number,
): (number | undefined)[] {
  /** The derivative of an order at p + multiple·h, written in p and h. */
  const at = (multiple: bigint, times: number): Expr | undefined => {
    const beside = new Site(shifted(site, variable, ratio(multiple, exponent)), oracle);
    const reading = beside.read(formula);
    if (reading === undefined) return undefined;
    // A value is a value; a derivative is read off a formula that keeps its choices.
    if (times > 0 && !isSmooth(reading, variable)) throw new Unclear();
    const expr = beside.read(differentiate(reading.expr, times))?.expr;
    return expr && substitute(expr, new Map([[variable, add(variable, mul(fraction(multiple), STEP))]]));
  };
  const slope = (a: Expr | undefined, c: Expr | undefined, steps: number): number | undefined => {
    if (a === undefined || c === undefined) return undefined;
    const place = new Map(site.place).set(STEP, ratio(1n, exponent));
    const { exprs, point } = bound([div(sub(a, c), mul(steps, STEP))], place);
    const value = oracle.evaluate(exprs, [point])[0]!.high[0]!;
    if (Number.isNaN(value)) throw new Unclear();
    return value;
  };
  const first = [slope(at(1n, 0), here.expr, 1), slope(at(-1n, 0), here.expr, -1)];
  if (order === 1) return first;
  const lower = order - 1;
  const isContinuous = first.every((value) => value !== undefined && Math.abs(value) < 2 ** (exponent / 2));
  if (!isContinuous) return [undefined];
  return [
    slope(at(2n, lower), at(1n, lower), 1),
    slope(at(-2n, lower), at(-1n, lower), -1),
    slope(at(1n, lower), at(-1n, lower), 2),
  ];
}

/**
 * Two ties lie on curves of the input and a parameter that cross at the point; with several parameters that is not looked
 * into any further.
 */
function kinksMeet(f: Expr, { ties }: Reading, variable: Expr, site: Site): boolean {
  const parameters = variables(f).filter((name) => name !== variable);
  if (parameters.length > 1) return true;
  const curves = ties.map(([u, v]) => sub(u, v));
  return parameters.some((parameter) => {
    const slopes = curves.map((curve) =>
      [variable, parameter].map((name) => {
        const slope = site.read(derivative(curve, name))?.expr;
        return slope === undefined ? NaN : middle(site, slope);
      }),
    );
    return slopes.some(([a, c], i) => slopes.slice(0, i).some(([p, q]) => Math.abs(a! * q! - c! * p!) > SMALL));
  });
}

const middle = (site: Site, expr: Expr): number => {
  const exact = site.exact(expr);
  if (exact !== undefined) return rationalToNumber(exact);
  return site.precise(expr)?.high ?? NaN;
};
