/** Loop-invariant code motion: what is the same in every pass of a loop is computed before it, from the inside outwards. */
import {
  allStatements,
  allValues,
  apply,
  arraysWritten,
  letBe,
  local,
  whole,
  withBodies,
  withOperands,
  withValues,
  type Local,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { valueText } from "../../ir/loops/print.js";
import { elementOf } from "../../ir/loops/types.js";
import { freshNames, type Fresh } from "./expressions.js";

/** The names of a function: of what it is given and of its locals. */
export const namesIn = ({ arrays, numbers, body }: LoopFunction): string[] => [
  ...[...arrays, ...numbers].map(({ name }) => name),
  ...allStatements(body).flatMap((one) =>
    one.kind === "let" ? [one.local.name] : one.kind === "for" ? [one.index.name] : [],
  ),
];

/** The locals that statements give other values, and the arrays. */
export interface Changes {
  readonly locals: ReadonlySet<string>;
  readonly arrays: ReadonlySet<string>;
}

export function changesIn(statements: readonly Statement[]): Changes {
  const all = allStatements(statements);
  return {
    locals: new Set(
      all.flatMap((one) =>
        one.kind === "let" || one.kind === "assign" ? [one.local.name] : one.kind === "for" ? [one.index.name] : [],
      ),
    ),
    arrays: new Set(arraysWritten(statements)),
  };
}

/** Whether a value may be another after some changes. */
export const dependsOn = (value: Value, { locals, arrays }: Changes): boolean =>
  allValues(value).some(
    (part) => (part.kind === "local" && locals.has(part.name)) || (part.kind === "load" && arrays.has(part.array)),
  );

/** A value for lines that run where a loop does not: a division of whole numbers by 0, which would trap, is one by 1. */
function withoutTraps(value: Value): Value {
  const within = withOperands(value, withoutTraps);
  if (within.kind !== "apply" || (within.op !== "quotient" && within.op !== "remainder")) return within;
  const [dividend, divisor] = within.args as [Value, Value];
  if (divisor.kind === "constant") return within;
  return apply(within.op, dividend, apply("select", apply("eq", divisor, whole(0)), whole(1), divisor));
}
const hasLoad = (value: Value): boolean => allValues(value).some(({ kind }) => kind === "load");

const isLeaf = ({ kind }: Value): boolean => kind === "local" || kind === "constant" || kind === "numbered";

export function hoist(loop: LoopFunction): LoopFunction {
  const fresh = freshNames(namesIn(loop));
  return { ...loop, body: loop.body.flatMap((statement) => outOf(statement, fresh)) };
}

/** A statement, behind what comes out of it. */
function outOf(statement: Statement, fresh: Fresh): Statement[] {
  const inner = withBodies(statement, (body) => body.flatMap((one) => outOf(one, fresh)));
  return inner.kind === "for" || inner.kind === "while" ? motion(inner, fresh) : [inner];
}

function motion(loop: Extract<Statement, { kind: "for" | "while" }>, fresh: Fresh): Statement[] {
  const { locals, arrays } = changesIn([loop]);
  const inside = { locals: new Set(locals), arrays };
  const assigned = new Set(allStatements(loop.body).flatMap((one) => (one.kind === "assign" ? [one.local.name] : [])));
  const before: Statement[] = [];
  const known = new Map<string, Local>();
  const isSame = (value: Value): boolean => !isLeaf(value) && !dependsOn(value, inside);
  /** A place under a condition may be none where that does not hold. */
  const lifted = (value: Value, isCertain: boolean): Value => {
    if (!isSame(value) || (!isCertain && hasLoad(value)))
      return withOperands(value, (operand) => lifted(operand, isCertain));
    const text = valueText(value);
    let to = known.get(text);
    if (to === undefined) {
      to = local(value.type, fresh(elementOf(value.type) === "i32" ? "at" : "same"));
      known.set(text, to);
      before.push(letBe(to, withoutTraps(value)));
    }
    return to;
  };
  const visit = (statement: Statement, isCertain: boolean): Statement[] => {
    if (statement.kind === "let" && isCertain && isSame(statement.value) && !assigned.has(statement.local.name)) {
      before.push(letBe(statement.local, withoutTraps(statement.value)));
      inside.locals.delete(statement.local.name);
      return [];
    }
    const changed = withValues(statement, (value) => lifted(value, isCertain));
    if (changed.kind !== "if") return [changed];
    return [withBodies(changed, (body) => body.flatMap((one) => visit(one, false)))];
  };
  const body = loop.body.flatMap((one) => visit(one, true));
  return [...before, { ...loop, body }];
}
