/** Arrays of which each element is read like every other: what only ever looks at one element at a time is a function of it. */
import { known } from "../interpreter/scopes.js";
import type { Refuse, Span } from "../place.js";
import { arrayOf, elementOf } from "./loops.js";
import { ARRAY } from "./unreadable.js";
import { NOTHING, asNumber, type ArrayMethod, type FunctionValue, type Value } from "./values.js";

type Elements = ArrayMethod["self"];

export interface ElementReader {
  readonly member: (self: Elements, name: string, place: Span) => Value;
  readonly call: (method: ArrayMethod, args: readonly Value[], place: Span) => Value;
  /** `Array.from(xs, f)`, and `Array.from({ length: n }, (_, i) => ...)`. */
  readonly from: (args: readonly Value[], place: Span) => Value;
  /** `xs[i]`, where i counts the elements. */
  readonly at: (self: Elements, index: Value, place: Span) => Value;
}

export function createElements(
  refuse: Refuse,
  call: (callee: FunctionValue, args: readonly Value[], place: Span) => Value,
): ElementReader {
  /** Inside another map the elements would be others, which there is no name for, but for those of a row. */
  let inside: { readonly row: Value } | undefined;
  const map = (self: Elements, [callback, ...others]: readonly Value[], place: Span): Value => {
    if (callback?.kind !== "function" && callback?.kind !== "builtin") return refuse(place, ARRAY);
    if ((inside !== undefined && inside.row !== self) || others.length > 0) return refuse(place, ARRAY);
    const outer = inside;
    inside = { row: self.each };
    try {
      const each =
        callback.kind === "function"
          ? call(callback, [self.each, INDEX].slice(0, callback.node.args.length), place)
          : callback.apply([self.each]);
      if (each === undefined || "message" in each || (asNumber(each) === undefined && each.kind !== "elements"))
        return refuse(place, ARRAY);
      return { kind: "elements", each };
    } finally {
      inside = outer;
    }
  };

  const METHODS: Readonly<Record<string, (self: Elements, args: readonly Value[], place: Span) => Value>> = {
    map,
    slice: (self, args, place) => (args.length === 0 ? self : refuse(place, ARRAY)),
  };

  return {
    member: (self, name, place) =>
      name === "length" ? LENGTH : Object.hasOwn(METHODS, name) ? { kind: "method", self, name } : refuse(place, ARRAY),
    call: ({ self, name }, args, place) => METHODS[name]!(self, args, place),
    from: ([over, ...callback], place) => {
      const each = over && (eachOf(over) ?? (isCounted(over) ? NOTHING : undefined));
      if (each === undefined) return refuse(place, ARRAY);
      return callback.length === 0
        ? arrayOf(each, false)
        : arrayOf((map({ kind: "elements", each }, callback, place) as Elements).each, false);
    },
    at: (self, index, place) => (index.kind === "index" ? self.each : refuse(place, ARRAY)),
  };
}

/** The value that every element of an array has. */
export const eachOf = (value: Value): Value | undefined =>
  value.kind === "elements" ? value.each : value.kind === "array" ? elementOf(value) : undefined;

/** `{ length: xs.length }` */
const isCounted = (value: Value): boolean => {
  const cells = value.kind === "record" && value.record.kind === "object" ? value.record.cells : undefined;
  return cells?.size === 1 && known(cells.get("length"))?.kind === "length";
};

export const LENGTH: Value = { kind: "length" };
const INDEX: Value = { kind: "index" };
