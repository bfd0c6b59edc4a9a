// `node bench/folder.mjs --checkouts DIR [--files 1000]`: how long `nonlin verify` takes for a folder of so many files, which
// is made of the public files of bench/public-files.json in DIR (as bench/public-files.mjs has them), in their own folders,
// as often as it takes. The last line is JSON: how long, the slowest claim in milliseconds, and what was said.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { checkouts: { type: "string" }, files: { type: "string", default: "1000" } },
});
const rows = JSON.parse(readFileSync(new URL("public-files.json", import.meta.url), "utf8"));
const present = rows.filter(({ repository, path }) => existsSync(join(values.checkouts, repository, path)));
const folder = mkdtempSync(join(tmpdir(), "nonlin-folder-"));
const wanted = Number(values.files);
try {
  for (let i = 0; i < wanted; i++) {
    const { repository, path } = present[i % present.length];
    const copy = join(folder, `copy${Math.floor(i / present.length)}`, repository, path);
    cpSync(join(values.checkouts, repository, path), copy);
  }
  const program = fileURLToPath(new URL("../bin/nonlin.mjs", import.meta.url));
  const start = performance.now();
  const run = spawnSync(process.execPath, [program, "verify", "--json", "--allow-unknown", folder], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const { tally, skipped, claims } = JSON.parse(run.stdout);
  console.log(
    JSON.stringify({
      files: wanted,
      seconds: Math.round((performance.now() - start) / 100) / 10,
      processors: cpus().length,
      slowest: Math.max(...claims.map(({ ms }) => ms ?? 0)),
      tally,
      skipped,
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
