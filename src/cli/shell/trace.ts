/** Expressions as numbered lines, one per shared node: their size is that of the DAG, however large the tree. */
import { topological, variableOf, type Expr } from "../../ir/expr.js";

/** The expressions after a step of the compiler. */
export function renderStep(step: string, expressions: Readonly<Record<string, Expr>>): string {
  const lines = Object.entries(expressions).flatMap(([name, expr]) => [`  ${name}`, ...render(expr)]);
  return [step, ...lines, ""].join("\n");
}

function render(root: Expr): string[] {
  const names = new Map<Expr, string>();
  const lines: string[] = [];
  for (const expr of topological([root])) {
    if (expr.args.length === 0) {
      names.set(expr, leafText(expr));
      continue;
    }
    names.set(expr, `t${lines.length + 1}`);
    lines.push(`    ${names.get(expr)} = ${expr.op}(${expr.args.map((arg) => names.get(arg)).join(", ")})`);
  }
  return lines.length === 0 ? [`    ${names.get(root)}`] : lines;
}

function leafText(expr: Expr): string {
  const { payload } = expr;
  if (expr.op === "variable") return variableOf(expr).name;
  if (typeof payload === "number") return Object.is(payload, -0) ? "-0" : String(payload);
  if (typeof payload === "string") return payload;
  if (payload !== undefined && "numerator" in payload)
    return payload.denominator === 1n ? String(payload.numerator) : `${payload.numerator}/${payload.denominator}`;
  return expr.op;
}
