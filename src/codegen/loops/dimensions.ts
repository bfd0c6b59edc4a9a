/** Axes of matrices in a kernel: those that are as good as one, and how far neighbours along them are from each other. */
import { integerParts, minus, plus, position, substituteInteger, times, type Integer } from "../../ir/graph/integer.js";
import type { Axis } from "../../ir/graph/tensor.js";
import {
  allBlocks,
  blockEnd,
  blockStart,
  isPlain,
  type Block,
  type Buffer,
  type ElementOf,
  type Kernel,
  type Matrix,
  type Step,
} from "../../ir/kernel.js";
import { ONE, ZERO, isSameInteger, strideAlong } from "./places.js";

export type ContractStep = Extract<Step, { readonly kind: "contract" }>;

/** Where a kernel's blocks are in its buffers. */
export class KernelBlocks {
  /** Of the kernel and of the sweeps in it. */
  readonly blocks: readonly Block[];

  constructor(readonly kernel: Kernel) {
    this.blocks = allBlocks(kernel);
  }

  /** The block of several places along an axis. */
  readonly block = (axis: Pick<Axis, "name">): Block | undefined =>
    this.blocks.find((block) => block.axis.name === axis.name && !isPlain(block));

  readonly isPlain = (axis: Axis): boolean =>
    this.blocks.some((block) => block.axis.name === axis.name && isPlain(block));

  /** Along an axis that is worked through in blocks, places in tiles count from the block's first. */
  local({ role, axes }: Buffer, along: number, place: Integer): Integer {
    const axis = axes[along]!;
    const own = role === "tile" ? this.blocks.find((block) => block.axis.name === axis.name) : undefined;
    if (own === undefined) return place;
    return isPlain(own) || place === blockStart(axis) ? ZERO : minus(place, blockStart(axis));
  }
}

/** Several axes as one: neighbours along it are equally far from each other in each of the matrices. */
export interface Dimension {
  readonly size: Integer;
  readonly strides: readonly [Integer, Integer];
  /** The axes that are part of it, and those that loops have to go along. */
  readonly axes: readonly Axis[];
  readonly loops: readonly Axis[];
}

/** The dimensions of a product, each with its strides in the two matrices that have it. */
export interface Dimensions {
  /** In the result and in the left matrix. */
  readonly rows: Dimension;
  /** In the result and in the right matrix. */
  readonly columns: Dimension;
  /** In the left matrix and in the right one. */
  readonly inner: Dimension;
  /** The places of a matrix at which the product begins: where its own axes begin, and those of loops around it are. */
  readonly first: (matrix: Matrix, fixed?: readonly Axis[]) => readonly Integer[];
}

/** Whether the numbers of a matrix are somewhere or nowhere: they have to be looked for one by one. */
export const isGathered = ({ guards }: ElementOf): boolean => guards.length > 0;

export function dimensionsOf({ to, ...step }: ContractStep, kernel: KernelBlocks): Dimensions {
  const [left, right] = [step.left, step.right].map((side) => (isGathered(side) ? undefined : side));
  const rows = dimension(step.rows, [to, left], kernel);
  const columns = dimension(step.columns, [to, right], kernel);
  const inner = dimension(step.inner, [left, right], kernel);
  const own = [rows, columns, inner].flatMap(({ axes }) => axes);
  const first = ({ at }: Matrix, fixed: readonly Axis[] = []): readonly Integer[] => {
    const starts = new Map(
      [...own, ...fixed].map((axis) => [position(axis), kernel.block(axis) === undefined ? ZERO : blockStart(axis)]),
    );
    return at.map((place) => substituteInteger(place, (part) => starts.get(part)));
  };
  return { rows, columns, inner, first };
}

/**
 * The axes of a list that are as good as one; the last one first, since it is the one of neighbours. Where numbers are looked
 * for one by one, any axes are.
 */
function dimension(
  axes: readonly Axis[],
  matrices: readonly [Matrix | undefined, Matrix | undefined],
  kernel: KernelBlocks,
): Dimension {
  let [size, strides]: [Integer, readonly [Integer, Integer]] = [ONE, [ZERO, ZERO]];
  const [inside, loops]: [Axis[], Axis[]] = [[], []];
  for (const axis of axes.filter((one) => !kernel.isPlain(one)).reverse()) {
    const found = matrices.map((matrix) => (matrix === undefined ? ZERO : strideOf(matrix, axis, kernel)));
    const [a, b] = found;
    const continues = (step: Integer, i: number): boolean =>
      matrices[i] === undefined || inside.length === 0 || isSameInteger(step, times(size, strides[i]!));
    if (a === undefined || b === undefined || !continues(a, 0) || !continues(b, 1)) {
      loops.unshift(axis);
      continue;
    }
    const extent = kernel.block(axis) === undefined ? axis.size : minus(blockEnd(axis), blockStart(axis));
    if (inside.length === 0) strides = [a, b];
    size = times(extent, size);
    inside.unshift(axis);
  }
  return { size, strides, axes: inside, loops };
}

/** How far neighbours along an axis are from each other, where that is the same everywhere. */
function strideOf({ buffer, at }: Matrix, axis: Axis, kernel: KernelBlocks): Integer | undefined {
  let stride: Integer = ZERO;
  for (const [i, place] of at.entries()) {
    const along = strideAlong(kernel.local(buffer, i, place), axis);
    if (along === undefined || integerParts(along).some(({ kind }) => kind === "position" || kind === "element"))
      return undefined;
    stride = plus(stride, times(along, buffer.strides[i]!));
  }
  return stride;
}
