/** Which overrides an entry point depends on, by way of all that it calls: pipelines that differ in others are the same. */

/** For each entry point the names among `wanted` that its item or one that it mentions has. */
export function reachable(
  items: readonly (readonly string[])[],
  entries: readonly string[],
  wanted: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, ReadonlySet<string>>();
  for (const lines of items) {
    const code = lines.filter((line) => !line.trim().startsWith("//")).join("\n");
    const [, name] = /(?:fn|var<workgroup>) (\w+)/.exec(code) ?? [];
    if (name !== undefined) words.set(name, new Set(code.match(/\w+/g)));
  }
  return new Map(
    entries.map((entry) => {
      const seen = new Set([entry]);
      for (const name of seen) for (const word of words.get(name) ?? []) if (words.has(word)) seen.add(word);
      return [entry, wanted.filter((one) => [...seen].some((name) => words.get(name)?.has(one) === true))];
    }),
  );
}
