// `node bench/build.mjs [runs]`: whole commands, medians: Node itself, `list`, a cold build, a build with nothing changed.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const runs = Number(process.argv[2] ?? 5);
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const out = mkdtempSync(join(tmpdir(), "nonlin-bench-"));

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
function time(...args) {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    execFileSync(process.execPath, args, { stdio: "ignore" });
    return performance.now() - start;
  });
  return median(times);
}

try {
  const bare = time("-e", "0");
  const rows = [
    ["node alone", bare, ""],
    ["nonlin list", time(main, "list"), `goal: node alone + 100 ms = ${(bare + 100).toFixed(0)} ms`],
    ["nonlin build, cold", time(main, "build", "--force", "--out", out), "goal: 3000 ms"],
    ["nonlin build, unchanged", time(main, "build", "--out", out), "goal: 500 ms"],
  ];
  for (const [name, value, goal] of rows)
    console.log(`${name.padEnd(26)} ${value.toFixed(0).padStart(6)} ms   ${goal}`);
} finally {
  rmSync(out, { recursive: true, force: true });
}
