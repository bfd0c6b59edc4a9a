/** The values that expressions stand for while the source is read. */
import { constant, eq, not, select } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import type { Rational } from "../../ir/rational.js";
import type { Memory as Shared } from "../interpreter/journal.js";
import { known, type Cell as CellOf } from "../interpreter/scopes.js";
import { asNumberExpr, type Truth } from "../interpreter/truth.js";
import type { Reason, Span } from "../place.js";
import type { Cells } from "./kernels.js";
import type { ClassNode, FunctionNode, Parameter } from "./syntax.js";
import type { Wrapper } from "./wrappers.js";

export { FALSE, TRUE, isTruth, opposite, truthOf, type Truth } from "../interpreter/truth.js";

export type Value =
  /** A number or a truth of Python, which has no memory of its own. `isFloat`: it is surely none of Python's `int`. */
  | { readonly kind: "number"; readonly expr: Expr; readonly isFloat?: boolean }
  | Truth
  | Tensor
  | Sum
  | { readonly kind: "text"; readonly text: string }
  /** A member of an enumeration, by its class and name. */
  /** `numberOf`: the enumeration whose members are numbers as well, equal to those of others. */
  | { readonly kind: "member"; readonly path: string; readonly value: () => Value; readonly numberOf?: ClassNode }
  | { readonly kind: "none" }
  | { readonly kind: "ellipsis" }
  /** `list`: it can be changed in place, so `items` are those of now. */
  /** `isAlone`: a name that is given it stands for its only item. */
  | { readonly kind: "tuple"; readonly items: readonly Value[]; readonly list?: ListCell; readonly isAlone?: boolean }
  /** A dictionary by names, as `cache = {}` makes one. */
  | Table
  /** A tensor that is cut into equal parts along one axis. */
  | { readonly kind: "parts"; readonly items: readonly Tensor[] }
  /** A place in memory, as kernels have them. */
  | { readonly kind: "pointer"; readonly cells: Cells; readonly offset?: Expr }
  | FunctionValue
  | ClassValue
  /** Something of a library, by its full name such as `torch.nn.functional`. */
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "method"; readonly self: Value; readonly name: string }
  | { readonly kind: "context"; readonly context: Context }
  /** An instance as the class behind one of its own sees it. */
  | { readonly kind: "super"; readonly context: Context; readonly after: ClassNode }
  /** A type, a device, a shape: nothing that values depend on as far as they are read. */
  | {
      readonly kind: "plumbing";
      readonly isType: boolean;
      readonly type?: ElementType;
      /** How many elements an array has, or its shape. */
      readonly of?: "length" | "shape";
    }
  /** A sequence of which each item is like every other; and the number of an element. */
  | { readonly kind: "rows"; readonly each: Value }
  | { readonly kind: "index" }
  | { readonly kind: "refused"; readonly reason: Reason };

export interface FunctionValue {
  readonly kind: "function";
  readonly node: FunctionNode;
  readonly scope: Scope;
  /** The defaults of parameters: Python computes them where the function is defined. */
  readonly initial: ReadonlyMap<Parameter, Value | (() => Value)>;
  /** Wrappers by calls, the outermost first. */
  readonly wrappers?: readonly Wrapper[];
}

export interface ClassValue {
  readonly kind: "class";
  readonly node: ClassNode;
  readonly scope: Scope;
  /** The names that its body gives values to, with the last value of each. */
  readonly own: ReadonlyMap<string, Cell>;
}

/** Something that several names may stand for, and that can be changed. */
interface Shareable {
  /** Why it must not be changed. */
  guard?: Reason;
  /** Why what is in it is not known. */
  tainted?: Reason;
}

/** The items of a list. */
export interface ListCell extends Cell, Shareable {}

export interface Table extends Shareable {
  readonly kind: "table";
  readonly cells: Map<string, Cell>;
}

