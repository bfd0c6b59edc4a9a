/** A mistake of the user, with its place and what to do about it: what every part throws and the command line prints. */
export class Diagnostic extends Error {
  /** The text that the place refers to (a formula), and the half-open range of characters in it. */
  readonly source?: string;
  readonly start?: number;
  readonly end?: number;
  readonly hint?: string;

  constructor(message: string, details: { source?: string; start?: number; end?: number; hint?: string } = {}) {
    super(message);
    this.name = "Diagnostic";
    Object.assign(this, details);
  }
}

/** The candidate that differs least from a name, when it is close enough to have been meant. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  const limit = Math.max(1, Math.floor(Math.min(name.length, 40) / 3));
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
