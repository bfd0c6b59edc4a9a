/** Spellings of mathjs, JavaScript or Python that a formula does not have, each with a reason and a way out. */
import { reason, type Reason } from "./place.js";

const spelled = (written: string, instead: string): Reason =>
  reason(`"${written}" has no meaning in a formula`, `write "${instead}"`);
const bits = (written: string): Reason =>
  reason(
    `bit operations such as "${written}" are not supported: formulas are over the reals`,
    'for conditions, write "and", "or", "not"',
  );
const elementwise = (written: string): Reason =>
  reason(
    `"${written}" is not supported: a formula is about one number, so nothing is elementwise`,
    `write "${written.slice(1)}"`,
  );

const ASSIGNMENT = reason(
  "assignments and function definitions are not supported: a formula is one expression",
  'keep only the right-hand side; to compare, write "=="',
);
const STRING = reason(
  "text in quotes is not supported: a formula has only numbers and conditions",
  "remove the quotes",
);
const OBJECT = reason(
  "objects in braces are not supported: a formula has only numbers and conditions",
  'group with "(" and ")"',
);
const COMMENT = reason("comments are not supported in a formula", "remove the comment");
const PROPERTY = reason(
  "property access is not supported: a formula has only numbers and conditions",
  'write functions by their bare names, such as "exp(x)"',
);
const MATRIX = reason("matrices are not supported: a formula maps one number to one number", 'group with "(" and ")"');
const INDEX = reason("indexing is not supported: a formula maps one number to one number", 'group with "(" and ")"');

/** A spelling whose meaning depends at most on whether a value stands before it. */
export interface RefusedSpelling {
  readonly text: string;
  readonly afterValue: Reason;
  readonly otherwise: Reason;
}

const either = (text: string, afterValue: Reason, otherwise = afterValue): RefusedSpelling => ({
  text,
  afterValue,
  otherwise,
});

/** Longer spellings first: the first that fits is taken. */
export const REFUSED_SPELLINGS: readonly RefusedSpelling[] = [
  either("===", spelled("===", "==")),
  either("!==", spelled("!==", "!=")),
  either(">>>", bits(">>>")),
  either("<>", spelled("<>", "!=")),
  either("=<", spelled("=<", "<=")),
  either("=>", spelled("=>", ">=")),
  either(":=", ASSIGNMENT),
  either("<<", bits("<<")),
  either(">>", bits(">>")),
  either("&&", spelled("&&", "and")),
  either("||", spelled("||", "or")),
  either("**", spelled("**", "^")),
  either("//", COMMENT),
  either("/*", COMMENT),
  either("#", COMMENT),
  either("??", reason('"??" is not supported: every name in a formula has a value', 'remove "??" and what follows it')),
  either("?.", PROPERTY),
  either(".*", elementwise(".*")),
  either("./", elementwise("./")),
  either(".^", elementwise(".^")),
  either(".", PROPERTY, reason('"." is not a number', 'write digits, such as "0.5"')),
  either(
    "!",
    reason("factorials are not supported: an activation is a function of a real number", 'for "unequal", write "!="'),
    spelled("!", "not"),
  ),
  either(
    "'",
    reason("transposing is not supported: a formula maps one number to one number", 'remove the "\'"'),
    STRING,
  ),
  either('"', STRING),
  either("`", STRING),
  either("[", INDEX, MATRIX),
  either("]", MATRIX),
  either("{", OBJECT),
  either("}", OBJECT),
  either(
    ";",
    reason('blocks with ";" are not supported: a formula is one expression', "keep only the last expression"),
  ),
  either("%", reason("percentages and remainders are not supported in a formula", 'for a percentage, write "/ 100"')),
  either("&", bits("&")),
  either(
    "|",
    reason(
      '"|" is not supported: it is a bit operation',
      'for the absolute value, write "abs(x)"; for conditions, "or"',
    ),
  ),
  either("~", bits("~")),
  either("=", ASSIGNMENT),
  either("≤", spelled("≤", "<=")),
  either("≥", spelled("≥", ">=")),
  either("≠", spelled("≠", "!=")),
  either("×", spelled("×", "*")),
  either("·", spelled("·", "*")),
  either("÷", spelled("÷", "/")),
  either("−", spelled("−", "-")),
  either("–", spelled("–", "-")),
  either("²", spelled("²", "^2")),
  either("³", spelled("³", "^3")),
  either("√", spelled("√", "sqrt(x)")),
  either(
    "∞",
    reason(
      "infinity is not a number here: formulas are over the reals",
      "leave out the branch or the bound that it stands for",
    ),
  ),
];

const infinite = (name: string): Reason =>
  reason(
    `"${name}" is not a number here: formulas are over the reals`,
    "leave out the branch or the bound that it stands for",
  );
const notANumber = (name: string): Reason =>
  reason(
    `"${name}" is not a number here: formulas are over the reals`,
    "nonlin keeps NaN by itself: NaN in gives NaN out",
  );
const truth = (name: string): Reason =>
  reason(`"${name}" is not supported: a condition compares two numbers`, "write the branch that it would choose");
const nothing = (name: string): Reason =>
  reason(
    `"${name}" is not supported: every value in a formula is a number or a condition`,
    "remove it, or write a number",
  );

/** Words that mathjs gives a meaning that formulas do not have. */
export const REFUSED_NAMES: ReadonlyMap<string, Reason> = new Map([
  ...["Infinity", "infinity", "inf", "Inf"].map((name) => [name, infinite(name)] as const),
  ...["NaN", "nan"].map((name) => [name, notANumber(name)] as const),
  ...["true", "false", "True", "False"].map((name) => [name, truth(name)] as const),
  ...["null", "undefined", "None"].map((name) => [name, nothing(name)] as const),
  ["i", reason('"i" is the imaginary unit, and formulas are over the reals', "give the parameter another name")],
  [
    "xor",
    reason('"xor" is not supported', 'write "(a and not b) or (b and not a)" with the two conditions as a and b'),
  ],
  ["mod", reason("remainders are not supported in a formula", 'remove "mod"')],
  [
    "to",
    reason("units and conversions are not supported: formulas are over plain numbers", 'remove "to" and the unit'),
  ],
  [
    "in",
    reason("units and conversions are not supported: formulas are over plain numbers", 'remove "in" and the unit'),
  ],
]);
