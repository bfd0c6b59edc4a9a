/** From a group of jobs to a kernel: its blocks, its tiles, and its steps over them. */
import type { Expr } from "../../ir/expr.js";
import { variables } from "../../ir/expr.js";
import { plus, position, times, type Integer, constantInteger } from "../../ir/graph/integer.js";
import { has, without, type Axis, type Reduce, type Scatter, type Tensor } from "../../ir/graph/tensor.js";
import type { Access, Buffer, ElementOf, Guard, Kernel, Matrix, Step } from "../../ir/kernel.js";
import { blockSize, blocksOf, inStorageOrder, isTiled, rowMajor } from "./blocks.js";
import type { Job, Leaf } from "./jobs.js";
import { mergeSteps } from "./merge.js";
import type { Group } from "./partition.js";

/** Where tensors stand: inputs, outputs, and what is kept between kernels. */
export interface Places {
  readonly input: (tensor: Tensor) => Buffer;
  readonly output: (job: Job) => Buffer;
  /** The buffer of a tensor that several kernels see; undefined when this one is alone with it. */
  readonly workspace: (tensor: Tensor) => Buffer | undefined;
  /** The axes of inputs and outputs, and the names of them all in that order. */
  readonly storage: readonly (readonly Axis[])[];
  readonly order: readonly string[];
  /** A buffer for the sum over all blocks of what ends in an output. */
  readonly total: (job: Job) => Buffer;
}

export function kernelOf(group: Group, leaves: ReadonlyMap<Expr, Leaf>, places: Places, name: () => string): Kernel {
  const blocks = blocksOf(group, places.storage);
  const single = blocks.filter((block) => !isTiled(block)).map(({ axis }) => axis);
  const tiled = blocks.filter(isTiled).map(({ axis }) => axis);
  const tiles = new Map<Tensor, Buffer>();
  const cleared = new Set<Buffer>();
  const accesses = new Map<Expr, Access>();

  const tileOf = (job: Job): Buffer => {
    let tile = tiles.get(job.tensor);
    if (tile === undefined) {
      const axes = tileAxes(job, group.jobs, places.order).filter(({ name }) => !has(single, name));
      const extents = axes.map((axis) => (has(tiled, axis.name) ? blockSize(axis) : axis.size));
      tile = { ...TILE, name: name(), axes, ...rowMajor(extents) };
      tiles.set(job.tensor, tile);
    }
    return tile;
  };
  const standsIn = (tensor: Tensor): Buffer => {
    if (tensor.kind === "input") return places.input(tensor);
    const own = group.jobs.find((job) => job.tensor === tensor && job.kind !== "output");
    return places.workspace(tensor) ?? tileOf(own!);
  };
  /** The element of a tensor at places along its axes, in whatever order its buffer has them. */
  const elementAt = (tensor: Tensor, at: readonly Integer[], guards: readonly Guard[] = []): ElementOf => {
    const buffer = standsIn(tensor);
    return {
      buffer,
      at: buffer.axes.map((axis) => at[tensor.axes.findIndex(({ name }) => name === axis.name)]!),
      guards,
    };
  };
  const guardsOf = (axes: readonly Axis[], at: readonly Integer[], inside: boolean): Guard[] =>
    inside ? [] : axes.flatMap((axis, i) => (at[i] === position(axis) ? [] : [{ place: at[i]!, size: axis.size }]));

  const access = ({ tensor, stands }: Leaf): Access => {
    if (!stands && tensor.kind === "random")
      return { kind: "random", stream: tensor.stream, index: numberOf(tensor.axes) };
    if (!stands && tensor.kind === "integer") return { kind: "integer", value: tensor.integer };
    if (stands || tensor.kind !== "read")
      return { kind: "load", element: elementAt(tensor, tensor.axes.map(position)) };
    const [source] = tensor.operands as [Tensor];
    return { kind: "load", element: elementAt(source, tensor.at, guardsOf(source.axes, tensor.at, tensor.inside)) };
  };
  const note = (value: Expr): void => {
    for (const place of variables(value)) {
      const leaf = leaves.get(place);
      if (leaf !== undefined && !accesses.has(place)) accesses.set(place, access(leaf));
    }
  };
  const matrixOf = (tensor: Tensor): Matrix => {
    const isRead = tensor.kind === "read" && !group.jobs.some((job) => job.tensor === tensor);
    const { buffer, at } = isRead
      ? elementAt(tensor.operands[0]!, tensor.at)
      : elementAt(tensor, tensor.axes.map(position));
    return { buffer, at };
  };

  const steps = group.jobs.flatMap((job): Step[] => {
    if (job.value !== undefined) note(job.value);
    const axes = without(job.loops, [...single, ...job.over]);
    const over = without(job.over, single);
    const acrossBlocks = job.over.some(({ name }) => has(single, name) || has(tiled, name));
    const isProduct = job.product !== undefined;
    const target = (): Buffer => {
      if (job.output === undefined) return standsIn(job.tensor);
      return acrossBlocks && !isProduct ? places.total(job) : places.output(job);
    };
    const to = target();
    const accumulate = job.kind === "scatter" || acrossBlocks || job.adds;
    if (accumulate) cleared.add(to);
    const own = (): ElementOf => ({ buffer: to, at: to.axes.map(position), guards: [] });
    switch (job.kind) {
      case "product":
        return [
          product(
            job,
            { single, order: places.order, accumulate, to: { buffer: to, at: to.axes.map(position) } },
            matrixOf,
          ),
        ];
      case "fold":
        return over.length === 0
          ? [{ kind: "store", axes, stores: [{ value: job.value!, to: own(), accumulate }] }]
          : [
              {
                kind: "fold",
                axes,
                over,
                folds: [{ how: (job.tensor as Reduce).how, value: job.value!, to: own(), accumulate }],
              },
            ];
      case "scatter": {
        const { at, inside } = job.tensor as Scatter;
        const along = to.axes.map((axis) => at[job.tensor.axes.findIndex(({ name }) => name === axis.name)]!);
        const guards = guardsOf(job.tensor.axes, at, inside);
        return [
          { kind: "store", axes, stores: [{ value: job.value!, to: { buffer: to, at: along, guards }, accumulate }] },
        ];
      }
      case "operand":
        return [
          {
            kind: "store",
            axes: without(to.axes, single),
            stores: [{ value: job.value!, to: own(), accumulate: false }],
          },
        ];
      case "output":
        return [{ kind: "store", axes, stores: [{ value: job.value!, to: own(), accumulate }] }];
    }
  });

  return { blocks, tiles: [...tiles.values()], cleared: [...cleared], steps: mergeSteps(steps, accesses), accesses };
}

