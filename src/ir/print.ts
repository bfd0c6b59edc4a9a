/** An expression as formula text, which the formula frontend reads back to an expression of the same value. */
import { fromRational, mul, naturalPower } from "./build.js";
import { topological, variableOf, type Expr } from "./expr.js";
import type { OperationName } from "./ops.js";
import { compareRational, negateRational, rational, type Rational } from "./rational.js";

/** How tightly text binds; an operand that binds less than its place asks for is put in parentheses. */
const CONDITIONAL = 1;
const OR = 2;
const AND = 3;
const COMPARISON = 4;
const SUM = 5;
const PRODUCT = 6;
const UNARY = 7;
const POWER = 8;
const ATOM = 9;

interface Operand {
  readonly expr: Expr;
  readonly binding: number;
}

/** Text with holes. */
interface Shape {
  readonly parts: readonly (string | Operand)[];
  readonly binding: number;
}

const atom = (text: string): Shape => ({ parts: [text], binding: ATOM });
const operand = (expr: Expr | undefined, binding: number): Operand => ({ expr: expr!, binding });

/** `a op b`; operators of one level group to the left, so the right operand must bind more. */
const infix = (a: Expr, operator: string, b: Expr, binding: number): Shape => ({
  parts: [operand(a, binding), ` ${operator} `, operand(b, binding + 1)],
  binding,
});

const comparison = (a: Expr, operator: string, b: Expr): Shape => ({
  parts: [operand(a, SUM), ` ${operator} `, operand(b, SUM)],
  binding: COMPARISON,
});

type Shaper = (...args: Expr[]) => Shape;

/** The variability of an operand: a comparison has the one that varies less on its right, `x > 0` for `0 < x`. */
const variability = (expr: Expr): number => {
  if (expr.op === "rational") return 0;
  return expr.op === "variable" && variableOf(expr).role === "parameter" ? 1 : 2;
};

const ordering =
  (operator: string, mirrored: string): Shaper =>
  (a, b) =>
    variability(a!) < variability(b!) ? comparison(b!, mirrored, a!) : comparison(a!, operator, b!);

const SHAPES: Partial<Record<OperationName, Shaper>> = {
  add: (a, b) => {
    const opposite = negated(b!);
    return opposite === undefined ? infix(a!, "+", b!, SUM) : infix(a!, "-", opposite, SUM);
  },
  sub: (a, b) => {
    const opposite = negated(b!);
    return opposite === undefined ? infix(a!, "-", b!, SUM) : infix(a!, "+", opposite, SUM);
  },
  mul: (a, b) => {
    const [p, q] = [unitFraction(a!), unitFraction(b!)];
    if (p !== undefined) return infix(b!, "/", p, PRODUCT);
    return q === undefined ? infix(a!, "*", b!, PRODUCT) : infix(a!, "/", q, PRODUCT);
  },
  div: (a, b) => infix(a!, "/", b!, PRODUCT),
  neg: (a) => ({ parts: ["-", operand(a, POWER)], binding: UNARY }),
  pow: (a, b) => ({ parts: [operand(a, ATOM), "^", operand(b, UNARY)], binding: POWER }),
  lt: ordering("<", ">"),
  le: ordering("<=", ">="),
  eq: (a, b) => comparison(a!, "==", b!),
  and: (a, b) => infix(a!, "and", b!, AND),
  or: (a, b) => infix(a!, "or", b!, OR),
  not: (a) =>
    a!.op === "eq"
      ? comparison(a!.args[0]!, "!=", a!.args[1]!)
      : { parts: ["not ", operand(a, UNARY)], binding: UNARY },
  select: (c, a, b) => ({
    parts: [operand(c, OR), " ? ", operand(a, OR), " : ", operand(b, CONDITIONAL)],
    binding: CONDITIONAL,
  }),
};

const call = (expr: Expr): Shape => ({
  parts: [
    `${expr.op}(`,
    ...expr.args.flatMap((arg, i) => (i === 0 ? [operand(arg, CONDITIONAL)] : [", ", operand(arg, CONDITIONAL)])),
    ")",
  ],
  binding: ATOM,
});

