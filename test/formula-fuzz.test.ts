import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { Diagnostic } from "../src/diagnostic.js";
import { parseFormula } from "../src/frontends/formula.js";
import * as b from "../src/ir/build.js";
import { evaluate } from "../src/ir/evaluate.js";
import type { Expr } from "../src/ir/expr.js";
import { formulaText } from "../src/ir/print.js";

beforeAll(async () => {
  await parseFormula("x");
});

/** An expression, or a refusal that points into the text. */
async function readsOrRefuses(text: string): Promise<void> {
  try {
    const { expr, parameters } = await parseFormula(text);
    evaluate(expr, { x: 0.5, ...Object.fromEntries(parameters.map((name) => [name, 2])) });
    for (const name of parameters) expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_]{0,63}$/);
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    const { source, start, end, hint, message } = error;
    expect(source).toBe(text);
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThanOrEqual(start!);
    expect(end).toBeLessThanOrEqual(text.length);
    expect(hint).toBeTruthy();
    expect(message).toMatch(/^[^\n]{5,400}$/);
  }
}

const TOKENS =
  "x y a beta 1 2 0.5 .5 2. 1e5 1e-400 1e999999999 0x1F 1e+ + - * / ^ ( ) ( ) , ? : < <= > >= == != and or not exp( max( where( sigmoid( pow( log( pi e i " +
  "Infinity NaN true null mod to in xor ! ' \" ` ; = [ ] { } . .. .* ./ ?. ?? % & | ~ << >> >>> => $ ${x} # // \n \r\n \t __proto__ constructor toString " +
  "hasOwnProperty prototype valueOf import function lambda class α λ x² ∞ √ − 😀 \u0000 \u200b \ufeff \ud835 \udc00 \ud835\udc00 end this";
const tokens = fc.constantFrom(...TOKENS.split(" "), " ", "");

const texts = {
  "any characters": fc.string({ unit: "binary", maxLength: 60 }),
  "any graphemes": fc.string({ unit: "grapheme", maxLength: 60 }),
  "tokens in any order": fc.array(tokens, { maxLength: 25 }).map((list) => list.join("")),
  "tokens with spaces": fc.array(tokens, { maxLength: 25 }).map((list) => list.join(" ")),
  "operators and operands": fc
    .array(fc.constantFrom(..."x 2 a + - * / ^ ( ) < > ? : , and or not exp( max(".split(" ")), { maxLength: 16 })
    .map((list) => list.join(" ")),
  digits: fc.string({ unit: fc.constantFrom(..."0123456789.eE+-"), maxLength: 40 }),
};

describe("any text is read or refused", () => {
  test.each(Object.entries(texts))("%s", async (_, text) => {
    await fc.assert(fc.asyncProperty(text, readsOrRefuses), { seed: 20240607, numRuns: 2500 });
  });

  test("repetitions of any piece, up to the longest text", async () => {
    const piece = fc.array(tokens, { minLength: 1, maxLength: 3 }).map((list) => list.join(""));
    const text = fc
      .tuple(piece, fc.constantFrom(10, 300, 5000, 20_000), fc.constantFrom("x", "", "(", ")"))
      .map(([repeated, length, tail]) => repeated.repeat(Math.ceil(length / Math.max(1, repeated.length))) + tail);
    await fc.assert(fc.asyncProperty(text, readsOrRefuses), { seed: 20240608, numRuns: 250 });
  });

  test.each(
    [
      ["brackets", "(", ")"],
      ["calls", "exp(", ")"],
      ["minima", "min(x,", ")"],
      ["conditionals to the left", "x>0?", ":1"],
      ["conditionals to the right", "x>0?1:", ""],
      ["conditions", "(x>0?1:", ")"],
      ["signs", "-", ""],
      ["powers", "x^", ""],
      ["negations", "not ", ""],
      ["quotients", "1/", ""],
      ["comparisons", "x<", ""],
      ["conjunctions", "x<1 and ", " < 3"],
    ].flatMap(([name, open, close]) => [50, 250, 2500].map((depth) => [name, depth, open, close] as const)),
  )("%s, %i deep", async (_, depth, open, close) => {
    await readsOrRefuses(open!.repeat(depth) + "x" + close!.repeat(depth));
  });

  test("long chains of quotients", async () => {
    for (const [factor, divisor] of [
      ["2/3", "(3/2)"],
      ["1", "7"],
      ["7e300", "(9/7e-300)"],
    ] as const)
      await readsOrRefuses(factor + `/${divisor}`.repeat(Math.floor(19_900 / (divisor.length + 1))));
  });

  test("long digits and names", async () => {
    for (const length of [100, 500, 501, 19_000]) {
      for (const digits of [
        "9".repeat(length),
        `0.${"3".repeat(length)}`,
        `1e${"9".repeat(length)}`,
        `1e-${"0".repeat(length)}3`,
      ])
        await readsOrRefuses(`${digits}*x`);
      await readsOrRefuses(`${"n".repeat(length)}*x`);
      await readsOrRefuses(`${"n".repeat(length)}(x)`);
    }
  });
});

