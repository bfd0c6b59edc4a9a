import fc from "fast-check";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFolder, nonlin, removeFolder, start, type Outcome } from "./cli-process.js";

const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

let folder = "";
beforeAll(() => void (folder = makeFolder()));
afterAll(() => removeFolder(folder));

interface Line {
  readonly id: string | number;
  readonly verdict: string;
  readonly at?: readonly unknown[];
  readonly exceptions?: readonly unknown[];
  readonly witness?: { readonly x: number | string; readonly params: Readonly<Record<string, number>> };
  readonly error?: { readonly message: string };
  readonly reason?: string;
  readonly ms: number;
}
const parse = (out: string): Line[] =>
  out
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

async function batch(content: string | Uint8Array, ...more: string[]): Promise<Outcome & { readonly lines: Line[] }> {
  writeFileSync(join(folder, "batch.jsonl"), content);
  const outcome = await nonlin(["verify", "--batch", "batch.jsonl", ...more], { folder });
  return { ...outcome, lines: parse(outcome.out) };
}

const RIGHT = '{"id": "right", "formula": "tanh(x)", "derivative": "1 - y^2"}';
const WRONG = '{"id": "wrong", "formula": "tanh(b*x)", "derivative": "1 - y^2"}';
const KINK = '{"id": "kink", "formula": "abs(x)", "derivative": "x > 0 ? 1 : -1"}';

describe("a batch", () => {
  test("is answered line by line, in order", async () => {
    const { code, err, lines } = await batch(`${RIGHT}\n${WRONG}\n${KINK}\n`);
    expect(code).toBe(1);
    expect(lines.map(({ id, verdict }) => [id, verdict])).toEqual([
      ["right", "proved"],
      ["wrong", "refuted"],
      ["kink", "equal-except"],
    ]);
    expect(lines[1]!.witness).toEqual({
      x: expect.any(Number) as number,
      params: { b: expect.any(Number) as number },
      expected: expect.any(Number) as number,
      actual: expect.any(Number) as number,
    });
    expect(lines[2]!.at).toEqual([0]);
    expect(lines[2]!.exceptions).toEqual([{ at: "0", expected: "0", actual: "-1" }]);
    for (const { ms } of lines) expect(ms).toBeGreaterThan(0);
    expect(err).toMatch(/^3 lines: 1 proved, 1 equal-except, 1 refuted, 0 unknown, 0 unreadable, \d+\.\d s\n$/);
  });

  test("gives a line without an id its number, and skips blank lines", async () => {
    const { code, lines } = await batch(
      '\n\n{"formula": "x", "derivative": "1"}\r\n  \n{"formula": "x", "derivative": "1"}',
    );
    expect(code).toBe(0);
    expect(lines.map(({ id }) => id)).toEqual([3, 5]);
  });

  test("takes order and positive of each line", async () => {
    const { code, lines } = await batch(
      [
        '{"formula": "x^3", "derivative": "6*x", "order": 2, "note": "anything", "source": [1]}',
        '{"formula": "x^a", "derivative": "a*x^(a-1)", "positive": ["x", "a"]}',
        '{"formula": "x*y", "derivative": "y*x", "order": 0}',
      ].join("\n"),
    );
    expect(lines.map(({ verdict }) => verdict)).toEqual(["proved", "proved", "proved"]);
    expect(code).toBe(0);
  });

  test("answers the readable lines among the unreadable ones", async () => {
    const { code, err, lines } = await batch(
      Buffer.concat([
        Buffer.from(`{oops\n[1]\n{"id": "half", "formula": "x"}\n{"id": "open", "formula": "(x", "derivative": "1"}\n`),
        Buffer.from([0xff, 0xfe, 0x0a]),
        Buffer.from(`${"a".repeat(100_001)}\n${RIGHT}\n`),
      ]),
    );
    expect(code).toBe(2);
    expect(lines.map(({ id, verdict }) => [id, verdict])).toEqual([
      [1, "unknown"],
      [2, "unknown"],
      ["half", "unknown"],
      ["open", "unknown"],
      [5, "unknown"],
      [6, "unknown"],
      ["right", "proved"],
    ]);
    const messages = lines.slice(0, 6).map(({ error }) => error!.message);
    expect(messages).toEqual([
      "line 1: this is no JSON",
      "line 2: this is [1], not an object",
      'line 3: "derivative" is missing',
      expect.stringMatching(/^line 4: in the formula: /),
      "line 5: it is no text in UTF-8",
      "line 6: it has 100001 bytes, and 100000 are allowed",
    ]);
    expect(lines[3]!.error).toMatchObject({ source: "(x", start: 0, end: 1 });
    expect(err).toMatch(/^7 lines: 1 proved, .* 6 unreadable, /);
  });

  test("exits with 1 when anything is wrong, whatever could not be read", async () => {
    expect((await batch(`{oops\n${WRONG}\n`)).code).toBe(1);
    expect((await batch(`{oops\n${RIGHT}\n`)).code).toBe(2);
    expect((await batch(`${RIGHT}\n${KINK}\n`)).code).toBe(1);
  });

  test("without a line is a mistake", async () => {
    for (const content of ["", "\n \n"])
      expect(await batch(content)).toMatchObject({ code: 2, out: "", err: "error: there is no line in batch.jsonl\n" });
  });

  test("shows the cells of the proofs with --explain", async () => {
    const { lines } = await batch(`${RIGHT}\n`, "--explain");
    expect((lines[0] as unknown as { cells: unknown[] }).cells.length).toBeGreaterThan(0);
  });

  test("may be long", async () => {
    const content = Array.from(
      { length: 2000 },
      (_, i) => `{"id": "${i}", "formula": "${i}*x", "derivative": "${i}"}\n`,
    );
    const { code, lines } = await batch(content.join(""));
    expect(code).toBe(0);
    expect(lines.map(({ id }) => id)).toEqual(content.map((_, i) => String(i)));
    expect(lines.every(({ verdict }) => verdict === "proved")).toBe(true);
  });
});

