/**
 * The bound on a difference in one cell: boxes of inputs and parameters are halved until in each the difference is small
 * beside the value, or small beside every float.
 */
import { variableOf, type Expr } from "../../../ir/expr.js";
import { formulaText } from "../../../ir/print.js";
import type { Interval } from "../../../ir/interval.js";
import { constant } from "../../../ir/build.js";
import { LARGEST } from "../../arithmetic.js";
import { Sizes, type Box, type Coordinated, type Span } from "./estimate.js";
import { Expanded, sizeOf } from "./expand.js";
import { polynomialExpression, type Fraction } from "../algebra/fraction.js";
import type { Normalizer } from "../algebra/normalize.js";
import type { Generator, Monomial } from "../algebra/polynomial.js";
import { exactly, type Bound } from "../regions/region.js";
import { Ended } from "../outcome.js";
import { PER_BIT, between, log, product, type Size } from "./size.js";

/** Logarithms of base 2: the difference over the value where that is small enough, else the difference itself. */
export interface Bounds {
  readonly relative?: number;
  readonly absolute?: number;
}

/** Differences too small for floats to see, as logarithms of base 2, and the largest finite input. */
export interface Sight {
  readonly largest: number;
  /** Beside the value. */
  readonly relative: number;
  /** Far beneath the smallest normal float. */
  readonly absolute: number;
}

export const DOUBLES: Sight = { largest: LARGEST.float64, relative: -50, absolute: -1022 - 40 };
/** Doubles of which the inputs are float32. */
export const DOUBLES_OF_SINGLES: Sight = { ...DOUBLES, largest: LARGEST.float32 };
export const SINGLES: Sight = { largest: LARGEST.float32, relative: -26, absolute: -126 - 24 };

const MOST_BOXES = 600;
/** Boxes narrower than this are not halved. */
const NARROWEST = 2 ** -5 * PER_BIT;
/** The logarithm of the smallest float, and that of all floats. */
const [LEAST, MOST] = [-1074 * PER_BIT, 1024 * PER_BIT];

export const weaker = (a: Bounds, b: Bounds): Bounds => {
  const [relative, absolute] = [larger(a.relative, b.relative), larger(a.absolute, b.absolute)];
  return { ...(relative !== undefined && { relative }), ...(absolute !== undefined && { absolute }) };
};
const larger = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);

/** A float above 2^log. */
export const powerOfTwo = (log: number): number => Math.max(2 ** log * (1 + 2 ** -40), Number.MIN_VALUE);

/** Bounds for a cell; undefined when no float lies in it. */
export function estimateCell(
  n: Normalizer,
  difference: Fraction,
  before: Fraction,
  parameters: readonly Expr[],
  sight: Sight,
): Bounds | { readonly reason: string } | undefined {
  const { field } = n;
  const frame = frameOf(n, [difference, before], parameters, sight.largest);
  if (frame === undefined) return undefined;
  const { coordinated, box: whole, names } = frame;
  const expanded = new Expanded({ kernels: n.kernels, coordinated }, whole);
  const absolutes = expanded.prepared(difference);
  const relatives = field.isZero(before) ? undefined : expanded.quotient(difference, before);
  let bounds: Bounds = {};
  const open: Box[] = [whole];
  for (let count = 0; open.length > 0; count++) {
    const box = open.pop()!;
    const sizes = new Sizes(expanded.terrain, box);
    const relative = relatives === undefined ? Infinity : inBits(sizeOf(relatives, sizes).high);
    const absolute = relative <= sight.relative ? Infinity : inBits(sizeOf(absolutes, sizes).high);
    if (relative <= sight.relative) bounds = weaker(bounds, { relative });
    else if (absolute <= sight.absolute) bounds = weaker(bounds, { absolute });
    else {
      const halves = count < MOST_BOXES ? halved(box) : undefined;
      if (halves === undefined) return { reason: shortfall(box, names, relative, absolute) };
      open.push(...halves);
    }
  }
  return bounds;
}

const shortfall = (box: Box, names: readonly string[], relative: number, absolute: number): string => {
  const place = box.flatMap(({ low, high }, i) =>
    low === high ? [] : [`|${names[i]}| from ${text(inBits(low))} to ${text(inBits(high))}`],
  );
  const where = place.length === 0 ? "" : ` for ${place.join(", ")}`;
  return `the difference is only known to be below ${text(relative)} of the value and ${text(absolute)}${where}`;
};
const text = (bits: number): string => `2^${Number(bits.toPrecision(6))}`;
/** A logarithm of base 2. */
const inBits = (logarithm: number): number => logarithm / PER_BIT;

/** The widest side halved: at small magnitudes first. */
function halved(box: Box): [Box, Box] | undefined {
  const widths = box.map(({ low, high }) => high - low);
  const axis = widths.indexOf(Math.max(...widths));
  const { low, high } = box[axis]!;
  if (!(high - low > NARROWEST)) return undefined;
  const middle =
    low === -Infinity
      ? Math.min(LEAST, high - PER_BIT)
      : high === Infinity
        ? Math.max(MOST, low + PER_BIT)
        : (low + high) / 2;
  const replaced = (span: Span): Box => box.map((own, i) => (i === axis ? span : own));
  return [replaced({ low: middle, high }), replaced({ low, high: middle })];
}

