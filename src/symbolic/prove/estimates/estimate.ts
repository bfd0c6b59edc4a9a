/**
 * How large polynomials over kernels can get in a box. The box is one of logarithms: the input, times the parameters that
 * it enters exponentials with, and each parameter; so the exponential exp(β·x) and a β or x beside it stay connected.
 */
import { rational } from "../../../ir/rational.js";
import type { Fraction } from "../algebra/fraction.js";
import type { Kernels } from "../algebra/kernels.js";
import type { Generator, Monomial, Polynomial } from "../algebra/polynomial.js";
import {
  NOTHING_KNOWN,
  PER_BIT,
  between,
  ends,
  log,
  logOfInteger,
  power,
  product,
  size,
  sizeOfRational,
  sum,
  type Size,
} from "./size.js";

/** The logarithms of a magnitude, from `low` to `high`. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/** One span per coordinate. */
export type Box = readonly Span[];

/** A generator that is, up to its sign, a product of powers of the coordinates. */
export interface Coordinated {
  readonly sign: Size["sign"];
  readonly powers: readonly number[];
}

/** A small generator that stands for what an expansion leaves out. */
export type Rest = (sizes: Sizes) => Size;

export interface Terrain {
  readonly kernels: Kernels;
  readonly coordinated: ReadonlyMap<Generator, Coordinated>;
  readonly rests: ReadonlyMap<Generator, Rest>;
}

/** The logarithm of e, and the other way round. */
const [LOG_E, LN_BASE] = [Math.LOG2E * PER_BIT, Math.LN2 / PER_BIT];
/** (2/√π)·t is above erf(t), and erf(1) > 0.84. */
const [STEEPEST, AT_ONE] = [log(2 / Math.sqrt(Math.PI)), log(0.84)];

/** The sizes in one box; what kernels are computed once. */
export class Sizes {
  private readonly known = new Map<Generator, Size>();

  constructor(
    readonly terrain: Terrain,
    readonly box: Box,
  ) {}

  fraction({ numerator, denominator, factors }: Fraction): Size {
    let result = product(this.polynomial(numerator), sizeOfRational(rational(1n, denominator)));
    for (const [{ polynomial }, exponent] of factors)
      result = product(result, power(this.polynomial(polynomial), exponent));
    return result;
  }

  polynomial(p: Polynomial): Size {
    return sum([...p].map(([monomial, coefficient]) => this.term(monomial, coefficient)));
  }

  term({ generators, exponents }: Monomial, coefficient: bigint): Size {
    const { coordinated } = this.terrain;
    const powers = this.box.map(() => 0);
    const own = logOfInteger(coefficient);
    let rest = size(coefficient < 0n ? -1 : 1, own, own);
    generators.forEach((generator, i) => {
      const exponent = exponents[i]!;
      const known = coordinated.get(generator);
      if (known === undefined) {
        rest = product(rest, power(this.generator(generator), exponent));
        return;
      }
      known.powers.forEach((own, axis) => (powers[axis]! += own * exponent));
      if (exponent % 2 !== 0) rest = { ...rest, sign: (rest.sign * known.sign) as Size["sign"] };
    });
    let { low, high } = rest;
    powers.forEach((exponent, axis) => {
      if (exponent === 0) return;
      const span = this.box[axis]!;
      low += exponent * (exponent > 0 ? span.low : span.high);
      high += exponent * (exponent > 0 ? span.high : span.low);
    });
    return size(rest.sign, low, high);
  }

  generator(generator: Generator): Size {
    let found = this.known.get(generator);
    if (found === undefined) this.known.set(generator, (found = this.judge(generator)));
    return found;
  }

  private judge(generator: Generator): Size {
    const { kernels, coordinated, rests } = this.terrain;
    const rest = rests.get(generator);
    if (rest !== undefined) return rest(this);
    if (coordinated.has(generator)) return this.term(kernels.algebra.power(generator, 1), 1n);
    const kernel = kernels.kind(generator);
    switch (kernel.kind) {
      case "constant":
        return between(Math.PI, Math.PI);
      case "exponential": {
        const { monomial, factors } = kernel.exponent;
        const numerator = kernels.algebra.of(monomial, kernel.multiple);
        const [low, high] = ends(this.fraction({ numerator, denominator: kernel.scale, factors }), LOG_E);
        return size(1, low, high);
      }
      case "root":
        return power(this.polynomial(kernel.radicand), 0.5);
      case "logarithm": {
        const { low, high } = this.fraction(kernel.of);
        return between(low * LN_BASE, high * LN_BASE);
      }
      case "erf": {
        const { sign, low, high } = this.fraction(kernel.argument);
        return size(sign, low >= 0 ? AT_ONE : low + AT_ONE, Math.min(0, high + STEEPEST));
      }
      case "sine":
      case "cosine":
        return { sign: 0, low: -Infinity, high: 0 };
      default:
        return NOTHING_KNOWN;
    }
  }
}
