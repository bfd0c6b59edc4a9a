/** The merging of two branches into a choice between their values. */
import { and, not, or, select } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import { BRANCHES_DIFFER, PARTLY, SHARED } from "./unreadable.js";
import { choose as chooseNumber } from "../partial.js";
import { asNumber, isTruth, sharing, tensor, type Truth, type Value } from "./values.js";

const REFUSED: Value = { kind: "refused", reason: BRANCHES_DIFFER };

/** `condition ? yes : no` of numbers or of conditions. */
export function chooseContent(condition: Expr, yes: Expr, no: Expr): Expr {
  if (yes === no) return yes;
  if (isCondition(yes) && isCondition(no)) return or(and(condition, yes), and(not(condition), no));
  const [a, b] = [yes, no].map((side) => (isCondition(side) ? select(side, 1, 0) : side));
  return chooseNumber(condition, a!, b!);
}

/** `condition ? yes : no`; a value that is refused when it is used, where the two have nothing in common. */
export function choose(condition: Truth, yes: Value, no: Value): Value {
  if (condition.kind === "truth") return condition.value ? yes : no;
  if (yes === no || isSame(yes, no)) return yes;
  // Which of two lists is meant decides which one is changed later.
  if (yes.kind === "tuple" && no.kind === "tuple" && yes.list === undefined && no.list === undefined)
    if (yes.items.length !== no.items.length) return REFUSED;
    else return { kind: "tuple", items: yes.items.map((item, i) => choose(condition, item, no.items[i]!)) };
  if ([yes, no].some(({ kind }) => kind === "none" || kind === "refused")) return { kind: "refused", reason: PARTLY };
  if (isTruth(yes) && isTruth(no)) return chooseTruth(condition.expr, yes, no);
  if (yes.kind === "tensor" && no.kind === "tensor") {
    const [a, b] = [yes.memory, no.memory];
    if (a.mask !== b.mask || a.type !== b.type || isCondition(a.content) !== isCondition(b.content)) return REFUSED;
    const chosen = tensor(chooseContent(condition.expr, a.content, b.content), {
      single: a.single && b.single,
      ...(a.type !== undefined && { type: a.type }),
      ...(a.mask !== undefined && { mask: a.mask }),
    });
    return sharing(chosen, [yes, no], SHARED);
  }
  const [a, b] = [asNumber(yes), asNumber(no)];
  if (a === undefined || b === undefined) return REFUSED;
  const content = a === b ? a : chooseNumber(condition.expr, a, b);
  const whole = [yes, no].find((side) => side.kind === "tensor");
  return whole?.kind === "tensor"
    ? sharing(tensor(content, { single: whole.memory.single }), [whole], SHARED)
    : { kind: "number", expr: content };
}

function isSame(yes: Value, no: Value): boolean {
  if (yes.kind === "number" && no.kind === "number") return yes.expr === no.expr;
  if (yes.kind === "text" && no.kind === "text") return yes.text === no.text;
  if (yes.kind === "path" && no.kind === "path") return yes.path === no.path;
  if (yes.kind === "tensor" && no.kind === "tensor") return yes.memory === no.memory;
  return yes.kind === no.kind && (yes.kind === "none" || yes.kind === "plumbing");
}

function chooseTruth(condition: Expr, yes: Truth, no: Truth): Truth {
  const [p, q] = [yes, no].map((side) => (side.kind === "truth" ? side.value : side.expr)) as [
    Expr | boolean,
    Expr | boolean,
  ];
  if (p === q) return yes;
  const expr = ((): Expr => {
    if (p === true) return q === false ? condition : or(condition, q as Expr);
    if (q === false) return and(condition, p as Expr);
    if (p === false) return q === true ? not(condition) : and(not(condition), q as Expr);
    return q === true ? or(not(condition), p as Expr) : chooseContent(condition, p as Expr, q as Expr);
  })();
  return { kind: "condition", expr };
}