/** Expressions of everything that formulas have; conditions and numbers apart. */
const expressions = fc.letrec<{ number: Expr; condition: Expr }>((tie) => {
  const u = tie("number");
  const unaries = [b.neg, b.exp, b.expm1, b.tanh, b.sigmoid, b.softplus, b.sin, b.cos, b.abs, b.sign] as const;
  const binaries = [b.add, b.sub, b.mul, b.div, b.min, b.max, b.pow] as const;
  const comparisons = [b.lt, b.le, b.gt, b.ge, b.eq] as const;
  const leaves = [
    fc.constantFrom<Expr>(b.x, b.x, b.parameter("a"), b.pi),
    fc.integer({ min: -5, max: 12 }).map(b.constant),
    fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 1, max: 40 })).map(([p, q]) => b.fraction(p, q)),
    // Quotients of numbers are read as one exact number, which is another value once a float64 has lost digits.
    fc
      .double({ noNaN: true, min: -1e30, max: 1e30 })
      .filter((value) => Math.abs(value) > 1e-30)
      .map(b.constant),
  ];
  return {
    number: fc.oneof(
      { maxDepth: 6, depthSize: "small" },
      ...leaves,
      fc.tuple(fc.constantFrom(...unaries), u).map(([build, arg]) => build(arg)),
      fc.tuple(fc.constantFrom(...binaries), u, u).map(([build, left, right]) => build(left, right)),
      fc.tuple(fc.constantFrom(...binaries), u, u).map(([build, left, right]) => build(left, right)),
      fc.tuple(u, fc.integer({ min: 2, max: 9 })).map(([base, n]) => b.naturalPower(base, n)),
      fc.tuple(tie("condition"), u, u).map(([condition, left, right]) => b.select(condition, left, right)),
    ),
    condition: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      fc.tuple(fc.constantFrom(...comparisons), u, u).map(([build, left, right]) => build(left, right)),
      fc.tuple(tie("condition"), tie("condition")).map(([left, right]) => b.and(left, right)),
      fc.tuple(tie("condition"), tie("condition")).map(([left, right]) => b.or(left, right)),
      tie("condition").map(b.not),
    ),
  };
});

/** A rounding may move a comparison to its other side, but not at all of many points. */
const POINTS = [-11.3, -2.71, -0.93, -0.117, 0.233, 0.871, 1.93, 7.77].flatMap((x) => [
  { x, a: 0.37 },
  { x, a: -1.83 },
]);

test("random expressions printed and read back keep their value", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(expressions.number, async (expr) => {
      const text = formulaText(expr, Infinity);
      let again: Expr;
      try {
        again = (await parseFormula(text)).expr;
      } catch (error) {
        // A literal 0 as a divisor is refused, by the rules of formulas.
        if (error instanceof Diagnostic && error.message.startsWith("this divides by 0")) return;
        throw error;
      }
      compared += 1;
      const differing = POINTS.filter((point) => {
        const [before, after] = [evaluate(expr, point), evaluate(again, point)];
        return !(
          Object.is(before, after) ||
          Math.abs(before - after) <= 1e-9 * Math.max(Math.abs(before), Math.abs(after)) + 1e-300
        );
      });
      expect({ text, differing: differing.length > POINTS.length / 2 ? differing : [] }).toEqual({
        text,
        differing: [],
      });
    }),
    { seed: 20240609, numRuns: 4000 },
  );
  expect(compared).toBeGreaterThan(3000);
});
