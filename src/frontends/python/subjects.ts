/** The subjects of a file's gradients: classes of torch.autograd.Function, and functions with tf.custom_gradient. */
import { known, lookUp } from "../interpreter/scopes.js";
import { piecesOf } from "../interpreter/syntax.js";
import type { Symbols } from "../symbols.js";
import { isFunctionClass, lineage } from "./classes.js";
import { assignedNames, partsOf } from "./convert.js";
import { importedValue } from "./module.js";
import { pairsOf, type NamedFunction, type NamedPair } from "./named.js";
import { nodesOf, type NodeMaker } from "./node-pairs.js";
import { registeredBy, type Registered } from "./registered.js";
import { OF_FLOATS, VECTORIZE } from "./assumptions.js";
import { CUSTOM_GRADIENT } from "./reader.js";
import type { Reader } from "./reading.js";
import { forwardOf, tangentsBy, type Tangents } from "./jvp.js";
import type { ClassNode, Entry, Expression, FunctionNode, Statement, StatementOf } from "./syntax.js";
import { ENCLOSING, STARS } from "./unreadable.js";
import { createScope, tensor, type ClassValue, type FunctionValue, type Scope, type Value } from "./values.js";

/** `path`: its name, behind those of what it is in. */
export type Subject =
  | {
      readonly kind: "class";
      readonly path: string;
      readonly value: ClassValue;
      /** Another class derives from it. */
      readonly isBase: boolean;
    }
  | { readonly kind: "function"; readonly path: string; readonly value: FunctionValue }
  | NamedPair
  | Registered
  | Tangents
  | NodeMaker;

export interface Found {
  readonly subjects: readonly Subject[];
  /** How many classes and functions the file has. */
  readonly definitions: number;
}

