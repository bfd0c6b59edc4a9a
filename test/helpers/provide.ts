import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = (name: string): string => fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));

/**
 * Builds dist/ for the tests that run the command line, and finds or makes the Pythons of those that run Python, and the
 * drivers and the browser of those that run WGSL.
 */
export function provide(python: readonly string[]): void {
  execFileSync(process.execPath, [script("setup.mjs")], { stdio: "inherit" });
  execFileSync(process.execPath, [script("gpu.mjs")], { stdio: "inherit" });
  const found = execFileSync(process.execPath, [script("python.mjs"), ...python], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  Object.assign(process.env, JSON.parse(found));
}
