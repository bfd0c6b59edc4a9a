/**
 * Equality modulo a 61-bit prime: variables become random residues, and so does the exponential of each atom of an
 * exponent, so that exp(u + v) = exp(u)·exp(v) still holds; logarithms, erf and atan are random functions. Two expressions that
 * are equal by these laws agree, others almost never do. Linear in the DAG: for what is too large for a normal form. It is
 * evidence, not a proof.
 */
import { add, constant, div, erf, exp, fraction, log, lt, mul, neg, select, sqrt, sub } from "../../ir/build.js";
import { columnEvaluator } from "../../ir/evaluate.js";
import { rebuild, topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import { hasLaw, isCondition, type OperationName } from "../../ir/ops.js";
import { addRational, multiplyRational, rational, type Rational } from "../../ir/rational.js";

const PRIME = (1n << 61n) - 1n;
/** Exponents are multiples of 1/SCALE, which the usual decimals and fractions are. */
const SCALE = 720720n * 1_000_000n;
const LARGEST = 100_000;
const TRIALS = 2;
const LONGEST_SUM = 12;

/**
 * The signal that an evaluation came to nothing: by a random choice that made a division by 0 or a root of a non-residue, or
 * for good by an operation that has no counterpart modulo a prime. Nothing but `agree` catches it.
 */
class Failed extends Error {
  constructor(readonly why: "unlucky" | "unfit") {
    super(`an evaluation modulo a prime is ${why}`);
  }
}

const mod = (a: bigint): bigint => ((a % PRIME) + PRIME) % PRIME;

function power(base: bigint, exponent: bigint, modulus = PRIME): bigint {
  let result = 1n;
  for (let [n, square] = [exponent, base]; n > 0n; n >>= 1n, square = (square * square) % modulus)
    if ((n & 1n) === 1n) result = (result * square) % modulus;
  return result;
}

function inverse(a: bigint): bigint {
  if (a === 0n) throw new Failed("unlucky");
  return power(a, PRIME - 2n);
}

/** Scrambles 32 bits. */
function mix(state: number, value: number): number {
  let h = Math.imul(state ^ value, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return h ^ (h >>> 13);
}

/** A random residue, the same for the same tag and value. */
function randomOf(seed: number, tag: string, value: bigint): bigint {
  let [low, high] = [seed, ~seed];
  const words = [Number(value & 0xffffffffn) | 0, Number(value >> 32n) | 0, ...[...tag].map((c) => c.charCodeAt(0))];
  for (const word of words) [low, high] = [mix(low + high, word), mix(high ^ low, word + 1)];
  return ((BigInt(low >>> 0) << 32n) | BigInt(high >>> 0)) % PRIME || 1n;
}

/** A sum of atoms with rational coefficients; an atom is known by its residue. */
type Linear = ReadonlyMap<bigint, Rational>;
/** The atom of the constant 1. */
const UNIT = 1n;

interface Residue {
  readonly value: bigint;
  readonly linear: Linear;
}

function combine(a: Linear, b: Linear, sign: 1n | -1n): Linear | undefined {
  const sum = new Map(a);
  for (const [atom, coefficient] of b) {
    const total = addRational(sum.get(atom) ?? rational(0n), multiplyRational(coefficient, rational(sign)));
    if (total.numerator === 0n) sum.delete(atom);
    else sum.set(atom, total);
  }
  return sum.size > LONGEST_SUM ? undefined : sum;
}

const scaleLinear = (a: Linear, factor: Rational): Linear =>
  new Map(factor.numerator === 0n ? [] : [...a].map(([atom, c]) => [atom, multiplyRational(c, factor)]));

const asConstant = ({ linear }: Residue): Rational | undefined => {
  if (linear.size === 0) return rational(0n);
  return linear.size === 1 ? linear.get(UNIT) : undefined;
};

class Evaluation {
  private readonly residues = new Map<Expr, Residue>();

  constructor(
    private readonly seed: number,
    private readonly isTrue: (condition: Expr) => boolean,
  ) {}

  run(order: readonly Expr[]): void {
    for (const expr of order) if (!isCondition(expr)) this.residues.set(expr, this.step(expr));
  }

  of = (expr: Expr): bigint => this.residues.get(expr)!.value;

  private atom = (value: bigint): Residue => ({ value, linear: new Map([[value, rational(1n)]]) });

  private sum(value: bigint, linear: Linear | undefined): Residue {
    return linear === undefined ? this.atom(value) : { value, linear };
  }

  private step(expr: Expr): Residue {
    const [a, b, c] = expr.args.map((arg) => this.residues.get(arg)!);
    switch (expr.op) {
      case "rational": {
        const number = expr.payload as Rational;
        const value = mod(number.numerator * inverse(mod(number.denominator)));
        return { value, linear: number.numerator === 0n ? new Map() : new Map([[UNIT, number]]) };
      }
      case "variable":
        return this.atom(randomOf(this.seed, `variable ${variableOf(expr).name}`, 0n));
      case "pi":
        return this.atom(randomOf(this.seed, "pi", 0n));
      case "add":
        return this.sum(mod(a!.value + b!.value), combine(a!.linear, b!.linear, 1n));
      case "sub":
        return this.sum(mod(a!.value - b!.value), combine(a!.linear, b!.linear, -1n));
      case "neg":
        return { value: mod(-a!.value), linear: scaleLinear(a!.linear, rational(-1n)) };
      case "mul": {
        const value = mod(a!.value * b!.value);
        const [p, q] = [asConstant(a!), asConstant(b!)];
        if (p !== undefined) return { value, linear: scaleLinear(b!.linear, p) };
        return q === undefined ? this.atom(value) : { value, linear: scaleLinear(a!.linear, q) };
      }
      case "div": {
        const value = mod(a!.value * inverse(b!.value));
        const divisor = asConstant(b!);
        if (divisor === undefined) return this.atom(value);
        return { value, linear: scaleLinear(a!.linear, rational(divisor.denominator, divisor.numerator)) };
      }
      case "select":
        return this.isTrue(expr.args[0]!) ? b! : c!;
      case "exp":
        return this.atom(this.exponential(a!));
      case "sqrt":
        return this.atom(this.root(a!.value));
      case "log":
        return this.atom(randomOf(this.seed, "log", a!.value));
      case "erf":
      case "atan": {
        // Odd: of two opposite residues one is drawn.
        const opposite = mod(-a!.value);
        const drawn = randomOf(this.seed, expr.op, a!.value < opposite ? a!.value : opposite);
        return this.atom(a!.value < opposite ? drawn : mod(-drawn));
      }
      case "pow": {
        const exponent = asConstant(b!);
        if (exponent?.denominator !== 1n) throw new Failed("unfit");
        const { numerator } = exponent;
        return this.atom(numerator < 0n ? inverse(power(a!.value, -numerator)) : power(a!.value, numerator));
      }
      default:
        throw new Failed("unfit");
    }
  }

  private exponential({ linear }: Residue): bigint {
    let result = 1n;
    for (const [atom, { numerator, denominator }] of linear) {
      if (SCALE % denominator !== 0n) throw new Failed("unfit");
      const order = PRIME - 1n;
      const exponent = (((numerator * (SCALE / denominator)) % order) + order) % order;
      result = mod(result * power(randomOf(this.seed, "exp", atom), exponent));
    }
    return result;
  }

  private root(value: bigint): bigint {
    const root = power(value, (PRIME + 1n) / 4n);
    if (mod(root * root) !== value) throw new Failed("unlucky");
    return root;
  }
}

const half = fraction(1, 2);
/** Operations that are rewritten with exp, log, erf and conditions before residues are taken. */
const REWRITES: { readonly [K in OperationName]?: (u: Expr, v: Expr) => Expr } = {
  expm1: (u) => sub(exp(u), 1),
  log1p: (u) => log(add(1, u)),
  log2: (u) => div(log(u), log(constant(2))),
  log10: (u) => div(log(u), log(constant(10))),
  log1mexp: (u) => log(sub(1, exp(u))),
  asinh: (u) => log(add(u, sqrt(add(mul(u, u), 1)))),
  acosh: (u) => log(add(u, sqrt(sub(mul(u, u), 1)))),
  atanh: (u) => mul(half, sub(log(add(1, u)), log(sub(1, u)))),
  sinh: (u) => mul(half, sub(exp(u), exp(neg(u)))),
  cosh: (u) => mul(half, add(exp(u), exp(neg(u)))),
  tanh: (u) => sub(1, div(2, add(exp(mul(2, u)), 1))),
  sigmoid: (u) => div(1, add(1, exp(neg(u)))),
  softplus: (u) => log(add(1, exp(u))),
  erfc: (u) => sub(1, erf(u)),
  erfcx: (u) => mul(exp(mul(u, u)), sub(1, erf(u))),
  abs: (u) => select(lt(u, 0), neg(u), u),
  sign: (u) => select(lt(0, u), 1, select(lt(u, 0), -1, 0)),
  min: (u, v) => select(lt(v, u), v, u),
  max: (u, v) => select(lt(u, v), v, u),
};

function elementary(exprs: readonly Expr[]): Expr[] {
  const result = rebuild(exprs, (rebuilt) =>
    hasLaw(rebuilt.op, "vanishing")
      ? constant(0)
      : (REWRITES[rebuilt.op]?.(rebuilt.args[0]!, rebuilt.args[1]!) ?? rebuilt),
  );
  return exprs.map((expr) => result.get(expr)!);
}

/** Do the two agree modulo the prime, in every combination of branches that a number of inputs reaches? */
export function isProbable(left: Expr, right: Expr, input: Expr): boolean {
  if (topological([left, right]).length > LARGEST) return false;
  const [a, b] = elementary([left, right]);
  const order = topological([a!, b!]);
  const choices = branches(order, input);
  if (order.length * choices.length > LARGEST) return false;
  return choices.every((isTrue) => agree(a!, b!, order, isTrue));
}

function agree(a: Expr, b: Expr, order: readonly Expr[], isTrue: (condition: Expr) => boolean): boolean {
  let agreed = 0;
  for (let seed = 1; agreed < TRIALS && seed < 40; seed++)
    try {
      const evaluation = new Evaluation(seed, isTrue);
      evaluation.run(order);
      if (evaluation.of(a) !== evaluation.of(b)) return false;
      agreed += 1;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      if (error.why === "unfit") return false;
    }
  return agreed === TRIALS;
}

const INPUTS = [-60, -7.3, -4.1, -2.7, -1.3, -0.6, -0.2, -0.01, 0.01, 0.3, 0.7, 1.4, 2.6, 3.3, 5.8, 8.1, 30];

/** The truth of every condition, once for each combination that occurs. */
function branches(order: readonly Expr[], input: Expr): ((condition: Expr) => boolean)[] {
  const conditions = order.filter(isCondition);
  if (conditions.length === 0) return [() => true];
  const parameters = variables(...order.slice(-1)).filter((variable) => variable !== input);
  const column = columnEvaluator(INPUTS.length, (name) =>
    name === variableOf(input).name
      ? Float64Array.from(INPUTS)
      : new Float64Array(INPUTS.length).fill(0.8 + 0.3 * parameters.findIndex((p) => variableOf(p).name === name)),
  );
  const truths = new Map<string, (condition: Expr) => boolean>();
  INPUTS.forEach((_, i) => {
    const values = new Map(conditions.map((condition) => [condition, column(condition)[i] === 1]));
    truths.set([...values.values()].join(), (condition) => values.get(condition)!);
  });
  return [...truths.values()];
}
