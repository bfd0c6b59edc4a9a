/** Statements of Python: assignments, assertions, and what changes tensors in place. */
import { PARTLY, again, ifRead, unlessRefused } from "../interpreter/refusals.js";
import type { Machine } from "../interpreter/machine.js";
import { attempt } from "../interpreter/journal.js";
import { known, lookUp } from "../interpreter/scopes.js";
import { createWalk, type Outcome } from "../interpreter/statements.js";
import { byKind } from "../interpreter/tables.js";
import { reason, type Reason, type Span } from "../place.js";
import type { Calls } from "./calls.js";
import { partsOf } from "./convert.js";
import { setAttribute } from "./context.js";
import type { Definitions } from "./definitions.js";
import type { Evaluator } from "./expressions.js";
import type { Inherited } from "./inherited.js";
import type { Loops } from "./loops.js";
import { importedValue, isStandIn } from "./module.js";
import type { Operators } from "./operators.js";
import type { Expression, Statement, StatementOf } from "./syntax.js";
import { DATA_DEPENDENT, GLOBAL, NOT_LOCAL, REDUCTION, WITH } from "./unreadable.js";
import { NONE, wholeOf, type Cell, type Context, type Scope, type Table, type Truth, type Value } from "./values.js";

export interface Executor {
  /** Runs the body of a function. */
  readonly run: (body: Statement, scope: Scope) => Outcome<Value>;
  readonly assign: (target: Expression, value: Value, scope: Scope) => void;
}

const CONTINUES: Outcome<Value> = { returned: "never", value: NONE };

interface Parts extends Evaluator, Machine<Value> {
  readonly calls: Calls;
  readonly operators: Operators;
  readonly loops: Loops;
  readonly define: Definitions["define"];
  /** The function raises where this does not hold; `isCertain`: whatever came before. */
  readonly promise: (truth: Truth, place: Span, isCertain: boolean) => void;
  readonly pathOf: (expression: Expression, scope: Scope) => string;
  readonly assume: (what: string) => void;
  readonly inherited: Inherited;
  /** Its class has a property of this name, which does something else with what it is given. */
  readonly isGuarded: (context: Context, name: string) => boolean;
  /** Something of another file is taken to change nothing, and that is said; anything else is refused. */
  readonly takeForHarmless: (expression: Expression, path: string, why: Reason) => void;
}

/** An assertion of this kind is about the elements of a tensor, so that it says for which inputs the function is. */
const OF_VALUES: ReadonlySet<string> = new Set([DATA_DEPENDENT.message, REDUCTION.message]);

/** Context managers that change nothing about the values computed inside them. */
const MANAGERS =
  /^(?:torch\.(?:no_grad|enable_grad|inference_mode|set_grad_enabled|autocast|(?:cuda\.|cpu\.)?amp\.(?:autocast_mode\.)?autocast|cuda\.(?:device|stream|nvtx\.range)|(?:autograd\.)?profiler\.\w+)|tensorflow\.(?:name_scope|device|control_dependencies)|contextlib\.nullcontext)$/;

/** Names that a tensor has by itself. */
const OF_TENSORS = /^(?:data|grad|grad_fn|real|imag|shape|strides|dtype|T|mT|H|mH|names|requires_grad|flat)$/;

const COUNT = (wanted: number, found: number): Reason =>
  reason(`${wanted} names are given ${found} values`, "give each name one value");

