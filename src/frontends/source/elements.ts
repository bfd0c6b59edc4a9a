/** Arrays of which each element is read like every other: what only ever looks at one element at a time is a function of it. */
import type { Reason, Span } from "../place.js";
import { ARRAY } from "./unreadable.js";
import { asNumber, type ArrayMethod, type FunctionValue, type Value } from "./values.js";

type Elements = ArrayMethod["self"];

export interface ElementReader {
  readonly member: (self: Elements, name: string, place: Span) => Value;
  readonly call: (method: ArrayMethod, args: readonly Value[], place: Span) => Value;
  /** `xs[i]`, where i counts the elements. */
  readonly at: (self: Elements, index: Value, place: Span) => Value;
}

export function createElements(
  refuse: (place: Span, reason: Reason) => never,
  call: (callee: FunctionValue, args: readonly Value[], place: Span) => Value,
): ElementReader {
  /** Inside another map the elements would be others, which there is no name for. */
  let isInside = false;
  const map = (self: Elements, [callback, ...others]: readonly Value[], place: Span): Value => {
    if (callback?.kind !== "function" && callback?.kind !== "builtin") return refuse(place, ARRAY);
    if (isInside || others.length > 0) return refuse(place, ARRAY);
    isInside = true;
    try {
      const each =
        callback.kind === "function"
          ? call(callback, [self.each, INDEX].slice(0, callback.node.args.length), place)
          : callback.apply([self.each]);
      if (each === undefined || "message" in each || asNumber(each) === undefined) return refuse(place, ARRAY);
      return { kind: "elements", each };
    } finally {
      isInside = false;
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
    at: (self, index, place) => (index.kind === "index" ? self.each : refuse(place, ARRAY)),
  };
}

export const LENGTH: Value = { kind: "length" };
const INDEX: Value = { kind: "index" };
