/** Neighbouring steps over the same places become one: memory is passed over once. */
import type { Axis } from "../../ir/graph/tensor.js";
import { buffersRead, buffersWritten, type Buffer, type Kernel, type PlainStep } from "../../ir/kernel.js";

export function mergeSteps(steps: readonly PlainStep[], accesses: Kernel["accesses"]): readonly PlainStep[] {
  const merged: PlainStep[] = [];
  for (const step of steps) {
    // A step may move up past those that it has nothing to do with.
    let at = merged.length - 1;
    while (at >= 0 && !canMerge(merged[at]!, step) && areIndependent(merged[at]!, step, accesses)) at -= 1;
    const before = merged[at];
    if (before !== undefined && canMerge(before, step) && areIndependent(before, step, accesses))
      merged[at] = join(before, step);
    else merged.push(step);
  }
  return merged;
}

const sameAxes = (a: readonly Axis[], b: readonly Axis[]): boolean =>
  a.length === b.length && a.every(({ name }) => b.some((other) => other.name === name));

function canMerge(a: PlainStep, b: PlainStep): boolean {
  if (a.kind === "store" && b.kind === "store") return sameAxes(a.axes, b.axes);
  if (a.kind === "fold" && b.kind === "fold") return sameAxes(a.axes, b.axes) && sameAxes(a.over, b.over);
  return false;
}

function join(a: PlainStep, b: PlainStep): PlainStep {
  if (a.kind === "store" && b.kind === "store") return { ...a, stores: [...a.stores, ...b.stores] };
  if (a.kind === "fold" && b.kind === "fold") return { ...a, folds: [...a.folds, ...b.folds] };
  return a;
}

/** Neither reads or replaces what the other writes. */
function areIndependent(a: PlainStep, b: PlainStep, accesses: Kernel["accesses"]): boolean {
  const meet = (some: readonly Buffer[], others: readonly Buffer[]): boolean =>
    some.some((buffer) => others.includes(buffer));
  const [first, second] = [buffersWritten(a), buffersWritten(b)];
  return !meet(first, buffersRead(b, accesses)) && !meet(buffersRead(a, accesses), second) && !meet(first, second);
}
