/**
 * The right result in a region: of two formulas the first; of a derivative the derivative that the function has, and
 * where it has none the one that its own comparisons select. Where kinks meet both are right.
 */
import { constant, sub } from "../../../ir/build.js";
import { variables, type Expr } from "../../../ir/expr.js";
import { derivative } from "../../derivative.js";
import type { Fraction } from "../algebra/fraction.js";
import { UNIT, type Germ } from "../algebra/germ.js";
import { Germs } from "../algebra/germ-functions.js";
import { atReach, germOf } from "../algebra/germs-of.js";
import type { Normalizer, Side } from "../algebra/normalize.js";
import { simplicity } from "../algebra/obligations.js";
import { Ended, attempt, unless, valueOf } from "../outcome.js";
import { Resolver } from "./resolve.js";
import { POSITIVE } from "../signs/signs.js";
import type { Task } from "../task.js";

const ONE = constant(1);

/** The formula of a cell without its conditions; absent where it has no value there. */
export type Neighbour = Expr | undefined;

export interface Truth {
  readonly formula: Side;
  /** The right result; undefined where the formula has a value and no derivative of any kind. */
  readonly right: Pick<Side, "expr" | "value"> | undefined;
  /** The derivative's expression, with its obligations: to have a value, it needs them in addition to the formula's. */
  readonly derived: Side | undefined;
  /** The result that the formula's comparisons select, where kinks meet: that is right as well. */
  readonly selected: () => Side | undefined;
}

/** Undefined where the formula has no value. At a single input its two neighbours are its cells' formulas. */
export function truthIn(
  task: Task,
  n: Normalizer,
  neighbours?: readonly [before: Neighbour, after: Neighbour],
  claimed: () => Fraction | undefined = () => undefined,
): Truth | undefined {
  const formula = n.side(() => new Resolver(n).resolve(task.formula));
  if (formula === undefined) return undefined;
  const none = (): undefined => undefined;
  if (task.order === 0) return { formula, right: formula, derived: undefined, selected: none };
  if (!isPinned(task, n)) {
    const derived = derivedFrom(task, n, formula);
    return { formula, right: derived, derived, selected: none };
  }
  const select = (): Side | undefined => n.side(() => new Resolver(n).resolve(task.expected));
  if (!isSimple(n, task)) throw new Ended({ kind: "undecided", subject: task.formula });
  const byInput = task.variable === task.input;
  const sides = byInput ? neighbours : ([task.formula, task.formula] as const);
  const [left, right] = sides ?? [undefined, undefined];
  const claim = left !== undefined && right !== undefined ? claimed() : undefined;
  if (claim !== undefined) {
    const either = rightEitherWay(task, n, claim, [left!, right!], select);
    if (either !== undefined) return { formula, right: either, derived: either, selected: none };
  }
  const value = left && right && derivativeAt(task, n, formula.value, left, right);
  if (value === undefined) {
    const selected = select();
    return { formula, right: selected, derived: selected, selected: none };
  }
  const found = { value, expr: n.field.expression(value) };
  return { formula, right: found, derived: undefined, selected: () => (kinksMeet(task, n) ? select() : undefined) };
}

const concerns = (formula: Expr, sides: readonly Expr[]): boolean =>
  variables(formula).some((variable) => variables(...sides).includes(variable));

/** Does a step of the variable leave the region? */
function isPinned({ variable, input }: Task, { region: { at, equalities } }: Normalizer): boolean {
  if (at !== undefined && (variable === input || at.kind === "isolated" || variables(at.expr).includes(variable)))
    return true;
  return equalities.some((sides) => variables(...sides).includes(variable));
}

/** The derivative inside a cell, from the formula's normal form where the formula as it stands cannot be differentiated. */
function derivedFrom(task: Task, n: Normalizer, formula: Side): Side {
  const differentiated = (expr: Expr): Side | undefined =>
    n.side(() => task.withGradient(task.differentiate(expr, task.order)));
  const found = differentiated(formula.expr) ?? differentiated(n.field.expression(formula.value));
  if (found === undefined) throw new Ended({ kind: "undecided", subject: formula.expr });
  return found;
}

/** The derivative of the order asked for where both neighbours and the value itself make one; undefined where they do not. */
function derivativeAt(task: Task, n: Normalizer, value: Fraction, left: Expr, right: Expr): Fraction | undefined {
  const { field } = n;
  const same = (a: Fraction, c: Fraction): boolean => isSame(n, field.subtract(a, c));
  for (let order = 0; order < task.order; order++) {
    const isLast = order === task.order - 1;
    const beside = [left, right].map((expr, i) => {
      const direction = i === 0 ? -1 : 1;
      return germAt(task, n, task.differentiate(expr, order), direction, isLast);
    });
    const [before, after] = beside;
    if (before === undefined || after === undefined || !same(before.limit, after.limit)) return undefined;
    if (order === 0 && !same(before.limit, value)) return undefined;
    if (!isLast) continue;
    if (before.slope === undefined || after.slope === undefined || !same(before.slope, after.slope)) return undefined;
    return gradient(task, n, after.slope);
  }
  return undefined;
}

