/**
 * Runs a file from its first line to its last, as far as it can be read. What cannot be read may change all that it
 * mentions, and what functions may change later is no constant: both are refused when somebody asks for them.
 */
import type { Diagnostic } from "../../diagnostic.js";
import { known } from "../interpreter/scopes.js";
import { mentionsBehind } from "../interpreter/mentions.js";
import { again, unlessRefused } from "../interpreter/refusals.js";
import type { Refuse, Span } from "../place.js";
import type { Partial } from "../partial.js";
import type { Mention } from "./effects.js";
import type { Dialect } from "./reals.js";
import type { Executor } from "./statements.js";
import { importedFromPackages, packageCalled } from "./packages.js";
import { taintAll } from "./records.js";
import type { Expression, FunctionNode, Pattern, Source, Statement } from "./syntax.js";
import { PATCHED, REASSIGNED, UNKNOWN } from "./unreadable.js";
import {
  FALSE,
  NOTHING,
  WHOLE,
  createScope,
  recordOf,
  type Cell,
  type Others,
  type Record,
  type Scope,
  type Value,
} from "./values.js";

/** `require("./math")`, of files and packages that are known. */
const requireOf = (others: Others, partial: Partial | undefined): Value => ({
  kind: "builtin",
  count: 1,
  takesAll: true,
  apply: ([from]) => {
    if (from?.kind !== "text") return undefined;
    const members = others.get(from.text);
    return members === undefined
      ? packageCalled(from.text, partial)
      : (members.get(WHOLE) ?? { kind: "object", member: (name) => members.get(name) });
  },
});

export interface Loader {
  readonly isLoading: () => boolean;
  /** Members may be there that no object of the file was given. */
  readonly isPatched: boolean;
  readonly suspect: (place: Span, refuse: Refuse) => void;
  readonly attempt: (expression: Expression, action: () => Value) => Value | (() => Value);
  readonly global: (name: string, place: Span, refuse: Refuse) => Value | undefined;
  readonly load: (machine: Machine) => void;
}

interface Machine extends Executor {
  readonly begin: () => void;
}

/** Names for the object that holds all global names. */
const WORLDS: ReadonlySet<string> = new Set(["globalThis", "window", "self", "global"]);

