/** Reading of a file of Python, as the parts see it that look for claims in it. */
import type { Expr } from "../../ir/expr.js";
import type { Choices } from "../interpreter/choices.js";
import type { Reason, Span } from "../place.js";
import type { Peek } from "./classes.js";
import type { Nodes } from "./nodes.js";
import type { Layout } from "./parts.js";
import type { ClassNode, Expression, FunctionNode } from "./syntax.js";
import type { ClassValue, FunctionValue, Scope, Value } from "./values.js";

export interface Reader {
  readonly choices: Choices<Value>;
  readonly module: Scope;
  readonly peek: Peek;
  readonly evaluate: (expression: Expression, scope: Scope) => Value;
  /** A function or a class where it was defined, or as it would be there. */
  readonly functionOf: (node: FunctionNode, scope: Scope) => FunctionValue;
  readonly classOf: (node: ClassNode, scope: Scope) => ClassValue;
  /** Runs a function for symbols, by position and by name. */
  readonly call: (callee: FunctionValue, args: readonly Value[], byName?: ReadonlyMap<string, Value>) => Value;
  /** An instance of a class, as its `__init__` leaves it. */
  readonly construct: (
    of: ClassValue,
    given: ReadonlyMap<string, Value>,
  ) => Extract<Value, { readonly kind: "context" }>;
  /** Numbers that keep their gradients: known from here to the next `begin`. */
  readonly nodes: Nodes;
  readonly boundTo: (method: FunctionValue, self: Extract<Value, { readonly kind: "context" }>) => readonly Value[];
  /** Begins with something else: steps are counted anew. `layout`: how tensors are cut in it. */
  readonly begin: (flavour: Flavour, layout?: Layout) => void;
  /** Loads and stores from here on are of one kernel. */
  readonly beginKernel: () => void;
  readonly isOfClass: (method: FunctionValue) => boolean;
  /** Conditions since `begin`, where one does not hold the function raises. */
  readonly holes: () => readonly Expr[];
  /** Why what was read since `begin` is read for a part of the inputs alone. */
  readonly part: () => string | undefined;
  readonly assume: (what: string) => void;
  /** Things that were taken for granted since `begin`, in words. */
  readonly assumptions: () => readonly string[];
  /** The promises made since `begin`, as replacements; a promise that is not understood is refused. */
  readonly promises: () => ReadonlyMap<Expr, Expr>;
  /** The values must not depend on types, devices and shapes. */
  readonly requireValues: (...exprs: readonly Expr[]) => void;
  readonly isOfOthers: (callee: FunctionValue) => boolean;
  readonly refuse: (place: Span, reason: Reason) => never;
  /** Refuses a class whose methods are not what its body says. */
  readonly checkClass: (self: ClassValue, methods: readonly string[]) => void;
}

/** TensorFlow's tensors are never changed in place. */
export type Flavour = "torch" | "tensorflow" | "numpy" | "triton";
