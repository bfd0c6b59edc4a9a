/** The subjects of a file's gradients: classes of torch.autograd.Function, and functions with custom_gradient. */
import { known, lookUp } from "../interpreter/scopes.js";
import { piecesOf } from "../interpreter/syntax.js";
import type { Symbols } from "../symbols.js";
import { hasContext, isFunctionClass, lineage, methodOf } from "./classes.js";
import { assignedNames, partsOf } from "./convert.js";
import { givenBy } from "./givers.js";
import { importedValue } from "./module.js";
import { pairsOf, type NamedFunction, type NamedPair } from "./named.js";
import { nodesOf, type NodeMaker } from "./node-pairs.js";
import { createRegistries } from "./registries.js";
import { registeredBy, type Registered } from "./registered.js";
import { OF_FLOATS, VECTORIZE } from "./assumptions.js";
import type { CustomGradient } from "./custom-gradient.js";
import { madeGradients } from "./made.js";
import { isCustomGradient } from "./reader.js";
import type { Reader } from "./reading.js";
import { forwardOf, tangentsBy, type Tangents } from "./jvp.js";
import type { ClassNode, Expression, FunctionNode, Statement, StatementOf } from "./syntax.js";
import { ENCLOSING, STARS } from "./unreadable.js";
import { createScope, tensor, type ClassValue, type Scope, type Value } from "./values.js";
import { toldBy, type Told } from "./vjps.js";

