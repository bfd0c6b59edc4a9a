/** Constructs of JavaScript with which no function of numbers can be read, each with a reason and a way out. */
import { WAITING } from "../interpreter/refusals.js";
import { reason, type Reason } from "../place.js";

export const MANY_ARGUMENTS = reason(
  "this function takes more arguments than are read",
  "give it fewer than a hundred",
);
export const LOOP = reason(
  "loops are not read: a function must be one expression of its arguments",
  "write out what the loop computes",
);
export const OBJECT = reason(
  "this creates an object, which is not read",
  "write the function with numbers and Math alone",
);

export const ARRAY = reason(
  "arrays are not read: an activation is a function of one number",
  "write the function for one element",
);
export const TEXT = reason("text is not read: an activation works on numbers", "give each case a function of its own");
export const SWITCH = reason(
  'this "switch" goes on from one case into the next, or asks for what may change, which is not read',
  'end each case with "return" or "break", or write "if" and "else if"',
);
export const THIS = reason(
  '"this" is not read: its value depends on the call',
  "pass what the function needs as an argument",
);
export const REST = reason("a list of arguments is not read", "name each argument");
export const PATTERN = reason(
  "this pattern is not read",
  "destructure one level of named options, as in { alpha = 1 }",
);
export const IN_EXPRESSION = reason(
  "an assignment inside an expression is not read",
  "write the assignment as a statement of its own",
);
export const REASSIGNED = reason(
  "this is assigned to elsewhere in the file, so its value is not known",
  'declare it with "const"',
);
export const BARE_CALL = reason(
  "this is called for its effect, which is not read",
  "return a value instead, or move the effect elsewhere",
);

/** Operators that no function of real numbers is made of. */
export const OPERATOR_REASONS: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ["%", reason("remainders are not read: they jump", "write the function without them")],
  ...["&", "|", "^", "~", "<<", ">>", ">>>"].map(
    (operator) =>
      [
        operator,
        reason("bit operations are not read: formulas are over the reals", 'use "&&" and "||" for conditions'),
      ] as const,
  ),
]);

/** By the name of the syntax in TypeScript's parser. */
export const REASONS: ReadonlyMap<string, Reason> = new Map(
  (
    [
      ["ForStatement ForOfStatement ForInStatement WhileStatement DoStatement", LOOP],
      ["BreakStatement ContinueStatement LabeledStatement", LOOP],
      ["TryStatement", reason('"try" is not read', "leave out the handling of errors")],
      ["SpreadElement", ARRAY],
      ["TemplateExpression TaggedTemplateExpression", TEXT],
      ["RegularExpressionLiteral", TEXT],
      ["AwaitExpression YieldExpression", WAITING],
      ["BigIntLiteral", reason("big integers are not read", 'write a number without the "n"')],
      [
        "JsxElement JsxSelfClosingElement JsxFragment",
        reason("markup is not read", "write a function that returns a number"),
      ],
    ] as const
  ).flatMap(([names, why]) => names.split(" ").map((name) => [name, why] as const)),
);

export const UNKNOWN = reason("this is not read", "write the function with numbers, conditions, locals and Math alone");

export const DECORATED = reason("a decorator may change what this is", "write it without the decorator");
export const MAY_CHANGE = reason(
  "another part of the file may change this, so its value is not known",
  "use a constant that nothing assigns to, or Object.freeze",
);
export const TOO_EARLY = reason(
  "this is used before it is defined, or is defined by itself",
  "define it above, by something else",
);
export const BLOCK_FUNCTION = reason(
  "a function inside a block has this name, and whether it counts here depends on how the file is run",
  "give the inner function a name of its own",
);
export const CODE = reason(
  "this file makes code out of text, or looks names up in an object: what its names mean is known when it runs",
  'leave out "eval", "Function" and "with"',
);
export const PATCHED = reason(
  "this file may change what this global object holds",
  "leave the language's own objects as they are",
);
export const OUTER = reason(
  "this assigns to a variable outside the function, which is not read",
  "use a local variable",
);
export const MIXED = reason(
  'this is a truth for some inputs and a number for others, which "===" tells apart',
  'compare numbers, or use "=="',
);
export const DEFAULTS = reason(
  "where this argument is left out, the function and its derivative take different values",
  "give both the same default",
);
