/** Reads functions of a file by running them on symbols, after the file itself has been run as far as it can be read. */
import type { Expr } from "../../ir/expr.js";
import type { Choices } from "../interpreter/choices.js";
import { ifRead } from "../interpreter/refusals.js";
import { attempt } from "../interpreter/journal.js";
import { createMachine } from "../interpreter/machine.js";
import { reason, type Span } from "../place.js";
import { createChoice } from "./choice.js";
import { createConstructors } from "./constructors.js";
import { createEvaluator } from "./expressions.js";
import { createLoader, type Loader } from "./load.js";
import type { Dialect } from "./reals.js";
import { createInstances } from "./instances.js";
import { createRecords, type RecordValue } from "./records.js";
import { createExecutor, NO_RETURN, UNSET } from "./statements.js";
import type { Argument, Expression, FunctionNode, Source, Statement } from "./syntax.js";
import { BLOCK_FUNCTION, CODE, DEFAULTS, MAY_CHANGE, THIS } from "./unreadable.js";
import {
  NOTHING,
  createScope,
  isPlain,
  type FunctionValue,
  type Maker,
  type Others,
  type Scope,
  type Value,
} from "./values.js";

export interface Reader {
  readonly choices: Choices<Value>;
  readonly module: Scope;
  /** A function of the file outside of all others, where it is the value of no variable. */
  readonly functionOf: (node: FunctionNode) => FunctionValue;
  /** The value of an expression once the file is loaded; nothing where that is not known. */
  readonly peek: (expression: Expression) => Value | undefined;
  /** The result of a function of the file for the arguments; an argument that is undefined is not given. */
  readonly call: (callee: FunctionValue, args: readonly (Value | undefined)[], self?: Value) => Value;
  /** An instance of a class of the file, as its constructor leaves it. */
  readonly construct: (maker: Maker, args: readonly (Value | undefined)[], place: Span) => RecordValue;
  /** A member of an object as it is now. */
  readonly member: (object: RecordValue, name: string, place: Span) => Value;
  /** The values taken where arguments are left out, since this was asked last. */
  readonly standIns: () => ReadonlyMap<Expr, Value>;
  /** Runs a statement for what it assigns. */
  readonly execute: (statement: Statement, scope: Scope) => void;
}

const ALWAYS_THROWS = reason("this function always throws", "return a number");

