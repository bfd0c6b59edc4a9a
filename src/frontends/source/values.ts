/** The values that expressions stand for while the source is read: numbers, conditions, and makers of these. */
import { constant, eq, not, select } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import type { Cell as CellOf } from "../interpreter/scopes.js";
import { FALSE, TRUE, type Truth } from "../interpreter/truth.js";
import type { Row } from "../functions.js";
import type { Reason, Span } from "../place.js";
import type { ClassSyntax, FunctionNode } from "./syntax.js";

export { FALSE, TRUE, isTruth, opposite, type Truth } from "../interpreter/truth.js";

export type Value =
  | Truth
  /** `member`: an argument may turn out to be an object of options. */
  | NumberValue
  /** An object that is not of the file: a global such as Math, or an argument of options. */
  | {
      readonly kind: "object";
      readonly member: (name: string) => Value | undefined;
      readonly global?: string;
      /** Its members are numbered. */
      readonly isList?: boolean;
    }
  | { readonly kind: "record"; readonly record: Record }
  | FunctionValue
  | Builtin
  | { readonly kind: "refused"; readonly reason: Reason }
  /** Infinity: no number here, but one that others can be compared with. */
  | { readonly kind: "infinite"; readonly isNegative: boolean; readonly reason: Reason; readonly place?: Span }
  /** Declared, but of another file, or in a way that is not read. */
  | { readonly kind: "foreign" }
  | { readonly kind: "text"; readonly text: string }
  /** An array, of which each element is read like every other; and the number of an element. */
  | { readonly kind: "elements"; readonly each: Value }
  | { readonly kind: "index" }
  /** How many elements an array has, and an array that the file makes, by what each of its elements is. */
  | { readonly kind: "length" }
  | { readonly kind: "array"; readonly cell: Cell; readonly isEmpty: boolean }
  | ArrayMethod
  | { readonly kind: "nothing" }
  | { readonly kind: "null" };

export interface ArrayMethod {
  readonly kind: "method";
  readonly self: Extract<Value, { readonly kind: "elements" }>;
  readonly name: string;
}

export interface NumberValue {
  readonly kind: "number";
  readonly expr: Expr;
  readonly member?: (name: string) => Value | undefined;
  /** For some inputs it is a truth and no number: `x > 0 || x`. */
  readonly isMixed?: boolean;
}

export interface FunctionValue {
  readonly kind: "function";
  readonly node: FunctionNode;
  readonly scope: Scope;
  /** The function as an object: `f.derivative = ...`. */
  readonly statics?: Record;
}

export interface Builtin {
  readonly kind: "builtin";
  readonly count: Row["count"];
  /** It gives back what it is given, and nobody changes that any more. */
  readonly freezes?: boolean;
  /** It is called for what it does, and for that alone. */
  readonly isEffect?: boolean;
  /** It takes whatever it is given. */
  readonly takesAll?: boolean;
  readonly member?: (name: string) => Value | undefined;
  /** undefined where an argument is not what it takes. */
  readonly apply: (args: readonly Value[]) => Value | Reason | undefined;
}

/** The name of a file that is one function. */
export const WHOLE = "module.exports";
/** The values of other files by their names, by what an import of them says. */
export type Others = ReadonlyMap<string, ReadonlyMap<string, Value>>;

/** A function of another file, with what its arguments are called there. */
export interface Imported extends Builtin {
  readonly from: string;
  readonly args: readonly string[];
}
export const isImported = (value: Value | undefined): value is Imported => value?.kind === "builtin" && "from" in value;

/** An object, a list or a class that the file makes. Its members can change, and other names can stand for it. */
export interface Record {
  readonly cells: Map<string, MemberCell>;
  readonly kind: "object" | "list" | "class" | "instance";
  /** The call in which it was made. */
  readonly owner: object;
  /** How instances of a class are made, and what they share. */
  readonly maker?: Maker;
  /** Where members are found that the object has not itself. */
  readonly shared?: Record;
  readonly scope: Scope;
  /** True once it is frozen, a condition where it may be. */
  readonly frozen: Cell;
  /** Why nothing is known of its members any more. */
  tainted?: Reason;
}

/** A class as its instances see it. */
export interface Maker {
  readonly node: ClassSyntax;
  readonly prototype: Record;
  /** The class that it derives from. */
  readonly base?: Maker | "foreign";
  /** It is a function that is called with "new", and its prototype can be replaced. */
  readonly isFunction?: boolean;
  readonly scope: Scope;
}

/** The object that a value is, where it is one of the file. */
export const recordOf = (value: Value | undefined): Record | undefined =>
  value?.kind === "record" ? value.record : value?.kind === "function" ? value.statics : undefined;

export interface MemberCell extends Cell {
  readonly place: Span;
  /** A function that is called for the value. */
  readonly isGetter: boolean;
}

export interface Cell extends CellOf<Value> {
  readonly constant: boolean;
  /** The call of a function that the variable belongs to. */
  readonly owner: object;
}

export interface Scope {
  readonly cells: Map<string, Cell>;
  readonly parent: Scope | undefined;
  readonly owner: object;
}
export const createScope = (owner: object, parent?: Scope): Scope => ({ cells: new Map(), parent, owner });

export const NOTHING: Value = { kind: "nothing" };
export const NULL: Value = { kind: "null" };

/** A value that depends neither on variables nor on objects that may change. */
export const isPlain = ({ kind }: Value): boolean => kind === "number" || kind === "condition" || kind === "truth";

export const valueOf = (expr: Expr): Value => ({ kind: isCondition(expr) ? "condition" : "number", expr });
export const isReason = (result: object): result is Reason => "message" in result;

export function asNumber(value: Value): Expr | undefined {
  if (value.kind === "number") return value.expr;
  if (value.kind === "condition") return select(value.expr, 1, 0);
  if (value.kind === "null") return constant(0);
  return value.kind === "truth" ? constant(value.value ? 1 : 0) : undefined;
}

/** Of a number that is surely no NaN. */
export function asTruth(value: Value): Truth | undefined {
  switch (value.kind) {
    case "truth":
    case "condition":
      return value;
    case "number":
      return { kind: "condition", expr: not(eq(value.expr, 0)) };
    case "nothing":
    case "null":
      return FALSE;
    case "text":
      return value.text === "" ? FALSE : TRUE;
    case "record":
    case "elements":
    case "array":
    case "function":
    case "builtin":
      return TRUE;
    default:
      return undefined;
  }
}
