import { describe, expect, test } from "vitest";
import { Diagnostic } from "../src/diagnostic.js";
import { definitionFromFormula, type FormulaDefinition } from "../src/frontends/definition.js";
import { parseFormula, type FormulaOptions } from "../src/frontends/formula.js";
import { parserOf } from "../src/frontends/mathjs.js";
import * as b from "../src/ir/build.js";
import { evaluate } from "../src/ir/evaluate.js";
import { variableOf, variables, type Expr } from "../src/ir/expr.js";
import { formulaText } from "../src/ir/print.js";

const { x } = b;
const sigmoid = (u: number): number => 1 / (1 + Math.exp(-u));
const softplus = (u: number): number => Math.log1p(Math.exp(u));

const POINTS = [-7.5, -3, -1, -0.25, 0, 0.25, 0.5, 1, 2, 3, 6.5];
const PARAMETERS = { a: 0.75, beta: 1.5, k_2: -2 };

/** Formula, the same in plain JavaScript, and the text that it is printed as. */
type Accepted = readonly [
  formula: string,
  meaning: (x: number, parameters: typeof PARAMETERS) => number,
  printed: string,
];

const ACCEPTED: readonly Accepted[] = [
  ["x", (x) => x, "x"],
  ["  ( x )\t", (x) => x, "x"],
  ["2x", (x) => 2 * x, "2 * x"],
  ["2x^2", (x) => 2 * x * x, "2 * x^2"],
  ["x a", (x, { a }) => x * a, "x * a"],
  ["2(x + 1)(x - 1)", (x) => 2 * (x + 1) * (x - 1), "2 * (x + 1) * (x - 1)"],
  ["exp(-x)(1 + x)", (x) => Math.exp(-x) * (1 + x), "exp(-x) * (1 + x)"],
  ["2e x", (x) => 2 * Math.E * x, "2 * exp(1) * x"],
  ["1/6 x", (x) => x / 6, "x / 6"],
  ["2/3 x", (x) => (2 / 3) * x, "2 / 3 * x"],
  ["x * (2/3)", (x) => (2 / 3) * x, "x * (2 / 3)"],
  ["1/a x", (x, { a }) => 1 / (a * x), "1 / (a * x)"],
  ["1/2*x", (x) => x / 2, "0.5 * x"],
  [".5x + 2.", (x) => x / 2 + 2, "0.5 * x + 2"],
  ["1.25e-3 x + 2E+2", (x) => 0.00125 * x + 200, "0.00125 * x + 200"],
  ["1e-20 + x", (x) => 1e-20 + x, "1e-20 + x"],
  ["1.5e30 x", (x) => 1.5e30 * x, "1.5e30 * x"],
  ["x - -3", (x) => x + 3, "x + 3"],
  ["x + -3", (x) => x - 3, "x - 3"],
  ["x + -a", (x, { a }) => x - a, "x - a"],
  ["1 - (x - 2)", (x) => 3 - x, "1 - (x - 2)"],
  ["x + (-0.5)*a", (x, { a }) => x - 0.5 * a, "x - 0.5 * a"],
  ["-x^2", (x) => -x * x, "-x^2"],
  ["(-x)^2", (x) => x * x, "(-x)^2"],
  ["+x", (x) => x, "x"],
  ["--x", (x) => x, "-(-x)"],
  ["-(x*a)", (x, { a }) => -x * a, "-(x * a)"],
  ["x^3", (x) => x ** 3, "x^3"],
  ["x^64", (x) => x ** 64, "x^64"],
  ["x^65", (x) => x ** 65, "x^65"],
  ["x^0", () => 1, "1"],
  ["x^-2", (x) => x ** -2, "1 / x^2"],
  ["(x^2)^3", (x) => x ** 6, "x^6"],
  ["2^3^2 + x", (x) => 512 + x, "2^3^2 + x"],
  ["(x^2)^0.5", (x) => Math.abs(x), "sqrt(x^2)"],
  ["abs(x)^(1/2)", (x) => Math.sqrt(Math.abs(x)), "sqrt(abs(x))"],
  ["abs(x)^(1/3)", (x) => Math.cbrt(Math.abs(x)), "abs(x)^(1 / 3)"],
  ["2^x", (x) => 2 ** x, "2^x"],
  ["2^-x", (x) => 2 ** -x, "2^-x"],
  ["e^x", Math.exp, "exp(x)"],
  ["e^-x^2", (x) => Math.exp(-x * x), "exp(-x^2)"],
  ["pow(2, x)", (x) => 2 ** x, "2^x"],
  ["pow(x, 2)", (x) => x * x, "x^2"],
  ["square(x) + cube(x)", (x) => x * x + x ** 3, "x^2 + x^3"],
  ["pi * x + e", (x) => Math.PI * x + Math.E, "pi * x + exp(1)"],
  ["x * sigmoid(beta * x)", (x, { beta }) => x * sigmoid(beta * x), "x * sigmoid(beta * x)"],
  ["x tanh(softplus(x))", (x) => x * Math.tanh(softplus(x)), "x * tanh(softplus(x))"],
  [
    "0.5x * (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))",
    (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    "0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))",
  ],
  [
    "log(exp(x)) + log1p(x^2) + expm1(x)",
    (x) => x + Math.log1p(x * x) + Math.expm1(x),
    "log(exp(x)) + log1p(x^2) + expm1(x)",
  ],
  [
    "sinh(x) - cosh(x) + sin(x) * cos(x)",
    (x) => -Math.exp(-x) + Math.sin(x) * Math.cos(x),
    "sinh(x) - cosh(x) + sin(x) * cos(x)",
  ],
  ["sign(x) * abs(x)", (x) => x, "sign(x) * abs(x)"],
  ["min(max(x, -1), 1)", (x) => Math.min(Math.max(x, -1), 1), "min(max(x, -1), 1)"],
  ["max(x, a, 2, -1)", (x, { a }) => Math.max(x, a, 2, -1), "max(max(max(x, a), 2), -1)"],
  ["x > 0 ? x : k_2 x", (x, { k_2 }) => (x > 0 ? x : k_2 * x), "x > 0 ? x : k_2 * x"],
  ["where(x > 0, x, a * expm1(x))", (x, { a }) => (x > 0 ? x : a * Math.expm1(x)), "x > 0 ? x : a * expm1(x)"],
  ["x<-3?0:x<=3?x:3", (x) => (x < -3 ? 0 : x <= 3 ? x : 3), "x < -3 ? 0 : x <= 3 ? x : 3"],
  ["x > 0 ? x > 3 ? 3 : x : 0", (x) => Math.min(Math.max(x, 0), 3), "x > 0 ? (x > 3 ? 3 : x) : 0"],
  ["x>0?.5:1", (x) => (x > 0 ? 0.5 : 1), "x > 0 ? 0.5 : 1"],
  ["2 * (x >= 1 ? 1 : x)", (x) => 2 * (x >= 1 ? 1 : x), "2 * (x >= 1 ? 1 : x)"],
  ["x + (x > 0)", (x) => x + (x > 0 ? 1 : 0), "x + (x > 0 ? 1 : 0)"],
  ["x > 0", (x) => (x > 0 ? 1 : 0), "x > 0 ? 1 : 0"],
  ["-1 < x < 1 ? x : 0", (x) => (-1 < x && x < 1 ? x : 0), "x > -1 and x < 1 ? x : 0"],
  ["-1 < x <= a < 2 ? x : 0", (x, { a }) => (-1 < x && x <= a ? x : 0), "x > -1 and x <= a and a < 2 ? x : 0"],
  ["x == 0 ? 1 : sin(x) / x", (x) => (x === 0 ? 1 : Math.sin(x) / x), "x == 0 ? 1 : sin(x) / x"],
  ["x != 0 ? sin(x) / x : 1", (x) => (x === 0 ? 1 : Math.sin(x) / x), "x != 0 ? sin(x) / x : 1"],
  ["not (x > 0) ? 1 : 2", (x) => (x > 0 ? 2 : 1), "not (x > 0) ? 1 : 2"],
  [
    "x < -1 or x > 1 and not (x > 2 or a > 1) ? 1 : 2",
    (x) => (x < -1 || (x > 1 && !(x > 2)) ? 1 : 2),
    "x < -1 or x > 1 and not (x > 2 or a > 1) ? 1 : 2",
  ],
  [
    "(x < 0 or x > 1) and x < 3 ? 1 : 2",
    (x) => ((x < 0 || x > 1) && x < 3 ? 1 : 2),
    "(x < 0 or x > 1) and x < 3 ? 1 : 2",
  ],
  ["x\n  + 1\n", (x) => x + 1, "x + 1"],
  ["T_1 * 0 + x", (x) => x, "T_1 * 0 + x"],
];

const expectClose = (actual: number, expected: number): void => {
  if (Number.isFinite(expected))
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(expected)));
  else expect(actual).toBe(expected);
};

