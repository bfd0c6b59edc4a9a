/**
 * Runs statements on symbols. Where the source branches on a condition both branches are run, and whatever they leave
 * behind becomes a choice between its two values; so does what they return. Branches that may return are followed to the
 * end of the function, so that what is read behind them knows how it was reached; where both come there with everything as it
 * was, that is read once.
 */
import type { Span } from "../place.js";
import type { Branches } from "./branches.js";
import { attempt, type Changes, type Way } from "./journal.js";
import { opposite, type Truth } from "./truth.js";

/** How statements end: whether the function has returned by then, for which inputs, and what; or that it has raised. */
export type Outcome<Value> = { readonly returned: "never" | "partly" | "always"; readonly value: Value } | "raises";

interface Choice<Statement, Expression> {
  readonly kind: "if";
  readonly condition: Expression;
  readonly yes: Statement;
  readonly no?: Statement;
}

interface Language<Statement, Simple extends Statement, Expression, Scope, Value> {
  /** Does one step of the reading, refusing what is too deep or takes too long. */
  readonly step: <Result>(place: Span, action: () => Result) => Result;
  readonly branches: Branches<Value>;
  readonly truth: (condition: Expression, scope: Scope) => Truth;
  /** The result of a function that comes to its end. */
  readonly nothing: Value;
  /** The statements inside of another one, but for those of functions. */
  readonly partsOf: (statement: Statement) => readonly Statement[];
  /** The scope of what is inside a statement that only holds others; nothing where it is none of these. */
  readonly open: (statement: Statement, scope: Scope) => Scope | undefined;
  /** The scope of one of the ways of an `if`. */
  readonly branch: (scope: Scope) => Scope;
  /** Any other statement. */
  readonly simple: (statement: Simple, scope: Scope) => Outcome<Value>;
  /** The function raises where this does not hold. */
  readonly promise?: (truth: Truth, place: Span) => void;
}

/** Statements that are still to be run, each in its scope. */
type Rest<Statement, Scope, Value> =
  | { readonly statement: Statement; readonly scope: Scope; readonly next: Rest<Statement, Scope, Value> }
  | { readonly meeting: Meeting<Value>; readonly next: Rest<Statement, Scope, Value> }
  | undefined;

/** Where two ways meet: whether one has changed nothing on its way, and what is behind for those that have not. */
interface Meeting<Value> {
  readonly isUnchanged: () => boolean;
  read?: Way<Value, Outcome<Value>>;
}

/** A way that has returned, while the other one goes on until it is closed. */
interface Left<Value> {
  readonly place: Span;
  readonly condition: Condition;
  readonly way: Way<Value, Outcome<Value>>;
  readonly isYes: boolean;
  readonly close: () => Changes<Value>;
}
type Condition = Truth & { readonly kind: "condition" };

export function createWalk<
  Statement extends Span & { readonly kind: string },
  Simple extends Statement,
  Expression extends Span,
  Scope,
  Value,
