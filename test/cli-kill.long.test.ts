/** Builds that are killed at any moment: no file is ever half there. */
import fc from "fast-check";
import { spawn, type ChildProcess } from "node:child_process";
import { watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeFolder, nonlin, removeFolder, snapshot, start } from "./cli-process.js";

const TEMPORARY = /\.nonlin-tmp-\d+$/;
const moment = fc.double({ min: 0, max: 1, noNaN: true });

let folder = "";
beforeAll(() => void (folder = makeFolder()));
afterAll(() => removeFolder(folder));

/** Kills a process when something happens in the folder, or after a while; then it is gone. */
async function killed(child: ChildProcess, out: string, onChange: boolean, milliseconds: number): Promise<void> {
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const stop = new AbortController();
  const changed = new Promise<void>((resolve) => {
    watch(join(out, "js"), { signal: stop.signal }, () => resolve());
  });
  await Promise.race([ended, onChange ? changed.then(() => wait(milliseconds)) : wait(milliseconds)]);
  child.kill("SIGKILL");
  await ended;
  stop.abort();
}

/** Every file is there and is, to the byte, as one of the complete builds has it. Returns which. */
function origins(out: string, complete: readonly ReadonlyMap<string, string>[]): number[] {
  const files = snapshot(out);
  return [...complete[0]!.keys()].map((path) => {
    const origin = complete.findIndex((whole) => whole.get(path) === files.get(path));
    if (origin < 0) throw new Error(`${path} is neither old nor new`);
    return origin;
  });
}

const unexpected = (out: string, complete: ReadonlyMap<string, string>): string[] =>
  [...snapshot(out).keys()].filter((path) => !TEMPORARY.test(path) && !complete.has(path));

test("a build killed at any moment leaves each file as it was or as it should be", async () => {
  // Two builds of the same files whose contents differ; PyTorch has loops in C for one of them alone.
  const others = "js,wasm,wgsl,keras3,keras2";
  const builds = ["input", "output"].map((save) => [
    ...["build", "--only", "sigmoid", "--target", others, "--save", save, "--force"],
  ]);
  const complete: Map<string, string>[] = [];
  let longest = 0;
  for (const [i, words] of builds.entries()) {
    const started = performance.now();
    expect((await nonlin([...words, "--out", `whole${i}`], { folder })).code).toBe(0);
    longest = Math.max(longest, performance.now() - started);
    complete.push(snapshot(join(folder, `whole${i}`)));
  }
  expect(complete[0]).not.toEqual(complete[1]);

  const draws = fc.sample(fc.record({ build: fc.nat(1), moment, onChange: fc.boolean() }), { numRuns: 14, seed: 7 });
  await Promise.all(
    ["lane0", "lane1"].map(async (lane, i) => {
      const out = join(folder, lane);
      expect((await nonlin([...builds[0]!, "--out", lane], { folder })).code).toBe(0);
      for (const { build, moment, onChange } of draws.filter((_, draw) => draw % 2 === i)) {
        const child = start([...builds[build]!, "--out", lane], { folder });
        await killed(child, out, onChange, onChange ? moment * 3 : moment * longest);
        origins(out, complete);
      }
      // What the kills left behind does not disturb a build that lives.
      expect((await nonlin([...builds[1]!, "--out", lane], { folder })).code).toBe(0);
      for (const [path, bytes] of complete[1]!) expect(snapshot(out).get(path) === bytes, path).toBe(true);
      expect(unexpected(out, complete[1]!)).toEqual([]);
    }),
  );
});

test("writing killed a hundred times leaves whole files", async () => {
  const paths = Array.from({ length: 30 }, (_, i) => `js/file${i}.js`);
  const complete = [0, 1].map(
    (version) => new Map(paths.map((path) => [path, `// ${path}\n${`version ${version}\n`.repeat(8_000)}`])),
  );
  const out = join(folder, "out");
  const library = JSON.stringify(new URL("../dist/cli/shell/files.js", import.meta.url).href);
  const script = join(folder, "write.mjs");
  writeFileSync(
    script,
    `import { writeWhole } from ${library};
     const [out, version] = process.argv.slice(2);
     for (const path of ${JSON.stringify(paths)})
       writeWhole(out + "/" + path, "// " + path + "\\n" + ("version " + version + "\\n").repeat(8000));`,
  );
  const write = (version: number): ChildProcess =>
    spawn(process.execPath, [script, out, String(version)], { stdio: "inherit" });
  await new Promise((resolve) => write(0).on("exit", resolve));
  expect(new Set(origins(out, complete))).toEqual(new Set([0]));

  let mixed = 0;
  for (const [kill, delay] of fc.sample(moment, { numRuns: 100, seed: 8 }).entries()) {
    await killed(write((kill + 1) % 2), out, true, delay * 8);
    if (new Set(origins(out, complete)).size > 1) mixed++;
  }
  expect(unexpected(out, complete[0]!)).toEqual([]);
  // The kills did come in the midst of the writing.
  expect(mixed).toBeGreaterThan(10);
});
