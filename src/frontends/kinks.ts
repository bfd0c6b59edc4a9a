/** The inputs where a branch begins, solved from the conditions that an expression contains. */
import { add, constant, div, fraction, fromRational, mul, neg, x } from "../ir/build.js";
import { evaluate } from "../ir/evaluate.js";
import { topological, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import { addRational, invertRational, multiplyRational, negateRational, type Rational } from "../ir/rational.js";

/** slope · x + offset, both free of x; a slope that is absent is 0. */
interface Line {
  readonly slope?: Expr;
  readonly offset: Expr;
}

const ZERO = fraction(0);
const value = (expr: Expr): Rational | undefined => (expr.op === "rational" ? (expr.payload as Rational) : undefined);

/** Sums and products that stay numbers where they can, so that the kink of `x + 3 > 0` is -3. */
function plus(a: Expr, b: Expr): Expr {
  const [p, q] = [value(a), value(b)];
  if (p !== undefined && q !== undefined) return fromRational(addRational(p, q));
  if (a === ZERO) return b;
  return b === ZERO ? a : add(a, b);
}

function minus(a: Expr): Expr {
  const p = value(a);
  if (p !== undefined) return fromRational(negateRational(p));
  return a.op === "neg" ? a.args[0]! : neg(a);
}

function times(a: Expr, b: Expr): Expr {
  const [p, q] = [value(a), value(b)];
  if (p !== undefined && q !== undefined) return fromRational(multiplyRational(p, q));
  if (a === ZERO || b === ZERO) return ZERO;
  for (const [factor, other] of [
    [p, b],
    [q, a],
  ] as const)
    if (factor?.denominator === 1n && (factor.numerator === 1n || factor.numerator === -1n))
      return factor.numerator === 1n ? other : minus(other);
  return mul(a, b);
}

function over(a: Expr, b: Expr): Expr {
  const q = value(b);
  if (a === ZERO) return ZERO;
  if (b.op === "neg") return div(minus(a), b.args[0]!);
  if (q === undefined) return div(a, b);
  return value(a) === undefined && q.denominator === 1n && q.numerator > 1n
    ? div(a, b)
    : times(a, fromRational(invertRational(q)));
}

const line = (slope: Expr | undefined, offset: Expr): Line =>
  slope === undefined || slope === ZERO ? { offset } : { slope, offset };

const addLines = (a: Line, b: Line): Line =>
  line(
    a.slope === undefined || b.slope === undefined ? (a.slope ?? b.slope) : plus(a.slope, b.slope),
    plus(a.offset, b.offset),
  );

const scaleLine = (a: Line, factor: Expr): Line =>
  line(a.slope === undefined ? undefined : times(a.slope, factor), times(a.offset, factor));

const minusLine = (a: Line): Line => line(a.slope === undefined ? undefined : minus(a.slope), minus(a.offset));

/** A branch begins where the two are equal. */
const BORDERS: Partial<Record<OperationName, (...args: Expr[]) => readonly [Expr, Expr]>> = {
  lt: (a, b) => [a!, b!],
  le: (a, b) => [a!, b!],
  eq: (a, b) => [a!, b!],
  min: (a, b) => [a!, b!],
  max: (a, b) => [a!, b!],
  abs: (a) => [a!, ZERO],
  sign: (a) => [a!, ZERO],
};

/**
 * The kinks that come from lines, also in pieces: |line|, clamped lines. Where a piece leads to a root outside of itself,
 * the two sides of the border differ there at every one of the given points, and the root is left out.
 */
export function findKinks(formula: Expr, points: readonly Bindings[]): readonly Expr[] {
  const pieces = new Map<Expr, readonly Line[]>();
  const kinks = new Set<Expr>();
  for (const expr of topological([formula])) {
    pieces.set(expr, piecesOf(expr, pieces));
    const border = BORDERS[expr.op]?.(...expr.args);
    if (border === undefined) continue;
    for (const left of pieces.get(border[0])!)
      for (const right of pieces.get(border[1]) ?? [{ offset: ZERO }]) {
        const { slope, offset } = addLines(left, minusLine(right));
        if (slope === undefined) continue;
        const root = over(minus(offset), slope);
        if (points.some((point) => meet(border, root, point))) kinks.add(root);
      }
  }
  return [...kinks];
}

type Bindings = Readonly<Record<string, number>>;

const TOLERANCE = 1e-9;

function meet([left, right]: readonly [Expr, Expr], root: Expr, point: Bindings): boolean {
  const at = evaluate(root, point);
  const [a, b] = [left, right].map((side) => evaluate(side, { ...point, x: at }));
  return Number.isFinite(at) && Math.abs(a! - b!) <= TOLERANCE * (1 + Math.abs(a!) + Math.abs(at));
}

const MOST_PIECES = 4;

function piecesOf(expr: Expr, known: ReadonlyMap<Expr, readonly Line[]>): readonly Line[] {
  if (expr === x) return [{ slope: constant(1), offset: ZERO }];
  const operands = expr.args.map((arg) => known.get(arg)!);
  if (operands.every((lines) => lines.length === 1 && lines[0]!.slope === undefined)) return [{ offset: expr }];
  return (PIECES[expr.op]?.(...operands) ?? []).slice(0, MOST_PIECES);
}

type Pieces = readonly Line[];

/** How the pieces of a result come from those of its operands; operations that are absent have none. */
const PIECES: Partial<Record<OperationName, (...operands: Pieces[]) => Pieces>> = {
  add: (u, v) => pairs(u!, v!, addLines),
  sub: (u, v) => pairs(u!, v!, (a, b) => addLines(a, minusLine(b))),
  neg: (u) => u!.map(minusLine),
  mul: (u, v) =>
    pairs(u!, v!, (a, b) => {
      if (b.slope === undefined) return scaleLine(a, b.offset);
      return a.slope === undefined ? scaleLine(b, a.offset) : undefined;
    }),
  div: (u, v) => pairs(u!, v!, divideLine),
  abs: (u) => [...u!, ...u!.map(minusLine)],
  min: (u, v) => [...u!, ...v!],
  max: (u, v) => [...u!, ...v!],
  select: (_, u, v) => [...u!, ...v!],
};

const pairs = (u: Pieces, v: Pieces, combine: (a: Line, b: Line) => Line | undefined): Pieces =>
  u.flatMap((a) => v.flatMap((b) => combine(a, b) ?? []));

function divideLine(a: Line, b: Line): Line | undefined {
  if (b.slope !== undefined || b.offset === ZERO) return undefined;
  return line(a.slope === undefined ? undefined : over(a.slope, b.offset), over(a.offset, b.offset));
}
