/** How JavaScript writes operations in loops, where a mispredicted jump costs more than computing both sides. */
import { SELECT, operations, scalarSpelling, writeBlock } from "../../codegen/javascript/spelling.js";
import type { Naming } from "../../codegen/names.js";
import { call, infix, type Spelling } from "../../codegen/print.js";
import type { Block } from "../../codegen/schedule.js";
import { constant } from "../../ir/build.js";
import { leafValue } from "../../ir/evaluate.js";
import type { Expr } from "../../ir/expr.js";

export { numberText } from "../../codegen/javascript/spelling.js";
export { operations };

/** A branch between 1 and 0 as a number, so that V8 does not jump. */
const STEP: Spelling = { precedence: 6, operands: [7, 0, 0], write: (c) => `(${c}) | 0` };
const isStep = (expr: Expr): boolean =>
  expr.op === "select" && expr.args[1] === constant(1) && expr.args[2] === constant(0);

/** Inputs of an activation are rarely beyond this, so that a comparison with more is always predicted. */
const FAR = 20;
const isPredictable = ({ op, args: [a, b] }: Expr): boolean =>
  (op === "eq" && a === b) || [a, b].some((side) => side?.op === "rational" && Math.abs(leafValue(side)) >= FAR);

const CHOOSE = call("choose");
const AND_WITHOUT_JUMP = infix("&", 8);
const OR_WITHOUT_JUMP = infix("|", 6);

/** Jumps that go either way cost a loop more than computing both sides; `isSteady` says which conditions hardly change. */
function loopSpelling(expr: Expr, isSteady: (condition: Expr) => boolean): Spelling {
  if (expr.op === "select" && isSteady(expr.args[0]!)) return SELECT;
  if (expr.op === "and") return AND_WITHOUT_JUMP;
  if (expr.op === "or") return OR_WITHOUT_JUMP;
  if (isStep(expr)) return STEP;
  return expr.op === "select" && !isPredictable(expr.args[0]!) ? CHOOSE : scalarSpelling(expr);
}

/** Lines of a loop's body; `sink` writes the results. */
export const writeLoopBlock = (
  block: Block,
  names: Naming,
  sink: (results: readonly string[]) => string,
  isSteady: (condition: Expr) => boolean = () => false,
): string[] => writeBlock(block, names, sink, (expr) => loopSpelling(expr, isSteady));
