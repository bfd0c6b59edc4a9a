/** The part of JavaScript that functions of numbers are written in, as plain data. Everything else is one `unreadable` node. */
import type { Reason, Span } from "../place.js";
import type { Imported } from "./tensors.js";
import type { Effects } from "./effects.js";

export type Expression = Span &
  (
    | { readonly kind: "number"; readonly text: string }
    | { readonly kind: "truth"; readonly value: boolean }
    /** `undefined`, as `void 0` writes it. */
    | { readonly kind: "nothing" }
    | { readonly kind: "null" }
    | { readonly kind: "text"; readonly text: string }
    /** `this` and `super` are names, too. */
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "member"; readonly object: Expression; readonly name: string }
    | { readonly kind: "element"; readonly object: Expression; readonly index: Expression }
    | { readonly kind: "unary"; readonly operator: string; readonly operand: Expression }
    | { readonly kind: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
    | {
        readonly kind: "conditional";
        readonly condition: Expression;
        readonly yes: Expression;
        readonly no: Expression;
      }
    | { readonly kind: "call"; readonly callee: Expression; readonly args: readonly Expression[] }
    | { readonly kind: "new"; readonly callee: Expression; readonly args: readonly Expression[] }
    | { readonly kind: "function"; readonly node: FunctionNode }
    | { readonly kind: "object"; readonly members: readonly Member[] }
    | ClassSyntax
    | { readonly kind: "list"; readonly elements: readonly Expression[] }
    /** `isValue`: it does nothing else than having a value, which nobody may look at. */
    | { readonly kind: "unreadable"; readonly reason: Reason; readonly isValue?: boolean }
  );

export interface ClassSyntax {
  readonly kind: "class";
  readonly statics: readonly Member[];
  /** Members that all its instances share. */
  readonly methods: readonly Member[];
  /** Members that each instance gets before its constructor runs. */
  readonly fields: readonly Member[];
  readonly maker?: FunctionNode;
  /** The class that it derives from. */
  readonly base?: Expression;
}

export type ExpressionOf<Kind extends Expression["kind"]> = Extract<Expression, { readonly kind: Kind }>;

/** A property of an object literal or of a class, in their order. */
export type Member =
  | { readonly kind: "value" | "getter"; readonly name: string; readonly place: Span; readonly value: Expression }
  /** `...value`: the members of another object. */
  | { readonly kind: "spread"; readonly place: Span; readonly value: Expression }
  /** Its name is known when it runs; `[Kind.tanh]: value` is called by the last word of what computes it. */
  | { readonly kind: "unknown"; readonly place: Span }
  | { readonly kind: "computed"; readonly name: string; readonly place: Span; readonly value: Expression };

export type Pattern = Span &
  (
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "fields"; readonly fields: readonly Field[]; readonly isList: boolean }
    | { readonly kind: "unreadable"; readonly reason: Reason }
  );

/** `key: local = initial` in a destructuring pattern. */
export interface Field extends Span {
  readonly key: string;
  readonly local: string;
  readonly initial?: Expression;
}

export type Statement = Span &
  (
    | {
        readonly kind: "declare";
        readonly target: Pattern;
        readonly value?: Expression;
        readonly how: Declared;
      }
    /** A name whose value is not in this file, or not in what is read of it. */
    | { readonly kind: "foreign"; readonly names: readonly string[]; readonly imports?: readonly Imported[] }
    | {
        readonly kind: "assign";
        readonly target: Expression;
        /** Of a compound assignment: `+` of `+=`. */
        readonly operator?: string;
        readonly value: Expression;
      }
    | { readonly kind: "delete"; readonly target: Expression }
    /** A call whose result nobody looks at; `isPure`: all that it is given is only looked at. */
    | {
        readonly kind: "effect";
        readonly callee: Expression;
        readonly args: readonly Expression[];
        readonly isPure: boolean;
      }
    | { readonly kind: "if"; readonly condition: Expression; readonly yes: Statement; readonly no?: Statement }
    | { readonly kind: "block"; readonly body: readonly Statement[] }
    | { readonly kind: "return"; readonly value?: Expression }
    | { readonly kind: "raise" }
    /** `loop`: it goes through all elements of an array. */
    | { readonly kind: "for"; readonly header: string; readonly body: Statement; readonly loop?: Loop }
    | { readonly kind: "unreadable"; readonly reason: Reason }
  );

/** `for (let i = 0, n = xs.length; i < n; i++)`, or `for (const x of xs)`. */
export interface Loop {
  /** The number of the element, or the element itself. */
  readonly name: string;
  readonly isOfItems: boolean;
  /** The number of elements, or the array. */
  readonly over: Expression;
  readonly others: readonly { readonly name: string; readonly value: Expression }[];
}

/** `var` belongs to the whole function; a function is there from the start of its block. */
export type Declared = "const" | "let" | "var" | "function" | "class";

export type StatementOf<Kind extends Statement["kind"]> = Extract<Statement, { readonly kind: Kind }>;

export interface Argument extends Span {
  readonly target: Pattern;
  readonly initial?: Expression;
}

export interface FunctionNode extends Span {
  readonly args: readonly Argument[];
  readonly body: Statement;
  /** `this` is what it is around the function. */
  readonly isArrow: boolean;
  /** The name of a function expression inside itself. */
  readonly self?: string;
  /** Names that `var` declares anywhere in it. */
  readonly variables: readonly string[];
  /** Functions declared in its blocks: whether they can be seen from outside them depends on how the file is run. */
  readonly blockFunctions: readonly string[];
  /** Why the whole function cannot be read: it is a generator, say. */
  readonly reason?: Reason;
  readonly tags: readonly Tag[];
}

/** `@name text` in the comment before a function. */
export interface Tag extends Span {
  readonly name: string;
  readonly text: string;
}

export interface Source {
  readonly text: string;
  readonly statements: readonly Statement[];
  /** Names that `var` declares anywhere in it outside of functions. */
  readonly variables: readonly string[];
  readonly effects: Effects;
}
