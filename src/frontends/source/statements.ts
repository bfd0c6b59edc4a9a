/**
 * Runs statements on symbols. Where the source branches on a condition both branches are run, and every variable that
 * they leave behind becomes a choice between its two values; so does what they return.
 */
import { quote, type Reason, type Span } from "../place.js";
import { nameOf, type Evaluator, type Machine } from "./expressions.js";
import { eachOf } from "./elements.js";
import { createLoops } from "./loops.js";
import { createScope, functionScope, lookUp, type Journal } from "./scopes.js";
import type { Declared, Expression, Pattern, Statement, StatementOf } from "./syntax.js";
import { ARRAY, BARE_CALL, OUTER, TOO_EARLY, UNKNOWN } from "./unreadable.js";
import {
  FALSE,
  NOTHING,
  TRUE,
  recordOf,
  type Cell,
  type Record,
  type Scope,
  type Truth,
  type Value,
} from "./values.js";

/** How a statement ends: whether the function has returned by then, and what; or that it has thrown. */
export type Outcome = { readonly returned: Truth; readonly value?: Value } | "throws";
const CONTINUES: Outcome = { returned: FALSE };

export interface Executor {
  readonly execute: (statement: Statement, scope: Scope) => Outcome;
  readonly bind: (target: Pattern, value: Value | undefined, how: Declared, scope: Scope) => void;
  /** Names are there from the start of their block, most of them without a value. */
  readonly announce: (body: readonly Statement[], scope: Scope) => void;
}

const reason = (message: string, hint: string): Reason => ({ message, hint });
export const NO_RETURN = reason("this function does not return a number on every path", 'end every path with "return"');
const CONSTANT = reason("this is a constant and cannot be assigned to", 'declare it with "let"');
const TARGET = reason("this is not a variable of the function", "assign to a local variable");
/** A variable before its declaration is run. */
export const UNSET: Value = { kind: "refused", reason: TOO_EARLY };

interface Parts extends Evaluator {
  readonly refuse: (place: Span, why: Reason) => never;
  readonly step: Machine["step"];
  readonly journal: Journal;
  readonly records: Machine["records"];
}

