/** Builds again whenever the configuration, or a file that it imports, changes. */
import { watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import { Diagnostic } from "../../diagnostic.js";
import type { Arguments } from "../shell/arguments.js";
import type { ExitCode } from "../commands.js";
import { diagnosticFields, fileFailure, renderDiagnostic } from "../shell/failure.js";
import type { Terminal } from "../shell/terminal.js";
import { toJson } from "../shell/text.js";

/** Editors write a file in several steps; the last one counts. */
const QUIET_TIME = 100;

/** A build that calls `visit` with each file that it depends on. */
type Build = (visit: (file: string) => void) => Promise<ExitCode>;

/** Never ends by itself; a mistake is shown and the next change gets its chance. */
export async function watchConfig(
  file: string | undefined,
  given: Arguments,
  terminal: Terminal,
  build: Build,
): Promise<ExitCode> {
  if (file === undefined)
    throw new Diagnostic("--watch needs a configuration file", {
      hint: "write nonlin.config.ts, or name one with --config",
    });
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let fail: (error: unknown) => void = () => {};
  const watched = watchFiles(
    () => {
      clearTimeout(timer);
      timer = setTimeout(rebuild, QUIET_TIME);
    },
    (error) => fail(error),
  );
  const rebuild = (): void => {
    running = running.then(async () => {
      try {
        await build(watched.add);
      } catch (error) {
        if (!(error instanceof Diagnostic)) throw error;
        if (given.has("json")) terminal.out(toJson({ error: diagnosticFields(error) }));
        else terminal.err(renderDiagnostic(error));
      }
    });
    running.catch((error: unknown) => fail(error));
  };
  try {
    return await new Promise<never>((_, reject) => {
      fail = reject;
      watched.add(file);
      rebuild();
    });
  } finally {
    clearTimeout(timer);
    watched.close();
  }
}

/**
 * Calls `changed` for each change of a file that was added. Folders are watched: an editor may replace a file, and a watched
 * file that is replaced is silent ever after.
 */
function watchFiles(changed: () => void, failed: (error: unknown) => void) {
  const folders = new Map<string, { readonly names: Set<string>; readonly watcher: FSWatcher }>();
  const add = (file: string): void => {
    const folder = dirname(file);
    const known = folders.get(folder);
    if (known !== undefined) return void known.names.add(basename(file));
    const names = new Set([basename(file)]);
    const watcher = openWatcher(folder);
    folders.set(folder, { names, watcher });
    watcher.on("error", (error) => failed(fileFailure("watch", folder, error)));
    watcher.on("change", (_event, name) => {
      if (name === null || names.has(String(name))) changed();
    });
  };
  const close = (): void => folders.forEach(({ watcher }) => watcher.close());
  return { add, close };
}

function openWatcher(folder: string): FSWatcher {
  try {
    return watch(folder);
  } catch (error) {
    throw fileFailure("watch", folder, error);
  }
}