describe("accepted formulas", () => {
  test.each(ACCEPTED)("%s", async (formula, meaning, printed) => {
    const { expr } = await parseFormula(formula);
    const text = formulaText(expr);
    expect(text).toBe(printed);
    const again = (await parseFormula(text)).expr;
    for (const point of POINTS) {
      const bindings = { ...PARAMETERS, T_1: 1, x: point };
      const value = evaluate(expr, bindings);
      expectClose(value, meaning(point, PARAMETERS));
      expectClose(evaluate(again, bindings), value);
    }
    expect(formulaText(again)).toBe(text);
  });

  test("numbers are the decimals that are written", async () => {
    expect((await parseFormula("0.044715 x")).expr).toBe(b.mul(b.fraction(8943, 200000), x));
    expect((await parseFormula("0.1000000000000000055511151231257827 x")).expr).toBe(
      b.mul(b.decimal("0.1000000000000000055511151231257827"), x),
    );
    expect((await parseFormula("-1/3")).expr).toBe(b.fraction(-1, 3));
  });

  test("functions without a plain JavaScript twin", async () => {
    expect((await parseFormula("x * erfc(-x / sqrt(2)) / 2")).expr).toBe(
      b.div(b.mul(x, b.erfc(b.div(b.neg(x), b.sqrt(2)))), 2),
    );
    expect((await parseFormula("erf(x)")).expr).toBe(b.erf(x));
  });

  test("parameters are listed by first use, with the ranges that are promised", async () => {
    const { expr, parameters } = await parseFormula("beta * x + alpha + beta", {
      ranges: { alpha: [0, 2], unused: [0, 1] },
    });
    expect(parameters).toEqual(["beta", "alpha"]);
    const found = Object.fromEntries(variables(expr).map((leaf) => [variableOf(leaf).name, variableOf(leaf)]));
    expect(found["alpha"]).toEqual({ name: "alpha", role: "parameter", range: [0, 2] });
    expect(found["beta"]).toEqual({ name: "beta", role: "parameter", range: [-Infinity, Infinity] });
    expect(found["x"]!.role).toBe("input");
  });

  test("the output and another name for the input", async () => {
    expect((await parseFormula("1 - y^2", { output: true })).expr).toBe(b.sub(1, b.mul(b.y, b.y)));
    expect((await parseFormula("1 - y^2")).parameters).toEqual(["y"]);
    expect(await parseFormula("t + y", { input: "t" })).toEqual({
      expr: b.add(x, b.parameter("y")),
      parameters: ["y"],
    });
  });

  test("a sum of thousands of terms", async () => {
    const { expr } = await parseFormula(`${"x+".repeat(9999)}x`);
    expect(evaluate(expr, { x: 0.5 })).toBe(5000);
  });

  test("the package's own entry has the same parser", async () => {
    const parse = parserOf((await import("mathjs/number")) as unknown as Parameters<typeof parserOf>[0]);
    expect(parse("2 s1 + -s2 ^ 3")).toMatchObject({ type: "OperatorNode", fn: "add" });
    expect(() => parse("[1]")).toThrow(SyntaxError);
  });
});

