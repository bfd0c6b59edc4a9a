import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Builds dist/ once, before the tests that run the command line. */
export function setup(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL("../scripts/setup.mjs", import.meta.url))], {
    stdio: "inherit",
  });
}
