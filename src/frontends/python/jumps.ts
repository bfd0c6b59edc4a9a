/** Functions that jump between whole numbers: they are read where what they are given is between 0.1 and 0.4, and not beyond. */
import { and, constant, decimal, lt } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { row, type Row } from "./rows.js";

const BETWEEN = [decimal("0.1"), decimal("0.4")] as const;
/** Their values there. */
const VALUES: Readonly<Record<string, number>> = { round: 0, rint: 0, floor: 0, trunc: 0, fix: 0, ceil: 1 };
const PATH = /^(?:torch|Tensor|numpy|tensorflow|tensorflow\.math)\.(\w+?)$/;

const ROWS: ReadonlyMap<string, Row> = new Map(
  Object.entries(VALUES).map(([name, value]) => [
    name,
    { ...row(`${name}(input)`, () => constant(value)), isJump: true },
  ]),
);

export const jumpOf = (path: string): Row | undefined => ROWS.get(PATH.exec(path)?.[1] ?? "");

/** Where a jump of this is one number. */
export const regionOf = (operand: Expr): Expr => and(lt(BETWEEN[0], operand), lt(operand, BETWEEN[1]));