/** Formula with the place marked by « and », message, hint. */
const REFUSED: readonly (readonly [marked: string, message: string, hint: string])[] = [
  ["«»", "the formula is empty", 'write an expression of x, such as "x * sigmoid(x)"'],
  ["«   »", "the formula is empty", 'write an expression of x, such as "x * sigmoid(x)"'],
  ["«x» ? 1 : 2", '"?" needs a condition, and "x" is a number', 'compare it with another number, such as "... > 0"'],
  [
    "where(«x», 1, 2)",
    '"where" needs a condition, and "x" is a number',
    'compare it with another number, such as "... > 0"',
  ],
  [
    "not «x» > 0",
    '"not" needs a condition, and "x" is a number',
    '"not" binds tighter than a comparison: write "not (a < b)"',
  ],
  [
    "«x» and x > 0",
    '"and" needs a condition, and "x" is a number',
    'compare it with another number, such as "... > 0"',
  ],
  [
    "2 «3»",
    'an operator is missing between the numbers "2" and "3"',
    'write "*" between them; a number has one decimal point and no spaces',
  ],
  [
    "x 2 «3»",
    'an operator is missing between the numbers "2" and "3"',
    'write "*" between them; a number has one decimal point and no spaces',
  ],
  [
    "1.2«.3»",
    'an operator is missing between the numbers "1.2" and ".3"',
    'write "*" between them; a number has one decimal point and no spaces',
  ],
  [
    "«1e+»x",
    '"1e+" is not a number: digits are missing in its exponent',
    'write digits, such as "1e-3", or a "*" before the name "e"',
  ],
  ["«0x1F»", "binary, octal and hexadecimal numbers are not supported", "write the number in decimal"],
  ["«exp» x", '"exp" is a function, not a number', 'give it arguments in parentheses: "exp(x)"'],
  ["«exp» + 1", '"exp" is a function, not a number', 'give it arguments in parentheses: "exp(x)"'],
  [
    "«Tanh» * x",
    '"Tanh" is too like the function "tanh" to be a parameter',
    'give it arguments in parentheses: "tanh(x)"',
  ],
  ["x > 0 «AND» x < 1 ? 1 : 0", '"AND" is too like "and" to be a parameter', 'write "and", or choose another name'],
  ["«PI» * x", '"PI" is too like "pi" to be a parameter', 'write "pi", or choose another name'],
  ["«ln»(x)", '"ln" is not a function of formulas', 'write "log(x)"'],
  ["«tahn»(x)", '"tahn" is not a function', 'did you mean "tanh"?'],
  ["«sigmod»(x)", '"sigmod" is not a function', 'did you mean "sigmoid"?'],
  ["«relu»(x)", '"relu" is not a function of formulas', 'write "max(x, 0)"'],
  [
    "«x» (1 + x)",
    '"x" is not a function',
    'to multiply, write "*" before the parenthesis; the functions are exp, log, log1p, expm1, sqrt, abs, sign, tanh, sinh, cosh, sigmoid, softplus, erf, erfc, erfcx, ierfcx, i2erfcx, sin, cos, sinc, sphericalBessel1, sphericalBessel2, atan, asinh, acosh, atanh, cbrt, exp2, log2, log10, log1mexp, square, cube, pow, min, max, where',
  ],
  [
    "«f»(x)",
    '"f" is not a function',
    'to multiply, write "*" before the parenthesis; the functions are exp, log, log1p, expm1, sqrt, abs, sign, tanh, sinh, cosh, sigmoid, softplus, erf, erfc, erfcx, ierfcx, i2erfcx, sin, cos, sinc, sphericalBessel1, sphericalBessel2, atan, asinh, acosh, atanh, cbrt, exp2, log2, log10, log1mexp, square, cube, pow, min, max, where',
  ],
  ["«log(x, 2)»", '"log" takes 1 argument, and 2 are given', 'write "log(x) / log(base)"'],
  ["«exp()»", '"exp" takes 1 argument, and 0 are given', 'write "exp(x)"'],
  ["«min(x)»", '"min" takes at least 2 arguments, and 1 is given', 'write "min(a, b)"'],
  ["«where(x > 0, 1)»", '"where" takes 3 arguments, and 2 are given', 'write "where(condition, a, b)"'],
  ["«erf(x, 1, 2)»", '"erf" takes 1 argument, and 3 are given', 'write "erf(x)"'],
  [
    "f(x) «=» x^2",
    "assignments and function definitions are not supported: a formula is one expression",
    'keep only the right-hand side; to compare, write "=="',
  ],
  [
    "x «=» 3",
    "assignments and function definitions are not supported: a formula is one expression",
    'keep only the right-hand side; to compare, write "=="',
  ],
  ["a «?» b", 'this "?" has no ":" after it', 'write "condition ? a : b"'],
  [
    "x > 0 ? 1 : 2 «:» 3",
    'this ":" belongs to no "?", and ranges are not supported in a formula',
    'write "condition ? a : b"',
  ],
  ["1«:»2", 'this ":" belongs to no "?", and ranges are not supported in a formula', 'write "condition ? a : b"'],
  ["«(»x", 'this "(" is never closed', 'add the missing ")"'],
  ["x«)»", 'this ")" closes nothing', 'remove it, or add the missing "("'],
  ["«(»(x)", 'this "(" is never closed', 'add the missing ")"'],
  ["exp«(»x", 'this "(" is never closed', 'add the missing ")"'],
  [
    "x +«»",
    'the formula ends after "+", where a value should follow',
    "write a number, a name or an expression in parentheses there",
  ],
  [
    "x + «*» 2",
    'a value is missing between "+" and "*"',
    "write a number, a name or an expression in parentheses there",
  ],
  ["«*» x", 'a value is missing before "*"', "write a number, a name or an expression in parentheses there"],
  ["(«)»", 'a value is missing between "(" and ")"', "write a number, a name or an expression in parentheses there"],
  [
    "exp(x,«)»",
    'a value is missing between "," and ")"',
    "write a number, a name or an expression in parentheses there",
  ],
  [
    "x ? «:» 1",
    'a value is missing between "?" and ":"',
    "write a number, a name or an expression in parentheses there",
  ],
  [
    "x > 0 ? «:» 1",
    'a value is missing between "?" and ":"',
    "write a number, a name or an expression in parentheses there",
  ],
  [
    "x > 0 ? 1 :«»",
    'the formula ends after ":", where a value should follow',
    "write a number, a name or an expression in parentheses there",
  ],
  ["x«!»", "factorials are not supported: an activation is a function of a real number", 'for "unequal", write "!="'],
  ["«!»x", '"!" has no meaning in a formula', 'write "not"'],
  ["«!»(x > 0)", '"!" has no meaning in a formula', 'write "not"'],
  ["x«'»", "transposing is not supported: a formula maps one number to one number", 'remove the "\'"'],
  ["«'»abc'", "text in quotes is not supported: a formula has only numbers and conditions", "remove the quotes"],
  ['«"»abc"', "text in quotes is not supported: a formula has only numbers and conditions", "remove the quotes"],
  ["«`»${x}`", "text in quotes is not supported: a formula has only numbers and conditions", "remove the quotes"],
  ["«[»1, 2]", "matrices are not supported: a formula maps one number to one number", 'group with "(" and ")"'],
  ["x«[»1]", "indexing is not supported: a formula maps one number to one number", 'group with "(" and ")"'],
  [
    "«{»a: 1}",
    "objects in braces are not supported: a formula has only numbers and conditions",
    'group with "(" and ")"',
  ],
  [
    "x«.»y",
    "property access is not supported: a formula has only numbers and conditions",
    'write functions by their bare names, such as "exp(x)"',
  ],
  [
    "Math«.»exp(x)",
    "property access is not supported: a formula has only numbers and conditions",
    'write functions by their bare names, such as "exp(x)"',
  ],
  [
    "x«?.»y",
    "property access is not supported: a formula has only numbers and conditions",
    'write functions by their bare names, such as "exp(x)"',
  ],
  ["x «??» 1", '"??" is not supported: every name in a formula has a value', 'remove "??" and what follows it'],
  ["x«;» 2", 'blocks with ";" are not supported: a formula is one expression', "keep only the last expression"],
  ["x «#» note", "comments are not supported in a formula", "remove the comment"],
  ["x «//» note", "comments are not supported in a formula", "remove the comment"],
  [
    "x\n«2»",
    "a second expression begins on this line, and a formula is one expression",
    'to go on with the first, write an operator, such as "*", between the two',
  ],
  [
    "x\n«(»1 + x)",
    "a second expression begins on this line, and a formula is one expression",
    'to go on with the first, write an operator, such as "*", between the two',
  ],
  ["50«%»", "percentages and remainders are not supported in a formula", 'for a percentage, write "/ 100"'],
  ["x «%» 2", "percentages and remainders are not supported in a formula", 'for a percentage, write "/ 100"'],
  ["x «mod» 2", "remainders are not supported in a formula", 'remove "mod"'],
  [
    "5 cm «to» inch",
    "units and conversions are not supported: formulas are over plain numbers",
    'remove "to" and the unit',
  ],
  ["x «in» m", "units and conversions are not supported: formulas are over plain numbers", 'remove "in" and the unit'],
  [
    "x «&» 1",
    'bit operations such as "&" are not supported: formulas are over the reals',
    'for conditions, write "and", "or", "not"',
  ],
  [
    "x «|» 1",
    '"|" is not supported: it is a bit operation',
    'for the absolute value, write "abs(x)"; for conditions, "or"',
  ],
  [
    "«~»x",
    'bit operations such as "~" are not supported: formulas are over the reals',
    'for conditions, write "and", "or", "not"',
  ],
  [
    "x «<<» 2",
    'bit operations such as "<<" are not supported: formulas are over the reals',
    'for conditions, write "and", "or", "not"',
  ],
  [
    "x «>>» 2",
    'bit operations such as ">>" are not supported: formulas are over the reals',
    'for conditions, write "and", "or", "not"',
  ],
  [
    "x ^«|» 2",
    '"|" is not supported: it is a bit operation',
    'for the absolute value, write "abs(x)"; for conditions, "or"',
  ],
  ["x «xor» 1", '"xor" is not supported', 'write "(a and not b) or (b and not a)" with the two conditions as a and b'],
  ["x «.*» 2", '".*" is not supported: a formula is about one number, so nothing is elementwise', 'write "*"'],
  ["x «**» 2", '"**" has no meaning in a formula', 'write "^"'],
  ["x «&&» 1", '"&&" has no meaning in a formula', 'write "and"'],
  ["x «||» 1", '"||" has no meaning in a formula', 'write "or"'],
  ["x «===» 1", '"===" has no meaning in a formula', 'write "=="'],
  ["x «<>» 1", '"<>" has no meaning in a formula', 'write "!="'],
  ["x «=>» 1", '"=>" has no meaning in a formula', 'write ">="'],
  [
    "«Infinity»",
    '"Infinity" is not a number here: formulas are over the reals',
    "leave out the branch or the bound that it stands for",
  ],
  [
    "-«inf» * x",
    '"inf" is not a number here: formulas are over the reals',
    "leave out the branch or the bound that it stands for",
  ],
  [
    "«NaN» + x",
    '"NaN" is not a number here: formulas are over the reals',
    "nonlin keeps NaN by itself: NaN in gives NaN out",
  ],
  ["«true»", '"true" is not supported: a condition compares two numbers', "write the branch that it would choose"],
  [
    "«null»",
    '"null" is not supported: every value in a formula is a number or a condition',
    "remove it, or write a number",
  ],
  [
    "«undefined» * x",
    '"undefined" is not supported: every value in a formula is a number or a condition',
    "remove it, or write a number",
  ],
  ["3«i»", '"i" is the imaginary unit, and formulas are over the reals', "give the parameter another name"],
  ["«i» * x", '"i" is the imaginary unit, and formulas are over the reals', "give the parameter another name"],
  [
    "«x / 0»",
    "this divides by 0, which has no value: formulas are over the reals",
    "divide by something else; an infinite bound or branch is left out",
  ],
  [
    "x / (1 - 1) + «1 / 0»",
    "this divides by 0, which has no value: formulas are over the reals",
    "divide by something else; an infinite bound or branch is left out",
  ],
  [
    "«0^-1»",
    "this divides by 0, which has no value: formulas are over the reals",
    "divide by something else; an infinite bound or branch is left out",
  ],
  [
    "«1e999999999»",
    '"1e999999999" is outside what a float64 can hold',
    "use numbers between 5e-324 and 1.7e308 in magnitude, or 0",
  ],
  [
    "x * «1e350»",
    '"1e350" is outside what a float64 can hold',
    "use numbers between 5e-324 and 1.7e308 in magnitude, or 0",
  ],
  [
    "«1e-400» x",
    '"1e-400" is outside what a float64 can hold',
    "use numbers between 5e-324 and 1.7e308 in magnitude, or 0",
  ],
  [
    "«1e200 / 1e-200»",
    '"1e200 / 1e-200" is outside what a float64 can hold',
    "use numbers between 5e-324 and 1.7e308 in magnitude, or 0",
  ],
  [
    "«__proto__» * x",
    '"__proto__" cannot be a name: names are made of the letters a to z, digits and "_", and begin with a letter',
    'choose a name such as "alpha" or "slope_2"',
  ],
  [
    "«constructor»",
    '"constructor" cannot be a name: it is a property that every JavaScript object has, and parameters keep their names in generated code',
    'add a letter or an underscore, such as "constructor_1"',
  ],
  [
    "«constructor»(x)",
    '"constructor" is not a function',
    'to multiply, write "*" before the parenthesis; the functions are exp, log, log1p, expm1, sqrt, abs, sign, tanh, sinh, cosh, sigmoid, softplus, erf, erfc, erfcx, ierfcx, i2erfcx, sin, cos, sinc, sphericalBessel1, sphericalBessel2, atan, asinh, acosh, atanh, cbrt, exp2, log2, log10, log1mexp, square, cube, pow, min, max, where',
  ],
  [
    "«toString» * x",
    '"toString" cannot be a name: it is a property that every JavaScript object has, and parameters keep their names in generated code',
    'add a letter or an underscore, such as "toString_1"',
  ],
  [
    "«hasOwnProperty»(x)",
    '"hasOwnProperty" is not a function',
    'to multiply, write "*" before the parenthesis; the functions are exp, log, log1p, expm1, sqrt, abs, sign, tanh, sinh, cosh, sigmoid, softplus, erf, erfc, erfcx, ierfcx, i2erfcx, sin, cos, sinc, sphericalBessel1, sphericalBessel2, atan, asinh, acosh, atanh, cbrt, exp2, log2, log10, log1mexp, square, cube, pow, min, max, where',
  ],
  [
    "«class» * x",
    '"class" cannot be a name: it is a reserved word of JavaScript, and parameters keep their names in generated code',
    'add a letter or an underscore, such as "class_1"',
  ],
  [
    "«lambda» * x",
    '"lambda" cannot be a name: it is a reserved word of Python, and parameters keep their names in generated code',
    'PyTorch calls it "lambd"',
  ],
  [
    "vec + x * «target»",
    '"target" cannot be a name: it is a reserved word of WGSL, and parameters keep their names in generated code',
    'add a letter or an underscore, such as "target_1"',
  ],
  [
    "«_a» * x",
    '"_a" cannot be a name: names are made of the letters a to z, digits and "_", and begin with a letter',
    'choose a name such as "alpha" or "slope_2"',
  ],
  [
    "«a$» * x",
    '"a$" cannot be a name: names are made of the letters a to z, digits and "_", and begin with a letter',
    'choose a name such as "alpha" or "slope_2"',
  ],
  [
    "«α» * x",
    '"α" cannot be a name: names are made of the letters a to z, digits and "_", and begin with a letter',
    'spell it out: "alpha"',
  ],
  ["x «≤» 1 ? 1 : 2", '"≤" has no meaning in a formula', 'write "<="'],
  ["x«²»", '"²" has no meaning in a formula', 'write "^2"'],
  [
    "«∞»",
    "infinity is not a number here: formulas are over the reals",
    "leave out the branch or the bound that it stands for",
  ],
  ["x «−» 1", '"−" has no meaning in a formula', 'write "-"'],
  [
    "x «@» 2",
    'the character "@" has no meaning in a formula',
    "remove it, or write the name or the operator that it stands for",
  ],
  [
    "«😀»",
    'the character "😀" has no meaning in a formula',
    "remove it, or write the name or the operator that it stands for",
  ],
  [
    "x«​»y",
    'the character "U+200B" has no meaning in a formula',
    "remove it, or write the name or the operator that it stands for",
  ],
  [
    "1«,»5",
    "a comma separates the arguments of a function, and this one is in none",
    'write decimals with a point, such as "0.5"',
  ],
  [
    "(1«,» 2)",
    "a comma separates the arguments of a function, and this one is in none",
    'write decimals with a point, such as "0.5"',
  ],
  ["max(1«;»2)", 'blocks with ";" are not supported: a formula is one expression', "keep only the last expression"],
  ["«and»", 'a condition is missing before "and"', 'write "a < b and c < d"'],
  ["x «not» 2", '"not" cannot stand after "x"', 'write an operator, such as "*", between two values'],
  ["x < 1 and «and» x > 0", 'a condition is missing before "and"', 'write "a < b and c < d"'],
  ["«or»(x)", 'a condition is missing before "or"', 'write "a < b or c < d"'],
  [
    "x > «>» 1",
    'a value is missing between ">" and ">"',
    "write a number, a name or an expression in parentheses there",
  ],
  [
    "2.«.» x",
    "property access is not supported: a formula has only numbers and conditions",
    'write functions by their bare names, such as "exp(x)"',
  ],
];

