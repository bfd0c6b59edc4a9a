/**
 * One sweep over an axis instead of three: the largest element so far, and sums that are scaled down when it grows
 * (Milakov and Gimelshein 2018, arXiv:1805.02867). What is as long as the axis is then only there for a block of it.
 */
import { le, select, variable } from "../../ir/build.js";
import { substitute, variables, type Expr } from "../../ir/expr.js";
import { position } from "../../ir/graph/integer.js";
import { has, type Axis, type Reduce } from "../../ir/graph/tensor.js";
import type { Shift } from "./defer.js";
import type { Job, Leaf } from "./jobs.js";

export interface Sweep {
  readonly axis: Axis;
  /** Finds the largest element. */
  readonly largest: Job;
  /** Jobs that are run for each block of the axis before the largest is known, and after it. */
  readonly before: readonly Job[];
  readonly after: readonly Job[];
  /** Of those after it, the sums that are scaled down when the largest grows. */
  readonly sums: readonly Job[];
  /** Jobs that are run once, before the sweep and after it. */
  readonly first: readonly Job[];
  readonly last: readonly Job[];
}

/** The sweep that these jobs can be done in, if any: `isOwn` says whether only they see a job's tensor. */
export function findSweep(
  jobs: readonly Job[],
  leaves: ReadonlyMap<Expr, Leaf>,
  shift: Shift,
  isOwn: (job: Job) => boolean,
): Sweep | undefined {
  const [largest, ...others] = jobs.filter((job) => job.kind === "fold" && (job.tensor as Reduce).how === "max");
  const [axis] = largest?.over ?? [];
  if (largest === undefined || others.length > 0 || axis === undefined || largest.over.length !== 1) return undefined;
  const along = jobs.filter(({ loops }) => has(loops, axis.name));
  const dependent = new Set<Job>([largest]);
  for (const job of jobs)
    if (job.uses.some(({ tensor }) => [...dependent].some((other) => other.tensor === tensor))) dependent.add(job);
  const before = along.filter((job) => !dependent.has(job));
  const after = along.filter((job) => dependent.has(job) && job !== largest);
  const sums = after.filter((job) => has(job.over, axis.name));
  const top = [...leaves].find(([, leaf]) => leaf.stands && leaf.tensor === largest.tensor)?.[0];
  const power = top === undefined ? undefined : exponentialOf(shift, largest.value!, top);
  const isScaled = ({ value }: Job): boolean => value === undefined || !mentions(value, power!, top!);
  /**
   * Whether a job can do with tensors along the axis that are there for one block only: it neither reads them nor adds
   * to them at other places.
   */
  const staysInBlock = ({ kind, tensor, loops, uses }: Job): boolean =>
    (kind !== "scatter" || !(has(loops, axis.name) || has(tensor.axes, axis.name))) &&
    uses.every((use) => {
      const at = use.tensor.axes.findIndex(({ name }) => name === axis.name);
      return at < 0 || use.at[at] === position(axis) || !jobs.some((other) => other.tensor === use.tensor);
    });
  const fits =
    top !== undefined &&
    jobs.every(staysInBlock) &&
    [largest, ...along].every(isOwn) &&
    along.every(({ output }) => output === undefined) &&
    before.every((job) => !has(job.over, axis.name)) &&
    after.every((job) => isScaled(job) && (job.kind === "operand" || sums.includes(job))) &&
    sums.every((job) => job.over.length === 1 && (job.kind === "product" || (job.tensor as Reduce).how === "sum")) &&
    sums.length > 0;
  if (!fits) return undefined;
  const isLate = (job: Job): boolean => dependent.has(job) && !along.includes(job);
  return {
    axis,
    largest,
    before,
    after,
    sums,
    first: jobs.filter((job) => !dependent.has(job) && !along.includes(job)),
    last: jobs.filter(isLate),
  };
}

const exponentialOf = ({ value, element, top }: Shift, of: Expr, largest: Expr): Expr =>
  substitute(
    value,
    new Map([
      [element, of],
      [top, largest],
    ]),
  );

/** Whether the largest element is there in any other way than in the shifted exponential. */
function mentions(value: Expr, power: Expr, top: Expr): boolean {
  const rest = substitute(value, new Map([[power, variable("wildcard", "the exponential")]]));
  return variables(rest).includes(top);
}

/** When a block's largest is `block`: the new largest, and what sums so far are multiplied by. */
export function growth(shift: Shift, before: Expr, block: Expr): { readonly largest: Expr; readonly scale: Expr } {
  const largest = select(le(block, before), before, block);
  return { largest, scale: exponentialOf(shift, before, largest) };
}
