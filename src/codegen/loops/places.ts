/** Integers taken apart: what varies along an axis, and what does not. */
import { constantInteger, integerParts, plus, position, times, type Integer } from "../../ir/graph/integer.js";
import type { Axis } from "../../ir/graph/tensor.js";

export const ZERO = constantInteger(0);
export const ONE = constantInteger(1);

/** The sum of what `belongs` says to keep and the rest: `[rest, kept]`. */
export function splitSum(integer: Integer, belongs: (part: Integer) => boolean): readonly [Integer, Integer] {
  if (!belongs(integer)) return [integer, ZERO];
  const [a, b] = integer.args;
  if (integer.kind === "add") {
    const [left, right] = [splitSum(a!, belongs), splitSum(b!, belongs)];
    return [plus(left[0], right[0]), plus(left[1], right[1])];
  }
  if (integer.kind === "mul") {
    const [varying, factor] = belongs(a!) ? [a!, b!] : [b!, a!];
    if (!belongs(factor)) {
      const [rest, kept] = splitSum(varying, belongs);
      return [times(rest, factor), times(kept, factor)];
    }
  }
  return [ZERO, integer];
}

const mentions = (integer: Integer, part: Integer): boolean => integerParts(integer).includes(part);

/** By how much it grows from one position to the next; undefined when that is not the same everywhere. */
export function strideAlong(integer: Integer, axis: Axis): Integer | undefined {
  const here = position(axis);
  if (integer === here) return ONE;
  if (!mentions(integer, here)) {
    const reads = integerParts(integer).some(({ tensor }) => tensor?.axes.some(({ name }) => name === axis.name));
    return reads ? undefined : ZERO;
  }
  const [a, b] = integer.args as [Integer, Integer];
  if (integer.kind === "add") {
    const [left, right] = [strideAlong(a, axis), strideAlong(b, axis)];
    return left === undefined || right === undefined ? undefined : plus(left, right);
  }
  if (integer.kind !== "mul" || (mentions(a, here) && mentions(b, here))) return undefined;
  const [varying, factor] = mentions(a, here) ? [a, b] : [b, a];
  const stride = strideAlong(varying, axis);
  return stride === undefined ? undefined : times(stride, factor);
}

/** As a sum of products: how often each product of parts that are neither occurs. */
function expanded(integer: Integer): Map<string, number> {
  if (integer.kind === "constant") return new Map(integer.value === 0 ? [] : [["", integer.value]]);
  const [a, b] = integer.args;
  const result = new Map<string, number>();
  const put = (key: string, count: number): void => {
    const sum = (result.get(key) ?? 0) + count;
    if (sum === 0) result.delete(key);
    else result.set(key, sum);
  };
  if (integer.kind === "add") for (const side of [a!, b!]) expanded(side).forEach((count, key) => put(key, count));
  else if (integer.kind === "mul") {
    for (const [left, p] of expanded(a!))
      for (const [right, q] of expanded(b!)) {
        const factors = [...left.split("·"), ...right.split("·")].filter((factor) => factor !== "");
        put(factors.sort().join("·"), p * q);
      }
  } else put(integer.text, 1);
  return result;
}

/** Whether they are the same sum of products. */
export function isSameInteger(left: Integer, right: Integer): boolean {
  const [a, b] = [expanded(left), expanded(right)];
  return a.size === b.size && [...a].every(([key, count]) => b.get(key) === count);
}

export const product = (factors: readonly Integer[]): Integer =>
  factors.reduce<Integer>((all, one) => times(all, one), ONE);
