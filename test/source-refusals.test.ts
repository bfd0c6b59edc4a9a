/** What cannot be read is refused with its place and a way out; nothing crashes, hangs or is guessed. */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { SourceProblem } from "../src/frontends/problems.js";
import type { Report } from "../src/frontends/report.js";
import { readPairs, type SourceClaim } from "../src/frontends/source/pairs.js";
import { topological, variableOf, variables } from "../src/ir/expr.js";

const read = (text: string, file = "file.ts"): Promise<Report<SourceClaim>> => readPairs(text, file);

async function oneProblem(text: string, file?: string): Promise<SourceProblem & { readonly written: string }> {
  const { pairs, problems } = await read(text, file);
  expect(pairs).toEqual([]);
  expect(problems).toHaveLength(1);
  const [problem] = problems;
  expect(problem!.hint).not.toBe("");
  return { ...problem!, written: text.slice(problem!.place.start, problem!.place.end) };
}

describe("a function of a pair that cannot be read", () => {
  it.each([
    ["x => { for (let i = 0; i < 3; i++) x *= 2; return x }", "for (let i = 0; i < 3; i++) x *= 2;", /loops/],
    ["x => { while (x > 1) x /= 2; return x }", "while (x > 1) x /= 2;", /loops/],
    ["x => { switch (1) { default: return x } }", "switch (1) { default: return x }", /switch/],
    ["x => { try { return x } catch { return 1 } }", "try { return x } catch { return 1 }", /try/],
    ["x => f(x - 1)", "f(x - 1)", /recursion/],
    ["x => h(x)", "f(x)", /recursion/],
    ["x => unknown(x)", "unknown", /no function of this file/],
    ["x => alpha * x", "alpha", /no name of this file/],
    ["x => Math.atan2(x, x)", "Math.atan2", /angle/],
    ["x => Math.floor(x)", "Math.floor", /jumps/],
    ["x => Math.random() * x", "Math.random", /no function of its arguments/],
    ["x => Math.sinn(x)", "Math.sinn", /not known/],
    ["x => this.k * x", "this", /"this"/],
    ["x => [x, 1][0]", "[x, 1][0]", /arrays/],
    ["x => x.filter((v) => v > 2)", "x.filter", /arrays/],
    ["x => x.length", "x.length", /arrays/],
    ["x => x[0]", "x[0]", /arrays/],
    ["x => 'text'", "f", /does not return a number/],
    ["x => `${x}`", "`${x}`", /text/],
    ["x => typeof (x > 0 || x) === 'number' ? x : 1", "x > 0 || x", /text/],
    ["x => Infinity", "Infinity", /not a number here/],
    ["x => -Infinity", "Infinity", /not a number here/],
    ["x => Number.POSITIVE_INFINITY", "Number.POSITIVE_INFINITY", /not a number here/],
    ["x => (x > 0 ? x : NaN)", "NaN", /not a number here/],
    ["x => x / 0", "x / 0", /divides by 0/],
    ["x => 0 ** -1", "0 ** -1", /divides by 0/],
    ["x => 1e999", "1e999", /float64/],
    ["x => 1e-999", "1e-999", /float64/],
    ["x => 10n", "10n", /big integers/],
    ["x => x % 2", "x % 2", /remainders/],
    ["x => x | 0", "x | 0", /bit operations/],
    ["x => ~x", "~x", /bit operations/],
    ["x => (x, 1)", "(x, 1)", /not read/],
    ["x => { let a; return (a = x) }", "a = x", /assignment inside/],
    ["x => { let a; return a }", "a", /every path/],
    ["x => { let a; return a + 1 }", "a", /no value/],
    ["x => { let a; if (x > 0) a = 1; return a * 2 }", "a", /on some paths only/],
    ["x => { let a; if (x > 0) a = 1; return a ?? 2 }", "a", /on some paths only/],
    ["x => { let a; if (x > 0) a = 1; return a === undefined ? 2 : 3 }", "a", /on some paths only/],
    ["x => { let a; if (x > 0) a = 1; a += 2; return a }", "a", /on some paths only/],
    ["x => (x > 0 ? 1 : undefined) ?? 2", "x > 0 ? 1 : undefined", /on some paths only/],
    ["x => { if (x > 0) return 1 }", "}", /every path/],
    ["x => { if (x > 0) return; return 1 }", "return;", /every path/],
    ["x => {}", "}", /every path/],
    ["x => { throw 1 }", "x => { throw 1 }", /always throws/],
    ["x => { const a = 1; a = 2; return a }", "a", /constant/],
    ["x => { x.y = 2; return x }", "x.y", /not a variable/],
    ["x => { total += x; return x }", "total", /outside the function/],
    ["x => { const g = () => { x = 2; return 1 }; return g() + x }", "x", /outside the function/],
    ["x => { change(x); return x }", "change(x)", /for its effect/],
    ["x => counter * x", "counter", /assigned to elsewhere/],
    ["x => circle * x", /circle/, /defined by itself/],
    ["x => h", "const f = x => h", /does not return a number|not a number/],
    ["x => h * 2", "h", /is not a number/],
    ["x => two(x)", "b", /no value/],
    ["x => two(x, 1, 2)", "two(x, 1, 2)", /3 arguments are given/],
    ["x => Math.exp(x, 2)", "Math.exp(x, 2)", /takes 1/],
    ["x => Math.max()", "Math.max()", /takes at least 1/],
    ["x => (x > 0 ? h : 1)", "(x > 0 ? h : 1)", /different kinds/],
    ["async x => x", "async x => x", /async/],
    ["function* (x) { return x }", "function* (x) { return x }", /async functions and generators/],
    ["(...xs) => 1", /xs|f/, /list of arguments|no argument/],
    ["([a, b]) => a", /./, /pattern|no argument/],
    ["() => 1", "f", /no argument/],
    ["x => new Date()", "new Date()", /object/],
    ["x => x?.y", "x?.y", /arrays/],
    ["x => ({ a: 1 })", /./, /does not return a number/],
  ])("%s", async (text, written, message) => {
    const problem = await oneProblem(`
      let total = 0, counter = 1; counter++;
      const circle = circle2 + 1, circle2 = circle;
      const h = (x) => f(x);
      function two(a, b) { return a * b }
      const f = ${text};
      const fPrime = (x) => 1;`);
    if (typeof written === "string" && written.startsWith("const")) expect(problem.written).toBe("f");
    else if (typeof written === "string" && written.startsWith("(")) expect(written).toContain(problem.written);
    else if (typeof written === "string") expect(problem.written).toBe(written);
    else expect(problem.written).toMatch(written);
    expect(problem.message).toMatch(message);
    expect(["f", "fPrime"]).toContain(problem.function);
  });

  it("is a problem of its pair alone", async () => {
    const { pairs, problems } = await read(`
      const f = (x) => x; const fPrime = (x) => bad(x);
      const g = (x) => x; const gPrime = (x) => 1;
      const alone = (x) => [x];`);
    expect(pairs.map(({ name }) => name)).toEqual(["g"]);
    expect(problems.map((problem) => [problem.function, problem.place.line])).toEqual([["fPrime", 2]]);
  });

  it("is told once, however many derivatives it has", async () => {
    const problem = await oneProblem("const f = (x) => bad(x); const df = (x) => 1; const fSecond = (x) => 0;");
    expect([problem.function, problem.written]).toEqual(["f", "bad"]);
  });
});

