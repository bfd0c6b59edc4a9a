/** The functions of germs: series about the limit of the argument, and what is known where it grows without bound. */
import { rational, type Rational } from "../../../ir/rational.js";
import { exponential, logarithm, squareRoot, wave } from "./elementary.js";
import type { Fraction } from "./fraction.js";
import { GermRing, UNIT, ZERO, least, type Germ, type Lead } from "./germ.js";
import { Ended } from "../outcome.js";
import type { Sign } from "../signs/signs.js";

/** The order of what vanishes faster than every power, such as exp(-1/h). */
const FLAT = 1_000_000 * UNIT;

const BOUNDED: Germ = { terms: [], order: 0 };
const NEGLIGIBLE: Germ = { terms: [], order: FLAT };

/** Powers up to this are multiplied out. */
const MOST_FACTORS = 64n;

/** The arithmetic of germs with powers, exponentials, logarithms, waves and error functions. */
export class Germs extends GermRing {
  /** The limit and what tends to 0; undefined where it is unbounded or nothing but a bound is known. */
  private parted(a: Germ): { readonly limit: Fraction; readonly rest: Germ } | undefined {
    if (a.order <= 0 || least(a) < 0) return undefined;
    const limit = a.terms[0]?.[0] === 0 ? a.terms[0][1] : this.field.zero;
    return { limit, rest: { ...a, terms: a.terms.filter(([e]) => e > 0) } };
  }

  /** The sign of what grows without bound; undefined of what tends to a limit. */
  private infinite(a: Germ): Sign | undefined {
    if (least(a) >= 0) return undefined;
    const lead = this.lead(a);
    return lead !== undefined && lead.exponent < 0 ? lead.sign : undefined;
  }

  exp(a: Germ): Germ {
    const parted = this.parted(a);
    if (parted === undefined) return this.infinite(a) === -1 ? NEGLIGIBLE : this.undecided();
    let factorial = this.field.one;
    const ofRest = this.series(parted.rest, (n) => {
      if (n > 0) factorial = this.field.divide(factorial, this.whole(n));
      return factorial;
    });
    return this.shift(ofRest, exponential(this.n.reasoner, parted.limit), 0);
  }

  log(a: Germ): Germ {
    const lead = this.lead(a);
    if (lead === undefined || lead.sign < 0) throw new Ended({ kind: "undefined" });
    // log(h) is beneath every negative power of h.
    if (lead.exponent !== 0) return { terms: [], order: -1 };
    const ofRelative = this.series(this.relative(a, lead), (n) =>
      n === 0 ? this.field.zero : this.field.rational(rational(n % 2 === 1 ? 1n : -1n, BigInt(n))),
    );
    return this.add(this.constant(logarithm(this.n.reasoner, lead.coefficient)), ofRelative);
  }

  /** u^p for a p that is the same for all h. */
  power(a: Germ, p: Fraction): Germ {
    const { field } = this;
    const exact = field.asRational(p);
    const isWhole = exact?.denominator === 1n;
    if (isWhole && exact!.numerator >= 0n && exact!.numerator <= MOST_FACTORS) {
      let product = this.number(rational(1n));
      for (let i = 0n; i < exact!.numerator; i++) product = this.multiply(product, a);
      return product;
    }
    const lead = this.lead(a);
    if (lead === undefined) return this.powerOfZero(p);
    if (lead.sign < 0 && !isWhole) {
      if (exact === undefined) return this.undecided();
      throw new Ended({ kind: "undefined" });
    }
    let binomial = field.one;
    const ofRelative = this.series(this.relative(a, lead), (n) => {
      const factor = field.subtract(p, this.whole(n - 1));
      if (n > 0) binomial = field.divide(field.multiply(binomial, factor), this.whole(n));
      return binomial;
    });
    const c = this.powerOfCoefficient(lead.coefficient, p, exact);
    if (lead.exponent === 0) return this.shift(ofRelative, c, 0);
    if (exact === undefined) return this.symbolicPower(lead, p);
    const exponent = (lead.exponent * Number(exact.numerator)) / Number(exact.denominator);
    return Number.isInteger(exponent) ? this.shift(ofRelative, c, exponent) : this.undecided();
  }

