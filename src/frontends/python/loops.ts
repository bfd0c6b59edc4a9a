/** Loops and comprehensions of Python over arrays as one element, and what they go through. */
import type { Journal } from "../interpreter/journal.js";
import { createPasses, type Passes } from "../interpreter/passes.js";
import type { Reason, Refuse, Span } from "../place.js";
import { blockOf, blocksOf, isMoved, joined } from "./blocks.js";
import type { Comprehension, Expression } from "./syntax.js";
import { LOOP, NO_MASK } from "./unreadable.js";
import { asNumber, createScope, tensor, type Scope, type Tensor, type Value } from "./values.js";

export const INDEX: Value = { kind: "index" };
/** The number of elements, or of rows, of an array. */
export const LENGTH: Value = { kind: "plumbing", isType: false, of: "length" };

/** An element of an array by itself. */
export const elementOf = ({ memory: { content, type } }: Tensor): Tensor =>
  tensor(content, { single: true, ...(type !== undefined && { type }) });

export interface Loops extends Passes<Value> {
  /** The value that stands for each of what is gone through. */
  readonly each: (over: Value, place: Span) => Value;
  /** `[item for target in over]`. */
  readonly list: (
    place: Span & { readonly reason: Reason },
    each: Comprehension,
    scope: Scope,
    evaluate: (expression: Expression, scope: Scope) => Value,
  ) => Value;
  /** Calls `range`, `zip`, `enumerate` and `np.array`; nothing for others, and for what is no array. */
  readonly call: (path: string, args: readonly Value[], place: Span) => Value | undefined;
}

export function createLoops(
  refuse: Refuse,
  journal: Journal<Value>,
  /** Arrays are gone through, tensors are not. */
  areArrays: () => boolean,
): Loops {
  const whole = (value: Value | undefined, place: Span): Tensor | undefined => {
    if (value?.kind === "rows") return value.each.kind === "tensor" && !isMoved(value.each) ? value.each : undefined;
    if (value?.kind !== "tensor") return undefined;
    return value.memory.mask === undefined ? value : refuse(place, NO_MASK);
  };
  const arrayOf = ([first, ...more]: readonly Value[], place: Span): Value | undefined => {
    const array = first?.kind === "rows" && more.length === 0 ? whole(first, place) : undefined;
    return array && tensor(array.memory.content, array.memory.type === undefined ? {} : { type: array.memory.type });
  };
  const CALLS: Readonly<Record<string, (args: readonly Value[], place: Span) => Value | undefined>> = {
    "builtins.range": (args) => {
      const [first, last = first] = args;
      const isAll = args.length === 1 || (args.length === 2 && first?.kind === "number" && isZero(first));
      return isAll && last?.kind === "plumbing" && last.of === "length" ? { kind: "rows", each: INDEX } : undefined;
    },
    "torch.cat": joined,
    "numpy.array": arrayOf,
    "numpy.asarray": arrayOf,
    "builtins.zip": (args, place) => {
      const arrays = args.map((arg) => whole(arg, place));
      const known = arrays.filter((array) => array !== undefined);
      if (known.length < args.length || known.length === 0) return undefined;
      return { kind: "rows", each: { kind: "tuple", items: known.map(elementOf) } };
    },
    "builtins.enumerate": ([first, ...more], place) => {
      const array = whole(first, place);
      if (array === undefined || more.length > 0) return undefined;
      return { kind: "rows", each: { kind: "tuple", items: [INDEX, elementOf(array)] } };
    },
  };

  return {
    ...createPasses(journal, refuse, LOOP, () => UNKNOWN),
    call: (path, args, place) => (Object.hasOwn(CALLS, path) ? CALLS[path]!(args, place) : undefined),
    each: (over, place) => {
      if (over.kind === "rows") return blockOf(over) === undefined ? over.each : refuse(place, LOOP);
      const array = whole(over, place);
      return array === undefined ? refuse(place, LOOP) : elementOf(array);
    },
    list: (place, { item, target, over }, scope, evaluate) => {
      const given = evaluate(over, scope);
      const block = blockOf(given);
      const array = whole(given, place);
      const rows = given.kind === "rows" ? given.each : undefined;
      const each = block ?? (array === undefined ? rows : elementOf(array));
      if (each === undefined || (block === undefined && !areArrays())) return refuse(place, place.reason);
      const inner = createScope(scope);
      const bind = (name: Expression, value: Value): void => {
        if (name.kind === "name") inner.cells.set(name.name, { content: value });
        else if (name.kind === "tuple" && value.kind === "tuple" && name.items.length === value.items.length)
          name.items.forEach((part, i) => bind(part, value.items[i]!));
        else refuse(place, place.reason);
      };
      bind(target, each);
      const made = evaluate(item, inner);
      if (block !== undefined) return blocksOf(made) ?? refuse(place, place.reason);
      const result = asNumber(made);
      return result === undefined
        ? refuse(place, place.reason)
        : { kind: "rows", each: tensor(result, { single: true }) };
    },
  };
}

const isZero = ({ expr }: Extract<Value, { readonly kind: "number" }>): boolean =>
  expr.op === "rational" && (expr.payload as { readonly numerator: bigint }).numerator === 0n;
const CARRIED: Reason = {
  message: "this is carried over from one pass of a loop to the next, which is not read",
  hint: "write out what the loop computes",
};
const UNKNOWN: Value = { kind: "refused", reason: CARRIED };
