/** The cost of a plan, counted: kernels, passes over memory, operations, and the bytes that are saved for backward. */
import { constantInteger, plus, times, type Integer } from "../../ir/graph/integer.js";
import { has, type Axis } from "../../ir/graph/tensor.js";
import { topological, type Expr } from "../../ir/expr.js";
import {
  buffersRead,
  buffersWritten,
  loadsOf,
  plainSteps,
  type Buffer,
  type GraphFunction,
  type Kernel,
  type PlainStep,
  type Step,
} from "../../ir/kernel.js";
import type { GraphPlan } from "../target.js";

export interface FunctionReport {
  readonly name: string;
  readonly kernels: readonly KernelReport[];
  /** Elements of workspace between kernels; tiles are not counted, they stay in the cache. */
  readonly workspace: Integer;
}

export interface KernelReport {
  /** How it is divided: `64 rows at a time`. */
  readonly blocks: readonly string[];
  readonly steps: readonly string[];
  /** For each input, output and workspace: how many steps pass over it. */
  readonly reads: Readonly<Record<string, number>>;
  readonly writes: Readonly<Record<string, number>>;
  /** Multiplications and additions of products, and operations of expressions, in terms of the sizes. */
  readonly operations: Integer;
}

export interface PlanReport {
  readonly functions: readonly FunctionReport[];
  /** The tensors that forward writes for backward alone, with their sizes in bytes. */
  readonly saved: readonly { readonly name: string; readonly bytes: Integer }[];
}

export function reportOf({ functions }: GraphPlan): PlanReport {
  const forward = functions.find(({ name }) => name === "forward");
  return {
    functions: functions.map(functionReport),
    saved: (forward?.outputs ?? [])
      .filter(({ optional }) => optional)
      .map(({ name, length }) => ({ name, bytes: times(4, length) })),
  };
}

const functionReport = ({ name, kernels, workspace }: GraphFunction): FunctionReport => ({
  name,
  kernels: kernels.map(kernelReport),
  workspace: workspace.reduce((sum, { length }) => plus(sum, length), constantInteger(0)),
});

function kernelReport(kernel: Kernel): KernelReport {
  const reads: Record<string, number> = {};
  const writes: Record<string, number> = {};
  const count = (into: Record<string, number>, buffers: Iterable<Buffer>): void => {
    for (const { name, role } of new Set(buffers)) if (role !== "tile") into[name] = (into[name] ?? 0) + 1;
  };
  const steps = plainSteps(kernel.steps);
  for (const step of steps) {
    count(reads, buffersRead(step, kernel.accesses));
    count(writes, buffersWritten(step));
  }
  return {
    blocks: kernel.blocks.map(({ axis, elements, along }) =>
      elements === 1
        ? `each of ${axis.name}`
        : `${elements} ${[axis.name, ...along.map(({ name }) => name)].join(" x ")} at a time`,
    ),
    steps: kernel.steps.flatMap((step) => stepTexts(step, kernel)),
    reads,
    writes,
    operations: steps.reduce((sum, step) => plus(sum, operationsOf(step, kernel)), constantInteger(0)),
  };
}

const named = (axes: readonly Axis[]): string => axes.map(({ name }) => name).join(" x ");

/** The steps of a sweep stand below it. */
const stepTexts = (step: Step, kernel: Kernel): string[] =>
  step.kind === "sweep"
    ? [
        `for ${step.block.elements} of ${step.block.axis.name} after the other`,
        ...plainSteps(step.steps).map((inner) => `  ${stepText(inner, kernel)}`),
      ]
    : [stepText(step, kernel)];

/** Such as `y = f(part1, bias)`: what is written, and from what. */
function stepText(step: PlainStep, kernel: Kernel): string {
  const assign = (accumulate: boolean): string => (accumulate ? "+=" : "=");
  if (step.kind === "contract") {
    const { to, left, right, accumulate } = step;
    return `${to.buffer.name} ${assign(accumulate)} ${left.buffer.name} · ${right.buffer.name} over ${named(step.inner)}`;
  }
  const from = (value: Expr): string => {
    const read = loadsOf(value, kernel.accesses).map(({ name }) => name);
    return read.length === 0 && value.closed ? "a constant" : `f(${[...new Set(read)].join(", ")})`;
  };
  if (step.kind === "store")
    return step.stores
      .map(({ to, value, accumulate }) => `${to.buffer.name} ${assign(accumulate)} ${from(value)}`)
      .join(", ");
  return step.folds
    .map(
      ({ how, to, value, accumulate }) =>
        `${to.buffer.name} ${assign(accumulate)} ${how} of ${from(value)} over ${named(step.over)}`,
    )
    .join(", ");
}

/** Elements times what is computed for each. */
function operationsOf(step: PlainStep, kernel: Kernel): Integer {
  const blocked = kernel.blocks.map(({ axis }) => axis);
  const loops =
    step.kind === "contract"
      ? [...step.outer, ...step.rows, ...step.columns, ...step.inner]
      : step.kind === "fold"
        ? [...step.axes, ...step.over]
        : step.axes;
  const all = [...blocked.filter(({ name }) => !has(loops, name)), ...loops];
  const elements = all.reduce((product, { size }) => times(product, size), constantInteger(1));
  if (step.kind === "contract") return times(2, elements);
  const parts = step.kind === "store" ? step.stores : step.folds;
  const each = topological(parts.map(({ value }) => value)).filter(({ args }) => args.length > 0).length;
  return times(Math.max(1, each + (step.kind === "fold" ? parts.length : 0)), elements);
}
