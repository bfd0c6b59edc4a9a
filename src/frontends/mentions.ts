/** Mentions of names: in a file by where they stand, and anywhere in a piece of syntax. */
import type { Span } from "./place.js";

/** The mentions in their order, and those in a piece of the file. */
export function indexed<Mention extends { readonly start: number }>(
  mentions: readonly Mention[],
): { readonly mentions: readonly Mention[]; readonly mentionsIn: (place: Span) => readonly Mention[] } {
  const inOrder = [...mentions].sort((a, b) => a.start - b.start);
  const firstFrom = (start: number): number => {
    let [low, high] = [0, inOrder.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (inOrder[middle]!.start < start) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { mentions: inOrder, mentionsIn: ({ start, end }) => inOrder.slice(firstFrom(start), firstFrom(end)) };
}

/** Whether one of the names stands anywhere in a piece of syntax. */
export const mentions = (part: unknown, names: ReadonlySet<string>): boolean =>
  typeof part === "object" &&
  part !== null &&
  (("kind" in part && part.kind === "name" && "name" in part && names.has(String(part.name))) ||
    Object.values(part).some((inner) => mentions(inner, names)));