  private powerOfZero(p: Fraction): Germ {
    const sign = this.n.reasoner.sign(p);
    if (sign < 0) throw new Ended({ kind: "undefined" });
    return sign > 0 ? ZERO : this.number(rational(1n));
  }

  private powerOfCoefficient(c: Fraction, p: Fraction, exact: Rational | undefined): Fraction {
    const { field } = this;
    const { reasoner } = this.n;
    if (exact?.denominator === 1n) return field.power(c, Number(exact.numerator));
    if (exact?.denominator === 2n) return field.power(squareRoot(reasoner, c), Number(exact.numerator));
    return exponential(reasoner, field.multiply(p, logarithm(reasoner, c)));
  }

  /** Of h^(e·p) with an unknown p this much: it vanishes faster than the highest whole power that matters. */
  private symbolicPower({ exponent }: Lead, p: Fraction): Germ {
    const whole = Math.floor(this.reach / UNIT);
    const power = this.field.multiply(p, this.field.rational(rational(BigInt(exponent), BigInt(UNIT))));
    const { reasoner } = this.n;
    if (reasoner.sign(this.field.subtract(power, this.whole(whole))) > 0) return { terms: [], order: whole * UNIT + 1 };
    const isRoot = whole === 1 && reasoner.sign(power) > 0;
    return isRoot ? { terms: [], order: 1, steep: true } : this.undecided();
  }

  /** u^v */
  powerOf(u: Germ, v: Germ): Germ {
    if (v.order === Infinity && v.terms.every(([e]) => e === 0))
      return this.power(u, v.terms[0]?.[1] ?? this.field.zero);
    if (this.lead(u)?.exponent !== 0) return this.undecided();
    return this.exp(this.multiply(v, this.log(u)));
  }

  wave(a: Germ): { readonly sine: Germ; readonly cosine: Germ } {
    const parted = this.parted(a);
    // Whatever the angle does, both stay between -1 and 1.
    if (parted === undefined) return { sine: BOUNDED, cosine: BOUNDED };
    const { sine, cosine } = wave(this.n.reasoner, parted.limit);
    const part = (odd: number): Germ => {
      let factorial = this.field.one;
      return this.series(parted.rest, (n) => {
        if (n > 0) factorial = this.field.divide(factorial, this.whole(n));
        if (n % 2 !== odd) return this.field.zero;
        return Math.floor(n / 2) % 2 === 0 ? factorial : this.field.negate(factorial);
      });
    };
    const [s, c] = [part(1), part(0)];
    return {
      sine: this.add(this.shift(c, sine, 0), this.shift(s, cosine, 0)),
      cosine: this.subtract(this.shift(c, cosine, 0), this.shift(s, sine, 0)),
    };
  }

  /** A function that tends to `below` and `above` exponentially fast; `near` is its germ elsewhere. */
  saturating(a: Germ, below: number, above: number, near: (a: Germ) => Germ): Germ {
    const side = this.infinite(a);
    if (side === undefined) return near(a);
    return this.add(this.constant(this.whole(side < 0 ? below : above)), NEGLIGIBLE);
  }

  sigmoid(a: Germ): Germ {
    return this.saturating(a, 0, 1, (u) => this.inverse(this.add(this.number(rational(1n)), this.exp(this.negate(u)))));
  }

  tanh(a: Germ): Germ {
    const two = this.number(rational(2n));
    return this.saturating(a, -1, 1, (u) =>
      this.subtract(this.multiply(two, this.sigmoid(this.multiply(two, u))), this.number(rational(1n))),
    );
  }