describe("hints", () => {
  it.each([
    ["pow(x, 2)", 'did you mean "Math.pow"?'],
    ["sigmiod(x)", 'did you mean "sigmoid"?'],
    ["swish(x)", "define it in this file"],
    ["sigmid(x)", 'did you mean "sigmoid"?'],
    ["x * PI", 'did you mean "Math.PI"?'],
  ])("for %s", async (text, hint) => {
    const problem = await oneProblem(`const sigmoid = (x) => x;\nconst f = (x) => ${text};\nconst fPrime = (x) => 1;`);
    expect(problem.hint).toContain(hint);
  });
});

describe("variables that change", () => {
  it.each([
    ["let f = (x) => x; if (Math.random() > 1) f = (x) => 2 * x;", /assigned to elsewhere/],
    ["function f(x) { return x } f = (x) => 2 * x;", /assigned to elsewhere/],
    ["let k = 1; const f = (x) => k * x; function grow() { k += 1 }", /assigned to elsewhere/],
    ["let k = 1; const f = (x) => k * x; for (k of [1]);", /assigned to elsewhere/],
    ["let k = 1; const f = (x) => k * x; [k] = [2];", /assigned to elsewhere/],
  ])("are not read: %s", async (text, message) => {
    expect((await oneProblem(`${text}\nconst fPrime = (x) => 1;`)).message).toMatch(message);
  });

  it("are told from others of the same name", async () => {
    const { pairs, problems } = await read(`
      let k = 2; const f = (x) => k * x; const fPrime = (x) => k;
      function other() { let k = 0; k += 1; return (() => { k++; return k })() }
      const another = (k) => { k = 3; return k };`);
    expect([pairs.length, problems]).toEqual([1, []]);
  });
});