interface Frame {
  readonly coordinated: ReadonlyMap<Generator, Coordinated>;
  readonly box: Box;
  readonly names: readonly string[];
}

/** The coordinates of a cell: the input times what it enters exponentials with, then the parameters. */
function frameOf(
  n: Normalizer,
  fractions: readonly Fraction[],
  parameters: readonly Expr[],
  largest: number,
): Frame | undefined {
  const { kernels, field, reasoner, region } = n;
  const { algebra, input } = kernels;
  const coordinated = new Map<Generator, Coordinated>();
  const axis = (which: number): number[] => [input, ...parameters].map((_, i) => (i === which ? 1 : 0));
  const box: Span[] = [{ low: 0, high: 0 }];
  parameters.forEach((parameter, i) => {
    const fact = reasoner.facts(parameter);
    coordinated.set(kernels.variable(parameter), { sign: signOf(fact), powers: axis(i + 1) });
    box.push(spanOf(fact, variableOf(parameter).range));
  });
  const names = ["x", ...parameters.map((parameter) => variableOf(parameter).name)];
  if (region.at?.kind === "exact") return { coordinated, box, names };

  const sign = sideOfZero(n);
  const companion = companionOf(n, fractions);
  names[0] = formulaText(
    polynomialExpression(algebra.of(algebra.times(companion, algebra.power(kernels.variable(input), 1))), algebra),
  );
  const powers = axis(0);
  companion.generators.forEach((generator, i) => {
    coordinated.get(generator)!.powers.forEach((own, j) => (powers[j]! -= own * companion.exponents[i]!));
  });
  // While the box's first side is that of 1, these are sizes in terms of the parameters alone.
  const sizes = new Sizes({ kernels, coordinated, rests: new Map() }, box);
  const beside = sizes.term(companion, 1n);
  const scaled = (bound: Bound | undefined): Size | undefined => {
    if (bound === undefined) return undefined;
    if (bound.kind === "isolated") return product(between(bound.low, bound.high), beside);
    return sizes.fraction(field.multiply(n.fraction(bound.expr), field.monomial(companion)));
  };
  const [near, far] = sign > 0 ? [region.low, region.high] : [region.high, region.low];
  const [inner, outer] = [scaled(near), scaled(far)];
  const low = Math.max(LEAST + beside.low, inner?.low ?? -Infinity);
  const high = Math.min(log(largest) + beside.high, outer?.high ?? Infinity);
  if (low > high) return undefined;
  box[0] = { low, high };
  coordinated.set(kernels.variable(input), { sign, powers });
  return { coordinated, box, names };
}

/** The sign of the input in this cell, which is cut at 0 when it has both. */
function sideOfZero(n: Normalizer): -1 | 1 {
  const { region, reasoner } = n;
  const known = signOf(reasoner.facts(reasoner.kernels.input));
  if (known !== 0) return known;
  // Where the parameters decide on which side a bound lies, this asks for the cases.
  const sideOf = (bound: Bound | undefined): number | undefined =>
    bound?.kind === "exact" ? reasoner.sign(n.fraction(bound.expr), bound.expr) : undefined;
  if ((sideOf(region.low) ?? -1) >= 0) return 1;
  if ((sideOf(region.high) ?? 1) <= 0) return -1;
  throw new Ended({ kind: "split", bounds: [exactly(constant(0))] });
}

const signOf = ({ low, high }: Interval): -1 | 0 | 1 => (low >= 0 ? 1 : high <= 0 ? -1 : 0);

function spanOf({ low, high, nonzero }: Interval, [least, most]: readonly [number, number]): Span {
  const magnitude = log(Math.max(-low, high));
  const smallest = low > 0 ? log(low) : high < 0 ? log(-high) : nonzero ? LEAST : -Infinity;
  return least === most ? { low: magnitude, high: magnitude } : { low: smallest, high: Math.min(magnitude, MOST) };
}

/** The product of parameters that the input stands with in an exponent. */
function companionOf(n: Normalizer, fractions: readonly Fraction[]): Monomial {
  const { kernels } = n;
  const { algebra } = kernels;
  const generators = fractions.flatMap(({ numerator, factors }) =>
    [numerator, ...[...factors.keys()].map(({ polynomial }) => polynomial)].flatMap((p) =>
      [...p.keys()].flatMap((monomial) => monomial.generators),
    ),
  );
  const own = algebra.power(kernels.variable(kernels.input), 1);
  for (const generator of new Set(generators)) {
    const kernel = kernels.kind(generator);
    if (kernel?.kind !== "exponential" || kernel.exponent.factors.size > 0) continue;
    const others = algebra.times(kernel.exponent.monomial, algebra.inverse(own));
    if (others.generators.length === 0) continue;
    if (others.generators.every((g) => kernels.kind(g).kind === "variable" && !kernels.depends(g))) return others;
  }
  return algebra.unit;
}