/** `path`: its name, behind those of what it is in. */
export type Subject =
  | {
      readonly kind: "class";
      readonly path: string;
      readonly value: ClassValue;
      /** Another class derives from it. */
      readonly isBase: boolean;
    }
  | CustomGradient
  | NamedPair
  | Registered
  | Tangents
  | Told
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
  const registries = createRegistries(reader, text);
  const registered: Registered[] = [];
  const tangents: Tangents[] = [];
  const told: Told[] = [];
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
    return value?.kind === "path" && isCustomGradient(value.path);
  };

  /** A base whose name an "import *" may have given to something else: reading the class says so. */
  const isHidden = (base: Expression, scope: Scope): boolean => {
    const value = base.kind === "name" ? known(lookUp(scope, base.name)) : undefined;
    return value?.kind === "refused" && value.reason === STARS;
  };

  /** `f = lambda x: ...`, `f = np.vectorize(g)`, and dictionaries of functions. */
  const assigned = ({ targets, value }: StatementOf<"assign">, scope: Scope, prefix: string, of?: ClassValue): void => {
    const [target, ...others] = targets;
    const group = prefix.slice(0, -1) + (prefix === "" || of !== undefined ? "" : "()");
    if (target?.kind === "element" && target.object.kind === "name" && target.index.kind === "text")
      return registries.add(prefix + target.object.name, target.index.text, value, scope);
    if (target === undefined || (target.kind !== "name" && target.kind !== "member") || others.length > 0) return;
    const isTable = value.kind === "tuple" || (value.kind === "unreadable" && value.entries !== undefined);
    if (isTable) return tables(prefix, target.name, value, scope);
    if (target.kind !== "name" || (value.kind !== "function" && value.kind !== "call")) return;
    const cell = scope.cells.get(target.name);
    const now = typeof cell?.content === "function" ? reader.peek(target, scope) : cell?.content;
    if (value.kind === "call" && now?.kind !== "function")
      return registries.call(value, scope, { name: prefix + target.name });
    if (now?.kind !== "function" || (value.kind === "function" && now.node !== value.node)) return;
    const node = { ...now.node, place: target };
    const callee = value.kind === "call" ? reader.peek(value.callee, scope) : undefined;
    const isVectorized = callee?.kind === "path" && callee.path === VECTORIZE;
    const { name } = target;
    named.push({
      name,
      path: prefix + name,
      group,
      node,
      value: now,
      ...(of !== undefined && { of }),
      ...(isVectorized && { note: OF_FLOATS }),
    });
  };

  const tables = (prefix: string, name: string, value: Expression, scope: Scope): void => {
    const entries = value.kind === "unreadable" ? value.entries : undefined;
    if (entries === undefined) return name === "" ? undefined : registries.add(prefix.slice(0, -1), name, value, scope);
    for (const entry of entries) registries.add(prefix + name, entry.key, entry.value, scope);
  };

  /** `super().__init__(f, df)` of a class. */
  const constructed = (of: ClassValue, scope: Scope): void => {
    for (const inner of of.node.body.flatMap((body) => (body.kind === "block" ? body.body : [body]))) {
      if (inner.kind !== "function" || inner.node.name !== "__init__") continue;
      const [, ...above] = lineage(of, reader.peek).classes;
      const parameters = methodOf(above, "__init__")?.node.parameters.slice(1);
      for (const { kind, value } of statementsOf(inner.node.body) as readonly StatementOf<"expression">[])
        if (kind === "expression" && value.kind === "call" && isOfSuper(value.callee))
          registries.call(value, insideOf(inner.node, scope, symbols, reader), {
            name: `${of.node.name}.__init__`,
            parameters: parameters ?? [],
          });
    }
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

  const visit = (statement: Statement, scope: Scope, prefix: string, of?: ClassValue): void => {
    switch (statement.kind) {
      case "class": {
        const { node } = statement;
        definitions += 1;
        const value = reader.classOf(node, scope);
        const { classes, libraries } = lineage(value, reader.peek);
        const isFunction = isFunctionClass(libraries) || node.bases.some((base) => isHidden(base, scope));
        if (isFunction || hasContext(value)) {
          found.push({ kind: "class", path: prefix + node.name, value });
          for (const base of classes.slice(1)) bases.add(base.node);
        } else if (scope === reader.module)
          for (const inner of node.body.flatMap((body) => (body.kind === "block" ? body.body : [body])))
            if (inner.kind === "function") name(inner.node, scope, node.name, value);
        for (const inner of node.body) visit(inner, scope, `${prefix}${node.name}.`, value);
        const own: Scope = { ...createScope(scope), cells: new Map(value.own), isClass: true };
        for (const inner of node.body.flatMap(statementsOf))
          if (inner.kind === "assign" && !isFunction) assigned(inner, own, `${prefix}${node.name}.`, value);
        return constructed(value, scope);
      }
      case "function": {
        const { node } = statement;
        definitions += 1;
        if (node.decorators.some((decorator) => isCustom(decorator, scope)))
          found.push({
            kind: "function",
            path: prefix + node.name,
            value: reader.functionOf(node, scope),
            ...(of !== undefined && { of }),
          });
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
        const vjp = scope === reader.module ? toldBy(statement, scope, reader.peek) : undefined;
        if (found !== undefined) registered.push(found);
        else if (vjp !== undefined) told.push(vjp);
        else if (rule !== undefined) tangents.push(rule);
        else if (scope === reader.module && statement.value.kind === "call") registries.call(statement.value, scope);
        return;
      }
      case "return": {
        const { value } = statement;
        const object = value?.kind === "element" ? value.object : value;
        if (object !== undefined && scope !== reader.module) tables(prefix.slice(0, -1), "", object, scope);
        return;
      }
      case "import":
        if (scope === reader.module) for (const each of statement.names) imported(each.local, statement);
        return;
      case "assign":
        if (prefix === "" || scope !== reader.module) assigned(statement, scope, prefix);
        return wrapped(statement, scope, prefix);
      default:
        for (const inner of partsOf(statement)) visit(inner, scope, prefix, of);
    }
  };
  for (const statement of statements) visit(statement, reader.module, "");
  const gradients = found.filter((each): each is CustomGradient => each.kind === "function");
  const customs = madeGradients(gradients, named, reader, text);
  const subjects = [
    ...found.flatMap((each): readonly Subject[] =>
      each.kind === "class" ? [{ ...each, isBase: bases.has(each.value.node) }] : [],
    ),
    ...customs,
  ];
  // A function that is registered is in no pair by its name as well.
  const taken = new Set([
    ...registered.flatMap(({ forward, backward, saves }) => [forward.node, backward.node, saves?.node]),
    ...tangents.flatMap(({ forward, rule }) => [forward.node, rule.node]),
    ...told.flatMap(({ node, makers }) => [node, ...[...makers.values()].map((maker) => maker.node)]),
  ]);
  const isOther = ({ node }: NamedFunction): boolean => !taken.has(node);
  const given = givenBy(named, reader, text);
  return {
    subjects: [
      ...subjects,
      ...registered,
      ...tangents,
      ...told,
      ...nodesOf(named, reader.peek, text),
      ...pairsOf(
        [...named.filter((each) => !given.givers.has(each)), ...registries.named, ...given.named].filter(isOther),
        [...given.pairs, ...registries.guesses],
      ),
    ],
    definitions,
  };
}

const statementsOf = (body: Statement): readonly Statement[] => (body.kind === "block" ? body.body : [body]);

const isOfSuper = (callee: Expression): boolean =>
  callee.kind === "member" &&
  callee.name === "__init__" &&
  callee.object.kind === "call" &&
  callee.object.callee.kind === "name" &&
  callee.object.callee.name === "super";

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
  "function",
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
  for (const statement of statementsOf(body))
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
  for (const statement of statementsOf(body)) {
    if (statement.kind === "function") define(statement.node.name, () => reader.functionOf(statement.node, scope));
    if (statement.kind === "class") define(statement.node.name, () => reader.classOf(statement.node, scope));
    if (statement.kind === "import")
      for (const each of statement.names) scope.cells.set(each.local, { content: importedValue(each) });
  }
  return scope;
}
