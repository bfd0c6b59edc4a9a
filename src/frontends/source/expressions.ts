/** Reads expressions: a table of what each kind of syntax stands for. */
import { constant } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import type { Machine as Shared } from "../interpreter/machine.js";
import { byKind } from "../interpreter/tables.js";
import { lookUp, namesIn, suggestion } from "../interpreter/scopes.js";
import { quote, type Span } from "../place.js";
import { choiceOfText, isAmong, methodOfText, openIn } from "./choices.js";
import { LENGTH, createElements } from "./elements.js";
import { arrayOf, elementOf } from "./loops.js";
import { createOperators, type Operand, type Operators } from "./operators.js";
import type { Dialect } from "./reals.js";
import type { RecordValue, Records } from "./records.js";
import type { Expression, ExpressionOf, FunctionNode, Member } from "./syntax.js";
import { ARRAY, OBJECT, THIS, UNKNOWN } from "./unreadable.js";
import {
  FALSE,
  NOTHING,
  NULL,
  TRUE,
  asNumber,
  isReason,
  recordOf,
  valueOf,
  type Cell,
  type FunctionValue,
  type Maker,
  type Scope,
  type Truth,
  type Value,
} from "./values.js";

export interface Machine extends Shared<Value> {
  readonly dialect: Dialect;
  readonly read: (cell: Cell, place: Span) => Value;
  /** `self`: the object of which it is called. */
  readonly call: (callee: FunctionValue, args: readonly Value[], place: Span, self?: Value) => Value;
  readonly construct: (maker: Maker, args: readonly Value[], place: Span, scope: Scope) => Value;
  readonly records: Records;
  /** A value that is taken where an argument is left out. */
  readonly standIn: (argument: Expr, value: () => Value) => void;
  /** A global name as the language has it, unless the file may change it. */
  readonly global: (name: string, place: Span) => Value | undefined;
}

export interface Evaluator extends Pick<Operators, "combine"> {
  readonly evaluate: (expression: Expression, scope: Scope) => Value;
  readonly truth: (expression: Expression, scope: Scope) => Truth;
  readonly functionValue: (node: FunctionNode, scope: Scope) => FunctionValue;
  /** A member as it is now; nothing where the value has none of this name. */
  readonly member: (place: Span, object: Value, name: string) => Value | undefined;
}

/** The name under which an element of an array is a variable: the loops of emitted modules bind some. */
export const elementName = (array: string, index: string): string => `${array}[${index}]`;

export const nameOf = (target: Expression): string | undefined => {
  if (target.kind === "name") return target.name;
  return target.kind === "element" && target.object.kind === "name" && target.index.kind === "name"
    ? elementName(target.object.name, target.index.name)
    : undefined;
};

const COLLECTION = /^(?:Weak)?(?:Map|Set)$/;

const elementMember = (value: Expression, index: number): Member =>
  value.kind === "unreadable"
    ? { kind: "unknown", place: value }
    : { kind: "value", name: String(index), place: value, value };

