/** The operations of loops, one row each: which types they take and give, and their meaning in each lane. */
import { elementOf, lanesOf, typeOf, type Element, type Type } from "./types.js";

export interface LoopOperation {
  /** The type of the result, and undefined for operands that it is not made for. */
  readonly type: (...operands: Type[]) => Type | undefined;
  /** The result in one lane before it is rounded to the element; truths are 1 and 0. */
  readonly lane?: (...operands: number[]) => number;
  /** The lanes of the result, where they are not made each from the same lanes of the operands. */
  readonly across?: (...operands: readonly (readonly number[])[]) => readonly number[];
}

const isFloat = (type: Type): boolean => elementOf(type) === "f64" || elementOf(type) === "f32";
const isWhole = (type: Type): boolean => elementOf(type) === "i32";
const isTruth = (type: Type): boolean => elementOf(type) === "bool";
const isNumber = (type: Type): boolean => isFloat(type) || isWhole(type);
const alike = (types: readonly Type[]): boolean => types.every((type) => type === types[0]);
const inLanesOf = (element: Element, type: Type): Type => typeOf(element, lanesOf(type));

const row = (
  count: number,
  takes: (type: Type) => boolean,
  lane: (...operands: number[]) => number,
): LoopOperation => ({
  type: (...types) => (types.length === count && alike(types) && takes(types[0]!) ? types[0] : undefined),
  lane,
});

const comparison = (lane: (a: number, b: number) => boolean): LoopOperation => ({
  type: (...types) =>
    types.length === 2 && alike(types) && isNumber(types[0]!) ? inLanesOf("bool", types[0]!) : undefined,
  lane: (a, b) => Number(lane(a!, b!)),
});

const conversion = (from: Element | readonly Element[], to: Element): LoopOperation => ({
  type: (...types) =>
    types.length === 1 && [from].flat().includes(elementOf(types[0]!)) ? inLanesOf(to, types[0]!) : undefined,
  lane: (a) => a!,
});

const reduction = (
  takes: (type: Type) => boolean,
  across: LoopOperation["across"] & {},
  lanes: (type: Type) => number = () => 1,
): LoopOperation => ({
  type: (...types) =>
    types.length === 1 && takes(types[0]!) ? typeOf(elementOf(types[0]!), lanes(types[0]!)) : undefined,
  across,
});
const isFour = (type: Type): boolean => isFloat(type) && lanesOf(type) === 4;
const isTwo = (type: Type): boolean => isFloat(type) && lanesOf(type) === 2;
const half = (type: Type): number => lanesOf(type) / 2;

/**
 * In a sum with this the last bit is worth 1: it rounds to a whole number, in the last bits, ties to one side. With that number as
 * exponent these are the bits of a power of two.
 */
export const EXPONENTS = { f64: 6755399441055744 + 1023, f32: 12582912 + 127 } as const;

export const LOOP_OPERATIONS = {
  add: row(2, isNumber, (a, b) => a! + b!),
  sub: row(2, isNumber, (a, b) => a! - b!),
  mul: row(2, isNumber, (a, b) => a! * b!),
  div: row(2, isFloat, (a, b) => a! / b!),
  neg: row(1, isFloat, (a) => -a!),
  abs: row(1, isFloat, (a) => Math.abs(a!)),
  sqrt: row(1, isFloat, (a) => Math.sqrt(a!)),
  /** a·b + c and c - a·b, with the product rounded or not: whatever is faster. */
  multiplyAdd: row(3, isFloat, (a, b, c) => a! * b! + c!),
  subtractProduct: row(3, isFloat, (a, b, c) => c! - a! * b!),
  /** b < a ? b : a, so that the second is left out where they cannot be compared. */
  least: row(2, isFloat, (a, b) => (b! < a! ? b! : a!)),
  /** a < b ? b : a. */
  greatest: row(2, isFloat, (a, b) => (a! < b! ? b! : a!)),
  /** The larger, and NaN where either is. */
  max: row(2, isFloat, (a, b) => Math.max(a!, b!)),
  /**
   * 2^k of the sum of `EXPONENTS` and a whole number k. In float64 that is 0 for the exponent below that of the smallest normal
   * number, Infinity above the largest; float32 has normal powers only.
   */
  powerOfTwo: row(1, isFloat, (sum) => {
    const k = sum! - (sum! < 2 ** 24 ? EXPONENTS.f32 : EXPONENTS.f64);
    return k === -1023 ? 0 : 2 ** k;
  }),
  /** Of whole numbers, rounded towards 0, and what is left. */
  quotient: row(2, isWhole, (a, b) => Math.trunc(a! / b!)),
  remainder: row(2, isWhole, (a, b) => a! % b!),
  /** The bits that both have, and those that one of them has. */
  bitAnd: row(2, isWhole, (a, b) => a! & b!),
  bitXor: row(2, isWhole, (a, b) => a! ^ b!),
  /** The bits of a further to the left, around the end, and further to the right, with zeros behind them. */
  rotateLeft: row(2, isWhole, (a, by) => (a! << by!) | (a! >>> (32 - by!))),
  shiftRight: row(2, isWhole, (a, by) => a! >>> by!),
  lt: comparison((a, b) => a < b),
  le: comparison((a, b) => a <= b),
  eq: comparison((a, b) => a === b),
  and: row(2, isTruth, (a, b) => a! & b!),
  or: row(2, isTruth, (a, b) => a! | b!),
  not: row(1, isTruth, (a) => 1 - a!),
  select: {
    type: (...types) => {
      const [condition, a, b] = types;
      const fits = types.length === 3 && a === b && condition === inLanesOf("bool", a!);
      return fits ? a : undefined;
    },
    lane: (condition, a, b) => (condition === 1 ? a! : b!),
  },
  widen: conversion("f32", "f64"),
  narrow: conversion("f64", "f32"),
  fromWhole: conversion(["i32", "u8"], "f64"),
  /** Of a whole number that 32 bits hold. */
  toWhole: conversion("f64", "i32"),
  /** The first lane of a vector alone, and the last; its first half and its second; and whether any lane, or each of four, is true. */
  first: reduction(isFloat, (lanes) => [lanes![0]!]),
  last: reduction(isFloat, (lanes) => [lanes!.at(-1)!]),
  low: reduction(isFour, (lanes) => lanes!.slice(0, lanes!.length / 2), half),
  high: reduction(isFour, (lanes) => lanes!.slice(lanes!.length / 2), half),
  /** The vector of two halves. */
  joined: {
    type: (...types) =>
      types.length === 2 && alike(types) && isTwo(types[0]!) ? typeOf(elementOf(types[0]!), 4) : undefined,
    across: (low, high) => [...low!, ...high!],
  },
  any: reduction(isTruth, (lanes) => [Math.max(...lanes!)]),
  all: reduction(isTruth, (lanes) => [Math.min(...lanes!)]),
} as const satisfies Readonly<Record<string, LoopOperation>>;

export type LoopOperationName = keyof typeof LOOP_OPERATIONS;

/** How results become numbers of an element. */
export const ROUNDINGS: Readonly<Record<Element, (value: number) => number>> = {
  f64: (value) => value,
  f32: Math.fround,
  i32: (value) => value | 0,
  u8: (value) => value & 255,
  bool: (value) => value,
};