const unmark = (marked: string): { text: string; start: number; end: number } => ({
  text: marked.replace(/[«»]/g, ""),
  start: marked.indexOf("«"),
  end: marked.indexOf("»") - 1,
});

async function refusalOf(promise: Promise<unknown>): Promise<Diagnostic> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Diagnostic)) throw new Error(`no diagnostic, but ${String(error)}`);
  return error;
}

describe("refused formulas", () => {
  test.each(REFUSED)("%s", async (marked, message, hint) => {
    const { text, start, end } = unmark(marked);
    const { source, ...rest } = await refusalOf(parseFormula(text));
    expect({ ...rest }).toEqual({ name: "Diagnostic", start, end, hint });
    expect(source).toBe(text);
    expect((await refusalOf(parseFormula(text))).message).toBe(message);
  });

  test("text that is too long or too deep", async () => {
    const refused = async (text: string, options?: FormulaOptions): Promise<string> =>
      (await refusalOf(parseFormula(text, options))).message;
    expect(await refused("x".repeat(20_001))).toBe("the formula has 20001 characters, and 20000 are allowed");
    expect(await refused("(".repeat(5000))).toBe(
      "the formula nests more than 256 brackets and conditionals in one another",
    );
    expect(await refused("x>0?x:".repeat(300) + "x")).toBe(
      "the formula nests more than 256 brackets and conditionals in one another",
    );
    expect(await refused("-".repeat(19_000) + "x")).toBe("the formula nests too deeply to be parsed");
    expect(await refused("x".repeat(65))).toBe(
      `"${"x".repeat(40)}..." cannot be a name: it has 65 characters, and 64 are allowed`,
    );
    expect(await refused("x + t", { input: "t" })).toBe(
      '"x" cannot be a parameter: it is the input in everything that is generated',
    );
  });

  test("256 brackets are not too deep", async () => {
    const { expr } = await parseFormula(`${"(".repeat(256)}x${")".repeat(256)}`);
    expect(expr).toBe(x);
  });
});