export function createLoader(
  { text, statements, variables, effects }: Source,
  { names: globals, partial }: Dialect,
  module: Scope,
  isInFunction: () => boolean,
  others: Others = new Map(),
): Loader {
  let loading = false;
  let isWorldPatched = false;
  const patched = new Set<string>();
  const isPatched = /__proto__|setPrototypeOf|\bObject\s*\.\s*prototype/.test(text);

  const valueAt = ({ name, path, isGlobal, use }: Mention): Value | undefined => {
    const cell = module.cells.get(name);
    if (cell === undefined) return isGlobal ? ofLanguage(name, path, use) : undefined;
    let value = known(cell);
    for (const member of path) {
      if (value?.kind === "object") value = value.member(member);
      const record = recordOf(value);
      if (record === undefined) return value;
      if (member === "prototype" && record.maker !== undefined)
        value = { kind: "record", record: record.maker.prototype };
      else value = known(record.cells.get(member));
    }
    return value;
  };
  /** Functions such as Math.exp change nothing of what they are members of, wherever they go. */
  const ofLanguage = (name: string, path: readonly string[], use: Mention["use"]): Value | undefined => {
    const object = globals.get(name);
    const member = object?.kind === "object" && path.length === 1 ? object.member(path[0]!) : undefined;
    return member?.kind === "builtin" && (use === "passed" || use === "bare") ? member : object;
  };
  const objectOf = (mention: Mention): Value | undefined => valueAt({ ...mention, path: mention.path.slice(0, -1) });

  /** Nothing is known any more of an object, nor of those inside it. */
  const taint = (value: Value | undefined): void => {
    if (value?.kind === "object" && value.global !== undefined) patched.add(value.global);
    const record = recordOf(value);
    if (record !== undefined) taintAll(record);
  };

  const patchWorld = ({ name, path, use }: Mention): void => {
    const [first] = path;
    if (!WORLDS.has(name) || use === "read" || use === "call" || use === "assign") return;
    if (first === undefined || (use === "write" && globals.has(first))) isWorldPatched = true;
  };

  const declare = (name: string, content: Cell["content"], constant = true): void =>
    void module.cells.set(name, { content, constant, owner: module.owner });

  /** Everything that a piece of the file may change, through the functions that it mentions as well. */
  const suspect = (place: Span): void => {
    for (const mention of mentionsBehind(effects, place, runBy)) {
      const { name, path, use, isGlobal } = mention;
      const value = valueAt(mention);
      if (isGlobal) patchWorld(mention);
      if (use === "assign") declare(name, { kind: "refused", reason: REASSIGNED }, false);
      else if (use === "write") taint(path.length > 0 ? objectOf(mention) : value);
      else if (use === "call") {
        const object = path.length > 0 ? objectOf(mention) : undefined;
        // Methods of lists and the like may change them; those of global objects change nothing.
        if (value?.kind !== "function" && object?.kind === "record") taint(object);
      } else taint(isGlobal && use === "read" ? undefined : value);
    }
  };
  /** The functions that a mention may run: itself, and the members of what it is, or is called of. */
  const runBy = (mention: Mention): readonly FunctionNode[] => {
    const found = [valueAt(mention), mention.use === "call" && mention.path.length > 0 ? objectOf(mention) : undefined];
    return found.flatMap((value) => {
      const values = value?.kind === "record" ? [...value.record.cells.values()].map((cell) => known(cell)) : [value];
      return values.flatMap((each) => (each?.kind === "function" ? [each.node] : []));
    });
  };

  /** Changes that functions of the file may make at any time, and those of global names anywhere. */
  const watch = (): void => {
    for (const mention of effects.mentions) {
      const { use, path, isInFunction: later, isGlobal } = mention;
      if (isGlobal) patchWorld(mention);
      const value = valueAt(mention);
      const isOfLanguage = value?.kind === "object" && value.global !== undefined;
      if (isOfLanguage && use === "passed") taint(value);
      if (isOfLanguage && use === "bare" && later && (effects.written.size > 0 || effects.writesAny)) taint(value);
      if (use === "write") {
        const object = path.length > 0 ? objectOf(mention) : value;
        if (object?.kind === "object" || (later && object === value)) taint(object);
        if (object?.kind === "builtin") isWorldPatched = true;
      }
      if (!later || isGlobal || value?.kind !== "record") continue;
      if (use === "passed") taint(value);
      if ((use === "bare" && !givesFunctions(value.record, mention.ofEach)) || use === "read")
        if (effects.writesAny || (value.record.kind === "list" && effects.writesElements)) taint(value);
    }
  };

  /** `table[kind].f`, where that is a function whatever the kind is: nobody gets hold of an object of the table. */
  const givesFunctions = (table: Record, ofEach: string | undefined): boolean =>
    ofEach !== undefined &&
    [...table.cells.values()].every((cell) => {
      const value = known(recordOf(known(cell))?.cells.get(ofEach));
      return value?.kind === "function" || value?.kind === "builtin";
    });

  const namesOf = (target: Pattern): readonly string[] =>
    target.kind === "name" ? [target.name] : target.kind === "fields" ? target.fields.map(({ local }) => local) : [];

  /** `f = ...` in the file itself, of a name that nothing declares: a variable as well. */
  const undeclared = (): readonly string[] => {
    const declared = new Set(statements.flatMap((each) => (each.kind === "declare" ? namesOf(each.target) : [])));
    return statements.flatMap((each) =>
      each.kind === "assign" &&
      each.target.kind === "name" &&
      !declared.has(each.target.name) &&
      !globals.has(each.target.name)
        ? [each.target.name]
        : [],
    );
  };

  /** Those of them that get their value once, outside of functions: as good as declared. */
  const settled = (): ReadonlySet<string> =>
    new Set(
      undeclared().filter((name) => {
        const [first, ...others] = effects.mentions.filter((each) => each.name === name && each.use === "assign");
        return first?.isInFunction === false && others.length === 0;
      }),
    );

  /** The names of a declaration that failed say why when they are read. */
  const fail = (statement: Statement, error: Diagnostic): void => {
    suspect(statement);
    const names =
      statement.kind === "declare" ? namesOf(statement.target) : statement.kind === "foreign" ? [] : variables;
    for (const name of names)
      if (statement.kind === "declare" || effects.mentionsIn(statement).some((mention) => mention.name === name))
        declare(name, again(error));
  };

  return {
    isLoading: () => loading,
    isPatched,
    suspect: (place, refuse) => (loading && !isInFunction() ? suspect(place) : refuse(place, UNKNOWN)),
    attempt: (expression, action) =>
      unlessRefused(action, (error) => {
        if (!loading || isInFunction()) throw error;
        suspect(expression);
        return again(error);
      }),
    global: (name, place, refuse) => {
      const value = globals.get(name);
      if (value === undefined) return undefined;
      const isChanged = isWorldPatched || effects.reassigned.has(name);
      const path = value.kind === "object" ? value.global : undefined;
      return isChanged || (path !== undefined && patched.has(path)) ? refuse(place, PATCHED) : value;
    },
    load: ({ execute, announce, begin }) => {
      loading = true;
      const scope = createScope(module.owner);
      const exports: Record = {
        cells: new Map(),
        kind: "object",
        owner: module.owner,
        scope,
        frozen: { content: FALSE, constant: false, owner: module.owner },
      };
      const holder: Record = { ...exports, cells: new Map(), frozen: { ...exports.frozen } };
      const place = { start: 0, end: 0 };
      const value: Value = { kind: "record", record: exports };
      holder.cells.set("exports", { content: value, constant: false, owner: module.owner, place, isGetter: false });
      declare("exports", value);
      declare("module", { kind: "record", record: holder });
      for (const name of [...variables, ...undeclared()]) declare(name, NOTHING, false);
      const imports = statements.flatMap((each) => (each.kind === "foreign" ? (each.imports ?? []) : []));
      const imported = new Map(partial === undefined ? [] : importedFromPackages(imports, partial));
      for (const { local, name, from } of imports) {
        const value = others.get(from)?.get(name);
        if (value !== undefined) imported.set(local, value);
      }
      if (!module.cells.has("require")) declare("require", requireOf(others, partial));
      for (const statement of statements)
        if (statement.kind === "foreign")
          for (const name of statement.names) declare(name, imported.get(name) ?? { kind: "foreign" });
      announce(statements, module);
      for (const statement of statements) {
        begin();
        unlessRefused(
          () => void execute(statement, module),
          (error) => fail(statement, error),
        );
      }
      // Variables that are given a value more than once may be anything.
      const once = settled();
      for (const [name, cell] of module.cells)
        if (effects.reassigned.has(name) && !once.has(name) && cell.content !== value) {
          taint(known(cell));
          declare(name, { kind: "refused", reason: REASSIGNED }, false);
        }
      watch();
      loading = false;
    },
  };
}
