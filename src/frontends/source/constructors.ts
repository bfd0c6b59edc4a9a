/** Constructors as far as they can be read: of what another statement mentions nothing is known behind it. */
import { Diagnostic } from "../../diagnostic.js";
import { attempt, type Journal } from "../interpreter/journal.js";
import { known, lookUp } from "../interpreter/scopes.js";
import { piecesOf } from "../interpreter/syntax.js";
import type { Span } from "../place.js";
import { taintAll, type RecordValue } from "./records.js";
import type { Executor } from "./statements.js";
import type { Expression, Statement } from "./syntax.js";
import { createScope, type Scope, type Value } from "./values.js";

interface Parts extends Pick<Executor, "execute" | "announce"> {
  readonly text: string;
  readonly journal: Journal<Value>;
  readonly evaluate: (expression: Expression, scope: Scope) => Value;
  /** As long as the file is loaded a statement may change its variables as well. */
  readonly isLoading: () => boolean;
}

export interface Constructors {
  /** Runs the body of a constructor; false where it does not always come to its end. */
  readonly run: (body: Statement, scope: Scope, self: RecordValue) => boolean;
  /** The value of a field. */
  readonly field: (expression: Expression, scope: Scope, self: RecordValue) => Value;
}

const NAME = "#?[\\w$]+";
/** The object itself, other than one of its members. */
const GIVEN_AWAY = new RegExp(`\\bthis\\b(?!\\s*\\??\\.\\s*${NAME})|\\bsuper\\b`);
const MEMBERS = new RegExp(`\\bthis\\s*\\??\\.\\s*(${NAME})(\\s*\\()?`, "g");
/** Values in which nothing can be changed. */
const PLAIN: ReadonlySet<Value["kind"]> = new Set(["number", "condition", "truth", "text", "nothing", "null"] as const);

/** Functions that leave a list as it is. */
const LOOKING =
  /^(?:Set|Map|Array|Array\.(?:from|of|isArray)|Float(?:32|64)Array|Math\.\w+|[\w$.]*\.(?:slice|concat))$/;
/** `this.parts = [...new Set(list)]`: it gives one member a value, and calls nothing that changes anything. */
const isOnlyLookedAt = (text: string): boolean =>
  /^this\s*\.\s*#?[\w$]+\s*=[^=]/.test(text) &&
  text.replace(/=>|[=!<>]==?/g, "").split("=").length === 2 &&
  !/\+\+|--|\bdelete\b|`/.test(text) &&
  [...text.matchAll(/([\w$.)\]]+)\s*\(/g)].every(([, callee]) => LOOKING.test(callee!));

export function createConstructors({ text, journal, execute, announce, evaluate, isLoading }: Parts): Constructors {
  const written = ({ start, end }: Span): string => text.slice(start, end);

  /** Does something with a piece of a constructor; where that is refused, what it may have changed is not known. */
  const patiently = <Result>(
    place: Span,
    self: RecordValue,
    action: () => Result,
    otherwise: (unknown: Value) => Result,
  ): Result => {
    try {
      const { result, changes } = attempt(journal, action);
      journal.keep(changes);
      return result;
    } catch (error) {
      if (!(error instanceof Diagnostic) || isLoading()) throw error;
      const piece = written(place);
      const members = [...piece.matchAll(MEMBERS)];
      const isCalled = members.some(([, , call]) => call !== undefined);
      if (GIVEN_AWAY.test(piece) || (isCalled && GIVEN_AWAY.test(text))) throw error;
      const unknown: Value = { kind: "refused", reason: { message: error.message, hint: error.hint ?? "" } };
      for (const [, name] of members)
        self.record.cells.set(name!, {
          content: unknown,
          constant: false,
          owner: self.record.owner,
          place,
          isGetter: false,
        });
      return otherwise(unknown);
    }
  };

  /** Variables of the constructor that a statement gives other values, or whose values it may change. */
  const forget = (statement: Statement, scope: Scope, unknown: Value): boolean => {
    const pieces = [...piecesOf(statement)];
    const unread = pieces.filter(({ kind }) => kind === "unreadable").map((piece) => written(piece as unknown as Span));
    const given = new Set(pieces.flatMap(({ kind, target }) => (kind === "assign" ? nameIn(target) : [])));
    for (const name of new Set(written(statement).match(/[\w$]+/g) ?? [])) {
      const cell = lookUp(scope, name);
      if (name === "this" || cell === undefined || cell.owner !== scope.owner) continue;
      const value = known(cell);
      if (value?.kind === "function") return false;
      if (value?.kind === "record" && value.record.kind === "list" && isOnlyLookedAt(written(statement))) continue;
      if (value?.kind === "record") taintAll(value.record);
      const isKept = value !== undefined && PLAIN.has(value.kind) && !("member" in value);
      const isGiven =
        given.has(name) ||
        unread.some((piece) => new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(piece));
      if (!isKept || isGiven) journal.assign(cell, unknown);
    }
    return !mayReturn(statement);
  };
  const nameIn = (target: unknown): readonly string[] => {
    const { kind, name } = target as { readonly kind?: unknown; readonly name?: unknown };
    return kind === "name" ? [String(name)] : [];
  };
  const mayReturn = (statement: Statement): boolean => {
    if (statement.kind === "return") return true;
    if (statement.kind === "unreadable") return /\breturn\b/.test(written(statement));
    if (statement.kind === "block") return statement.body.some(mayReturn);
    if (statement.kind === "for") return mayReturn(statement.body);
    return (
      statement.kind === "if" && (mayReturn(statement.yes) || (statement.no !== undefined && mayReturn(statement.no)))
    );
  };

  const run: Constructors["run"] = (body, scope, self) => {
    if (body.kind !== "block") return step(body, scope, self);
    const inner = createScope(scope.owner, scope);
    announce(body.body, inner);
    return body.body.every((statement) =>
      statement.kind === "block" ? run(statement, inner, self) : step(statement, inner, self),
    );
  };
  const step: Constructors["run"] = (statement, scope, self) =>
    patiently(
      statement,
      self,
      () => {
        const outcome = execute(statement, scope);
        return outcome !== "raises" && outcome.returned === "never";
      },
      (unknown) => forget(statement, scope, unknown),
    );

  return {
    run,
    field: (expression, scope, self) =>
      patiently(
        expression,
        self,
        () => evaluate(expression, scope),
        (unknown) => unknown,
      ),
  };
}
