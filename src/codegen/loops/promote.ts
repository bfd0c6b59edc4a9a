/** Scalar promotion: a sum that a loop adds to at one and the same place of an array is kept in a local meanwhile. */
import {
  arraysRead,
  arraysWritten,
  assign,
  letBe,
  load,
  local,
  store,
  withBodies,
  type LoopFunction,
  type Statement,
} from "../../ir/loops/loops.js";
import { valueText } from "../../ir/loops/print.js";
import { freshNames, type Fresh } from "./expressions.js";
import { changesIn, dependsOn, namesIn } from "./hoist.js";

type Store = Extract<Statement, { kind: "store" }>;
type For = Extract<Statement, { kind: "for" }>;

export function promote(loop: LoopFunction): LoopFunction {
  const fresh = freshNames(namesIn(loop));
  return { ...loop, body: loop.body.flatMap((statement) => promoted(statement, fresh)) };
}

function promoted(statement: Statement, fresh: Fresh): Statement[] {
  const inner = withBodies(statement, (body) => body.flatMap((one) => promoted(one, fresh)));
  if (inner.kind !== "for") return [inner];
  const sums = inner.body.filter((one): one is Store => isSum(one, inner));
  if (sums.length === 0) return [inner];
  const totals = new Map(sums.map((one) => [one, local("f64", fresh("sum"))] as const));
  const body = inner.body.map((one): Statement => {
    const total = totals.get(one as Store);
    if (total === undefined) return one;
    const { value } = one as Store;
    return assign(total, value.kind === "apply" ? { ...value, args: [total, value.args[1]!] } : value);
  });
  return [
    ...[...totals].map(([{ array, index }, total]) => letBe(total, load("f64", array, index))),
    { ...inner, body },
    ...[...totals].map(([{ array, index }, total]) => store(array, index, total)),
  ];
}

/** array[place] = array[place] + value, the place the same in every pass, and the array seen by nothing else in the loop. */
function isSum(statement: Statement, loop: For): boolean {
  if (statement.kind !== "store" || statement.type !== "f64" || dependsOn(statement.index, changesIn([loop])))
    return false;
  const { array, index, value } = statement;
  const isAdded =
    value.kind === "apply" && value.op === "add" && valueText(value.args[0]!) === valueText(load("f64", array, index));
  const isOnce = (arrays: readonly string[]): boolean => arrays.filter((one) => one === array).length === 1;
  return isAdded && isOnce(arraysWritten(loop.body)) && isOnce(arraysRead(loop.body));
}