function shapeOf(expr: Expr, powers: ReadonlyMap<Expr, PowerOf>): Shape {
  const power = powers.get(expr);
  if (power !== undefined) return { parts: [operand(power.base, ATOM), `^${power.exponent}`], binding: POWER };
  if (expr.op === "variable") return atom(variableOf(expr).name);
  if (expr.op === "pi") return atom("pi");
  if (expr.op === "rational") return rationalShape(expr.payload as Rational);
  if (expr.op === "float") return floatShape(expr.payload as number);
  return SHAPES[expr.op]?.(...expr.args) ?? call(expr);
}

const floatShape = (value: number): Shape => ({
  parts: [Object.is(value, -0) ? "-0" : String(value)],
  binding: value < 0 || Object.is(value, -0) ? UNARY : ATOM,
});

const isNegative = (expr: Expr): boolean =>
  expr.op === "rational" && compareRational(expr.payload as Rational, rational(0n)) < 0;
const opposite = (expr: Expr): Expr => fromRational(negateRational(expr.payload as Rational));

/** -expr where expr has a minus sign in front; the two differ by the sign also in floats. */
function negated(expr: Expr): Expr | undefined {
  if (expr.op === "neg") return expr.args[0]!;
  if (isNegative(expr)) return opposite(expr);
  if (expr.op === "mul" && isNegative(expr.args[0]!)) return mul(opposite(expr.args[0]!), expr.args[1]!);
  return undefined;
}

/** q where the expression is 1/q and has no short decimal: 1/6, not 1/2. */
function unitFraction(expr: Expr): Expr | undefined {
  if (expr.op !== "rational") return undefined;
  const { numerator, denominator } = expr.payload as Rational;
  if (numerator !== 1n || decimalText(expr.payload as Rational) !== undefined) return undefined;
  return fromRational(rational(denominator));
}

interface PowerOf {
  readonly base: Expr;
  readonly exponent: number;
}

const LARGEST_POWER = 64;

/** The products that `naturalPower` made. */
function naturalPowers(order: readonly Expr[]): ReadonlyMap<Expr, PowerOf> {
  const powers = new Map<Expr, PowerOf>();
  const powerOf = (expr: Expr): PowerOf => powers.get(expr) ?? { base: expr, exponent: 1 };
  for (const expr of order) {
    if (expr.op !== "mul") continue;
    const [a, b] = [powerOf(expr.args[0]!), powerOf(expr.args[1]!)];
    const exponent = a.exponent + b.exponent;
    if (a.base !== b.base || exponent > LARGEST_POWER) continue;
    if (naturalPower(a.base, exponent) === expr) powers.set(expr, { base: a.base, exponent });
  }
  return powers;
}

const LONGEST_DECIMAL = 20;

/** The exact decimal when it is finite, and short or at least shorter than the quotient; integers always have one. */
function decimalText({ numerator, denominator }: Rational): string | undefined {
  const quotientLength = `${numerator}${denominator}`.length;
  let [rest, places] = [denominator, 0];
  for (; rest % 10n === 0n; places++) rest /= 10n;
  for (const [factor, other] of [
    [2n, 5n],
    [5n, 2n],
  ] as const)
    for (; rest % factor === 0n; places++) [rest, numerator] = [rest / factor, numerator * other];
  if (rest !== 1n) return undefined;
  const sign = numerator < 0n ? "-" : "";
  const all = String(numerator).replace("-", "");
  const digits = all.replace(/(?<=.)0+$/, "");
  if (denominator !== 1n && digits.length > Math.max(LONGEST_DECIMAL, quotientLength)) return undefined;
  return sign + placePoint(digits, all.length - digits.length - places);
}

