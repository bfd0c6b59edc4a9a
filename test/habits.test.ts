/** How people write derivatives: what is right is proved, what is wrong refuted, and what is not understood is refused. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer, createTimedProver } from "../src/cli/verify/claim.js";
import { claimsOfFile } from "../src/cli/verify/source.js";
import { createOracle } from "../src/pipeline/activation.js";
import { HABITS } from "../src/frontends/habits.js";
import type { Prover } from "../src/symbolic/prove/prove.js";
import { makeFolder, removeFolder } from "./cli-process.js";

let prover: Prover;
let folder = "";
beforeAll(async () => {
  prover = createTimedProver(await createOracle());
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

/** The verdicts in order, "unreadable" for what cannot be read, "nothing" where no pair is found. */
async function verdictsOf(text: string, extension: string): Promise<readonly string[]> {
  const file = join(folder, `habit.${extension}`);
  writeFileSync(file, text);
  const { claims, problems } = await claimsOfFile(file);
  const isNothing = claims.length === 0 && problems.every(({ diagnostic }) => /there is no/.test(diagnostic.message));
  if (isNothing) return ["nothing"];
  for (const { diagnostic } of problems) expect(diagnostic.hint ?? "").not.toBe("");
  return [...claims.map((claim) => answer(claim, prover).proof.verdict), ...problems.map(() => "unreadable")];
}

describe("a habit", () => {
  it.each(HABITS.map((habit) => [`${habit.file}: ${habit.name}`, habit] as const))("%s", async (_, habit) => {
    const verdicts = await verdictsOf(habit.example, habit.file.split(".").at(-1)!);
    expect(new Set(verdicts)).toEqual(new Set(["proved"]));
  });
});

interface Case {
  readonly name: string;
  readonly extension: string;
  readonly wanted: readonly string[];
  readonly text: string;
}
const casesOf = (file: string): readonly Case[] =>
  readFileSync(new URL(`./fixtures/habits/${file}`, import.meta.url), "utf8")
    .split(/^=== /m)
    .slice(1)
    .map((section) => {
      const [head = "", ...lines] = section.split("\n");
      const [name = "", extension = "", wanted = ""] = head.split(" | ");
      return { name, extension, wanted: wanted.split(", "), text: lines.join("\n") };
    });

describe.each(["javascript.txt", "python.txt"])("%s", (file) => {
  it.each(casesOf(file).map((each) => [each.name, each] as const))("%s", async (_, { extension, wanted, text }) => {
    expect(await verdictsOf(text, extension)).toEqual(wanted);
  });
});