export function createExecutor(parts: Parts): Executor {
  const { evaluate, truth, refuse, journal, branches, calls, operators } = parts;

  const declare = (name: string, value: Value, scope: Scope): void => {
    const cell: Cell = scope.cells.get(name) ?? { content: { kind: "refused", reason: PARTLY } };
    scope.cells.set(name, cell);
    journal.assign(cell, value);
  };

  const assign = (target: Expression, value: Value, scope: Scope): void => {
    switch (target.kind) {
      case "name":
        return declare(target.name, value.kind === "tuple" && value.isAlone === true ? value.items[0]! : value, scope);
      case "tuple": {
        const starred = target.items.find((item) => item.kind === "unreadable");
        if (starred?.kind === "unreadable") refuse(starred, starred.reason);
        if (value.kind === "plumbing") return target.items.forEach((item) => assign(item, value, scope));
        if (value.kind !== "tuple") return refuse(target, NOT_TUPLE);
        if (value.items.length !== target.items.length) refuse(target, COUNT(target.items.length, value.items.length));
        return target.items.forEach((item, i) => assign(item, value.items[i]!, scope));
      }
      case "member": {
        const object = evaluate(target.object, scope);
        // A mark on a tensor, which nobody reads here.
        if (object.kind === "tensor" && !OF_TENSORS.test(target.name)) return undefined;
        if (object.kind === "context" && parts.isGuarded(object.context, target.name)) return refuse(target, NOT_LOCAL);
        return object.kind === "context"
          ? setAttribute(object.context, target.name, value, journal)
          : refuse(target, NOT_LOCAL);
      }
      case "element": {
        const object = evaluate(target.object, scope);
        if (object.kind === "table") return setEntry(object, evaluate(target.index, scope), value, target);
        const index = object.kind === "tuple" ? wholeOf(evaluate(target.index, scope)) : undefined;
        if (object.kind === "tuple" && index !== undefined) return setItem(object, index, value, target);
        if (object.kind !== "tensor") return refuse(target, NOT_LOCAL);
        return calls.assignElement(object, evaluate(target.index, scope), value, target);
      }
      case "unreadable":
        return refuse(target, target.reason);
      default:
        return refuse(target, NOT_LOCAL);
    }
  };

  const setEntry = ({ cells, guard }: Table, key: Value, value: Value, place: Span): void => {
    if (key.kind !== "text" || guard !== undefined) return refuse(place, guard ?? NOT_LOCAL);
    const cell: Cell = cells.get(key.text) ?? { content: { kind: "refused", reason: PARTLY } };
    cells.set(key.text, cell);
    journal.assign(cell, value);
  };

  const setItem = (object: Extract<Value, { kind: "tuple" }>, index: number, value: Value, place: Span): void => {
    const { list, items } = object;
    const at = index < 0 ? items.length + index : index;
    if (list === undefined || items[at] === undefined) return refuse(place, NOT_LOCAL);
    if (list.guard !== undefined) refuse(place, list.guard);
    journal.assign(list, { kind: "tuple", items: items.map((item, i) => (i === at ? value : item)) });
  };

  const update = (statement: StatementOf<"update">, scope: Scope): Outcome<Value> => {
    const { target, operator } = statement;
    const old = evaluate(target, scope);
    // `items += more` changes a list where it is.
    if (old.kind === "tuple" && old.list !== undefined) return refuse(statement, NOT_LOCAL);
    const result = operators.binary(statement, operator, old, evaluate(statement.value, scope));
    // A tensor of torch is changed where it is; anything else gets a new value.
    if (target.kind === "name" && old.kind === "tensor" && result.kind === "tensor" && calls.isMutable())
      calls.write(old, result.memory.content, statement);
    else assign(target, result, scope);
    return CONTINUES;
  };

  const open = (statement: Statement, scope: Scope): Scope | undefined => {
    if (statement.kind === "with")
      for (const manager of statement.managers) {
        const path = parts.pathOf(manager, scope);
        if (!MANAGERS.test(path)) parts.takeForHarmless(manager, path, WITH);
      }
    return statement.kind === "block" || statement.kind === "with" ? scope : undefined;
  };

  /** `self._save(x)`, by a class of another file. */
  const isKept = (value: Expression, scope: Scope): boolean => {
    if (value.kind !== "call" || value.callee.kind !== "member" || value.callee.object.kind !== "name") return false;
    const { name, object } = value.callee;
    const self = known(lookUp(scope, object.name));
    return self?.kind === "context" && parts.inherited.isKept(self.context, name, value.callee);
  };

  /** `list.append(x)`, done. */
  const isAppended = (value: Expression, scope: Scope): boolean => {
    if (value.kind !== "call" || value.callee.kind !== "member" || value.callee.name !== "append") return false;
    const object = evaluate(value.callee.object, scope);
    const [item, ...more] = value.args;
    if (object.kind !== "tuple" || object.list === undefined || item === undefined || more.length > 0) return false;
    if (object.list.guard !== undefined) refuse(value, object.list.guard);
    journal.assign(object.list, { kind: "tuple", items: [...object.items, evaluate(item.value, scope)] });
    return true;
  };

  type Simple = Exclude<Statement, { readonly kind: "if" | "block" | "with" }>;
  const simple = byKind<Simple, [scope: Scope], Outcome<Value>>({
    assign: ({ targets, value }, scope) => {
      const result = moduleFor(targets, value, scope) ?? evaluate(value, scope);
      for (const target of targets) assign(target, result, scope);
      return CONTINUES;
    },
    update,
    expression: ({ value }, scope) => {
      if (value.kind !== "text" && !isKept(value, scope) && !isAppended(value, scope)) evaluate(value, scope);
      return CONTINUES;
    },
    return: ({ value }, scope) => ({ returned: "always", value: value === undefined ? NONE : evaluate(value, scope) }),
    raise: () => "raises",
    assert: ({ condition }, scope) => {
      const said = checked(condition, scope);
      if (said !== undefined) parts.promise(said, condition, branches.isCertain());
      return CONTINUES;
    },
    function: ({ node }, scope) => {
      declare(node.name, parts.define(node, scope), scope);
      return CONTINUES;
    },
    class: ({ node }, scope) => {
      declare(node.name, parts.define(node, scope), scope);
      return CONTINUES;
    },
    import: ({ names }, scope) => {
      for (const each of names) declare(each.local, importedValue(each), scope);
      return CONTINUES;
    },
    global: (at) => refuse(at, GLOBAL),
    unreadable: (at, scope) => {
      const { loop } = at;
      if (loop === undefined || !parts.isInFunction()) return refuse(at, at.reason);
      const each = parts.loops.each(ifRead(() => evaluate(loop.over, scope)) ?? refuse(at, at.reason), at);
      parts.loops.run(at, () => {
        assign(loop.target, each, scope);
        return run(loop.body, scope);
      });
      return CONTINUES;
    },
  });

  /** `xp = get_array_module(x)`: NumPy, or CuPy where x is on a GPU, whatever it is that says which. */
  const moduleFor = (targets: readonly Expression[], value: Expression, scope: Scope): Value | undefined => {
    const [target] = targets;
    if (target?.kind !== "name" || value.kind !== "call" || !isStandIn(target.name)) return undefined;
    const given = ifRead(() => evaluate(value, scope));
    if (given !== undefined && given.kind !== "plumbing") return given;
    parts.assume(`${parts.written(value.callee)} taken to give NumPy`);
    return { kind: "path", path: "numpy" };
  };

  /** The condition on parameters that an assertion states; assertions about tensors and types are for people. */
  const checked = (condition: Expression, scope: Scope): Truth | undefined =>
    unlessRefused(
      () => attempt(journal, () => truth(condition, scope)).result,
      (error) => (OF_VALUES.has(error.message) ? again(error)() : undefined),
    );

  const run = createWalk<Statement, Simple, Expression, Scope, Value>({
    step: parts.step,
    branches,
    truth,
    nothing: NONE,
    partsOf,
    open,
    branch: (scope) => scope,
    simple,
    promise: (said, place) => parts.promise(said, place, branches.isCertain()),
  });

  return { run, assign };
}

const NOT_TUPLE = reason("this takes several values, and one is given", "give each name one value");
