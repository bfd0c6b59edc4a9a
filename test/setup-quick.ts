import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { closeRun, openRun } from "./helpers/once-a-run.js";
import { provide } from "./helpers/provide.js";

/** What the tests of `npm test` run on. */
export function setup(): void {
  provide([]);
  openRun();
}

/** Removes what this run has made, and says what has not been tested, by the first words of each file. */
export function teardown(): void {
  closeRun();
  if (!process.argv.includes("quick")) return;
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".long.test.ts"));
  const topics = files.map((name) => {
    const [, topic = name] =
      /^\/\*\*\s*(?:\* )?(.*?)(?:[.:](?: |$)| \*\/|$)/m.exec(readFileSync(join(import.meta.dirname, name), "utf8")) ??
      [];
    return `  ${name.replace(".long.test.ts", "").padEnd(24)} ${topic.trim()}`;
  });
  console.log(`\nnpm run test:full adds (about half an hour, 1.8 GB more of Python packages):\n${topics.join("\n")}\n`);
}