/**
 * The selected result, where the claim is that and a slope on one side as well: then it is right whether there is a
 * derivative or not, and nobody has to ask for which parameters there is one.
 */
function rightEitherWay(
  task: Task,
  n: Normalizer,
  claim: Fraction,
  [left, right]: readonly [Expr, Expr],
  select: () => Side | undefined,
): Side | undefined {
  return unless(["undecided", "cases", "undefined"], () => {
    const selected = select();
    const isClaimed = (value: Fraction): boolean => n.field.isZero(n.field.subtract(value, claim));
    if (selected === undefined || !isClaimed(selected.value)) return undefined;
    const isSlope = (expr: Expr, direction: 1 | -1): boolean => {
      const beside = germAt(task, n, task.differentiate(expr, task.order - 1), direction, true);
      return beside?.slope !== undefined && isClaimed(gradient(task, n, beside.slope));
    };
    return isSlope(right, 1) || isSlope(left, -1) ? selected : undefined;
  });
}

/** At every zero of a function the formula's parts are its neighbours on the two sides only where its sign changes. */
function isSimple(n: Normalizer, { variable }: Task): boolean {
  const { at } = n.region;
  if (at?.kind !== "isolated" || at.every !== true) return true;
  const [root, slope] = [n.fraction(at.root), n.fraction(derivative(at.root, variable))];
  return n.reasoner.signs(simplicity(root, slope, n.field)) === POSITIVE;
}

/** Is the difference 0? Beside a zero it is not where the two never vanish together. */
function isSame(n: Normalizer, difference: Fraction): boolean {
  const { at } = n.region;
  const sign = attempt(() => n.reasoner.sign(difference));
  if (sign.kind === "undecided" && at?.kind === "isolated")
    if (n.reasoner.signs(simplicity(difference, n.fraction(at.root), n.field)) === POSITIVE) return false;
  return valueOf(sign) === 0;
}

function gradient(task: Task, n: Normalizer, slope: Fraction): Fraction {
  return n.field.multiply(n.fraction(task.withGradient(ONE)), slope);
}

interface Beside {
  readonly limit: Fraction;
  /** Absent where it is infinite. */
  readonly slope: Fraction | undefined;
}

/** Limit and slope on one side; undefined where there is no value or no limit. */
function germAt(task: Task, n: Normalizer, expr: Expr, direction: 1 | -1, withSlope: boolean): Beside | undefined {
  return unless(["undefined"], () =>
    atReach(withSlope ? 1 : 0, (reach) => {
      const germs = new Germs(n, reach * UNIT, expr);
      const germ = germOf(expr, task.variable, direction, n, germs);
      const limit = coefficientAt(germs, germ, 0, expr);
      if (limit === undefined) return undefined;
      const rest = germs.subtract(germ, germs.constant(limit));
      const slope = withSlope ? coefficientAt(germs, rest, UNIT, expr) : n.field.zero;
      return { limit, slope: slope && (direction < 0 ? n.field.negate(slope) : slope) };
    }),
  );
}

/** The coefficient of a power; undefined where a lower one comes first. */
function coefficientAt(germs: Germs, germ: Germ, exponent: number, subject: Expr): Fraction | undefined {
  const lower = germ.terms.filter(([e]) => e < exponent);
  if (lower.length > 0 && germs.sign({ ...germ, terms: lower, order: Infinity }) !== 0) return undefined;
  if (exponent > 0 && germ.steep === true) return undefined;
  // The terms that are left out must be smaller than the power itself.
  if (germ.order <= exponent) throw new Ended({ kind: "undecided", subject });
  return germ.terms.find(([e]) => e === exponent)?.[1] ?? germs.zero;
}

/**
 * Kinks meet where the parameters satisfy two equations, or where two of the formula's comparisons are ties on curves of
 * the input and a parameter that cross: on either side of the special value the kinks are two.
 */
function kinksMeet(task: Task, n: Normalizer): boolean {
  const parameters = n.region.equalities.flatMap(([parameter, value]) => [parameter, ...variables(value)]);
  if (n.region.at === undefined || task.variable !== task.input || parameters.length === 0) return false;
  if (n.region.equalities.filter((sides) => concerns(task.formula, sides)).length > 1) return true;
  const ties: (readonly [Expr, Expr])[] = [];
  n.side(() => new Resolver(n, ties).resolve(task.formula));
  const slopes = (expr: Expr, variable: Expr): Fraction | undefined => n.side(() => derivative(expr, variable))?.value;
  const curves = ties.map(([u, v]) => sub(u, v));
  return parameters.some((parameter) => {
    const gradients = curves.flatMap((curve) => {
      const [along, across] = [slopes(curve, task.input), slopes(curve, parameter)];
      return along === undefined || across === undefined ? [] : [[along, across] as const];
    });
    return gradients.some(([along, across], i) =>
      gradients.slice(0, i).some(([otherAlong, otherAcross]) => {
        const { field } = n;
        const product = field.subtract(field.multiply(along, otherAcross), field.multiply(across, otherAlong));
        return n.reasoner.sign(product) !== 0;
      }),
    );
  });
}
