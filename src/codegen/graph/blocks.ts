/** How a kernel's places are divided into blocks: what is one at a time, and what is a tile. */
import { size, times, type Integer } from "../../ir/graph/integer.js";
import { has, type Axis } from "../../ir/graph/tensor.js";
import type { Block } from "../../ir/kernel.js";
import type { Job } from "./jobs.js";
import type { Group } from "./partition.js";

/** Places in a tile: enough that a product packs its operands for many of them, few enough for the cache. */
const TILE = 64;

/** The size of a block along an axis of which it takes several places. */
export const blockSize = (axis: Axis): Integer => size(`${axis.name}Block`);

export const isTiled = (block: Block): boolean => block.elements > 1;

/**
 * Without products, one place at a time. With products, axes that both operands have are taken one at a time; of those
 * that belong to one operand, the innermost neighbours make the tile. The other operand's axes stay whole.
 */
export function blocksOf({ jobs, blockAxes }: Group): readonly Block[] {
  const products = jobs.filter((job) => job.product !== undefined);
  const single = (axis: Axis): Block => ({ axis, elements: 1, along: [] });
  const [leading] = products;
  if (leading === undefined) return jobs.some(({ kind }) => kind === "fold") ? blockAxes.map(single) : [];
  const { left, right } = leading.product!;
  const inBoth = blockAxes.filter(
    ({ name }) => has(left.axes, name) && has(right.axes, name) && !has(leading.over, name),
  );
  const [outermost] = blockAxes.filter((axis) => !inBoth.includes(axis));
  if (outermost === undefined) return inBoth.map(single);
  const side = has(left.axes, outermost.name) && !has(right.axes, outermost.name) ? left : right;
  const own = blockAxes.filter(
    (axis) => !inBoth.includes(axis) && has(side.axes, axis.name) === has(side.axes, outermost.name),
  );
  const run = neighbours(own, leading);
  const [tile, ...along] = run;
  return [
    ...[...inBoth, ...own.filter((axis) => !run.includes(axis))].map(single),
    { axis: tile!, elements: TILE, along },
  ];
}

/** The innermost of these axes, and those before it that are its neighbours in the product's result. */
function neighbours(own: readonly Axis[], { tensor, loops }: Job): Axis[] {
  const order = own.every(({ name }) => has(tensor.axes, name)) ? tensor.axes : loops;
  const places = own.map((axis) => order.findIndex(({ name }) => name === axis.name)).sort((a, b) => a - b);
  const run = [places[places.length - 1]!];
  while (places.includes(run[0]! - 1)) run.unshift(run[0]! - 1);
  return run.map((at) => order[at]!);
}

/** Row-major distances of neighbours along axes, and how many elements there are. */
export function rowMajor(extents: readonly Integer[]): {
  readonly strides: readonly Integer[];
  readonly length: Integer;
} {
  const strides: Integer[] = [];
  let length: Integer = times(1, 1);
  for (const extent of [...extents].reverse()) {
    strides.unshift(length);
    length = times(extent, length);
  }
  return { strides, length };
}
