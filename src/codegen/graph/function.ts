/** From the outputs of a graph to a function: jobs, groups, kernels, and what stands between them. */
import { variable } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import type { Output } from "../../ir/graph/definition.js";
import { position, type Integer } from "../../ir/graph/integer.js";
import { inputsOf, tensorsBelow, type Axis, type Input, type Tensor } from "../../ir/graph/tensor.js";
import {
  buffersWritten,
  plainSteps,
  type Access,
  type Buffer,
  type GraphFunction,
  type Kernel,
  type PlainStep,
} from "../../ir/kernel.js";
import { blocksOf } from "./blocks.js";
import { buffer } from "./buffers.js";
import type { Shift } from "./defer.js";
import { findJobs } from "./jobs.js";
import { MACHINES, type MachineName } from "./machine.js";
import { mergeSteps } from "./merge.js";
import { planParallel } from "./parallel.js";
import { partition } from "./partition.js";
import { kernelOf, nounOf } from "./steps.js";

export interface FunctionEntry {
  readonly name: string;
  readonly documentation: string;
  /** Lowered: in operations that the target writes. */
  readonly outputs: readonly Output[];
  /** The outputs that are skipped when callers leave them out. */
  readonly optional: ReadonlySet<string>;
  /** How the target writes the exponential that sweeps scale by. */
  readonly shift: Shift;
  /** The inputs of its signature, in order, whether or not they are needed. */
  readonly inputs?: readonly Input[];
  readonly machine: MachineName;
}

/** A sum over blocks, and the output where it ends. */
interface Total {
  readonly total: Buffer;
  readonly to: Buffer;
  readonly axes: readonly Axis[];
}

export function planFunction({
  name,
  documentation,
  outputs,
  optional,
  shift,
  inputs,
  machine: machineName,
}: FunctionEntry): GraphFunction {
  const machine = MACHINES[machineName];
  checkAxes(outputs);
  const given = inputs ?? inputsOf(outputs.map(({ tensor }) => tensor));
  const inputBuffers = new Map(given.map((input) => [input as Tensor, inputBuffer(input)]));
  const outputBuffers = new Map(outputs.map((output) => [output, outputBuffer(output, optional.has(output.name))]));
  const workspace: Buffer[] = [];
  const totals: Total[] = [];
  const counts = new Map<string, number>();
  /** `sum`, `sum2`, ... */
  const numbered = (noun: string): string => {
    const count = (counts.get(noun) ?? 0) + 1;
    counts.set(noun, count);
    return count === 1 ? noun : `${noun}${count}`;
  };
  const reserve = (noun: string, axes: readonly Axis[]): Buffer => {
    const reserved = buffer({ name: numbered(noun), role: "workspace", type: machine.between, axes });
    workspace.push(reserved);
    return reserved;
  };

  const storage = [...inputBuffers.values(), ...outputBuffers.values()].map(({ axes }) => axes);
  const order = [...new Set(storage.flatMap((axes) => axes.map((axis) => axis.name)))];
  const { groups, leaves } =
    machineName === "parallel" ? planParallel(outputs, shift) : planSequential(outputs, storage, machineName);
  const shared = new Map<Tensor, Buffer>();
  for (const [i, group] of groups.entries())
    for (const job of group.jobs) {
      const isSeen = groups.some(
        (other, j) => j > i && other.jobs.some(({ uses }) => uses.some(({ tensor }) => tensor === job.tensor)),
      );
      if (isSeen && job.kind !== "operand" && job.kind !== "output")
        shared.set(job.tensor, reserve(nounOf(job), job.tensor.axes));
    }

  const made = groups.map((group): Kernel =>
    kernelOf(
      group,
      leaves,
      {
        input: (tensor) => inputBuffers.get(tensor)!,
        output: (job) => outputBuffers.get(job.output!)!,
        workspace: (tensor) => shared.get(tensor),
        order,
        shift,
        machine,
        total: (job) => {
          const to = outputBuffers.get(job.output!)!;
          const known = totals.find((other) => other.to === to);
          if (known !== undefined) return known.total;
          const total = reserve("total", job.output!.axes);
          totals.push({ total, to, axes: job.output!.axes });
          return total;
        },
      },
      numbered,
    ),
  );
  const kernels = clearedOnce(made);
  return {
    name,
    documentation,
    inputs: [...inputBuffers.values()],
    outputs: [...outputBuffers.values()],
    workspace,
    kernels: totals.length === 0 ? kernels : [...kernels, copyKernel(totals, writtenBy(kernels))],
  };
}

function planSequential(outputs: readonly Output[], storage: readonly (readonly Axis[])[], machine: MachineName) {
  const { jobs, leaves } = findJobs(outputs, machine);
  return { leaves, groups: partition(jobs).map((group) => ({ jobs: group.jobs, blocks: blocksOf(group, storage) })) };
}

/** The kernels, where a buffer that several of them add to is set to 0 before the first of these alone. */
function clearedOnce(kernels: readonly Kernel[]): readonly Kernel[] {
  const begun = new Set<Buffer>();
  return kernels.map((kernel) => {
    const cleared = kernel.cleared.filter((buffer) => buffer.role === "tile" || !begun.has(buffer));
    for (const buffer of cleared) begun.add(buffer);
    return { ...kernel, cleared };
  });
}

const writtenBy = (kernels: readonly Kernel[]): ReadonlySet<Buffer> =>
  new Set(kernels.flatMap(({ steps }) => plainSteps(steps).flatMap(buffersWritten)));

/** Kernels tell axes apart by name, so in one function a name has one size. */
function checkAxes(outputs: readonly Output[]): void {
  const sizes = new Map<string, Integer>();
  for (const { axes } of tensorsBelow(outputs.map(({ tensor }) => tensor)))
    for (const { name, size } of axes) {
      const known = sizes.get(name) ?? size;
      if (known !== size) throw new RangeError(`the axis "${name}" has both the size ${known.text} and ${size.text}`);
      sizes.set(name, size);
    }
}

/**
 * A kernel that writes the float64 totals to their outputs, or adds them to what other terms of the output have left
 * there.
 */
function copyKernel(totals: readonly Total[], written: ReadonlySet<Buffer>): Kernel {
  const accesses = new Map<Expr, Access>();
  const steps = totals.map(({ total, to, axes }, i): PlainStep => {
    const place = variable("wildcard", `total ${i}`);
    const at = axes.map(position);
    accesses.set(place, { kind: "load", element: { buffer: total, at, guards: [] } });
    const accumulate = written.has(to);
    return { kind: "store", axes, stores: [{ value: place, to: { buffer: to, at, guards: [] }, accumulate }] };
  });
  return { blocks: [], tiles: [], cleared: [], accesses, steps: mergeSteps(steps, accesses) };
}

const inputBuffer = ({ name, type, axes, strides, absent, documentation }: Input): Buffer => ({
  ...buffer({ name, role: "input", type, axes, strides }),
  absent,
  optional: absent !== undefined,
  documentation,
});

const outputBuffer = ({ name, type, axes, strides, documentation }: Output, optional: boolean): Buffer => ({
  ...buffer({ name, role: "output", type, axes, strides }),
  optional,
  documentation,
});
