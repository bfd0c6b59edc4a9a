/**
 * Which jobs run together on a machine that works through all blocks at once, in any order: whatever is in a kernel has to
 * be complete within a block. There are four kinds.
 *
 * `products`: matrix products of the same shape that do not need each other, and what is elementwise in them.
 * `rows`: reductions that are one number for each place along the same axes, and what is elementwise along rows.
 * `sweep`: products and reductions along an axis that is swept in parts.
 * `elements`: anything else that is elementwise.
 */
import { position } from "../../ir/graph/integer.js";
import { has, type Axis, type Tensor } from "../../ir/graph/tensor.js";
import type { Expr } from "../../ir/expr.js";
import type { Output } from "../../ir/graph/definition.js";
import type { Block } from "../../ir/kernel.js";
import type { Shift } from "./defer.js";
import { findJobs, memoryOf, sourcesOf, type Job, type Jobs, type Leaf, type Use } from "./jobs.js";
import { findSweep } from "./sweep.js";

export interface ParallelGroup {
  readonly jobs: readonly Job[];
  readonly blocks: readonly Block[];
  /** How many tensors in memory it reads and writes. */
  readonly buffers: number;
}

/** Storage buffers of a kernel that every device has. */
const MOST_BUFFERS = 8;
/** Tensors that an expression may load from: fewer where kernels would have too many. */
const SOURCES = [Infinity, 7, 6, 5, 4] as const;
/** Products whose tiles are in workgroup memory together. */
const MOST_PRODUCTS = 2;
/** Places of the axis that a sweep's blocks are made along. */
const SWEEP_BLOCK = 8;

type Kind = "products" | "rows" | "sweep" | "elements";

interface Draft {
  readonly kind: Kind;
  readonly jobs: readonly Job[];
  /** Of products all axes, of rows those that are kept, of elements those along which they are. */
  readonly axes: readonly Axis[];
  readonly blocks: readonly Block[];
}

const sameAxes = (a: readonly Axis[], b: readonly Axis[]): boolean =>
  a.length === b.length && a.every(({ name }) => has(b, name));
const single = (axis: Axis): Block => ({ axis, elements: 1, along: [] });

export interface ParallelPlan extends Jobs {
  readonly groups: readonly ParallelGroup[];
}

/** The jobs of a graph in groups, as few as can be had without more buffers than devices have. */
export function planParallel(outputs: readonly Output[], shift: Shift): ParallelPlan {
  const plans = SOURCES.flatMap((most) => {
    const { jobs, leaves } = findJobs(outputs, "parallel", most);
    return [false, true].map((isCareful) => ({
      jobs,
      leaves,
      groups: partitionParallel(jobs, leaves, shift, isCareful),
    }));
  });
  const excess = ({ groups }: ParallelPlan): number =>
    Math.max(0, ...groups.map(({ buffers }) => buffers - MOST_BUFFERS));
  return plans.reduce((best, plan) => {
    const difference = excess(plan) - excess(best) || plan.groups.length - best.groups.length;
    return difference < 0 ? plan : best;
  });
}

