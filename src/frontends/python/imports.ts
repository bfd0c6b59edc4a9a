/** Functions and numbers of other files of the project, read where they are asked for. */
import { ifRead, unlessRefused } from "../interpreter/refusals.js";
import { quote, type Reason } from "../place.js";
import { createModule, isLibrary, type Machine } from "./module.js";
import type { Source } from "./parse.js";
import type { FunctionNode, Statement } from "./syntax.js";
import type { Scope, Value } from "./values.js";

/** The file of a module, by its name as an import says it, such as `..core.math`; undefined where the project has none. */
export type FindModule = (name: string) => FoundModule | undefined;
export interface FoundModule {
  readonly source: Source;
  /** It is the `__init__.py` of a package. */
  readonly isPackage: boolean;
}

export interface Imports {
  /** The value of a full name, where it is a function, a number or a library's in a file of the project. */
  readonly follow: (path: string) => Value | undefined;
  /** The names that "import *" of a module brings, where it is a file of the project that says so. */
  readonly namesOf: (module: string) => readonly string[] | undefined;
  /** The module that a function is of, where it is not of the file itself. */
  readonly homeOf: (node: FunctionNode) => string | undefined;
  /** Runs a function; a mistake in another file is said where the function is called. */
  readonly at: (node: FunctionNode, run: () => Value, refuse: (reason: Reason) => never) => Value;
}

/** Files that import others, which import others. */
const MOST_MODULES = 30;
const FOLLOWED: ReadonlySet<Value["kind"]> = new Set(["function", "number", "truth", "text", "path"]);

export function createImports(find: FindModule, machine: Machine): Imports {
  const scopes = new Map<string, Scope | undefined>();
  const homes = new Map<FunctionNode, string>();

  const load = (name: string): Scope | undefined => {
    if (scopes.has(name)) return scopes.get(name);
    // One that is being loaded has nothing yet for those that it imports.
    scopes.set(name, undefined);
    const found = scopes.size > MOST_MODULES ? undefined : find(name);
    if (found === undefined || found.source.effects.dynamic !== undefined) return undefined;
    const { source, isPackage } = found;
    const module = createModule(source.statements.map(rebased(name, isPackage)), source.effects);
    module.load(machine);
    if (module.starred.length > 0) return undefined;
    scopes.set(name, module.scope);
    return module.scope;
  };

  return {
    follow: (path) => {
      const at = path.lastIndexOf(".");
      const [name, local] = [path.slice(0, at), path.slice(at + 1)];
      if (at < 0 || /^\.*$/.test(name) || isLibrary(path)) return undefined;
      const content = load(name)?.cells.get(local)?.content;
      const value = typeof content === "function" ? ifRead(content) : content;
      if (value === undefined || !FOLLOWED.has(value.kind)) return undefined;
      if (value.kind === "function" && !homes.has(value.node)) homes.set(value.node, name);
      return value;
    },
    namesOf: (name) => {
      const cells = load(name)?.cells;
      // Names in __all__ are not read.
      return cells?.has("__all__") === false ? [...cells.keys()].filter((each) => !each.startsWith("_")) : undefined;
    },
    homeOf: (node) => homes.get(node),
    at: (node, run, refuse) =>
      unlessRefused(run, (error) => {
        const home = homes.get(node);
        if (home === undefined) throw error;
        return refuse({ message: `in ${quote(node.name)} of ${home}: ${error.message}`, hint: error.hint ?? HINT });
      }),
  };
}

const HINT = "define it in this file";

/** A module's own imports, as whoever imports the module would write them. */
const rebased =
  (name: string, isPackage: boolean) =>
  (statement: Statement): Statement =>
    statement.kind !== "import"
      ? statement
      : { ...statement, names: statement.names.map((each) => ({ ...each, path: rebase(each.path, name, isPackage) })) };

/** `..math.f` in `.core.shapes` is `.math.f`. */
function rebase(path: string, name: string, isPackage: boolean): string {
  const dots = /^\.*/.exec(path)![0].length;
  if (dots === 0) return path;
  const [outside, inside] = [/^\.*/.exec(name)![0].length, name.replace(/^\.+/, "").split(".")];
  const up = dots - (isPackage ? 1 : 0);
  const kept = inside.slice(0, Math.max(0, inside.length - up));
  const above = outside === 0 ? 0 : outside + Math.max(0, up - inside.length);
  return ".".repeat(above) + [...kept, path.slice(dots)].join(".");
}
