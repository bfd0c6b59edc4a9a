/** Cases of the parameters: where a sign depends on them, each sign is a case of its own. */
import { add, mul, sub } from "../../../ir/build.js";
import { substitute, topological, type Expr } from "../../../ir/expr.js";
import type { OperationName } from "../../../ir/ops.js";
import { createFacts } from "../../facts.js";
import { normalForm } from "../../simplify.js";
import { chartOf } from "./equate.js";
import type { Kernels } from "../algebra/kernels.js";
import { Normalizer } from "../algebra/normalize.js";
import { attempt, type Cases, type Outcome } from "../outcome.js";
import type { CaseFact, Region } from "./region.js";
import {
  ANY_SIGN,
  NEGATIVE,
  NONNEGATIVE,
  POSITIVE,
  ZERO_SIGN,
  isWithin,
  onlySign,
  signsOfInterval,
  type Signs,
} from "../signs/signs.js";

/** The parameters' side of a region. */
export type Case = Pick<Region, "facts" | "equalities">;

export const EVERY_PARAMETER: Case = { facts: [], equalities: [] };

/** The cases that replace one: one more fact, or one more equality, where the subject is 0. */
export interface Distinction {
  readonly subject: Expr;
  readonly cases: readonly Case[];
  /** A subject that may be 0 and cannot be solved for a parameter. */
  readonly open?: Expr;
}

/** The case, once for each sign that decides; where the subject is 0, a parameter is replaced. */
export const distinguish = (current: Case, cases: Cases, kernels: Kernels): Outcome<Distinction> =>
  attempt(() => distinction(current, cases, kernels));

function distinction(current: Case, { subject, signs }: Omit<Cases, "kind">, kernels: Kernels): Distinction {
  const inner = undecidedDomain(subject, current, kernels);
  if (inner !== undefined) return distinction(current, { subject: inner, signs: ANY_SIGN }, kernels);
  const chart = chartOf(subject, current, kernels);
  // A case distinction on the other parameters, where solving needs one, comes first.
  if (chart?.kind === "cases") return distinction(current, chart, kernels);
  const mayVanish = (signs & ZERO_SIGN) !== 0;
  const possible = signs & (chart?.signs ?? ANY_SIGN);
  const cases = mayVanish ? (chart?.zeros ?? []).map((zero) => replaced(current, chart!.parameter, zero)) : [];
  if (possible & NEGATIVE) cases.push({ ...current, facts: [...current.facts, { subject, sign: -1 }] });
  if (possible & POSITIVE) cases.push({ ...current, facts: [...current.facts, { subject, sign: 1 }] });
  return {
    subject,
    cases: cases.filter((other) => !contradictsItself(other, kernels)),
    ...(chart === undefined && mayVanish && { open: subject }),
  };
}

/** An operand in the subject whose sign, not told by the case, decides whether there is a value: it comes first. */
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
  log2: (u) => u,
  log10: (u) => u,
  log1mexp: (u) => u,
  acosh: (u) => sub(u!, 1),
  atanh: (u) => sub(1, mul(u!, u!)),
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
  const signs = attempt(() => {
    const n = new Normalizer(kernels, current);
    return n.reasoner.signs(n.fraction(subject), subject);
  });
  return signs.kind === "done" ? signs.value : ANY_SIGN;
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
