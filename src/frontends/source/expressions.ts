/** Reads expressions: a table of what each kind of syntax stands for. */
import { constant } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { quote, type Reason, type Span } from "../place.js";
import { createChoice } from "./choice.js";
import { powerOf, truthOf as truthOfNumber } from "./globals.js";
import { COMPARISONS, type Dialect } from "./reals.js";
import type { Records } from "./records.js";
import { lookUp, namesIn } from "./scopes.js";
import type { Expression, ExpressionOf, Member, Source } from "./syntax.js";
import { ARRAY, MAYBE_INFINITE, MIXED, OPERATOR_REASONS, UNKNOWN, suggestion } from "./unreadable.js";
import {
  FALSE,
  NOTHING,
  NULL,
  TRUE,
  asNumber,
  asTruth,
  isReason,
  isTruth,
  opposite,
  valueOf,
  type Cell,
  type FunctionValue,
  type Scope,
  type Truth,
  type Value,
} from "./values.js";

export interface Machine {
  readonly source: Source;
  readonly dialect: Dialect;
  readonly refuse: (place: Span, reason: Reason) => never;
  /** Does one step of the reading, refusing what is too deep or takes too long. */
  readonly step: <Result>(place: Span, action: () => Result) => Result;
  readonly read: (cell: Cell, place: Span) => Value;
  readonly call: (callee: FunctionValue, args: readonly Value[], place: Span) => Value;
  readonly records: Records;
  /** A value that is taken where an argument is left out. */
  readonly standIn: (argument: Expr, value: () => Value) => void;
  /** Both ways of an expression that decides, with what each of them changes. */
  readonly either: (place: Span, condition: Truth, yes: () => Value, no: () => Value) => Value;
  /** A global name as the language has it, unless the file may change it. */
  readonly global: (name: string, place: Span) => Value | undefined;
}

export interface Evaluator {
  readonly evaluate: (expression: Expression, scope: Scope) => Value;
  readonly truth: (expression: Expression, scope: Scope) => Truth;
  /** A member as it is now; nothing where the value has none of this name. */
  readonly member: (place: Span, object: Value, name: string) => Value | undefined;
  /** `left operator right`; the right side is only looked at where it counts. */
  readonly combine: (place: Span, operator: string, left: Operand, right: Operand) => Value;
  /** The value of either branch, refused at the place when they have nothing in common; it may be refused later. */
  readonly merge: (place: Span, condition: Truth, yes: Value, no: Value) => Value;
}

interface Operand {
  readonly place: Span;
  readonly value: () => Value;
}

/** The name under which an element of an array is a variable: the loops of emitted modules bind some. */
export const elementName = (array: string, index: string): string => `${array}[${index}]`;

export const nameOf = (target: Expression): string | undefined => {
  if (target.kind === "name") return target.name;
  return target.kind === "element" && target.object.kind === "name" && target.index.kind === "name"
    ? elementName(target.object.name, target.index.name)
    : undefined;
};

/** The value of `&&` when its left side is a number that counts as false, and not NaN. */
const ZERO: Value = valueOf(constant(0));

const elementMember = (value: Expression, index: number): Member =>
  value.kind === "unreadable"
    ? { kind: "unknown", place: value }
    : { kind: "value", name: String(index), place: value, value };

const BRANCHES_DIFFER: Reason = {
  message: "the two branches give values of different kinds",
  hint: "let both give a number",
};

