/** The part of JavaScript that functions of numbers are written in, as plain data. Everything else is one `unreadable` node. */
import type { Reason, Span } from "../place.js";

export type Expression = Span &
  (
    | { readonly kind: "number"; readonly text: string }
    | { readonly kind: "truth"; readonly value: boolean }
    | { readonly kind: "nothing" }
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
    | { readonly kind: "function"; readonly node: FunctionNode }
    | { readonly kind: "object"; readonly members: readonly Member[] }
    | { readonly kind: "list"; readonly elements: readonly Expression[] }
    | { readonly kind: "unreadable"; readonly reason: Reason }
  );

export type ExpressionOf<Kind extends Expression["kind"]> = Extract<Expression, { readonly kind: Kind }>;

/** A property of an object literal, or a method of a class. */
export interface Member {
  readonly name: string;
  readonly place: Span;
  readonly value: Expression;
}

export type Pattern = Span &
  (
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "fields"; readonly fields: readonly Field[] }
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
        /** `let`, and a function, can be assigned to; `var` belongs to the whole function. */
        readonly how: "const" | "let" | "var";
      }
    | {
        readonly kind: "assign";
        readonly target: Expression;
        /** Of a compound assignment: `+` of `+=`. */
        readonly operator?: string;
        readonly value: Expression;
      }
    | { readonly kind: "if"; readonly condition: Expression; readonly yes: Statement; readonly no?: Statement }
    | { readonly kind: "block"; readonly body: readonly Statement[] }
    | { readonly kind: "return"; readonly value?: Expression }
    | { readonly kind: "throw" }
    | { readonly kind: "for"; readonly header: string; readonly body: Statement }
    | { readonly kind: "unreadable"; readonly reason: Reason }
  );

export type StatementOf<Kind extends Statement["kind"]> = Extract<Statement, { readonly kind: Kind }>;

export interface Argument extends Span {
  readonly target: Pattern;
  readonly initial?: Expression;
}

export interface FunctionNode extends Span {
  readonly args: readonly Argument[];
  readonly body: Statement;
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
  /** The variables of the file that are assigned to after their declaration. */
  readonly reassigned: ReadonlySet<string>;
}
