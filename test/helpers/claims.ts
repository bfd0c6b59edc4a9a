/** Claims about derivatives that are near the truth and made to mislead: 13 families, each a few shapes with drawn parts. */
import * as b from "../../src/ir/build.js";
import { substitute, type Expr } from "../../src/ir/expr.js";
import { derivative } from "../../src/symbolic/derivative.js";
import type { Goal } from "../../src/symbolic/prove/verdict.js";
import { normalForm } from "../../src/symbolic/simplify.js";
import { mutants } from "./mutants.js";

/** A number from 0 up to 1. */
export type Random = () => number;

export interface RandomClaim extends Goal {
  readonly family: string;
}

/** A generator of numbers from a seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const { x, y, dy, pi } = b;
const POSITIVE: readonly [number, number] = [Number.MIN_VALUE, Infinity];

/** What a family draws from: numbers, parameters with or without a promised sign, functions. */
class Draw {
  private readonly isPositive: ReadonlySet<string>;

  constructor(readonly random: Random) {
    this.isPositive = new Set(["a", "c", "k"].filter(() => random() < 0.35));
  }

  of<Item>(...items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)]!;
  }

  chance(part: number): boolean {
    return this.random() < part;
  }

  parameter(name: string): Expr {
    return b.parameter(name, this.isPositive.has(name) ? POSITIVE : undefined);
  }

  get a(): Expr {
    return this.parameter("a");
  }

  get c(): Expr {
    return this.parameter("c");
  }

  get number(): Expr {
    return this.of(
      ...[0, 1, -1, 2, -2, 3, 0.5, -0.5, 1.5].map(b.constant),
      b.fraction(1, 3),
      b.fraction(-2, 3),
      b.fraction(5, 4),
    );
  }

  get nonzero(): Expr {
    return this.of(...[1, -1, 2, 3, 0.5, -1.5].map(b.constant), b.fraction(1, 3));
  }

  /** A number, or a simple expression of the parameters. */
  get constant(): Expr {
    const { a, c } = this;
    return this.of(this.number, this.number, a, c, b.mul(2, a), b.sub(a, c), b.neg(a), b.div(a, 2));
  }

  /** A smooth function of u. */
  smooth(u: Expr): Expr {
    const f = this.of<(v: Expr) => Expr>(
      b.exp,
      b.tanh,
      b.sigmoid,
      b.softplus,
      b.sin,
      b.cos,
      b.erf,
      b.expm1,
      (v) => b.mul(v, b.sigmoid(v)),
      (v) => b.mul(v, v),
      (v) => b.mul(b.mul(v, v), v),
      (v) => b.sqrt(b.add(1, b.mul(v, v))),
      (v) => b.div(v, b.add(1, b.mul(v, v))),
    );
    return f(u);
  }

  /** A line through the input. */
  get line(): Expr {
    return this.of(x, x, b.mul(2, x), b.sub(x, this.number), b.mul(this.a, x), b.neg(x), b.add(x, this.a));
  }

  condition(u: Expr, v: Expr): Expr {
    return this.of(b.lt, b.le, b.gt, b.ge)(u, v);
  }
}

type Family = (d: Draw) => Omit<RandomClaim, "family">;

/** The derivative of a formula in some form, or one with something changed. */
function near(d: Draw, formula: Expr, order: number, variable: Expr = x): Expr {
  let right = formula;
  for (let i = 0; i < order; i++) right = derivative(right, variable);
  const form = d.chance(0.5) ? normalForm(right) : right;
  if (d.chance(0.55)) return form;
  const wrong = mutants(normalForm(right), [x, d.a]);
  return wrong.length === 0 ? form : d.of(...wrong).claim;
}

const about = (d: Draw, formula: Expr, order = 1): Omit<RandomClaim, "family"> => ({
  formula,
  claim: near(d, formula, order),
  order,
});

