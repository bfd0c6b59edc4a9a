/**
 * Runs a file from its first line to its last, as far as it can be read. What cannot be read may change all that it
 * mentions, and what functions may change later is no constant: both are refused when somebody asks for them.
 */
import { Diagnostic } from "../../diagnostic.js";
import { known } from "../interpreter/scopes.js";
import { mentionsBehind } from "../interpreter/mentions.js";
import { TOO_LARGE, again } from "../interpreter/refusals.js";
import type { Refuse, Span } from "../place.js";
import { assignedNames, partsOf } from "./convert.js";
import type { Effects, Mention } from "./effects.js";
import { canonical, isKnown } from "./library.js";
import type { Imported, Statement } from "./syntax.js";
import { CONDITIONAL_NAME, DYNAMIC, MAY_CHANGE, PATCHED, REASSIGNED, SHARED, STARS } from "./unreadable.js";
import { createScope, type ListCell, type Memory, type Scope, type Table, type Value } from "./values.js";

export interface Module {
  readonly scope: Scope;
  /** Modules of which all names were imported, the last one first. */
  readonly starred: readonly string[];
  /** Names that are taken to be what they seem to be, and what is taken for granted of each. */
  readonly taken: ReadonlyMap<string, string>;
  /** The names of members that the file assigns to, other than of ctx and self. */
  readonly patched: ReadonlySet<string>;
  readonly load: (machine: Machine) => void;
  /** Refuses everything where code is made of text. */
  readonly check: (refuse: Refuse) => void;
  /** The names that a piece of the file gives values to; what it may change is not known from here on. */
  readonly fail: (statement: Statement) => readonly string[];
}

export interface Machine {
  readonly run: (statement: Statement, scope: Scope) => void;
  readonly begin: () => void;
}

export const importedValue = ({ path }: Imported): Value => ({ kind: "path", path: canonical(path) });
/** A name for NumPy, or for what stands in for it: `from ..backend import np`. */
export const isStandIn = (local: string): boolean => /^(?:a?np|numpy|xp)$/.test(local);

/** After so many statements that cannot be read no more are tried. */
const MOST_FAILURES = 2000;

export const isLibrary = (path: string): boolean =>
  /^(?:torch|tensorflow|keras|math|numpy|jax|scipy)(?:\.|$)/.test(path);

const isModule = (path: string): boolean =>
  /^(?:torch(?:\.(?:nn|nn\.functional|special|autograd))?|tensorflow(?:\.(?:math|nn))?|math|numpy|keras)$/.test(path);