  erf(a: Germ): Germ {
    return this.saturating(a, -1, 1, (u) => {
      const parted = this.parted(u);
      if (parted === undefined) return this.undecided();
      const { field, n } = this;
      const { limit, rest } = parted;
      const atLimit = n.odd("erf", limit);
      const slope = n.slopeOfErf(limit);
      // exp(-(c + s)²) = exp(-c²)·Σ e[n]·s^n with (n + 1)·e[n + 1] = -2·c·e[n] - 2·e[n - 1].
      const e: Fraction[] = [field.one];
      const minusTwo = this.whole(-2);
      const next = (m: number): Fraction => {
        while (e.length <= m) {
          const last = e.length - 1;
          const sum = field.add(field.multiply(limit, e[last]!), e[last - 1] ?? field.zero);
          e.push(field.divide(field.multiply(minusTwo, sum), this.whole(last + 1)));
        }
        return e[m]!;
      };
      return this.series(rest, (m) =>
        m === 0 ? atLimit : field.multiply(slope, field.divide(next(m - 1), this.whole(m))),
      );
    });
  }

  atan(a: Germ): Germ {
    const side = this.infinite(a);
    // atan(u) = ±pi/2 - atan(1/u)
    if (side !== undefined) {
      const quarter = this.multiply(this.number(rational(BigInt(side), 2n)), this.pi);
      return this.subtract(quarter, this.atan(this.inverse(a)));
    }
    const parted = this.parted(a);
    if (parted === undefined) return this.undecided();
    const { field, n } = this;
    const { limit, rest } = parted;
    // (1 + (c + s)²)·Σ e[n]·s^n = 1
    const scale = field.inverse(field.add(field.one, field.multiply(limit, limit)));
    const e: Fraction[] = [scale];
    const next = (m: number): Fraction => {
      while (e.length <= m) {
        const last = e.length - 1;
        const twice = field.multiply(this.whole(2), field.multiply(limit, e[last]!));
        e.push(field.negate(field.multiply(scale, field.add(twice, e[last - 1] ?? field.zero))));
      }
      return e[m]!;
    };
    return this.series(rest, (m) => (m === 0 ? n.odd("atan", limit) : field.divide(next(m - 1), this.whole(m))));
  }

  /** log(|u| + √(u² + 1)) with the sign of u. */
  asinh(a: Germ): Germ {
    const one = this.number(rational(1n));
    const ofPositive = (u: Germ): Germ =>
      this.log(this.add(u, this.power(this.add(this.multiply(u, u), one), this.field.rational(rational(1n, 2n)))));
    return this.infinite(a) === -1 ? this.negate(ofPositive(this.negate(a))) : ofPositive(a);
  }

  cbrt(a: Germ): Germ {
    const third = this.field.rational(rational(1n, 3n));
    const sign = this.sign(a);
    if (sign === 0) return ZERO;
    return sign < 0 ? this.negate(this.power(this.negate(a), third)) : this.power(a, third);
  }

  sphericalBessel(a: Germ, order: 0 | 1 | 2): Germ {
    const parted = this.parted(a);
    if (parted !== undefined && this.n.reasoner.sign(parted.limit) === 0) {
      let c = this.field.rational(rational(1n, [1n, 3n, 15n][order]!));
      return this.series(parted.rest, (n) => {
        const k = (n - order) / 2;
        if (k < 0 || !Number.isInteger(k)) return this.field.zero;
        if (k > 0) c = this.field.divide(c, this.whole(-2 * k * (2 * order + 2 * k + 1)));
        return c;
      });
    }
    const { sine, cosine } = this.wave(a);
    const over = this.inverse(a);
    const zeroth = this.multiply(sine, over);
    if (order === 0) return zeroth;
    const first = this.multiply(this.subtract(zeroth, cosine), over);
    return order === 1
      ? first
      : this.subtract(this.multiply(this.multiply(this.number(rational(3n)), first), over), zeroth);
  }
}