export function findSubjects(statements: readonly Statement[], reader: Reader, symbols: Symbols, text: string): Found {
  const found: (Omit<Extract<Subject, { kind: "class" }>, "isBase"> | Extract<Subject, { kind: "function" }>)[] = [];
  const bases = new Set<ClassNode>();
  let definitions = 0;
  const named: NamedFunction[] = [];
  const guesses: NamedPair[] = [];
  const registered: Registered[] = [];
  const tangents: Tangents[] = [];
  /** A function that still has its name when the file has been loaded. */
  const name = (node: FunctionNode, scope: Scope, group: string, of?: ClassValue): void => {
    const cell = of === undefined ? scope.cells.get(node.name) : of.own.get(node.name);
    // A function inside a function is defined as soon as somebody asks for it.
    const isInside = of === undefined && scope !== reader.module;
    const value = typeof cell?.content !== "function" ? cell?.content : isInside ? cell.content() : undefined;
    if (value?.kind !== "function" || value.node !== node || node.decorators.some((each) => isCustom(each, scope)))
      return;
    const path = group === "" ? node.name : `${group.replace(/\(\)$/, "")}.${node.name}`;
    named.push({ name: node.name, path, group, node, value, ...(of !== undefined && { of }) });
  };

  const isCustom = (expression: Expression, scope: Scope): boolean => {
    const value = reader.peek(expression.kind === "call" ? expression.callee : expression, scope);
    return value?.kind === "path" && value.path === CUSTOM_GRADIENT;
  };

  /** A base whose name an "import *" may have given to something else: reading the class says so. */
  const isHidden = (base: Expression, scope: Scope): boolean => {
    const value = base.kind === "name" ? known(lookUp(scope, base.name)) : undefined;
    return value?.kind === "refused" && value.reason === STARS;
  };

  /** A function where it stands in a dictionary, under the name that it has there. */
  const member = ({ key, value: { start, end, ...rest } }: Entry, group: string): NamedFunction | undefined => {
    const place = { start, end };
    const value = reader.peek({ ...rest, ...place } as Expression, reader.module);
    if (value?.kind !== "function" || reader.isOfOthers(value)) return undefined;
    return { name: key, path: `${group}.${key}`, group, node: { ...value.node, place }, value };
  };

  /** `{"relu": {"f": relu, "df": step}}`, and `{"relu": (relu, step)}`, which says nothing of what is what. */
  const members = (group: string, entries: readonly Entry[]): void => {
    const waiting = entries.map((entry) => ({ entry, group }));
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { key, value } = next.entry;
      const path = `${next.group}.${key}`;
      if (value.kind === "unreadable" && value.entries !== undefined)
        waiting.push(...value.entries.map((entry) => ({ entry, group: path })));
      else if (value.kind === "tuple") {
        const [base, derivative, ...more] = value.items.map((item, i) => member({ key: `${i}`, value: item }, path));
        if (base !== undefined && derivative !== undefined && more.length === 0)
          guesses.push({ kind: "pair", path: derivative.path, base, derivative, guess: group });
      } else {
        const found = member(next.entry, next.group);
        if (found !== undefined) named.push(found);
      }
    }
  };

  /** `register("relu", relu, step)`: two functions that are given together, and dictionaries of functions. */
  const given = ({ value }: StatementOf<"expression">): void => {
    if (value.kind !== "call") return;
    const group = text.slice(value.callee.start, value.callee.end);
    const [first] = value.args;
    const key = first?.value.kind === "text" ? first.value.text : `${value.start}`;
    for (const { value: each } of value.args)
      if (each.kind === "unreadable" && each.entries !== undefined) members(group, [{ key, value: each }]);
    const functions = value.args.filter(({ value: each }) => each.kind === "function" || each.kind === "name");
    const found = functions.flatMap(
      ({ value: each }, i) => member({ key: `${i}`, value: each }, `${group}.${key}`) ?? [],
    );
    const [base, derivative, ...more] = found;
    if (base !== undefined && derivative !== undefined && more.length === 0)
      guesses.push({ kind: "pair", path: derivative.path, base, derivative, guess: group });
  };

  /** `f = lambda x: ...`, `f = np.vectorize(g)`, and dictionaries of functions. */
  const assigned = ({ targets, value }: StatementOf<"assign">): void => {
    const [target, ...others] = targets;
    if (target?.kind === "element" && target.object.kind === "name" && target.index.kind === "text")
      return members(target.object.name, [{ key: target.index.text, value }]);
    if (target?.kind !== "name" || others.length > 0) return;
    if (value.kind === "unreadable" && value.entries !== undefined) return members(target.name, value.entries);
    if (value.kind !== "function" && value.kind !== "call") return;
    const cell = reader.module.cells.get(target.name);
    const now = typeof cell?.content === "function" ? reader.peek(target, reader.module) : cell?.content;
    if (now?.kind !== "function" || (value.kind === "function" && now.node !== value.node)) return;
    const node = { ...now.node, place: target };
    const callee = value.kind === "call" ? reader.peek(value.callee, reader.module) : undefined;
    const isVectorized = callee?.kind === "path" && callee.path === VECTORIZE;
    const { name: path } = target;
    named.push({ name: path, path, group: "", node, value: now, ...(isVectorized && { note: OF_FLOATS }) });
  };

  /** A function of another file of the project, by the name that it has here. */
  const imported = (local: string, { start, end }: Statement): void => {
    const place = { start, end };
    const value = reader.peek({ kind: "name", name: local, ...place }, reader.module);
    if (value?.kind !== "function" || !reader.isOfOthers(value)) return;
    const parameters = value.node.parameters.map((each) => ({ ...each, ...place }));
    named.push({
      name: local,
      path: local,
      group: "",
      node: { ...value.node, place, parameters },
      value,
      isOfOthers: true,
    });
  };

  /** `f = tf.custom_gradient(g)`. */
  const wrapped = (statement: Statement, scope: Scope, prefix: string): void => {
    if (statement.kind !== "assign" || statement.value.kind !== "call" || !isCustom(statement.value, scope)) return;
    const [target] = statement.targets;
    const [argument] = statement.value.args;
    const value = argument && reader.peek(argument.value, scope);
    if (value?.kind === "function" && target?.kind === "name")
      found.push({ kind: "function", path: prefix + target.name, value });
  };

  const visit = (statement: Statement, scope: Scope, prefix: string): void => {
    switch (statement.kind) {
      case "class": {
        const { node } = statement;
        definitions += 1;
        const value = reader.classOf(node, scope);
        const { classes, libraries } = lineage(value, reader.peek);
        const isFunction = isFunctionClass(libraries) || node.bases.some((base) => isHidden(base, scope));
        if (isFunction || (libraries.length > 0 && hasContext(value))) {
          found.push({ kind: "class", path: prefix + node.name, value });
          for (const base of classes.slice(1)) bases.add(base.node);
        } else if (scope === reader.module)
          for (const inner of node.body.flatMap((body) => (body.kind === "block" ? body.body : [body])))
            if (inner.kind === "function") name(inner.node, scope, node.name, value);
        for (const inner of node.body) visit(inner, scope, `${prefix}${node.name}.`);
        return;
      }
      case "function": {
        const { node } = statement;
        definitions += 1;
        if (node.decorators.some((decorator) => isCustom(decorator, scope)))
          found.push({ kind: "function", path: prefix + node.name, value: reader.functionOf(node, scope) });
        if (prefix === "" && scope === reader.module) {
          const forward = forwardOf(node, scope, reader.peek);
          if (forward === undefined) name(node, scope, "");
          else
            tangents.push({ kind: "tangents", path: forward.node.name, forward, rule: reader.functionOf(node, scope) });
        }
        // By its own name alone: what is inside of a function is no member of it.
        if (scope !== reader.module) name(node, scope, `${prefix.slice(0, -1)}()`);
        const inner = insideOf(node, scope, symbols, reader);
        return visit(node.body, inner, `${prefix}${node.name}.`);
      }
      case "expression": {
        const found = scope === reader.module ? registeredBy(statement, scope, reader.peek) : undefined;
        // Of two registrations the last counts.
        const before = registered.findIndex(({ forward }) => forward.node === found?.forward.node);
        if (before >= 0) registered.splice(before, 1);
        const rule = scope === reader.module ? tangentsBy(statement, scope, reader.peek) : undefined;
        if (found !== undefined) registered.push(found);
        else if (rule !== undefined) tangents.push(rule);
        else if (scope === reader.module) given(statement);
        return;
      }
      case "import":
        if (scope === reader.module) for (const each of statement.names) imported(each.local, statement);
        return;
      case "assign":
        if (prefix === "" && scope === reader.module) assigned(statement);
        return wrapped(statement, scope, prefix);
      default:
        for (const inner of partsOf(statement)) visit(inner, scope, prefix);
    }
  };
  for (const statement of statements) visit(statement, reader.module, "");
  const subjects = found.map((each): Subject =>
    each.kind === "class" ? { ...each, isBase: bases.has(each.value.node) } : each,
  );
  // A function that is registered is in no pair by its name as well.
  const taken = new Set([
    ...registered.flatMap(({ forward, backward, saves }) => [forward.node, backward.node, saves?.node]),
    ...tangents.flatMap(({ forward, rule }) => [forward.node, rule.node]),
  ]);
  const isOther = ({ node }: NamedFunction): boolean => !taken.has(node);
  return {
    subjects: [
      ...subjects,
      ...registered,
      ...tangents,
      ...nodesOf(named, reader.peek, text),
      ...pairsOf(named.filter(isOther), guesses),
    ],
    definitions,
  };
}

