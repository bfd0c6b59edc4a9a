/** The choice between the values that two branches leave. */
import type { Expr } from "../../ir/expr.js";
import { BRANCHES_DIFFER, PARTLY } from "../interpreter/refusals.js";
import { createChoiceOfTruths } from "../interpreter/truth.js";
import { choose } from "../partial.js";
import { asNumber, isTruth, type Value } from "./values.js";

const PARTIAL_KINDS: ReadonlySet<Value["kind"]> = new Set(["nothing", "null", "refused", "foreign"] as const);

/** `condition ? yes : no`; a value that is refused when it is used, where the two have nothing in common. */
export function createChoice(): (condition: Expr, yes: Value, no: Value) => Value {
  const chooseTruth = createChoiceOfTruths();
  return (condition, yes, no) => {
    if ([yes, no].some(({ kind }) => PARTIAL_KINDS.has(kind)))
      return yes.kind === no.kind && yes.kind !== "refused" ? yes : { kind: "refused", reason: PARTLY };
    if (isTruth(yes) && isTruth(no)) return chooseTruth(condition, yes, no);
    const [a, b] = [asNumber(yes), asNumber(no)];
    if (a === undefined || b === undefined) return { kind: "refused", reason: BRANCHES_DIFFER };
    const isMixed = [yes, no].some((side) => isTruth(side) || (side.kind === "number" && side.isMixed === true));
    return { kind: "number", expr: a === b ? a : choose(condition, a, b), isMixed };
  };
}