>(language: Language<Statement, Simple, Expression, Scope, Value>): (body: Statement, scope: Scope) => Outcome<Value> {
  const { branches, step, partsOf, nothing } = language;
  type Waiting = Rest<Statement, Scope, Value>;
  type If = Statement & Choice<Statement, Expression>;
  const CONTINUES: Outcome<Value> = { returned: "never", value: nothing };
  const isChoice = (statement: Statement): statement is If => statement.kind === "if";

  /** Whether the function may end in it, and whether it surely does. */
  const returns = (statement: Statement): boolean => statement.kind === "return" || partsOf(statement).some(returns);
  const ends = (statement: Statement | undefined): boolean => {
    if (statement === undefined || statement.kind === "unreadable") return false;
    if (isChoice(statement)) return ends(statement.yes) && ends(statement.no);
    return statement.kind === "return" || statement.kind === "raise" || ends(partsOf(statement).at(-1));
  };

  const before = (body: readonly Statement[], scope: Scope, rest: Waiting): Waiting =>
    body.reduceRight<Waiting>((next, statement) => ({ statement, scope, next }), rest);

  const run = (first: Waiting): Outcome<Value> => {
    const left: Left<Value>[] = [];
    try {
      let outcome = follow(first, left);
      for (let last = left.pop(); last !== undefined; last = left.pop()) {
        const { place, condition, way, isYes, close } = last;
        const other = { result: outcome, changes: close() };
        outcome = isYes ? joined(place, condition, way, other) : joined(place, condition, other, way);
      }
      return outcome;
    } finally {
      for (const { close } of left.reverse()) close();
    }
  };

  /** Runs statements to where they all have ended, but for ways that have returned before. */
  const follow = (first: Waiting, left: Left<Value>[]): Outcome<Value> => {
    let rest = first;
    while (rest !== undefined) {
      if ("meeting" in rest) {
        const { meeting, next } = rest;
        rest = next;
        if (!meeting.isUnchanged()) continue;
        const { result, changes } = (meeting.read ??= attempt(branches, () => run(next)));
        branches.keep(changes);
        return result;
      }
      const { statement, scope, next }: Extract<Waiting, { readonly statement: Statement }> = rest;
      const outcome = step(statement, (): Outcome<Value> => {
        rest = next;
        if (isChoice(statement)) {
          const condition = language.truth(statement.condition, scope);
          const way = (taken: Statement | undefined, behind: Waiting): Waiting =>
            taken === undefined ? behind : before([taken], language.branch(scope), behind);
          if (condition.kind === "truth") {
            rest = way(condition.value ? statement.yes : statement.no, next);
            return CONTINUES;
          }
          const isYes = ends(statement.yes);
          if (isYes || ends(statement.no)) {
            const [ended, other] = isYes ? [statement.yes, statement.no] : [statement.no, statement.yes];
            leave(statement.condition, condition, isYes, way(ended, undefined), left);
            rest = way(other, next);
            return CONTINUES;
          }
          const isFollowed = returns(statement);
          if (isFollowed) rest = undefined;
          const behind: Waiting =
            isFollowed && next !== undefined ? { meeting: { isUnchanged: branches.mark() }, next } : undefined;
          const [yes, no] = [statement.yes, statement.no].map((taken) => way(taken, behind));
          const ways = [attempt(branches, () => run(yes)), attempt(branches, () => run(no))] as const;
          return joined(statement.condition, condition, ...ways);
        }
        const inner = language.open(statement, scope);
        if (inner === undefined) return language.simple(statement as Simple, scope);
        rest = before(partsOf(statement), inner, next);
        return CONTINUES;
      });
      if (outcome === "raises" || outcome.returned !== "never") return outcome;
    }
    return CONTINUES;
  };

  /** A way that surely ends: from here on only the other one goes on. */
  const leave = (place: Span, condition: Condition, isYes: boolean, ended: Waiting, left: Left<Value>[]): void => {
    const way = attempt(branches, () => run(ended));
    if (way.result === "raises") language.promise?.(isYes ? opposite(condition) : condition, place);
    else left.push({ place, condition, way, isYes, close: branches.open() });
  };

  const joined = (
    place: Span,
    condition: Condition,
    yes: Way<Value, Outcome<Value>>,
    no: Way<Value, Outcome<Value>>,
  ): Outcome<Value> => {
    // Whoever reads on has come through the branch that did not raise.
    if (yes.result === "raises" || no.result === "raises") {
      const [promised, other] = yes.result === "raises" ? [opposite(condition), no] : [condition, yes];
      language.promise?.(promised, place);
      branches.keep(other.changes);
      return other.result;
    }
    branches.merge(condition.expr, yes.changes, no.changes);
    return {
      returned: yes.result.returned === no.result.returned ? yes.result.returned : "partly",
      value: branches.choose(condition.expr, yes.result.value, no.result.value),
    };
  };

  return (body, scope) => run(before([body], scope, undefined));
}