describe("arguments that cannot be told apart", () => {
  it.each([
    ["(x)", "(dy, z)", "z"],
    ["(x)", "(x, z)", "z"],
    ["(x)", "(y, z)", "z"],
    ["(x, alpha)", "(dy, x, k, alpha)", "k"],
    ["(x)", "(x, dy, g)", "g"],
  ])("%s with %s", async (ofFunction, ofDerivative, which) => {
    const used = ofDerivative.slice(1, -1).replaceAll(",", " *");
    const problem = await oneProblem(`const f = ${ofFunction} => 1;\nconst fPrime = ${ofDerivative} => ${used};`);
    expect(problem).toMatchObject({ written: which, function: "fPrime", place: { line: 2 } });
    expect(problem.hint).toContain("@input");
  });

  it("are not made up by a default", async () => {
    const { pairs } = await read(`
      const s = (x) => 1 / (1 + Math.exp(-x));
      const f = (x) => x * s(x);
      const fPrime = (x, a = 0.5, t = s(x), y = f(x)) => a * 0 + t + y * (1 - t);`);
    const names = variables(pairs[0]!.claim).map((leaf) => [variableOf(leaf).role, variableOf(leaf).name]);
    expect(names.sort()).toEqual([
      ["input", "x"],
      ["output", "y"],
      ["parameter", "a"],
    ]);
  });
});

describe("tags", () => {
  it.each([
    ["/** @derivativeOf relo */", "@derivativeOf", /no function "relo"/, 'did you mean "relu"?'],
    ["/** @derivativeOf */", "@derivativeOf", /names no function/, "@derivativeOf f"],
    ["/** @derivativeOf zebra */", "@derivativeOf", /no function "zebra"/, "define it"],
    ["/** @derivativeOf relu\n @input z */", "@input", /"z", which is no argument/, "name one"],
  ])("%s", async (comment, written, message, hint) => {
    const problem = await oneProblem(`const relu = (x) => x;\n${comment}\nfunction slope(x) { return 1 }`);
    expect(problem.written).toBe(written);
    expect(problem.message).toMatch(message);
    expect(problem.hint).toContain(hint);
  });
});

describe("a file that is no source", () => {
  it.each([
    ["const f = (x) => x * ;", "file.ts", ";", 1],
    ["function f(x) {\n  return x\n", "file.js", "", 3],
    ["const f = (x: number) => x;", "file.js", "number", 1],
    ["const f = <T,>(x: T) => x; }", "file.ts", "}", 1],
    ["\u0000\u0001", "file.ts", undefined, 1],
    ['{ "json": 1 }', "file.ts", undefined, 1],
  ])("%j", async (text, file, written, line) => {
    const problem = await oneProblem(text, file);
    expect(problem.message).toMatch(/^this is not (JavaScript|TypeScript): /);
    if (written !== undefined) expect(problem.written).toBe(written);
    expect(problem.place.line).toBe(line);
  });

  it("is told apart from one that is none by its line ends", async () => {
    const problem = await oneProblem("const f = (x) => x;\r\n\r\nconst fPrime = (x) => bad(x);\r\n");
    expect(problem.place).toMatchObject({ line: 3, column: 23 });
  });
});

