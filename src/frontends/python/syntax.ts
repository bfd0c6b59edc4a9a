/** The part of Python that functions of tensors are written in, as plain data. Everything else is one `unreadable` node. */
import type { Reason, Span } from "../place.js";

export type Expression = Span &
  (
    | { readonly kind: "number"; readonly text: string }
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "truth"; readonly value: boolean }
    | { readonly kind: "none" }
    | { readonly kind: "ellipsis" }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "member"; readonly object: Expression; readonly name: string }
    | { readonly kind: "element"; readonly object: Expression; readonly index: Expression }
    | { readonly kind: "slice"; readonly whole: boolean }
    | { readonly kind: "unary"; readonly operator: string; readonly operand: Expression }
    | { readonly kind: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
    | {
        readonly kind: "conditional";
        readonly condition: Expression;
        readonly yes: Expression;
        readonly no: Expression;
      }
    | { readonly kind: "call"; readonly callee: Expression; readonly args: readonly Argument[] }
    | { readonly kind: "function"; readonly node: FunctionNode }
    /** `isList`: in square brackets, so that it can be changed. */
    | { readonly kind: "tuple"; readonly items: readonly Expression[]; readonly isList?: boolean }
    | {
        readonly kind: "unreadable";
        readonly reason: Reason;
        readonly each?: Comprehension;
        /** It is a dictionary, whose members may be functions. */
        readonly entries?: readonly Entry[];
        /** They are all that is in it. */
        readonly isWhole?: boolean;
      }
  );

/** `"key": value` */
export interface Entry {
  readonly key: string;
  readonly value: Expression;
}

/** `[item for target in over]`. */
export interface Comprehension {
  readonly item: Expression;
  readonly target: Expression;
  readonly over: Expression;
}

export type ExpressionOf<Kind extends Expression["kind"]> = Extract<Expression, { readonly kind: Kind }>;

/** An argument of a call: `value`, `name=value`, `*value`. */
export interface Argument extends Span {
  readonly name?: string;
  readonly spread: boolean;
  readonly value: Expression;
}

export type Statement = Span &
  (
    | { readonly kind: "assign"; readonly targets: readonly Expression[]; readonly value: Expression }
    | {
        readonly kind: "update";
        readonly target: Expression;
        /** `+` of `+=`. */
        readonly operator: string;
        readonly value: Expression;
      }
    | { readonly kind: "expression"; readonly value: Expression }
    | { readonly kind: "if"; readonly condition: Expression; readonly yes: Statement; readonly no?: Statement }
    | { readonly kind: "block"; readonly body: readonly Statement[] }
    | { readonly kind: "with"; readonly managers: readonly Expression[]; readonly body: Statement }
    | { readonly kind: "return"; readonly value?: Expression }
    | { readonly kind: "raise" }
    | { readonly kind: "assert"; readonly condition: Expression }
    | { readonly kind: "function"; readonly node: FunctionNode }
    | { readonly kind: "class"; readonly node: ClassNode }
    | { readonly kind: "import"; readonly names: readonly Imported[] }
    | { readonly kind: "global"; readonly names: readonly string[] }
    /** `parts`: the statements inside, which may or may not be run. */
    | {
        readonly kind: "unreadable";
        readonly reason: Reason;
        readonly parts: readonly Statement[];
        /** It is a loop, which is read where it goes through an array. */
        readonly loop?: { readonly target: Expression; readonly over: Expression; readonly body: Statement };
      }
  );

export type StatementOf<Kind extends Statement["kind"]> = Extract<Statement, { readonly kind: Kind }>;

/** `path` as `local`; "*" for all names of the module. */
export interface Imported {
  readonly local: string;
  readonly path: string;
}

export interface Parameter extends Span {
  readonly name: string;
  readonly kind: "plain" | "keyword" | "list" | "table";
  readonly type?: string;
  readonly initial?: Expression;
}

export interface FunctionNode extends Span {
  readonly name: string;
  /** Where it is named. */
  readonly place: Span;
  readonly parameters: readonly Parameter[];
  readonly body: Statement;
  readonly decorators: readonly Expression[];
  /** The names that it assigns to: they are its own from its first line on. */
  readonly locals: ReadonlySet<string>;
  /** Why the whole function cannot be read: it is a generator, say. */
  readonly reason?: Reason;
}

export interface ClassNode extends Span {
  readonly name: string;
  readonly place: Span;
  readonly bases: readonly Expression[];
  readonly metaclass?: Expression;
  readonly decorators: readonly Expression[];
  readonly body: readonly Statement[];
}
