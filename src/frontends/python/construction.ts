/** Instances as `__init__` leaves them, and those of the classes above. */
import { Diagnostic } from "../../diagnostic.js";
import { known } from "../interpreter/scopes.js";
import type { Outcome } from "../interpreter/statements.js";
import type { Span } from "../place.js";
import { isOfOtherFile } from "./assumptions.js";
import type { Passed } from "./calls.js";
import { lineage, methodOf, type Peek } from "./classes.js";
import { createContext } from "./context.js";
import { writtenIn } from "./instances.js";
import type { Instance, Nodes } from "./nodes.js";
import type { FunctionNode, Statement } from "./syntax.js";
import { MAY_CHANGE } from "./unreadable.js";
import { NONE, type ClassValue, type FunctionValue, type Scope, type Value } from "./values.js";

interface Parts {
  readonly peek: Peek;
  readonly written: (place: Span) => string;
  readonly execute: (body: Statement, scope: Scope) => Outcome<Value>;
  readonly call: (callee: FunctionValue, args: readonly Passed[], place: Span) => Value;
  /** The names that a statement gives values to, of which nothing is known then. */
  readonly fail: (statement: Statement) => readonly string[];
  readonly nodes: () => Nodes;
}

export interface Construction {
  readonly construct: (of: ClassValue, args: readonly Passed[], place: Span) => Instance;
  /** Runs the body of a function. */
  readonly run: (node: FunctionNode, scope: Scope) => Outcome<Value>;
  /** `super()` in a method. */
  readonly above: (scope: Scope) => Value | undefined;
  readonly callAbove: (
    self: Extract<Value, { readonly kind: "super" }>,
    name: string,
    args: readonly Passed[],
    place: Span,
  ) => Value | undefined;
}

export function createConstruction({ peek, written, execute, call, fail, nodes }: Parts): Construction {
  const owners = new WeakMap<Scope, FunctionNode>();
  /** Of these, statements that cannot be read leave what they write unknown. */
  const patient = new Set<FunctionNode>();

  const callPatiently = (method: FunctionValue, args: readonly Passed[], place: Span): void => {
    const isNew = !patient.has(method.node);
    patient.add(method.node);
    try {
      call(method, args, place);
    } finally {
      if (isNew) patient.delete(method.node);
    }
  };

  const forget = (statement: Statement, scope: Scope, self: Value | undefined): void => {
    for (const name of fail(statement)) scope.cells.set(name, { content: UNTOLD });
    if (self?.kind === "context")
      for (const { name } of writtenIn([statement])) self.context.attributes.set(name, { content: UNTOLD });
  };

  /** Changes by a statement that calls something unread: of the instance, and of the arrays that it names. */
  const forgetAll = (text: string, scope: Scope, self: Value | undefined): void => {
    if (self?.kind === "context") for (const cell of self.context.attributes.values()) cell.content = UNTOLD;
    for (const [name, cell] of scope.cells) {
      const value = known(cell);
      if (value?.kind === "tensor" && new RegExp(`\\b${name}\\b`).test(text)) value.memory.tainted = MAY_CHANGE;
    }
  };

  const run: Construction["run"] = (node, scope) => {
    owners.set(scope, node);
    if (!patient.has(node)) return execute(node.body, scope);
    const first = node.parameters[0]?.name ?? "";
    const self = known(scope.cells.get(first));
    for (const statement of node.body.kind === "block" ? node.body.body : [node.body])
      try {
        const outcome = execute(statement, scope);
        if (outcome === "raises" || outcome.returned !== "never") return outcome;
      } catch (error) {
        if (!(error instanceof Diagnostic)) throw error;
        forget(statement, scope, self);
        if (mayReach(written(statement), first)) forgetAll(written(statement), scope, self);
      }
    return { returned: "never", value: NONE };
  };

  const construct: Construction["construct"] = (of, args, place) => {
    const self = { kind: "context", context: createContext(0, { of }) } as const;
    const made = methodOf(lineage(of, peek).classes, "__init__");
    const given = [{ value: self, place }, ...args];
    if (made !== undefined) callPatiently(made, given, place);
    return self;
  };

  return {
    construct,
    run,
    above: (scope) => {
      let at: Scope | undefined = scope;
      while (at !== undefined && !owners.has(at)) at = at.parent;
      const node = at && owners.get(at);
      const self = node && known(at?.cells.get(node.parameters[0]?.name ?? ""));
      if (self?.kind !== "context" || self.context.of === undefined) return undefined;
      const has = ({ own }: ClassValue): boolean =>
        [...own.values()].map((each) => known(each)).some((value) => value?.kind === "function" && value.node === node);
      const owner = lineage(self.context.of, peek).classes.find(has);
      return owner && { kind: "super", context: self.context, after: owner.node };
    },
    callAbove: ({ context, after }, name, args, place) => {
      const { classes, libraries } = lineage(context.of!, peek);
      const found = methodOf(classes.slice(classes.findIndex(({ node }) => node === after) + 1), name);
      const self = { kind: "context", context } as const;
      if (found === undefined) {
        if (name === "__init__" && libraries.some(isOfOtherFile)) nodes().initialise(self, args);
        return undefined;
      }
      const given = [{ value: self, place }, ...args];
      if (name !== "__init__") return call(found, given, place);
      callPatiently(found, given, place);
      return NONE;
    },
  };
}

const UNTOLD: Value = { kind: "refused", reason: MAY_CHANGE };

/** Functions that leave what they are given as it is. */
const PURE =
  /^(?:np|numpy|xp|self\.xp|math)\.|^(?:tuple|list|set|frozenset|dict|any|all|len|isinstance|type|str|repr|max|min|int|float|bool|zip|range|enumerate|super|id|if|in|not|and|or|elif|is|raise|return|lambda|\w*(?:Error|Warning|Exception))$/;

/** A statement that may do more than give values to names and members: it calls what may change its arguments, or gives itself away. */
const mayReach = (text: string, self: string): boolean =>
  [...text.matchAll(/([\w.]+)\s*\((?!\s*\))/g)].some(([, callee]) => !PURE.test(callee!)) ||
  [...text.matchAll(new RegExp(`\\b${self}\\b(?!\\.\\w+\\b(?!\\s*\\())`, "g"))].length > 0;
