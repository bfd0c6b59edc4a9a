/** Which function claims to be the derivative of which: by a tag in its comment, by a flag, else by its name. */
import { suggestion } from "../interpreter/scopes.js";
import { createPairing, isFlag } from "../pairing.js";
import { quote, type Reason, type Span } from "../place.js";
import type { NamedFunction } from "./functions.js";

export interface Pairing {
  readonly base: NamedFunction;
  readonly derivative: NamedFunction;
  readonly order: number;
  /** Both are one function, and this argument says which is wanted. */
  readonly flag?: number;
  /** Nothing but their places in a list says so: the object or list in which others like them are. */
  readonly guess?: string;
}

export interface LostTag {
  readonly derivative: NamedFunction;
  readonly place: Span;
  readonly reason: Reason;
}

export function pairUp(functions: readonly NamedFunction[]): {
  readonly pairings: readonly Pairing[];
  readonly lost: readonly LostTag[];
} {
  const byPath = new Map(functions.map((each) => [each.path, each]));
  const byName = createPairing(functions);

  const pairings: Pairing[] = [];
  const lost: LostTag[] = [];
  const seen = new Map<object, Set<unknown>>();
  for (const derivative of functions) {
    const tag = derivative.node.tags.find(({ name }) => name === "derivativeOf");
    const named = tag === undefined ? byName(derivative) : undefined;
    // Both are of one file, which says so itself.
    if (derivative.from !== undefined && (named === undefined || named.base.from === derivative.from)) continue;
    const found = tag === undefined ? named && { ...named, derivative } : byTag(derivative, tag, byPath);
    if (found === undefined) {
      const guess = besides(derivative, byPath);
      if (guess !== undefined) {
        pairings.push(guess);
        continue;
      }
      const flag = flagOf(derivative);
      if (flag === undefined || seen.has(derivative.node)) continue;
      pairings.push({ base: derivative, derivative, order: 1, flag });
      seen.set(derivative.node, new Set([derivative.node]));
      continue;
    }
    if ("reason" in found) {
      lost.push(found);
      continue;
    }
    const own = derivative.isGiven === true ? derivative.self! : derivative.node;
    const bases = seen.get(own) ?? new Set();
    seen.set(own, bases);
    if (!bases.has(found.base.node)) pairings.push(found);
    bases.add(found.base.node);
  }
  return { pairings, lost };
}

/** The second of a list of two functions, as a guess. */
function besides(derivative: NamedFunction, byPath: ReadonlyMap<string, NamedFunction>): Pairing | undefined {
  const list = /^(.*)\[1\]$/.exec(derivative.path)?.[1];
  const base = list === undefined ? undefined : byPath.get(`${list}[0]`);
  if (base === undefined || byPath.has(`${list}[2]`) || base.node === derivative.node) return undefined;
  return { base, derivative, order: 1, guess: derivative.group || list! };
}

/** The argument by which a function of several is asked for its derivative. */
function flagOf({ node }: NamedFunction): number | undefined {
  const found = node.args.findIndex(({ target }) => target.kind === "name" && isFlag(target.name, node.body));
  return found > 0 ? found : undefined;
}

function byTag(
  derivative: NamedFunction,
  tag: Span & { readonly text: string },
  byPath: ReadonlyMap<string, NamedFunction>,
): Pairing | LostTag {
  const refuse = (message: string, hint: string): LostTag => ({
    derivative,
    place: { start: tag.start, end: tag.start + "@derivativeOf".length },
    reason: { message, hint },
  });
  const [wanted = "", order = "1"] = tag.text.split(/\s+/).map((word) => word.replace(/[{}`]/g, ""));
  if (wanted === "")
    return refuse(
      "the tag names no function",
      'write "@derivativeOf f", or "@derivativeOf f 2" for the second derivative',
    );
  const base = [derivative.group === "" ? wanted : `${derivative.group}.${wanted}`, wanted]
    .map((path) => byPath.get(path))
    .find((other) => other !== undefined && other.node !== derivative.node);
  if (base === undefined) {
    const close = suggestion(wanted, [...byPath.keys()]);
    return refuse(
      `the file has no function ${quote(wanted)}`,
      close === undefined ? "define it in this file: imports are not followed" : `did you mean "${close}"?`,
    );
  }
  // Any other second word begins a sentence about the function.
  return { base, derivative, order: order === "2" ? 2 : 1 };
}
