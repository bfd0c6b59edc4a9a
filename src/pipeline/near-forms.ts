/** Ways to write a loop's form in float32 arithmetic, with few operations in float64 on the way where these save digits. */
import { partsInSingle } from "../codegen/singles.js";
import { abs, constant, exp, lt, mul, neg, select, single, sqrt, sub, variable, x } from "../ir/build.js";
import { rebuild, substitute, topological, type Expr } from "../ir/expr.js";
import type { Lowerings } from "../math/float32.js";
import { DOUBLED, LEAN, SHARED, SHARED_DOUBLES, normalTail, ofWide, split, together } from "../math/singles.js";
import { isExact, wide, withWideArguments } from "../symbolic/in-double.js";
import { normalForm } from "../symbolic/simplify.js";

/** Functions, those of the fewest operations first where a form takes as long with both. */
const WAYS = [LEAN, SHARED];
/**
 * How far from 0 inputs may be: exp(80) and its inverse are normal numbers with room for a factor, and so are exp(-13²/2)
 * and the exponential of a cube.
 */
const REACHES = [80, 40, 13, 9];
/** Inputs beyond some reaches are not rare: a form that has them may take so many times as long. */
const WORTH: Readonly<Record<number, number>> = { 9: 1.125 };

/** A form for inputs up to a size. */
export interface NearForm {
  readonly reach: number;
  readonly near: Expr;
}

/** erfc(u) as exp(-u²)·erfcx(|u|), and 2 less that below 0, with arguments of exponentials that can be the same. */
const withGaussians = (form: Expr): Expr =>
  rebuild([form], (part) => {
    const [u] = part.args;
    if (part.op === "exp") return exp(normalForm(u!));
    if (part.op !== "erfc") return part;
    const scaled = normalForm(mul(sqrt(constant(2)), u!));
    const tail = mul(exp(normalForm(neg(mul(u!, u!)))), normalTail(abs(scaled)));
    return select(lt(scaled, 0), sub(2, tail), tail);
  }).get(form)!;

/** All of them, quicker ones first. `lowered` writes the form with other lowerings of functions. */
export function nearForms(form: Expr, lowered: (form: Expr, lowerings: Lowerings) => Expr): readonly NearForm[] {
  const forms = topological([form]).some(({ op }) => op === "erfc") ? [form, withGaussians(form)] : [form];
  return forms
    .flatMap((each) => writtenForms(each, lowered))
    .map((each) => ({ each, time: timeOf(each.near) * (WORTH[each.reach] ?? 1) }))
    .sort((a, b) => a.time - b.time)
    .map(({ each }) => each);
}

function writtenForms(form: Expr, lowered: (form: Expr, lowerings: Lowerings) => Expr): readonly NearForm[] {
  const narrow = rebuild([form], (part, original) => {
    const found = together(original);
    return found === undefined ? part : single(found);
  }).get(form)!;
  const inReach = (of: Expr, way: Lowerings): readonly NearForm[] =>
    REACHES.map((reach) => {
      // An input that is known to be near needs no bounds further out.
      const bounded = variable("input", "x", [-reach, reach]);
      const short = lowered(substitute(of, new Map([[x, bounded]])), way);
      return { reach, near: substitute(short, new Map([[bounded, x]])) };
    });
  const written = WAYS.flatMap((way) => {
    const mended = withWideArguments(narrow, x, ofWide(way));
    return (mended === narrow ? [narrow] : [narrow, mended]).map((of) => inReach(of, way));
  });
  const doubled = [DOUBLED, SHARED_DOUBLES].flatMap((way) => withDoubledResults(form, way) ?? []);
  return [...written, ...doubled.map((of) => inReach(of, LEAN))].flat();
}

/** Operations, those in float64 twice: a vector has half as many of them. */
const timeOf = (expr: Expr): number => 2 * topological([expr]).length - partsInSingle(expr).length;

/** A form in float64 but for its exponentials; undefined where it has none. */
function withDoubledResults(form: Expr, way: Lowerings): Expr | undefined {
  const results = new Map<Expr, Expr>();
  const outer = rebuild([form], (part, original) => {
    const {
      op,
      args: [argument],
    } = original;
    const lowering = way[op];
    const found =
      together(original) ??
      (lowering === undefined
        ? undefined
        : isExact(argument!)
          ? lowering(argument!)
          : lowering(...split(wide(argument!, x))));
    if (found === undefined) return part;
    const place = variable("wildcard", `result${results.size}`);
    results.set(place, found);
    return place;
  }).get(form)!;
  return results.size === 0 ? undefined : single(substitute(wide(outer, x), results));
}
