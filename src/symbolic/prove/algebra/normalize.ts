/**
 * Expressions without conditions as fractions over kernels, one row per operation. Denominators, logarithms and roots ask
 * for what makes them defined; what the region does not decide is noted as an obligation.
 */
import { add, sub } from "../../../ir/build.js";
import type { Expr } from "../../../ir/expr.js";
import type { OperationName } from "../../../ir/ops.js";
import { rational, type Rational } from "../../../ir/rational.js";
import { exponential, logarithm, squareRoot, wave } from "./elementary.js";
import type { Field, Fraction } from "./fraction.js";
import type { Kernels, OddKernel } from "./kernels.js";
import { keyOf, obligationsOf, type Obligation, type Obligations } from "./obligations.js";
import type { Generator } from "./polynomial.js";
import { power } from "./powers.js";
import { Reasoner } from "../signs/reasoner.js";
import { Ended, unless } from "../outcome.js";
import type { Region } from "../regions/region.js";
import { NEGATIVE, NONNEGATIVE, NONZERO, POSITIVE, ZERO_SIGN, isWithin, type Signs } from "../signs/signs.js";

/** One side of a goal in one region. */
export interface Side {
  /** Without conditions. */
  readonly expr: Expr;
  readonly value: Fraction;
  /** The conditions for it to have a value that are not known to hold. */
  readonly obligations: Obligations;
}

type Step = (n: Normalizer, args: readonly Fraction[], expr: Expr) => Fraction;

const HALF: Rational = rational(1n, 2n);

/** Conditions and what is short for them are resolved before. */
const resolved: Step = (_, __, expr) => {
  throw new Ended({ kind: "exhausted", reason: `the condition in ${expr.op} was not resolved` });
};

const STEPS: Readonly<Record<OperationName, Step>> = {
  rational: ({ field }, _, expr) => field.rational(expr.payload as Rational),
  float: ({ field }, _, expr) => {
    if (expr.payload !== 0) throw new Ended({ kind: "undefined" });
    return field.zero;
  },
  pi: ({ field, kernels }) => field.monomial(kernels.algebra.power(kernels.pi, 1)),
  variable: (n, _, expr) => n.variable(expr),
  add: ({ field }, [a, c]) => field.add(a!, c!),
  sub: ({ field }, [a, c]) => field.subtract(a!, c!),
  mul: ({ field }, [a, c]) => field.multiply(a!, c!),
  div: (n, [a, c], expr) => {
    n.require(c!, NONZERO, expr.args[1]!);
    return n.field.divide(a!, c!);
  },
  neg: ({ field }, [a]) => field.negate(a!),
  pow: (n, [base, exponent], expr) => power(n, base!, exponent!, expr),
  sqrt: (n, [a], expr) => {
    n.require(a!, NONNEGATIVE, expr.args[0]!);
    return squareRoot(n.reasoner, a!);
  },
  exp: (n, [u]) => exponential(n.reasoner, u!),
  expm1: (n, [u]) => n.field.subtract(exponential(n.reasoner, u!), n.field.one),
  expSingle: (n, [u], expr) => n.opaque(expr, u!),
  expm1Single: (n, [u], expr) => n.opaque(expr, u!),
  log: (n, [u], expr) => {
    if (expr.args[0]!.op === "abs") {
      n.require(u!, NONZERO, undefined);
      return logarithm(n.reasoner, u!);
    }
    n.require(u!, POSITIVE, expr.args[0]!);
    return logarithm(n.reasoner, u!);
  },
  log1p: (n, [u], expr) => {
    const argument = n.field.add(u!, n.field.one);
    n.require(argument, POSITIVE, n.plusOne(expr.args[0]!));
    return logarithm(n.reasoner, argument);
  },
  log2: (n, [u], expr) => logarithmTo(n, 2n, u!, expr),
  log10: (n, [u], expr) => logarithmTo(n, 10n, u!, expr),
  log1mexp: (n, [u], expr) => {
    n.require(u!, NEGATIVE, expr.args[0]!);
    return logarithm(n.reasoner, n.field.subtract(n.field.one, exponential(n.reasoner, u!)));
  },
  cbrt: ({ reasoner, field }, [u], expr) => {
    const sign = reasoner.sign(u!, expr.args[0]!);
    if (sign === 0) return field.zero;
    const size = exponential(reasoner, field.multiply(field.rational(rational(1n, 3n)), logarithm(reasoner, u!)));
    return sign < 0 ? field.negate(size) : size;
  },
  atan: (n, [u]) => odd(n, "atan", u!),
  asinh: ({ reasoner, field }, [u]) =>
    logarithm(reasoner, field.add(u!, squareRoot(reasoner, field.add(field.multiply(u!, u!), field.one)))),
  acosh: (n, [u], expr) => {
    const { field, reasoner } = n;
    n.require(field.subtract(u!, field.one), NONNEGATIVE, sub(expr.args[0]!, 1));
    const root = squareRoot(reasoner, field.subtract(field.multiply(u!, u!), field.one));
    return logarithm(reasoner, field.add(u!, root));
  },
  atanh: (n, [u], expr) => {
    const { field, reasoner } = n;
    const [above, below] = [field.add(field.one, u!), field.subtract(field.one, u!)];
    n.require(above, POSITIVE, add(expr.args[0]!, 1));
    n.require(below, POSITIVE, sub(1, expr.args[0]!));
    const difference = field.subtract(logarithm(reasoner, above), logarithm(reasoner, below));
    return field.multiply(field.rational(HALF), difference);
  },
  sinc: (n, [u], expr) => sphericalBessel(n, 0, u!, expr),
  sphericalBessel1: (n, [u], expr) => sphericalBessel(n, 1, u!, expr),
  sphericalBessel2: (n, [u], expr) => sphericalBessel(n, 2, u!, expr),
  sin: (n, [u]) => wave(n.reasoner, u!).sine,
  cos: (n, [u]) => wave(n.reasoner, u!).cosine,
  sinh: (n, [u]) => hyperbolic(n, u!, -1n),
  cosh: (n, [u]) => hyperbolic(n, u!, 1n),
  tanh: ({ reasoner, field }, [u]) => {
    const e = exponential(reasoner, field.add(u!, u!));
    return field.divide(field.subtract(e, field.one), field.add(e, field.one));
  },
  sigmoid: ({ reasoner, field }, [u]) => {
    const e = exponential(reasoner, u!);
    return field.divide(e, field.add(e, field.one));
  },
  softplus: ({ reasoner, field }, [u]) => logarithm(reasoner, field.add(exponential(reasoner, u!), field.one)),
  erf: (n, [u]) => odd(n, "erf", u!),
  erfc: (n, [u]) => n.field.subtract(n.field.one, odd(n, "erf", u!)),
  erfcx: (n, [u]) => scaledErfc(n, u!),
  ierfcx: (n, [u]) => scaledIntegral(n, u!),
  i2erfcx: (n, [u]) => {
    const { field } = n;
    const first = field.multiply(u!, scaledIntegral(n, u!));
    const half = field.multiply(field.rational(HALF), scaledErfc(n, u!));
    return field.multiply(field.rational(HALF), field.subtract(half, first));
  },
  productError: ({ field }) => field.zero,
  sumError: ({ field }) => field.zero,
  constantError: ({ field }) => field.zero,
  double: (_, [u]) => u!,
  single: (_, [u]) => u!,
  round: (n, [u], expr) => n.opaque(expr, u!),
  exp2Steps: (n, [u], expr) => n.opaque(expr, u!),
  // Kernels mean log(abs(u)); its derivative has these two.
  abs: ({ reasoner, field }, [u]) => (reasoner.sign(u!) < 0 ? field.negate(u!) : u!),
  sign: ({ reasoner, field }, [u]) => field.rational(rational(BigInt(reasoner.sign(u!)))),
  min: resolved,
  max: resolved,
  lt: resolved,
  le: resolved,
  eq: resolved,
  and: resolved,
  or: resolved,
  not: resolved,
  select: resolved,
};