const TILE = { role: "tile", type: "float64", absent: undefined, optional: false, documentation: "" } as const;

/** The row-major number of an element along axes. */
const numberOf = (axes: readonly Axis[]): Integer =>
  axes.reduce((number, axis) => plus(times(number, axis.size), position(axis)), constantInteger(0));

/**
 * The order in which a tile has its axes: those of one operand of a product, then those of the other or those summed over,
 * each in storage order, so that each kind is one dimension.
 */
function tileAxes(job: Job, jobs: readonly Job[], order: readonly string[]): readonly Axis[] {
  if (job.product !== undefined) {
    const { left, right } = job.product;
    const [rows, columns] = [without(job.tensor.axes, right.axes), without(job.tensor.axes, left.axes)];
    const both = without(job.tensor.axes, [...rows, ...columns]);
    return [both, rows, columns].flatMap((axes) => inStorageOrder(axes, order));
  }
  const user = jobs.find(({ product }) => product?.left === job.tensor || product?.right === job.tensor);
  if (user === undefined) return job.tensor.axes;
  const own = job.tensor.axes.filter(({ name }) => has(user.tensor.axes, name));
  return [...inStorageOrder(own, order), ...inStorageOrder(user.over, order)];
}

interface ProductPlace {
  readonly order: readonly string[];
  readonly single: readonly Axis[];
  readonly accumulate: boolean;
  readonly to: Matrix;
}

function product(
  job: Job,
  { single, order, accumulate, to }: ProductPlace,
  matrixOf: (tensor: Tensor) => Matrix,
): Step {
  const { left, right } = job.product!;
  const inside = (axes: readonly Axis[]): Axis[] => inStorageOrder(without(axes, single), order);
  const rows = inside(job.tensor.axes.filter(({ name }) => has(left.axes, name) && !has(right.axes, name)));
  const columns = inside(job.tensor.axes.filter(({ name }) => has(right.axes, name) && !has(left.axes, name)));
  const outer = inside(job.tensor.axes.filter(({ name }) => has(right.axes, name) && has(left.axes, name)));
  return {
    kind: "contract",
    outer,
    rows,
    columns,
    inner: inside(job.over),
    to,
    left: matrixOf(left),
    right: matrixOf(right),
    accumulate,
  };
}
