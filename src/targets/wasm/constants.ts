/**
 * Vector constants of loops as locals that are set before them. An engine that keeps a constant where it is used makes it
 * anew there: V8 of Chromium 143 does, by three instructions, as much as the operation that takes it.
 */
import type { Term } from "./spelling.js";

/** A function's body with the constants of its loops as locals, and the names of these. */
export function constantsBefore(body: readonly Term[]): {
  readonly locals: readonly string[];
  readonly body: readonly Term[];
} {
  const named = new Map<string, { readonly name: string; readonly constant: Term }>();
  const read = (constant: Term): Term => {
    const text = String(constant);
    if (!named.has(text)) named.set(text, { name: `$constant:${named.size}`, constant });
    return ["local.get", named.get(text)!.name];
  };
  const inLoop = (term: Term): Term => {
    if (typeof term === "string") return term;
    if (term[0] === "v128.const") return read(term);
    // Constants that few elements need are made where these need them: locals would take registers from all others.
    const isDetour = (part: Term): boolean => (part[0] === "then" || part[0] === "else") && !hasLoop(part);
    return term.map((part) => (isDetour(part) ? part : inLoop(part)));
  };
  const outside = (term: Term): Term =>
    typeof term === "string" ? term : term[0] === "loop" ? inLoop(term) : term.map(outside);
  const changed = body.map(outside);
  const all = [...named.values()];
  return {
    locals: all.map(({ name }) => name),
    body: [...all.map(({ name, constant }): Term => ["local.set", name, constant]), ...changed],
  };
}

const hasLoop = (term: Term): boolean => typeof term !== "string" && (term[0] === "loop" || term.some(hasLoop));
