/** Types of elements: over the reals only truths and whole numbers are other than numbers. */
import type { Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import type { Rational } from "../../ir/rational.js";
import { select } from "../../ir/build.js";
import { Unfit } from "./rows.js";
import { reason } from "./unreadable.js";
import { asConditionExpr, type Value } from "./values.js";

const TRUNCATES = reason(
  "this cuts off the digits behind the point, so it jumps",
  "convert conditions to whole numbers, not numbers",
);

const lastName = (value: Value): string =>
  value.kind === "path" ? value.path.split(".").at(-1)! : value.kind === "text" ? value.text : "";

/** The elements as another type, which is one of the values if any. */
export function cast(content: Expr, types: readonly Value[]): Expr {
  const names = types.map(lastName);
  if (names.some((name) => /^(?:bool|BoolTensor)$/.test(name))) return asConditionExpr(content);
  const isOfNumbers = (type: Value): boolean =>
    type.kind === "plumbing" ? type.isType : type.kind === "tensor" && !isCondition(type.memory.content);
  const isNumber =
    types.some(isOfNumbers) ||
    names.some((name) => /^(?:float|bfloat|half|double|complex|floatx)\d*$|^(?:Float|Double|Half)Tensor$/.test(name));
  if (isCondition(content)) return isNumber || names.some(isWhole) ? select(content, 1, 0) : content;
  if (content.op === "rational" && (content.payload as Rational).denominator === 1n) return content;
  if (names.some(isWhole)) throw new Unfit(TRUNCATES, undefined);
  return content;
}

/** Whether one of the types is of whole numbers. */
export const hasWhole = (types: readonly Value[]): boolean => types.map(lastName).some(isWhole);

const isWhole = (name: string): boolean => /^u?int\d*$|^(?:long|short|byte|char)$|^(?:Int|Long)Tensor$/.test(name);
