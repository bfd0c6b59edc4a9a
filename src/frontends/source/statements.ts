/** Statements of JavaScript: declarations, assignments, and calls for what they do. */
import type { Machine } from "../interpreter/machine.js";
import { known, lookUp } from "../interpreter/scopes.js";
import { createWalk, type Outcome } from "../interpreter/statements.js";
import { byKind } from "../interpreter/tables.js";
import { quote, reason } from "../place.js";
import { nameOf, type Evaluator } from "./expressions.js";
import type { Records } from "./records.js";
import { eachOf } from "./elements.js";
import { createLoops } from "./loops.js";
import type { Declared, Expression, Pattern, Statement, StatementOf } from "./syntax.js";
import { ARRAY, BARE_CALL, OUTER, TOO_EARLY, UNKNOWN } from "./unreadable.js";
import { NOTHING, createScope, recordOf, type Cell, type Scope, type Value } from "./values.js";

const CONTINUES: Outcome<Value> = { returned: "never", value: NOTHING };

export interface Executor {
  readonly execute: (statement: Statement, scope: Scope) => Outcome<Value>;
  readonly bind: (target: Pattern, value: Value | undefined, how: Declared, scope: Scope) => void;
  /** Names are there from the start of their block, most of them without a value. */
  readonly announce: (body: readonly Statement[], scope: Scope) => void;
}

export const NO_RETURN = reason("this function does not return a number on every path", 'end every path with "return"');
const CONSTANT = reason("this is a constant and cannot be assigned to", 'declare it with "let"');
const TARGET = reason("this is not a variable of the function", "assign to a local variable");
/** A variable before its declaration is run. */
export const UNSET: Value = { kind: "refused", reason: TOO_EARLY };

interface Parts extends Evaluator, Machine<Value> {
  readonly records: Records;
}

export function createExecutor(parts: Parts): Executor {
  const { evaluate, truth, combine, refuse, journal, records } = parts;

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
      const unknown = reason(`${quote(field.key)} is not known here`, "give it a default, as in { alpha = 1 }");
      // Who does not use it is not concerned.
      declare(field.local, content ?? { kind: "refused", reason: unknown }, how, scope);
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
  const isKnownArray = (expression: Expression, scope: Scope): boolean =>
    expression.kind === "name" && known(lookUp(scope, expression.name))?.kind === "array";

  const assign = ({ target, operator, value, ...place }: StatementOf<"assign">, scope: Scope): Outcome<Value> => {
    if (target.kind === "unreadable") refuse(target, target.reason);
    const right = { place: value, value: () => evaluate(value, scope) };
    const left = { place: target, value: () => evaluate(target, scope) };
    const result = (): Value => (operator === undefined ? right.value() : combine(place, operator, left, right));
    if (target.kind === "member") {
      const record = recordOf(evaluate(target.object, scope)) ?? refuse(target, TARGET);
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
      records.write(record, target.index.text, result(), target);
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

  type Simple = Exclude<Statement, { readonly kind: "if" | "block" }>;
  const simple = byKind<Simple, [scope: Scope], Outcome<Value>>({
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
      const record = recordOf(object) ?? refuse(at, UNKNOWN);
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
      const kept = callee.kind === "name" ? known(lookUp(scope, callee.name)) : undefined;
      if (kept?.kind === "builtin" && kept.isEffect === true)
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
    return: (statement, scope) => {
      const value = statement.value && evaluate(statement.value, scope);
      return value === undefined || value.kind === "nothing"
        ? refuse(statement.value ?? statement, NO_RETURN)
        : { returned: "always", value };
    },
    raise: () => "raises",
    for: (statement, scope) => {
      loops.run(statement, scope);
      return CONTINUES;
    },
    unreadable: (place) => refuse(place, place.reason),
  });

  const execute = createWalk<Statement, Simple, Expression, Scope, Value>({
    step: parts.step,
    branches: parts.branches,
    truth,
    nothing: NOTHING,
    partsOf,
    open: (statement, scope) => {
      if (statement.kind !== "block") return undefined;
      const inner = createScope(scope.owner, scope);
      announce(statement.body, inner);
      return inner;
    },
    branch: (scope) => createScope(scope.owner, scope),
    simple,
  });

  const loops = createLoops({ refuse, journal, evaluate, execute });

  return { execute, bind, announce };
}

/** The outermost scope of the function that a scope is in: where `var` declares. */
function functionScope(scope: Scope): Scope {
  let at = scope;
  while (at.parent?.owner === scope.owner) at = at.parent;
  return at;
}

const partsOf = (statement: Statement): readonly Statement[] => {
  if (statement.kind === "block") return statement.body;
  if (statement.kind !== "if") return [];
  return statement.no === undefined ? [statement.yes] : [statement.yes, statement.no];
};

const NO_OBJECT = reason("this has no members: it is undefined or null", "give it an object");
