/** Other files of the project that a file imports from. */
import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const LARGEST_FILE = 1_000_000;

/** The text of the first of the files that there is. */
function firstOf(paths: readonly string[]): { readonly path: string; readonly text: string } | undefined {
  for (const path of paths) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() === true && found.size <= LARGEST_FILE) return { path, text: readFileSync(path, "utf8") };
  }
  return undefined;
}

/** How far above a file the folder is looked for in which its packages are. */
const MOST_FOLDERS = 12;

/** The module of Python that a file imports: beside it by dots, else below one of the folders that it is in. */
export function pythonModule(file: string, name: string): { text: string; isPackage: boolean } | undefined {
  const dots = /^\.*/.exec(name)![0].length;
  const inside = name.slice(dots).split(".");
  if (inside.some((part) => !/^\w+$/.test(part))) return undefined;
  let folder = dirname(resolve(file));
  for (let up = 1; up < dots; up++) folder = dirname(folder);
  for (let steps = dots > 0 ? 1 : MOST_FOLDERS; steps > 0; steps--, folder = dirname(folder)) {
    const base = join(folder, ...inside);
    const packaged = join(base, "__init__.py");
    const found = firstOf([`${base}.py`, packaged]);
    if (found !== undefined) return { text: found.text, isPackage: found.path === packaged };
    if (dirname(folder) === folder) return undefined;
  }
  return undefined;
}

/** The file of JavaScript or TypeScript that `./math` stands for; `./math.js` may be written in TypeScript. */
export function scriptFile(file: string, from: string): string | undefined {
  const path = join(dirname(resolve(file)), from);
  const bare = path.replace(/\.[mc]?js$/, "");
  const endings = [".ts", ".js", ".mjs", ".tsx", "/index.ts", "/index.js"];
  return firstOf([path, ...endings.map((ending) => bare + ending)])?.text;
}