export function createEvaluator(machine: Machine): Evaluator {
  const { dialect, refuse, records } = machine;
  const written = ({ start, end }: Span): string => quote(machine.source.text.slice(start, end));

  const noNumber = (place: Span, value: Value): never =>
    value.kind === "nothing" || value.kind === "null"
      ? refuse(place, { message: `${written(place)} has no value here`, hint: "give it a number on every path" })
      : refuse(place, { message: `${written(place)} is not a number`, hint: "call it, or name one of its members" });
  const number = ({ place, value }: Operand): Expr => {
    const result = value();
    return asNumber(result) ?? noNumber(place, result);
  };
  const { partial } = dialect;
  /** NaN is as good as false. */
  const truthOf = (place: Span, value: Value): Truth => {
    if (value.kind !== "number" || partial === undefined) return asTruth(value) ?? noNumber(place, value);
    return { kind: "condition", expr: truthOfNumber(partial, value.expr) ?? refuse(place, MAYBE_INFINITE) };
  };
  const settle = (place: Span, result: Value | Reason): Value =>
    isReason(result) ? refuse(place, result) : result.kind === "refused" ? refuse(place, result.reason) : result;
  const choose = createChoice();
  const merge: Evaluator["merge"] = (place, condition, yes, no) =>
    choose(condition, yes, no) ?? refuse(place, BRANCHES_DIFFER);
  const select: Machine["either"] = (place, ...ways) => settle(place, machine.either(place, ...ways));

  /** `===` with undefined or null, which only `==` takes for each other: a number is neither. */
  const isNothing = (left: Value, right: Value, strict: boolean): Truth | undefined => {
    const [a, b] = [left, right].map(({ kind }) => (kind === "nothing" || kind === "null" ? kind : undefined));
    if (a === undefined && b === undefined) return undefined;
    return a !== undefined && b !== undefined && (a === b || !strict) ? TRUE : FALSE;
  };

  /** The result of `===` (of `==` unless `strict`) where it does not depend on the values of numbers. */
  const isSame = (a: Value, b: Value, strict: boolean): Truth | undefined => {
    const isAlways = a.kind === "number" && partial !== undefined && partial.isReal(a.expr) === undefined;
    if (isAlways && b.kind === "number" && a.expr === b.expr) return TRUE;
    return isNothing(a, b, strict) ?? (strict && isTruth(a) !== isTruth(b) ? FALSE : undefined);
  };

  const equality = (place: Span, operator: string, left: Operand, right: Operand): Value => {
    const [a, b] = [left.value(), right.value()];
    if (operator.length === 3 && [a, b].some((side) => side.kind === "number" && side.isMixed === true))
      refuse(place, MIXED);
    const same = isSame(a, b, operator.length === 3);
    if (same !== undefined) return operator.startsWith("!") ? opposite(same) : same;
    return arithmetic(place, operator, { place: left.place, value: () => a }, { place: right.place, value: () => b });
  };

  const arithmetic = (place: Span, operator: string, left: Operand, right: Operand): Value => {
    const row = operator === "**" && partial !== undefined ? powerOf(partial) : dialect.binary.get(operator);
    if (row === undefined) return refuse(place, OPERATOR_REASONS.get(operator) ?? UNKNOWN);
    const [u, v] = [number(left), number(right)];
    const comparison = COMPARISONS[operator];
    if (comparison !== undefined && partial !== undefined) {
      const expr = partial.compare(comparison, u, v) ?? refuse(place, MAYBE_INFINITE);
      const told: Truth = { kind: "condition", expr };
      return operator.startsWith("!") ? opposite(told) : told;
    }
    return settle(place, row.refuse?.(u, v) ?? valueOf(row.build(u, v)));
  };

  const LOGIC: Readonly<Record<string, (place: Span, left: Value, right: () => Value) => Value>> = {
    "&&": (place, left, right) => {
      const condition = truthOf(place, left);
      if (condition === FALSE || condition === TRUE) return condition === TRUE ? right() : left;
      // A number that is as good as false is 0, unless it is NaN.
      const isZero = left.kind === "number" && partial?.isReal(left.expr) === undefined;
      const ended = isZero ? ZERO : left.kind === "number" ? left : FALSE;
      return select(place, condition, right, () => ended);
    },
    "||": (place, left, right) => {
      const condition = truthOf(place, left);
      if (condition === FALSE || condition === TRUE) return condition === TRUE ? left : right();
      return select(place, condition, () => (left.kind === "condition" ? TRUE : left), right);
    },
    "??": (_, left, right) => {
      if (left.kind === "nothing" || left.kind === "null") return right();
      if (left.kind === "number" && left.expr.op === "variable") machine.standIn(left.expr, right);
      return left;
    },
  };

  const combine: Evaluator["combine"] = (place, operator, left, right) => {
    const logic = LOGIC[operator];
    if (logic !== undefined) return logic(left.place, left.value(), right.value);
    return (/^[!=]==?$/.test(operator) ? equality : arithmetic)(place, operator, left, right);
  };

  const UNARY: Readonly<Record<string, (operand: Operand) => Value>> = {
    "-": (operand) => valueOf(dialect.negative(number(operand))),
    "+": (operand) => ({ kind: "number", expr: number(operand) }),
    "!": ({ place, value }) => opposite(truthOf(place, value())),
  };

  const unknownName = (place: Span, name: string, scope: Scope, kind: string): never => {
    const math = dialect.names.get("Math");
    const isMath = math?.kind === "object" && math.member(name) !== undefined;
    const close = isMath ? `Math.${name}` : suggestion(name, [...namesIn(scope), ...dialect.names.keys()]);
    return refuse(place, {
      message: `${quote(name)} is no ${kind} of this file`,
      hint: close === undefined ? "define it in this file: imports are not followed" : `did you mean "${close}"?`,
    });
  };

  const member: Evaluator["member"] = (place, object, name) => {
    if (object.kind === "record") return records.read(object.record, name, place);
    // The file may change what a global object holds, under whatever name.
    if (object.kind === "object" && object.global !== undefined) machine.global(object.global, place);
    return "member" in object ? object.member?.(name) : undefined;
  };

  const resolve = (place: Span, name: string, scope: Scope, kind: string): Value => {
    const cell = lookUp(scope, name);
    const value = cell === undefined ? machine.global(name, place) : machine.read(cell, place);
    return value === undefined || value.kind === "foreign"
      ? unknownName(place, name, scope, kind)
      : settle(place, value);
  };

  type Table = { readonly [K in Expression["kind"]]: (expression: ExpressionOf<K>, scope: Scope) => Value };
  const EXPRESSIONS: Table = {
    number: (at) => {
      const result = dialect.number(at.text);
      return isReason(result) ? refuse(at, result) : { kind: "number", expr: result };
    },
    truth: ({ value }) => (value ? TRUE : FALSE),
    nothing: () => NOTHING,
    null: () => NULL,
    name: (at, scope) => resolve(at, at.name, scope, "name"),
    member: (at, scope) => {
      const object = evaluate(at.object, scope);
      const value = member(at, object, at.name);
      if (value !== undefined) return settle(at, value);
      if (object.kind === "number") return refuse(at, ARRAY);
      return refuse(at, {
        message: `${written(at)} is not known`,
        hint: "name a member of an object of this file, or a function of Math",
      });
    },
    element: (at, scope) => {
      const name = nameOf(at);
      const cell = name === undefined ? undefined : lookUp(scope, name);
      return cell === undefined ? refuse(at, ARRAY) : settle(at, machine.read(cell, at));
    },
    unary: (at, scope) => {
      const operation = UNARY[at.operator];
      if (operation === undefined) return refuse(at, OPERATOR_REASONS.get(at.operator) ?? UNKNOWN);
      return operation(operandOf(at.operand, scope));
    },
    binary: (at, scope) => {
      const idiom = dialect.idiom?.(at, (part) => number(operandOf(part, scope)));
      return idiom !== undefined
        ? valueOf(idiom)
        : combine(at, at.operator, operandOf(at.left, scope), operandOf(at.right, scope));
    },
    conditional: (at, scope) => {
      const condition = truth(at.condition, scope);
      if (condition.kind === "truth") return evaluate(condition.value ? at.yes : at.no, scope);
      const way = (side: Expression) => (): Value => evaluate(side, scope);
      return select(at, condition, way(at.yes), way(at.no));
    },
    call: (at, scope) => {
      const callee =
        at.callee.kind === "name" ? resolve(at.callee, at.callee.name, scope, "function") : evaluate(at.callee, scope);
      const args = at.args.map((arg) => evaluate(arg, scope));
      if (callee.kind === "function") return machine.call(callee, args, at);
      if (callee.kind !== "builtin")
        return refuse(at.callee, {
          message: `${written(at.callee)} is not a function that can be read`,
          hint: "call functions of Math and of this file",
        });
      const { count } = callee;
      if (typeof count === "number" ? args.length !== count : args.length < count.atLeast)
        return refuse(at, {
          message: `${written(at.callee)} takes ${typeof count === "number" ? count : `at least ${count.atLeast}`} numbers, and ${args.length} are given`,
          hint: "give it as many arguments as it takes",
        });
      if (callee.freezes === true) {
        if (args[0]!.kind === "record") records.freeze(args[0]!.record);
        return args[0]!;
      }
      const wrong = args.findIndex((arg) => asNumber(arg) === undefined);
      if (wrong >= 0) return noNumber(at.args[wrong]!, args[wrong]!);
      return settle(at, callee.apply(args) ?? UNKNOWN);
    },
    function: ({ node }, scope) => ({ kind: "function", node, scope }),
    object: ({ members }, scope) => records.make("object", members, scope, evaluate),
    class: ({ statics, ofInstances }, scope) => records.make("class", statics, scope, evaluate, ofInstances),
    list: ({ elements }, scope) => records.make("list", elements.map(elementMember), scope, evaluate),
    unreadable: (at) => refuse(at, at.reason),
  };

  const operandOf = (expression: Expression, scope: Scope): Operand => ({
    place: expression,
    value: () => evaluate(expression, scope),
  });

  const evaluate = (expression: Expression, scope: Scope): Value =>
    machine.step(expression, () =>
      (EXPRESSIONS[expression.kind] as (expression: Expression, scope: Scope) => Value)(expression, scope),
    );
  const truth = (expression: Expression, scope: Scope): Truth => truthOf(expression, evaluate(expression, scope));

  return { evaluate, truth, member, combine, merge };
}
