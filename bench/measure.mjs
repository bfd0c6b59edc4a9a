/** Timing that is fair to its candidates: interleaved rounds, medians, and a fixed seed for the data. */

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Milliseconds of each candidate in each round. Candidates take turns, so that a slow moment of the machine hits all. */
export function interleaved(candidates, rounds, warmUps) {
  const times = candidates.map(() => []);
  for (let round = -warmUps; round < rounds; round++)
    candidates.forEach((candidate, which) => {
      const start = performance.now();
      candidate();
      const time = performance.now() - start;
      if (round >= 0) times[which].push(time);
    });
  return times;
}

/** Uniform float32 numbers in [-bound, bound) from a fixed seed (mulberry32). */
export function uniform(length, bound, seed) {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1) * bound;
  });
}

/** Columns as wide as their widest cell, the first to the left and the others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join("  "),
    )
    .join("\n");
}

export const verdict = (holds) => (holds ? "holds" : "DOES NOT HOLD");
