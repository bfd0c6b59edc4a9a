/** Neighbouring steps over the same places become one: memory is passed over once. */
import { variables, type Expr } from "../../ir/expr.js";
import type { Axis } from "../../ir/graph/tensor.js";
import type { Access, Buffer, PlainStep } from "../../ir/kernel.js";

export function mergeSteps(steps: readonly PlainStep[], accesses: ReadonlyMap<Expr, Access>): readonly PlainStep[] {
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
  if (a.kind === "fold" && b.kind === "fold")
    return (
      sameAxes(a.axes, b.axes) &&
      sameAxes(a.over, b.over) &&
      [a, b].every(({ folds }) => folds.every(({ how }) => how !== "threshold"))
    );
  return false;
}

function join(a: PlainStep, b: PlainStep): PlainStep {
  if (a.kind === "store" && b.kind === "store") return { ...a, stores: [...a.stores, ...b.stores] };
  if (a.kind === "fold" && b.kind === "fold") return { ...a, folds: [...a.folds, ...b.folds] };
  return a;
}

/** Neither reads or replaces what the other writes; what both only add to may be in either order. */
function areIndependent(a: PlainStep, b: PlainStep, accesses: ReadonlyMap<Expr, Access>): boolean {
  const [first, second] = [effects(a, accesses), effects(b, accesses)];
  const meet = (x: ReadonlySet<Buffer>, y: ReadonlySet<Buffer>): boolean => [...x].some((buffer) => y.has(buffer));
  return !meet(first.writes, second.reads) && !meet(first.reads, second.writes) && !meet(first.writes, second.writes);
}

function effects(step: PlainStep, accesses: ReadonlyMap<Expr, Access>): { reads: Set<Buffer>; writes: Set<Buffer> } {
  if (step.kind === "contract")
    return { reads: new Set([step.left.buffer, step.right.buffer]), writes: new Set([step.to.buffer]) };
  const parts = step.kind === "store" ? step.stores : step.folds;
  const reads = new Set<Buffer>();
  for (const { value } of parts)
    for (const place of variables(value)) {
      const access = accesses.get(place);
      if (access?.kind === "load") reads.add(access.element.buffer);
    }
  return { reads, writes: new Set(parts.map(({ to }) => to.buffer)) };
}
