/** Builds again whenever the configuration file changes. */
import { watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import { Diagnostic } from "../diagnostic.js";
import type { Arguments } from "./arguments.js";
import type { ExitCode } from "./commands.js";
import { diagnosticFields, fileFailure, renderDiagnostic } from "./failure.js";
import type { Terminal } from "./terminal.js";
import { toJson } from "./text.js";

/** Editors write a file in several steps; the last one counts. */
const QUIET_TIME = 100;

/** Never ends by itself; a mistake is shown and the next change gets its chance. */
export async function watchConfig(
  file: string | undefined,
  given: Arguments,
  terminal: Terminal,
  build: () => Promise<ExitCode>,
): Promise<ExitCode> {
  if (file === undefined)
    throw new Diagnostic("--watch needs a configuration file", {
      hint: "write nonlin.config.ts, or name one with --config",
    });
  const rebuild = async (): Promise<void> => {
    try {
      await build();
    } catch (error) {
      if (!(error instanceof Diagnostic)) throw error;
      if (given.has("json")) terminal.out(toJson({ error: diagnosticFields(error) }));
      else terminal.err(renderDiagnostic(error));
    }
  };
  let running = rebuild();
  let timer: NodeJS.Timeout | undefined;
  // The folder is watched: an editor may replace the file, and a watched file that is replaced is silent ever after.
  const watcher = openWatcher(dirname(file));
  try {
    return await new Promise<never>((_, reject) => {
      running.catch(reject);
      watcher.on("error", (error) => reject(fileFailure("watch", dirname(file), error)));
      watcher.on("change", (_event, name) => {
        if (name !== null && String(name) !== basename(file)) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          running = running.then(rebuild);
          running.catch(reject);
        }, QUIET_TIME);
      });
    });
  } finally {
    clearTimeout(timer);
    watcher.close();
  }
}

function openWatcher(folder: string): FSWatcher {
  try {
    return watch(folder);
  } catch (error) {
    throw fileFailure("watch", folder, error);
  }
}
