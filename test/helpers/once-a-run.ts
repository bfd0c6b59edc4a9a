/** Files that are slow to make and that several test files need, each of them in a process of its own. */
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const VARIABLE = "NONLIN_TEST_RUN";

/** Makes the folder of this run, which its processes find in their environment. */
export function openRun(): void {
  process.env[VARIABLE] ??= mkdtempSync(join(tmpdir(), "nonlin-run-"));
}

export function closeRun(): void {
  rmSync(process.env[VARIABLE]!, { recursive: true, force: true });
}

/** The folder with what `make` writes: made by the first that asks. Two that ask at once both make it, and one is kept. */
export async function onceARun(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const found = join(process.env[VARIABLE]!, name);
  if (existsSync(found)) return found;
  const own = mkdtempSync(`${found}-`);
  await make(own);
  try {
    renameSync(own, found);
  } catch (error) {
    // No folder with something in it is replaced.
    if (!existsSync(found)) throw error;
    rmSync(own, { recursive: true });
  }
  return found;
}
