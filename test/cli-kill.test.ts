import fc from "fast-check";
import { watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeFolder, nonlin, removeFolder, snapshot, start } from "./cli-process.js";

/** Two builds of the same files whose contents differ. */
const BUILDS = ["input", "output"].map((save) => ["build", "--only", "sigmoid,tanh", "--save", save, "--force"]);
const KILLS = 100;
const TEMPORARY = /\.nonlin-tmp-\d+$/;

let folder = "";
beforeAll(() => void (folder = makeFolder()));
afterAll(() => removeFolder(folder));

test("a build that is killed leaves each file as it was or as it should be", async () => {
  const complete: Map<string, string>[] = [];
  let longest = 0;
  for (const [i, words] of BUILDS.entries()) {
    const started = performance.now();
    expect((await nonlin([...words, "--out", `whole${i}`], { folder })).code).toBe(0);
    longest = Math.max(longest, performance.now() - started);
    complete.push(snapshot(join(folder, `whole${i}`)));
  }
  expect(complete[0]).not.toEqual(complete[1]);

  /** Kills after a part of the time a build takes, or as soon as something happens in the folder. */
  const kill = async (lane: string, build: number, moment: number, onChange: boolean): Promise<void> => {
    const out = join(folder, lane);
    const child = start([...BUILDS[build]!, "--out", lane], { folder });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const stop = new AbortController();
    const changed = new Promise<void>((resolve) => {
      watch(join(out, "js"), { signal: stop.signal }, () => resolve());
    });
    await Promise.race([ended, onChange ? changed.then(() => wait(moment * 3)) : wait(moment * longest * 1.1)]);
    child.kill("SIGKILL");
    await ended;
    stop.abort();
    for (const [path, bytes] of snapshot(out)) {
      if (TEMPORARY.test(path)) continue;
      if (!complete.some((files) => files.get(path) === bytes)) throw new Error(`${path} is neither old nor new`);
    }
    for (const path of complete[0]!.keys()) expect(snapshot(out).has(path)).toBe(true);
  };

  const draws = fc.sample(
    fc.record({ build: fc.nat(1), moment: fc.double({ min: 0, max: 1, noNaN: true }), onChange: fc.boolean() }),
    {
      numRuns: KILLS,
      seed: 7,
    },
  );
  await Promise.all(
    ["lane0", "lane1"].map(async (lane, i) => {
      expect((await nonlin([...BUILDS[0]!, "--out", lane], { folder })).code).toBe(0);
      for (const { build, moment, onChange } of draws.filter((_, draw) => draw % 2 === i))
        await kill(lane, build, moment, onChange);
      // What the kills left behind does not disturb a build that lives.
      expect((await nonlin([...BUILDS[1]!, "--out", lane], { folder })).code).toBe(0);
      const files = [...snapshot(join(folder, lane))].filter(([path]) => !TEMPORARY.test(path));
      expect(new Map(files)).toEqual(complete[1]);
    }),
  );
}, 120_000);
