/** Mentions of names in a file, by where they stand. */
import type { Span } from "../place.js";

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

/** The mentions in a piece of a file, and in all functions that it may run, as far as `runs` tells them. */
export function* mentionsBehind<Mention, Node extends Span>(
  { mentionsIn }: { readonly mentionsIn: (place: Span) => readonly Mention[] },
  place: Span,
  runs: (mention: Mention) => readonly Node[],
): Generator<Mention> {
  const seen = new Set<Node>();
  const waiting: Span[] = [place];
  while (waiting.length > 0)
    for (const mention of mentionsIn(waiting.pop()!)) {
      const nodes = runs(mention).filter((node) => !seen.has(node));
      for (const node of nodes) seen.add(node);
      waiting.push(...nodes);
      yield mention;
    }
}
