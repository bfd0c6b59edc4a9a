/**
 * Strength reduction in float64, for results in float32: a quotient by what is the same in every pass of a loop is a product with its
 * reciprocal, which is computed once. Sums and roots of float32 numbers have a reciprocal that float64 can hold.
 */
import {
  allStatements,
  apply,
  constantOf,
  withBodies,
  withOperands,
  withValues,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { changesIn, dependsOn } from "./hoist.js";

type For = Extract<Statement, { kind: "for" }>;

export const withReciprocals = (loop: LoopFunction): LoopFunction => ({ ...loop, body: loop.body.map(reduced) });

function reduced(statement: Statement): Statement {
  if (statement.kind === "for" && !allStatements(statement.body).some(({ kind }) => kind === "for"))
    return inLoop(statement);
  return withBodies(statement, (body) => body.map(reduced));
}

function inLoop(loop: For): Statement {
  const changes = changesIn([loop]);
  const inValue = (value: Value): Value => {
    const within = withOperands(value, inValue);
    if (within.kind !== "apply" || within.op !== "div" || within.type !== "f64") return within;
    const [a, b] = within.args as [Value, Value];
    if (b.kind === "constant" || dependsOn(b, changes) || !dependsOn(a, changes)) return within;
    const [factor, rest] =
      a.kind === "apply" && a.op === "mul" ? (a.args as [Value, Value]) : [constantOf("f64", 1), a];
    return factor.kind === "constant"
      ? apply("mul", rest, apply("div", factor, b))
      : apply("mul", a, apply("div", constantOf("f64", 1), b));
  };
  const inStatement = (statement: Statement): Statement =>
    withBodies(withValues(statement, inValue), (body) => body.map(inStatement));
  return { ...loop, body: loop.body.map(inStatement) };
}
