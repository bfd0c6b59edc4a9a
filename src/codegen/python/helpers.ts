/** Special functions that a framework lacks, as functions of the module. */
import * as b from "../../ir/build.js";
import { variable } from "../../ir/build.js";
import { topological, variableOf, type Expr } from "../../ir/expr.js";
import { OPERATIONS, type OperationName } from "../../ir/ops.js";
import { splitSquare } from "../../symbolic/stable-rules.js";
import { createNames } from "../names.js";
import { call, type Spelling } from "../print.js";
import { inPython } from "./numbers.js";
import { tensorLines, type Dialect } from "./tensors.js";
import { documentation } from "./text.js";

type HelperName =
  "erfc" | "erfcx" | "ierfcx" | "i2erfcx" | "sinc" | "sphericalBessel1" | "sphericalBessel2" | "sigmoid";

const lowering = (op: HelperName): ((u: Expr) => Expr) => OPERATIONS[op].lowering!;
const nameOf = (op: HelperName): string => `_${op.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;

/** erfc as a Gaussian, without the error of the square, times the slowly varying erfcx. */
function tailOfGaussian(u: Expr): Expr {
  const a = b.min(b.abs(u), 2 ** 40);
  const tail = b.mul(splitSquare(a, b.constant(1)), b.erfcx(a));
  return b.select(b.lt(u, 0), b.sub(2, tail), tail);
}

const HELPERS: Readonly<Record<HelperName, { readonly documentation: string; readonly lowering: (u: Expr) => Expr }>> =
  {
    erfc: { documentation: "erfc(u) = 1 - erf(u), with its own digits in the tail.", lowering: tailOfGaussian },
    sigmoid: { documentation: "1 / (1 + exp(-u)).", lowering: lowering("sigmoid") },
    erfcx: { documentation: "exp(u^2) * erfc(u) for u >= 0.", lowering: lowering("erfcx") },
    ierfcx: { documentation: "1 / sqrt(pi) - u * erfcx(u) for u >= 0.", lowering: lowering("ierfcx") },
    i2erfcx: {
      documentation: "erfcx(u) / 4 - u * (1 / sqrt(pi) - u * erfcx(u)) / 2 for u >= 0.",
      lowering: lowering("i2erfcx"),
    },
    sinc: { documentation: "sin(u) / u, and 1 at 0.", lowering: lowering("sinc") },
    sphericalBessel1: {
      documentation: "(sin(u) / u - cos(u)) / u, and 0 at 0: near 0 by its series.",
      lowering: lowering("sphericalBessel1"),
    },
    sphericalBessel2: {
      documentation: "(3 * (sin(u) / u - cos(u)) / u - sin(u)) / u, and 0 at 0: near 0 by its series.",
      lowering: lowering("sphericalBessel2"),
    },
  };

/** The lines of the body of a function of `u`; `like`: the argument in whose type the result is. */
export function bodyLines(body: Expr, dialect: Dialect, like: "u" | "x"): readonly string[] {
  const names = createNames(["x", "y"], []);
  names.bind(variableOf(U).name, "u");
  const { lines, result } = tensorLines(body, { dialect, names, tensors: OF_U, like });
  return [...lines, `return ${result}`];
}

/** Calls of these functions, for operations that the framework does not have. */
export const HELPER_CALLS = Object.fromEntries(
  (Object.keys(HELPERS) as HelperName[]).map((op) => [op, call(nameOf(op))]),
) as Readonly<Record<HelperName, Spelling>>;

/** Of functions that no framework has. */
export const NOWHERE = (({ ierfcx, i2erfcx, sinc, sphericalBessel1, sphericalBessel2 }) => ({
  ierfcx,
  i2erfcx,
  sinc,
  sphericalBessel1,
  sphericalBessel2,
}))(HELPER_CALLS);

/** Whether an operation is written as a call of such a function. */
export const isHelper = ({ op }: Expr, dialect: Dialect): boolean =>
  Object.values(HELPER_CALLS).some((spelling) => spelling === dialect.operations[op as keyof Dialect["operations"]]);

/** A function of the module in `u`, with its body in what the framework writes. */
export interface Helper {
  readonly name: string;
  readonly documentation: string;
  readonly body: Expr;
}

const U = variable("wildcard", "u");
const OF_U: ReadonlySet<string> = new Set(["u"]);

/** The functions that calls need, those of which they make use first. */
export function helpersFor(
  uses: ReadonlySet<OperationName>,
  expand: (expr: Expr) => Expr,
  dialect: Dialect,
): readonly Helper[] {
  const used = new Set(uses);
  const found: Helper[] = [];
  for (const [op, row] of Object.entries(HELPERS) as [HelperName, (typeof HELPERS)[HelperName]][]) {
    if (!used.has(op) || dialect.operations[op] !== HELPER_CALLS[op]) continue;
    const body = inPython(expand(row.lowering(U)), OF_U);
    for (const node of topological([body])) used.add(node.op);
    found.push({ name: nameOf(op), documentation: row.documentation, body });
  }
  return found.reverse();
}

export function helperText(
  { name, documentation: about, body }: Helper,
  dialect: Dialect,
  tensorType: string | undefined,
): string {
  const types = tensorType === undefined ? ["u", ""] : [`u: ${tensorType}`, ` -> ${tensorType}`];
  return [
    `def ${name}(${types[0]})${types[1]}:`,
    documentation([about], 4),
    ...bodyLines(body, dialect, "u").map((line) => `    ${line}`),
  ].join("\n");
}
