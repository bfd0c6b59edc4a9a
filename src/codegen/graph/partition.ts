/**
 * Which jobs run together, block by block, so that what one leaves for the next never leaves the cache.
 *
 * A kernel's block axes are those along which all of its jobs are independent. A job joins a kernel when what stands
 * between them is at most a row for each place along the block axes - a row fits in the cache, a matrix may not - and when
 * only such axes stop being block axes that are reduced on the way.
 */
import { position } from "../../ir/graph/integer.js";
import { has, type Axis, type Scatter, type Tensor } from "../../ir/graph/tensor.js";
import type { Job } from "./jobs.js";

export interface Group {
  readonly jobs: readonly Job[];
  /** The axes along which the jobs are independent, outermost first. */
  readonly blockAxes: readonly Axis[];
}

/** The jobs in groups, each after those that it needs. */
export function partition(jobs: readonly Job[]): readonly Group[] {
  const byTensor = new Map<Tensor, Job>();
  for (const job of jobs) if (job.kind !== "output") byTensor.set(job.tensor, job);
  const groups: Group[] = [];
  /** In which group a tensor is computed that other groups can see. */
  const home = new Map<Tensor, number>();

  for (const job of jobs) {
    if (job.kind === "operand") continue;
    const needed = (members: readonly Job[]): Job[] => [...operandsOf(job, byTensor, members), job];
    const first = Math.max(0, ...dependencies(job, byTensor).map((tensor) => home.get(tensor)!));
    let joined = groups.findIndex((group, i) => i >= first && joins(group, needed(group.jobs)));
    if (joined < 0) {
      groups.push({ jobs: [], blockAxes: [] });
      joined = groups.length - 1;
    }
    const before = groups[joined]!.jobs;
    const members = [...before, ...needed(before)];
    groups[joined] = { jobs: members, blockAxes: blockAxesOf(members) };
    if (job.kind !== "output") home.set(job.tensor, joined);
  }
  return groups;
}

/** The operands of products that this job reads and the kernel does not have yet, in order: each kernel has its own. */
function operandsOf(job: Job, byTensor: ReadonlyMap<Tensor, Job>, members: readonly Job[]): Job[] {
  const found = new Set<Job>();
  const open = [job];
  while (open.length > 0)
    for (const { tensor } of open.pop()!.uses) {
      const other = byTensor.get(tensor);
      if (other?.kind !== "operand" || found.has(other) || members.includes(other)) continue;
      found.add(other);
      open.push(other);
    }
  return found.size === 0 ? [] : [...byTensor.values()].filter((other) => found.has(other));
}

/** The tensors that have to stand before the job can run, those below operands included. */
function dependencies(job: Job, byTensor: ReadonlyMap<Tensor, Job>): Tensor[] {
  const found = new Set<Tensor>();
  const open = [job];
  while (open.length > 0)
    for (const { tensor } of open.pop()!.uses) {
      const other = byTensor.get(tensor)!;
      if (other.kind === "operand") open.push(other);
      else found.add(tensor);
    }
  return [...found];
}

function joins(group: Group, unit: readonly Job[]): boolean {
  if (group.blockAxes.length === 0) return false;
  const members = [...group.jobs, ...unit];
  const axes = blockAxesOf(members);
  if (axes.length === 0) return false;
  const lost = group.blockAxes.filter(({ name }) => !has(axes, name));
  const isOperandWithout = (name: string, tensor: Tensor): boolean =>
    !has(tensor.axes, name) && group.jobs.some((job) => job.kind === "operand" && job.tensor === tensor);
  const isReduced = ({ name }: Axis): boolean =>
    unit.some((job) => has(job.over, name)) ||
    group.jobs.some((job) => job.output === undefined && has(job.over, name)) ||
    unit.some((job) => job.uses.some(({ tensor }) => isOperandWithout(name, tensor)));
  return lost.every(isReduced) && intermediatesAreRows(members, axes);
}

/** Of what is passed on inside of a kernel, at most one axis is not a block axis; windows are always in tiles. */
const intermediatesAreRows = (members: readonly Job[], axes: readonly Axis[]): boolean =>
  members.every((job) => {
    const users = members.filter((other) => other.uses.some(({ tensor }) => tensor === job.tensor) && other !== job);
    const isTile = job.kind === "operand" || users.length === 0 || users.every(({ kind }) => kind === "scatter");
    return isTile || job.tensor.axes.filter(({ name }) => !has(axes, name)).length <= 1;
  });

/** The axes along which these jobs are independent of each other, in the order of a tensor that has them all. */
export function blockAxesOf(members: readonly Job[]): Axis[] {
  const [first] = members.filter(({ kind }) => kind !== "operand");
  const axes = first!.loops.filter((axis) => members.every((job) => isIndependent(axis, job, members)));
  const ordered = members.find(({ tensor }) => axes.every(({ name }) => has(tensor.axes, name)))?.tensor.axes ?? axes;
  return ordered.filter(({ name }) => has(axes, name));
}

function isIndependent(axis: Axis, job: Job, members: readonly Job[]): boolean {
  // An operand that lacks the axis is made again for each block: little work beside the product.
  if (!has(job.loops, axis.name) && job.kind !== "operand") return false;
  if (has(job.over, axis.name) && job.kind === "fold" && "how" in job.tensor && job.tensor.how !== "sum") return false;
  return job.uses.every(({ tensor, at }) => {
    const source = members.find((other) => other.tensor === tensor && other.kind !== "output");
    if (source === undefined) return true;
    const along = tensor.axes.findIndex(({ name }) => name === axis.name);
    if (along < 0) return source.kind === "operand";
    if (at[along] !== position(axis)) return false;
    return source.kind !== "scatter" || (tensor as Scatter).at[along] === position(axis);
  });
}