describe("printing", () => {
  test("what is shared is written once when the text would be long", () => {
    const nested = (depth: number): Expr => (depth === 0 ? x : b.mul(nested(depth - 1), b.sigmoid(nested(depth - 1))));
    expect(formulaText(nested(2))).toBe("x * sigmoid(x) * sigmoid(x * sigmoid(x))");
    let deep: Expr = x;
    for (let i = 0; i < 1000; i++) deep = b.mul(deep, b.sigmoid(deep));
    const lines = formulaText(deep).split("\n");
    expect(lines).toHaveLength(1000);
    expect(lines.slice(0, 2)).toEqual(["t1 = x * sigmoid(x)", "t2 = t1 * sigmoid(t1)"]);
    expect(lines.at(-1)).toBe("t999 * sigmoid(t999)");
  });

  test("the names of shared parts are not those of parameters", () => {
    const u = b.mul(x, b.parameter("t1"));
    expect(formulaText(b.mul(b.exp(u), u), 5)).toBe("t2 = x * t1\nexp(t2) * t2");
  });

  test("deep expressions that share nothing", () => {
    let deep: Expr = x;
    for (let i = 0; i < 20_000; i++) deep = b.sin(deep);
    expect(formulaText(deep)).toBe("sin(".repeat(20_000) + "x" + ")".repeat(20_000));
  });

  test.each([
    [b.decimal("8.8e-5"), "0.000088"],
    [b.decimal("1e-45"), "1e-45"],
    [b.decimal("-2.5e300"), "-2.5e300"],
    [b.fraction(1, 1024), "0.0009765625"],
    [b.fraction(-22, 7), "-22 / 7"],
    [b.decimal("1.0507009873554804934193349852946"), "1.0507009873554804934193349852946"],
    [b.lt(b.parameter("a"), x), "x > a"],
    [b.le(0, b.parameter("a")), "a >= 0"],
    [b.fraction(1n, 1n << 100n), "1 / 1267650600228229401496703205376"],
    [b.pow(b.fraction(-22, 7), b.fraction(1, 3)), "(-22 / 7)^(1 / 3)"],
    [b.mul(b.fraction(1, 6), b.add(x, 1)), "(x + 1) / 6"],
    [b.constant(-Infinity), "-Infinity"],
  ])("number %#", (expr, text) => {
    expect(formulaText(expr)).toBe(text);
  });
});