/** Whole numbers of one size: what is beyond their ends comes out at the other one. */
export interface ElementType {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

export interface Tensor {
  readonly kind: "tensor";
  readonly memory: Memory;
}

/**
 * The elements added up: what belongs to each is the content. That is how the gradient of one number, which all elements
 * share, comes from those of each; nothing else is done with it.
 */
export interface Sum {
  readonly kind: "sum";
  readonly content: Expr;
  readonly place: Span;
}

/** The elements of a tensor: numbers, or truths. */
export interface Memory extends Shared {
  /** The type of whole numbers; nothing for floats, and for truths, which are conditions. */
  readonly type?: ElementType;
  /** Why it must not be changed in place. */
  guard?: Reason;
  /** Why its elements are not known. */
  tainted?: Reason;
  /** Memories that may be this one: what changes one of them may change all. */
  kin?: ReadonlySet<Memory>;
  /** Where it was changed in place last. */
  changed?: Span;
  /** It may be one number as well, so that Python's `if` may ask for it. */
  readonly single: boolean;
  /** Only the elements where this holds were chosen. */
  readonly mask?: Expr;
}

/** The state that forward leaves for backward. */
export interface Context {
  /** The class of which it is an instance, where it is no autograd's. */
  readonly of?: ClassValue;
  /** Its class is of another file: it has what such numbers have. */
  readonly isOpen?: boolean;
  /** It is the ctx of a framework of one's own, some of which give a single value back by itself. */
  readonly isOfOthers?: boolean;
  readonly attributes: Map<string, Cell>;
  readonly saved: Cell;
  readonly needs: readonly Value[];
  readonly dirty: Set<Memory>;
  readonly nonDifferentiable: Set<Memory>;
}

export type Cell = CellOf<Value>;

export interface Scope {
  readonly cells: Map<string, Cell>;
  readonly parent: Scope | undefined;
  /** The body of a class: functions inside it do not see its names. */
  readonly isClass?: boolean;
}
export const createScope = (parent?: Scope): Scope => ({ cells: new Map(), parent });

export const NONE: Value = { kind: "none" };
export const PLUMBING: Value = { kind: "plumbing", isType: false };
/** The type of a tensor's elements, which are numbers. */
export const TYPE: Value = { kind: "plumbing", isType: true };

export const tensor = (content: Expr, more: Partial<Omit<Memory, "content">> = {}): Tensor => ({
  kind: "tensor",
  memory: { content, single: false, ...more },
});
/** A dictionary of its own. */
export const tableOf = (entries: readonly (readonly [string, Value])[]): Table => ({
  kind: "table",
  cells: new Map(entries.map(([name, content]) => [name, { content }])),
});

/** A list of its own. */
export function listOf(items: readonly Value[]): Extract<Value, { kind: "tuple" }> {
  const list: ListCell = { content: { kind: "tuple", items } };
  return {
    kind: "tuple",
    list,
    get items() {
      const held = known(list);
      return held?.kind === "tuple" ? held.items : [];
    },
  };
}

/** From here on the tensors may share their memory, so that none of them is changed in place. */
export function sharing(result: Tensor, others: readonly Tensor[], guard: Reason): Tensor {
  const all = [result, ...others].map(({ memory }) => memory);
  const kin = new Set(all.flatMap((memory) => [memory, ...(memory.kin ?? [])]));
  for (const memory of kin) {
    memory.guard ??= guard;
    memory.kin = kin;
  }
  return result;
}

export const sumOf = ({ memory: { content, mask } }: Tensor, place: Span): Sum => {
  const number = asNumberExpr(content);
  return { kind: "sum", content: mask === undefined ? number : select(mask, number, 0), place };
};
export const numberOf = (value: number): Value => ({ kind: "number", expr: constant(value) });

export const asConditionExpr = (expr: Expr): Expr => (isCondition(expr) ? expr : not(eq(expr, 0)));

/** The number that a value is in arithmetic: truths are 1 and 0. */
export function asNumber(value: Value): Expr | undefined {
  switch (value.kind) {
    case "number":
      return value.expr;
    case "tensor":
      return asNumberExpr(value.memory.content);
    case "truth":
      return constant(value.value ? 1 : 0);
    case "condition":
      return select(value.expr, 1, 0);
    default:
      return undefined;
  }
}

/** A number that is written out. */
export const literalOf = (value: Value | undefined): Rational | undefined =>
  value?.kind === "number" && value.expr.op === "rational" ? (value.expr.payload as Rational) : undefined;

/** A whole number that is written out. */
export function wholeOf(value: Value | undefined): number | undefined {
  const literal = literalOf(value);
  return literal !== undefined && literal.denominator === 1n && literal.numerator ** 2n < 1_000_000n
    ? Number(literal.numerator)
    : undefined;
}

export const isTruths = (value: Value): boolean => value.kind === "tensor" && isCondition(value.memory.content);