describe("size", () => {
  const repeated = (before: string, middle: string, after: string, count: number): string =>
    before.repeat(count) + middle + after.repeat(count);
  const each = (count: number, write: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => write(i)).join("\n");
  const names = (count: number, letter: string): string => each(count, (i) => `${letter}${i},`);

  it.each([
    ["parentheses", (n: number) => repeated("(", "x", ")", n)],
    ["sums", (n: number) => repeated("x + ", "x", "", n)],
    ["powers", (n: number) => repeated("x ** ", "x", "", n)],
    ["minus signs", (n: number) => repeated("- ", "x", "", n)],
    ["conditionals", (n: number) => repeated("x > 0 ? x : ", "x", "", n)],
    ["calls", (n: number) => repeated("Math.exp(", "x", ")", n)],
    ["functions", (n: number) => repeated("((x) => ", "x", ")(x)", n)],
    ["objects", (n: number) => repeated("{ a: ", "x", "}", n)],
    ["indices", (n: number) => repeated("x[", "x", "]", n)],
    ["templates", (n: number) => repeated("`${", "x", "}`", n)],
    ["members", (n: number) => repeated("x", "", ".y", n)],
    ["calls of calls", (n: number) => repeated("", "x", "(1)", n)],
    ["negations", (n: number) => repeated("!", "x", "", n)],
  ])("%s inside each other are refused, or read", async (_, nest) => {
    for (const count of [150, 250, 3000, 30_000]) {
      const report = await read(`const f = (x) => (${nest(count)});\nconst fPrime = (x) => 1;`);
      expect(report.pairs.length + report.problems.length).toBe(1);
      if (count > 250) expect(report.problems[0]!.message).toMatch(/nests too deeply/);
    }
  });

  it.each([
    ["else if", (n: number) => `${"if (x > 1) return 1; else ".repeat(n)} return 2`],
    ["if", (n: number) => `${"if (x > 1) { ".repeat(n)} ${"}".repeat(n)} return 2`],
    ["blocks", (n: number) => `${"{".repeat(n)} x = 1 ${"}".repeat(n)} return x`],
  ])("%s inside each other are refused, or read", async (_, nest) => {
    for (const count of [50, 500, 20_000]) {
      const report = await read(`function f(x) { ${nest(count)} }\nconst fPrime = (x) => 1;`);
      expect(report.pairs.length + report.problems.length).toBe(1);
      if (count === 50) expect(report.pairs).toHaveLength(1);
      else expect(report.problems[0]!.message).toMatch(/nests too deeply/);
    }
  });

  it("of one statement after another has no such limit", async () => {
    const early = Array.from({ length: 5000 }, (_, i) => `if (x > ${5000 - i}) return ${i};`).join("\n");
    const steps = Array.from({ length: 5000 }, (_, i) => `s = s * x + ${i};`).join("\n");
    const branches = Array.from(
      { length: 2000 },
      (_, i) => `if (x > ${i}) s += ${i}; else s -= x; c = x > ${i} ? c : !c;`,
    ).join("\n");
    const report = await read(
      `function f(x) { let s = 1, c = x > 1; ${early}\n${steps}\n${branches} return s }\nconst fPrime = (x) => 1;`,
    );
    expect(report.problems).toEqual([]);
    expect(report.pairs[0]!.formula.height).toBeGreaterThan(10_000);
  });

  it("of what calls expand to is bounded", async () => {
    const lines = Array.from({ length: 40 }, (_, i) => `const g${i + 1} = (x) => g${i}(x) + g${i}(x + ${i});`);
    const report = await read(
      `const g0 = (x) => x;\n${lines.join("\n")}\nconst f = (x) => g40(x);\nconst fPrime = (x) => 1;`,
    );
    expect(report.problems[0]!.message).toMatch(/too large an expression/);
  });

  it("of a chain of calls is bounded", async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `const g${i + 1} = (x) => g${i}(x) + 1;`);
    const report = await read(
      `const g0 = (x) => x;\n${lines.join("\n")}\nconst f = (x) => g5000(x);\nconst fPrime = (x) => 1;`,
    );
    expect(report.problems[0]!.message).toMatch(/nests too deeply/);
  });

  it("of many returns in a row is no matter, where nothing changes before", async () => {
    const parameters = Array.from({ length: 60 }, (_, i) => `a${i}`);
    const body = (value: (i: number) => string): string =>
      each(60, (i) => `if (a${i} > 0) { if (a${i} > 1) { if (x > ${i}) { if (x > 1) return ${value(i)}; } } }`);
    const report = await read(
      `const f = (x, ${parameters}) => { ${body((i) => `${i} * x`)} return x; };
      const fPrime = (x, ${parameters}) => { ${body(String)} return 1; };`,
    );
    expect(report.problems).toEqual([]);
    expect(report.pairs).toHaveLength(1);
  });

  it.each([
    ["arguments", (n: number) => `const f = (${names(n, "a")}) => 1; const fPrime = (${names(n, "b")}) => 1;`, 30_000],
    ["lost tags", (n: number) => each(n, (i) => `/** @derivativeOf g${i} */ const f${i} = (x) => 1;`), 20_000],
    ["unknown names", (n: number) => each(n, (i) => `const f${i} = (x) => g${i}; const df${i} = (x) => 1;`), 15_000],
    ["names that are alike", (n: number) => each(n, (i) => `const f${"_".repeat(i)} = (x) => 1;`), 1000],
    [
      "long names",
      (n: number) => `const ${"a".repeat(n)}b = 1; const f = (x) => ${"a".repeat(n)}c; const df = (x) => 1;`,
      400_000,
    ],
    ["members", (n: number) => `const o = { ${each(n, (i) => `f${i}: (x) => o.g${i}, df${i}: (x) => 1,`)} };`, 15_000],
  ])("of files of nothing but %s is no matter", async (_, write, count) => {
    const report = await read(write(count));
    expect(report.pairs).toEqual([]);
  });

  it("of a file is bounded", async () => {
    const problem = await oneProblem(`// ${"x".repeat(1_000_000)}`);
    expect(problem.message).toMatch(/1000003 characters/);
    const pairs = Array.from(
      { length: 5000 },
      (_, i) =>
        `const relu${i} = (x, a = ${i}) => (x > 0 ? x : a * x);\nconst relu${i}Prime = (x, a) => (x > 0 ? 1 : a);`,
    );
    const report = await read(pairs.join("\n"));
    expect(report.pairs).toHaveLength(5000);
  });
});

