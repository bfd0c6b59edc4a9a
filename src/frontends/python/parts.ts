/** Tensors that are cut into equal parts along one axis, and put together again: each part is elementwise by itself. */
import type { Refuse, Span } from "../place.js";
import type { Passed } from "./calls.js";
import { NO_MASK, RESHAPES, SHARED } from "./unreadable.js";
import { PLUMBING, asNumber, literalOf, tensor, wholeOf, type Tensor, type Value } from "./values.js";

export type PartsValue = Extract<Value, { readonly kind: "parts" }>;

/** How tensors are cut while something is read; always along the same axis. */
export interface Layout {
  readonly count: number;
  /** The input is one of those that are cut; else only what is put together is. */
  readonly isOfInput: boolean;
}

/** The ways that are tried, one after the other, where elements are moved. */
export const LAYOUTS: readonly Layout[] = [
  { count: 2, isOfInput: true },
  { count: 2, isOfInput: false },
  { count: 3, isOfInput: true },
  { count: 4, isOfInput: true },
];

/** A tensor in parts; nothing is changed in place in it, since parts may be views. */
export const partsOf = (items: readonly Tensor[]): PartsValue => ({
  kind: "parts",
  items: items.map(({ memory: { content, type } }) =>
    tensor(content, { guard: SHARED, ...(type !== undefined && { type }) }),
  ),
});

const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  chunk: ["input", "chunks", "dim"],
  tensor_split: ["input", "indices_or_sections", "dim"],
  split: ["value", "num_or_size_splits", "axis"],
  cat: ["tensors", "dim"],
  concat: ["values", "axis"],
  glu: ["input", "dim"],
};
/** Functions by what their arguments are called. */
const CALLS: ReadonlyMap<string, string> = new Map([
  ["torch.chunk", "chunk"],
  ["Tensor.chunk", "chunk"],
  ["torch.tensor_split", "tensor_split"],
  ["Tensor.tensor_split", "tensor_split"],
  ["tensorflow.split", "split"],
  ["numpy.split", "split"],
  ["torch.cat", "cat"],
  ["torch.concat", "cat"],
  ["torch.concatenate", "cat"],
  ["tensorflow.concat", "concat"],
  ["numpy.concatenate", "concat"],
  ["torch.nn.functional.glu", "glu"],
]);
const SYNONYMS: Readonly<Record<string, string>> = {
  axis: "dim",
  ary: "value",
  indices_or_sections: "num_or_size_splits",
  arrays: "values",
};
/** Without an axis: the last one for `glu`, else the first. */
const USUAL: Readonly<Record<string, bigint>> = { glu: -1n };

export interface Parts {
  readonly begin: (layout: Layout | undefined) => void;
  /** Nothing where this is none of these functions, or nothing is cut. */
  readonly call: (path: string, args: readonly Passed[], place: Span) => Value | undefined;
  readonly member: (self: PartsValue, name: string, place: Span) => Value;
}

export function createParts(refuse: Refuse, gate: (first: Tensor, second: Tensor, place: Span) => Value): Parts {
  let layout: Layout | undefined;
  let axis: bigint | undefined;

  const checkAxis = (value: Value | undefined, usual: bigint, place: Span): void => {
    const given = value === undefined || value.kind === "none" ? usual : literalOf(value)?.numerator;
    if (given === undefined || (axis !== undefined && given !== axis)) refuse(place, RESHAPES);
    axis = given;
  };

  const itemsOf = (value: Value | undefined, place: Span): readonly Tensor[] =>
    value?.kind === "parts" && value.items.length === layout?.count ? value.items : refuse(place, RESHAPES);

  const joined = (list: Value | undefined, place: Span): Value => {
    const items = list?.kind === "tuple" ? list.items : [];
    if (items.length !== layout?.count) return refuse(place, RESHAPES);
    return partsOf(
      items.map((item) => {
        if (item.kind !== "tensor" || item.memory.single || asNumber(item) === undefined)
          return refuse(place, RESHAPES);
        return item.memory.mask === undefined ? item : refuse(place, NO_MASK);
      }),
    );
  };

  return {
    begin: (next) => {
      layout = next;
      axis = undefined;
    },
    call: (path, args, place) => {
      const name = CALLS.get(path);
      if (name === undefined || layout === undefined) return undefined;
      const names = ARGUMENTS[name]!;
      const plain = args.filter((arg) => arg.name === undefined);
      const argument = (index: number): Value | undefined =>
        plain[index]?.value ??
        args.find((arg) => [arg.name, SYNONYMS[arg.name ?? ""]].includes(names[index]!))?.value ??
        (names[index] === "axis" ? args.find((arg) => arg.name === "axis")?.value : undefined);
      if (args.length > names.length) return refuse(place, RESHAPES);
      checkAxis(argument(names.length - 1), USUAL[name] ?? 0n, place);
      if (name === "cat" || name === "concat") return joined(argument(0), place);
      const items = itemsOf(argument(0), place);
      if (name === "glu") return items.length === 2 ? gate(items[0]!, items[1]!, place) : refuse(place, RESHAPES);
      return wholeOf(argument(1)) === items.length ? { kind: "tuple", items } : refuse(place, RESHAPES);
    },
    member: (self, name, place) => {
      if (/^(?:shape|device|dtype|ndim|is_cuda|layout|is_leaf)$/.test(name)) return PLUMBING;
      if (name === "requires_grad") return { kind: "truth", value: true };
      return /^(?:chunk|tensor_split|contiguous|detach|clone|size|dim|numel|is_contiguous)$/.test(name)
        ? { kind: "method", self, name }
        : refuse(place, RESHAPES);
    },
  };
}

/** A method of a tensor in parts that is none of the functions. */
export const plainMethod = (self: PartsValue, name: string): Value =>
  /^(?:contiguous|detach|clone)$/.test(name) ? self : PLUMBING;

/** The names of the parts of an input, for people. */
export const nameOfPart = (name: string, index: number, count: number): string =>
  `${count === 2 ? ["first half", "second half"][index]! : `part ${index + 1}`} of ${name}`;