describe("definitions", () => {
  test("everything given", async () => {
    const definition = await definitionFromFormula({
      id: "bent",
      title: "Bent",
      formula: "x > theta ? x : alpha * x",
      parameters: { alpha: { default: 0.1, range: [0, 1], learnable: true }, theta: { default: 0 } },
      samples: [{ alpha: 0.5 }, { alpha: 1, theta: -1 }],
      reference: "nowhere",
    });
    const [alpha, theta] = [b.parameter("alpha", [0, 1]), b.parameter("theta")];
    expect(definition).toEqual({
      id: "bent",
      title: "Bent",
      formula: b.select(b.gt(x, theta), x, b.mul(alpha, x)),
      parameters: [
        { name: "alpha", symbol: alpha, default: 0.1, range: [0, 1], learnable: true },
        { name: "theta", symbol: theta, default: 0, range: [-Infinity, Infinity], learnable: false },
      ],
      samples: [
        { alpha: 0.5, theta: 0 },
        { alpha: 1, theta: -1 },
      ],
      kinks: [theta],
      names: [],
      reference: "nowhere",
    });
  });

  test.each<[string, FormulaDefinition["parameters"], readonly object[]]>([
    ["x", undefined, []],
    ["a * x", undefined, [{ a: 0.5 }, { a: 2 }]],
    ["a * x", { a: { default: 0 } }, [{ a: 0.5 }, { a: -0.5 }]],
    ["a * x", { a: { default: 0.75, range: [0, 1] } }, [{ a: 0.375 }, { a: 1 }]],
    ["a * x", { a: { default: 1, range: [1, Infinity] } }, [{ a: 2 }]],
    ["a * x", { a: { default: 1, range: [1, 1] } }, []],
    ["min(x, a)", { a: { default: Infinity } }, [{ a: 1 }, { a: 4 }]],
  ])("samples of %s with %j", async (formula, parameters, samples) => {
    const definition = await definitionFromFormula({ id: "f", formula, ...(parameters && { parameters }) });
    expect(definition.samples).toEqual(samples);
  });

  test.each([
    ["max(x, 0)", ["0"]],
    ["min(max(x / 6 + 1/2, 0), 1)", ["-3", "3"]],
    ["abs(x) > l ? x : 0", ["0", "l", "-l"]],
    ["min(max(x, -1), c)", ["-1", "c"]],
    ["max(min(x, 1), 2)", ["1"]],
    ["abs(x - 1) <= 0.5 ? x : 0", ["0.5", "1", "1.5"]],
    ["abs(x) + 1 < 0 ? x : 0", ["0"]],
    ["(x > 0 ? x : 2x) > 4 ? 1 : x", ["0", "4"]],
    ["a * x + c > 0 ? x : 0", ["-c / a"]],
    ["sign(2x - 3)", ["1.5"]],
    ["-x - l > 0 ? x : 0", ["-l"]],
    ["x^2 > 1 ? x : 1", []],
    ["a > 1 ? x : 1", []],
    ["x - x > 1 ? x : 1", []],
    ["exp(x)", []],
  ])("kinks of %s", async (formula, kinks) => {
    const definition = await definitionFromFormula({ id: "f", formula });
    expect(definition.kinks.map((kink) => formulaText(kink)).sort()).toEqual([...kinks].sort());
  });

  test.each<[FormulaDefinition, string, string]>([
    [
      { id: "2x", formula: "x" },
      '"2x" cannot be an id: ids are made of the letters a to z, digits and "_", begin with a letter, and have at most 64 characters',
      'choose an id such as "my_activation"',
    ],
    [
      { id: "delete", formula: "x" },
      '"delete" cannot be an id: JavaScript reserves the name, and the generated module is exported under it',
      'choose an id such as "my_delete"',
    ],
    [
      { id: "index", formula: "x" },
      '"index" cannot be an id: its file would be the index of the generated modules',
      'choose an id such as "my_index"',
    ],
    [
      { id: "f", formula: "alhpa * x", parameters: { alpha: { default: 1 } } },
      '"f": the parameter "alpha" is declared, but the formula does not use it',
      "remove it, or use it in the formula",
    ],
    [
      { id: "f", formula: "bata * x", parameters: { beta: { default: 1 } } },
      '"f": the parameter "beta" is declared, but the formula does not use it',
      'the formula has "bata": spell both alike',
    ],
    [
      { id: "f", formula: "a * x", parameters: { a: { default: 3, range: [0, 1] } } },
      '"f": the parameter "a" has the default 3, which is outside its range, 0 to 1',
      "change the default or the range",
    ],
    [
      { id: "f", formula: "a * x", parameters: { a: { default: 3, range: [2, 1] } } },
      '"f": the parameter "a" has no range of a low and a high number',
      "write the range as [low, high], or leave it out",
    ],
    [
      { id: "f", formula: "a * x", parameters: { a: { default: NaN } } },
      '"f": the parameter "a" has no default that is a number',
      'declare it as { "default": 1, "range": [0, 10] }',
    ],
    [
      { id: "f", formula: "a * x", samples: [{ b: 1 }] },
      '"f": sample 1 has "b", which is no parameter of the formula',
      'did you mean "a"?',
    ],
    [
      { id: "f", formula: "a * x", parameters: { a: { default: 1, range: [0, 2] } }, samples: [{ a: 1 }, { a: 3 }] },
      '"f": sample 2 has a = 3, which is outside its range, 0 to 2',
      "change the sample or the range",
    ],
    [
      { id: "f", formula: "lambda * x", parameters: { lambda: { default: 1 } } },
      '"lambda" cannot be a name: it is a reserved word of Python, and parameters keep their names in generated code',
      'PyTorch calls it "lambd"',
    ],
  ])("refused: %j", async (entry, message, hint) => {
    const diagnostic = await refusalOf(definitionFromFormula(entry));
    expect(diagnostic.message).toBe(message);
    expect(diagnostic.hint).toBe(hint);
  });
});
