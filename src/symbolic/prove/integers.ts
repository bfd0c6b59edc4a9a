/** Whole numbers of any size. */
import { isSafe } from "../../ir/rational.js";

export function integerRoot(value: bigint): bigint | undefined {
  if (value < 0n) return undefined;
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) break;
    root = next;
  }
  return root * root === value ? root : undefined;
}

const LARGEST_PRIME = 20_000;

/** |n| = Π prime^count; what has no small factor counts as a prime. */
export function primeFactors(n: bigint): (readonly [bigint, number])[] {
  let rest = n < 0n ? -n : n;
  const found: (readonly [bigint, number])[] = [];
  /** Too large for a float64 it counts as infinite. */
  const inFloats = (): number => (isSafe(rest) ? Number(rest) : Infinity);
  let left = inFloats();
  const isDivisible = (by: number): boolean => (left === Infinity ? rest % BigInt(by) === 0n : left % by === 0);
  for (let prime = 2; prime < LARGEST_PRIME && prime * prime <= left; prime += prime === 2 ? 1 : 2) {
    let count = 0;
    for (; isDivisible(prime); count += 1) {
      rest /= BigInt(prime);
      left = inFloats();
    }
    if (count > 0) found.push([BigInt(prime), count]);
  }
  const root = integerRoot(rest);
  if (rest > 1n) found.push(root === undefined ? [rest, 1] : [root, 2]);
  return found;
}
