/** Devious files from a fresh seed: verdicts against running them, in Node and, where it is there, in PyTorch. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const FILES = 160;
const root = fileURLToPath(new URL("..", import.meta.url));

it("are judged as they run", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`node bench/fuzz-sources.mjs --files ${FILES} --seed ${seed}`);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["bench/fuzz-sources.mjs", "--files", String(FILES), "--seed", String(seed)],
    { cwd: root, encoding: "utf8" },
  );
  expect(status, `seed ${seed}\n${stdout}\n${stderr}`).toBe(0);
  const report = JSON.parse(stdout.trim().split("\n").at(-1)!) as Readonly<Record<string, Record<string, number>>>;
  // Files that nobody can read would prove nothing.
  expect(report["javascript"]!["proved"]! + report["javascript"]!["refuted"]!).toBeGreaterThan(FILES / 20);
});