export function createModule(
  statements: readonly Statement[],
  effects: Effects,
  /** The names that "import *" of a module brings, where they are known. */
  namesOf: (module: string) => readonly string[] | undefined = () => undefined,
): Module {
  const scope = createScope();
  const starred: string[] = [];
  const taken = new Map<string, string>();
  const imports = new Set(importsIn(statements));

  const valueAt = (name: string): Value | undefined => known(scope.cells.get(name));

  /** The parts of a value that can be changed: tensors and lists, in whatever they are. */
  const changeable = (start: Value | undefined, visit: (found: Memory | ListCell | Table) => void): void => {
    const seen = new Set<unknown>();
    const waiting: (Value | (() => Value) | undefined)[] = [start];
    while (waiting.length > 0) {
      const value = waiting.pop();
      if (value === undefined || typeof value === "function" || seen.has(value)) continue;
      seen.add(value);
      if (value.kind === "tensor") visit(value.memory);
      if (value.kind === "tuple") {
        waiting.push(...value.items);
        if (value.list !== undefined) visit(value.list);
      }
      if (value.kind === "table") {
        for (const { content } of value.cells.values()) waiting.push(content);
        visit(value);
      }
      if (value.kind === "function") waiting.push(...value.initial.values());
      if (value.kind === "class") for (const { content } of value.own.values()) waiting.push(content);
    }
  };
  const taint = (value: Value | undefined): void =>
    changeable(value, (found) => {
      for (const each of "kin" in found && found.kin !== undefined ? found.kin : [found]) each.tainted = MAY_CHANGE;
    });

  const refuseName = (name: string): void =>
    void scope.cells.set(name, { content: { kind: "refused", reason: REASSIGNED } });

  /** A whole module of a library that goes elsewhere: what its names are is not known any more. */
  let patchedAt: Span | undefined;
  const notePassed = ({ name, path, use, start }: Mention, value: Value | undefined): void => {
    if (value?.kind !== "path") return;
    const isGiven = use === "passed" && path.length === 0 && isModule(value.path);
    if (isGiven || (use === "call" && /^(?:unittest\.)?mock\./.test([value.path, ...path].join("."))))
      patchedAt ??= { start, end: start + name.length };
  };

  const suspect = (place: Statement): void => {
    const runs = ({ name }: Mention): readonly Span[] => {
      const value = valueAt(name);
      return value?.kind === "function" || value?.kind === "class" ? [value.node] : [];
    };
    for (const mention of mentionsBehind(effects, place, runs)) {
      const { name, use, isInFunction } = mention;
      const value = valueAt(name);
      notePassed(mention, value);
      if (use === "bind" && isInFunction && scope.cells.has(name)) refuseName(name);
      if (use === "write" || use === "passed" || use === "bare") taint(value?.kind === "class" ? undefined : value);
    }
  };

  const fail: Module["fail"] = (statement) => {
    suspect(statement);
    const bound = effects.mentionsIn(statement).filter(({ use, isInFunction }) => use === "bind" && !isInFunction);
    return [...new Set([...assignedNames([statement]), ...bound.map(({ name }) => name)])];
  };

  const importAll = (path: string): void => {
    const names = isLibrary(path) ? undefined : namesOf(path);
    if (names !== undefined) return importNames(names.map((name) => ({ local: name, path: `${path}.${name}` })));
    starred.unshift(path);
    // They may have the names of what was there before.
    for (const [name, cell] of scope.cells) {
      const value = known(cell);
      const isOfLibrary = value?.kind === "path" && isLibrary(value.path);
      if (isLibrary(path) && isOfLibrary && !isKnown(`${path}.${name}`)) continue;
      scope.cells.set(name, { content: { kind: "refused", reason: STARS } });
    }
  };

  const importNames = (names: readonly Imported[]): void => {
    for (const each of names)
      if (each.local === "*") importAll(canonical(each.path).replace(/\.\*$/, ""));
      else if (isStandIn(each.local) && !isLibrary(canonical(each.path))) {
        taken.set(each.local, `${each.local} taken to be NumPy`);
        scope.cells.set(each.local, { content: { kind: "path", path: "numpy" } });
      } else scope.cells.set(each.local, { content: importedValue(each) });
  };

  let failures = 0;
  const execute = (statement: Statement, { run, begin }: Machine): void => {
    if (statement.kind === "import") return importNames(statement.names);
    begin();
    try {
      if (failures >= MOST_FAILURES) throw new Diagnostic(TOO_LARGE.message, { hint: TOO_LARGE.hint });
      run(statement, scope);
    } catch (error) {
      if (!(error instanceof Diagnostic)) throw error;
      failures += 1;
      const isBranch = partsOf(statement).length > 0;
      for (const name of fail(statement)) {
        // A name that is defined where its import fails only stands in for the imported one.
        if (imports.has(name) && isBranch) continue;
        scope.cells.set(name, {
          content: isBranch ? { kind: "refused", reason: CONDITIONAL_NAME } : again(error),
        });
      }
      for (const inner of importStatements([statement])) importNames(inner.names);
    }
  };

  /** Changes that functions of the file may make at any time. */
  const watch = (): void => {
    for (const mention of effects.mentions) {
      const { name, use, isInFunction } = mention;
      if (!isInFunction) continue;
      notePassed(mention, valueAt(name));
      if (use === "bind" && scope.cells.has(name)) refuseName(name);
      const isSure = use === "write" || ((use === "passed" || use === "bare") && effects.writesInPlace);
      const value = valueAt(name);
      if (isSure && (value?.kind === "tensor" || value?.kind === "tuple" || value?.kind === "table")) taint(value);
    }
  };

  return {
    scope,
    starred,
    taken,
    patched: effects.written,
    load: (machine) => {
      for (const statement of statements) execute(statement, machine);
      for (const name of reassigned(statements, effects.mentions)) if (scope.cells.has(name)) refuseName(name);
      watch();
      for (const cell of scope.cells.values()) changeable(known(cell), (found) => (found.guard ??= SHARED));
    },
    check: (refuse) => {
      if (effects.dynamic !== undefined) refuse(effects.dynamic, DYNAMIC);
      if (patchedAt !== undefined) refuse(patchedAt, PATCHED);
    },
    fail,
  };
}

/** Names that are bound more than once. */
function reassigned(statements: readonly Statement[], mentions: readonly Mention[]): readonly string[] {
  const counts = new Map<string, number>();
  const count = (names: readonly string[]): void =>
    names.forEach((name) => counts.set(name, (counts.get(name) ?? 0) + 1));
  const imports = new Set(importsIn(statements));
  const isBranch = ({ kind }: Statement): boolean => kind === "if" || kind === "unreadable" || kind === "with";
  const isCounted = (each: Statement): boolean => !isBranch(each) && each.kind !== "import" && !isWrapping(each);
  count(assignedNames(statements.filter(isCounted)));
  count([...imports].filter((name) => counts.has(name)));
  // A name that is defined where its import fails only stands in for the imported one.
  count(assignedNames(statements.filter(isBranch)).filter((name) => !imports.has(name)));
  // Loops, "with", "del" and the like bind names as well.
  const written = new Map<string, number>();
  for (const name of assignedNames(statements)) written.set(name, (written.get(name) ?? 0) + 1);
  const bound = new Map<string, number>();
  for (const { name, use, isInFunction, isInClass } of mentions)
    if (use === "bind" && !isInFunction && !isInClass) bound.set(name, (bound.get(name) ?? 0) + 1);
  const others = [...bound].filter(([name, times]) => times > (written.get(name) ?? 0)).map(([name]) => name);
  return [...[...counts].filter(([, times]) => times > 1).map(([name]) => name), ...others];
}

/** `f = wrap(f)`, which is still the function of that name. */
function isWrapping(statement: Statement): boolean {
  if (statement.kind !== "assign" || statement.value.kind !== "call") return false;
  const [target, ...others] = statement.targets;
  const [first] = statement.value.args;
  const wraps = target?.kind === "name" && first?.value.kind === "name" && first.value.name === target.name;
  return wraps && others.length === 0 && first.name === undefined && !first.spread;
}

const importStatements = (statements: readonly Statement[]): readonly Extract<Statement, { kind: "import" }>[] =>
  statements.flatMap((statement) => (statement.kind === "import" ? [statement] : importStatements(partsOf(statement))));

const importsIn = (statements: readonly Statement[]): readonly string[] =>
  importStatements(statements).flatMap(({ names }) => names.map(({ local }) => local));
