/** Reads expressions: a table of what each kind of syntax stands for. */
import type { Machine as Shared } from "../interpreter/machine.js";
import { byKind } from "../interpreter/tables.js";
import { literalFrom } from "../literals.js";
import { quote, reason, type Span } from "../place.js";
import { createLibraryCalls } from "./builtins.js";
import type { Calls, Passed } from "./calls.js";
import { askForKey, isMethodOfText, textBy } from "./choices.js";
import type { Operators } from "./operators.js";
import { LENGTH, type Loops } from "./loops.js";
import { isOfNode, type Nodes } from "./nodes.js";
import type { Construction } from "./construction.js";
import { savedBy } from "./context.js";
import type { Inherited } from "./inherited.js";
import { memberOfPointer, type Kernels } from "./kernels.js";
import { createNames, type Names } from "./names.js";
import { plainMethod, type Parts } from "./parts.js";
import type { Argument, ClassNode, Expression, ExpressionOf, FunctionNode } from "./syntax.js";
import { ARRANGES_SUM, createTensors } from "./tensors.js";
import { LIST_OF_ARGUMENTS, NO_MASK, REASSIGNED, REDUCTION, TABLE, UNKNOWN } from "./unreadable.js";
import {
  NONE,
  PLUMBING,
  isTruth,
  listOf,
  tableOf,
  truthOf,
  wholeOf,
  type ClassValue,
  type Context,
  type FunctionValue,
  type Scope,
  type Table,
  type Truth,
  type Value,
} from "./values.js";

export interface Machine extends Names, Shared<Value> {
  readonly calls: Calls;
  readonly operators: Operators;
  readonly parts: Parts;
  readonly kernels: Kernels;
  readonly loops: Loops;
  /** Runs a kernel: tensors are what its pointers point to. */
  readonly launch: (kernel: FunctionValue, args: readonly Passed[], place: Span) => Value;
  readonly call: (callee: FunctionValue, args: readonly Passed[], place: Span) => Value;
  /** `Swish.apply(x)` and the like. */
  readonly callOfClass: (self: ClassValue, name: string, args: readonly Passed[], place: Span) => Value;
  /** A method of an instance. */
  readonly callOfInstance: (
    self: Extract<Value, { readonly kind: "context" }>,
    name: string,
    args: readonly Passed[],
    place: Span,
  ) => Value;
  readonly callOfContext: (context: Context, name: string, args: readonly Passed[], place: Span) => Value;
  readonly isOf: (self: ClassValue, base: ClassValue) => boolean;
  /** The value that a class has for a name. */
  readonly attributeOfClass: (self: ClassValue, name: string) => Value | undefined;
  readonly memberOfEnumeration: (self: ClassValue, name: string) => Value | undefined;
  /** A function or a class as it is where it is defined. */
  readonly define: (node: FunctionNode | ClassNode, scope: Scope) => Value;
  readonly construct: (of: ClassValue, args: readonly Passed[], place: Span) => Value;
  readonly above: Construction["above"];
  readonly callAbove: Construction["callAbove"];
  readonly nodes: Nodes;
  readonly inherited: Inherited;
}

export interface Evaluator {
  readonly evaluate: (expression: Expression, scope: Scope) => Value;
  readonly truth: (expression: Expression, scope: Scope) => Truth;
  /** The value, unless it is refused or not known any more. */
  readonly settle: (place: Span, value: Value) => Value;
}

const IMAGINARY = reason("imaginary numbers are not read", "use real numbers");
const UNKNOWN_MEMBER = (text: string) =>
  reason(`${quote(text)} is not known`, "name a member of a library or of a tensor");

const SET = /^\{\s*[\w.]+(?:\s*,\s*[\w.]+)*,?\s*\}$/;
const SUPER = "builtins.super";