/** digits · 10^exponent, plainly when that is short. */
function placePoint(digits: string, exponent: number): string {
  const point = digits.length + exponent;
  if (exponent >= 0 && exponent <= 6) return digits + "0".repeat(exponent);
  if (exponent < 0 && point > 0) return `${digits.slice(0, point)}.${digits.slice(point)}`;
  if (exponent < 0 && point > -6) return `0.${"0".repeat(-point)}${digits}`;
  return `${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ""}e${point - 1}`;
}

/** From here on a power of two is written as one. */
const LARGE = 1n << 64n;

/** k where the number is ±2^k, and large. */
function powerOfTwo({ numerator, denominator }: Rational): number | undefined {
  const magnitude = numerator < 0n ? -numerator : numerator;
  if (denominator !== 1n || magnitude < LARGE || (magnitude & (magnitude - 1n)) !== 0n) return undefined;
  return magnitude.toString(2).length - 1;
}

function rationalShape(value: Rational): Shape {
  const exponent = powerOfTwo(value);
  if (exponent !== undefined) {
    const negative = value.numerator < 0n;
    return { parts: [`${negative ? "-" : ""}2^${exponent}`], binding: negative ? UNARY : POWER };
  }
  const text = decimalText(value);
  if (text === undefined) return { parts: [`${value.numerator} / ${value.denominator}`], binding: PRODUCT };
  return { parts: [text], binding: value.numerator < 0n ? UNARY : ATOM };
}

interface Entry {
  readonly expr: Expr;
  readonly shape: Shape;
  readonly operands: readonly Operand[];
  uses: number;
  /** The length of the text with everything written out; infinite soon when much is shared. */
  length: number;
}

/** The shapes below an expression, operands before users. */
function shapesBelow(root: Expr): ReadonlyMap<Expr, Entry> {
  const powers = naturalPowers(topological([root]));
  const shapes = new Map<Expr, Shape>();
  const entries = new Map<Expr, Entry>();
  const stack = [root];
  while (stack.length > 0) {
    const expr = stack.at(-1)!;
    let shape = shapes.get(expr);
    if (shape === undefined) shapes.set(expr, (shape = shapeOf(expr, powers)));
    const operands = shape.parts.filter((part) => typeof part !== "string");
    const waiting = operands.filter((part) => !entries.has(part.expr)).map((part) => part.expr);
    if (waiting.length > 0) {
      stack.push(...waiting.reverse());
      continue;
    }
    stack.pop();
    if (entries.has(expr)) continue;
    for (const part of operands) entries.get(part.expr)!.uses += 1;
    const length = shape.parts.reduce(
      (sum, part) => sum + (typeof part === "string" ? part.length : entries.get(part.expr)!.length),
      0,
    );
    entries.set(expr, { expr, shape, operands, uses: 0, length });
  }
  return entries;
}

/**
 * The text of an expression. Beyond `limit` characters, what is used more than once is written first, as lines
 * `t1 = ...`: the text then grows with the number of nodes, however much they share. Such text is for reading only.
 */
export function formulaText(expr: Expr, limit = 4000): string {
  const entries = shapesBelow(expr);
  const named = entries.get(expr)!.length > limit;
  const taken = new Set([...entries.keys()].filter(({ op }) => op === "variable").map((leaf) => variableOf(leaf).name));
  const texts = new Map<Expr, { readonly text: string; readonly binding: number }>();
  const lines: string[] = [];
  let count = 0;
  for (const entry of entries.values()) {
    let text = "";
    for (const part of entry.shape.parts) {
      if (typeof part === "string") text += part;
      else {
        const inner = texts.get(part.expr)!;
        text += inner.binding < part.binding ? `(${inner.text})` : inner.text;
      }
    }
    if (named && entry.uses > 1 && entry.operands.length > 0) {
      do count += 1;
      while (taken.has(`t${count}`));
      lines.push(`t${count} = ${text}`);
      texts.set(entry.expr, atomText(`t${count}`));
    } else texts.set(entry.expr, { text, binding: entry.shape.binding });
  }
  return [...lines, texts.get(expr)!.text].join("\n");
}

const atomText = (text: string): { readonly text: string; readonly binding: number } => ({ text, binding: ATOM });