function hyperbolic({ reasoner, field }: Normalizer, u: Fraction, sign: bigint): Fraction {
  const e = exponential(reasoner, u);
  const opposite = field.multiply(field.rational(rational(sign)), field.inverse(e));
  return field.multiply(field.rational(HALF), field.add(e, opposite));
}

/** The argument of an odd function gets a positive leading coefficient. */
function odd({ field, kernels }: Normalizer, kind: OddKernel, u: Fraction): Fraction {
  if (field.isZero(u)) return field.zero;
  const { algebra } = kernels;
  const negative = u.numerator.get(algebra.leading(u.numerator))! < 0n;
  const value = field.monomial(algebra.power(kernels.odd(kind, negative ? field.negate(u) : u), 1));
  return negative ? field.negate(value) : value;
}

/** exp(u^2)·(1 - erf(u)) */
function scaledErfc(n: Normalizer, u: Fraction): Fraction {
  const { field, reasoner } = n;
  return field.multiply(exponential(reasoner, field.multiply(u, u)), field.subtract(field.one, odd(n, "erf", u)));
}

/** 1/sqrt(pi) - u·erfcx(u) */
function scaledIntegral(n: Normalizer, u: Fraction): Fraction {
  const { field } = n;
  return field.subtract(field.inverse(n.rootOfPi()), field.multiply(u, scaledErfc(n, u)));
}

function logarithmTo(n: Normalizer, base: bigint, u: Fraction, expr: Expr): Fraction {
  n.require(u, POSITIVE, expr.args[0]!);
  return n.field.divide(logarithm(n.reasoner, u), logarithm(n.reasoner, n.field.rational(rational(base))));
}

/** By sine and cosine, and at 0 what the hole is filled with. */
function sphericalBessel({ field, reasoner }: Normalizer, order: 0 | 1 | 2, u: Fraction, expr: Expr): Fraction {
  const isApart = (reasoner.signs(u, expr.args[0]!) & ZERO_SIGN) === 0;
  if (!isApart && reasoner.sign(u, expr.args[0]!) === 0) return order === 0 ? field.one : field.zero;
  const { sine, cosine } = wave(reasoner, u);
  const zeroth = field.divide(sine, u);
  if (order === 0) return zeroth;
  const first = field.divide(field.subtract(zeroth, cosine), u);
  const three = field.rational(rational(3n));
  return order === 1 ? first : field.subtract(field.divide(field.multiply(three, first), u), zeroth);
}

