/** Mentions of names in a file by where they stand. */
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
