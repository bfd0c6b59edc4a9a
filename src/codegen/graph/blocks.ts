/** How a kernel's places are divided into blocks: what is one at a time, and what is a tile. */
import { has, type Axis, type Tensor } from "../../ir/graph/tensor.js";
import type { Block } from "../../ir/kernel.js";
import type { Job } from "./jobs.js";
import type { Group } from "./partition.js";

/**
 * Places in a tile: enough that a product packs its operands for many of them, few enough for the cache; a multiple of
 * three and of two, by which products go through rows and columns.
 */
const TILE = 66;

export const isTiled = (block: Block): boolean => block.elements > 1;

/**
 * Without products, one place at a time. With products, axes that both operands have are taken one at a time; of those
 * that belong to one operand, the innermost neighbours make the tile. The other operand's axes stay whole.
 */
export function blocksOf({ jobs, blockAxes }: Group, storage: readonly (readonly Axis[])[]): readonly Block[] {
  const products = jobs.filter((job) => job.product !== undefined);
  const single = (axis: Axis): Block => ({ axis, elements: 1, along: [] });
  const shared = ({ product, over }: Job): Axis[] =>
    blockAxes.filter(({ name }) => has(product!.left.axes, name) && has(product!.right.axes, name) && !has(over, name));
  // The product of which both operands have most axes decides: the others can be made in parts.
  const leading = products.reduce<Job | undefined>(
    (best, job) => (best === undefined || shared(job).length > shared(best).length ? job : best),
    undefined,
  );
  // Sums that end in outputs need no blocks of their own.
  const isAlone = jobs.every((job) => job.kind !== "fold" || job.output !== undefined) && jobs.length === 1;
  if (leading === undefined) return jobs.some(({ kind }) => kind === "fold") && !isAlone ? blockAxes.map(single) : [];
  const { left, right } = leading.product!;
  const isOwn = ({ name }: Axis, side: Tensor, other: Tensor): boolean =>
    has(side.axes, name) && !has(other.axes, name);
  const inBoth = shared(leading);
  const ofOne = blockAxes.filter((axis) => isOwn(axis, left, right) || isOwn(axis, right, left));
  const [outermost] = ofOne;
  if (outermost === undefined) return inBoth.map(single);
  const side = has(left.axes, outermost.name) ? left : right;
  const own = ofOne.filter(({ name }) => has(side.axes, name));
  const run = neighbours(own, storage);
  const [tile, ...along] = run;
  const rest = [...inBoth, ...own].filter(({ name }) => !has(run, name));
  return [...rest.map(single), { axis: tile!, elements: TILE, along }];
}

/** The innermost of these axes, and those that are its neighbours wherever all of them are written. */
function neighbours(own: readonly Axis[], storage: readonly (readonly Axis[])[]): Axis[] {
  const order = storage.find((axes) => own.every(({ name }) => has(axes, name)));
  if (order === undefined) return own.slice(-1);
  const until = order.findLastIndex(({ name }) => has(own, name)) + 1;
  let from = until - 1;
  while (from > 0 && has(own, order[from - 1]!.name)) from -= 1;
  return order.slice(from, until);
}

/** The order of axes in inputs and outputs: where they meet in tiles they keep it, so that they are one dimension. */
export function inStorageOrder(axes: readonly Axis[], order: readonly string[]): Axis[] {
  const place = ({ name }: Axis): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...axes].sort((a, b) => place(a) - place(b));
}
