/**
 * The generators that functions give rise to. An exponential exp(m/D) is one generator for each monomial m, D being its
 * scale; logarithms are of absolute values of generators and factors; a root is one with its square; erf, atan, sine and cosine
 * are by their argument. Equal meanings get equal generators as far as the normal form sees; what it misses costs a proof,
 * never a wrong one.
 */
import { gcd } from "../../../ir/rational.js";
import * as b from "../../../ir/build.js";
import { node, type Expr } from "../../../ir/expr.js";
import type { OperationName } from "../../../ir/ops.js";
import { Field, polynomialExpression, type Factor, type Fraction } from "./fraction.js";
import { Algebra, type Generator, type Monomial, type Polynomial } from "./polynomial.js";
import { Ended } from "../outcome.js";

/** Odd functions that have the sign of their argument. */
export type OddKernel = "erf" | "atan";

/** The kind of a generator, for code that reasons about its sign. */
export type Kernel =
  | { readonly kind: "variable"; readonly expr: Expr }
  | { readonly kind: "constant" }
  /** exp(multiple · exponent / scale) */
  | { readonly kind: "exponential"; readonly exponent: Atom; readonly multiple: bigint; scale: bigint }
  | { readonly kind: "logarithm"; readonly of: Fraction }
  | { readonly kind: "root"; readonly radicand: Polynomial }
  | { readonly kind: "sine" | "cosine" }
  | { readonly kind: OddKernel; readonly argument: Fraction }
  /** (-1)^v for a whole v */
  | { readonly kind: "parity" }
  | { readonly kind: "opaque" };

/** A monomial over a product of factors: what exponents and angles are sums of. */
export interface Atom {
  readonly monomial: Monomial;
  readonly factors: ReadonlyMap<Factor, number>;
}

const LARGEST_SCALE = 1n << 60n;
const LARGEST_ANGLE = 1n << 40n;
const LARGEST_POWER = 100;
const LARGEST_MULTIPLE = 1n << 26n;

export class Kernels {
  readonly field: Field;
  private readonly byKey = new Map<string, Generator>();
  private readonly kinds = new Map<Generator, Kernel>();
  private readonly dependent = new Set<Generator>();
  private readonly scales = new Map<string, bigint>();
  /** The meaning of each generator at the present scales. */
  private readonly meanings = new Map<string, Expr>();

  constructor(
    readonly algebra: Algebra,
    readonly input: Expr,
  ) {
    this.field = new Field(algebra);
  }

  kind(generator: Generator): Kernel {
    return this.kinds.get(generator)!;
  }

  isExponential = (generator: Generator): boolean => this.kind(generator).kind === "exponential";

  /** The sine of which this is the square, up to its sign: 1 - cos(u)². */
  squaredSine(p: Polynomial): Polynomial | undefined {
    for (const [generator, { kind }] of this.kinds)
      if (kind === "sine" && [1n, -1n].some((sign) => this.isSame(this.algebra.scale(generator.square!, sign), p)))
        return this.algebra.of(this.algebra.power(generator, 1));
    return undefined;
  }

  private isSame(p: Polynomial, q: Polynomial): boolean {
    return p.size === q.size && this.algebra.key(p) === this.algebra.key(q);
  }

  /** Does it change with the input? */
  depends(generator: Generator): boolean {
    return this.dependent.has(generator);
  }

  /** A sum of exponentials, roots and constants, each with a positive coefficient. */
  isSurelyPositive(p: Polynomial): boolean {
    const positive = ["exponential", "root", "constant"];
    return [...p].every(
      ([{ generators }, coefficient]) =>
        coefficient > 0n && generators.every((g) => positive.includes(this.kind(g).kind)),
    );
  }

  polynomialDepends(p: Polynomial): boolean {
    for (const { generators } of p.keys()) if (generators.some((generator) => this.depends(generator))) return true;
    return false;
  }

  fractionDepends({ numerator, factors }: Fraction): boolean {
    return this.polynomialDepends(numerator) || [...factors.keys()].some((f) => this.polynomialDepends(f.polynomial));
  }

  private intern(
    key: string,
    kernel: () => Kernel,
    depends: boolean,
    meaning: () => Expr,
    square?: Polynomial,
  ): Generator {
    let found = this.byKey.get(key);
    if (found === undefined) {
      const memoised = (): Expr => {
        let expr = this.meanings.get(key);
        if (expr === undefined) this.meanings.set(key, (expr = meaning()));
        return expr;
      };
      found = this.algebra.generator(memoised, square);
      this.byKey.set(key, found);
      this.kinds.set(found, kernel());
      if (depends) this.dependent.add(found);
    }
    return found;
  }

  variable(expr: Expr): Generator {
    return this.intern(
      `v${expr.id}`,
      () => ({ kind: "variable", expr }),
      expr === this.input,
      () => expr,
    );
  }

  get pi(): Generator {
    return this.intern(
      "pi",
      () => ({ kind: "constant" }),
      false,
      () => b.pi,
    );
  }

  opaque(op: OperationName, argument: Fraction): Generator {
    return this.intern(
      `o${op}:${this.field.key(argument)}`,
      () => ({ kind: "opaque" }),
      this.fractionDepends(argument),
      () => node(op, this.field.expression(argument)),
    );
  }

  odd(kind: OddKernel, argument: Fraction): Generator {
    return this.intern(
      `${kind}:${this.field.key(argument)}`,
      () => ({ kind, argument }),
      this.fractionDepends(argument),
      () => node(kind, this.field.expression(argument)),
    );
  }

