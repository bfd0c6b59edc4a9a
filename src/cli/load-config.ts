/** Finds a configuration file and runs it. */
import { writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Diagnostic } from "../diagnostic.js";
import { Cache, sha256 } from "./cache.js";
import type { Config } from "./config.js";
import { fileFailure, reworded } from "./failure.js";
import { readIfThere, removeAbandoned, removeIfThere, temporaryName } from "./files.js";
import { readConfig } from "./read-config.js";

const NAMES = ["nonlin.config.ts", "nonlin.config.js", "nonlin.config.mjs"];

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

/** Runs the file, each time anew, and checks what it exports. */
export async function loadConfig(path: string): Promise<Config> {
  const source = readIfThere(path)?.toString("utf8");
  if (source === undefined) throw new Diagnostic(`there is no configuration file ${path}`);
  const module = await runModule(path, source);
  const value = module["default"] ?? module["config"];
  if (value === undefined)
    throw new Diagnostic(`${path} exports no configuration`, { hint: "write: export default { ... }" });
  try {
    return readConfig(value);
  } catch (error) {
    throw inFile(path, error);
  }
}

/** Imports JavaScript as it is, under a name that changes with its text: a changed file is not taken from memory. */
async function runModule(path: string, source: string): Promise<Record<string, unknown>> {
  if (/ts$/.test(path)) return runTypeScript(path, await toJavaScript(path, source));
  return importModule(path, `${pathToFileURL(path).href}?${sha256(source)}`);
}

/** Imports from a copy beside the file, so that its relative imports work. */
async function runTypeScript(path: string, code: string): Promise<Record<string, unknown>> {
  const copy = `${temporaryName(`${path}-${sha256(code).slice(0, 12)}`)}.mjs`;
  const remove = (): void => removeIfThere(copy);
  // A configuration may end the process.
  process.once("exit", remove);
  try {
    removeAbandoned(dirname(path));
    writeFileSync(copy, code);
    return await importModule(path, pathToFileURL(copy).href);
  } catch (error) {
    throw fileFailure("write a copy of the configuration,", copy, error);
  } finally {
    remove();
    process.off("exit", remove);
  }
}

async function importModule(path: string, url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    throw inFile(path, error);
  }
}

/** Compiling takes a second, so what came out is kept. */
async function toJavaScript(path: string, source: string): Promise<string> {
  const cache = Cache.near(dirname(path));
  const name = `config-${sha256(source)}.mjs`;
  const known = cache.read(name);
  if (known !== undefined) return known;
  const { ts } = await import("ts-morph");
  const { outputText, diagnostics } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    reportDiagnostics: true,
  });
  const [problem] = diagnostics ?? [];
  if (problem !== undefined)
    throw new Diagnostic(`${path}: ${ts.flattenDiagnosticMessageText(problem.messageText, " ")}`, {
      source,
      ...(problem.start === undefined ? {} : { start: problem.start, end: problem.start + (problem.length ?? 1) }),
    });
  cache.write(name, outputText);
  return outputText;
}

function inFile(path: string, error: unknown): Diagnostic {
  if (!(error instanceof Diagnostic)) {
    const message = error instanceof Error ? error.message : String(error);
    return new Diagnostic(`the configuration ${path} does not run: ${message}`);
  }
  return reworded(error, `${path}: ${error.message}`);
}