describe("any text", () => {
  const SOURCES = ["toy-network.js", "members.js", "typed.ts"].map((name) =>
    readFileSync(new URL(`./fixtures/source/${name}`, import.meta.url), "utf8"),
  );
  /** Pieces that change what the text around them means. */
  const PIECES = [
    ..."( ) [ ] { } ; , . ? : ! = => + - * ** / % & && | || < > == === != ++ -- += ?? ?. ... ` ' \" \\ # @ 0 1e999 .5 0x NaN".split(
      " ",
    ),
    ..."x y dy this new await async function return if else for while let const var class throw typeof void null".split(
      " ",
    ),
    ..."undefined Math Math.exp(x) import export default static get yield in of as satisfies <T> /* */ // \n \u2028 \0 é".split(
      " ",
    ),
    "/** @derivativeOf relu */",
    "/** @input x */",
    "x => x",
  ];
  const edit = fc.record({
    at: fc.nat(),
    remove: fc.oneof(fc.constant(0), fc.nat(30)),
    piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 4 })),
  });

  it("gives a report", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SOURCES),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        async (text, edits) => {
          let changed = text;
          for (const { at, remove, piece } of edits) {
            const start = at % (changed.length + 1);
            changed = changed.slice(0, start) + piece + changed.slice(start + remove);
          }
          const { pairs, problems } = await read(changed, "file.tsx");
          for (const { formula, claim } of pairs) {
            expect(topological([formula, claim]).length).toBeLessThan(100_000);
            for (const leaf of variables(formula)) expect(["input", "parameter"]).toContain(variableOf(leaf).role);
          }
          for (const { message, hint, place } of problems) {
            expect(message.length * hint.length).toBeGreaterThan(0);
            expect(place.start).toBeLessThanOrEqual(place.end);
            expect(place.end).toBeLessThanOrEqual(changed.length);
            const lines = changed.split(/\r\n|[\n\r\u2028\u2029]/);
            expect(place.column).toBeLessThanOrEqual(lines[place.line - 1]!.length + 1);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it("of random characters gives a report", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 60, unit: "binary" }), async (text) => {
        const { pairs, problems } = await read(text, "file.js");
        expect(pairs.length + problems.length).toBeLessThan(3);
      }),
      { numRuns: 300 },
    );
  });
});
