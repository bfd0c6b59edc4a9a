/** Zeros of a function of the input alone, each between two neighbouring numbers: interval arithmetic certifies them all. */
import { topological, type Expr } from "../../../ir/expr.js";
import { interval, type Interval } from "../../../ir/interval.js";
import { derivative } from "../../derivative.js";
import { createFacts } from "../../facts.js";
import type { Isolated } from "../regions/region.js";

/** Places where an interval is cut first: none of them is likely to be a zero. */
const CUTS = [-709.37, -87.41, -19.67, -6.29, -2.13, -0.717, 0.0617, 0.681, 2.03, 6.31, 19.73, 87.53, 709.41];
const MOST_PIECES = 400;

/** Every zero between `low` and `high`; undefined when some cannot be told. `pay` is told how many nodes are looked at. */
export function isolate(
  g: Expr,
  input: Expr,
  low: number,
  high: number,
  pay: (nodes: number) => void,
): Isolated[] | undefined {
  const slope = derivative(g, input);
  const size = topological([g, slope]).length;
  const over = (expr: Expr, from: number, to: number): Interval =>
    createFacts(new Map([[input, interval(from, to, true, from > 0 || to < 0)]]))(expr);
  const signAt = (at: number): number => {
    const { low: least, high: most } = over(g, at, at);
    return least > 0 ? 1 : most < 0 ? -1 : 0;
  };
  const inner = CUTS.filter((cut) => cut > low && cut < high);
  const ends = [low, ...inner, high];
  const open: [number, number][] = ends.slice(1).map((end, i) => [ends[i]!, end]);
  const roots: Isolated[] = [];
  for (let pieces = 0; open.length > 0; pieces++) {
    if (pieces > MOST_PIECES) return undefined;
    pay(size);
    const [from, to] = open.pop()!;
    const value = over(g, from, to);
    if (!value.defined) return undefined;
    if (value.nonzero || from === to) continue;
    const steepness = over(slope, from, to);
    const isFinite = Number.isFinite(from) && Number.isFinite(to);
    if (isFinite && (steepness.low > 0 || steepness.high < 0)) {
      const root = bisect(from, to);
      if (root === undefined) return undefined;
      if (root !== "none") roots.push(root);
      continue;
    }
    const middle = from === -Infinity ? to * 2 - 1 : to === Infinity ? from * 2 + 1 : (from + to) / 2;
    if (!Number.isFinite(middle) || middle <= from || middle >= to) return undefined;
    open.push([from, middle], [middle, to]);
  }
  return roots.sort((a, c) => a.low - c.low);

  /** The zero of g where it is strictly monotone. */
  function bisect(from: number, to: number): Isolated | "none" | undefined {
    let [least, most] = [from, to];
    const [first, last] = [signAt(least), signAt(most)];
    if (first === 0 || last === 0) return undefined;
    if (first === last) return "none";
    for (let i = 0; i < 60; i++) {
      const middle = (least + most) / 2;
      const sign = signAt(middle);
      if (sign === 0 || middle <= least || middle >= most) break;
      if (sign === first) least = middle;
      else most = middle;
    }
    return { kind: "isolated", root: g, low: least, high: most };
  }
}