/** Quotients that can be filled in at 0, with their values and slopes there. */
const REMOVABLE = (u: Expr): readonly (readonly [Expr, value: Expr, slope: Expr])[] => [
  [b.div(b.expm1(u), u), b.constant(1), b.fraction(1, 2)],
  [b.div(b.sin(u), u), b.constant(1), b.constant(0)],
  [b.div(b.log1p(u), u), b.constant(1), b.fraction(-1, 2)],
  [b.div(b.tanh(u), u), b.constant(1), b.constant(0)],
  [b.div(b.sub(1, b.cos(u)), u), b.constant(0), b.fraction(1, 2)],
  [b.div(b.sub(b.expm1(u), u), b.mul(u, u)), b.fraction(1, 2), b.fraction(1, 6)],
  [b.div(b.mul(u, u), u), b.constant(0), b.constant(1)],
  [b.div(b.erf(u), u), b.div(2, b.sqrt(pi)), b.constant(0)],
];

const FAMILIES: Readonly<Record<string, Family>> = {
  removable(d) {
    const at = d.of(b.constant(0), d.number, d.a);
    const u = at === b.constant(0) ? x : b.sub(x, at);
    const [quotient, value, slope] = d.of(...REMOVABLE(u));
    const there = b.eq(x, at);
    const formula = b.select(there, d.chance(0.75) ? value : d.number, quotient);
    const first = derivative(quotient, x);
    if (d.chance(0.2))
      return { formula, claim: d.of(quotient, formula, b.select(there, d.number, quotient)), order: 0 };
    return {
      formula,
      claim: b.select(there, d.chance(0.6) ? slope : d.number, d.chance(0.5) ? normalForm(first) : first),
      order: 1,
    };
  },

  overrides(d) {
    const at = d.constant;
    const there = b.eq(d.of(x, b.mul(2, x)), at);
    const f = d.smooth(d.line);
    const formula = b.select(there, d.of(substitute(f, new Map([[x, at]])), d.number, b.add(x, 1), f), f);
    const first = normalForm(derivative(f, x));
    const claim = d.of(
      first,
      b.select(there, d.number, first),
      b.select(there, substitute(first, new Map([[x, at]])), first),
      b.select(b.and(there, b.eq(d.c, d.number)), d.number, first),
    );
    return { formula, claim, order: 1 };
  },

  "conditions of parameters"(d) {
    const { a, c } = d;
    const subject = d.of(
      b.sub(a, d.number),
      b.sub(b.mul(a, a), 2),
      b.sub(b.mul(c, b.exp(a)), 1),
      b.sub(b.sqrt(b.add(1, b.mul(a, a))), b.mul(2, a)),
      b.sub(a, c),
      b.sub(b.exp(a), d.nonzero),
      b.mul(a, c),
      b.sub(b.mul(a, b.mul(a, a)), a),
      b.sub(b.mul(d.of(2, 3), a), 1),
      b.sub(b.abs(a), c),
      b.sub(b.log(a), d.number),
      b.sub(b.mul(c, b.log(a)), 1),
      b.sub(b.div(c, a), d.number),
    );
    const [f, g] = [d.smooth(x), d.smooth(x)];
    const condition = d.of(b.eq, b.lt, b.le)(subject, b.constant(0));
    const choice = b.select(condition, f, g);
    const other = d.of<Expr>(
      choice,
      f,
      g,
      b.select(b.not(condition), g, f),
      b.select(b.eq(a, d.number), f, g),
      b.select(condition, f, f),
      b.select(b.lt(subject, 0), f, b.select(b.lt(0, subject), g, d.of(f, g))),
    );
    return { formula: choice, claim: other, order: 0 };
  },

  powers(d) {
    const { a } = d;
    const k = d.parameter("k");
    const exponent = d.of(
      d.number,
      a,
      k,
      b.fraction(2, 3),
      b.fraction(4, 3),
      b.add(a, 1),
      b.constant(202),
      b.mul(2, k),
    );
    const base = d.of<Expr>(x, b.abs(x), b.mul(x, x), b.sub(x, d.number), b.sub(x, a), b.constant(0), a, b.exp(x));
    const formula = b.pow(base, exponent);
    if (d.chance(0.35)) {
      const claim = d.of(
        b.exp(b.mul(exponent, b.log(base))),
        b.exp(b.mul(exponent, b.log(b.abs(base)))),
        b.pow(b.abs(base), exponent),
        b.mul(base, b.pow(base, b.sub(exponent, 1))),
        b.pow(b.pow(base, b.constant(2)), b.div(exponent, 2)),
      );
      return { formula, claim, order: 0 };
    }
    const claim = d.of(
      derivative(formula, x),
      normalForm(derivative(formula, x)),
      b.mul(b.mul(exponent, b.pow(b.abs(base), b.sub(exponent, 1))), derivative(base, x)),
      b.select(b.eq(x, 0), d.number, derivative(formula, x)),
    );
    return { formula, claim, order: 1 };
  },

  scales(d) {
    const { a, c } = d;
    const f = d.smooth(d.of(b.mul(a, x), b.div(x, a), b.mul(b.sub(a, c), x)));
    return about(d, d.of(b.div(f, a), b.mul(c, f), b.div(b.mul(a, f), c), f), d.of(1, 1, 2));
  },

  waves(d) {
    const { a } = d;
    const u = d.of<Expr>(x, b.mul(2, x), b.mul(a, x), b.add(x, a), b.mul(pi, x), b.mul(x, x));
    const s = d.of(b.sin, b.cos)(u);
    const formula = d.of<Expr>(
      s,
      b.mul(s, s),
      b.abs(s),
      b.max(s, 0),
      b.sqrt(b.mul(s, s)),
      b.sqrt(s),
      b.log(s),
      b.div(b.sin(u), b.cos(u)),
      b.pow(b.mul(s, s), b.fraction(1, 3)),
      b.sqrt(b.mul(b.mul(s, s), b.mul(s, s))),
      b.sqrt(b.add(1, s)),
      b.add(x, b.mul(s, s)),
    );
    if (d.chance(0.3)) {
      const claim = d.of(
        formula,
        substitute(formula, new Map([[s, b.neg(s)]])),
        b.exp(b.div(b.log(b.mul(s, s)), 3)),
        b.abs(s),
        b.sub(1, b.mul(b.cos(u), b.cos(u))),
      );
      return { formula, claim, order: 0 };
    }
    return about(d, formula);
  },

  clips(d) {
    const { a, c } = d;
    const f = d.of<Expr>(x, d.line, b.mul(x, b.sigmoid(x)), b.tanh(x), d.smooth(x), b.mul(a, x));
    const [low, high] = d.of<readonly [Expr, Expr]>(
      [b.constant(-1), b.constant(1)],
      [a, c],
      [b.neg(a), a],
      [b.constant(0), a],
    );
    return about(
      d,
      d.of<Expr>(
        b.min(b.max(f, low), high),
        b.max(b.min(f, high), low),
        b.min(f, high),
        b.mul(f, b.max(f, low)),
        b.select(d.condition(f, high), f, high),
        b.select(b.lt(f, low), low, b.select(b.lt(high, f), high, f)),
      ),
      d.of(1, 1, 1, 2),
    );
  },

  "deep nests"(d) {
    const step = d.of<(u: Expr) => Expr>(
      (u) => b.abs(b.sub(u, 1)),
      (u) => b.max(b.mul(2, u), b.sub(u, 1)),
      (u) => b.mul(u, b.sigmoid(u)),
      b.softplus,
      (u) => b.sqrt(b.add(1, b.mul(u, u))),
      (u) => b.select(b.lt(u, d.a), b.add(u, 1), b.mul(2, u)),
      b.tanh,
      (u) => b.div(u, b.add(1, b.abs(u))),
    );
    let formula: Expr = d.line;
    for (let i = d.of(2, 2, 3, 4); i > 0; i--) formula = step(formula);
    return about(d, formula);
  },

  "in y"(d) {
    const [formula, claim] = d.of<readonly [Expr, Expr]>(
      [b.tanh(x), b.sub(1, b.mul(y, y))],
      [b.sigmoid(x), b.mul(dy, b.mul(y, b.sub(1, y)))],
      [b.max(x, 0), b.select(d.condition(y, b.constant(0)), 0, 1)],
      [b.select(b.lt(0, x), x, b.mul(d.a, b.expm1(x))), b.select(b.lt(0, y), b.constant(1), b.add(y, d.a))],
      [b.mul(x, b.sigmoid(x)), b.add(b.div(y, x), b.mul(y, b.sub(1, b.div(y, x))))],
      [b.sqrt(x), b.div(1, b.mul(2, y))],
      [b.exp(d.line), b.mul(d.of(y, dy), y)],
      [b.mul(b.mul(x, x), x), b.div(b.mul(3, y), x)],
      [b.abs(x), b.div(y, x)],
      [b.select(d.condition(x, d.a), x, b.mul(d.c, x)), b.select(b.lt(d.a, y), b.constant(1), d.c)],
    );
    return { formula, claim: d.chance(0.6) ? claim : d.of(...mutants(claim, [x, d.a])).claim, order: 1 };
  },

  "by a parameter"(d) {
    const { a } = d;
    const f = d.smooth(b.mul(a, x));
    const formula = d.of<Expr>(
      f,
      b.max(b.mul(a, x), 0),
      b.select(b.eq(a, d.number), b.mul(d.of(0, 1, 2), x), f),
      b.mul(b.abs(b.sub(a, d.constant)), x),
      b.select(b.lt(0, x), x, b.mul(a, b.expm1(x))),
      b.select(b.lt(x, a), x, d.of<Expr>(a, b.constant(0))),
      b.pow(b.abs(x), a),
      b.div(b.expm1(b.mul(a, x)), a),
      b.max(a, d.c),
    );
    const first = near(d, formula, 1, a);
    const claim = d.of(first, first, b.select(b.eq(a, d.number), d.of<Expr>(b.constant(0), x), first));
    return { formula, claim, order: 1, variable: a };
  },

  ties(d) {
    const { a, c } = d;
    const constant = d.of<Expr>(b.mul(2, a), b.sub(a, c), b.exp(a), b.neg(a), b.constant(0), b.div(1, b.fraction(3)));
    const f = d.of<Expr>(x, b.mul(2, x), b.mul(x, x), d.smooth(x));
    const [u, v] = d.chance(0.5) ? [constant, f] : [f, constant];
    const formula = d.of(b.max, b.min)(u, d.chance(0.2) ? d.smooth(x) : v);
    const claim = d.of<Expr>(
      derivative(formula, x),
      b.select(d.condition(u, v), derivative(u, x), derivative(v, x)),
      b.select(d.condition(v, u), derivative(u, x), derivative(v, x)),
    );
    return { formula, claim, order: 1 };
  },

  "meeting kinks"(d) {
    const { a, c } = d;
    const formula = d.of<Expr>(
      b.add(b.max(b.sub(x, a), 0), b.min(b.sub(x, c), 0)),
      b.select(b.lt(a, x), b.sub(x, a), b.select(b.lt(x, b.neg(a)), b.add(x, a), 0)),
      b.add(b.max(x, 0), b.mul(a, b.min(x, 0))),
      b.select(b.lt(a, b.abs(x)), x, 0),
      b.sub(b.abs(b.sub(x, a)), b.abs(b.sub(x, c))),
      b.select(b.lt(0, x), x, b.select(b.lt(x, 0), b.mul(a, x), 0)),
      b.max(b.mul(a, x), x),
      b.min(b.max(x, a), c),
      b.select(b.lt(x, a), x, b.select(b.lt(x, c), a, b.sub(x, b.sub(c, a)))),
    );
    return about(d, formula, d.of(1, 1, 1, 2));
  },

  "special values"(d) {
    const { a } = d;
    const special = d.of<Expr>(b.fraction(1, 3), b.constant(0), b.constant(1), b.sqrt(2), b.exp(1), b.fraction(2, 7));
    const f = d.smooth(d.of<Expr>(b.mul(a, x), b.add(a, x), x));
    const there = b.eq(d.of(a, a, b.mul(a, a)), special);
    const formula = d.of<Expr>(f, b.select(there, d.of<Expr>(f, b.mul(b.div(a, special), f)), f));
    const claim = d.of<Expr>(
      f,
      b.select(there, b.add(f, d.number), f),
      b.select(there, substitute(f, new Map([[a, special]])), f),
      b.select(b.lt(a, special), f, d.of<Expr>(f, b.mul(f, b.div(b.add(a, 1), b.add(1, a))))),
      b.div(b.mul(f, b.sub(a, special)), b.sub(a, special)),
    );
    return { formula, claim, order: 0 };
  },
};

export const FAMILY_NAMES = Object.keys(FAMILIES);

/** A claim of a family, the same for the same random numbers. */
export function drawClaim(random: Random): RandomClaim {
  const family = FAMILY_NAMES[Math.floor(random() * FAMILY_NAMES.length)]!;
  return { family, ...FAMILIES[family]!(new Draw(random)) };
}