export function createEvaluator(machine: Machine): Evaluator {
  const { refuse, calls, operators, branches, written } = machine;
  const tensors = createTensors(calls, refuse);
  const callLibrary = createLibraryCalls(calls, operators, refuse, machine.assume);

  const settle = (place: Span, value: Value): Value => {
    if (value.kind === "refused") return refuse(place, value.reason);
    const why =
      value.kind === "tensor" ? value.memory.tainted : value.kind === "tuple" ? value.list?.tainted : undefined;
    return why === undefined ? value : refuse(place, why);
  };

  const { resolve, pathValue } = createNames(machine, settle);

  const OF_CONTEXT = /^(?:save_for_(?:backward|forward)|mark_dirty|mark_non_differentiable|set_materialize_grads)$/;

  const memberOf = (at: ExpressionOf<"member">, object: Value): Value => {
    if (isMethodOfText(machine.choices, object, at.name)) return { kind: "method", self: object, name: at.name };
    // Data given to other tensors changes none of this one.
    const isOfOthers =
      object.kind === "path" || object.kind === "class" || (object.kind === "tensor" && at.name !== "data");
    if (isOfOthers && machine.patched.has(at.name)) refuse(at, REASSIGNED);
    switch (object.kind) {
      case "path":
        return pathValue(`${object.path}.${at.name}`);
      case "tensor":
        return tensors.member(object, at.name, at);
      case "context": {
        const { context } = object;
        const open = machine.nodes.member(object, at.name);
        if (open !== undefined && !context.attributes.has(at.name)) return open;
        if (context.of !== undefined) return ofInstance(at, context, object);
        if (OF_CONTEXT.test(at.name)) return { kind: "method", self: object, name: at.name };
        const saved = savedBy(context, at.name, (cell) => machine.read(cell, at));
        if (saved !== undefined) return saved;
        if (at.name === "needs_input_grad") return { kind: "tuple", items: context.needs };
        const cell = context.attributes.get(at.name);
        return cell === undefined
          ? refuse(at, reason(`forward does not set ${quote(written(at))}`, "set it in forward or in setup_context"))
          : settle(at, machine.read(cell, at));
      }
      case "parts":
        return machine.parts.member(object, at.name, at);
      case "pointer":
        return memberOfPointer(at.name);
      case "number":
        // Numbers of kernels have types.
        if (at.name === "to") return { kind: "method", self: object, name: at.name };
        return refuse(at, UNKNOWN_MEMBER(written(at)));
      case "member":
        return at.name === "value" ? settle(at, object.value()) : refuse(at, UNKNOWN_MEMBER(written(at)));
      case "sum":
        return { kind: "method", self: object, name: at.name };
      case "class":
        return attributeOf(at, object);
      case "method":
      case "table":
      case "super":
        return { kind: "method", self: object, name: at.name };
      case "plumbing":
        return PLUMBING;
      default:
        return refuse(at, UNKNOWN_MEMBER(written(at)));
    }
  };

  /** An attribute of an instance, else what its class has. */
  const ofInstance = (at: ExpressionOf<"member">, context: Context, self: Value): Value => {
    const cell = context.attributes.get(at.name);
    const isFree = machine.nodes.isOn() && isOfNode(at.name);
    if (machine.patched.has(at.name) && !isFree) refuse(at, REASSIGNED);
    if (cell !== undefined) return settle(at, machine.read(cell, at));
    const found = machine.attributeOfClass(context.of!, at.name);
    if (found === undefined)
      return (
        machine.inherited.member(context, at.name, at) ??
        refuse(at, reason(`no method sets ${quote(written(at))} before`, "set it in __init__"))
      );
    return found.kind === "function" ? { kind: "method", self, name: at.name } : settle(at, found);
  };

  /** `A.alpha`; methods are called by their names, with what they are called of. */
  const attributeOf = (at: ExpressionOf<"member">, self: ClassValue): Value => {
    const ofEnumeration = machine.memberOfEnumeration(self, at.name);
    if (ofEnumeration !== undefined) return ofEnumeration;
    const found = at.name === "apply" ? undefined : machine.attributeOfClass(self, at.name);
    return found === undefined || found.kind === "function"
      ? { kind: "method", self, name: at.name }
      : settle(at, found);
  };

  const elementOf = (at: ExpressionOf<"element">, object: Value, index: Value): Value => {
    if (object.kind === "tensor") return calls.element(object, index, at);
    const counted = object.kind === "number" ? machine.kernels.alongAxis(object, written(at.index), at) : undefined;
    if (counted !== undefined) return counted;
    if (object.kind === "plumbing") return object.of === "shape" && wholeOf(index) === 0 ? LENGTH : PLUMBING;
    // `kernel[grid]`.
    if (object.kind === "function") return { kind: "method", self: object, name: "launch" };
    if (object.kind === "rows" && index.kind === "index") return object.each;
    if (object.kind === "table") return itemOf(object, index, at);
    const whole = wholeOf(index);
    if (object.kind !== "tuple" || whole === undefined) return refuse(at, NO_MASK);
    const item = object.items.at(whole);
    return item === undefined
      ? refuse(at, reason(`there is no element ${whole} of ${object.items.length}`, "count from 0"))
      : settle(at, item);
  };

  const itemOf = ({ cells, tainted }: Table, key: Value, at: Span): Value => {
    if (tainted !== undefined) refuse(at, tainted);
    askForKey(machine.choices, cells.keys(), key);
    const cell = key.kind === "text" ? cells.get(key.text) : undefined;
    return cell === undefined
      ? refuse(at, reason("this dictionary has nothing by that name", "give it a value before"))
      : settle(at, machine.read(cell, at));
  };

  const passed = (args: readonly Argument[], scope: Scope): readonly Passed[] =>
    args.flatMap(({ value, name, spread, start, end }): readonly Passed[] => {
      const place = { start, end };
      const result = evaluate(value, scope);
      if (!spread) return [{ value: result, place, ...(name !== undefined && { name }) }];
      return result.kind === "tuple"
        ? result.items.map((item) => ({ value: item, place }))
        : refuse(place, LIST_OF_ARGUMENTS);
    });

  const callMethod = (self: Value, name: string, args: readonly Passed[], place: Span): Value => {
    if (args.length === 0 && isMethodOfText(machine.choices, self, name)) return textBy(self, name);
    if (self.kind === "tensor")
      return machine.kernels.call(`Tensor.${name}`, args, place) ?? tensors.call(self, name, args, place);
    if (self.kind === "number") return self;
    if (self.kind === "table" && name === "get" && args.length > 0) return itemOf(self, args[0]!.value, place);
    if (self.kind === "function") return machine.launch(self, args, place);
    if (self.kind === "parts")
      return machine.parts.call(`Tensor.${name}`, [{ value: self, place }, ...args], place) ?? plainMethod(self, name);
    if (self.kind === "sum") return ARRANGES_SUM.has(name) ? self : refuse(self.place, REDUCTION);
    if (self.kind === "context" && self.context.of !== undefined)
      return machine.nodes.call(self, name, args, place, () => machine.callOfInstance(self, name, args, place));
    if (self.kind === "super") return machine.callAbove(self, name, args, place) ?? PLUMBING;
    if (self.kind === "context") return machine.callOfContext(self.context, name, args, place);
    if (self.kind === "class") return machine.callOfClass(self, name, args, place);
    return refuse(place, UNKNOWN);
  };

  /** Of instances, whose class is known. */
  const isInstance = (path: string, [first, second]: readonly Passed[]): Value | undefined => {
    if (path !== "builtins.isinstance" || first === undefined || second === undefined) return undefined;
    const told = machine.nodes.isInstance(first.value, second.value);
    if (told !== undefined) return truthOf(told);
    if (first.value.kind !== "context" || second.value.kind !== "class") return undefined;
    const { of } = first.value.context;
    return of && first.value.context.isOpen !== true ? truthOf(machine.isOf(of, second.value)) : undefined;
  };

  const valueOfKind = byKind<Expression, [scope: Scope], Value>({
    number: (at) => {
      const read = /j$/i.test(at.text) ? IMAGINARY : literalFrom(at.text);
      return "message" in read
        ? refuse(at, read)
        : { kind: "number", expr: read, isFloat: /^[^x]*[.e]/i.test(at.text) };
    },
    text: ({ text }) => ({ kind: "text", text }),
    truth: ({ value }) => truthOf(value),
    none: () => NONE,
    ellipsis: () => ({ kind: "ellipsis" }),
    slice: (at) => (at.whole ? { kind: "ellipsis" } : refuse(at, NO_MASK)),
    name: (at, scope) => resolve(at, at.name, scope),
    member: (at, scope) => memberOf(at, evaluate(at.object, scope)),
    element: (at, scope) => elementOf(at, evaluate(at.object, scope), evaluate(at.index, scope)),
    unary: (at, scope) =>
      operators.unary(at.operator === "not" ? at.operand : at, at.operator, evaluate(at.operand, scope)),
    binary: (at, scope) => {
      const left = evaluate(at.left, scope);
      if (at.operator !== "and" && at.operator !== "or")
        return operators.binary(at, at.operator, left, evaluate(at.right, scope));
      const condition = operators.truth(at.left, left);
      if (condition.kind === "truth")
        return condition.value === (at.operator === "and") ? evaluate(at.right, scope) : left;
      const further = (): Value => {
        const right = evaluate(at.right, scope);
        return right.kind === "plumbing" ? operators.truth(at.right, right) : right;
      };
      const isAnd = at.operator === "and";
      const ended = (): Value => (isTruth(left) || left.kind === "plumbing" ? truthOf(!isAnd) : left);
      return settle(at, isAnd ? branches.value(condition, further, ended) : branches.value(condition, ended, further));
    },
    conditional: (at, scope) => {
      const way = (side: Expression) => (): Value => evaluate(side, scope);
      return settle(at, branches.value(truth(at.condition, scope), way(at.yes), way(at.no)));
    },
    call: (at, scope) => {
      const callee = evaluate(at.callee, scope);
      if (callee.kind === "plumbing") return PLUMBING;
      const args = passed(at.args, scope);
      if (callee.kind === "function") return machine.nodes.shaped(callee, args, () => machine.call(callee, args, at));
      if (callee.kind === "class") return machine.construct(callee, args, at);
      if (callee.kind === "path")
        return (
          machine.nodes.make(callee.path, args, at) ??
          (callee.path === SUPER ? machine.above(scope) : undefined) ??
          isInstance(callee.path, args) ??
          machine.parts.call(callee.path, args, at) ??
          machine.kernels.call(callee.path, args, at) ??
          machine.loops.call(
            callee.path,
            args.map(({ value }) => value),
            at,
          ) ??
          callLibrary(callee.path, args, at)
        );
      if (callee.kind === "context" && callee.context.of !== undefined) return callMethod(callee, "__call__", args, at);
      // A weak reference is called for what it refers to.
      if (callee.kind === "tensor" && args.length === 0) return callee;
      if (callee.kind === "method") return callMethod(callee.self, callee.name, args, at);
      return refuse(
        at.callee,
        reason(
          `${quote(written(at.callee))} is not a function that can be read`,
          "call functions of torch or TensorFlow and of this file",
        ),
      );
    },
    function: ({ node }, scope) => machine.define(node, scope),
    tuple: ({ items, isList }, scope) => {
      const values = items.map((item) => evaluate(item, scope));
      return isList === true ? listOf(values) : { kind: "tuple", items: values };
    },
    unreadable: (at, scope) => {
      // A set of names keeps what it is made of, and nothing is computed from that.
      if (at.reason === TABLE && machine.nodes.isOn() && SET.test(written(at))) return PLUMBING;
      // Methods may change that of a class.
      if (at.entries && at.isWhole === true && (machine.isInFunction() || scope === machine.module))
        return tableOf(at.entries.map(({ key, value }) => [key, evaluate(value, scope)]));
      return at.each === undefined ? refuse(at, at.reason) : machine.loops.list(at, at.each, scope, evaluate);
    },
  });

  const evaluate = (expression: Expression, scope: Scope): Value =>
    machine.step(expression, () => valueOfKind(expression, scope));
  const truth = (expression: Expression, scope: Scope): Truth =>
    operators.truth(expression, evaluate(expression, scope));

  return { evaluate, truth, settle };
}
