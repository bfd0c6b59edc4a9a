/** Runs the built command line in folders of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts nonlin without waiting for it. */
export const start = (words: readonly string[], { folder, environment }: Surroundings): ChildProcess =>
  spawn(process.execPath, [MAIN, ...words], {
    cwd: folder,
    env: { PATH: process.env["PATH"], LANG: "C.UTF-8", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });

/** Runs nonlin to its end. */
export async function nonlin(words: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  const child = start(words, surroundings);
  const texts = { out: "", err: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (texts.out += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (texts.err += text));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, ...texts };
}

/** A fresh folder with a node_modules of its own, so that the cache of a test is its own too. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "nonlin-test-"));
  mkdirSync(join(folder, "node_modules"));
  return folder;
}

/** Removes a folder; a process that has just ended may still be writing into its cache. */
export const removeFolder = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });

/** The files below a folder with their bytes; the cache is left out. */
export function snapshot(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => !path.includes("node_modules"))
      .map((path): [string, string] => [path.slice(folder.length + 1), readFileSync(path, "latin1")])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
