/** Times that are fair to all candidates, and numbers from a fixed seed. */

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Milliseconds of each candidate in each round. Candidates take turns, so that a slow moment of the machine hits all. */
export function interleaved(candidates: readonly (() => void)[], rounds: number, warmUps: number): number[][] {
  const times = candidates.map((): number[] => []);
  for (let round = -warmUps; round < rounds; round++)
    candidates.forEach((candidate, which) => {
      const start = performance.now();
      candidate();
      const time = performance.now() - start;
      if (round >= 0) times[which]!.push(time);
    });
  return times;
}

/** Uniform float32 numbers in [-bound, bound) from a seed (mulberry32). */
export function uniform(length: number, bound: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1) * bound;
  });
}
