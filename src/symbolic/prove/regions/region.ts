/** Where the input and the parameters are: an open cell between two bounds, or a point; and what is known of the parameters. */
import type { Expr } from "../../../ir/expr.js";
import { formulaText } from "../../../ir/print.js";

/** A place on the line of inputs: an expression of the parameters, or the only zero of a function between two numbers. */
export type Bound = { readonly kind: "exact"; readonly expr: Expr } | Isolated;

/** The only zero of `root` from `low` to `high`; or every one of them, where nobody knows how many there are. */
export interface Isolated {
  readonly kind: "isolated";
  readonly root: Expr;
  readonly low: number;
  readonly high: number;
  readonly every?: true;
}

/** An expression of the parameters and its sign in this case; in parts of a cell one of the input as well. */
export interface CaseFact {
  readonly subject: Expr;
  readonly sign: -1 | 1;
}

export interface Region {
  /** Absent at infinity. */
  readonly low?: Bound;
  readonly high?: Bound;
  /** The region is this one input. */
  readonly at?: Bound;
  readonly facts: readonly CaseFact[];
  /** Parameters that this case replaces, with what they are equal to. */
  readonly equalities: readonly (readonly [parameter: Expr, value: Expr])[];
}

export const exactly = (expr: Expr): Bound => ({ kind: "exact", expr });

/** The region's parts between the bounds, which lie in it in this order. */
export function cut(region: Region, bounds: readonly Bound[]): Region[] {
  const { low, high, ...rest } = region;
  const ends = [low, ...bounds, high];
  return ends.slice(1).map((end, i) => ({
    ...rest,
    ...(ends[i] !== undefined && { low: ends[i] }),
    ...(end !== undefined && { high: end }),
  }));
}

/** Regions from left to right, those with their common boundary between them as one. */
export function joined(regions: readonly Region[]): Region[] {
  const result: Region[] = [];
  for (const region of regions) {
    const [before, between] = result.slice(-2);
    const meets = between?.at !== undefined && before?.high === between.at && region.low === between.at;
    if (!meets) result.push(region);
    else {
      const { high: _, ...rest } = before!;
      result.splice(-2, 2, { ...rest, ...(region.high !== undefined && { high: region.high }) });
    }
  }
  return result;
}

export const boundText = (bound: Bound): string =>
  bound.kind === "exact"
    ? formulaText(bound.expr, 200)
    : bound.every === true
      ? `every zero of ${formulaText(bound.root, 200)}`
      : String((bound.low + bound.high) / 2);

/** `0 < x < 3, when a > 0`. */
export function regionText({ low, high, at, facts, equalities }: Region): string {
  let where = "every x";
  if (at !== undefined) where = `x ${at.kind === "exact" ? "=" : "≈"} ${boundText(at)}`;
  else if (low !== undefined && high !== undefined) where = `${boundText(low)} < x < ${boundText(high)}`;
  else if (low !== undefined) where = `x > ${boundText(low)}`;
  else if (high !== undefined) where = `x < ${boundText(high)}`;
  const cases = casesText(facts, equalities);
  return cases === "" ? where : `${where}, ${cases}`;
}

/** `when a > 0 and b = 1`. */
export function casesText(facts: Region["facts"], equalities: Region["equalities"]): string {
  const conditions = [
    ...facts.map(({ subject, sign }) => `${formulaText(subject, 200)} ${sign > 0 ? ">" : "<"} 0`),
    ...equalities.map(([parameter, value]) => `${formulaText(parameter)} = ${formulaText(value, 200)}`),
  ];
  return conditions.length === 0 ? "" : `when ${conditions.join(" and ")}`;
}
