/** Types of elements: floats are real numbers here; whole numbers have ends, and truths are conditions. */
import { fromRational, select } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import { rational, type Rational } from "../../ir/rational.js";
import { reason } from "../place.js";
import { createPartial } from "../partial.js";
import { truthOf } from "./arithmetic.js";
import { Unfit } from "./unfit.js";
import { OVERFLOW, TRUTHS } from "./unreadable.js";
import { wrapped } from "./wrapped.js";
import type { ElementType, Memory, Value } from "./values.js";

const TRUNCATES = reason(
  "this cuts off the digits behind the point, so it jumps",
  "convert conditions to whole numbers, not numbers",
);

const signed = (name: string, bits: number): ElementType => ({
  name,
  low: -(2 ** (bits - 1)),
  high: 2 ** (bits - 1) - 1,
});
const unsigned = (name: string, bits: number): ElementType => ({ name, low: 0, high: 2 ** bits - 1 });
export const INT64 = signed("int64", 64);
export const BOOL: ElementType = { name: "bool", low: 0, high: 1 };

/** By the names that frameworks have for them. */
const TYPES: readonly (readonly [RegExp, ElementType])[] = [
  [/^(?:bool|BoolTensor)$/, BOOL],
  [/^(?:uint8|byte|ByteTensor)$/, unsigned("uint8", 8)],
  [/^uint16$/, unsigned("uint16", 16)],
  [/^uint32$/, unsigned("uint32", 32)],
  [/^uint64$/, unsigned("uint64", 64)],
  [/^(?:int8|char|CharTensor)$/, signed("int8", 8)],
  [/^(?:int16|short|ShortTensor)$/, signed("int16", 16)],
  [/^(?:int32|int|IntTensor)$/, signed("int32", 32)],
  [/^(?:int64|long|LongTensor)$/, INT64],
];
const FLOATS = /^(?:float|bfloat|half|double|complex|floatx|cfloat|cdouble)\d*$|^(?:Float|Double|Half|BFloat16)Tensor$/;

/** "same" where nothing is said of the type. */
export type Target = "float" | "same" | ElementType;

export function targetOf(values: readonly Value[]): Target {
  for (const value of values) {
    if (value.kind === "tensor") return typeOf(value.memory) ?? "float";
    if (value.kind === "plumbing" && value.isType) return value.type ?? "float";
    const name =
      value.kind === "path"
        ? value.path.split(".").at(-1)!
        : value.kind === "text"
          ? value.text.split(".").at(-1)!
          : "";
    const type = TYPES.find(([names]) => names.test(name))?.[1];
    if (type !== undefined) return type;
    if (FLOATS.test(name)) return "float";
  }
  return "same";
}

/** The type of a tensor's elements; nothing for floats. */
export const typeOf = ({ content, type }: Memory): ElementType | undefined => (isCondition(content) ? BOOL : type);

export interface Elements {
  readonly content: Expr;
  readonly type?: ElementType;
}

/** The elements as another type. */
export function cast({ content, type }: Elements, target: Target): Elements {
  if (target === "same") return type === undefined ? { content } : { content, type };
  if (target === BOOL) return { content: truthOf(content) };
  const number = isCondition(content) ? select(content, 1, 0) : content;
  if (target === "float") return { content: number };
  if (content.op === "rational") {
    const { numerator, denominator } = content.payload as Rational;
    return inRange({ content: fromRational(rational(numerator / denominator)), type: target });
  }
  if (!isCondition(content) && type === undefined) throw new Unfit(TRUNCATES, undefined);
  return inRange({ content: number, type: target });
}

/** Of the widest types nothing overflows that people compute with; of the others it is checked. */
export function inRange(elements: Elements): Elements {
  const { content, type } = elements;
  if (type === undefined || (/^u?int(?:32|64)$/.test(type.name) && type.low < 0)) return elements;
  const { low, high } = createPartial().range(content);
  if (low >= type.low && high <= type.high) return elements;
  const held = wrapped(content, type);
  if (held === undefined) throw new Unfit(OVERFLOW, undefined);
  return { content: held, type };
}

/** Whether a number of Python is surely a float. */
export const isFloatResult = (operands: readonly Value[], name: string): boolean =>
  name === "/" ||
  FLOATING.test(name) ||
  operands.some((operand) => operand.kind === "number" && operand.isFloat === true);

/** Functions that give floats, whatever they are given. */
const FLOATING =
  /^(?:exp\w*|log\w*|sqrt|cbrt|sinc|rsqrt|reciprocal|sigmoid|a?r?c?tanh?|tan|a?r?c?sinh?|a?r?c?cosh?|erf\w*|div\w*|truediv|true_divide|softplus|softsign|silu|swish|mish|gelu|elu|selu|celu|logit|expit|ndtr|log_ndtr|xlog\w*|hypot|float32|float64)$/;

/** The type that an operation gives: floats win, then the widest. */
export function promoted(operands: readonly Value[], name = ""): ElementType | undefined {
  if (name === "/" || FLOATING.test(name)) return undefined;
  const tensors = operands.filter((operand) => operand.kind === "tensor");
  const types = tensors.map(({ memory }) => typeOf(memory));
  const isFloat = operands.some((operand) => operand.kind === "number" && operand.isFloat === true);
  if (isFloat || types.includes(undefined)) return undefined;
  const isOfTruths = types.length > 0 && types.every((type) => type === BOOL);
  if (isOfTruths && name === "where" && !operands.some(({ kind }) => kind === "number")) return BOOL;
  if (isOfTruths && !operands.some(({ kind }) => kind === "number")) throw new Unfit(TRUTHS, undefined);
  const whole = types.filter((type) => type !== undefined && type !== BOOL) as readonly ElementType[];
  const widest = whole.reduce<ElementType | undefined>(
    (a, c) => (a === undefined || c.high - c.low > a.high - a.low ? c : a),
    undefined,
  );
  // Signed and unsigned of one size need the next one, and a tensor of no dimension does not widen others.
  const isOfSizes = tensors.some(({ memory }) => memory.single) && tensors.some(({ memory }) => !memory.single);
  const isWider = ({ low, high }: ElementType): boolean =>
    widest !== undefined && (low < widest.low || high > widest.high);
  if (whole.some(isWider) || (isOfSizes && whole.some((type) => type !== widest))) throw new Unfit(OVERFLOW, undefined);
  return widest ?? INT64;
}