export function createReader(source: Source, dialect: Dialect, others?: Others): Reader {
  const machine = createMachine(source.text, createChoice());
  const { refuse, journal, enter: entered } = machine;

  const module = createScope({});
  /** The results of the file's functions so far, by their arguments. */
  let known = new Map<FunctionNode, Map<string, Value>>();
  const begin = (): void => {
    machine.begin();
    known = new Map();
  };

  const call = (
    { node, scope }: FunctionValue,
    args: readonly (Value | undefined)[],
    place: Span,
    self?: Value,
  ): Value => {
    // Only what the arguments decide can be kept: a local function also sees variables that change.
    const key = scope === module && self === undefined ? keyOf(args) : undefined;
    const results = known.get(node) ?? new Map<string, Value>();
    known.set(node, results);
    const kept = key === undefined ? undefined : results.get(key);
    if (kept !== undefined) return kept;
    const result = entered(node, node, place, () => run(node, scope, args, place, self));
    // A function sees variables, which are others in the next branch.
    if (key !== undefined && isPlain(result)) results.set(key, result);
    return result;
  };

  const run = (
    node: FunctionNode,
    outer: Scope,
    args: readonly (Value | undefined)[],
    place: Span,
    self: Value = { kind: "refused", reason: THIS },
  ): Value => {
    const special = new Map(node.isArrow ? [] : [["this", self]]);
    const outcome = executor.execute(node.body, enter(node, outer, args, place, special));
    if (outcome === "raises") return refuse(node, ALWAYS_THROWS);
    return outcome.returned === "always" ? outcome.value : refuse(endOf(node), NO_RETURN);
  };

  /** The scope in which a function's body runs; `special`: what `this` and the like are in it. */
  const enter = (
    node: FunctionNode,
    outer: Scope,
    args: readonly (Value | undefined)[],
    place: Span,
    special: ReadonlyMap<string, Value>,
  ): Scope => {
    if (args.length > node.args.length)
      refuse(
        place,
        reason(`${args.length} arguments are given, and the function takes ${node.args.length}`, "remove the others"),
      );
    const scope = createScope({}, outer);
    const announced = (name: string, content: Value): void =>
      void scope.cells.set(name, { content, constant: false, owner: scope.owner });
    special.forEach((value, name) => announced(name, value));
    if (node.self !== undefined) announced(node.self, { kind: "function", node, scope: outer });
    for (const { target } of node.args) {
      if (target.kind === "name") announced(target.name, UNSET);
      if (target.kind === "fields") for (const { local } of target.fields) announced(local, UNSET);
    }
    node.args.forEach((argument, i) => bindArgument(argument, args[i], scope));
    for (const name of node.blockFunctions)
      if (!scope.cells.has(name)) announced(name, { kind: "refused", reason: BLOCK_FUNCTION });
    for (const name of node.variables) if (!scope.cells.has(name)) announced(name, NOTHING);
    return createScope(scope.owner, scope);
  };

  const bindArgument = ({ target, initial }: Argument, given: Value | undefined, scope: Scope): void => {
    const value =
      given === undefined || given.kind === "nothing" ? initial && evaluator.evaluate(initial, scope) : given;
    executor.bind(target, value ?? NOTHING, "let", scope);
  };

  const standIns = new Map<Expr, Value>();
  const standIn = (argument: Expr, value: () => Value): void => {
    const { result } = attempt(journal, value);
    const other = standIns.get(argument);
    const isSame =
      other === undefined || (other.kind === "number" && result.kind === "number" && other.expr === result.expr);
    standIns.set(argument, isSame ? result : { kind: "refused", reason: DEFAULTS });
  };

  const loader: Loader = createLoader(source, dialect, module, machine.isInFunction, others);
  const records = createRecords({
    effects: source.effects,
    journal,
    refuse,
    call: (callee, place, self) => call(callee, [], place, self),
    module,
    attempt: loader.attempt,
    isLoading: loader.isLoading,
    suspect: (place) => loader.suspect(place, refuse),
    isPatched: loader.isPatched,
  });
  const evaluator = createEvaluator({
    ...machine,
    dialect,
    read: ({ content }) => (typeof content === "function" ? content() : content),
    call,
    construct: (maker, args, at, scope) => construct(maker, args, at, loader.isLoading() ? module.owner : scope.owner),
    records,
    standIn,
    global: (name, place) => loader.global(name, place, refuse),
  });
  const executor = createExecutor({ ...machine, ...evaluator, records });
  const constructors = createConstructors({ ...machine, ...executor, ...evaluator, ...loader, text: source.text });
  const construct = createInstances({
    refuse,
    field: constructors.field,
    fill: records.fill,
    enter: (node, outer, args, place, special, self) =>
      entered(node, node, place, () => constructors.run(node.body, enter(node, outer, args, place, special), self)),
  });
  loader.load({ ...executor, begin });

  return {
    module,
    choices: machine.choices,
    functionOf: (node) => evaluator.functionValue(node, module),
    peek: (expression) => {
      begin();
      return ifRead(() => evaluator.evaluate(expression, module));
    },
    standIns: () => {
      const taken = new Map(standIns);
      standIns.clear();
      return taken;
    },
    call: (callee, args, self) => {
      begin();
      if (source.effects.dynamic !== undefined) refuse(source.effects.dynamic, CODE);
      return call(callee, args, callee.node, self);
    },
    construct: (maker, args, place) => {
      begin();
      const made = construct(maker, args, place, {}) as RecordValue;
      const { written, ownWritten, writesAny } = source.effects;
      if (writesAny) made.record.tainted = MAY_CHANGE;
      // Members that methods write are known once they have.
      for (const [name, cell] of made.record.cells)
        if (written.has(name) || ownWritten.has(name)) cell.content = { kind: "refused", reason: MAY_CHANGE };
      return made;
    },
    member: (object, name, place) => records.read(object.record, name, place),
    execute: (statement, scope) => {
      begin();
      executor.execute(statement, scope);
    },
  };
}

const endOf = ({ start, end }: FunctionNode): Span => ({ start: Math.max(start, end - 1), end });

/** Arguments as text, when they are nothing but expressions. */
function keyOf(args: readonly (Value | undefined)[]): string | undefined {
  const keys = args.map((arg) => {
    if (arg?.kind === "truth") return String(arg.value);
    return arg?.kind === "number" || arg?.kind === "condition" ? `${arg.kind}${arg.expr.id}` : undefined;
  });
  return keys.includes(undefined) ? undefined : keys.join(" ");
}
