/** Which function claims to be the derivative of which: by a tag in its comment, else by its name. */
import { quote, type Reason, type Span } from "../place.js";
import type { NamedFunction } from "./functions.js";
import { suggestion } from "./unreadable.js";

export interface Pairing {
  readonly base: NamedFunction;
  readonly derivative: NamedFunction;
  readonly order: number;
}

export interface LostTag {
  readonly derivative: NamedFunction;
  readonly place: Span;
  readonly reason: Reason;
}

/** Patterns for a derivative of `f`, in snake case, each with its order. The first row that finds a function counts. */
const NAMES: readonly (readonly [pattern: RegExp, order: number])[] = [
  [/^(.+)_(?:second|double)_(?:derivative|deriv|grad|gradient|prime)$/, 2],
  [/^(.+)_(?:second|prime_prime|hessian)$/, 2],
  [/^(.+)_(?:derivative|deriv|grad|gradient|prime)_?2$/, 2],
  [/^(?:d2|dd)_?(.+)$/, 2],
  [/^second_(?:derivative|deriv|gradient)_(?:of_)?(.+)$/, 2],
  [/^(.+)_(?:prime|derivative|deriv|der|gradient|grad|backward|backprop|dx)$/, 1],
  [/^(?:d|derivative|deriv|gradient|grad|prime|backward)_(?:of_)?(.+)$/, 1],
  [/^(.+)(?:prime|derivative|deriv|gradient|grad|backward)$/, 1],
  [/^d(.+)$/, 1],
];

/** Endings of a function's name behind the stem of its derivative's name: `reluForward` for `reluBackward`. */
const STEMS = ["", "forward", "function", "fn"];

/** Names that say by themselves what they are: `{ forward, backward }`. */
const MEMBERS: readonly (readonly [base: string, derivative: string, order: number])[] = [
  ..."f fn func function forward activate activation apply compute value fx"
    .split(" ")
    .flatMap((base) => [
      ..."df dfn dfunc derivative derivate deriv derive prime gradient grad backward dfx"
        .split(" ")
        .map((derivative) => [base, derivative, 1] as const),
      ..."d2f d2fn secondderivative second ddf".split(" ").map((derivative) => [base, derivative, 2] as const),
    ]),
];

const snake = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[_$]+/g, "_")
    .replace(/^_|_$/g, "");
const squash = (name: string): string => name.toLowerCase().replace(/[_$]/g, "");

export function pairUp(functions: readonly NamedFunction[]): {
  readonly pairings: readonly Pairing[];
  readonly lost: readonly LostTag[];
} {
  const groups = new Map<string, Map<string, NamedFunction[]>>();
  for (const each of functions) {
    const group = groups.get(each.group) ?? new Map<string, NamedFunction[]>();
    groups.set(each.group, group);
    const key = squash(each.name);
    const alike = group.get(key) ?? [];
    group.set(key, alike);
    alike.push(each);
  }
  const byPath = new Map(functions.map((each) => [each.path, each]));
  const named = (derivative: NamedFunction, name: string): NamedFunction | undefined =>
    groups
      .get(derivative.group)
      ?.get(name)
      ?.find((other) => other.node !== derivative.node);

  const byName = (derivative: NamedFunction): Pairing | undefined => {
    const words = snake(derivative.name);
    for (const [pattern, order] of NAMES) {
      const stem = squash(pattern.exec(words)?.[1] ?? "");
      for (const ending of stem === "" ? [] : STEMS) {
        const base = named(derivative, stem + ending);
        if (base !== undefined) return { base, derivative, order };
      }
    }
    for (const [member, claim, order] of MEMBERS) {
      const base = squash(derivative.name) === claim ? named(derivative, member) : undefined;
      if (base !== undefined) return { base, derivative, order };
    }
    return undefined;
  };

  const pairings: Pairing[] = [];
  const lost: LostTag[] = [];
  const seen = new Map<NamedFunction["node"], Set<unknown>>();
  for (const derivative of functions) {
    const tag = derivative.node.tags.find(({ name }) => name === "derivativeOf");
    const found = tag === undefined ? byName(derivative) : byTag(derivative, tag, byPath);
    if (found === undefined) continue;
    if ("reason" in found) {
      lost.push(found);
      continue;
    }
    const bases = seen.get(derivative.node) ?? new Set();
    seen.set(derivative.node, bases);
    if (!bases.has(found.base.node)) pairings.push(found);
    bases.add(found.base.node);
  }
  return { pairings, lost };
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
