/** The claims in a person's own file of Python. */
import { call, type Spelling } from "../../codegen/print.js";
import { ARITHMETIC, LOGIC } from "../../codegen/python/tensors.js";
import { numberText } from "../../codegen/python/text.js";
import { Diagnostic } from "../../diagnostic.js";
import type { PythonPair } from "../../frontends/python/gradients.js";
import type { SourceProblem } from "../../frontends/problems.js";
import { constant } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import type { OperationName } from "../../ir/ops.js";
import { ofDefaults, otherwiseOf, sentences, type Claim } from "./claim.js";
import { linesIn, type Language } from "./notation.js";
import { pythonModule } from "./project.js";

export interface PythonClaims {
  readonly claims: readonly Claim[];
  readonly problems: readonly SourceProblem[];
}

/** The classes and functions in a file that have gradients of their own. */
export async function claimsOfPython(text: string, file: string): Promise<PythonClaims> {
  const { readPython } = await import("../../frontends/python/pairs.js");
  const { pairs, problems, definitions } = await readPython(text, file, (name) => pythonModule(file, name));
  if (pairs.length + problems.length === 0) throw noPairs(definitions);
  return { claims: pairs.map(claimOfPair), problems };
}

const noPairs = (definitions: number): Diagnostic =>
  new Diagnostic(
    definitions === 0
      ? "there is no class and no function in it"
      : `there is no gradient to prove among its ${definitions === 1 ? "only definition" : `${definitions} definitions`}`,
    {
      hint:
        "read are classes of torch.autograd.Function with forward and backward, functions with tf.custom_gradient, " +
        "and functions or methods such as elu and elu_derivative, by their names",
    },
  );

type Spellings = { readonly [K in OperationName]?: Spelling };
const under = (module: string, names: readonly OperationName[]): Spellings =>
  Object.fromEntries(names.map((name) => [name, call(`${module}.${name}`)]));

/** By the same names in both. */
const COMMON: readonly OperationName[] = [
  "sqrt",
  "atan",
  "asinh",
  "acosh",
  "atanh",
  "abs",
  "sign",
  "exp",
  "sin",
  "cos",
  "sinh",
  "cosh",
  "tanh",
  "sigmoid",
];

const languageOf = (spellings: Spellings): Language => ({
  spellings: { ...ARITHMETIC, ...LOGIC, ...spellings },
  overrides: {},
  number: numberText,
  define: (name, text) => `${name} = ${text}`,
});

const LANGUAGES: Readonly<Record<PythonPair["flavour"], Language>> = {
  torch: languageOf({
    ...under("torch", [...COMMON, "expm1", "log", "log1p", "log2", "log10", "erf", "erfc"]),
    erfcx: call("torch.special.erfcx"),
    softplus: call("F.softplus"),
    max: call("torch.maximum"),
    min: call("torch.minimum"),
    select: call("torch.where"),
  }),
  tensorflow: languageOf({
    ...under("tf", COMMON),
    ...under("tf.math", ["expm1", "log", "log1p", "erf", "erfc", "softplus"]),
    max: call("tf.maximum"),
    min: call("tf.minimum"),
    select: call("tf.where"),
  }),
  triton: languageOf({
    ...under("tl", ["sqrt", "abs", "exp", "log", "sin", "cos", "sigmoid", "erf"]),
    ...under("libdevice", [
      "tanh",
      "log1p",
      "expm1",
      "atan",
      "asinh",
      "acosh",
      "atanh",
      "sinh",
      "cosh",
      "erfc",
      "erfcx",
    ]),
    max: call("tl.maximum"),
    min: call("tl.minimum"),
    select: call("tl.where"),
  }),
  numpy: languageOf({
    ...under("np", [...COMMON.filter((name) => name !== "sigmoid"), "expm1", "log", "log1p", "log2", "log10"]),
    ...under("scipy.special", ["erf", "erfc", "erfcx"]),
    max: call("np.maximum"),
    min: call("np.minimum"),
    select: call("np.where"),
  }),
};

/** The gradient from above times 1 is that gradient. */
const withoutOne = (expr: Expr): Expr => (expr.op === "mul" && expr.args[1] === constant(1) ? expr.args[0]! : expr);

function claimOfPair(pair: PythonPair): Claim {
  const { name, derivativeName, place, formula, claim, variable, by, notes, names, flavour } = pair;
  const { file, line, column } = place;
  const conditions = notes.length === 0 ? "" : ` with ${notes.join(", ")}`;
  const said = sentences(derivativeName, name + (by === undefined ? "" : ` by ${by}`) + conditions, 1);
  const goal = { formula, claim, order: 1, ...(variable !== undefined && { variable }) };
  const usually = ofDefaults(goal, pair);
  return {
    place: `${file}:${line}:${column}`,
    ...said,
    goal,
    ...otherwiseOf(goal, pair, said),
    ...(usually !== undefined && { usually }),
    hasTies: true,
    names,
    ...(pair.gradients !== undefined && { gradients: pair.gradients }),
    ...(pair.isSurrogate && { isSurrogate: true }),
    ...(pair.part !== undefined && { part: pair.part }),
    ...(pair.guess !== undefined && { guess: pair.guess }),
    write: (expr) => linesIn(LANGUAGES[flavour], withoutOne(expr), names),
    kinks: [],
    label: {
      file,
      line,
      column,
      function: name,
      derivative: derivativeName,
      order: 1,
      ...(by !== undefined && { by }),
      ...(notes.length > 0 && { with: notes }),
    },
  };
}
