/** Cases of the parameters: where a sign depends on them, each sign is a case of its own. */
import { add } from "../../../ir/build.js";
import { substitute, topological, type Expr } from "../../../ir/expr.js";
import type { OperationName } from "../../../ir/ops.js";
import { createFacts } from "../../facts.js";
import { normalForm } from "../../simplify.js";
import { chartOf } from "./equate.js";
import type { Kernels } from "../algebra/kernels.js";
import { Normalizer } from "../algebra/normalize.js";
import { Exhausted } from "../algebra/polynomial.js";
import type { CaseFact, Region } from "./region.js";
import {
  ANY_SIGN,
  CaseSplit,
  NEGATIVE,
  NONNEGATIVE,
  POSITIVE,
  Restart,
  Split,
  Undecided,
  Undefined,
  ZERO_SIGN,
  isWithin,
  onlySign,
  signsOfInterval,
  type Signs,
} from "../signs/signs.js";

/** The parameters' side of a region. */
export type Case = Pick<Region, "facts" | "equalities">;

export const EVERY_PARAMETER: Case = { facts: [], equalities: [] };

/**
 * The case, once for each sign that decides; where the subject is 0, a parameter is replaced. `open` hears of a subject that
 * cannot be solved for one.
 */
export function distinguish(
  current: Case,
  { subject, signs }: CaseSplit,
  kernels: Kernels,
  open: (subject: Expr) => void,
): Case[] {
  const inner = undecidedDomain(subject, current, kernels);
  if (inner !== undefined) return distinguish(current, new CaseSplit(inner, ANY_SIGN), kernels, open);
  const chart = chartOf(subject, current, kernels);
  // What has to be known of the other parameters comes first.
  if (chart instanceof CaseSplit) return distinguish(current, chart, kernels, open);
  if (chart === undefined && signs & ZERO_SIGN) open(subject);
  const possible = signs & (chart?.signs ?? ANY_SIGN);
  const cases = signs & ZERO_SIGN ? (chart?.zeros ?? []).map((zero) => replaced(current, chart!.parameter, zero)) : [];
  if (possible & NEGATIVE) cases.push({ ...current, facts: [...current.facts, { subject, sign: -1 }] });
  if (possible & POSITIVE) cases.push({ ...current, facts: [...current.facts, { subject, sign: 1 }] });
  return cases.filter((other) => !contradictsItself(other, kernels));
}

/** What a function or a quotient in the subject has a value for, where the case does not tell its sign: that comes first. */
function undecidedDomain(subject: Expr, current: Case, kernels: Kernels): Expr | undefined {
  for (const { op, args } of topological([subject])) {
    const operand = DOMAINS[op]?.(...args);
    if (operand === undefined || operand.closed) continue;
    const signs = signsIn(current, operand, kernels);
    if (onlySign(signs) === undefined && !(op === "sqrt" && isWithin(signs, NONNEGATIVE))) return operand;
  }
  return undefined;
}

/** The operand on whose sign it depends whether there is a value. */
const DOMAINS: { readonly [K in OperationName]?: (u?: Expr, v?: Expr) => Expr | undefined } = {
  log: (u) => u,
  log1p: (u) => add(u!, 1),
  sqrt: (u) => u,
  div: (_, v) => v,
  pow: (u) => u,
};

/** One of the facts is excluded by the others: there is no such case. */
const contradictsItself = (current: Case, kernels: Kernels): boolean =>
  current.facts.some(({ subject, sign }, i) => {
    const others = { ...current, facts: current.facts.filter((_, j) => j !== i) };
    return (signsIn(others, subject, kernels) & (sign > 0 ? POSITIVE : NEGATIVE)) === 0;
  });

/** The signs that an expression of the parameters may have in a case. */
function signsIn(current: Case, subject: Expr, kernels: Kernels): Signs {
  try {
    const n = new Normalizer(kernels, current);
    return n.reasoner.signs(n.fraction(subject), subject);
  } catch (error) {
    if ([CaseSplit, Exhausted, Restart, Split, Undecided, Undefined].some((kind) => error instanceof kind))
      return ANY_SIGN;
    throw error;
  }
}

function replaced({ facts, equalities }: Case, parameter: Expr, value: Expr): Case {
  const replace = (expr: Expr): Expr => normalForm(substitute(expr, new Map([[parameter, value]])));
  const surely = ({ subject, sign }: CaseFact): boolean =>
    subject.closed && signsOfInterval(createFacts()(subject)) === (sign > 0 ? POSITIVE : NEGATIVE);
  return {
    facts: facts.map(({ subject, sign }) => ({ subject: replace(subject), sign })).filter((fact) => !surely(fact)),
    equalities: [...equalities.map(([name, other]) => [name, replace(other)] as const), [parameter, value]],
  };
}
