/** Syntax of whatever language, as plain data: what stands anywhere in it. */

/** Every piece of a piece of syntax, in their order. */
export function* piecesOf(root: unknown): Generator<Readonly<Record<string, unknown>>> {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const part = waiting.pop();
    if (typeof part !== "object" || part === null) continue;
    yield part as Readonly<Record<string, unknown>>;
    for (const inner of Object.values(part).reverse()) waiting.push(inner);
  }
}

/** Whether one of the names stands anywhere in a piece of syntax. */
export function mentions(root: unknown, names: ReadonlySet<string>): boolean {
  for (const { kind, name } of piecesOf(root)) if (kind === "name" && names.has(String(name))) return true;
  return false;
}
