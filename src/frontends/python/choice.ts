/** The choice between the values that two branches leave. */
import type { Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import { BRANCHES_DIFFER, PARTLY } from "../interpreter/refusals.js";
import { chooseContent, createChoiceOfTruths } from "../interpreter/truth.js";
import { choose as chooseNumber } from "../partial.js";
import { SHARED } from "./unreadable.js";
import { asNumber, isTruth, sharing, tensor, type Value } from "./values.js";

const REFUSED: Value = { kind: "refused", reason: BRANCHES_DIFFER };

/** `condition ? yes : no`; a value that is refused when it is used, where the two have nothing in common. */
export function createChoice(): (condition: Expr, yes: Value, no: Value) => Value {
  const chooseTruth = createChoiceOfTruths();
  const choose = (condition: Expr, yes: Value, no: Value): Value => {
    if (isSame(yes, no)) return yes;
    // Which of two lists is meant decides which one is changed later.
    if (yes.kind === "tuple" && no.kind === "tuple" && yes.list === undefined && no.list === undefined)
      if (yes.items.length !== no.items.length) return REFUSED;
      else return { kind: "tuple", items: yes.items.map((item, i) => choose(condition, item, no.items[i]!)) };
    if ([yes, no].some(({ kind }) => kind === "none" || kind === "refused")) return { kind: "refused", reason: PARTLY };
    if (isTruth(yes) && isTruth(no)) return chooseTruth(condition, yes, no);
    if (yes.kind === "tensor" && no.kind === "tensor") {
      const [a, b] = [yes.memory, no.memory];
      if (a.mask !== b.mask || a.type !== b.type || isCondition(a.content) !== isCondition(b.content)) return REFUSED;
      const chosen = tensor(chooseContent(condition, a.content, b.content), {
        single: a.single && b.single,
        ...(a.type !== undefined && { type: a.type }),
        ...(a.mask !== undefined && { mask: a.mask }),
      });
      return sharing(chosen, [yes, no], SHARED);
    }
    const [a, b] = [asNumber(yes), asNumber(no)];
    if (a === undefined || b === undefined) return REFUSED;
    const content = a === b ? a : chooseNumber(condition, a, b);
    const whole = [yes, no].find((side) => side.kind === "tensor");
    return whole?.kind === "tensor"
      ? sharing(tensor(content, { single: whole.memory.single }), [whole], SHARED)
      : { kind: "number", expr: content };
  };
  return choose;
}

function isSame(yes: Value, no: Value): boolean {
  if (yes === no) return true;
  if (yes.kind === "number" && no.kind === "number") return yes.expr === no.expr;
  if (yes.kind === "text" && no.kind === "text") return yes.text === no.text;
  if (yes.kind === "path" && no.kind === "path") return yes.path === no.path;
  if (yes.kind === "tensor" && no.kind === "tensor") return yes.memory === no.memory;
  return yes.kind === no.kind && (yes.kind === "none" || yes.kind === "plumbing");
}