/** The jobs in groups, each after those that it needs. */
function partitionParallel(
  jobs: readonly Job[],
  leaves: ReadonlyMap<Expr, Leaf>,
  shift: Shift,
  /** Takes all that is left for jobs not yet in a group to be for other groups. */
  isCareful: boolean,
): readonly ParallelGroup[] {
  const byTensor = new Map<Tensor, Job>();
  for (const job of jobs) if (job.kind !== "output") byTensor.set(job.tensor, job);
  const computed = (tensor: Tensor): Job | undefined => {
    const job = byTensor.get(tensor);
    return job?.kind === "operand" ? job : undefined;
  };
  const known = new Map<Job, Job["uses"]>();
  /**
   * The tensors that must be in memory before the job can run, and the places at which they are read; those below its
   * operands included.
   */
  const needs = (job: Job): Job["uses"] => {
    const before = known.get(job);
    if (before !== undefined) return before;
    const found = job.uses.flatMap((use) => {
      const operand = computed(use.tensor);
      return operand === undefined ? [use] : needs(operand);
    });
    const distinct = new Map(found.map((use) => [[use.tensor.id, ...use.at.map(({ text }) => text)].join(), use]));
    known.set(job, [...distinct.values()]);
    return known.get(job)!;
  };
  const groups: Draft[] = [];
  const home = new Map<Tensor, number>();

  const operandsOf = (members: readonly Job[]): Job[] => {
    const found = new Set<Job>();
    const open = [...members];
    while (open.length > 0)
      for (const { tensor } of open.pop()!.uses) {
        const operand = computed(tensor);
        if (operand === undefined || found.has(operand)) continue;
        found.add(operand);
        open.push(operand);
      }
    return jobs.filter((job) => found.has(job));
  };

  /**
   * Whether a job reads what the group leaves only at its own places, and no more of it than a number for each block;
   * undefined if it reads nothing of it.
   */
  const readsInPlace = (job: Job, { jobs: members }: Draft): boolean | undefined => {
    const own = needs(job).filter(({ tensor }) =>
      members.some((other) => other.tensor === tensor && other.kind !== "output"),
    );
    if (own.length === 0) return undefined;
    return own.every(
      ({ tensor, at }) =>
        byTensor.get(tensor)!.kind !== "elements" && tensor.axes.every((axis, i) => at[i] === position(axis)),
    );
  };

  const joins = (job: Job, group: Draft): boolean => {
    const inPlace = readsInPlace(job, group);
    const isElementwise = job.kind === "output" || job.kind === "elements";
    switch (group.kind) {
      case "products":
        if (job.kind === "product")
          return (
            inPlace === undefined &&
            group.jobs.filter(({ kind }) => kind === "product").length < MOST_PRODUCTS &&
            isSameProduct(job, group.jobs[0]!)
          );
        return isElementwise && inPlace === true && sameAxes(job.tensor.axes, group.axes);
      case "rows":
        if (job.kind === "fold")
          return (
            sameAxes(job.tensor.axes, group.axes) &&
            (inPlace ?? group.jobs.some((other) => other.kind === "fold" && sameAxes(other.over, job.over)))
          );
        return isElementwise && inPlace === true && group.axes.every(({ name }) => has(job.tensor.axes, name));
      case "sweep":
        return (
          isElementwise && inPlace === true && group.jobs.some(({ tensor }) => sameAxes(tensor.axes, job.tensor.axes))
        );
      case "elements":
        return isElementwise && inPlace === undefined && sameAxes(job.tensor.axes, group.axes);
    }
  };
  const draftOf = (job: Job): Draft => {
    const { axes } = job.tensor;
    const kind = job.kind === "product" ? "products" : job.kind === "fold" ? "rows" : "elements";
    return { kind, jobs: [job], axes, blocks: kind === "rows" ? axes.map(single) : [] };
  };

  const buffers = (members: readonly Job[]): number => {
    const touched = new Set<unknown>();
    for (const job of [...members, ...operandsOf(members)]) {
      for (const tensor of touchedBy(job, leaves))
        if (computed(tensor) === undefined && !members.some((other) => other.tensor === tensor)) touched.add(tensor);
      if (job.output !== undefined) touched.add(job.output);
      const isSeen = jobs.some(
        (other) =>
          !members.includes(other) &&
          other.kind !== "operand" &&
          (isCareful || placed.has(other)) &&
          needs(other).some((use) => use.tensor === job.tensor),
      );
      if (job.kind !== "output" && job.kind !== "operand" && isSeen) touched.add(job.tensor);
    }
    return touched.size;
  };

  const placed = new Set<Job>();
  const sweeps = sweepsAmong(jobs, leaves, shift, computed);
  for (const job of jobs) {
    if (job.kind === "operand") continue;
    const first = Math.max(0, ...needs(job).map(({ tensor }) => home.get(tensor) ?? 0));
    const swept = sweeps.findIndex(({ jobs: members }) => members.includes(job));
    const at =
      swept >= 0
        ? groups.findIndex(({ jobs: members }) => members.some((other) => sweeps[swept]!.jobs.includes(other)))
        : groups.findIndex(
            (group, i) => i >= first && joins(job, group) && buffers([...group.jobs, job]) <= MOST_BUFFERS,
          );
    if (swept >= 0 && at < 0) groups.push(sweeps[swept]!);
    else if (at < 0) groups.push(draftOf(job));
    else if (swept < 0) groups[at] = { ...groups[at]!, jobs: [...groups[at]!.jobs, job] };
    placed.add(job);
    if (job.kind !== "output") home.set(job.tensor, at < 0 ? groups.length - 1 : at);
  }
  return groups.map(({ jobs: members, blocks }) => ({
    jobs: jobs.filter((job) => members.includes(job) || operandsOf(members).includes(job)),
    blocks,
    buffers: buffers(members),
  }));
}

