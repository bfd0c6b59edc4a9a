/** Random programs: what is read from the text is what JavaScript computes. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { readPairs } from "../src/frontends/source/pairs.js";
import { evaluate } from "../src/ir/evaluate.js";

/** Small integers throughout, so that floats are exact and one program has one value. */
const NAMES = ["x", "a", "s", "t", "u"] as const;
const name = fc.constantFrom(...NAMES);

const { number, condition } = fc.letrec<{ number: string; condition: string }>((tie) => {
  const [e, c] = [tie("number"), tie("condition")];
  const infix = (...operators: string[]): fc.Arbitrary<string> =>
    fc.tuple(e, fc.constantFrom(...operators), e).map(([p, operator, q]) => `(${p} ${operator} ${q})`);
  return {
    number: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.oneof(name, fc.nat(3).map(String)),
      infix("+", "-", "*"),
      e.map((p) => `(-${p})`),
      fc.tuple(c, e, e).map(([p, q, r]) => `(${p} ? ${q} : ${r})`),
      fc
        .tuple(fc.constantFrom("Math.max", "Math.min", "Math.hypot(3, 4) * Math.min"), e, e)
        .map(([f, p, q]) => `${f}(${p}, ${q})`),
      fc
        .tuple(fc.constantFrom("Math.abs", "Math.sign", "+", "Number", "helper", "local"), e)
        .map(([f, p]) => `${f}(${p})`),
      c.map((p) => `(${p}) * 2`),
      fc.tuple(fc.constantFrom("&&", "||"), e, e).map(([operator, p, q]) => `(${p} ${operator} ${q})`),
    ),
    condition: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      infix("<", "<=", ">", ">=", "===", "!=="),
      c.map((p) => `!(${p})`),
      fc.tuple(c, fc.constantFrom("&&", "||"), c).map(([p, operator, q]) => `(${p} ${operator} ${q})`),
      fc.tuple(c, c, c).map(([p, q, r]) => `(${p} ? ${q} : ${r})`),
      e.map((p) => `!${p}`),
      fc.constantFrom("true", "false"),
    ),
  };
});

const { block } = fc.letrec<{ statement: string; block: string }>((tie) => ({
  statement: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc
      .tuple(name, fc.constantFrom("=", "+=", "-=", "=", "="))
      .chain(([target, operator]) => number.map((e) => `${target} ${operator} ${e};`)),
    fc.tuple(condition, tie("block")).map(([c, body]) => `if (${c}) { ${body} }`),
    fc.tuple(condition, tie("block"), tie("block")).map(([c, p, q]) => `if (${c}) { ${p} } else { ${q} }`),
    fc.tuple(condition, number).map(([c, e]) => `if (${c}) return ${e};`),
    fc
      .tuple(name, number, tie("block"))
      .map(([local, e, body]) => `{ let ${local} = ${e.replace(new RegExp(`\\b${local}\\b`, "g"), "2")}; ${body} }`),
    name.map((target) => `${target}++;`),
    number.map((e) => `var r = ${e}; s = r;`),
  ),
  block: fc.array(tie("statement"), { maxLength: 4 }).map((statements) => statements.join(" ")),
}));

const program = fc
  .tuple(block, number)
  .map(
    ([body, result]) =>
      `let s = 1, t = x, u; u = a; const local = (z) => (z > s ? z - t : 1); ${body} return ${result};`,
  );

const POINTS = [-2, -1, 0, 1, 2, 3].flatMap((x) => [-1, 0, 2].map((a) => ({ x, a })));
const HELPER = "function helper(v, k = 2) { if (v > k) { return v - k } return v < 0 ? v : 0 }";

it("reads what JavaScript computes", async () => {
  await fc.assert(
    fc.asyncProperty(program, async (body) => {
      const { pairs, problems } = await readPairs(
        `${HELPER}\nfunction f(x, a) { ${body} }\nconst fPrime = (x, a) => 1;`,
        "f.js",
      );
      expect(problems).toEqual([]);
      const run = new Function("x", "a", `${HELPER} return Number((() => { ${body} })())`) as (
        x: number,
        a: number,
      ) => number;
      for (const { x, a } of POINTS) {
        const expected = run(x, a);
        if (Number.isSafeInteger(expected))
          expect(evaluate(pairs[0]!.formula, { x, a }) + 0, `at x = ${x}, a = ${a}`).toBe(expected + 0);
      }
    }),
    { numRuns: 600 },
  );
});
