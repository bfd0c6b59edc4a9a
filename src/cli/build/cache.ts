/** The folder that survives between runs: under the nearest node_modules, else in the system's temporary folder. */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { readIfThere, removeAbandoned, writeWhole } from "../shell/files.js";

export const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Texts by name. Losing one costs time, nothing else: no error of the file system gets out. */
export class Cache {
  private constructor(private readonly folder: string) {}

  /** The cache for work in this folder. */
  static near(folder: string): Cache {
    for (let at = resolve(folder); ; at = dirname(at)) {
      if (statSync(join(at, "node_modules"), { throwIfNoEntry: false })?.isDirectory())
        return new Cache(join(at, "node_modules", ".cache", "nonlin"));
      if (at === dirname(at)) return new Cache(join(tmpdir(), `nonlin-cache-${userInfo().uid}`));
    }
  }

  read(name: string): string | undefined {
    try {
      return readIfThere(join(this.folder, name))?.toString("utf8");
    } catch {
      return undefined;
    }
  }

  write(name: string, text: string): void {
    try {
      writeWhole(join(this.folder, name), text);
      removeAbandoned(this.folder);
    } catch {
      // A read-only folder: the next run does the work again.
    }
  }
}