/** Whether two products have the same rows, columns and axes that are summed over. */
function isSameProduct(a: Job, b: Job): boolean {
  const rowsOf = ({ product, tensor }: Job): Axis[] =>
    tensor.axes.filter(({ name }) => !has(product!.right.axes, name));
  const columnsOf = ({ product, tensor }: Job): Axis[] =>
    tensor.axes.filter(({ name }) => !has(product!.left.axes, name));
  return (
    sameAxes(a.tensor.axes, b.tensor.axes) &&
    sameAxes(a.over, b.over) &&
    sameAxes(rowsOf(a), rowsOf(b)) &&
    sameAxes(columnsOf(a), columnsOf(b))
  );
}

/** The tensors in memory that a job loads from. */
const touchedBy = ({ value, product }: Job, leaves: ReadonlyMap<Expr, Leaf>): readonly Tensor[] =>
  product === undefined ? [...sourcesOf(value!, leaves)] : [product.left, product.right].flatMap(memoryOf);

/** Jobs that are done in one sweep along an axis: those that make what it is along, and sums that are as short as a row. */
function sweepsAmong(
  jobs: readonly Job[],
  leaves: ReadonlyMap<Expr, Leaf>,
  shift: Shift,
  computed: (tensor: Tensor) => Job | undefined,
): readonly Draft[] {
  return jobs.flatMap((largest): Draft[] => {
    const [axis] = largest.over;
    if (largest.kind !== "fold" || axis === undefined || largest.over.length !== 1) return [];
    if (!("how" in largest.tensor) || largest.tensor.how !== "max") return [];
    const members = connected(largest, axis, jobs);
    const isOwn = ({ tensor }: Job): boolean =>
      jobs.every(
        (job) => members.includes(job) || job.kind === "output" || !job.uses.some((use) => use.tensor === tensor),
      );
    const isBlockwise = members.every((job) =>
      job.uses.every((use) => !members.some((other) => other.tensor === use.tensor) || isInPlace(use, largest)),
    );
    if (!isBlockwise) return [];
    const sweep = findSweep(members, leaves, shift, isOwn);
    const score = sweep?.before.find(({ kind }) => kind === "product");
    if (sweep === undefined || score === undefined) return [];
    const kept = largest.tensor.axes;
    const { left, right } = score.product!;
    const block = kept.find(({ name }) => has(left.axes, name) !== has(right.axes, name));
    if (block === undefined) return [];
    const blocks = [
      ...kept.filter((one) => one !== block).map(single),
      { axis: block, elements: SWEEP_BLOCK, along: [] },
    ];
    return [
      { kind: "sweep", jobs: members.filter(({ tensor }) => computed(tensor) === undefined), axes: kept, blocks },
    ];
  });
}

/** Whether something is read at the same places along the axes that the largest elements are along. */
const isInPlace = ({ tensor, at }: Use, largest: Job): boolean =>
  tensor.axes.every((axis, i) => !has(largest.tensor.axes, axis.name) || at[i] === position(axis));

/**
 * Jobs along the axis that reads connect to the largest, in either direction, with results of their own for each place
 * along the axes of the largest.
 */
function connected(largest: Job, axis: Axis, jobs: readonly Job[]): readonly Job[] {
  const members = new Set<Job>([largest]);
  const isApart = ({ tensor }: Job): boolean => largest.tensor.axes.every(({ name }) => has(tensor.axes, name));
  /** Whether a job reads what another leaves, and where its block is. */
  const uses = (job: Job, other: Job): boolean =>
    other.kind !== "output" && job.uses.some((use) => use.tensor === other.tensor && isInPlace(use, largest));
  for (let before = 0; before < members.size;) {
    before = members.size;
    for (const job of jobs)
      if (
        job.kind !== "output" &&
        has(job.loops, axis.name) &&
        (job.kind === "operand" || isApart(job)) &&
        [...members].some((member) => (member.kind !== "output" && uses(job, member)) || uses(member, job))
      )
        members.add(job);
  }
  return jobs.filter((job) => members.has(job));
}
