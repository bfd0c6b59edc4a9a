/** Special functions that a framework lacks, as functions of the module. */
import * as b from "../../ir/build.js";
import { variable } from "../../ir/build.js";
import { topological, variableOf, type Expr } from "../../ir/expr.js";
import { OPERATIONS, type OperationName } from "../../ir/ops.js";
import { splitSquare } from "../../symbolic/stable-rules.js";
import { createNames } from "../names.js";
import { call, type Spelling } from "../print.js";
import { tensorLines, type Dialect } from "./tensors.js";
import { documentation } from "./text.js";

type HelperName = "erfc" | "erfcx" | "sigmoid";

/** erfc as a Gaussian, without the error of the square, times the slowly varying erfcx. */
function tailOfGaussian(u: Expr): Expr {
  const a = b.min(b.abs(u), 2 ** 40);
  const tail = b.mul(splitSquare(a, b.constant(1)), b.erfcx(a));
  return b.select(b.lt(u, 0), b.sub(2, tail), tail);
}

const HELPERS: Readonly<Record<HelperName, { readonly documentation: string; readonly lowering: (u: Expr) => Expr }>> =
  {
    erfc: { documentation: "erfc(u) = 1 - erf(u), with its own digits in the tail.", lowering: tailOfGaussian },
    sigmoid: { documentation: "1 / (1 + exp(-u)).", lowering: OPERATIONS.sigmoid.lowering! },
    erfcx: { documentation: "exp(u^2) * erfc(u) for u >= 0.", lowering: OPERATIONS.erfcx.lowering! },
  };

/** Calls of these functions, for operations that the framework does not have. */
export const HELPER_CALLS: Readonly<Record<HelperName, Spelling>> = {
  erfc: call("_erfc"),
  erfcx: call("_erfcx"),
  sigmoid: call("_sigmoid"),
};

/** Whether an operation is written as a call of such a function. */
export const isHelper = ({ op }: Expr, dialect: Dialect): boolean =>
  Object.values(HELPER_CALLS).some((spelling) => spelling === dialect.operations[op as keyof Dialect["operations"]]);

/** The functions that a text with calls needs, those of which they make use first. */
export function helperFunctions(
  uses: ReadonlySet<OperationName>,
  expand: (expr: Expr) => Expr,
  dialect: Dialect,
  tensorType: string | undefined,
): string[] {
  const used = new Set(uses);
  const written: string[] = [];
  for (const [op, row] of Object.entries(HELPERS) as [HelperName, (typeof HELPERS)[HelperName]][]) {
    if (!used.has(op) || dialect.operations[op] !== HELPER_CALLS[op]) continue;
    const place = variable("wildcard", "u");
    const body = expand(row.lowering(place));
    for (const node of topological([body])) used.add(node.op);
    const names = createNames(["x", "y"], []);
    names.bind(variableOf(place).name, "u");
    const { lines, result } = tensorLines(body, { dialect, names, tensors: new Set(["u"]), like: "u" });
    const types = tensorType === undefined ? ["u", ""] : [`u: ${tensorType}`, ` -> ${tensorType}`];
    written.push(
      [
        `def _${op}(${types[0]})${types[1]}:`,
        documentation([row.documentation], 4),
        ...lines.map((line) => `    ${line}`),
        `    return ${result}`,
      ].join("\n"),
    );
  }
  return written.reverse();
}
