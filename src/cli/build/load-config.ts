/** Finds a configuration file and runs it. */
import type { Jiti } from "jiti";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { Diagnostic } from "../../diagnostic.js";
import type { Config } from "./config.js";
import { reworded } from "../shell/failure.js";
import { readIfThere } from "../shell/files.js";
import { readConfig } from "./read-config.js";

const NAMES = ["nonlin.config.ts", "nonlin.config.mts", "nonlin.config.js", "nonlin.config.mjs"];

/** The configuration file to use: the given one, else the one in the folder, if any. */
export function findConfig(given: string | undefined, folder: string): string | undefined {
  if (given !== undefined) {
    const path = resolve(folder, given);
    if (!/\.m?[jt]s$/.test(path)) throw new Diagnostic(`the configuration ${path} is no .ts, .mts, .js or .mjs file`);
    if (readIfThere(path) === undefined) throw new Diagnostic(`there is no configuration file ${path}`);
    return path;
  }
  return NAMES.map((name) => join(folder, name)).find((path) => readIfThere(path) !== undefined);
}

/**
 * The configuration that the file exports, the file and its imports run anew. `visit` hears of each file that is run, also
 * when one of them fails.
 */
export async function loadConfig(path: string, visit: (file: string) => void = () => {}): Promise<Config> {
  if (readIfThere(path) === undefined) throw new Diagnostic(`there is no configuration file ${path}`);
  visit(path);
  const value = exported(await runModule(path, visit));
  if (value === undefined)
    throw new Diagnostic(`${path} exports no configuration`, { hint: "write: export default { ... }" });
  try {
    return readConfig(value);
  } catch (error) {
    throw inFile(path, error);
  }
}

/** The default export, the export called `config`, or what a CommonJS file has as its `module.exports`. */
function exported(module: Record<string, unknown>): unknown {
  const named = module["default"] ?? module["config"];
  return named !== undefined || module["__esModule"] === true || Object.keys(module).length === 0 ? named : module;
}

/** TypeScript or JavaScript, with `import` or `require`, whatever package.json says of its folder. */
async function runModule(path: string, visit: (file: string) => void): Promise<Record<string, unknown>> {
  const { createJiti } = await import("jiti");
  const compiler = createJiti(path);
  const runner = createJiti(path, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    transform: (file) => {
      if (file.filename !== undefined) visit(file.filename);
      return { code: compiler.transform(file) };
    },
  });
  const { cache } = createRequire(path);
  const loaded = new Set(Object.keys(cache));
  try {
    return (await run(runner, path)) as Record<string, unknown>;
  } catch (error) {
    throw inFile(path, error);
  } finally {
    // CommonJS files need no transformation; Node would not run them a second time.
    for (const file of Object.keys(cache)) {
      if (loaded.has(file) || file.includes("/node_modules/")) continue;
      visit(file);
      delete cache[file];
    }
  }
}

/**
 * The exports of the file. Only files that are required are compiled here, whatever their kind, and so read anew; only
 * files that are imported may await at their top level.
 */
async function run(runner: Jiti, path: string): Promise<unknown> {
  try {
    return runner(path);
  } catch (error) {
    // Files that wait are found out by the engine, before anything in them has run.
    if (!(error instanceof SyntaxError) || !error.message.startsWith("await is only valid")) throw error;
    return runner.import(path);
  }
}

function inFile(path: string, error: unknown): Diagnostic {
  if (error instanceof Diagnostic) return reworded(error, `${path}: ${error.message}`);
  const message = error instanceof Error ? error.message : String(error);
  return syntaxError(message) ?? new Diagnostic(`the configuration ${path} does not run: ${message.split("\n")[0]}`);
}

/** The place in a message such as "ParseError: Unexpected token \n /project/nonlin.config.ts:3:7". */
function syntaxError(message: string): Diagnostic | undefined {
  const [, what, file, line, column] = /^ParseError: (.*?)\.?\s*\n\s*(.+):(\d+):(\d+)/.exec(message) ?? [];
  const source = file === undefined ? undefined : readIfThere(file)?.toString("utf8");
  if (source === undefined) return undefined;
  const before = source.split("\n").slice(0, Number(line) - 1);
  const start = before.reduce((sum, text) => sum + text.length + 1, 0) + Number(column) - 1;
  return new Diagnostic(`${file}: ${what}`, { source, start, end: start + 1 });
}
