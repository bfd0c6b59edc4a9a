/** In one region every condition is decided: what is left of an expression is the branch that its comparisons select. */
import { constant, neg, sub } from "../../../ir/build.js";
import { withArgs, type Expr } from "../../../ir/expr.js";
import type { OperationName } from "../../../ir/ops.js";
import type { Normalizer } from "../algebra/normalize.js";
import { NONNEGATIVE, NONPOSITIVE, isWithin, type Sign } from "../signs/signs.js";

type Known = Expr | boolean;

/** A node's next step: another node is needed first, or the node is what is returned. */
type Step = { readonly need: Expr } | { readonly result: Known };

/** The sign of u - v throughout the region. */
function compare(n: Normalizer, u: Expr, v: Expr): Sign {
  if (u === v) {
    // Only where it has a value is it equal to itself.
    n.fraction(u);
    return 0;
  }
  const difference = v === ZERO ? u : u === ZERO ? neg(v) : sub(u, v);
  const quick = n.region.at === undefined ? onlyFact(n, difference) : undefined;
  return quick ?? n.reasoner.sign(n.fraction(difference), difference);
}

const ZERO = constant(0);

/** What intervals alone tell costs no normal form. */
function onlyFact(n: Normalizer, difference: Expr): -1 | 1 | undefined {
  const fact = n.reasoner.facts(difference);
  if (!fact.defined) return undefined;
  return fact.low > 0 ? 1 : fact.high < 0 ? -1 : undefined;
}

const decided = (value: boolean): Step => ({ result: value });

/** Operations that choose: each gets its resolved arguments. */
const CHOICES: { readonly [K in OperationName]?: (n: Normalizer, ...args: Expr[]) => Known } = {
  abs: (n, u) => {
    const signs = n.reasoner.signs(n.fraction(u!), u);
    if (isWithin(signs, NONNEGATIVE)) return u!;
    return isWithin(signs, NONPOSITIVE) || n.reasoner.sign(n.fraction(u!), u) < 0 ? neg(u!) : u!;
  },
  sign: (n, u) => constant(n.reasoner.sign(n.fraction(u!), u)),
  min: (n, u, v) => (compare(n, v!, u!) < 0 ? v! : u!),
  max: (n, u, v) => (compare(n, u!, v!) < 0 ? v! : u!),
  lt: (n, u, v) => compare(n, u!, v!) < 0,
  le: (n, u, v) => compare(n, u!, v!) <= 0,
  eq: (n, u, v) => compare(n, u!, v!) === 0,
};

const pair = (u?: Expr, v: Expr = ZERO): readonly [Expr, Expr] => [u!, v];

/** What operations that choose compare. */
const COMPARED: { readonly [K in OperationName]?: (u?: Expr, v?: Expr) => readonly [Expr, Expr] } = {
  abs: (u) => pair(u),
  sign: (u) => pair(u),
  min: pair,
  max: pair,
  lt: pair,
  le: pair,
  eq: pair,
};

/** The expression without conditions; memory is shared by calls for the same region. */
export class Resolver {
  private readonly known = new Map<Expr, Known>();

  /** `ties` collects different values that are compared and equal throughout the region. */
  constructor(
    private readonly normalizer: Normalizer,
    private readonly ties?: (readonly [Expr, Expr])[],
  ) {}

  resolve(root: Expr): Expr {
    const stack = [root];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      if (this.known.has(top)) {
        stack.pop();
        continue;
      }
      const step = this.step(top);
      if ("need" in step) stack.push(step.need);
      else {
        stack.pop();
        this.known.set(top, step.result);
      }
    }
    return this.known.get(root) as Expr;
  }

  private step(expr: Expr): Step {
    const [a, b] = expr.args;
    if (expr.op === "select" || expr.op === "and" || expr.op === "or" || expr.op === "not") {
      const condition = this.known.get(a!);
      if (condition === undefined) return { need: a! };
      if (expr.op === "not") return decided(condition !== true);
      // Only what the condition selects is looked at: the other branch may have no value here.
      const rest = expr.op === "select" ? expr.args[condition === true ? 1 : 2]! : b!;
      if (expr.op === "and" && condition === false) return decided(false);
      if (expr.op === "or" && condition === true) return decided(true);
      const value = this.known.get(rest);
      return value === undefined ? { need: rest } : { result: value };
    }
    for (const arg of expr.args) if (!this.known.has(arg)) return { need: arg };
    const args = expr.args.map((arg) => this.known.get(arg) as Expr);
    if (this.ties !== undefined) {
      const [u, v] = COMPARED[expr.op]?.(...args) ?? [];
      if (u !== v && compare(this.normalizer, u!, v!) === 0) this.ties.push([u!, v!]);
    }
    return { result: CHOICES[expr.op]?.(this.normalizer, ...args) ?? withArgs(expr, args) };
  }
}