/** Its forward and backward take what autograd calls ctx, so that its base is one like torch.autograd.Function. */
const hasContext = ({ own }: ClassValue): boolean =>
  ["forward", "backward"].every((name) => {
    const value = known(own.get(name));
    return value?.kind === "function" && value.node.parameters[0]?.name === "ctx";
  });

/** Nothing that can be changed where it is. */
const constantOf = (value: Value): Value => (CONSTANT.has(value.kind) ? value : { kind: "refused", reason: ENCLOSING });
const CONSTANT: ReadonlySet<Value["kind"]> = new Set([
  "number",
  "truth",
  "condition",
  "text",
  "none",
  "path",
  "plumbing",
] as const);

/** Whether a function inside gives the name another value, as `nonlocal` says. */
const isOfOthers = (body: Statement, name: string): boolean =>
  [...piecesOf(body)].some(({ kind, names }) => kind === "global" && (names as readonly string[]).includes(name));

/** The scope of functions inside a function: its parameters may be anything, its other variables are not known. */
function insideOf({ parameters, locals, body }: FunctionNode, outer: Scope, symbols: Symbols, reader: Reader): Scope {
  const scope = createScope(outer);
  const define = (name: string, content: () => Value): void => void scope.cells.set(name, { content });
  for (const name of locals) scope.cells.set(name, { content: { kind: "refused", reason: ENCLOSING } });
  const assigned = assignedNames([body]);
  for (const statement of body.kind === "block" ? body.body : [])
    if (statement.kind === "assign" && statement.targets.length === 1 && statement.targets[0]!.kind === "name") {
      const { name } = statement.targets[0]!;
      const times = assigned.filter((each) => each === name).length;
      if (times === 1 && !isOfOthers(body, name))
        define(name, () => constantOf(reader.evaluate(statement.value, scope)));
    }
  for (const { name, kind } of parameters)
    scope.cells.set(name, {
      content:
        kind === "plain" || kind === "keyword"
          ? tensor(symbols(name, "enclosing"), { single: true, guard: ENCLOSING })
          : { kind: "refused", reason: ENCLOSING },
    });
  for (const statement of body.kind === "block" ? body.body : []) {
    if (statement.kind === "function") define(statement.node.name, () => reader.functionOf(statement.node, scope));
    if (statement.kind === "class") define(statement.node.name, () => reader.classOf(statement.node, scope));
    if (statement.kind === "import")
      for (const each of statement.names) scope.cells.set(each.local, { content: importedValue(each) });
  }
  return scope;
}