export function createEvaluator(machine: Machine): Evaluator {
  const { dialect, refuse, records } = machine;
  const written = (place: Span): string => quote(machine.written(place));

  const { combine, unary, number, noNumber, truthOf, settle, select } = createOperators({ ...machine, written });

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
    if (object.kind === "function") return ofFunction(object, name, place);
    // The file may change what a global object holds, under whatever name.
    if (object.kind === "object" && object.global !== undefined) machine.global(object.global, place);
    return "member" in object ? object.member?.(name) : undefined;
  };

  const ofFunction = ({ statics }: FunctionValue, name: string, place: Span): Value | undefined =>
    statics !== undefined && (name === "prototype" || statics.cells.has(name) || statics.tainted !== undefined)
      ? records.read(statics, name, place)
      : undefined;

  const resolve = (place: Span, name: string, scope: Scope, kind: string): Value => {
    const cell = lookUp(scope, name);
    if (cell === undefined && (name === "this" || name === "super")) return refuse(place, THIS);
    const value = cell === undefined ? machine.global(name, place) : machine.read(cell, place);
    return value === undefined || value.kind === "foreign"
      ? unknownName(place, name, scope, kind)
      : settle(place, value);
  };

  const memberOf = (at: ExpressionOf<"member">, object: Value): Value => {
    const ofText = methodOfText(machine.choices, object, at.name);
    if (ofText !== undefined) return ofText;
    const value = member(at, object, at.name);
    if (value !== undefined) return settle(at, value);
    if (object.kind === "elements") return elements.member(object, at.name, at);
    if (object.kind === "array") {
      const each = elementOf(object);
      if (at.name === "length" && (each !== undefined || !object.isEmpty)) return LENGTH;
      return each === undefined ? refuse(at, ARRAY) : elements.member({ kind: "elements", each }, at.name, at);
    }
    if (object.kind === "number") return refuse(at, ARRAY);
    return refuse(at, {
      message: `${written(at)} is not known`,
      hint: "name a member of an object of this file, or a function of Math",
    });
  };

  const elements = createElements(refuse, machine.call);

  const valueOfKind = byKind<Expression, [scope: Scope], Value>({
    number: (at) => {
      const result = dialect.number(at.text);
      return isReason(result) ? refuse(at, result) : { kind: "number", expr: result };
    },
    truth: ({ value }) => (value ? TRUE : FALSE),
    nothing: () => NOTHING,
    null: () => NULL,
    text: ({ text }) => ({ kind: "text", text }),
    name: (at, scope) => placed(at, resolve(at, at.name, scope, "name")),
    member: (at, scope) => placed(at, memberOf(at, evaluate(at.object, scope))),
    element: (at, scope) => {
      const name = nameOf(at);
      const cell = name === undefined ? undefined : lookUp(scope, name);
      if (cell !== undefined) return settle(at, machine.read(cell, at));
      const object = evaluate(at.object, scope);
      if (object.kind === "object" && object.isList === true && at.index.kind === "number")
        return memberOf({ ...at, kind: "member", name: at.index.text }, object);
      if (object.kind !== "elements" && object.kind !== "array" && object.kind !== "record") return refuse(at, ARRAY);
      const index = evaluate(at.index, scope);
      const key = object.kind === "record" ? openIn(machine.choices, index) : undefined;
      if (key !== undefined) {
        const keys = records.namesIn((object as RecordValue).record);
        machine.choices.ask(key, keys.map(choiceOfText));
        return refuse(at, ARRAY);
      }
      if (object.kind === "array")
        return index.kind === "index" ? (elementOf(object) ?? refuse(at, ARRAY)) : refuse(at, ARRAY);
      if (object.kind === "elements") return elements.at(object, index, at);
      return index.kind === "text" ? memberOf({ ...at, kind: "member", name: index.text }, object) : refuse(at, ARRAY);
    },
    unary: (at, scope) => unary(at, at.operator, operandOf(at.operand, scope)),
    binary: (at, scope) => {
      const idiom = dialect.idiom?.(at, (part) => number(operandOf(part, scope)));
      return idiom !== undefined
        ? valueOf(idiom)
        : combine(at, at.operator, operandOf(at.left, scope), operandOf(at.right, scope));
    },
    conditional: (at, scope) => {
      const way = (side: Expression) => (): Value => evaluate(side, scope);
      return select(at, truth(at.condition, scope), way(at.yes), way(at.no));
    },
    call: (at, scope) => {
      if (isFrom(at.callee, scope))
        return elements.from(
          at.args.map((arg) => evaluate(arg, scope)),
          at,
        );
      const self = at.callee.kind === "member" ? evaluate(at.callee.object, scope) : undefined;
      const among =
        self && at.callee.kind === "member" && at.callee.name === "includes" ? included(at, self, scope) : undefined;
      if (among !== undefined) return among;
      const callee =
        at.callee.kind === "name"
          ? resolve(at.callee, at.callee.name, scope, "function")
          : at.callee.kind === "member"
            ? memberOf(at.callee, self!)
            : evaluate(at.callee, scope);
      const args = at.args.map((arg) => evaluate(arg, scope));
      if (callee.kind === "function") return machine.call(callee, args, at, self);
      if (callee.kind === "method") return elements.call(callee, args, at);
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
      if (callee.takesAll === true) return settle(at, callee.apply(args) ?? UNKNOWN);
      const wrong = args.findIndex((arg) => asNumber(arg) === undefined);
      if (wrong >= 0) return noNumber(at.args[wrong]!, args[wrong]!);
      return settle(at, callee.apply(args) ?? UNKNOWN);
    },
    new: (at, scope) => {
      const isOther = at.callee.kind === "name" && lookUp(scope, at.callee.name) === undefined;
      const array = isOther && at.callee.kind === "name" ? newArray(at.callee.name, at.args, scope) : undefined;
      if (array !== undefined) return array;
      // A collection keeps what it is given, and changes none of it.
      if (isOther && at.callee.kind === "name" && COLLECTION.test(at.callee.name)) {
        for (const arg of at.args) evaluate(arg, scope);
        return { kind: "refused", reason: OBJECT };
      }
      const found = isOther ? undefined : evaluate(at.callee, scope);
      const maker = recordOf(found)?.maker ?? refuse(at, OBJECT);
      const args = at.args.map((arg) => evaluate(arg, scope));
      return machine.construct(maker, args, at, scope);
    },
    function: ({ node }, scope) => functionValue(node, scope),
    object: ({ members }, scope) => records.make("object", members, scope, evaluate),
    class: (at, scope) => {
      const base = at.base === undefined ? undefined : (recordOf(baseOf(at.base, scope))?.maker ?? "foreign");
      const shared = typeof base === "object" ? { shared: base.prototype } : {};
      const prototype = records.make("object", at.methods, scope, evaluate, shared).record;
      const maker: Maker = { node: at, prototype, scope, ...(base !== undefined && { base }) };
      return records.make("class", at.statics, scope, evaluate, { maker });
    },
    list: ({ elements }, scope) =>
      // An array that is filled later.
      elements.length === 0 && machine.isInFunction()
        ? arrayOf(NOTHING, true)
        : records.make("list", elements.map(elementMember), scope, evaluate),
    unreadable: ({ reason, isValue, ...at }) => (isValue === true ? { kind: "refused", reason } : refuse(at, reason)),
  });

  /** `["relu", "elu"].includes(kind)`. */
  const included = ({ args }: ExpressionOf<"call">, self: Value, scope: Scope): Truth | undefined => {
    const [arg, ...others] = args;
    if (self.kind !== "record" || arg === undefined || others.length > 0) return undefined;
    const items = records.items(self.record);
    return items && isAmong(machine.choices, items, evaluate(arg, scope));
  };

  /** `Array.from`, and that of typed arrays. */
  const isFrom = (callee: Expression, scope: Scope): boolean =>
    callee.kind === "member" &&
    callee.name === "from" &&
    callee.object.kind === "name" &&
    /^(?:Array|Float(?:32|64)Array)$/.test(callee.object.name) &&
    lookUp(scope, callee.object.name) === undefined;

  /** `new Float64Array(xs.length)`, or a copy of an array. */
  const newArray = (name: string, [first, ...more]: readonly Expression[], scope: Scope): Value | undefined => {
    const isTyped = /^Float(?:32|64)Array$/.test(name);
    if ((!isTyped && name !== "Array") || first === undefined || more.length > 0) return undefined;
    const given = evaluate(first, scope);
    if (given.kind === "length") return arrayOf(isTyped ? { kind: "number", expr: constant(0) } : NOTHING, false);
    const each = given.kind === "elements" ? given.each : given.kind === "array" ? elementOf(given) : undefined;
    return isTyped && each !== undefined ? arrayOf(each, false) : refuse(first, ARRAY);
  };

  /** The class that another derives from, where it is of this file. */
  const baseOf = (base: Expression, scope: Scope): Value | undefined =>
    base.kind === "name" && lookUp(scope, base.name)?.content !== undefined ? known(base, scope) : undefined;
  const known = ({ name, ...place }: ExpressionOf<"name">, scope: Scope): Value | undefined => {
    const value = machine.read(lookUp(scope, name)!, place);
    return value.kind === "refused" ? refuse(place, value.reason) : value;
  };

  /** Infinity is refused where it is named, as soon as it is to be a number. */
  const placed = ({ start, end }: Span, value: Value): Value =>
    value.kind === "infinite" ? { ...value, place: { start, end } } : value;

  const functionValue: Evaluator["functionValue"] = (node, scope) => {
    if (node.isArrow)
      return { kind: "function", node, scope, statics: records.make("object", [], scope, evaluate).record };
    const syntax = { kind: "class", statics: [], methods: [], fields: [], maker: node } as const;
    const prototype = records.make("object", [], scope, evaluate).record;
    const maker: Maker = { node: syntax, prototype, scope, isFunction: true };
    return { kind: "function", node, scope, statics: records.make("class", [], scope, evaluate, { maker }).record };
  };

  const operandOf = (expression: Expression, scope: Scope): Operand => ({
    place: expression,
    value: () => evaluate(expression, scope),
  });

  const evaluate = (expression: Expression, scope: Scope): Value =>
    machine.step(expression, () => valueOfKind(expression, scope));
  const truth = (expression: Expression, scope: Scope): Truth => truthOf(expression, evaluate(expression, scope));

  return { evaluate, truth, member, combine, functionValue };
}
