/** Documents as programs: what their fenced blocks say is written, run and compared. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "..", "..");

/**
 * A fenced block. Behind its language stands what it is:
 * - `console`: commands behind "$", each with what it prints; a line "..." stands for any lines, times are any times.
 * - `file=name`: a file of the reader's project, there for the commands below.
 * - `from=path`: lines of a file of this repository in their order; "..." stands for what is left out.
 * - `python`: a session behind ">>>", run in this repository.
 * - `checkout`: commands of a clone, with what they print.
 */
export interface Block {
  readonly document: string;
  readonly line: number;
  readonly language: string;
  readonly words: readonly string[];
  readonly text: string;
}

export function blocksOf(document: string): Block[] {
  const lines = readFileSync(join(ROOT, document), "utf8").split("\n");
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, fence, info] = /^(```+)(.*)$/.exec(lines[i]!) ?? [];
    if (fence === undefined) continue;
    const end = lines.indexOf(fence, i + 1);
    const [language = "", ...words] = info!.trim().split(/\s+/);
    blocks.push({ document, line: i + 1, language, words, text: lines.slice(i + 1, end).join("\n") + "\n" });
    i = end;
  }
  return blocks;
}

/** The value of a word such as `file=name`. */
export const wordOf = ({ words }: Block, name: string): string | undefined =>
  words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);

export interface Command {
  readonly line: string;
  readonly output: string;
}

/** The commands of a block, each with what stands below it. */
export function commandsOf({ text }: Block): Command[] {
  const parts = text.split(/^\$ /m).slice(1);
  return parts.map((part) => {
    const [line = "", ...output] = part.split("\n");
    return { line: line.replace(/\s+# .*$/, ""), output: output.join("\n") };
  });
}

/** Whether lines are as written: "..." stands for any lines, and how long something took for any time. */
export function matches(actual: string, written: string): boolean {
  const pattern = written
    .trimEnd()
    .split("\n")
    .map((line) =>
      line.trim() === "..."
        ? "(?:.*\\n)*?"
        : `${line
            .trimEnd()
            .replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")
            .replaceAll(/\d+\\\.\d+ s\b/g, "\\d+\\.\\d+ s")}[ ]*\\n`,
    )
    .join("");
  return new RegExp(`^${pattern}$`).test(`${actual.trimEnd()}\n`);
}

/** A project of a reader, in which `npx nonlin` is this checkout or an installed package. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "nonlin-reader-"));

  constructor(type: "commonjs" | "module" | undefined, tarball?: string) {
    writeFileSync(join(this.folder, "package.json"), JSON.stringify({ name: "reader", version: "1.0.0", type }));
    if (tarball === undefined) {
      mkdirSync(join(this.folder, "node_modules", ".bin"), { recursive: true });
      symlinkSync(join(ROOT, "bin", "nonlin.mjs"), join(this.folder, "node_modules", ".bin", "nonlin"));
    } else
      execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent", tarball], {
        cwd: this.folder,
        stdio: "ignore",
      });
  }

  write(name: string, text: string): void {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** What a command prints, both streams in one. */
  run(line: string): string {
    const { stdout } = spawnSync("sh", ["-c", `{ ${line}\n} 2>&1`], {
      cwd: this.folder,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1", LANG: "C.UTF-8", FORCE_COLOR: undefined },
    });
    return stdout;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The lines of a block that a file does not have in their order. */
export function missingLines(block: Block, path: string): string[] {
  const file = join(ROOT, path);
  if (!existsSync(file)) return [`there is no ${path}`];
  const lines = readFileSync(file, "utf8").split("\n");
  let at = 0;
  return block.text
    .trimEnd()
    .split("\n")
    .filter((line) => {
      if (line.trim().replace(/^(\/\/|#)\s*/, "") === "...") return false;
      const found = lines.indexOf(line, at);
      if (found >= 0) at = found + 1;
      return found < 0;
    });
}