export class Normalizer {
  readonly field: Field;
  readonly reasoner: Reasoner;
  private known = new Map<Expr, Fraction>();
  private obligations = new Map<string, Obligation>();

  constructor(
    readonly kernels: Kernels,
    readonly region: Region,
  ) {
    this.field = kernels.field;
    this.reasoner = new Reasoner(kernels, region, (expr) => this.aside(expr));
    this.reasoner.assume();
  }

  /** The expression as a fraction; ends as undefined where it has no value. */
  fraction(root: Expr): Fraction {
    const stack = [root];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      if (this.known.has(top)) {
        stack.pop();
        continue;
      }
      // log(abs(u)) is read by its u, whose sign nobody asks for.
      const [first] = top.args;
      const operands = top.op === "log" && first!.op === "abs" ? first!.args : top.args;
      const waiting = operands.filter((arg) => !this.known.has(arg));
      if (waiting.length > 0) {
        stack.push(...waiting.reverse());
        continue;
      }
      stack.pop();
      const args = operands.map((arg) => this.known.get(arg)!);
      this.kernels.algebra.spend(1);
      this.known.set(top, STEPS[top.op](this, args, top));
    }
    return this.known.get(root)!;
  }

  /** A fraction that an argument about signs asks for: what it needs to have a value is nobody's obligation. */
  private aside(expr: Expr): Fraction {
    const { known, obligations } = this;
    [this.known, this.obligations] = [new Map(), new Map()];
    try {
      return this.fraction(expr);
    } finally {
      [this.known, this.obligations] = [known, obligations];
    }
  }

  /** An expression without conditions that `make` finds here; undefined where it has no value. */
  side(make: () => Expr): Side | undefined {
    this.obligations = new Map();
    // Results computed before asked for their own obligations then, so they are computed again.
    this.known.clear();
    try {
      return unless(["undefined"], () => {
        const expr = make();
        const value = this.fraction(expr);
        return { expr, value, obligations: this.obligations };
      });
    } finally {
      this.obligations = new Map();
    }
  }

  variable(expr: Expr): Fraction {
    const { at, equalities } = this.region;
    if (expr === this.kernels.input && at?.kind === "exact") return this.fraction(at.expr);
    const replaced = equalities.find(([parameter]) => parameter === expr);
    if (replaced !== undefined) return this.fraction(replaced[1]);
    return this.field.monomial(this.kernels.algebra.power(this.kernels.variable(expr), 1));
  }

  opaque(expr: Expr, argument: Fraction): Fraction {
    return this.field.monomial(this.kernels.algebra.power(this.kernels.opaque(expr.op, argument), 1));
  }

  /** An obligation that is not about the sign of a fraction. */
  demand(about: string, subject: Expr, allowed: Signs): void {
    const found: Obligation = { about, subject, allowed };
    this.obligations.set(keyOf(found), found);
  }

  odd(kind: OddKernel, u: Fraction): Fraction {
    return odd(this, kind, u);
  }

  /** 2/sqrt(pi)·exp(-u^2) */
  slopeOfErf(u: Fraction): Fraction {
    const { field, reasoner } = this;
    const two = field.rational(rational(2n));
    const bell = exponential(reasoner, field.negate(field.multiply(u, u)));
    return field.multiply(field.divide(two, this.rootOfPi()), bell);
  }

  rootOfPi(): Fraction {
    const { algebra, pi } = this.kernels;
    return squareRoot(this.reasoner, this.field.monomial(algebra.power(pi, 1)));
  }

  /** u + 1, for what is known of it by intervals. */
  plusOne(u: Expr): Expr | undefined {
    return u.op === "rational" ? undefined : add(u, 1);
  }

  /** The value must have one of the allowed signs, else the expression has none. */
  require(value: Fraction, allowed: Signs, expr: Expr | undefined): void {
    const signs = this.reasoner.signs(value, expr);
    if (isWithin(signs, allowed)) return;
    if ((signs & allowed) === 0) throw new Ended({ kind: "undefined" });
    if (this.kernels.fractionDepends(value) && this.region.at === undefined) {
      const sign = unless(["undecided", "cases"], () => this.reasoner.sign(value, expr));
      if (sign !== undefined) {
        if (isWithin(sign < 0 ? NEGATIVE : sign > 0 ? POSITIVE : ZERO_SIGN, allowed)) return;
        throw new Ended({ kind: "undefined" });
      }
    }
    // Of what is never negative, to be positive is not to be 0.
    const needed = (signs & allowed) === (signs & NONZERO) ? NONZERO : allowed;
    const mayVanish = (generator: Generator): boolean => (this.reasoner.signsOfGenerator(generator) & ZERO_SIGN) !== 0;
    for (const found of obligationsOf(value, needed, this.kernels, mayVanish))
      this.obligations.set(keyOf(found), found);
  }
}
