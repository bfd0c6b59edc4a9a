/**
 * The derivative where pieces join smoothly. A comparison decides which piece counts at a single input; where the pieces
 * meet with one slope that slope is the derivative, whatever the comparison selects.
 */
import { constant, eq, le, lt, select, sub } from "../ir/build.js";
import { substitute, topological, type Expr } from "../ir/expr.js";
import { isPiecewise, liftPieces } from "./pieces.js";
import type { Prover } from "./prove/prove.js";
import type { Place } from "./prove/verdict.js";
import { normalForm } from "./simplify.js";

const ZERO = constant(0);
/** More than this many inputs are not mended. */
const MOST_PLACES = 4;

/** The derivative of some order with the right value at single inputs where it had another, or none. */
export function withSmoothJoins(formula: Expr, claim: Expr, order: number, input: Expr, prover: Prover): Expr {
  if (!topological([formula]).some(isPiecewise)) return claim;
  const proof = prover.prove({ formula, claim, order });
  if (proof.verdict !== "equal-except") return claim;
  const places = proof.places.filter((place) => !place.forSpecialParameters && place.input && place.right);
  if (places.length > MOST_PLACES) return claim;
  return places.reduce((expr, place) => joined(expr, place, input), claim);
}

function joined(expr: Expr, { input: at, right }: Place, input: Expr): Expr {
  const atPlace = (form: Expr): Expr => normalForm(substitute(form, new Map([[input, at!]])));
  const isZero = (form: Expr): boolean => normalForm(form) === ZERO;
  const lifted = liftPieces(expr) ?? expr;
  for (const comparison of topological([lifted])) {
    const flip = FLIPPED[comparison.op as keyof typeof FLIPPED] as typeof lt | undefined;
    if (flip === undefined) continue;
    const [a, b] = comparison.args as [Expr, Expr];
    if (!isZero(atPlace(sub(a, b)))) continue;
    const flipped = withoutDecided(substitute(lifted, new Map([[comparison, flip(a, b)]])));
    if (isZero(sub(atPlace(flipped), right!))) return flipped;
  }
  return select(eq(input, at!), right!, expr);
}

const FLIPPED = { lt: le, le: lt };

/** Case distinctions at the top without those that the ones before them decide. */
function withoutDecided(expr: Expr): Expr {
  const chain: { readonly condition: Expr; readonly then: Expr }[] = [];
  const decided = new Map<Expr, boolean>();
  let rest = expr;
  while (rest.op === "select") {
    const [condition, then, otherwise] = rest.args as [Expr, Expr, Expr];
    const known = decided.get(condition);
    if (known === undefined) {
      chain.push({ condition, then });
      // a < b is false here, so b <= a is true.
      const [a, b] = condition.args as [Expr, Expr];
      if (condition.op === "lt") decided.set(condition, false).set(le(b, a), true);
      if (condition.op === "le") decided.set(condition, false).set(lt(b, a), true).set(le(b, a), true);
    }
    rest = known === true ? then : otherwise;
  }
  return chain.reduceRight(
    (result, { condition, then }) => (then === result ? result : select(condition, then, result)),
    rest,
  );
}