describe("stdin", () => {
  const answers = (child: ReturnType<typeof spawn>): AsyncIterator<string> => {
    child.stdout!.setEncoding("utf8");
    return child.stdout![Symbol.asyncIterator]() as AsyncIterator<string>;
  };

  test("is answered as it comes", async () => {
    const child = spawn(process.execPath, [MAIN, "verify", "--batch", "-"], { stdio: ["pipe", "pipe", "ignore"] });
    const exit = new Promise((resolve) => child.on("close", resolve));
    const read = answers(child);
    child.stdin!.write(`${RIGHT}\n`);
    expect(parse((await read.next()).value as string)).toMatchObject([{ id: "right", verdict: "proved" }]);
    child.stdin!.write(WRONG.slice(0, 20));
    child.stdin!.end(WRONG.slice(20));
    expect(parse((await read.next()).value as string)).toMatchObject([{ id: "wrong", verdict: "refuted" }]);
    expect(await exit).toBe(1);
  });

  test("that is empty is a mistake", async () => {
    expect(await nonlin(["verify", "--batch", "-"], { folder })).toMatchObject({
      code: 2,
      err: "error: there is no line in the input\n",
    });
  });
});

test("a reader that goes away ends the batch quietly", async () => {
  writeFileSync(join(folder, "long.jsonl"), `${RIGHT}\n`.repeat(20_000));
  const child = start(["verify", "--batch", "long.jsonl"], { folder });
  let err = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (err += text));
  child.stdout!.once("data", () => child.stdout!.destroy());
  await new Promise((resolve) => child.on("close", resolve));
  expect(err).toBe("");
});

test("any lines end in order", async () => {
  const formulas = fc.constantFrom("x", "abs(x)", "tanh(x)", "1/x", "log(x)", "x >", "y", "dy", "a*x", "x^x", "");
  const line = fc.oneof(
    fc
      .record(
        {
          id: fc.string(),
          formula: formulas,
          derivative: formulas,
          order: fc.integer({ min: -1, max: 10 }),
          positive: fc.subarray(["x", "a", "y"]),
          extra: fc.jsonValue(),
        },
        { requiredKeys: ["formula", "derivative"] },
      )
      .map((fields) => JSON.stringify(fields)),
    fc.json({ maxDepth: 2 }),
    fc.string({ unit: "binary" }).map((text) => text.replace(/\n/g, "")),
  );
  const run = fc.asyncProperty(fc.array(line, { minLength: 30, maxLength: 30 }), async (texts) => {
    const { code, err, lines } = await batch(texts.join("\n"));
    const told = `${texts.join("\n")}\n${err}`;
    expect([0, 1, 2], told).toContain(code);
    expect(lines, told).toHaveLength(texts.filter((text) => text.trim() !== "").length);
    for (const { verdict, reason } of lines) {
      expect(["proved", "equal-except", "refuted", "unknown"]).toContain(verdict);
      expect(reason ?? "", told).not.toContain("internal error");
    }
  });
  await fc.assert(run, { numRuns: 15, interruptAfterTimeLimit: 45_000, endOnFailure: true });
});
