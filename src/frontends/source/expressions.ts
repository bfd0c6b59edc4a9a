/** Reads expressions: a table of what each kind of syntax stands for. */
import { constant } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { quote, type Reason, type Span } from "../place.js";
import { createChoice } from "./choice.js";
import type { Dialect } from "./reals.js";
import { lookUp, namesIn } from "./scopes.js";
import type { Expression, ExpressionOf, Source } from "./syntax.js";
import { ARRAY, OPERATOR_REASONS, UNKNOWN, suggestion } from "./unreadable.js";
import {
  FALSE,
  NOTHING,
  TRUE,
  asNumber,
  asTruth,
  isReason,
  isTruth,
  opposite,
  valueOf,
  type Cell,
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
  readonly call: (callee: Extract<Value, { kind: "function" }>, args: readonly Value[], place: Span) => Value;
}

export interface Evaluator {
  readonly evaluate: (expression: Expression, scope: Scope) => Value;
  readonly truth: (expression: Expression, scope: Scope) => Truth;
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

/** What `&&` gives for a number that is as good as false. */
const ZERO: Value = valueOf(constant(0));

const BRANCHES_DIFFER: Reason = {
  message: "the two branches give values of different kinds",
  hint: "let both give a number",
};

export function createEvaluator(machine: Machine): Evaluator {
  const { dialect, refuse } = machine;
  const written = ({ start, end }: Span): string => quote(machine.source.text.slice(start, end));

  const noNumber = (place: Span, value: Value): never =>
    value.kind === "nothing"
      ? refuse(place, { message: `${written(place)} has no value here`, hint: "give it a number on every path" })
      : refuse(place, { message: `${written(place)} is not a number`, hint: "call it, or name one of its members" });
  const number = ({ place, value }: Operand): Expr => {
    const result = value();
    return asNumber(result) ?? noNumber(place, result);
  };
  const truthOf = (place: Span, value: Value): Truth => asTruth(value) ?? noNumber(place, value);
  const settle = (place: Span, result: Value | Reason): Value =>
    isReason(result) ? refuse(place, result) : result.kind === "refused" ? refuse(place, result.reason) : result;
  const choose = createChoice();
  const merge: Evaluator["merge"] = (place, condition, yes, no) =>
    choose(condition, yes, no) ?? refuse(place, BRANCHES_DIFFER);
  const select: Evaluator["merge"] = (place, ...values) => settle(place, merge(place, ...values));

  /** `===` with undefined or null: an argument always has a value. */
  const isNothing = (left: Value, right: Value): Truth | undefined => {
    const nothings = [left, right].filter(({ kind }) => kind === "nothing").length;
    return nothings === 0 ? undefined : nothings === 2 ? TRUE : FALSE;
  };

  /** What `===` says without looking at the numbers. */
  const isSame = (a: Value, b: Value, strict: boolean): Truth | undefined => {
    if (!dialect.hasNaN && a.kind === "number" && b.kind === "number" && a.expr === b.expr) return TRUE;
    return isNothing(a, b) ?? (strict && isTruth(a) !== isTruth(b) ? FALSE : undefined);
  };

  const equality = (place: Span, operator: string, left: Operand, right: Operand): Value => {
    const [a, b] = [left.value(), right.value()];
    const same = isSame(a, b, operator.length === 3);
    if (same !== undefined) return operator.startsWith("!") ? opposite(same) : same;
    return arithmetic(place, operator, { place: left.place, value: () => a }, { place: right.place, value: () => b });
  };

  const arithmetic = (place: Span, operator: string, left: Operand, right: Operand): Value => {
    const row = dialect.binary.get(operator);
    if (row === undefined) return refuse(place, OPERATOR_REASONS.get(operator) ?? UNKNOWN);
    const operands = [number(left), number(right)];
    return settle(place, row.refuse?.(...operands) ?? valueOf(row.build(...operands)));
  };

  const LOGIC: Readonly<Record<string, (place: Span, left: Value, right: () => Value) => Value>> = {
    "&&": (place, left, right) => {
      const condition = truthOf(place, left);
      return condition === FALSE ? left : select(place, condition, right(), left.kind === "number" ? ZERO : FALSE);
    },
    "||": (place, left, right) => {
      const condition = truthOf(place, left);
      return condition === TRUE ? left : select(place, condition, left.kind === "condition" ? TRUE : left, right());
    },
    "??": (_, left, right) => (left.kind === "nothing" ? right() : left),
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

  const resolve = (place: Span, name: string, scope: Scope, kind: string): Value => {
    const cell = lookUp(scope, name);
    if (cell !== undefined) return settle(place, machine.read(cell, place));
    return settle(place, dialect.names.get(name) ?? unknownName(place, name, scope, kind));
  };

  type Table = { readonly [K in Expression["kind"]]: (expression: ExpressionOf<K>, scope: Scope) => Value };
  const EXPRESSIONS: Table = {
    number: (at) => {
      const result = dialect.number(at.text);
      return isReason(result) ? refuse(at, result) : { kind: "number", expr: result };
    },
    truth: ({ value }) => (value ? TRUE : FALSE),
    nothing: () => NOTHING,
    name: (at, scope) => resolve(at, at.name, scope, "name"),
    member: (at, scope) => {
      const object = evaluate(at.object, scope);
      const value = "member" in object ? object.member?.(at.name) : undefined;
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
      return select(at, condition, evaluate(at.yes, scope), evaluate(at.no, scope));
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
      const wrong = args.findIndex((arg) => asNumber(arg) === undefined);
      if (wrong >= 0) return noNumber(at.args[wrong]!, args[wrong]!);
      return settle(at, callee.apply(args) ?? UNKNOWN);
    },
    function: ({ node }, scope) => ({ kind: "function", node, scope }),
    object: ({ members }, scope) => {
      const byName = new Map(members.map(({ name, value }) => [name, value]));
      return {
        kind: "object",
        member: (name) => {
          const value = byName.get(name);
          return value === undefined ? undefined : evaluate(value, scope);
        },
      };
    },
    list: (at) => refuse(at, ARRAY),
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

  return { evaluate, truth, combine, merge };
}
