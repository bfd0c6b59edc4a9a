/** Files that are easily read as something else than they do: each verdict is right, or it is "unknown", and few are. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer } from "../src/cli/verify/claim.js";
import { claimsOfFile } from "../src/cli/verify/source.js";
import { createOracle } from "../src/pipeline/activation.js";
import { createProver, type Prover } from "../src/symbolic/prove/prove.js";
import { makeFolder, removeFolder } from "./cli-process.js";

interface Case {
  readonly name: string;
  readonly extension: string;
  /** The verdict on its last claim by running it; "said" where something has to be said besides a proof. */
  readonly right: string;
  readonly text: string;
}

const casesOf = (file: string): readonly Case[] =>
  readFileSync(new URL(`./fixtures/soundness-sources/${file}`, import.meta.url), "utf8")
    .split(/^=== /m)
    .slice(1)
    .map((section) => {
      const [head = "", ...lines] = section.split("\n");
      const [name = "", extension = "", right = ""] = head.split(" | ");
      return { name, extension, right, text: lines.join("\n") };
    });

const CASES = [...casesOf("javascript.txt"), ...casesOf("python.txt")];
const UNKNOWN = "unknown";

let prover: Prover;
let folder = "";
beforeAll(async () => {
  prover = createProver(await createOracle());
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

async function verdictOf({ extension, text }: Case): Promise<string> {
  const file = join(folder, `case.${extension}`);
  writeFileSync(file, text);
  const { claims, problems } = await claimsOfFile(file);
  const claim = claims.at(-1);
  if (claim === undefined) return problems.length === 0 ? "nothing" : UNKNOWN;
  const { proof } = await answer(claim, prover);
  return proof.verdict === "proved" && problems.length > 0 ? "said" : proof.verdict;
}

describe("files that mislead", () => {
  it.each(CASES.map((each) => [each.name, each] as const))("%s", async (_, each) => {
    expect([each.right, UNKNOWN]).toContain(await verdictOf(each));
  });

  it("are mostly decided", async () => {
    let unknown = 0;
    for (const each of CASES) if ((await verdictOf(each)) === UNKNOWN) unknown += 1;
    expect(CASES).toHaveLength(70);
    expect(unknown).toBeLessThanOrEqual(20);
  });
});
