/** Formula text to an expression: `x > 0 ? x : a * expm1(x)`. */
import { dy, parameter, variable, y } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { checkBrackets } from "./brackets.js";
import { CONSTANTS, FUNCTIONS, usage } from "./functions.js";
import { reasonAgainstName } from "./names.js";
import { quote, refusal, type Reason } from "./place.js";
import { parseSyntax } from "./syntax.js";
import { tokenize } from "./tokens.js";
import { translate } from "./translate.js";

export interface FormulaOptions {
  /** The name of the input in the text; in the expression it is the input `x` in any case. */
  readonly input?: string;
  /** Lets `y` be the output, as in the derivative of `tanh`, 1 - y². Without it `y` is a parameter like any other. */
  readonly output?: boolean;
  /** Lets `dy` be the gradient that comes from above, as in a backward function. */
  readonly gradient?: boolean;
  /** The values that the input and the parameters are promised to have, ends included. */
  readonly ranges?: Readonly<Record<string, readonly [number, number]>>;
}

export interface Formula {
  readonly expr: Expr;
  /** The names of the parameters, in the order of their first use. */
  readonly parameters: readonly string[];
}

const LONGEST_TEXT = 20_000;

export async function parseFormula(text: string, options: FormulaOptions = {}): Promise<Formula> {
  if (text.length > LONGEST_TEXT)
    throw refusal(
      text,
      { start: LONGEST_TEXT, end: text.length },
      {
        message: `the formula has ${text.length} characters, and ${LONGEST_TEXT} are allowed`,
        hint: "build so large an expression with the functions of nonlin in TypeScript",
      },
    );
  const tokens = tokenize(text);
  if (tokens.length === 0)
    throw refusal(
      text,
      { start: 0, end: text.length },
      {
        message: "the formula is empty",
        hint: 'write an expression of x, such as "x * sigmoid(x)"',
      },
    );
  checkBrackets(text, tokens);
  const tree = await parseSyntax(text, tokens);
  const names = nameTable(options);
  const expr = translate(text, tokens, tree, names.resolve);
  return { expr, parameters: [...names.parameters.keys()] };
}

interface NameTable {
  readonly resolve: (name: string) => Expr | Reason;
  readonly parameters: ReadonlyMap<string, Expr>;
}

function nameTable({ input = "x", output = false, gradient = false, ranges = {} }: FormulaOptions): NameTable {
  const rangeOf = (name: string): readonly [number, number] | undefined =>
    Object.hasOwn(ranges, name) ? [ranges[name]![0], ranges[name]![1]] : undefined;
  const fixed = new Map([
    ...CONSTANTS,
    ...(output ? [["y", y] as const] : []),
    ...(gradient ? [["dy", dy] as const] : []),
    [input, variable("input", "x", rangeOf(input))] as const,
  ]);
  const parameters = new Map<string, Expr>();
  const resolve = (name: string): Expr | Reason => {
    const known = fixed.get(name) ?? parameters.get(name);
    if (known !== undefined) return known;
    const reason = reasonAgainstVariable(name) ?? reasonAgainstName(name);
    if (reason !== undefined) return reason;
    const created = parameter(name, rangeOf(name));
    parameters.set(name, created);
    return created;
  };
  return { resolve, parameters };
}

const WORDS = ["and", "or", "not", "pi"];

/** Names that are other things, in any case of letters: `Tanh` as a parameter is a slip. */
function reasonAgainstVariable(name: string): Reason | undefined {
  const lower = name.toLowerCase();
  if (FUNCTIONS.has(lower))
    return {
      message: `${quote(name)} is ${name === lower ? "a function, not a number" : `too like the function "${lower}" to be a parameter`}`,
      hint: `give it arguments in parentheses: "${usage(lower, FUNCTIONS.get(lower)!.count)}"`,
    };
  if (WORDS.includes(lower))
    return {
      message: `${quote(name)} is too like "${lower}" to be a parameter`,
      hint: `write "${lower}", or choose another name`,
    };
  if (name === "x")
    return {
      message: '"x" cannot be a parameter: it is the input in everything that is generated',
      hint: "choose another name for the parameter",
    };
  return undefined;
}