  /** cos(pi·v), which is 1 or -1 for a whole v. */
  parity(exponent: Fraction): Generator {
    return this.intern(
      `parity:${this.field.key(exponent)}`,
      () => ({ kind: "parity" }),
      this.fractionDepends(exponent),
      () => b.cos(b.mul(b.pi, this.field.expression(exponent))),
      this.algebra.one,
    );
  }

  /** log|g| for a generator, a factor or a prime. */
  logarithm(of: Fraction, key: string, positive: boolean): Generator {
    return this.intern(
      `log:${key}`,
      () => ({ kind: "logarithm", of }),
      this.fractionDepends(of),
      () => b.log(positive ? this.field.expression(of) : b.abs(this.field.expression(of))),
    );
  }

  root(radicand: Polynomial): Generator {
    return this.intern(
      `root:${this.algebra.key(radicand)}`,
      () => ({ kind: "root", radicand }),
      this.polynomialDepends(radicand),
      () => b.sqrt(polynomialExpression(radicand, this.algebra)),
      radicand,
    );
  }

  private atomKey({ monomial, factors }: Atom): string {
    return `${monomial.id}:${[...factors]
      .map(([{ id }, e]) => `${id}^${e}`)
      .sort()
      .join("*")}`;
  }

  private atomFraction({ monomial, factors }: Atom): Fraction {
    return { numerator: new Map([[monomial, 1n]]), denominator: 1n, factors };
  }

  /** The scale of an atom's exponential or angle, made fine enough for 1/denominator. */
  private scale(key: string, denominator: bigint): bigint {
    const before = this.scales.get(key);
    if (before !== undefined && before % denominator === 0n) return before;
    const scale = before === undefined ? denominator : (before / gcd(before, denominator)) * denominator;
    if (scale > LARGEST_SCALE)
      throw new Ended({ kind: "exhausted", reason: "the exponents have too many different denominators" });
    this.scales.set(key, scale);
    if (before === undefined) return scale;
    this.meanings.clear();
    throw new Ended({ kind: "restart" });
  }

  /** exp(numerator/denominator · atom): the exponential's generator and its exponent. */
  exponential(atom: Atom, numerator: bigint, denominator: bigint): Monomial {
    // Exponents may be fractions of powers of two: only what is odd needs a scale.
    let [odd, halvings] = [denominator, 0];
    for (; odd % 2n === 0n; odd /= 2n) halvings += 1;
    let doublings = 0;
    for (let rest = numerator; rest !== 0n && rest % 2n === 0n; rest /= 2n) doublings += 1;
    const power = doublings - halvings;
    const whole = numerator >> BigInt(doublings);
    const size = whole < 0n ? -whole : whole;
    // Beside a huge number no other exponent has room in a float64: its exponential is a generator of its own.
    const apart = power > LARGEST_POWER ? BigInt(LARGEST_POWER) : 0n;
    const multiple = size > LARGEST_MULTIPLE ? size : 1n;
    const key = `exp:${this.atomKey(atom)}${multiple > 1n || apart > 0n ? `*${multiple}*2^${apart}` : ""}`;
    const scale = this.scale(key, odd);
    const argument = this.atomFraction(atom);
    const generator = this.intern(
      key,
      () => ({ kind: "exponential", exponent: atom, multiple: multiple << apart, scale }),
      this.fractionDepends(argument),
      () => {
        const part = { ...argument, denominator: this.scales.get(key)! };
        return b.exp(
          this.field.expression({ ...part, numerator: this.algebra.scale(part.numerator, multiple << apart) }),
        );
      },
    );
    const kernel = this.kind(generator) as Extract<Kernel, { kind: "exponential" }>;
    kernel.scale = scale;
    const exponent = Number((whole / multiple) * (scale / odd)) * 2 ** (power - Number(apart));
    if (!Number.isFinite(exponent) || exponent === 0 || scale / odd > LARGEST_MULTIPLE)
      throw new Ended({ kind: "exhausted", reason: "an exponent is too large" });
    return this.algebra.power(generator, exponent);
  }

  /** sine and cosine of atom/D, and the multiple of it that numerator/denominator · atom is. */
  angle(atom: Atom, numerator: bigint, denominator: bigint): { sine: Generator; cosine: Generator; multiple: bigint } {
    const size = numerator < 0n ? -numerator : numerator;
    // A huge angle shares nothing with the others.
    const apart = size > LARGEST_ANGLE ? size : 1n;
    const key = `angle:${this.atomKey(atom)}${apart > 1n ? `*${apart}` : ""}`;
    const scale = this.scale(key, denominator);
    const argument = this.atomFraction(atom);
    const depends = this.fractionDepends(argument);
    const angle = (): Expr =>
      this.field.expression({
        ...argument,
        numerator: this.algebra.scale(argument.numerator, apart),
        denominator: this.scales.get(key)!,
      });
    const cosine = this.intern(
      `cos ${key}`,
      () => ({ kind: "cosine" }),
      depends,
      () => b.cos(angle()),
    );
    const square = this.algebra.add(this.algebra.one, this.algebra.of(this.algebra.power(cosine, 2), -1n));
    const sine = this.intern(
      `sin ${key}`,
      () => ({ kind: "sine" }),
      depends,
      () => b.sin(angle()),
      square,
    );
    return { sine, cosine, multiple: (numerator / apart) * (scale / denominator) };
  }
}
