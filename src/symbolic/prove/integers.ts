/** Whole numbers of any size. */
export const gcd = (a: bigint, b: bigint): bigint => {
  let [u, v] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (v !== 0n) [u, v] = [v, u % v];
  return u;
};

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

const LARGEST_PRIME = 20_000n;

/** |n| = Π prime^count; what has no small factor counts as a prime. */
export function primeFactors(n: bigint): (readonly [bigint, number])[] {
  let rest = n < 0n ? -n : n;
  const found: (readonly [bigint, number])[] = [];
  for (let prime = 2n; prime * prime <= rest && prime < LARGEST_PRIME; prime += prime === 2n ? 1n : 2n) {
    let count = 0;
    for (; rest % prime === 0n; rest /= prime) count += 1;
    if (count > 0) found.push([prime, count]);
  }
  const root = integerRoot(rest);
  if (rest > 1n) found.push(root === undefined ? [rest, 1] : [root, 2]);
  return found;
}