export function createExecutor(parts: Parts): Executor {
  const { evaluate, truth, combine, merge, refuse, journal, records } = parts;

  const declare = (name: string, content: Value, how: Declared, scope: Scope): void => {
    const home = how === "var" ? functionScope(scope) : scope;
    const old = home.cells.get(name);
    const cell: Cell =
      old !== undefined && how === "var" ? old : { content: NOTHING, constant: how === "const", owner: scope.owner };
    home.cells.set(name, cell);
    journal.assign(cell, content);
  };

  const bind: Executor["bind"] = (target, value, how, scope) => {
    if (target.kind === "unreadable") refuse(target, target.reason);
    if (target.kind === "name") {
      // `var a;` leaves the value that there is.
      if (how === "var" && value === undefined && functionScope(scope).cells.has(target.name)) return;
      declare(target.name, value ?? NOTHING, how, scope);
    }
    if (target.kind !== "fields") return;
    if (value === undefined || value.kind === "nothing" || value.kind === "null") refuse(target, NO_OBJECT);
    for (const field of target.fields) {
      const found = value && parts.member(field, value, field.key);
      const given = found?.kind === "nothing" ? undefined : found;
      const content = given ?? (field.initial && evaluate(field.initial, scope));
      if (content === undefined)
        refuse(field, reason(`${quote(field.key)} is not known here`, "give it a default, as in { alpha = 1 }"));
      else if (content.kind === "refused") refuse(field, content.reason);
      else declare(field.local, content, how, scope);
    }
  };

  const announce: Executor["announce"] = (body, scope) => {
    for (const statement of body) {
      if (statement.kind !== "declare" || statement.how === "var") continue;
      const { target, how } = statement;
      const names =
        target.kind === "name"
          ? [target.name]
          : target.kind === "fields"
            ? target.fields.map(({ local }) => local)
            : [];
      for (const name of names)
        scope.cells.set(name, { content: UNSET, constant: how === "const", owner: scope.owner });
    }
    for (const statement of body)
      if (statement.kind === "declare" && statement.how === "function")
        bind(statement.target, evaluate(statement.value!, scope), "function", scope);
  };

  /** A variable that holds an array of the function. */
  const isKnownArray = (expression: Expression, scope: Scope): boolean => {
    const content = expression.kind === "name" ? lookUp(scope, expression.name)?.content : undefined;
    return typeof content === "object" && content.kind === "array";
  };

  const assign = ({ target, operator, value, ...place }: StatementOf<"assign">, scope: Scope): Outcome => {
    if (target.kind === "unreadable") refuse(target, target.reason);
    const right = { place: value, value: () => evaluate(value, scope) };
    const left = { place: target, value: () => evaluate(target, scope) };
    const result = (): Value => (operator === undefined ? right.value() : combine(place, operator, left, right));
    if (target.kind === "member") {
      const record = recordIn(evaluate(target.object, scope), target, TARGET, scope);
      records.write(record, target.name, result(), target);
      return CONTINUES;
    }
    const array =
      target.kind === "element" && isKnownArray(target.object, scope) ? evaluate(target.object, scope) : NOTHING;
    if (target.kind === "element" && array.kind === "array") {
      loops.write(array, evaluate(target.index, scope), result(), target);
      return CONTINUES;
    }
    // `table["relu"] = ...`
    const record =
      target.kind === "element" && target.index.kind === "text" ? recordOf(evaluate(target.object, scope)) : undefined;
    if (target.kind === "element" && target.index.kind === "text" && record?.kind === "object") {
      records.write(recordIn({ kind: "record", record }, target, TARGET, scope), target.index.text, result(), target);
      return CONTINUES;
    }
    const name = nameOf(target);
    const cell = name === undefined ? undefined : lookUp(scope, name);
    if (cell === undefined) return refuse(target, TARGET);
    if (cell.constant) refuse(target, CONSTANT);
    if (cell.owner !== scope.owner) refuse(target, OUTER);
    if (cell.content === UNSET) refuse(target, TOO_EARLY);
    journal.assign(cell, result());
    return CONTINUES;
  };

  const choice = (statement: StatementOf<"if">, scope: Scope): Outcome => {
    const condition = truth(statement.condition, scope);
    const taken = (which: Statement | undefined): Outcome =>
      which === undefined ? CONTINUES : execute(which, createScope(scope.owner, scope));
    if (condition.kind === "truth") return taken(condition.value ? statement.yes : statement.no);
    const [yes, no] = [journal.attempt(() => taken(statement.yes)), journal.attempt(() => taken(statement.no))];
    // Whoever called may look at an object that one way has changed before it returned.
    if ([yes, no].some(({ result }) => result !== "throws" && result.returned !== FALSE))
      for (const { changes } of [yes, no])
        for (const cell of changes.keys())
          if ("isGetter" in cell && cell.owner !== scope.owner) refuse(statement, PARTLY_CHANGED);
    // Whoever reads on has come through a branch that neither threw nor returned.
    if (leaves(yes.result)) journal.keep(no.changes);
    else if (leaves(no.result)) journal.keep(yes.changes);
    else journal.merge(yes.changes, no.changes, (a, b) => merge(statement, condition, a, b));
    if (yes.result === "throws") return no.result;
    if (no.result === "throws") return yes.result;
    return both(statement, condition, yes.result, no.result);
  };

  const leaves = (outcome: Outcome): boolean => outcome === "throws" || outcome.returned === TRUE;

  const both = (
    place: Span,
    condition: Truth,
    yes: Exclude<Outcome, "throws">,
    no: Exclude<Outcome, "throws">,
  ): Outcome => {
    const returned = merge(place, condition, yes.returned, no.returned) as Truth;
    if (yes.value === undefined || no.value === undefined) {
      const value = yes.value ?? no.value;
      return value === undefined ? { returned } : { returned, value };
    }
    if (yes.value.kind === "record" || no.value.kind === "record") refuse(place, PARTLY_CHANGED);
    return { returned, value: merge(place, condition, yes.value, no.value) };
  };

  /** How many statements before this one may have ended a function that is being run. */
  let mayHaveReturned = 0;
  const recordIn = (object: Value | undefined, place: Span, why: Reason, scope: Scope): Record => {
    const record = recordOf(object) ?? refuse(place, why);
    if (mayHaveReturned > 0 && record.owner !== scope.owner) refuse(place, PARTLY_CHANGED);
    return record;
  };

  const sequence = (body: readonly Statement[], scope: Scope): Outcome => {
    announce(body, scope);
    /** Outcomes after which some inputs go on, in order. */
    const partial: { readonly place: Span; readonly outcome: Exclude<Outcome, "throws"> }[] = [];
    let last: Outcome = CONTINUES;
    for (const statement of body) {
      last = execute(statement, scope);
      if (last === "throws" || last.returned === TRUE) break;
      if (last.returned !== FALSE) {
        partial.push({ place: statement, outcome: last });
        mayHaveReturned += 1;
      }
      last = CONTINUES;
    }
    mayHaveReturned -= partial.length;
    return partial.reduceRight<Outcome>(
      (rest, { place, outcome }) =>
        rest === "throws"
          ? { ...outcome, returned: TRUE }
          : both(place, outcome.returned, { ...outcome, returned: TRUE }, rest),
      last,
    );
  };

  type Table = { readonly [K in Statement["kind"]]: (statement: StatementOf<K>, scope: Scope) => Outcome };
  const STATEMENTS: Table = {
    declare: ({ target, value, how }, scope) => {
      // Functions have been there since the start of their block.
      if (how !== "function") bind(target, value && evaluate(value, scope), how, scope);
      return CONTINUES;
    },
    foreign: () => CONTINUES,
    assign,
    delete: (at, scope) => {
      const { target } = at;
      const object = target.kind === "member" ? evaluate(target.object, scope) : undefined;
      const record = recordIn(object, at, UNKNOWN, scope);
      if (target.kind === "member") records.remove(record, target.name, target);
      return CONTINUES;
    },
    // Calls that only print are left out.
    effect: ({ callee, args, isPure, ...place }, scope) => {
      if (callee.kind === "name" && callee.name === "super") {
        evaluate({ ...place, kind: "call", callee, args }, scope);
        return CONTINUES;
      }
      if (callee.kind === "member" && callee.name === "push" && isKnownArray(callee.object, scope)) {
        const array = evaluate(callee.object, scope);
        if (array.kind !== "array" || args.length !== 1) refuse(place, BARE_CALL);
        else loops.push(array, evaluate(args[0]!, scope), place);
        return CONTINUES;
      }
      const kept = callee.kind === "name" ? lookUp(scope, callee.name)?.content : undefined;
      if (typeof kept === "object" && kept.kind === "builtin" && kept.isEffect === true)
        return kept.apply(args.map((arg) => evaluate(arg, scope))) === undefined ? refuse(place, UNKNOWN) : CONTINUES;
      if (callee.kind === "member" && callee.name === "forEach" && args.length === 1) {
        const each = eachOf(evaluate(callee.object, scope));
        const callback = evaluate(args[0]!, scope);
        if (each === undefined || callback.kind !== "function") return refuse(place, ARRAY);
        loops.forEach(each, callback, place);
        return CONTINUES;
      }
      const isPrinted =
        isPure &&
        callee.kind === "member" &&
        callee.object.kind === "name" &&
        callee.object.name === "console" &&
        lookUp(scope, "console") === undefined;
      return isPrinted ? CONTINUES : refuse(place, BARE_CALL);
    },
    if: choice,
    block: ({ body }, scope) => sequence(body, createScope(scope.owner, scope)),
    return: (statement, scope) => {
      const value = statement.value && evaluate(statement.value, scope);
      return value === undefined || value.kind === "nothing"
        ? refuse(statement.value ?? statement, NO_RETURN)
        : { returned: TRUE, value };
    },
    throw: () => "throws",
    for: (statement, scope) => {
      loops.run(statement, scope);
      return CONTINUES;
    },
    unreadable: (place) => refuse(place, place.reason),
  };

  const execute = (statement: Statement, scope: Scope): Outcome =>
    parts.step(statement, () =>
      (STATEMENTS[statement.kind] as (statement: Statement, scope: Scope) => Outcome)(statement, scope),
    );

  const loops = createLoops({ refuse, journal, evaluate, execute });

  return { execute, bind, announce };
}

const PARTLY_CHANGED = reason(
  "this changes an object on some paths only, from which others may read",
  "return a number, and leave objects as they are",
);
const NO_OBJECT = reason("this has no members: it is undefined or null", "give it an object");
