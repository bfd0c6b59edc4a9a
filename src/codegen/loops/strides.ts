/** How places move with a loop, and with it whether its passes can be side by side in a vector. */
import {
  allStatements,
  allValues,
  apply,
  valuesOf,
  whole,
  type Local,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import type { LoopOperationName } from "../../ir/loops/operations.js";
import { valueText } from "../../ir/loops/print.js";
import { elementOf } from "../../ir/loops/types.js";

export type For = Extract<Statement, { kind: "for" }>;

const isConstant = (value: Value, wanted: number): boolean => value.kind === "constant" && value.value === wanted;

/** By how much a whole number grows from one pass to the next; undefined where that is not the same everywhere. */
export function strideOf(value: Value, index: Local): Value | undefined {
  if (value.kind === "local") return whole(value.name === index.name ? 1 : 0);
  if (!allValues(value).some((part) => part.kind === "local" && part.name === index.name)) return whole(0);
  if (value.kind !== "apply" || (value.op !== "add" && value.op !== "mul")) return undefined;
  const [a, b] = value.args as [Value, Value];
  const [left, right] = [strideOf(a, index), strideOf(b, index)];
  if (left === undefined || right === undefined) return undefined;
  const [still, moving, factor] = isConstant(left, 0) ? [left, right, a] : [right, left, b];
  if (!isConstant(still, 0)) return undefined;
  if (value.op === "add" || isConstant(factor, 1)) return moving;
  return isConstant(moving, 1) ? factor : apply("mul", moving, factor);
}

/** The number with which a sum and a largest element begin: it changes nothing. */
export const NEUTRAL: { readonly [K in LoopOperationName]?: number } = { add: 0, max: -Infinity };

/** An accumulator, what is added to it in each pass, and how. */
export interface Accumulation {
  readonly local: Local;
  readonly op: LoopOperationName;
}

/** The accumulation that an assignment is: local = op(local, value). */
export function accumulationOf(statement: Statement): Accumulation | undefined {
  if (statement.kind !== "assign") return undefined;
  const { local, value } = statement;
  if (value.kind !== "apply" || NEUTRAL[value.op] === undefined) return undefined;
  const [to, added] = value.args as [Value, Value];
  const isAlone = to.kind === "local" && to.name === local.name && !uses(added, local);
  return isAlone ? { local, op: value.op } : undefined;
}

const uses = (value: Value, { name }: Local): boolean =>
  allValues(value).some((part) => part.kind === "local" && part.name === name);

/** Whether a local gets another value in the lanes that want it, and keeps its own in the others. */
const isChoice = (statement: Statement, own: ReadonlySet<string>): boolean =>
  statement.kind === "assign" &&
  own.has(statement.local.name) &&
  statement.value.kind === "apply" &&
  statement.value.op === "select" &&
  valueText(statement.value.args[1]!) === statement.local.name;

/**
 * The strides that have to be 1 for passes of a loop to be side by side; undefined where they cannot be: where places jump,
 * or a pass sees what another did.
 */
export function contiguousIf({ index, body }: For): readonly Value[] | undefined {
  const all = allStatements(body);
  const values = all.flatMap(valuesOf).flatMap(allValues);
  const own = new Set(all.flatMap((one) => (one.kind === "let" ? [one.local.name] : [])));
  const accumulators = all.map(accumulationOf).filter((one) => one !== undefined);
  const isSimple = all.every(
    (one) =>
      (one.kind === "store" && elementOf(one.type) !== "i32") ||
      one.kind === "if" ||
      (one.kind === "let" && elementOf(one.local.type) !== "i32") ||
      isChoice(one, own) ||
      accumulationOf(one) !== undefined,
  );
  const isRead = ({ local }: Accumulation): boolean =>
    values.filter((value) => value.kind === "local" && value.name === local.name).length > 1;
  if (!isSimple || accumulators.some(isRead)) return undefined;

  const stores = all.filter((one) => one.kind === "store");
  const loads = values.filter((value) => value.kind === "load");
  const isSeen = stores.some(({ array, index: at }) =>
    loads.some((one) => one.array === array && valueText(one.index) !== valueText(at)),
  );
  const written = stores.map((one) => strideOf(one.index, index));
  const read = loads.map((one) => strideOf(one.index, index));
  const counted = values.flatMap((value) =>
    value.kind === "apply" && value.op === "fromWhole" ? [strideOf(value.args[0]!, index)] : [],
  );
  /** A comparison of whole numbers has one result for all lanes. */
  const isSplit = values.some(
    (value) =>
      value.kind === "apply" &&
      value.type === "bool" &&
      value.args.some((arg) => {
        const stride = arg.type === "i32" ? strideOf(arg, index) : whole(0);
        return stride === undefined || !isConstant(stride, 0);
      }),
  );
  if (isSeen || isSplit || written.some((stride) => stride !== undefined && isConstant(stride, 0))) return undefined;
  const strides = [...written, ...read, ...counted].filter((stride) => stride === undefined || !isConstant(stride, 0));
  if (strides.some((stride) => stride === undefined || (stride.kind === "constant" && stride.value !== 1)))
    return undefined;
  const open = (strides as Value[]).filter((stride) => !isConstant(stride, 1));
  return [...new Map(open.map((stride) => [valueText(stride), stride])).values()];
}
