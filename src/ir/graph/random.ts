/**
 * Random numbers that are the same everywhere: Threefry-2x32 with 20 rounds, of which only 32-bit additions, rotations and
 * exclusive-ors are needed (Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3).
 */

export const THREEFRY_ROUNDS = 20;
/** After so many rounds the key is mixed in. */
export const THREEFRY_GROUP = 4;
/** Those of the rounds, over and over. */
export const THREEFRY_ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
export const THREEFRY_PARITY = 0x1bd11bda;

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** The two output words for a key and a counter, each two 32-bit words. */
export function threefry(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  const keys = [key[0], key[1], THREEFRY_PARITY ^ key[0] ^ key[1]];
  let a = (counter[0] + keys[0]!) | 0;
  let b = (counter[1] + keys[1]!) | 0;
  for (let round = 0; round < THREEFRY_ROUNDS; round++) {
    a = (a + b) | 0;
    b = rotate(b, THREEFRY_ROTATIONS[round % THREEFRY_ROTATIONS.length]!) ^ a;
    const group = (round + 1) / THREEFRY_GROUP;
    if (Number.isInteger(group)) {
      a = (a + keys[group % 3]!) | 0;
      b = (b + keys[(group + 1) % 3]! + group) | 0;
    }
  }
  return [a >>> 0, b >>> 0];
}

/** Uniform in [0, 1) with 24 bits, which float32 holds exactly: element number `index` of a stream. */
export const uniform = (seed: number, counter: number, stream: number, index: number): number =>
  (threefry([seed, counter], [index, stream])[0] >>> 8) * 2 ** -24;
